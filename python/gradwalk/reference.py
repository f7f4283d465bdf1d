"""Gradient descent in plain NumPy: what the Rust core does, slowly, and written to be read.

Read it from top to bottom: the losses, each one formula and its slope; the objective,
their mean over a batch of samples; one loop, `descend`; and the three methods, which
differ only in how many samples the loop looks at before each step.

Symbols
-------
X, y : the data, (n, d), and the targets, (n,); Y, (n, K), is y one-hot
theta : the parameters, (p,), or (p, K) for ``cross_entropy``; the intercept comes first
    when there is one (p = d + 1, else d), and w is theta without it
X_b : X with a column of ones in front when there is an intercept, (n, p)
z : the scores X_b @ theta, (n,) or (n, K)
m, eta : the number of samples in a batch, and the learning rate

Formulas between double backticks are valid Python once sigma (the logistic function),
ln and the rest mean what they usually do: the tests run them against the code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradwalk.reference_rules import RULES, Step, plain
from gradwalk.rules import Rule

__all__ = ["Walk", "batch_gd", "descend", "loss_and_grad", "mini_batch_gd", "sgd"]

Array = NDArray[np.floating[Any]]
Rows = NDArray[np.integer[Any]]
LossAndSlope = tuple[Array, Array]

# --- The losses ---------------------------------------------------------------------
# Each takes the scores and targets of some samples and returns, for every sample, the
# loss and its slope: the derivative of the loss by z. By the chain rule the gradient by
# theta is slope * x, whichever loss it is.


def mse(z: Array, y: Array) -> LossAndSlope:
    """Squared error (A. Géron, *Hands-On Machine Learning*, chapter 4).

    ``loss = (z - y)**2``, ``slope = 2*(z - y)``
    """
    residual = z - y
    return residual**2, 2 * residual


def half_mse(z: Array, y: Array) -> LossAndSlope:
    """Half the squared error: no 2 in the slope (A. Ng, CS229 lecture notes, part I).

    ``loss = (z - y)**2 / 2``, ``slope = z - y``
    """
    residual = z - y
    return residual**2 / 2, residual


def mae(z: Array, y: Array) -> LossAndSlope:
    """Absolute error (R. Koenker and G. Bassett, *Regression Quantiles*, 1978).

    ``loss = abs(z - y)``, ``slope = sign(z - y)``: at the kink z = y, where any number
    from -1 to 1 is a subgradient, sign picks 0.
    """
    residual = z - y
    return np.abs(residual), np.sign(residual)


def huber(z: Array, y: Array) -> LossAndSlope:
    """Squared near the target, absolute beyond 1 (P. J. Huber, 1964).

    ``loss = where(abs(z - y) <= 1, (z - y)**2 / 2, abs(z - y) - 1/2)``,
    ``slope = clip(z - y, -1, 1)``
    """
    residual = z - y
    far = np.abs(residual)
    return np.where(far <= 1, far**2 / 2, far - 0.5), np.clip(residual, -1, 1)


def log_cosh(z: Array, y: Array) -> LossAndSlope:
    """Huber's loss without a bend: squared near the target, absolute far away (P. J. Green, 1990).

    ``loss = ln(cosh(z - y))``, ``slope = tanh(z - y)``

    With r = z - y, cosh overflows where abs(r) + ln(1 + exp(-2*abs(r))) - ln(2) does not.
    """
    residual = z - y
    return softplus(-2 * np.abs(residual)) + np.abs(residual) - np.log(2), np.tanh(residual)


def poisson(z: Array, y: Array) -> LossAndSlope:
    """Minus the log probability of a count (McCullagh, Nelder, *Generalized Linear Models*, 1989).

    ``loss = exp(z) - y*z``, ``slope = exp(z) - y``

    The count is at least 0, its mean exp(z). A term ln(y!), which no z changes, is left out.
    """
    mean = np.exp(z)
    return mean - y * z, mean - y


def log_loss(z: Array, y: Array) -> LossAndSlope:
    """Minus the log probability of the label 0 or 1 (C. M. Bishop, *PRML*, 4.3.2).

    ``loss = -y*ln(sigma(z)) - (1 - y)*ln(1 - sigma(z))``, ``slope = sigma(z) - y``

    As written, ln(0) turns up once sigma rounds to 0 or 1. With the label as a sign s,
    -1 (from 0 or -1) or 1, the same two never overflow: softplus(-s*z) and -s*sigma(-s*z).
    """
    s = signs(y)
    return softplus(-s * z), -s * sigmoid(-s * z)


def hinge(z: Array, y: Array) -> LossAndSlope:
    """Zero past a margin of 1 (C. Cortes, V. Vapnik, *Support-Vector Networks*, 1995).

    ``loss = maximum(0, 1 - s*z)``, ``slope = where(1 - s*z > 0, -s, 0)``, where s is
    the label as a sign: 1 stays 1, and both 0 and -1 are -1.
    """
    s = signs(y)
    shortfall = 1 - s * z
    return np.maximum(0, shortfall), np.where(shortfall > 0, -s, 0)


def squared_hinge(z: Array, y: Array) -> LossAndSlope:
    """Hinge without the kink (R.-E. Fan et al., *LIBLINEAR*, 2008: the L2-loss SVM).

    ``loss = maximum(0, 1 - s*z)**2``, ``slope = -2*s*maximum(0, 1 - s*z)``
    """
    s = signs(y)
    shortfall = np.maximum(0, 1 - s * z)
    return shortfall**2, -2 * s * shortfall


def perceptron(z: Array, y: Array) -> LossAndSlope:
    """Zero on the right side of the border (F. Rosenblatt, *The Perceptron*, 1958).

    ``loss = maximum(0, -s*z)``, ``slope = where(s*z > 0, 0, -s)``: at the kink z = 0
    a sample counts as wrong, or a walk from zeros would never begin.
    """
    s = signs(y)
    return np.maximum(0, -s * z), np.where(s * z > 0, 0, -s)


def cross_entropy(z: Array, Y: Array) -> LossAndSlope:
    """Minus the log of the class's softmax probability (C. M. Bishop, *PRML*, 4.3.4).

    ``P = exp(z) / sum(exp(z))``, ``loss = -sum(Y*ln(P))``, ``slope = P - Y``

    Each sum runs over one sample's K classes. Taking its largest score off all of its
    scores first changes no probability, and keeps exp from overflowing.
    """
    shifted = z - z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(Y * log_P).sum(axis=1), np.exp(log_P) - Y


def sigmoid_mse(z: Array, y: Array) -> LossAndSlope:
    """Squared error of a sigmoid, flat far from z = 0 (D. Rumelhart et al., *Nature* 323, 1986).

    ``loss = (sigma(z) - y)**2``, ``slope = 2*(sigma(z) - y)*sigma(z)*(1 - sigma(z))``
    """
    a = sigmoid(z)
    # 1 - sigma(z) is sigma(-z), which keeps its digits where sigma(z) rounds to 1.
    return (a - y) ** 2, 2 * (a - y) * a * sigmoid(-z)


def tanh_mse(z: Array, y: Array) -> LossAndSlope:
    """Squared error of a tanh, flat far from z = 0 (Y. LeCun et al., *Efficient BackProp*, 1998).

    ``loss = (tanh(z) - y)**2``, ``slope = 2*(tanh(z) - y)*(1 - tanh(z)**2)``
    """
    a = np.tanh(z)
    return (a - y) ** 2, 2 * (a - y) * (1 - a**2)


LOSSES = {
    "mse": mse,
    "half_mse": half_mse,
    "mae": mae,
    "huber": huber,
    "log_cosh": log_cosh,
    "poisson": poisson,
    "log_loss": log_loss,
    "hinge": hinge,
    "squared_hinge": squared_hinge,
    "perceptron": perceptron,
    "cross_entropy": cross_entropy,
    "sigmoid_mse": sigmoid_mse,
    "tanh_mse": tanh_mse,
}
TWO_CLASSES = ("log_loss", "hinge", "squared_hinge", "perceptron")


def sigmoid(z: Array) -> Array:
    """Logistic function ``1 / (1 + exp(-z))``, with exp of negative numbers only."""
    decay: Array = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, decay) / (1 + decay)


def softplus(z: Array) -> Array:
    """Smooth ramp ``ln(1 + exp(z))``, with exp of negative numbers only."""
    ramp: Array = np.maximum(z, 0)
    return ramp + np.log1p(np.exp(-np.abs(z)))


def signs(y: Array) -> Array:
    """Labels 0/1 or -1/1 as the signs -1/1."""
    return np.where(y > 0, 1, -1).astype(y.dtype)


# --- The objective: the mean loss of a batch, plus the penalty ------------------------


@dataclass(frozen=True)
class Problem:
    """The data in the form that the formulas want, read and checked once."""

    X_b: Array
    y: Array  # (n, K) for cross_entropy
    weights: Array  # of each sample, divided by their mean
    loss: Callable[[Array, Array], LossAndSlope]
    l2: float
    w: slice  # the part of theta that is not the intercept
    shape: tuple[int, ...]  # of theta

    def objective(self, theta: Array, rows: Rows) -> tuple[float, Array]:
        """Objective of the m samples in `rows`, and its gradient by theta.

        ``f = sum(s/mean_s * loss) / m + l2/2 * sum(w**2)``
        ``grad = X_b.T @ (s/mean_s * slope) / m + l2 * w_or_0``

        s are the weights of these samples and mean_s the mean weight of *all* samples,
        so that batches average to the whole. The intercept is not penalised: its row of
        w_or_0 is 0. (L. Bottou et al., *SIAM Review* 60, 2018, sections 2 and 3.)
        """
        m = len(rows)
        X_b, s = self.X_b[rows], self.weights[rows]
        losses, slopes = self.loss(X_b @ theta, self.y[rows])
        value = np.sum(s * losses, dtype=np.float64) / m
        value += self.l2 / 2 * np.sum(theta[self.w] ** 2, dtype=np.float64)
        # Transposed, because a sample's weight multiplies all K of its slopes.
        grad = X_b.T @ (s * slopes.T).T / m
        grad[self.w] += self.l2 * theta[self.w]
        return float(value), grad

    def read_theta(self, params: ArrayLike) -> Array:
        """`params` in the right shape and in the data's dtype, as a fresh array."""
        theta = np.array(params, self.X_b.dtype)
        fits = theta.shape in (self.shape, (np.prod(self.shape),))
        expect(fits, "theta", f"shape {self.shape}", theta.shape)
        return theta.reshape(self.shape)

    def read_rows(self, rows: ArrayLike) -> Rows:
        """Row numbers as an integer array; NumPy's negative ones are refused."""
        index, n = np.asarray(rows), len(self.X_b)
        fits = index.ndim == 1 and index.size > 0 and index.dtype.kind in "iu"
        fits = fits and index.min() >= 0 and index.max() < n
        expect(fits, "rows", f"whole numbers from 0 to {n - 1}", index)
        return index


