"""Walks over the same data, and a hash of all that they record."""

from __future__ import annotations

import hashlib
import warnings
from typing import Any

import numpy as np

import gradwalk as gw
from array_forms import Array
from loss_kinds import COUNTS, TWO_CLASSES

SEEDS = range(20)
THREADS = range(1, 9)
# Batches, and a walk, that are worth a second thread.
N, D, BATCH = 10_240, 100, 1024
EPOCHS = 16
MOST_WALKS = 200
LINEAR = tuple(loss for loss in gw.LOSSES if loss != "cross_entropy")
METHODS = ("BatchGD", "MiniBatchGD")
FORMS = [(layout, dtype) for dtype in ("f8", "f4") for layout in ("C", "F")]


def data(loss: str, dtype: str) -> tuple[Array, Array, Array]:
    """X, y and weights."""
    rng = np.random.default_rng(70)
    X = rng.normal(size=(N, D)).astype(dtype)
    score = X[:, :3].astype(float) @ [1.0, -2.0, 0.5] + rng.normal(size=N)
    y = np.digitize(score, [-1, 1]) if loss == "cross_entropy" else score
    if loss in (*TWO_CLASSES, *COUNTS):
        y = (score > 0).astype(int)
    return X, y, rng.uniform(0.5, 2, N)


def walk(method: str, loss: str, X: Array, y: Array, seed: int, **options: Any) -> Any:
    """Some epochs from a start of its own: BatchGD draws nothing else from the seed."""
    if method == "MiniBatchGD":
        options = {"batch_size": BATCH, **options}
    p = X.shape[1] + 1
    shape = (p, 3) if loss == "cross_entropy" else (p,)
    init = np.random.default_rng(seed).normal(size=shape) / 10
    weights = options.pop("sample_weight", None)
    model = getattr(gw, method)(
        loss, learning_rate=0.05, epochs=EPOCHS, random_state=seed, l2=0.01, **options
    )
    with warnings.catch_warnings():
        # Bits are bits, wherever the walk goes.
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        return model.fit(X, y, init=init, sample_weight=weights, full_loss=True)


def digest(model: Any) -> str:
    """A hash of θ at the end, of all θ on the way, and of the losses."""
    history = model.history_
    parts = (model.params_, history.path, history.loss, history.full_loss, history.grad_norm)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
