"""The real data of the demo and of its tests, and the settings that each method is given.

Three data sets that come with scikit-learn, every feature standardised:

=============  ======  ========  ===============================================================
diabetes       442     10        progression of the disease after a year, a number: ``mse``
breast cancer  569     30        benign or malignant: ``log_loss``
digits         1,797   64        handwritten 0 to 9, 8 × 8 pixels: ``cross_entropy``
=============  ======  ========  ===============================================================
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

import gradwalk

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOSSES: dict[str, Any] = {"diabetes": "mse", "breast cancer": "log_loss", "digits": "cross_entropy"}

METHODS: dict[str, type[gradwalk.BatchGD | gradwalk.SGD | gradwalk.MiniBatchGD]] = {
    "BatchGD": gradwalk.BatchGD,
    "SGD": gradwalk.SGD,
    "MiniBatchGD": gradwalk.MiniBatchGD,
}

#: Learning rate, epochs and batch size of each walk, chosen so that each ends close to its valley's
#: floor. η of BatchGD stays below 2 / L, the largest rate that is stable.
SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "diabetes": {
        "BatchGD": {"learning_rate": 0.2, "epochs": 1000},
        "SGD": {"learning_rate": 0.001, "epochs": 50},
        "MiniBatchGD": {"learning_rate": 0.01, "epochs": 100, "batch_size": 32},
    },
    "breast cancer": {
        "BatchGD": {"learning_rate": 0.5, "epochs": 500},
        "SGD": {"learning_rate": 0.01, "epochs": 30},
        "MiniBatchGD": {"learning_rate": 0.1, "epochs": 50, "batch_size": 32},
    },
    "digits": {
        "BatchGD": {"learning_rate": 0.5, "epochs": 200},
        "SGD": {"learning_rate": 0.01, "epochs": 10},
        "MiniBatchGD": {"learning_rate": 0.1, "epochs": 30, "batch_size": 32},
    },
}

SEEDS = range(5)
TEST_SHARE = 1 / 3


@dataclasses.dataclass(frozen=True)
class Promise:
    """What a method must reach on rows it has not seen, for every seed."""

    dataset: str
    method: str
    least: float | None  # accuracy; None: R² no further than `within` from ordinary least squares
    within: float = 0.005


PROMISES = (
    *(Promise("digits", method, 0.94) for method in METHODS),
    *(Promise("breast cancer", method, 0.95) for method in METHODS),
    Promise("diabetes", "BatchGD", None),
)


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """A score on the held-out third, and the range where it had to lie."""

    score: float
    least: float
    most: float = 1.0

    @property
    def kept(self) -> bool:
        """Whether it lies there."""
        return self.least <= self.score <= self.most


def load(dataset: str) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """X as it comes, C-ordered float64, and y."""
    from sklearn import datasets

    loaders = {
        "diabetes": datasets.load_diabetes,
        "breast cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
    }
    X, y = loaders[dataset](return_X_y=True)
    return np.ascontiguousarray(X, dtype=np.float64), y


def standardise(
    X: NDArray[np.float64], like: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Each column less its mean, over its standard deviation, both taken from the rows of `like`.

    A column that never changes (a corner pixel of the digits) has no spread: it becomes zeros.
    """
    like = X if like is None else like
    spread = like.std(axis=0)
    return np.ascontiguousarray((X - like.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def make(dataset: str, method: str, **settings: Any) -> gradwalk.GradientDescent:
    """Make a model with the settings above; `settings` come on top."""
    return METHODS[method](LOSSES[dataset], **{**SETTINGS[dataset][method], **settings})


def held_out(promise: Promise, seed: int) -> HeldOut:
    """Train on two thirds, score on the third that `seed` holds out.

    Splits are stratified: by class, or for diabetes, which has none, by quarter of the target.
    """
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import train_test_split

    X, y = load(promise.dataset)
    strata = y if promise.least is not None else np.digitize(y, np.quantile(y, [0.25, 0.5, 0.75]))
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=TEST_SHARE, random_state=seed, stratify=strata
    )
    X_train, X_test = standardise(X_train), standardise(X_test, like=X_train)
    model = make(promise.dataset, promise.method, random_state=seed, record=None).fit(
        X_train, y_train
    )
    score = float(model.score(X_test, y_test))
    if promise.least is not None:
        return HeldOut(score, promise.least)
    exact = float(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
    return HeldOut(score, exact - promise.within, exact + promise.within)
