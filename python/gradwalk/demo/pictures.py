"""The demo's two pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradwalk
from gradwalk import plot

from .real_data import METHODS, load, make, standardise

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

#: Two blood readings of the diabetes data that say nearly the same (correlation 0.90), so that many
#: pairs of weights predict nearly as well: a long valley. Their columns, and names for the axes.
CHOLESTEROL = {4: "total cholesterol", 5: "LDL cholesterol"}

#: Where the three paths begin: high on the valley's side.
START = (-20.0, 40.0)

PATH_SETTINGS: dict[str, dict[str, Any]] = {
    "BatchGD": {"learning_rate": 0.4, "epochs": 40},
    "SGD": {"learning_rate": 0.01, "epochs": 4},
    "MiniBatchGD": {"learning_rate": 0.1, "epochs": 12, "batch_size": 32},
}


def cholesterol() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Load the two readings, standardised, and the target less its mean: no intercept needed."""
    X, y = load("diabetes")
    return standardise(X[:, list(CHOLESTEROL)]), y - y.mean()


def walks_in_one_valley(
    X: NDArray[np.float64], y: NDArray[np.float64]
) -> list[gradwalk.GradientDescent]:
    """Let the three methods walk from `START`."""
    return [
        method("mse", fit_intercept=False, random_state=1, **PATH_SETTINGS[name]).fit(
            X, y, init=START
        )
        for name, method in METHODS.items()
    ]


def three_paths(file: Path) -> None:
    """Draw all three methods in one valley, on the map of the loss over two weights."""
    from matplotlib import figure as figures

    X, y = cholesterol()
    figure = figures.Figure(figsize=(7.0, 5.4), layout="constrained")
    ax = figure.subplots()
    walks = walks_in_one_valley(X, y)
    plot.contour_paths(walks, X, y, ax=ax, feature_names=list(CHOLESTEROL.values()))
    ax.set_title(
        "Three walks into one valley: diabetes data, two weights", loc="left", fontsize="medium"
    )
    _save(figure, file)


def loss_against_epochs_and_seconds(file: Path) -> None:
    """Show what an epoch buys each method, and what a second buys it."""
    from matplotlib import figure as figures

    X, y = load("breast cancer")
    X = standardise(X)
    walks: list[gradwalk.GradientDescent] = [
        make("breast cancer", name, epochs=30, random_state=0, record="epoch").fit(
            X, y, full_loss=True
        )
        for name in METHODS
    ]
    figure = figures.Figure(figsize=(11.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    plot.loss_vs_time(walks, ax=right, log=True, full_loss=True)
    # Last, for the axis they share has to begin at the start, which has no place in log seconds.
    plot.loss_curve(walks, ax=left, log=True, full_loss=True)
    figure.suptitle(
        "Loss against epochs and against seconds: breast-cancer data, 30 epochs each",
        fontsize="medium",
    )
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    """Write a small PNG: a palette of 256 colours is all that these pictures need."""
    from PIL import Image

    full = io.BytesIO()
    figure.savefig(full, format="png", dpi=120)
    Image.open(full).convert("RGB").quantize(colors=256).save(file, optimize=True)
