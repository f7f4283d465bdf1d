"""The learning rate η as a function of the update counter t, counted from 0.

Each schedule is a value; give it as ``learning_rate=`` to any of the three methods, where it runs
in Rust. t is the global counter: it goes on in ``partial_fit``. ``schedule.at(t)`` gives η at one
t or at an array of them, to be plotted.

>>> import gradwalk as gw
>>> gw.schedules.StepDecay(0.5, factor=0.1, every=100).at([0, 99, 100])
array([0.5 , 0.5 , 0.05])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradwalk import _core
from gradwalk._values import Value

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "Linear",
    "OneCycle",
    "Schedule",
    "StepDecay",
    "Warmup",
]


class Schedule(Value):
    """What the schedules have in common: η at any t."""

    _kind = "schedule"

    def __init__(self) -> None:
        raise TypeError(
            "Schedule is what the schedules have in common: make one of them, such as Constant(0.1)"
        )

    @overload
    def at(self, t: int) -> float: ...
    @overload
    def at(self, t: ArrayLike) -> NDArray[np.float64]: ...

    def at(self, t: ArrayLike) -> float | NDArray[np.float64]:
        """η at update t.

        Parameters
        ----------
        t : int, or array_like of int
            Updates, counted from 0.

        Returns
        -------
        float, or ndarray of the shape of t
        """
        times = np.asarray(t)
        if times.dtype.kind not in "iu" or (times < 0).any():
            raise ValueError(f"t must be whole numbers of at least 0; got {t!r}")
        rates = _core.schedule_at(self._spec(), times.ravel().astype(np.uint64))
        return float(rates[0]) if times.ndim == 0 else rates.reshape(times.shape)

    def __call__(self, t: int) -> float:
        """η at update t."""
        return self.at(t)


if not TYPE_CHECKING:

    def __getattr__(name):
        from gradwalk._words import no_name

        raise no_name(__name__, name, __all__)


@dataclass(frozen=True)
class Constant(Schedule):
    """The same at every update: ``initial``.

    Parameters
    ----------
    initial : float
        η₀.
    """

    initial: float


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """Falls like a power of t: ``initial / (1 + t/tau)**power``.

    With power 1 the sum of all rates is infinite and that of their squares is not, as the
    convergence of stochastic descent asks for.

    Parameters
    ----------
    initial : float
        η₀.
    tau : float, default 1.0
        Updates until η has fallen to η₀/2**power.
    power : float, default 1.0
        How fast it falls.

    References
    ----------
    L. Bottou, "Stochastic gradient descent tricks", 2012, section 5.2; H. Robbins and S. Monro,
    "A stochastic approximation method", 1951, for the sums.
    """

    initial: float
    tau: float = 1.0
    power: float = 1.0

    @classmethod
    def textbook(cls, t0: float, t1: float) -> Self:
        """``t0 / (t + t1)``, as in A. Géron, *Hands-On Machine Learning*, chapter 4.

        Parameters
        ----------
        t0, t1 : float
            The constants of the formula, above 0.

        Returns
        -------
        InverseScaling
            The same with η₀ = t0/t1, tau = t1 and power 1.
        """
        _core.check_positive("t0", t0)
        _core.check_positive("t1", t1)
        return cls(t0 / t1, tau=t1)


@dataclass(frozen=True)
class Exponential(Schedule):
    """Falls by the same share at every update: ``initial * decay**t``.

    Parameters
    ----------
    initial : float
        η₀.
    decay : float, default 0.999
        γ, 0 < γ ≤ 1.

    References
    ----------
    A. Senior et al., "An empirical study of learning rates in deep neural networks for speech
    recognition", ICASSP 2013.
    """

    initial: float
    decay: float = 0.999


@dataclass(frozen=True)
class StepDecay(Schedule):
    """A stair: ``initial * factor**(t // every)``.

    Parameters
    ----------
    initial : float
        η₀.
    factor : float, default 0.5
        What each step multiplies by, 0 < factor ≤ 1.
    every : int, default 1000
        Updates a step.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, 2016, section 8.3.1.
    """

    initial: float
    factor: float = 0.5
    every: int = 1000


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line: ``initial + (floor - initial) * t/updates``, then ``floor``.

    Parameters
    ----------
    initial : float
        η₀.
    updates : int
        Updates until the floor is reached.
    floor : float, default 0.0
        Where it stays from then on.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, 2016, section 8.3.1.
    """

    initial: float
    updates: int
    floor: float = 0.0


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up to ``peak`` and down again, each by half a wave of the cosine.

    With ``initial = peak/divisor``, ``end = initial/final_divisor`` and ``top = rise*updates``:
    ``peak + (initial - peak) * (1 + cos(π*t/top)) / 2`` for t < top, then
    ``end + (peak - end) * (1 + cos(π*(t - top)/(updates - top))) / 2``, and ``end`` from
    t = updates on.

    Parameters
    ----------
    peak : float
        The largest η.
    updates : int
        Updates of the whole cycle.
    rise : float, default 0.3
        The share of them on the way up, 0 ≤ rise < 1.
    divisor : float, default 25.0
        How many times the start is below the peak.
    final_divisor : float, default 10000.0
        How many times the end is below the start.

    References
    ----------
    L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2018.
    """

    peak: float
    updates: int
    rise: float = 0.3
    divisor: float = 25.0
    final_divisor: float = 1e4


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a wave down: ``floor + (initial - floor) * (1 + cos(π*t/updates)) / 2``, then ``floor``.

    With ``cycles`` above 1 it restarts at ``initial``: t counts from the restart, and cycle i, from
    0, takes ``updates * stretch**i``.

    Parameters
    ----------
    initial : float
        η₀.
    updates : int
        Updates until the floor is reached.
    floor : float, default 0.0
        Where it stays after the last cycle.
    cycles : int, default 1
        How many times it goes down in all.
    stretch : int, default 1
        By how much each cycle is longer than the one before.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    initial: float
    updates: int
    floor: float = 0.0
    cycles: int = 1
    stretch: int = 1


@dataclass(frozen=True)
class Warmup(Schedule):
    """A ramp before another: ``then(0) * (t + 1)/updates``, after that ``then(t - updates)``.

    Parameters
    ----------
    updates : int
        Updates of the ramp.
    then : Schedule
        What follows.

    References
    ----------
    P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section
    2.2.
    """

    updates: int
    then: Schedule
