"""A gradient written by hand, beside the slopes of the function itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradwalk._text import rounded, table
from gradwalk.language.checks import sentence

from .differences import Differences, differences
from .gradient_mistakes import mistakes
from .report import Diagnosis

Function: TypeAlias = Callable[[Any], Any]

#: Coordinates that a report shows.
MOST_ROWS = 10
#: What a right gradient may be wrong by besides, as a share of its largest coordinate.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, repr=False)
class GradientReport:
    """What `check_gradient` found; print it, or read it."""

    passed: bool
    """Whether no coordinate differs by more than the two can be wrong by."""
    diagnosis: tuple[Diagnosis, ...]
    """Mistakes that explain what differs, the likeliest first; none where nothing does."""
    first_difference: int | None
    """Place, in the flat gradient, of the first coordinate that differs."""
    analytic: NDArray[np.float64]
    """The gradient that was checked, of x0's shape."""
    numeric: NDArray[np.float64]
    """The slopes of the function, from differences of its values, of x0's shape."""
    error: NDArray[np.float64]
    """How far the two may lie apart in each coordinate and still be the same."""
    notes: tuple[str, ...] = ()
    """What else was noticed, in words."""
    language: str | None = field(default=None)

    @property
    def score(self) -> float:
        """The share of the coordinates that are right, from 0 to 1."""
        if self.passed:
            return 1.0
        if self.first_difference is None:
            return 0.0
        return 1.0 - float(np.mean(self.differing))

    @property
    def ratio(self) -> NDArray[np.float64]:
        """The checked gradient by the numeric one; NaN where the latter is 0."""
        with np.errstate(all="ignore"):
            quotient = self.analytic / self.numeric
        return np.where(self.numeric == 0, np.nan, quotient)

    @property
    def differing(self) -> NDArray[np.bool_]:
        """Which coordinates differ, of x0's shape."""
        with np.errstate(all="ignore"):
            return ~(np.abs(self.analytic - self.numeric) <= self.error)

    def rows(self) -> list[int]:
        """Return the coordinates that are worth a look, those that differ most first."""
        with np.errstate(all="ignore"):
            apart = np.abs(self.analytic - self.numeric).ravel() / self.error.ravel()
        order = np.argsort(-np.nan_to_num(apart, nan=np.inf), kind="stable")
        return [int(place) for place in order[:MOST_ROWS]]

    def headline(self) -> str:
        """Say in a line whether the gradient is right."""
        said = {"count": self.analytic.size}
        if self.passed:
            return sentence("gradient right", said, self.language)
        if self.first_difference is None:
            return sentence("gradient not told", said, self.language)
        said["wrong"] = int(self.differing.sum())
        return sentence("gradient differs", said, self.language)

    def columns(self) -> list[str]:
        """Return the heads of the table."""
        return sentence("columns of a gradient", {}, self.language).split("|")

    def __str__(self) -> str:
        lines = [self.headline(), *(seen.message for seen in self.diagnosis[:2])]
        if not self.passed and not self.diagnosis:
            lines.append(sentence("cause not recognised", {}, self.language))
        lines += self.notes
        if self.analytic.size and self.first_difference is not None:
            cells = [
                [f"θ[{place}]", *map(rounded_or_word, self.figures(place))] for place in self.rows()
            ]
            lines += ["", *table([self.columns(), *cells], lambda place: place == 0)]
        return "\n".join(lines)

    __repr__ = __str__

    def figures(self, place: int) -> tuple[float, ...]:
        """Return both slopes at `place`, what they may be wrong by, and their ratio."""
        columns = (self.analytic, self.numeric, self.error, self.ratio)
        return tuple(float(column.flat[place]) for column in columns)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it."""
        from gradwalk import display

        return display.gradient_report(self)


def rounded_or_word(value: float) -> str:
    """Write a number that need not be finite."""
    return rounded(value) if np.isfinite(value) else str(value)


def check_gradient(
    fun: Function, grad: Function | None, x0: ArrayLike, *, language: str | None = None
) -> GradientReport:
    """Check a gradient against the function that it is said to be of, coordinate by coordinate.

    Each coordinate of ``grad(x0)`` is put beside the slope

        ∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h

    of which several h are taken, so that each slope comes with its own error. What differs by more
    than that is a mistake, and where one sentence explains it in all coordinates, the report says
    it: a factor ½, a wrong sign, a sum for a mean, a penalty that is missing, a matrix transposed.

    Parameters
    ----------
    fun : callable
        ``fun(x) -> float``, the loss at x; or ``fun(x) -> (float, array)`` with `grad` None.
    grad : callable or None
        ``grad(x) -> array`` of the shape of x.
    x0 : array of float
        Where to look: a place without symmetry, not zeros, tells more. Of any shape. A float32
        array is handed over as one, everything else as float64.
    language : {"en", "ko"}, optional
        Language of the report; that of `set_language` by default.

    Returns
    -------
    GradientReport
        ``.passed``, ``.diagnosis`` (the likeliest mistake first), ``.first_difference``,
        ``.score``, ``.analytic``, ``.numeric``, ``.error``, ``.ratio``.

    Raises
    ------
    TypeError
        If `fun` or `grad` cannot be called, or `x0` is not made of real numbers.
    ValueError
        If `x0` is empty or not finite, or there is no such language.

    Notes
    -----
    `fun` is called 14 times for each coordinate, twice as often where the first slopes are coarse.
    At a kink, as `mae` and `hinge` have, every slope between those of the two sides is right.
    A function that raises, or gives no number, is a report that did not pass, not an exception.

    References
    ----------
    C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering
    Software 4(2), 1982.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> x0 = np.array([1.0, 2.0])
    >>> report = gw.check_gradient(lambda x: (x**2).sum(), lambda x: x, x0)
    >>> report.passed
    False
    >>> print(report.diagnosis[0].message)
    analytic = ½ × numeric in all 2 coordinates that tell.
    Is the 2 of d/dz z² = 2z missing? A loss with ½ in front has none.
    >>> gw.check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x, x0).passed
    True
    """
    x = _place(x0)
    if not callable(fun):
        raise TypeError(f"fun must be a function of x; got {fun!r}")
    if grad is not None and not callable(grad):
        raise TypeError(
            f"grad must be a function of x, or None where fun returns (f, grad); got {grad!r}"
        )
    sentence("gradient right", {"count": 0}, language)  # refuses a language that there is not
    return _Check(fun, grad, x, language).report()


def _place(x0: ArrayLike) -> NDArray[Any]:
    """Return `x0` as an array of floats, of its own precision."""
    x = np.asarray(x0)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"x0 must be an array of real numbers; got {x.dtype} {x0!r:.80}")
    x = np.array(x, dtype=x.dtype if x.dtype == np.float32 else np.float64)
    if not x.size:
        raise ValueError("x0 must have at least one coordinate; got none")
    if not np.isfinite(x).all():
        raise ValueError("x0 must be finite; it has NaN or an infinity in it")
    return x


class _Unusable(Exception):
    """What the student's functions gave is nothing to compare."""

    def __init__(self, name: str, **figures: object) -> None:
        super().__init__(name)
        self.name, self.figures = name, figures


