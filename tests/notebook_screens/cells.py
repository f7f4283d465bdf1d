"""The notebook whose pictures are taken: a name for each cell, and its code."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import gradwalk as gw

SETUP = """\
import warnings

import numpy as np
from sklearn.datasets import load_diabetes

import gradwalk as gw

warnings.simplefilter("ignore")
X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
X = (X - X.mean()) / X.std()
images = np.random.default_rng(0).normal(size=(300, 64)).astype(np.float32)
labels = np.random.default_rng(1).integers(0, 10, size=300)


def own_loss(params, X, y):
    error = X @ params - y
    return float(np.mean(error**2)), 2 / len(y) * X.T @ error"""

LOOP = """\
features, targets = X[["bmi", "bp", "s5"]].to_numpy(), y.to_numpy() / 100
w, b, lr = np.zeros(3), 0.0, 0.1
losses = []
for epoch in range(100):
    error = features @ w + b - targets
    losses.append(np.mean(error**2))
    w = w - lr * 2 * features.T @ error / len(y)
    b = b - lr * 2 * error.mean()"""

CARDS = {
    "unfitted": "gw.MiniBatchGD(learning_rate=0.05, rule=gw.rules.Adam(), batch_size=64)",
    "fitted": (
        'gw.BatchGD(learning_rate=0.1, epochs=100, random_state=0).fit(X[["bmi", "bp", "s5"]], y)'
    ),
    "stochastic": "gw.SGD(epochs=1, learning_rate=0.001, random_state=0).fit(X, y)",
    "diverged": "gw.BatchGD(learning_rate=0.6).fit(X, y)",
    "classes": 'gw.MiniBatchGD("cross_entropy", epochs=20, random_state=0).fit(images, labels)',
    "own": "gw.BatchGD(own_loss, epochs=50).fit(X.to_numpy(), y, init=np.zeros(10))",
    "history": (
        "model = gw.MiniBatchGD(learning_rate=0.02, epochs=60, random_state=0)\n"
        "model.fit(X, y, full_loss=True, validation=0.2).history_"
    ),
    "verdict": "model.history_.verdict",
    "result": (
        "gw.BatchGD(learning_rate=0.01, epochs=300).minimize(gw.landscapes.himmelblau, [0.0, 0.0])"
    ),
    "table": "gw.schedule_table(n_samples=60_000, batch_size=128, epochs=5)",
    "checked": "%load_ext gradwalk\n%gd_config theme=auto",
    "right": f"%%gd_check\n{LOOP}",
    "mistaken": "%%gd_check\n" + LOOP.replace(" / len(y)", ""),
    "race": f"%%gd_race\n{LOOP}",
    "korean": (
        'gw.set_language("ko")\n'
        "model = gw.MiniBatchGD(learning_rate=0.02, epochs=200, random_state=0).fit(X, y)\n"
        "model"
    ),
    "korean_right": f"%%gd_check\n{LOOP}",
    "korean_mistaken": "%%gd_check\n" + LOOP.replace(" / len(y)", ""),
    "korean_race": f"%%gd_race\n{LOOP}",
    "korean_diverged": "gw.SGD(learning_rate=2.0, random_state=0).fit(X, y)",
    "korean_history": "model.history_",
    "korean_result": "gw.BatchGD().minimize(lambda x: float(np.sum(x**2)), np.ones(40))",
    "korean_table": "gw.schedule_table()",
    "english": 'gw.set_language("en")',
}

#: What walks on while it is watched.
SLOW = "X_large, y_large = np.tile(X, (400, 1)), np.tile(y, 400)"
WALK = "gw.MiniBatchGD(epochs=100, learning_rate=5e-6).fit(X_large, y_large, "
LIVE = {"progress": f"{WALK}progress=True)", "live": f'{WALK}progress="live")'}
ANIMATION = {
    "animation": (
        "result = gw.BatchGD(learning_rate=0.01, epochs=40)"
        ".minimize(gw.landscapes.himmelblau, [0.0, 0.0])\n"
        "gw.plot.animate(result, fun=gw.landscapes.himmelblau)"
    ),
}


def cells() -> dict[str, str]:
    """Code by name, of what this gradwalk can do."""
    found = {"setup": SETUP, **CARDS}
    if "progress" in inspect.signature(gw.BatchGD.fit).parameters:
        found |= {"slow": SLOW, **LIVE}
    if hasattr(gw.plot, "animate"):
        found |= ANIMATION
    return found


def write_notebook(path: Path) -> dict[str, str]:
    """Write the notebook, none of it run; the id of each cell is its name."""
    code = cells()
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": name.replace("_", "-"),
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for name, source in code.items()
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return code
