"""Which one mistake explains a gradient that is wrong.

Each is tried on all coordinates at once: it explains them only if it leaves nothing unexplained
beyond what the slopes may be wrong by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradwalk._text import rounded

from .report import Diagnosis

Flat = NDArray[np.float64]

#: Factors with a reason of their own, and how they are written.
FACTORS = {-1.0: "−1", 0.5: "½", 2.0: "2", -0.5: "−½", -2.0: "−2"}


def mistakes(
    analytic: Flat, numeric: Flat, error: Flat, x: NDArray[Any], language: str | None
) -> list[Diagnosis]:
    """Every mistake that explains the difference of the two, the likeliest first."""
    seen = list(_Case(analytic, numeric, error, x, language).found())
    # What explains as well as another that was named before it is less sure than that.
    return sorted(seen, key=lambda diagnosis: -diagnosis.confidence)


class _Case:
    """One gradient that is wrong."""

    def __init__(
        self, analytic: Flat, numeric: Flat, error: Flat, x: NDArray[Any], language: str | None
    ) -> None:
        self.a, self.n, self.error, self.x = analytic, numeric, error, x.ravel().astype(float)
        self.shape, self.language = x.shape, language
        self.apart = ~(np.abs(analytic - numeric) <= error)
        self.wrong = np.flatnonzero(self.apart)
        # Coordinates whose slope is 0 fit every factor.
        self.telling = np.flatnonzero((np.abs(numeric) > error) | self.apart)

    def found(self) -> Iterator[Diagnosis]:
        """Yield what explains it."""
        if not np.isfinite(self.a).all():
            place = int(np.flatnonzero(~np.isfinite(self.a))[0])
            yield self.name("not finite", 1.0, place=place, value=str(self.a[place]))
            return
        if self.x.size == 1 or len(self.wrong) > 1:
            yield from self.rearranged()
        factor = self.factor(self.telling)
        if factor is not None:
            yield self.scaled(*factor)
            return
        yield from self.a_term()
        yield from self.of_some()

    def name(self, name: str, confidence: float, **figures: object) -> Diagnosis:
        """Make a diagnosis; the fewer numbers there are, the less each explanation says."""
        return Diagnosis(name, confidence, figures, self.language)

    def explains(self, right: Flat, error: Flat | None = None) -> bool:
        """Whether the checked gradient is this one."""
        error = self.error if error is None else error
        return bool((np.abs(self.a - right) <= error).all())

    def factor(self, places: NDArray[np.intp]) -> tuple[float, float] | None:
        """Return one factor between the two at `places` and its spread; None if there is none."""
        a, n, error = self.a[places], self.n[places], self.error[places]
        weight = np.sum((n / error) ** 2)
        if not weight > 0:
            return None
        factor = float(np.sum(a * n / error**2) / weight)
        for exact in self.exact(factor, 0.02):
            if (np.abs(a - exact * n) <= error * max(1, abs(exact))).all():
                return exact, 0.0
        if (np.abs(a - factor * n) <= error * max(1, abs(factor))).all():
            return factor, float(1 / np.sqrt(weight))
        return None

    def exact(self, factor: float, within: float) -> Iterator[float]:
        """Factors near `factor` that have a reason."""
        whole = [
            float(np.round(factor)),
            0.0 if factor == 0 else 1 / float(np.round(1 / factor) or 1),
        ]
        halves = [
            float(np.round(2 * factor)) / 2,
            2 / float(np.round(2 / factor) or 1) if factor else 0.0,
        ]
        for exact in [*FACTORS, 0.0, *whole, *halves]:
            if exact != 1 and abs(factor - exact) <= within * max(
                abs(exact), 1e-9 if exact else 1e-6
            ):
                yield exact

    def scaled(self, factor: float, spread: float) -> Diagnosis:
        """Say what a factor in all coordinates may come from."""
        count = len(self.telling)
        # One coordinate fits some factor always: then only a factor with a reason says something.
        sure = 1.0 if count > 2 else 0.9 if factor in FACTORS else 0.7 if count == 2 else 0.5
        size = abs(factor)
        if factor == 0:
            return self.name("all zero", sure, count=count)
        if factor in FACTORS:
            return self.name(f"factor {FACTORS[factor]}", sure, count=count)
        if factor < 0:
            return self.name("factor, sign", sure, count=count, factor=_number(factor))
        if size >= 3 and size == round(size):
            return self.name("sum", sure, count=count, factor=round(size))
        if 1 / size >= 3 and abs(1 / size - round(1 / size)) < 1e-9:
            return self.name("divided", sure, count=count, factor=round(1 / size))
        return self.name("one factor", 0.8 * sure, count=count, factor=_number(factor))

    def rearranged(self) -> Iterator[Diagnosis]:
        """Numbers that are right, in other places or without their signs."""
        n = self.n
        sure = 1.0 if len(self.wrong) > 2 else 0.8
        if len(self.shape) == 2 and min(self.shape) > 1:
            turned = n.reshape(self.shape).T.ravel()
            error = self.error.reshape(self.shape).T.ravel()
            if self.explains(turned, error):
                yield self.name("transposed", sure, shape=self.shape, turned=self.shape[::-1])
        if n.size > 2:
            for name, by in (("intercept first", -1), ("intercept last", 1)):
                if self.explains(np.roll(n, by), np.roll(self.error, by)):
                    yield self.name(name, sure)
        if n.size > 2 and self.explains(n[::-1], self.error[::-1]):
            yield self.name("reversed", sure)
        if n.size > 1 and self.explains(np.full(n.size, n.mean()), self.error + self.error.mean()):
            yield self.name("averaged", sure)
        if n.size > 1 and self.explains(np.full(n.size, n.sum()), self.error + self.error.sum()):
            yield self.name("summed", sure)
        if (n < -self.error).any() and (n > self.error).any() and self.explains(np.abs(n)):
            yield self.name("no sign", sure)

    def a_term(self) -> Iterator[Diagnosis]:
        """Look for a term that is missing, or too much."""
        lacking = self.n - self.a
        for kind, term in (
            ("l2", self.x),
            ("l1", np.sign(self.x)),
            ("constant", np.ones(self.x.size)),
        ):
            # Of all coordinates, or of all but the first, which is the intercept's.
            for first in (0, 1):
                of = np.where(np.arange(self.x.size) >= first, term, 0.0)
                weight = float(np.sum((of / self.error) ** 2))
                if not weight > 0:
                    continue
                size = float(np.sum(lacking * of / self.error**2) / weight)
                left = np.abs(lacking - size * of)
                if not (left <= self.error).all() or size == 0:
                    continue
                places = int(np.count_nonzero((of != 0) & self.apart))
                spread = 3 / np.sqrt(weight)
                few = _few_digits(abs(size), spread)
                sure = 0.95 if places > 2 else 0.85 if few is not None else 0.5
                if few is None and places < 2:
                    continue
                if kind == "constant" and places < 3:
                    continue
                amount = abs(size) if few is None else few
                which = "missing" if size > 0 or kind == "constant" else "too much"
                name = kind if kind == "constant" else f"{kind} {which}"
                signed = -size if kind == "constant" else amount
                yield self.name(name, sure, size=_number(signed), first=first)
                return
            if kind == "l2" and len(self.wrong) == 1 and self.wrong[0] == 0 and self.x.size > 1:
                yield from self.penalised_intercept(lacking)

    def penalised_intercept(self, lacking: Flat) -> Iterator[Diagnosis]:
        """See whether coordinate 0 alone is off, by a round number times itself."""
        if self.x[0] == 0:
            return
        size = float(-lacking[0] / self.x[0])
        few = _few_digits(abs(size), float(self.error[0] / abs(self.x[0])))
        if few is not None and size > 0:
            yield self.name("intercept penalised", 0.8, size=_number(few))

    def of_some(self) -> Iterator[Diagnosis]:
        """Look for a factor in some coordinates alone."""
        where = _places(self.wrong)
        figures: dict[str, object] = {
            "where": where,
            "wrong": len(self.wrong),
            "count": self.x.size,
        }
        factor = self.factor(self.wrong)
        if factor is None:
            return
        value, _ = factor
        is_exact = (
            value in FACTORS or value == 0 or value == round(value) or 1 / value == round(1 / value)
        )
        if len(self.wrong) == 1 and not is_exact:
            return
        sure = 0.9 if value in FACTORS or value == 0 else 0.6
        if value == 0:
            only_first = len(self.wrong) == 1 and self.wrong[0] == 0 and self.x.size > 1
            yield self.name("intercept left out" if only_first else "zero in some", sure, **figures)
        elif value == -1:
            yield self.name("sign in some", sure, **figures)
        else:
            yield self.name("factor in some", sure, factor=_factor(value), **figures)


def _factor(value: float) -> str:
    return FACTORS.get(value, _number(value))


def _number(value: float) -> str:
    return rounded(value).replace("-", "−")


def _few_digits(size: float, spread: float) -> float | None:
    """Return the number of at most two digits that `size` is, within `spread`, else None."""
    if not size > 0 or not np.isfinite(size):
        return None
    few = float(f"{size:.1e}")
    return few if abs(few - size) <= max(spread, 1e-9 * size) and spread < 0.02 * size else None


def _places(wrong: NDArray[np.intp]) -> str:
    """Write which coordinates: 0, 3, 5–8."""
    runs = np.split(wrong, np.flatnonzero(np.diff(wrong) > 1) + 1)
    written = [f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:4]]
    return ", ".join(written) + (" …" if len(runs) > 4 else "")
