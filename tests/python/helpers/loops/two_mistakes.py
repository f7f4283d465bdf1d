"""Two mistakes in one loop: unequal, and no single diagnosis is right."""

import numpy as np

from gradwalk import MiniBatchGD
from loops.loop import TWO_MISTAKES, Data, bound, loop


def student(X, y, theta, lr, epochs, batch_size, order, l2, *, loss, mistakes):
    A, first, path = np.c_[np.ones(len(X)), X], theta, []
    old, kept = theta, 0.0
    for rows in order[:1].repeat(epochs, 0) if "once" in mistakes else order:
        for i in range(0, len(y), batch_size):
            k = rows[i : i + batch_size]
            if "dropped" in mistakes and len(k) < batch_size:
                continue
            z = A[k] @ (old if "stale" in mistakes else theta)
            link = loss == "log_loss" and "no sigmoid" not in mistakes
            r = (1 / (1 + np.exp(-z)) if link else z) - y[k]
            r = (2 if loss == "mse" else 1) * (r**2 if "squared" in mistakes else r)
            m = {"over n": len(y), "sum": 1, "over b": batch_size}
            g = A[k].T @ r / next((m[name] for name in mistakes if name in m), len(k))
            g = g + l2 * theta * (np.arange(len(theta)) > 0 if "all" not in mistakes else 1)
            g = g / 2 if "half" in mistakes else g
            g = g.mean() * np.ones(len(g)) if "scalar" in mistakes else g
            if "adds up" in mistakes:
                g = kept = kept + g
            old, theta = theta, theta + (lr if "uphill" in mistakes else -lr) * g
            if "bias" in mistakes:
                theta[0] = first[0]
            path.append(theta)
    return path


PAIRS = """mse: uphill, over n
mse: bias, sum
mse: half, dropped
mse: once, over b
mse: stale, half
mse: scalar, uphill
mse: adds up, bias
mse: squared, half
mse: all, half
mse: dropped, bias
half_mse: stale, bias
half_mse: once, bias
half_mse: over n, dropped
half_mse: all, uphill
half_mse: scalar, stale
log_loss: no sigmoid, uphill
log_loss: no sigmoid, bias
log_loss: over n, stale
log_loss: adds up, half
log_loss: once, all"""

for line in PAIRS.splitlines():
    loss, pair = line.split(": ")
    mistakes = tuple(pair.split(", "))
    data = Data(kind="zero_one" if loss == "log_loss" else "real")
    loop(TWO_MISTAKES, "", MiniBatchGD, loss, data, batch_size=5, l2=0.3, returns="path",
         learning_rate=0.01, start=True)(
        bound(student, pair.replace(", ", "_and_").replace(" ", "_"), loss=loss, mistakes=mistakes)
    )  # fmt: skip
