"""Call a loop by the names of its arguments, and read what it returns."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np

from gradwalk.check.student import MEANING
from loops.loop import Loop

SEED = 5


def draw(loop: Loop, generator: Any = None) -> Any:
    """The rows of each epoch, drawn from the generator exactly as the student draws them."""
    rng = np.random.default_rng(SEED) if generator is None else generator
    n, epochs = loop.data.n, loop.settings["epochs"]
    if loop.draws in (None, "permutation"):
        return np.array([rng.permutation(n) for _ in range(epochs)])
    if loop.draws == "shuffle":
        rows = []
        for _ in range(epochs):
            order = np.arange(n)
            rng.shuffle(order)
            rows.append(order)
        return np.array(rows)
    if loop.draws == "shuffle on":  # one array of indices, shuffled again each epoch
        order, rows = np.arange(n), []
        for _ in range(epochs):
            rng.shuffle(order)
            rows.append(order.copy())
        return np.array(rows)
    if loop.draws == "integers":
        return np.array([[rng.integers(n) for _ in range(n)] for _ in range(epochs)])
    if loop.draws == "randint":
        return np.array([[rng.randint(n) for _ in range(n)] for _ in range(epochs)])
    if loop.draws == "sequential":
        return np.array([np.arange(n)] * epochs)
    raise ValueError(loop.draws)


def reference(loop: Loop) -> Any:
    """gradwalk's own walk on the rows that the student draws or is given."""
    X, y = loop.data.make()
    words = {}
    if loop.method.__name__ != "BatchGD":
        names = inspect.signature(loop.student).parameters
        takes_generator = {"rng", "seed", "random_state", "order"} & set(names)
        legacy = None if takes_generator else np.random.RandomState(SEED)
        words["order"] = draw(loop, legacy)
    if loop.start:
        words["init"] = start(loop)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return loop.optimizer().fit(X, y, full_loss=True, **words)


def start(loop: Loop) -> np.ndarray:
    X, y = loop.data.make()
    d = X.shape[1] + loop.settings.get("fit_intercept", True)
    shape = (d, int(y.max()) + 1) if loop.data.kind == "classes" else d
    if not loop.start:
        return np.zeros(shape)
    return np.random.default_rng(77).uniform(-0.5, 0.5, shape)


def run(loop: Loop) -> Any:
    """What the student returns, called with the arguments that it names."""
    X, y = loop.data.make()
    settings, theta = loop.settings, start(loop)
    values = {
        "X": X,
        "y": y,
        "theta": theta,
        "w": theta[1:].copy(),
        "b": theta[0].copy() if theta.ndim == 2 else float(theta[0]),
        "learning_rate": settings["learning_rate"],
        "epochs": settings["epochs"],
        "batch_size": settings.get("batch_size", 32),
        "l2": settings.get("l2", 0.0),
        "momentum": getattr(settings.get("rule"), "beta", None),
        "rng": np.random.default_rng(SEED),
        "seed": SEED,
    }
    given = {}
    for name, parameter in inspect.signature(loop.student).parameters.items():
        if name == "order":
            given[name] = draw(loop)
        elif name in MEANING:
            given[name] = values[MEANING[name]]
        elif parameter.default is parameter.empty:
            raise TypeError(f"{loop.name}: {name} is no accepted name")
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(SEED)  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return loop.student(**given)
    finally:
        np.random.set_state(before)  # noqa: NPY002


def last_theta(loop: Loop, result: Any) -> np.ndarray:
    """θ at the end, intercept first and in gradwalk's shape."""
    if loop.losses:
        result = result[0] if len(result) == 2 else result[:-1]
    if loop.returns in ("path", "pairs"):
        result = result[-1]
    if loop.returns in ("pair", "pairs"):
        w, b = result
        w = np.atleast_1d(np.asarray(w, dtype=float))
        b = np.asarray(b, dtype=float)
        if loop.data.kind == "classes":
            w = w if w.shape[1] == b.size else w.T
            return np.vstack([b.reshape(1, -1), w])
        return np.concatenate([b.reshape(1), w.ravel()])
    theta = np.asarray(result, dtype=float)
    if loop.data.kind == "classes":
        return theta if theta.shape == start(loop).shape else theta.T
    return theta.ravel()
