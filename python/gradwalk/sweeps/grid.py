"""Which runs a sweep has: every combination of the settings that are varied."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from gradwalk._core import GradientDescent, thread_count
from gradwalk._values import check_whole

from .running import Job, Runs
from .table import Sweep

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def sweep(
    optimizer: GradientDescent | type[GradientDescent],
    X: ArrayLike,
    y: ArrayLike,
    *,
    fit_params: Mapping[str, Any] | None = None,
    n_workers: SupportsIndex | None = None,
    progress: bool = False,
    **grid: Any,
) -> Sweep:
    """Fit one model for each combination of settings, side by side over the processors.

    Every run is a `fit` of its own on the same X and y, which are not copied. The results do not
    depend on how many run at once, and all runs see the rows in the same order, so that they differ
    by their settings alone: a ``random_state`` of None is drawn once for the sweep.

    Parameters
    ----------
    optimizer : model or class
        ``BatchGD``, ``SGD`` or ``MiniBatchGD``, or an object of one, whose arguments hold for all
        runs. The object itself is not fitted.
    X, y : array_like
        As in `fit`.
    fit_params : dict, optional
        Further arguments of `fit`: ``{"validation": 0.2, "full_loss": True}``. A callback is called
        in the threads of the runs.
    n_workers : int, optional
        Runs at once. By default what the environment variable GRADWALK_NUM_THREADS says, else
        OMP_NUM_THREADS, else the processors that this process may use. Each run has one thread,
        unless ``n_threads`` says otherwise.
    progress : bool, default False
        Draw one bar for all the runs.
    **grid
        Arguments of the constructor. A list, tuple, range or 1-D array is varied, every
        combination of all of them; another value holds for all runs.

    Returns
    -------
    Sweep
        One row for each combination: ``sweep.best().model`` is the fitted model of the lowest loss,
        ``pandas.DataFrame(sweep.to_dict())`` the table, ``sweep.plot()`` its picture.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be, or GRADWALK_NUM_THREADS is no whole number. An
        exception in `fit` is raised if every run had one; else it is the message of its row, whose
        stop reason is "failed".

    Warns
    -----
    RuntimeWarning
        The stop button was pressed: the table has the runs that had begun, and "interrupted" as
        the stop reason of those that were not done. Press it twice for KeyboardInterrupt.

    Notes
    -----
    A walk that diverges is a row like the others; its DivergenceWarning is the row's message.
    Each model keeps its record, up to ``path_bytes``; ``record="epoch"`` keeps less.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
    >>> sweep = gw.sweep(gw.BatchGD(epochs=200), X, y, learning_rate=[0.01, 0.1, 1.0])
    >>> [run.diverged for run in sweep]
    [False, False, True]
    >>> sweep.best().parameters
    {'learning_rate': 0.1}
    """
    if not isinstance(progress, bool | np.bool_):
        raise TypeError(f"progress must be True or False for a sweep; got {progress!r}")
    class_, given = _taken_apart(optimizer)
    arguments = _fit_arguments(fit_params)
    varied = {name: _values(name, value) for name, value in grid.items() if _is_list(value)}
    given |= {name: value for name, value in grid.items() if name not in varied}
    given.setdefault("n_threads", 1)
    _fix_seeds(given, varied)
    jobs = []
    for values in itertools.product(*varied.values()):
        setting = dict(zip(varied, values, strict=True))
        seeded = {
            name: value.seed if isinstance(value, _Seed) else value
            for name, value in setting.items()
        }
        shown = {
            name: value.given if isinstance(value, _Seed) else value
            for name, value in setting.items()
        }
        jobs.append(Job(shown, class_(**{**given, **seeded})))
    n = thread_count() if n_workers is None else check_whole("n_workers", n_workers)
    runs = Runs(jobs, X, y, arguments).run(min(n, len(jobs)), has_bar=bool(progress))
    return Sweep(class_.__name__, tuple(varied), runs)


def _taken_apart(optimizer: object) -> tuple[Callable[..., GradientDescent], dict[str, Any]]:
    """Return the class and the arguments that were given to it."""
    if isinstance(optimizer, GradientDescent):
        _, (class_, arguments, _), *_ = optimizer.__reduce__()
        return class_, dict(arguments)
    if isinstance(optimizer, type) and issubclass(optimizer, GradientDescent):
        return optimizer, {}
    raise TypeError(
        "optimizer must be BatchGD, SGD or MiniBatchGD, or an object of one such as "
        f"SGD(epochs=20); got {optimizer!r:.60}"
    )


def _fit_arguments(fit_params: Mapping[str, Any] | None) -> dict[str, Any]:
    if fit_params is None:
        return {}
    if not isinstance(fit_params, Mapping):
        raise TypeError(
            'fit_params must be a dict of arguments of fit, such as {"full_loss": True}; got '
            f"{fit_params!r:.60}"
        )
    if "progress" in fit_params:
        raise TypeError(
            "write sweep(…, progress=True), not progress in fit_params: there is one bar"
        )
    return dict(fit_params)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | range) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ValueError(f"{name} must be a list or a 1-D array; got shape {values.shape}")
        values = values.tolist()
    if len(values) == 0:
        raise ValueError(f"{name} must have at least one value to try; got an empty list")
    return list(values)


@dataclass(frozen=True)
class _Seed:
    """What stands for a random_state that would be another one at every fit."""

    given: object
    seed: int


def _fix_seeds(given: dict[str, Any], varied: dict[str, list[Any]]) -> None:
    import secrets

    def fixed(value: object) -> object:
        if value is None:
            return _Seed(value, secrets.randbits(64))
        if isinstance(value, np.random.Generator):
            return _Seed(value, int.from_bytes(value.bytes(8), "little"))
        return value

    if "random_state" in varied:
        varied["random_state"] = [fixed(value) for value in varied["random_state"]]
    else:
        seed = fixed(given.get("random_state"))
        given["random_state"] = seed.seed if isinstance(seed, _Seed) else seed
