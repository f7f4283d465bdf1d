"""What ``minimize`` returns."""

from __future__ import annotations

from typing import Any

__all__ = ["DescentResult"]


class DescentResult(dict[str, Any]):
    """The end of a walk, in the words of SciPy's ``OptimizeResult``.

    A dict whose items are attributes too.

    Attributes
    ----------
    x : ndarray
        Where the walk ended.
    fun : float
        f(x), on all terms of a finite sum.
    nit : int
        Updates made.
    nfev, njev : int
        Evaluations of the function, and of its gradient.
    status : int
        0 tolerance met, 1 epochs done, 2 diverged, 3 interrupted, 4 stopped by the callback.
    success : bool
        Whether the tolerance was met, or the epochs are done and none was given.
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
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self, "path"]

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:>{width}}: {value!r}" for name, value in self.items())
