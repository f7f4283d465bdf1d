"""Bytes read as choices: what turns the input of a fuzzer into a call."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Source:
    """Choices made by bytes. The same bytes make the same ones, and no more bytes make the first.

    A choice takes one byte where it can: then a fuzzer that changes one byte changes one choice.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether there are bytes left."""
        return self._at < len(self._data)

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes, with zeros for those that are missing."""
        found = self._data[self._at : self._at + count]
        self._at += count
        return found + bytes(count - len(found))

    def below(self, end: int) -> int:
        """A whole number from 0, below `end`, which is at most 256."""
        return self.bytes(1)[0] % end

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        return least + self.below(most - least + 1)

    def once_in(self, times: int) -> bool:
        """True, but seldom."""
        return self.below(times) == times - 1

    def pick(self, choices: Sequence[T]) -> T:
        """One of at most 256 things."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """Some of the things, at most `most`, repeats allowed."""
        return [self.pick(choices) for _ in range(self.below(most + 1))]

    def real(self) -> float:
        """A number: most of the time a plain one, at times any float64 that there is."""
        if self.once_in(8):
            return float(struct.unpack("<d", self.bytes(8))[0])
        return (self.below(256) - 128) / 16
