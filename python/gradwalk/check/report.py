"""What a check found, as data and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradwalk.language.checks import sentence


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake that explains all that was seen."""

    name: str
    """What kind of mistake, the same word in every language."""
    confidence: float
    """From 0 to 1: 1 if nothing else explains it, less where few numbers speak for it."""
    figures: Mapping[str, object] = field(default_factory=dict, repr=False)
    """What its message tells, by name."""
    language: str | None = field(default=None, repr=False)
    is_of_loop: bool = field(default=False, repr=False)

    @property
    def message(self) -> str:
        """What is wrong, where to look and why, in at most three lines."""
        name = f"loop: {self.name}" if self.is_of_loop else self.name
        where = self.figures.get("where")
        part = sentence("loop: in a part", {"where": where}, self.language) if where else ""
        return part + sentence(name, self.figures, self.language)