def read_problem(
    X: ArrayLike,
    y: ArrayLike,
    loss: str,
    sample_weight: ArrayLike | None,
    l2: float,
    fit_intercept: bool,
    theta: ArrayLike | None,
    n_classes: int | None = None,
) -> Problem:
    """Check the arguments; float32 data stays float32, the rest becomes float64."""
    X, y = np.asarray(X), np.asarray(y)
    n, d = X.shape if X.ndim == 2 else (0, 0)
    expect(n * d > 0, "X", "shape (n, d); one feature is X.reshape(-1, 1)", X.shape)
    y = y.reshape(n) if y.shape == (n, 1) else y
    fits = y.shape == (n,) or (y.shape[:1] == (n,) and loss == "cross_entropy")
    expect(fits, "y", f"one target for each of {n} rows", y.shape)
    s = np.ones(n) if sample_weight is None else np.asarray(sample_weight, np.float64)
    fits = s.shape == (n,) and s.min() >= 0 and s.max() > 0
    expect(fits, "sample_weight", f"{n} numbers >= 0, not all 0", s)
    expect(loss in LOSSES, "loss", f"one of {', '.join(LOSSES)}", loss)

    p = d + int(fit_intercept)
    shape: tuple[int, ...] = (p,)
    if loss in TWO_CLASSES:
        fits = any(set(np.unique(y)) <= labels for labels in ({0, 1}, {-1, 1}))
        expect(fits, "y", "the labels 0 or 1, or -1 or 1", np.unique(y))
    if loss == "poisson":
        expect(y.min() >= 0, "y", "numbers >= 0", y.min())
    if loss == "cross_entropy":
        K = y.shape[1] if y.ndim == 2 else int(y.max()) + 1
        K = K if theta is None else np.size(theta) // p
        K = K if n_classes is None else n_classes
        shape = (p, K)
        y = y[:, None] == np.arange(K) if y.ndim == 1 else y
        fits = y.shape == (n, K) and set(np.unique(y)) <= {0, 1}
        fits = fits and bool((y.sum(axis=1) == 1).all())
        expect(fits, "y", f"labels 0 ... {K - 1}, or one-hot rows of {K}", y)

    dtype = np.float32 if X.dtype == np.float32 else np.float64
    X_b: Array = np.column_stack([np.ones((n, p - d)), X]).astype(dtype)
    Y: Array = y.astype(dtype)
    weights: Array = (s / s.mean()).astype(dtype)
    return Problem(X_b, Y, weights, LOSSES[loss], float(l2), slice(p - d, None), shape)


