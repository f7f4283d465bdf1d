"""What ``minimize`` returns."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np

__all__ = ["DescentResult"]


class DescentResult(dict[str, Any]):
    """The end of a walk, in the words of SciPy's ``OptimizeResult``.

    A dict whose items are attributes too.

    Attributes
    ----------
    x : ndarray, or float where x0 was a number
        Where the walk ended.
    fun : float
        f(x), on all terms of a finite sum.
    nit : int
        Updates made.
    nfev, njev : int
        Evaluations of the function, and of its gradient.
    status : int
        0 a tolerance met, 1 epochs or updates done (or no improvement any more), 2 diverged (also
        where f ends above f(x0)), 3 interrupted, 4 stopped by the callback.
    success : bool
        Whether a tolerance was met and the verdict is "converged", or the epochs are done and no
        tolerance was given.
    message : str
        The status in words.
    path : ndarray of shape (k, *x.shape)
        x along the walk, as far as it was recorded.
    history : History
        The whole record.
    """

    def __getattr__(self, name: str) -> Any:
        """Items are attributes; the path is that of the history."""
        if name == "path":
            return self["history"].path
        try:
            return self[name]
        except KeyError:
            if name.startswith("_"):
                raise AttributeError(name) from None
        from gradwalk._words import no_attribute

        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise no_attribute(message, "result", self, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self, "path"]

    @reprlib.recursive_repr()
    def __repr__(self) -> str:
        if not self:
            return f"{type(self).__name__}()"
        width = max(map(len, self)) + 1
        names = sorted(self, key=_place)
        return "\n".join(f"{name:>{width}}: {_written(self[name], width + 2)}" for name in names)

    def _repr_html_(self) -> str:
        """Return the result as a notebook shows it."""
        from gradwalk import display

        return display.result(self)


# What a reader asks first comes first, as in SciPy.
_ORDER = ("message", "success", "status", "fun", "x", "nit", "nfev", "njev", "history")


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _written(value: object, margin: int) -> str:
    """`value` in lines that begin at `margin`; of a long array its ends."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, max_line_width=80 - margin, threshold=12, edgeitems=3)
    else:
        text = value if isinstance(value, str) else repr(value)
    return text.replace("\n", "\n" + " " * margin)
