"""gradwalk, at its defaults: what a user writes."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradwalk as gw
from peers import Forms


def forms(work: Any, X: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> Forms:
    """Give one form: fit."""
    settings: dict[str, Any] = {"learning_rate": work.learning_rate}
    if "n_threads" in options:
        settings["n_threads"] = options["n_threads"]
    method: type[gw.GradientDescent] = {"batch": gw.BatchGD, "sgd": gw.SGD}.get(
        work.method, gw.MiniBatchGD
    )
    if work.method == "mini":
        settings["batch_size"] = work.batch_size
    callback = {"callback": lambda step: None} if options.get("callback") else {}

    def fit(epochs: int, seed: int) -> np.ndarray:
        model = method(work.loss, epochs=epochs, random_state=seed, **settings)
        return model.fit(X, y, **callback).params_

    return {"fit": fit}