def expect(fits: bool, name: str, expected: str, got: object) -> None:
    """Refuse an argument that does not fit, saying what would."""
    if not fits:
        raise ValueError(f"{name}: expected {expected}; got {got!r}.")


def loss_and_grad(
    X: ArrayLike,
    y: ArrayLike,
    params: ArrayLike,
    *,
    loss: str = "mse",
    rows: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    l2: float = 0.0,
    fit_intercept: bool = True,
) -> tuple[float, Array]:
    """Objective and its gradient at `params`: one evaluation, no step.

    Parameters
    ----------
    X, y : the data, (n, d), and the targets, (n,), or one-hot (n, K)
    params : theta, (p,), or (p, K), which may come flat
    loss : the name of one of the losses
    rows : the row numbers of a batch, repeats allowed; None is all rows
    sample_weight : (n,), none negative; None weighs all samples alike
    l2 : strength of the penalty on w
    fit_intercept : whether theta starts with an intercept

    Returns
    -------
    The objective, a float, and its gradient, (p,) or (p, K), by the formulas of
    `Problem.objective`.

    Raises
    ------
    ValueError
        When an argument does not fit; the message names it and says what would.
    """
    problem = read_problem(X, y, loss, sample_weight, l2, fit_intercept, params)
    batch = problem.read_rows(np.arange(len(problem.X_b)) if rows is None else rows)
    return problem.objective(problem.read_theta(params), batch)


