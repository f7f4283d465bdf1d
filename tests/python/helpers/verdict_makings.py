"""How the walks of `verdict_walks.py` are made, so that their kind is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import gradwalk as gw
from verdict_walks import ADAPTIVE, BETA, KINKED, LABELS, METHODS, OWN_STEPS, RULES, SQUARES, Walk


def data(rng: Any, loss: str, *, noise: float = 0.3, mean: float = 0.0, spread: float = 1.0) -> Any:
    """X with a column of ones, y, and a start of the right shape."""
    n, d = int(rng.integers(24, 48)), int(rng.integers(1, 4))
    columns = mean + rng.normal(size=(n, d)) * np.r_[1.0, np.full(d - 1, spread)]
    X = np.column_stack([np.ones(n), columns])
    theta = rng.normal(size=d + 1) * 1.5
    z = X @ theta - mean * theta[1:].sum()
    y = z + noise * rng.normal(size=n)
    init = np.zeros(d + 1)
    if loss in LABELS:
        y = (y + rng.normal(size=n) > np.median(y)).astype(int)
        y[:2] = [0, 1]
    if loss == "cross_entropy":
        y = (y + (z > np.quantile(z, 0.75))).astype(int)
        y[:3] = [0, 1, 2]
        init = np.zeros((d + 1, 3))
    if loss == "poisson":
        y = rng.poisson(np.exp(0.7 * (z - z.mean()) / z.std()))
    if loss == "perceptron":
        # It is 0 at θ = 0, whatever the data, and where a plane parts them.
        y = (z > np.median(z)).astype(int)
        init = -theta
    if loss in ("sigmoid_mse", "tanh_mse"):
        z = (z - z.mean()) / z.std()
        y = 1 / (1 + np.exp(-z)) if loss == "sigmoid_mse" else np.tanh(0.7 * z)
        y = y + 0.05 * rng.normal(size=n)
    return X, y, init


def curvatures(X: Any, loss: str, l2: float) -> tuple[float, float]:
    """Largest and smallest eigenvalue of the bound on the Hessian."""
    c = {"mse": 2, "squared_hinge": 2, "half_mse": 1, "huber": 1, "log_cosh": 1, "log_loss": 0.25}
    c |= {"poisson": 4, "cross_entropy": 0.5, "sigmoid_mse": 0.31, "tanh_mse": 2}
    values = np.linalg.eigvalsh(c.get(loss, 1) * X.T @ X / len(X)) + l2
    return float(values[-1]), float(values[0])


def penalty(loss: str) -> float:
    """So much that a minimum of a loss of labels is not far away."""
    return 0.1 if loss in LABELS and loss != "hinge" else 0.0


SMOOTH = (
    *("mse", "half_mse", "huber", "log_cosh", "poisson"),
    *("log_loss", "squared_hinge", "cross_entropy"),
)


def pick(seed: int, values: Any) -> Any:
    """One of the values, each in its turn whatever else takes turns."""
    return values[int(np.random.default_rng([seed, len(values)]).integers(len(values)))]


def converged(seed: int) -> Walk:
    """Long enough for the slowest part to shrink a thousandfold."""
    rng = np.random.default_rng([1, seed])
    method = METHODS[seed % 3]
    rule = RULES[seed // 3 % len(RULES)]
    loss = pick(seed, (*SMOOTH, "mae", "hinge", "sigmoid_mse", "tanh_mse", "perceptron"))
    X, y, init = data(rng, loss)
    l2 = penalty(loss)
    most, least = curvatures(X, loss, l2)
    if method is gw.BatchGD and loss in (*SMOOTH, "sigmoid_mse", "tanh_mse"):
        if rule in OWN_STEPS:
            rates = {"AdaGrad": 0.7, "RMSProp": 0.05, "Adam": 0.1, "AdamW": 0.1, "Adadelta": 1.0}
            rate, epochs = rates[rule], 3000
            decay = 0.998 if rule in ("RMSProp", "Adadelta") else None
        else:
            gain = 1 if rule == "plain" else 1 / (1 - BETA)
            rate, decay = rng.uniform(0.3, 0.9) / most / (1 if rule == "plain" else 2), None
            slow = {"log_loss": 0.5, "cross_entropy": 0.5}.get(loss, 1.0) * least
            slow = l2 if l2 else slow * (0.2 if loss.endswith("d_mse") or loss == "tanh_mse" else 1)
            slow = 0.1 * slow if loss in ("huber", "log_cosh", "poisson") else slow
            epochs = int(18 / (rate * slow * gain)) + 8
        return Walk(
            "converged", method, loss, X, y, init, rate, min(epochs, 20000), rule, l2, decay
        )
    # A rate that decreases to a ten-thousandth, slowly enough to arrive before.
    epochs = 240
    size = {gw.BatchGD: len(X), gw.SGD: 1, gw.MiniBatchGD: 6}[method]
    updates = epochs * -(-len(X) // size)
    rows = 1 if method is gw.SGD else 3
    bound = most if method is gw.BatchGD else most * rows
    rate = 0.5 / bound if rule not in ADAPTIVE else 0.3
    if rule in ("Momentum", "Nesterov"):
        rate *= 0.4
    if rule in ("RMSProp", "Adam", "AdamW"):
        rate = 0.1
    if loss in KINKED:
        # A slope that does not shrink wants steps as large as the way, to begin with.
        rate = 0.3 if rule in ADAPTIVE else 2.0
        epochs = 3000 if method is gw.BatchGD else 600
        updates = epochs * -(-len(X) // size)
    if rule == "Adadelta":
        rate = 1.0
    fit = {"full_loss": True} if seed % 2 else {}
    settings = {"batch_size": 6} if method is gw.MiniBatchGD else {}
    decay = 1e-4 ** (1 / updates)
    on = X, y, init
    return Walk(
        "converged", method, loss, *on, rate, epochs, rule, l2, decay, fit=fit, settings=settings
    )


def too_few(seed: int) -> Walk:
    """Stopped while the slowest part is still large, though the surface is no valley."""
    rng = np.random.default_rng([2, seed])
    loss = pick(seed, SMOOTH)
    rule = RULES[seed % len(RULES)]
    is_function = seed % 5 == 4 and loss != "cross_entropy"
    method = METHODS[seed // 6 % 3] if not is_function else gw.BatchGD
    X, y, init = data(rng, loss)
    l2 = penalty(loss)
    most, _ = curvatures(X, loss, l2)
    epochs = int(rng.integers(8, 40))
    size = {gw.BatchGD: len(X), gw.SGD: 1, gw.MiniBatchGD: 6}[method]
    updates = epochs * -(-len(X) // size)
    gain = 1 / (1 - BETA) if rule in ("Momentum", "Nesterov") else 1
    if rule == "Adadelta":
        rate = rng.uniform(0.3, 0.9)
    elif rule in ADAPTIVE:
        # A distance of about 2 in each parameter: some tenths of it.
        rate = rng.uniform(0.2, 0.4) / (updates if rule != "AdaGrad" else 2 * np.sqrt(updates))
    else:
        # About one time constant of the steepest part.
        rate = min(rng.uniform(0.4, 0.9) / (most * updates * gain), 0.9 / most)
    settings = {"batch_size": 6} if method is gw.MiniBatchGD else {}
    fit = {"full_loss": True} if seed % 2 and not is_function else {}
    on = X, y, init
    return Walk(
        "still descending",
        method,
        loss,
        *on,
        rate,
        epochs,
        rule,
        l2,
        fit=fit,
        settings=settings,
        is_function=is_function,
    )


def too_small(seed: int) -> Walk:
    """A rate at which hardly a thousandth of the way is made."""
    walk = too_few(seed + 1000)
    return replace(walk, rate=walk.rate * 10 ** -np.random.default_rng([3, seed]).uniform(2, 4))


def oscillating(seed: int) -> Walk:
    """At the edge of stability, or rattling in noise by a good part of what was gained."""
    rng = np.random.default_rng([4, seed])
    if seed % 3 == 0:
        loss = SQUARES[seed // 3 % 2]
        rule = ("plain", "Momentum", "plain", "Nesterov")[seed // 6 % 4]
        X, y, _ = data(rng, loss)
        most, _ = curvatures(X, loss, 0.0)
        limit = {"plain": 2.0, "Momentum": 2 * (1 + BETA)}.get(
            rule, 2 * (1 + BETA) / (1 + 2 * BETA)
        )
        init = np.linalg.lstsq(X, y, rcond=None)[0]
        init = init + 3 * np.linalg.eigh(X.T @ X)[1][:, -1] + 0.5 * rng.normal(size=len(init))
        epochs = int(rng.choice([60, 150, 400]))
        is_function = seed % 2 == 1 and rule == "plain"
        on = X, y, init
        return Walk(
            "oscillating",
            gw.BatchGD,
            loss,
            *on,
            limit / most,
            epochs,
            rule,
            is_function=is_function,
        )
    # Steps of single rows that nearly overshoot, down a fall that is not large beside the noise.
    loss = ("mse", "half_mse", "mae", "huber")[seed // 3 % 4]
    X, y, init = data(rng, loss, noise=1.5)
    c = {"mse": 2.0}.get(loss, 1.0)
    rate = 0.9 * 2 / (c * np.max(np.sum(X * X, axis=1)))
    method = gw.SGD if seed % 3 == 1 else gw.MiniBatchGD
    if loss == "mae":
        rate *= 2
    settings = {} if method is gw.SGD else {"batch_size": 3}
    rule = "plain"
    if seed % 4 == 3:
        rule = "RMSProp"
        rate = 0.3
    on = X, y, init
    return Walk(
        "oscillating", method, loss, *on, rate, 60, rule, settings=settings, fit={"full_loss": True}
    )


def diverging(seed: int) -> Walk:
    """Beyond the limit."""
    rng = np.random.default_rng([5, seed])
    loss = SQUARES[seed % 2]
    X, y, init = data(rng, loss)
    most, _ = curvatures(X, loss, 0.0)
    rule = ("plain", "Momentum", "Nesterov")[seed // 2 % 3]
    limit = {"plain": 2.0, "Momentum": 2 * (1 + BETA)}.get(rule, 2 * (1 + BETA) / (1 + 2 * BETA))
    if seed % 4 == 3:
        rows = np.mean(np.sum(X * X, axis=1)) * (2 if loss == "mse" else 1)
        rate = rng.uniform(5, 15) * 2 / rows
        method = METHODS[1 + seed // 4 % 2]
        settings = {"batch_size": 4} if method is gw.MiniBatchGD else {}
        return Walk("diverging", method, loss, X, y, init, rate, 8, settings=settings)
    share = 1 + 10 ** rng.uniform(-1.3, 0.3)
    epochs = int(np.clip(40 / np.log(share), 30, 800))
    is_function = seed % 8 == 0
    on = X, y, init
    return Walk(
        "diverging",
        gw.BatchGD,
        loss,
        *on,
        share * limit / most,
        epochs,
        rule,
        is_function=is_function,
    )


def valley(seed: int) -> Walk:
    """Columns that lie far from zero beside their spread."""
    rng = np.random.default_rng([6, seed])
    loss = pick(seed, ("mse", "half_mse", "huber", "mse"))
    mean = 10 ** rng.uniform(1.7, 3.2)
    X, y, init = data(rng, loss, mean=mean, noise=0.3)
    y = y + rng.choice([-1, 1]) * rng.uniform(2, 10)
    most, _ = curvatures(X, loss, 0.0)
    rule = ("plain", "plain", "Momentum", "Nesterov")[seed % 4]
    share = rng.uniform(0.4, 0.9) if rule == "plain" else rng.uniform(0.1, 0.4)
    epochs = int(rng.integers(100, 500))
    if seed % 8 == 5:
        # Not so far away that the noise of the batches hides the creeping.
        X, y, init = data(rng, loss, mean=rng.uniform(10, 30), noise=0.1)
        y = y + rng.choice([-1, 1]) * rng.uniform(2, 10)
        rows = np.max(np.sum(X * X, axis=1)) * (2 if loss == "mse" else 1)
        on = X, y, init
        return Walk(
            "narrow valley",
            gw.MiniBatchGD,
            loss,
            *on,
            0.05 / rows,
            4 * epochs,
            "plain",
            settings={"batch_size": 8},
        )
    on = X, y, init
    return Walk(
        "narrow valley",
        gw.BatchGD,
        loss,
        *on,
        share / most,
        epochs,
        rule,
        is_function=seed % 10 == 9,
    )


def plateau(seed: int) -> Walk:
    """A neuron whose rows all lie far out on the wrong side."""
    rng = np.random.default_rng([7, seed])
    loss = ("sigmoid_mse", "tanh_mse")[seed % 2]
    n, d = int(rng.integers(24, 48)), int(rng.integers(1, 4))
    X = np.column_stack([np.ones(n), rng.uniform(0.5, 1.5, size=(n, d))])
    y = np.full(n, 0.1 if seed % 2 == 0 else -0.5) + 0.02 * rng.normal(size=n)
    depth = rng.uniform(9, 14) if seed % 2 == 0 else rng.uniform(5, 8)
    init = np.full(d + 1, depth / (d + 1)) + 0.1 * rng.normal(size=d + 1)
    most, _ = curvatures(X, loss, 0.0)
    method = METHODS[seed // 2 % 3]
    rule = ("plain", "Momentum", "Nesterov")[seed // 6 % 3]
    settings = {"batch_size": 6} if method is gw.MiniBatchGD else {}
    fit = {"full_loss": True} if method is not gw.BatchGD else {}
    rate = 0.2 / most if method is not gw.BatchGD or rule != "plain" else 1 / most
    on = X, y, init
    return Walk(
        "plateau",
        method,
        loss,
        *on,
        rate / (1 if method is gw.BatchGD else len(X)),
        int(rng.choice([40, 120])),
        rule,
        settings=settings,
        fit=fit,
    )


#: How many walks of each making.
MAKINGS = {
    converged: 110,
    too_few: 80,
    too_small: 80,
    oscillating: 70,
    diverging: 60,
    valley: 60,
    plateau: 40,
}


def walked(make: Any, seed: int) -> tuple[Walk, Any]:
    """A walk and its model; where chance made it otherwise than it was meant, the next."""
    for more in range(0, 100_000, 1000):
        walk = make(seed + more)
        model = walk.run()
        if walk.is_as_made(model):
            return walk, model
    raise AssertionError(f"{make.__name__}({seed}) cannot be made")