class _Check:
    """The functions of one check, called with copies of x and read with care."""

    def __init__(
        self, fun: Function, grad: Function | None, x: NDArray[Any], language: str | None
    ) -> None:
        self.fun, self.grad, self.x, self.language = fun, grad, x, language
        self.is_single = x.dtype == np.float32
        self.notes: list[str] = []

    def report(self) -> GradientReport:
        """Compare, and look for the mistake."""
        x = self.x
        missing = np.full(x.shape, np.nan)
        try:
            value, analytic = self.value(x), self.slopes(x)
            if not np.array_equal(analytic, self.slopes(x)) or value != self.value(x):
                raise _Unusable("not repeatable")
            slopes = differences(self.value, x, value)
            if not np.isfinite(slopes.error).all():
                raise _Unusable("no slope", place=int(np.argmax(~np.isfinite(slopes.error))))
        except _Unusable as found:
            seen = Diagnosis(found.name, 1.0, found.figures, self.language)
            return GradientReport(
                False, (seen,), None, missing, missing, missing, tuple(self.notes), self.language
            )
        numeric, error = self._within(slopes, analytic, value)
        apart = ~(np.abs(analytic - numeric) <= error)
        wrong = np.flatnonzero(apart)
        first = int(wrong[0]) if wrong.size else None
        diagnosis = mistakes(analytic, numeric, error, x, self.language) if wrong.size else []
        return GradientReport(
            not wrong.size,
            tuple(diagnosis),
            first,
            analytic.reshape(x.shape),
            numeric.reshape(x.shape),
            error.reshape(x.shape),
            tuple(self.notes),
            self.language,
        )

    def value(self, x: NDArray[Any]) -> float:
        """Return f at `x`."""
        got = self._call(self.fun, "fun", x)
        if self.grad is None:
            got = self._pair(got)[0]
        try:
            number = _numbers(got)
        except (TypeError, ValueError):
            raise _Unusable("no number", got=_shown(got)) from None
        if number.size != 1:
            raise _Unusable("no number", got=f"an array of shape {number.shape}")
        if not np.isfinite(number).all() and x is self.x:
            raise _Unusable("loss not finite", got=number.item())
        return float(number.item())

    def slopes(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return the gradient at `x` as it was written, flat."""
        if self.grad is None:
            got = self._pair(self._call(self.fun, "fun", x))[1]
        else:
            got = self._call(self.grad, "grad", x)
        self.is_single |= getattr(got, "dtype", None) == np.float32
        try:
            array = _numbers(got)
        except (TypeError, ValueError):
            raise _Unusable("no gradient", got=_shown(got)) from None
        if array.size != x.size or (array.size == 1) != (x.size == 1):
            name = "one number" if array.size == 1 else "another shape"
            raise _Unusable(name, got=array.shape, expected=x.shape)
        if array.shape != x.shape and x is self.x:
            squeezed = array.shape == x.shape[::-1] or x.ndim < 2
            if array.ndim == 2 and x.ndim == 1:
                note = sentence(
                    "a column", {"got": array.shape, "expected": x.shape}, self.language
                )
                self.notes = [note]
            elif not squeezed:
                raise _Unusable("another shape", got=array.shape, expected=x.shape)
        return array.ravel()

    def _within(
        self, slopes: Differences, analytic: NDArray[np.float64], value: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the numeric slopes, and how far from them a right gradient may lie."""
        # A right gradient is rounded, too: by about what it changes by where x changes by as much
        # as a rounding.
        tiny = 2.0**-23 if self.is_single else 2.0**-40
        size = np.maximum(np.abs(self.x), 1)
        scatter = np.zeros(self.x.size)
        for sign in (-2, -1, 1, 2):
            moved = (self.x + sign * tiny * size).astype(self.x.dtype)
            scatter = np.maximum(scatter, np.abs(self.slopes(moved) - analytic))
        numeric = slopes.slope.copy()
        # Between the slopes of the two sides of a kink, each is right.
        kink = slopes.left != slopes.right
        numeric[kink] = np.clip(analytic, slopes.left, slopes.right)[kink]
        if kink.any():
            self.notes.append(
                sentence("at a kink", {"place": int(np.flatnonzero(kink)[0])}, self.language)
            )
        largest = float(np.max(np.abs(numeric), initial=0.0))
        rounding = (100 if self.is_single else 1) * ROUNDING * largest
        error = 4 * slopes.error + 4 * scatter + rounding + np.finfo(np.float64).tiny
        steepest = max(largest, float(np.max(np.abs(analytic))))
        coarse = error > 0.1 * steepest
        if coarse.any() and steepest > ROUNDING * max(abs(value), 1):
            said = {"count": int(coarse.sum()), "error": rounded(float(error.max()))}
            self.notes.append(sentence("coarse", said, self.language))
        return numeric, error

    def _call(self, function: Function, name: str, x: NDArray[Any]) -> object:
        given = x.copy()
        try:
            with np.errstate(all="ignore"):
                # A number is handed over as one.
                got = function(given if x.ndim else given[()])
            # What is written into later would change what was read.
            got = copy.deepcopy(got)
        except Exception as error:
            raise _Unusable(
                "raises", function=name, error=f"{type(error).__name__}: {error}"
            ) from error
        if not np.array_equal(given, x):
            note = sentence("x was changed", {"function": name}, self.language)
            self.notes = [*(seen for seen in self.notes if seen != note), note]
        return got

    def _pair(self, got: object) -> tuple[object, object]:
        if isinstance(got, tuple) and len(got) == 2:
            return got
        raise _Unusable("no pair", got=_shown(got))


def _numbers(got: object) -> NDArray[np.float64]:
    """Return `got` as an array, if it is made of real numbers."""
    if got is None or np.asarray(got).dtype.kind not in "fiubO":
        raise TypeError
    return np.asarray(got, dtype=np.float64)


def _shown(got: object) -> str:
    """Write what a function returned, in short."""
    return "None" if got is None else f"{type(got).__name__} {got!r:.60}"
