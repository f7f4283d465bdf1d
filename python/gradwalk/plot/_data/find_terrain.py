"""Find what walks walked on, from what the caller hands over beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._data_frames import as_array

from .function import FunctionTerrain, own_loss_terrain
from .parameters import find_names
from .section import section_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradwalk._core import GradientDescent

    from .terrain import Terrain
    from .walks import Walk


def find_terrain(
    walks: list[Walk],
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    fun: Any = None,
    jac: Any = None,
    features: object = None,
    feature_names: Sequence[str] | None = None,
    sample_weight: ArrayLike | None = None,
    others: ArrayLike | str = "end",
    *,
    axes: int = 2,
) -> Terrain:
    """Find what `walks` walked on: the loss on X and y, or the function `fun`.

    The arguments are those of `contour_paths`, checked. There may be no walks with `fun`; X and y
    need at least one of a fitted model. If all walks diverged, `others` "end" is a start. `axes` is
    how many parameters vary; with 1 `features` is a single one.
    """
    if fun is not None:
        if X is not None or y is not None:
            raise ValueError("hand over X and y for fitted models, or fun for minimize, not both")
        return FunctionTerrain(walks, fun, jac, features, feature_names, others, axes)
    if X is None or y is None:
        told = any(walk.result is not None for walk in walks)
        raise ValueError(
            "what was walked on is missing: hand over "
            + ("fun, the landscape or function given to minimize" if told else "X and y")
        )
    models = _models(walks)
    _check(walks, models, X)
    rows = as_array("X", X)
    if not isinstance(models[0].loss, str):
        targets = as_array("y", y)
        return own_loss_terrain(walks, models, rows, targets, features, feature_names, others, axes)
    calm = [walk for walk in walks if not walk.diverged and walk.model is not None]
    if isinstance(others, str) and others == "end" and not calm:
        # Where a walk that diverged ended is no place to look from.
        others = next(
            (walk.path[0] for walk in walks if len(walk.path)),
            np.zeros(np.shape(models[0].params_)),
        )
    chosen = [walk.model for walk in calm if walk.model is not None] or models
    names = find_names(feature_names, rows.shape[1], X, chosen[0])
    return section_of(chosen, rows, y, features, names, sample_weight, others, axes)


def _models(walks: list[Walk]) -> list[GradientDescent]:
    models = [walk.model for walk in walks if walk.model is not None]
    if not models:
        raise ValueError(
            "the loss over the parameters needs a fitted model, and these are only records: hand "
            "over at least one BatchGD, SGD or MiniBatchGD itself"
        )
    return models


def _check(walks: list[Walk], models: list[GradientDescent], X: ArrayLike) -> None:
    first = models[0]
    shape = np.shape(first.params_)
    for walk in walks:
        if walk.model is None:
            if len(walk.path) and walk.path.shape[1:] != shape:
                raise ValueError(
                    f"the path of {walk.name!r} has parameters of shape {walk.path.shape[1:]}, and "
                    f"those of the model have {shape}"
                )
            continue
        ours, theirs = (
            (m.loss, m.l1, m.l2, m.fit_intercept, np.shape(m.params_)) for m in (walk.model, first)
        )
        if ours != theirs:
            raise ValueError(
                "walks on one map must share loss, l1, l2, fit_intercept and the shape of params_: "
                f"{walk.name!r} has {ours}, another has {theirs}"
            )
    if isinstance(first.loss, str):
        columns = shape[0] - int(first.fit_intercept)
        if np.ndim(X) != 2 or np.shape(X)[1] != columns:
            raise ValueError(
                f"X must be the data of the walks, with {columns} columns, got shape {np.shape(X)}"
            )
