"""Random walks of every kind, the same for gradwalk and for its reference.

A `Case` holds what both are told; `walk` lets gradwalk walk it, `reference_walk` the twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gradwalk as gw
from gradwalk import reference
from loss_kinds import COUNTS, KINKED, NO_LIMIT, TWO_CLASSES, to_bend
from random_problems import targets

Array = NDArray[Any]

METHODS: dict[str, Any] = {"BatchGD": gw.BatchGD, "SGD": gw.SGD, "MiniBatchGD": gw.MiniBatchGD}
REFERENCE: dict[str, Callable[..., reference.Walk]] = {
    "BatchGD": reference.batch_gd,
    "SGD": reference.sgd,
    "MiniBatchGD": reference.mini_batch_gd,
}
ORDERS = ("none", "permutation", "replace", "sequential", "ragged")
RATES = ("number", "decay", "wave")

# How near a walk may come to a jump: far above what rounding moves a score by, so that the two
# twins stand on the same side of it at every visit.
MARGIN = {"float64": 1e-9, "float32": 5e-5}


@dataclass
class Case:
    """One walk, as both are told to make it."""

    method: str
    X: Array
    y: Array
    labels: Array
    """y as 0/1 or class numbers, where `y` has -1/1 or one-hot rows."""
    settings: dict[str, Any]
    """loss, learning_rate, epochs, l2, fit_intercept, n_classes."""
    batching: dict[str, Any] = field(default_factory=dict)
    """batch_size and drop_last, for MiniBatchGD."""
    given: dict[str, Any] = field(default_factory=dict)
    """sample_weight, init, order."""
    kind: dict[str, str] = field(default_factory=dict)
    """How it was drawn, for counting."""

    @property
    def tolerance(self) -> float:
        """How well the two agree, relative to the norm of theta."""
        return 1e-4 if self.X.dtype == np.float32 else 1e-10

    def orders(self) -> list[Array]:
        """The rows of each epoch."""
        order = self.given.get("order")
        if order is None:
            return [np.arange(len(self.X))] * self.settings["epochs"]
        return [np.asarray(rows) for rows in order]

    def batches(self) -> Iterator[Array]:
        """The rows of each update."""
        size = {"BatchGD": len(self.X), "SGD": 1}.get(self.method)
        size = min(size or self.batching["batch_size"], len(self.X))
        for rows in self.orders():
            for start in range(0, len(rows), size):
                batch = rows[start : start + size]
                if len(batch) == size or not self.batching.get("drop_last", False):
                    yield batch


def walk(case: Case, **changes: Any) -> Any:
    """The fitted gradwalk model; `changes` go to its constructor."""
    # The reference visits rows as they lie when it has neither an order nor a generator.
    sampling = {} if case.method == "BatchGD" else {"sampling": "sequential"}
    options = {"record": "update", **case.settings, **case.batching, **sampling, **changes}
    return METHODS[case.method](**options).fit(case.X, case.y, **case.given)


def reference_walk(case: Case) -> reference.Walk:
    """The same walk in NumPy."""
    given = {**case.given, "order": case.orders()}
    return REFERENCE[case.method](case.X, case.y, **case.settings, **case.batching, **given)


def distance_to_jump(case: Case, seen: reference.Walk) -> float:
    """How near the reference came to a jump of the slope, at all its visits."""
    if case.settings["loss"] not in KINKED:
        return np.inf
    first = int(case.settings["fit_intercept"])
    nearest = np.inf
    for theta, rows in zip(seen.path[:-1], case.batches(), strict=True):
        z = case.X[rows] @ theta[first:] + (theta[0] if first else 0)
        nearest = min(nearest, to_bend(case.settings["loss"], z, case.labels[rows]))
    return nearest


def curvature(loss: str, y: Array) -> float:
    """Bound of the second derivative of the loss by the score."""
    if loss in NO_LIMIT:
        # 1 where the slope jumps. e^z has none: enough for scores of walks that begin near zero.
        return 40.0 if loss in COUNTS else 1.0
    return 2 / gw.max_learning_rate(np.ones((len(y), 1)), y, loss=loss, fit_intercept=False)


def stability_limit(case: Case) -> float:
    """Largest learning rate, 2/L, that is stable for all batches that may come."""
    X = case.X.astype(np.float64)
    if case.settings["fit_intercept"]:
        X = np.column_stack([np.ones(len(X)), X])
    weights = case.given.get("sample_weight")
    s = np.ones(len(X)) if weights is None else weights / np.mean(weights)
    if case.method == "BatchGD" and case.kind.get("order") in ("none", "permutation", "sequential"):
        steepest = float(np.linalg.eigvalsh(X.T @ (s[:, None] * X) / len(X)).max())
    else:
        # A batch is a mean of rows: it bends no more than the row that bends most.
        steepest = float((s * (X**2).sum(axis=1)).max())
    L = curvature(case.settings["loss"], case.labels) * steepest + case.settings["l2"]
    return 2 / max(L, 1e-3)


def learning_rate(kind: str, eta: float) -> float | Callable[[int], float]:
    """A number, or a function of t that never exceeds it."""
    if kind == "decay":
        return lambda t: eta * 20 / (t + 20)
    if kind == "wave":
        return lambda t: eta * (0.6 + 0.4 * float(np.cos(t / 3)))
    return eta


def draw_order(kind: str, n: int, epochs: int, least: int, rng: np.random.Generator) -> Any:
    """The rows of each epoch, drawn with NumPy as a notebook would."""
    if kind == "none":
        return None
    if kind == "ragged":
        sizes = rng.integers(least, 2 * n + 1, epochs)
        return [rng.integers(0, n, size) for size in sizes]
    draw = {
        "permutation": lambda: rng.permutation(n),
        "replace": lambda: rng.integers(0, n, n),
        "sequential": lambda: np.arange(n),
    }[kind]
    order = [draw() for _ in range(epochs)]
    return np.array(order) if rng.random() < 0.5 else order


def draw_targets(case: Case, K: int, rng: np.random.Generator) -> None:
    """Targets that suit the loss, in one of the forms that it takes."""
    loss, n = case.settings["loss"], len(case.X)
    case.labels = targets(loss, np.zeros((n, K) if loss == "cross_entropy" else n), rng)
    case.y = case.labels
    if loss in TWO_CLASSES and rng.random() < 0.5 and case.labels.any():
        case.y = 2 * case.labels - 1
    elif loss == "cross_entropy" and rng.random() < 0.5:
        case.y = np.eye(K)[case.labels]
    elif loss == "cross_entropy" and rng.random() < 0.3:
        case.settings["n_classes"] = K = K + 1
    elif rng.random() < 0.2:
        case.y = case.labels[:, None]
    if rng.random() < 0.5:
        p = case.X.shape[1] + case.settings["fit_intercept"]
        case.given["init"] = rng.normal(size=(p, K) if loss == "cross_entropy" else p)
        if loss in COUNTS:
            case.given["init"] /= 10 * p
        case.kind["init"] = "random"


def draw_once(
    loss: str, dtype: Any, method: str, rng: np.random.Generator, n: int, d: int, visits: int
) -> Case:
    """A case that knows nothing yet about jumps."""
    if loss in KINKED and dtype == np.float32:
        # Each visit may come close to a jump, and close is not very close in single precision.
        visits = min(visits, 2000)
    epochs = int(rng.integers(1, max(2, min(100, visits // n + 1))))
    X = (rng.normal(size=(n, d)) * rng.uniform(0.3, 2, d)).astype(dtype)
    settings = {
        "loss": loss,
        "epochs": epochs,
        "fit_intercept": bool(rng.random() < 0.5),
        "l2": float(rng.uniform(0, 0.5)) if rng.random() < 0.5 else 0.0,
    }
    case = Case(method, X, np.zeros(0), np.zeros(0), settings)
    case.kind = {"order": str(rng.choice(ORDERS)), "rate": str(rng.choice(RATES))}
    draw_targets(case, int(rng.integers(2, 6)), rng)
    if rng.random() < 0.5:
        weights = rng.uniform(0, 3, n) * (rng.random(n) < 0.9)
        weights[rng.integers(n)] = 1.0
        case.given["sample_weight"] = weights
    least = 1
    if method == "MiniBatchGD":
        size = int(rng.integers(1, n + 3))
        case.batching = {"batch_size": size, "drop_last": bool(rng.random() < 0.5)}
        least = min(size, n)
    case.given["order"] = draw_order(case.kind["order"], n, epochs, least, rng)
    eta = float(rng.uniform(0.05, 0.95)) * stability_limit(case)
    settings["learning_rate"] = learning_rate(case.kind["rate"], eta)
    return case


def draw_case(seed: int) -> tuple[Case, reference.Walk]:
    """Case `seed` and its reference walk: every loss, dtype and method in turn, the rest random.

    A walk that came so near to a jump of the slope that a rounding error could carry it across
    is drawn again: beyond the jump both would be right, and yet not agree.
    """
    n_losses = len(gw.LOSSES)
    loss = gw.LOSSES[seed % n_losses]
    dtype = (np.float64, np.float32)[seed // n_losses % 2]
    method = list(METHODS)[seed // (2 * n_losses) % 3]
    rng = np.random.default_rng([seed, 20240])
    for _ in range(20):
        n, d = int(rng.integers(1, 501)), int(rng.integers(1, 41))
        visits = 1500 if method == "SGD" else 20_000
        case = draw_once(loss, dtype, method, rng, n, d, visits)
        seen = reference_walk(case)
        if distance_to_jump(case, seen) > MARGIN[case.X.dtype.name]:
            return case, seen
    raise AssertionError(f"case {seed} never kept clear of the jumps")
