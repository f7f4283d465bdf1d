"""Mistakes in the gradient and the step of a loop, each a `Hypothesis` to be replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from gradwalk.reference import sigmoid

from .loop_state import state
from .replay import Gradient, Hypothesis, Now, data_gradient, penalty, right_gradient
from .returned import Floats
from .task import Task


def hypotheses(task: Task) -> Iterator[Hypothesis]:
    """Give what may be wrong in the gradient and the step, the commonest first."""
    yield from _scales(task)
    yield from _slopes(task)
    yield from _bias(task)
    yield from _places(task)
    yield from state(task)
    yield from _numbers(task)


def scaled(factor: Callable[[Now], float], where: str, with_penalty: bool) -> Gradient:
    """Return the gradient times a factor: all of it, or w or b, and with the penalty or without."""

    def gradient(task: Task, now: Now) -> Floats:
        scale = factor(now)
        if with_penalty:
            found = scale * right_gradient(task, now)
        else:
            found = scale * data_gradient(task, now) + penalty(task, now.theta)
        if where:
            kept = slice(0, 1) if where == "w" else slice(1, None)
            found[kept] = right_gradient(task, now)[kept]
        return found

    return gradient


def penalty_scaled(factor: Callable[[Now], float]) -> Gradient:
    """Return the gradient whose penalty has another strength."""

    def gradient(task: Task, now: Now) -> Floats:
        return data_gradient(task, now) + factor(now) * penalty(task, now.theta)

    return gradient


def _over(now: Now, wide: int, is_sum: bool) -> float:
    return (now.m if is_sum else 1) / wide


def _scales(task: Task) -> Iterator[Hypothesis]:
    n, m = task.n, task.size
    p = task.problem.X_b.shape[1]
    d = p - (task.problem.w.start or 0)
    K = task.start.shape[1] if task.start.ndim == 2 else 0
    factors: list[tuple[str, Callable[[Now], float]]] = [
        ("factor ½", lambda _: 0.5),
        ("factor 2", lambda _: 2.0),
        ("wrong sign", lambda _: -1.0),
    ]
    if m > 1:  # a row is its own mean
        factors += [("not divided", lambda now: now.m), ("divided twice", lambda now: 1 / now.m)]
        if task.loss == "mse":  # both the 2 and the division are gone
            factors.append(("not divided", lambda now: now.m / 2))
        if n % m:
            factors.append(("short batch divided by batch_size", lambda now: now.m / m))
    if m < n:
        factors.append(("divided by n", lambda now: now.m / n))
    sizes = {"divided by classes": [K] if K else [], "divided by features": {d, p} - {1}}
    for name, wides in sizes.items():
        for wide in wides:
            factors += [(name, partial(_over, wide=wide, is_sum=True))]
            factors += [(name, partial(_over, wide=wide, is_sum=False))]
    for where in ("", "w", "b") if task.problem.w.start == 1 else ("",):
        for with_penalty in (True, False) if task.problem.l2 and where != "b" else (True,):
            for name, factor in factors:
                told = "bias stepped twice" if (where, name) == ("b", "factor 2") else name
                wide = getattr(factor, "keywords", {}).get("wide", d)
                figures = {"features": wide, "where": where}
                yield Hypothesis(told, scaled(factor, where, with_penalty), figures=figures)

    def summed(task: Task, now: Now, times: float = 1.0) -> Floats:
        total = times * penalty(task, now.theta)
        for k in range(0, now.m, task.size):
            part = slice(k, k + task.size)
            total = total + data_gradient(
                task, Now(now.theta, now.theta, now.X[part], now.y[part], 0, 0, 0)
            )
        return total

    if task.size < task.n:
        whole = lambda task: [[(rows, rows)] for rows in task.order]  # noqa: E731
        batches = -(-task.n // task.size)
        yield Hypothesis("summed over batches", summed, plan=whole)
        yield Hypothesis("summed over batches", partial(summed, times=batches), plan=whole)

        def of_all(task: Task, now: Now) -> Floats:
            return now.m * right_gradient(task, now)

        yield Hypothesis("summed over batches", of_all, plan=whole)

    def averaged(task: Task, now: Now, of: slice, by: float) -> Floats:
        gradient = right_gradient(task, now)
        gradient[of] = gradient[of].mean(axis=0 if K else None) * by
        return gradient

    def all_averaged(task: Task, now: Now) -> Floats:
        gradient = right_gradient(task, now)
        return np.full_like(gradient, gradient.mean())

    yield Hypothesis("averaged over coordinates", all_averaged)
    for of in (slice(None), task.problem.w):
        size = len(range(p)[of])
        for by in (1.0, float(size)):
            if size > 1:
                yield Hypothesis("averaged over coordinates", partial(averaged, of=of, by=by))


def _as_it_is(_: Now) -> float:
    return 1.0


def with_slopes(
    slopes: Callable[[Now, Floats], Floats],
    of_w: Callable[[Now], float] = _as_it_is,
    of_b: Callable[[Now], float] = _as_it_is,
) -> Gradient:
    """Return the gradient that has other slopes ∂ℓ/∂z, in w and in b times something."""

    def gradient(task: Task, now: Now) -> Floats:
        found: Floats = now.X.T @ slopes(now, now.X @ now.theta) / now.m
        found[task.problem.w] *= of_w(now)
        found[: task.problem.w.start] *= of_b(now)
        return found + penalty(task, now.theta)

    return gradient


def _softmax(z: Floats, axis: int | None = 1) -> Floats:
    powers = np.exp(z - np.max(z, axis=axis, keepdims=True))
    found: Floats = powers / powers.sum(axis=axis, keepdims=True)
    return found


def _identity(z: Floats) -> Floats:
    return z


#: Losses whose slope is c(p − y) with p = link(z): c and the link.
OF_OUTPUT: dict[str, tuple[float, Callable[[Floats], Floats]]] = {
    "mse": (2.0, _identity),
    "half_mse": (1.0, _identity),
    "log_loss": (1.0, sigmoid),
    "poisson": (1.0, np.exp),
    "cross_entropy": (1.0, _softmax),
}
#: What stands in the place of p.
OUTPUTS: dict[str, list[tuple[str, Callable[[Floats], Floats]]]] = {
    "log_loss": [
        ("no sigmoid", _identity),
        ("probabilities as scores", lambda z: sigmoid(sigmoid(z))),
    ],
    "cross_entropy": [
        ("no softmax", _identity),
        ("no softmax", sigmoid),
        ("probabilities as scores", lambda z: _softmax(_softmax(z))),
        ("softmax over rows", partial(_softmax, axis=0)),
        ("softmax over rows", partial(_softmax, axis=None)),
    ],
}
#: The slope of the usual margin losses, by the margin and the factor before z in it.
OF_MARGIN: dict[str, Callable[[Floats], Floats]] = {
    "perceptron": lambda margin: -1.0 * (margin <= 0),
    "hinge": lambda margin: -1.0 * (margin < 1),
    "squared_hinge": lambda margin: -2.0 * np.maximum(0, 1 - margin),
}


def _residual(
    now: Now, z: Floats, link: Callable[[Floats], Floats], by: float = 1.0, power: int = 1
) -> Floats:
    found: Floats = by * (link(z) - now.y) ** power
    return found


def _of_squared_error(now: Now, z: Floats, by: float) -> Floats:
    found: Floats = by * (sigmoid(z) - now.y) * sigmoid(z) * sigmoid(-z)
    return found


def _slopes(task: Task) -> Iterator[Hypothesis]:
    loss, kind = task.problem.loss, task.loss
    c, link = OF_OUTPUT.get(kind, (1.0, _identity))
    found: list[tuple[str, Callable[[Now, Floats], Floats]]] = []
    for name, output in OUTPUTS.get(kind, []):
        found.append((name, partial(_residual, link=output)))
    if kind == "log_loss":
        found += [
            ("labels −1 and 1", lambda now, z: np.tanh(z) - (2 * now.y - 1)),
            ("labels −1 and 1", lambda now, z: -now.y * sigmoid(-now.y * z)),
            ("squared error as slope", partial(_of_squared_error, by=1)),
            ("squared error as slope", partial(_of_squared_error, by=2)),
        ]
    if kind in ("log_loss", "cross_entropy"):
        found.append(("labels −1 and 1", lambda now, z: link(z) - (2 * now.y - 1)))
        for base in (2, 10):
            scaled_by = partial(_residual, link=link, by=1 / np.log(base))
            found.append(("log of another base", scaled_by))
    if kind in OF_MARGIN:
        # 0 and 1 where the formula has the signs.
        slope = OF_MARGIN[kind]
        found.append(("labels −1 and 1", lambda now, z: (now.y > 0) * slope((now.y > 0) * z)))
    elif kind in OF_OUTPUT or kind in ("mae", "huber", "log_cosh"):
        for by in (1.0, 2.0, 0.5):
            squared = partial(_residual, link=link, by=by, power=2)
            found.append(("squared error as slope", squared))
    if task.start.ndim == 2:
        found += [
            ("loss as slope", lambda now, z: loss(z, now.y)[0][:, None] + 0 * z),
            ("loss as slope", lambda now, z: -now.y * np.log(_softmax(z))),
        ]
    elif kind != "mse":  # there it is the squared error
        found.append(("loss as slope", lambda now, z: loss(z, now.y)[0]))
    # A column against a row: each row's residual is taken against all targets.
    scales: list[Callable[[Now], float]] = [_as_it_is]
    if task.size > 1 and task.start.ndim == 1 and kind in OF_OUTPUT:
        scales += [lambda now: float(now.m), lambda now: 1 / now.m]
        for slopes in (
            lambda now, z: c * (link(z) - now.y.mean()),
            lambda now, z: c * (link(z).mean() - now.y),
            lambda now, z: c * np.full(now.m, (link(z) - now.y).mean()),
        ):
            for of_w, of_b in product(scales, scales):
                yield Hypothesis("column against row", with_slopes(slopes, of_w, of_b))
    for name, slopes in found:
        yield Hypothesis(name, with_slopes(slopes))


def _bias(task: Task) -> Iterator[Hypothesis]:
    if task.problem.w.start != 1:
        return

    def still(task: Task, now: Now) -> Floats:
        gradient = right_gradient(task, now)
        gradient[0] = 0
        return gradient

    def penalised(task: Task, now: Now) -> Floats:
        gradient = right_gradient(task, now)
        gradient[0] += task.problem.l2 * now.theta[0]
        return gradient

    yield Hypothesis("bias not updated", still)
    if task.problem.l2:
        yield Hypothesis("bias penalised", penalised)

    # The bias twice: the second time with what the first has changed.
    if task.is_plain:

        def again(task: Task, now: Now, weights_too: bool) -> Floats:
            new = now.theta - now.eta * right_gradient(task, now)
            at = new.copy()
            if not weights_too:
                at[1:] = now.theta[1:]
            new[0] -= now.eta * right_gradient(task, moved(now, at))[0]
            return new

        for weights_too in (False, True):
            advance = partial(again, weights_too=weights_too)
            yield Hypothesis("bias stepped twice", advance=advance)


def moved(now: Now, theta: Floats) -> Now:
    """Return the same update at another θ."""
    return Now(theta, now.before, now.X, now.y, now.t, now.epoch, now.k, now.eta, now.memory)


def _places(task: Task) -> Iterator[Hypothesis]:
    def stale(task: Task, now: Now) -> Floats:
        return right_gradient(task, moved(now, now.before))

    def groups(task: Task, now: Now, parts: list[slice]) -> Floats:
        theta = now.theta.copy()
        for part in parts:
            theta[part] -= now.eta * right_gradient(task, moved(now, theta))[part]
        return theta

    def by_rows(task: Task, now: Now, divisor: Callable[[Now], float]) -> Floats:
        theta = now.theta.copy()
        for i in range(now.m):
            one = Now(theta, theta, now.X[i : i + 1], now.y[i : i + 1], 0, 0, 0)
            theta = theta - now.eta * right_gradient(task, one) / divisor(now)
        return theta

    # The outputs of all rows are kept while θ moves, or the other way round.
    yield Hypothesis("stale gradient", stale)
    if not task.is_plain:
        return
    p = len(task.start)
    single = [slice(j, j + 1) for j in range(p)]
    if task.problem.w.start == 1:
        yield Hypothesis(
            "bias after weights", advance=partial(groups, parts=[slice(1, None), slice(0, 1)])
        )
    name = "updated within the gradient"
    if task.problem.w.start == 1 and p > 2:
        order = [slice(0, 1), slice(1, None)]
        yield Hypothesis(name, advance=partial(groups, parts=order))
    for parts in (single, single[1:] + single[:1], single[::-1]):
        yield Hypothesis(name, advance=partial(groups, parts=parts))
    if task.size > 1:
        for divisor in (lambda now: float(now.m), lambda _: 1.0):
            yield Hypothesis(name, advance=partial(by_rows, divisor=divisor))


def _numbers(task: Task) -> Iterator[Hypothesis]:
    name = "truncated to integers"
    w = task.problem.w

    def theta_cut(task: Task, now: Now, of: slice) -> Floats:
        new: Floats = now.theta - now.eta * right_gradient(task, now)
        new[of] = np.trunc(new[of])
        return new

    def step_cut(task: Task, now: Now) -> Floats:
        new: Floats = now.theta - np.trunc(now.eta * right_gradient(task, now))
        return new

    if task.is_plain:
        for of in (slice(None), w):
            yield Hypothesis(name, advance=partial(theta_cut, of=of))
        yield Hypothesis(name, advance=step_cut)
    c, link = OF_OUTPUT.get(task.loss, (1.0, _identity))

    def gradient_cut(task: Task, now: Now, cut: Any) -> Floats:
        found: Floats = cut(right_gradient(task, now))
        return found

    def residual_cut(now: Now, z: Floats, cut: Any) -> Floats:
        found: Floats = c * cut(link(z) - now.y)
        return found

    def output_cut(now: Now, z: Floats, cut: Any) -> Floats:
        found: Floats = c * (cut(link(z)) - now.y)
        return found

    for cut in (np.trunc, np.floor):
        yield Hypothesis(name, partial(gradient_cut, cut=cut))
        if task.loss in OF_OUTPUT:
            yield Hypothesis(name, with_slopes(partial(residual_cut, cut=cut)))
            yield Hypothesis(name, with_slopes(partial(output_cut, cut=cut)))
