"""scikit-learn: SGDRegressor and SGDClassifier, with the settings that make their updates ours.

squared_error has a factor ½ that mse has not, so its learning rate is twice ours. There is nothing
for full batches; and for batches of several classes only MLPClassifier without hidden layers, which
starts from random weights and so does not do the same work.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor

from peers import Forms, fused


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give one form: fit."""
    plain: dict[str, Any] = {
        "penalty": None,
        "learning_rate": "constant",
        "tol": None,
        "shuffle": True,
    }

    def linear(epochs: int, seed: int) -> np.ndarray:
        if work.loss == "mse":
            model = SGDRegressor(
                eta0=2 * work.learning_rate, max_iter=epochs, random_state=seed, **plain
            )
        else:
            model = SGDClassifier(
                "log_loss", eta0=work.learning_rate, max_iter=epochs, random_state=seed, **plain
            )
        model.fit(X, y)
        return fused(model.intercept_, model.coef_.ravel())

    return {"fit": linear} if work.method == "sgd" else {}
