"""Numbers and tables as text."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence

import numpy as np


def rounded(value: float, digits: int = 4, digits_of_powers: int = 4) -> str:
    """Write a finite `value` to so many significant digits, without zeros at the end.

    Far from 1 it is a power of ten, 1.2e-7, with as many as `digits_of_powers`.
    """
    size = abs(value)
    if value == 0:
        return "0"
    if not 1e-3 <= size < 1e6:
        mantissa, exponent = f"{value:.{digits_of_powers - 1}e}".split("e")
        return f"{_without_zeros(mantissa)}e{int(exponent)}"
    decimals = max(digits - 1 - math.floor(math.log10(size)), 0)
    return _without_zeros(f"{value:.{decimals}f}")


def _without_zeros(written: str) -> str:
    return written.rstrip("0").rstrip(".") if "." in written else written


def three_digits(value: float) -> str:
    """Write `value` with three digits, and a minus sign where it is negative."""
    return f"{value + 0.0:.3g}".replace("-", "−")


def amount(number: float, gap: str = "") -> str:
    """Write a large number with three digits: 33.4k, or 33.4 k with a gap."""
    for sign in ("", "k", "M", "G"):
        if abs(number) < 999.5:
            return f"{number:.3g}{gap}{sign}"
        number /= 1000
    return f"{number:.3g}{gap}T"


def argument(value: object) -> str:
    """Write the value of an argument as one would call it."""
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, str):
        return value
    if inspect.isroutine(value):
        return value.__name__
    return repr(value)


def table(
    lines: Sequence[Sequence[str]], is_left: Callable[[int], bool], rule: str = "-"
) -> list[str]:
    """Lay out columns as wide as they need; the first of `lines` is the head, over a rule."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *rows = (
        "  ".join(
            cell.ljust(width) if is_left(place) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
    return [head, "  ".join(rule * width for width in widths), *rows]