# --- The loop -------------------------------------------------------------------------


@dataclass(frozen=True)
class Walk:
    """What `descend` saw on its way, E being the number of epochs."""

    params: Array  # theta at the end
    path: Array  # (n_updates + 1, ...): theta at the start and after each update
    update_loss: NDArray[np.float64]  # (n_updates,): f just before each update
    loss: NDArray[np.float64]  # (E,): the mean of each epoch's update_loss
    n_updates: int


Order = Sequence[ArrayLike] | NDArray[np.integer[Any]]
LearningRate = float | Callable[[int], float]


def descend(
    X: ArrayLike,
    y: ArrayLike,
    *,
    batch_size: int | None,
    drop_last: bool = False,
    order: Order | None = None,
    shuffle: np.random.Generator | None = None,
    loss: str = "mse",
    learning_rate: LearningRate = 0.01,
    epochs: int = 100,
    rule: Rule | None = None,
    l1: float = 0.0,
    l1_step: str = "proximal",
    l2: float = 0.0,
    fit_intercept: bool = True,
    sample_weight: ArrayLike | None = None,
    init: ArrayLike | None = None,
    n_classes: int | None = None,
) -> Walk:
    """Walk downhill, one batch after another: ``theta_next = theta - eta * grad``, or by a rule.

    Parameters
    ----------
    X, y, loss, l2, fit_intercept, sample_weight : as in `loss_and_grad`
    batch_size : samples for each update; None, or more than n, is all n
    drop_last : leave out an epoch's last batch when it is short
    order : the rows to visit, one array for each epoch
    shuffle : draws a permutation for each epoch, unless there is an order; None visits
        the rows as they lie
    learning_rate : eta, or a function that gives it for each update t = 0, 1, 2, ...
    epochs : how many passes to make
    rule : how theta moves, one of `gradwalk.rules`; None is the formula above
    l1 : strength of the l1 penalty on w
    l1_step : "proximal", by soft thresholding after each step, or "subgradient", by
        ``l1*sign(w)`` in the gradient
    init : theta to start from; None is zeros
    n_classes : K for ``cross_entropy``; None reads it from `init`, else from y

    Returns
    -------
    Walk
        A walk that diverges goes on, through inf to NaN; NumPy warns of the overflow.

    Raises
    ------
    ValueError
        When an argument does not fit; the message names it and says what would.
    """
    problem = read_problem(X, y, loss, sample_weight, l2, fit_intercept, init, n_classes)
    theta = problem.read_theta(np.zeros(problem.shape) if init is None else init)
    n = len(problem.X_b)
    size = n if batch_size is None else min(batch_size, n)
    if order is not None:
        expect(len(order) == epochs, "order", f"rows for {epochs} epochs", len(order))

    is_w = np.zeros_like(theta)
    is_w[problem.w] = 1
    lasso = theta.dtype.type(l1) * is_w
    by_sign = l1_step == "subgradient"
    step, take = Step(0 * lasso if by_sign else lasso, is_w), plain
    if rule is not None:
        take = partial(RULES[type(rule).__name__], **vars(rule))

    t, path, update_loss, epoch_loss = 0, [theta], [], []
    for epoch in range(epochs):
        if order is not None:
            rows = problem.read_rows(order[epoch])
        else:
            rows = np.arange(n) if shuffle is None else shuffle.permutation(n)
        expect(len(rows) >= size or not drop_last, "order", f"{size} rows or more", len(rows))
        losses, sizes = [], []
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            if drop_last and len(batch) < size:
                break
            loss_before, grad = problem.objective(theta, batch)
            loss_before += l1 * float(np.sum(np.abs(theta[problem.w]), dtype=np.float64))
            grad = grad + lasso * np.sign(theta) if by_sign else grad
            eta = learning_rate(t) if callable(learning_rate) else learning_rate
            t = t + 1
            step.eta, step.k = theta.dtype.type(eta), t
            theta = take(theta, grad, step)
            losses.append(loss_before)
            sizes.append(len(batch))
            path.append(theta)
        update_loss.extend(losses)
        # Each is a mean over its rows: the mean over all of them weighs it by their number.
        epoch_loss.append(np.average(losses, weights=sizes))

    return Walk(theta, np.array(path), np.array(update_loss), np.array(epoch_loss), t)


