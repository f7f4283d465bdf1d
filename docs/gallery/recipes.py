"""One picture of each helper of gradwalk.plot, from small real data and from landscapes.

Each function here has the name of a helper and returns what it drew. Its docstring is the caption.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn import datasets

import gradwalk as gw
from gradwalk import landscapes, plot


@functools.cache
def diabetes() -> tuple[Any, Any, list[str]]:
    """Progress of diabetes by ten features, all of them standardised."""
    table = datasets.load_diabetes(scaled=False)
    y = (table.target - table.target.mean()) / table.target.std()
    return _standard(table.data), y, list(table.feature_names)


@functools.cache
def breast_cancer() -> tuple[Any, Any, list[str]]:
    """Whether a tumour is benign, by thirty features, all of them standardised."""
    table = datasets.load_breast_cancer()
    return _standard(table.data), table.target, list(table.feature_names)


@functools.cache
def digits() -> tuple[Any, Any]:
    """Pictures of digits, 64 features from 0 to 1."""
    table = datasets.load_digits()
    return table.data / 16.0, table.target


def _standard(X: Any) -> Any:
    return np.ascontiguousarray((X - X.mean(axis=0)) / X.std(axis=0))


def _calmly(work: Any) -> Any:
    """Let a walk of the gallery diverge without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return work()


@functools.cache
def three() -> list[Any]:
    """The three methods on two features of the diabetes data."""
    X, y = two_features()
    settings: dict[str, Any] = {"loss": "mse", "random_state": 0}
    return [
        model.fit(X, y, full_loss=True, validation=(X[::4].copy(), y[::4].copy()))
        for model in (
            gw.BatchGD(learning_rate=0.05, epochs=20, **settings),
            gw.SGD(learning_rate=0.005, epochs=20, **settings),
            gw.MiniBatchGD(learning_rate=0.02, epochs=20, batch_size=32, **settings),
        )
    ]


@functools.cache
def two_features() -> tuple[Any, Any]:
    """Body mass and blood sugar of the diabetes data."""
    X, y, _ = diabetes()
    return X[:, [2, 9]].copy(), y


def loss_curve() -> Any:
    """Loss against epochs; a walk at too large a learning rate is let go at the frame."""
    X, y = two_features()
    wild = _calmly(lambda: gw.BatchGD("mse", learning_rate=0.75, epochs=2000).fit(X, y))
    return plot.loss_curve([*three(), wild], validation=False)


def loss_vs_time() -> Any:
    """Loss against the seconds it took."""
    return plot.loss_vs_time(three(), full_loss=True)


def contour_paths() -> Any:
    """The paths of the three methods on the contour lines of the loss."""
    X, y = two_features()
    return plot.contour_paths(three(), X, y, feature_names=["bmi", "s6"])


def surface_path() -> Any:
    """A walk down Rosenbrock's valley, in space."""
    walk = gw.BatchGD(learning_rate=1e-3, epochs=3000).minimize(
        landscapes.rosenbrock, landscapes.rosenbrock.start
    )
    return plot.surface_path(walk, fun=landscapes.rosenbrock)


def trace_1d() -> Any:
    """A point on the curve of f, and how it moves."""
    waves = landscapes.x_cos()
    walk = gw.BatchGD(learning_rate=1.0, epochs=12).minimize(waves, waves.start)
    return plot.trace_1d(walk, fun=waves)


def tangents() -> Any:
    """Tangents along a walk, with their slopes."""
    well = landscapes.double_well
    walk = gw.BatchGD(learning_rate=0.02, epochs=60).minimize(well, [1.65])
    return plot.tangents(walk, fun=well)


def gradient_field() -> Any:
    """The negative gradient as arrows, and a walk that follows them."""
    walk = gw.BatchGD(learning_rate=0.01, epochs=60).minimize(landscapes.himmelblau, [0.0, 0.0])
    return plot.gradient_field(walk, fun=landscapes.himmelblau)


def plateau() -> Any:
    """The norm of the gradient on a plateau, which momentum crosses."""
    flat = landscapes.plateau
    walk = gw.BatchGD(learning_rate=1.0, epochs=4000, rule=gw.rules.Momentum(0.9))
    return plot.plateau(walk.minimize(flat, flat.start), fun=flat)


def escape_map() -> Any:
    """Which minimum each method reaches, from where."""
    return plot.escape_map(landscapes.double_well, updates=2000)


def fit_evolution() -> Any:
    """The first fitted lines, from pale to strong, and the last."""
    X, y, names = diabetes()
    model = gw.BatchGD("mse", learning_rate=0.1, epochs=60).fit(X[:, [2]].copy(), y)
    return plot.fit_evolution(model, X[:, [2]], y, feature_names=[names[2]])


def decision_boundary() -> Any:
    """The regions of the classes, and the border between them."""
    X, y, names = breast_cancer()
    model = gw.MiniBatchGD("log_loss", learning_rate=0.3, epochs=30, random_state=0)
    pair = X[:, :2].copy()
    return plot.decision_boundary(model.fit(pair, y), pair, y, feature_names=names[:2])


def learning_rate_sweep() -> Any:
    """One walk for each learning rate, from too small to too large."""
    X, y = two_features()
    return _calmly(lambda: plot.learning_rate_sweep(X, y, epochs=30))


def batch_size_sweep() -> Any:
    """One walk for each batch size, against epochs, updates and seconds."""
    X, y = two_features()
    return plot.batch_size_sweep(X, y, [1, 8, 64, 442], learning_rate=0.02)


def gradient_noise() -> Any:
    """How the gradients of random batches scatter about the full one."""
    X, y = two_features()
    return plot.gradient_noise(three()[2], X, y)


def scaling_contours() -> Any:
    """The valley of raw features beside that of standardised ones."""
    table = datasets.load_diabetes(scaled=False)
    return plot.scaling_contours(
        table.data, table.target, features=(2, 4), feature_names=table.feature_names
    )


def method_comparison() -> Any:
    """Everything that sets the three methods apart, on the digits."""
    X, y = digits()
    return plot.method_comparison(
        X=X, y=y, loss="cross_entropy", epochs=10, features=((20, 3), (21, 3))
    )


def animate() -> Any:
    """A walk in motion: on the map, on the curve, as a falling loss or as a fitted line."""
    waves = landscapes.x_cos()
    walk = gw.BatchGD(learning_rate=0.6, epochs=15).minimize(waves, waves.start)
    return plot.animate(walk, fun=waves, kind="trace", fps=6)


def helpers() -> list[str]:
    """Name the helpers of gradwalk.plot: its public functions, but for set_language.

    Raises
    ------
    LookupError
        A helper has no picture here, or a picture no helper.
    """
    names = [
        name
        for name in plot.__all__
        if callable(getattr(plot, name)) and name[0].islower() and name != "set_language"
    ]
    missing = [name for name in names if not callable(globals().get(name))]
    if missing:
        raise LookupError(
            f"no picture of {', '.join(missing)}: write a function of that name in {__file__}"
        )
    return names


def axes_of(drawn: Any) -> Any:
    """Find one of the axes in what a helper returned."""
    if isinstance(drawn, Mapping):
        drawn = list(drawn.values())
    if isinstance(drawn, np.ndarray):
        return drawn.ravel()[0]
    if isinstance(drawn, Iterable):
        return next(iter(drawn))
    return getattr(drawn, "ax", drawn)
