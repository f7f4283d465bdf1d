"""A loop of gradient descent that a student wrote, checked update by update."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradwalk import BatchGD, GradientDescent, MiniBatchGD
from gradwalk.language.checks import sentence
from gradwalk.reference import read_problem
from gradwalk.rules import Rule

from .loop_judge import Judge
from .loop_report import LoopReport
from .returned import Floats, Rows
from .task import Task

Student: TypeAlias = Callable[..., object]


def check_loop(
    student: Student | ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    optimizer: GradientDescent,
    *,
    init: ArrayLike | None = None,
    order: Sequence[ArrayLike] | NDArray[np.integer] | None = None,
    time_limit: float = 20,
    language: str | None = None,
) -> LoopReport:
    """Check a loop that was written by hand, update by update, and name its mistake.

    Each update is taken by `gradwalk.reference` from the loop's own θ, ``θ − η ∇f(θ)`` over the
    rows of its batch or by the optimizer's rule, and must give the θ that the loop has next. Where
    it does not, the loop is replayed with one mistake after the other, and those are named that
    explain all of it.

    Parameters
    ----------
    student : callable or array_like
        The loop, a function whose arguments have the usual names: data X, x, X_b and y; θ as theta,
        Theta, W, params, or w, weights, w_in with b, bias, b_in; learning_rate, lr, eta, alpha;
        epochs, n_epochs, num_iters, iterations, …; batch_size; order; l2, lam, lambda_, reg; beta,
        momentum; rng, seed, random_state. It returns θ, (w, b), or a path of them, per update or
        per epoch, with a list of losses or without. Or the path itself.
    X : array_like of shape (n, d)
        Rows of features, handed over as they are.
    y : array_like of shape (n,)
        Targets.
    optimizer : BatchGD, SGD or MiniBatchGD
        What the loop is to do: loss, learning rate, epochs, rule, penalty, batches.
    init : array_like, optional
        θ to start from, the intercept first; zeros by default.
    order : array_like of shape (epochs, n), optional
        Rows of each epoch, handed to a loop that takes them; drawn with seed 0 by default.
    time_limit : float, default 20
        Seconds that the loop may take in all.
    language : {"en", "ko"}, optional
        Language of the report; that of `set_language` by default.

    Returns
    -------
    LoopReport
        ``.passed``, ``.diagnosis`` (the likeliest mistake first), ``.first_difference``,
        ``.score``, ``.notes``.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, or the loop needs one that is not among the names above.

    Notes
    -----
    A loop that raises, hangs, prints, returns nonsense or takes more than 2 GiB is a report that
    did not pass, not an exception. On Linux it runs in a process of its own, so that nothing it
    does is left behind; elsewhere in a thread, without the limit of memory, which goes on in the
    background if it cannot be stopped. If θ at the end alone is returned, the loop is
    called again with epochs = 1, 2, 3.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.array([[0.0], [1.0], [2.0]]); y = np.array([1.0, 3.0, 5.0])
    >>> def loop(X, y, w, b, lr, epochs):
    ...     for _ in range(epochs):
    ...         error = X @ w + b - y
    ...         w, b = w - lr * 2 * X.T @ error, b - lr * 2 * error.sum()
    ...     return w, b
    >>> report = gw.check_loop(loop, X, y, gw.BatchGD(learning_rate=0.01, epochs=20))
    >>> report.passed, report.diagnosis[0].name
    (False, 'not divided')
    """
    sentence("gradient right", {"count": 0}, language)  # refuses a language that there is not
    if not isinstance(optimizer, GradientDescent):
        raise TypeError(f"optimizer must be a BatchGD, SGD or MiniBatchGD; got {optimizer!r:.80}")
    if not time_limit > 0:
        raise ValueError(f"time_limit must be above 0 seconds; got {time_limit!r}")
    if not isinstance(optimizer.loss, str):
        raise TypeError("check_loop needs a loss by name; a loss of one's own has no formula here")
    if optimizer.rule is not None and not isinstance(optimizer.rule, Rule):
        raise TypeError("check_loop needs a rule of gradwalk.rules; your own has no formula here")
    if optimizer.clip_norm is not None:
        raise ValueError(
            "check_loop knows loops without clip_norm alone; make the optimizer without"
        )
    task, sampling = task_of(X, y, optimizer, init, order)
    return Judge(student, X, y, optimizer, task, sampling, time_limit, language).report()


def task_of(
    X: ArrayLike,
    y: ArrayLike,
    optimizer: GradientDescent,
    init: ArrayLike | None,
    order: Sequence[ArrayLike] | NDArray[np.integer] | None,
) -> tuple[Task, str]:
    """Return what the loop is to do, and how its rows are to be drawn."""
    problem = read_problem(
        np.asarray(X, dtype=np.float64),
        y,
        optimizer.loss,
        None,
        optimizer.l2,
        optimizer.fit_intercept,
        init,
        getattr(optimizer, "n_classes", None),
    )
    if optimizer.loss == "log_loss":
        # Mistakes in its slope σ(z) − y are written for the labels 0 and 1.
        problem = replace(problem, y=(problem.y > 0).astype(np.float64))
    start = problem.read_theta(np.zeros(problem.shape) if init is None else init)
    n, epochs = len(problem.X_b), optimizer.epochs
    is_whole = isinstance(optimizer, BatchGD)
    sampling = "sequential" if is_whole else str(getattr(optimizer, "sampling", "shuffle"))
    size = n if is_whole else min(getattr(optimizer, "batch_size", 1), n)
    rows: list[Rows]
    if order is not None:
        if len(order) != epochs:
            raise ValueError(f"order must hold the rows of {epochs} epochs; got {len(order)}")
        rows = [problem.read_rows(one) for one in order]
    elif sampling == "sequential":
        rows = [np.arange(n)] * epochs
    else:
        rng = np.random.default_rng(0)
        is_drawn = sampling == "replace"
        rows = [rng.integers(n, size=n) if is_drawn else rng.permutation(n) for _ in range(epochs)]
    given = optimizer.learning_rate
    rate = given if callable(given) else lambda _: float(given)
    task = Task(
        problem,
        start,
        size,
        epochs,
        lambda t: float(rate(t)),
        callable(given),
        optimizer.rule,
        0.0 if optimizer.l1_step == "subgradient" else optimizer.l1,
        rows,
        bool(getattr(optimizer, "drop_last", False)),
        optimizer.loss,
        optimizer.l1 if optimizer.l1_step == "subgradient" else 0.0,
    )
    task.jump = partial(_jump, optimizer, X, y)
    return task, sampling


def _jump(
    optimizer: GradientDescent,
    X: ArrayLike,
    y: ArrayLike,
    task: Task,
    theta: Floats,
    begin: int,
    end: int,
    updates: int,
) -> Floats:
    """Walk from one epoch to another by the core, which is faster than the reference."""
    settings: dict[str, Any] = {
        "learning_rate": (lambda t: task.rate(t + updates)) if task.has_schedule else task.rate(0),
        "epochs": end - begin,
        "l1": optimizer.l1,
        "l1_step": optimizer.l1_step,
        "l2": task.problem.l2,
        "fit_intercept": optimizer.fit_intercept,
        "n_classes": task.start.shape[1] if task.start.ndim == 2 else None,
        "record": None,
    }
    if isinstance(optimizer, MiniBatchGD):
        settings |= {"batch_size": task.size, "drop_last": task.drop_last}
    order = {} if isinstance(optimizer, BatchGD) else {"order": task.order[begin:end]}
    kind: Any = type(optimizer)
    model = kind(task.loss, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(np.asarray(X, dtype=np.float64), y, init=theta, **order)
    return np.asarray(fitted.params_, dtype=np.float64)