# --- The three methods: the same loop with batches of n, 1 and b samples --------------


class Settings(TypedDict, total=False):
    """What the three methods hand on to `descend`, where the defaults are."""

    loss: str
    learning_rate: LearningRate
    epochs: int
    rule: Rule | None
    l1: float
    l1_step: str
    l2: float
    fit_intercept: bool
    sample_weight: ArrayLike | None
    init: ArrayLike | None
    n_classes: int | None
    order: Order | None


def batch_gd(X: ArrayLike, y: ArrayLike, **settings: Unpack[Settings]) -> Walk:
    """Batch gradient descent: all n samples for each update, one update an epoch.

    See `descend`. (A.-L. Cauchy, *Méthode générale pour la résolution des systèmes
    d'équations simultanées*, 1847.)
    """
    return descend(X, y, batch_size=None, **settings)


def sgd(
    X: ArrayLike,
    y: ArrayLike,
    *,
    random_state: int | None = None,
    **settings: Unpack[Settings],
) -> Walk:
    """Stochastic gradient descent: one sample for each update, n updates an epoch.

    `random_state` seeds the permutations; for the rest see `descend`.
    (H. Robbins and S. Monro, *A Stochastic Approximation Method*, 1951.)
    """
    rng = np.random.default_rng(random_state)
    return descend(X, y, batch_size=1, shuffle=rng, **settings)


def mini_batch_gd(
    X: ArrayLike,
    y: ArrayLike,
    *,
    batch_size: int = 32,
    drop_last: bool = False,
    random_state: int | None = None,
    **settings: Unpack[Settings],
) -> Walk:
    """Mini-batch gradient descent: b samples for each update, ceil(n / b) an epoch.

    `random_state` seeds the permutations; for the rest see `descend`.
    (L. Bottou et al., *SIAM Review* 60, 2018, section 3.)
    """
    rng, b = np.random.default_rng(random_state), batch_size
    return descend(X, y, batch_size=b, drop_last=drop_last, shuffle=rng, **settings)
