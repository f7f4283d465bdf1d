"""Cells that keep their rows in other things than arrays, or read them in other ways."""

import random
from functools import partial

import numpy as np

from .cell import BARE, cell, line, table

kind = partial(cell, BARE)


def lists_of_rows():
    """Three features in a list of lists."""
    held = table()
    return {"random": random, "X": held["X"].tolist(), "y": held["y"].tolist()}


def pairs():
    """Points in a list of pairs."""
    held = line()
    return {"random": random, "data": list(map(tuple, np.c_[held["x"], held["y"]].tolist()))}


def matrix():
    """Points in an array, and the numbers of its rows."""
    held = line()
    return {"np": np, "points": np.c_[held["x"], held["y"]], "rows": np.arange(40)}


def frame():
    """Points in a table with names."""
    import pandas as pd

    held = line()
    return {"np": np, "df": pd.DataFrame({"x": held["x"], "y": held["y"]})}


def counts():
    """Whole numbers."""
    rng = np.random.default_rng(9)
    X = rng.integers(0, 9, (30, 2))
    return {"np": np, "X": X, "y": X @ [3, 2]}


kind(
    "rows_of_lists_with_a_seed",
    lists_of_rows,
    """
random.seed(42)
w = [0.0, 0.0, 0.0]
b = 0.0
for epoch in range(5):
    idx = list(range(len(X)))
    random.shuffle(idx)
    for i in idx:
        e = sum(wj * xj for wj, xj in zip(w, X[i])) + b - y[i]
        for j in range(3):
            w[j] -= 0.01 * 2 * e * X[i][j]
        b -= 0.01 * 2 * e
""",
    loss="mse",
)

kind(
    "pairs_shuffled_with_a_seed",
    pairs,
    """
random.seed(1)
w, b, lr = 0.0, 0.0, 0.01
for epoch in range(5):
    random.shuffle(data)
    for a, t in data:
        w, b = w - lr * (w * a + b - t) * a, b - lr * (w * a + b - t)
""",
    loss="half_mse",
)

kind(
    "batches_of_a_list_of_pairs",
    pairs,
    """
random.seed(3)
w, b, lr = 0.0, 0.0, 0.05
for epoch in range(5):
    random.shuffle(data)
    for k in range(0, len(data), 8):
        gw, gb = 0.0, 0.0
        batch = data[k:k + 8]
        for a, t in batch:
            gw += (w * a + b - t) * a
            gb += w * a + b - t
        w, b = w - lr * gw / len(batch), b - lr * gb / len(batch)
""",
    loss="half_mse",
)

kind(
    "whole_numbers_that_are_cut_off",
    counts,
    """
w = np.array([0, 0])
lr = 1
for epoch in range(4):
    for i in np.random.permutation(len(X)):
        e = X[i] @ w - y[i]
        w = w - (lr * e * X[i]) // 100
""",
    "unrecognised",
    loss="half_mse",
)

kind(
    "columns_of_an_array_of_rows",
    matrix,
    """
w, b, lr = 0.0, 0.0, 0.02
for epoch in range(6):
    np.random.shuffle(rows)
    for i in rows:
        e = w * points[i, 0] + b - points[i, 1]
        w -= lr * e * points[i, 0]
        b -= lr * e
""",
    loss="half_mse",
)

kind(
    "rows_of_a_frame",
    frame,
    """
np.random.seed(5)
start = np.random.rand()
w, b, lr = start, 0.0, 0.02
for epoch in range(6):
    for i in np.random.permutation(len(df)):
        e = w * df['x'].iloc[i] + b - df['y'].iloc[i]
        w -= lr * e * df['x'].iloc[i]
        b -= lr * e
""",
    missing="rows",
)
