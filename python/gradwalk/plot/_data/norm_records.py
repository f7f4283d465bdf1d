"""The norm of the gradient and the loss along a walk, from wherever they can be had."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import loss_and_grad
from gradwalk._thinning import block_means

from .find_terrain import find_terrain
from .walks import Walk

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._core import GradientDescent
    from gradwalk._types import Floats


_MOST_GRADIENTS = 200
_MOST_MEANS = 100
_GRADIENT_WORK = 4e8  # numbers of X that the gradients of one walk may read


@dataclasses.dataclass(frozen=True, eq=False)
class NormRecord:
    """Norms and losses of one walk, each with the number of updates made before it."""

    walk: Walk
    norm_at: Floats
    norm: Floats
    loss_at: Floats
    loss: Floats
    dots: tuple[Floats, Floats] | None = None
    """Of the gradients of single batches: updates before each, and its norm."""

    @property
    def of_batches(self) -> bool:
        """Whether these are the gradients of single batches, not of f on all rows."""
        return self.dots is not None


def find_norm_record(
    walk: Walk,
    X: ArrayLike | None,
    y: ArrayLike | None,
    *,
    fun: Any,
    jac: Any,
    sample_weight: ArrayLike | None,
) -> NormRecord:
    """Find the norms along a walk: on record, computed on what it walked on, or from its steps."""
    if fun is not None and (X is not None or y is not None):
        raise ValueError("hand over X and y for fitted models, or fun for minimize, not both")
    if np.isfinite(walk.history.grad_norm).any():
        return _recorded(walk)
    if fun is not None:
        return _on_function(walk, fun, jac)
    if X is not None and y is not None and walk.model is not None:
        return _on_data(walk, walk.model, X, y, sample_weight)
    eta = _rates(walk)
    if eta is not None:
        return _by_steps(walk, eta)
    if walk.model is not None:
        help_ = "hand over X and y, or fit it again with fit(X, y, full_loss=True)"
    elif walk.result is not None:
        help_ = "hand over fun, the landscape or function given to minimize"
    else:
        help_ = "hand over the model itself, with the X and y it was fitted on"
    raise ValueError(
        f"plateau needs the gradient along {walk.name!r}: it is not on record, and its steps do "
        "not give it (for that every update must be on record, by the plain rule without l1); "
        f"{help_}"
    )


def _recorded(walk: Walk) -> NormRecord:
    history = walk.history
    ends = np.cumsum(history.updates_per_epoch).astype(np.float64)
    norm = np.asarray(history.grad_norm)
    full = np.asarray(history.full_loss)
    if walk.method == "batch":
        # f and its gradient before the update of each epoch, and f after the last if it was asked.
        at = np.concatenate([[0.0], ends])
        loss = full if len(full) else np.asarray(history.loss)
        return NormRecord(walk, at[: len(norm)], norm, at[: len(loss)], loss)
    if len(full):
        return NormRecord(walk, ends, norm, np.concatenate([[0.0], ends])[: len(full)], full)
    return NormRecord(walk, ends, norm, ends, np.asarray(history.loss))


def _places(walk: Walk, most: int) -> NDArray[np.int64]:
    """Places in the path, evenly spread and finite."""
    walk.need_path("plateau, without a gradient on record,")
    finite = np.flatnonzero(np.all(np.isfinite(walk.flat_path), axis=1))
    chosen = np.unique(np.linspace(0, len(finite) - 1, min(most, len(finite))).round())
    return np.asarray(finite[chosen.astype(np.int64)])


def _computed(walk: Walk, places: NDArray[np.int64], pairs: list[tuple[float, Any]]) -> NormRecord:
    at = walk.path_update[places].astype(np.float64)
    with np.errstate(all="ignore"):
        norm = np.array([float(np.linalg.norm(np.ravel(gradient))) for _, gradient in pairs])
    return NormRecord(walk, at, norm, at, np.array([float(value) for value, _ in pairs]))


def _on_function(walk: Walk, fun: Any, jac: Any) -> NormRecord:
    places = _places(walk, _MOST_GRADIENTS)
    points = walk.path[places]
    pairs: list[tuple[float, Any]]
    with np.errstate(all="ignore"):
        if hasattr(fun, "grad"):
            pairs = [(fun(point), fun.grad(point)) for point in points]
        elif jac is True:
            pairs = [fun(point.copy()) for point in points]
        elif callable(jac):
            pairs = [(np.squeeze(fun(point.copy())), jac(point.copy())) for point in points]
        elif walk.flat_path.shape[1] <= 2:
            terrain = find_terrain([walk], fun=fun, axes=walk.flat_path.shape[1])
            pairs = [terrain.at(*point.ravel()) for point in points]
        else:
            raise ValueError(
                f"plateau needs the gradient of fun over {walk.flat_path.shape[1]} coordinates: "
                "hand it over as jac, or jac=True if fun returns (value, gradient)"
            )
    return _computed(walk, places, pairs)


def _on_data(
    walk: Walk,
    model: GradientDescent,
    X: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None,
) -> NormRecord:
    numbers = max(1, int(np.prod(np.shape(X))))
    places = _places(walk, int(np.clip(_GRADIENT_WORK / numbers, 20, _MOST_GRADIENTS)))
    path = np.asarray(walk.history.path)[places]
    loss: Any = model.loss
    pairs: list[tuple[float, Any]] = []
    with np.errstate(all="ignore"):
        for theta in path:
            if callable(loss):
                value, gradient = loss(theta.copy(), X, y)
                value = float(np.squeeze(value)) + 0.5 * model.l2 * float(np.sum(theta**2))
                pairs.append((value, np.asarray(gradient) + model.l2 * theta))
                continue
            pairs.append(
                loss_and_grad(
                    X,
                    y,
                    theta,
                    loss=loss,
                    sample_weight=sample_weight,
                    l2=model.l2,
                    fit_intercept=model.fit_intercept,
                )
            )
    return _computed(walk, places, pairs)


def _rates(walk: Walk) -> Floats | None:
    """η of each step on record, where the steps are those of the plain rule; else None."""
    model = walk.model
    steps = np.diff(walk.path_update)
    if model is None or not len(steps):
        return None
    if model.rule is not None or model.clip_norm is not None or model.l1 != 0:
        return None
    if np.any(steps != 1):
        return None
    rate: Any = model.learning_rate
    times = walk.path_update[:-1]
    if hasattr(rate, "at"):
        return np.asarray(rate.at(times), dtype=np.float64)
    if callable(rate):
        return np.array([float(rate(int(t))) for t in times])
    return np.full(len(times), float(rate))


def _by_steps(walk: Walk, eta: Floats) -> NormRecord:
    with np.errstate(all="ignore"):
        norm = np.linalg.norm(np.diff(walk.flat_path, axis=0), axis=1) / eta
    at = walk.path_update[:-1].astype(np.float64)
    history = walk.history
    full = np.asarray(history.full_loss)
    ends = np.concatenate([[0.0], np.cumsum(history.updates_per_epoch)]).astype(np.float64)
    if len(full):
        loss_at, loss = ends[: len(full)], full
    elif len(history.update_loss):
        loss_at, loss = _means(
            history.update_number.astype(np.float64) - 1.0, np.asarray(history.update_loss)
        )
    else:
        # The mean over an epoch stands in its middle.
        loss_at, loss = 0.5 * (ends[1:] + ends[:-1]), np.asarray(history.loss)
    return NormRecord(walk, *_means(at, norm), loss_at, loss, dots=(at, norm))


def _means(at: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Means of runs of neighbours, so that single batches do not hide how it goes."""
    run = -(-len(values) // _MOST_MEANS)
    if run <= 1:
        return at, values
    with np.errstate(all="ignore"):
        return block_means(at, run), block_means(values, run)
