"""Mistakes in the gradient and the step of a loop, each a `Hypothesis` to be replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from gradwalk.reference import sigmoid

from .loop_state import state
from .replay import Gradient, Hypothesis, Now, Task, data_gradient, penalty, right_gradient
from .returned import Floats

#: Losses of a residual z − y.
OF_RESIDUAL = {"mse": 2.0, "half_mse": 1.0, "mae": 1.0, "huber": 1.0, "log_cosh": 1.0}


def hypotheses(task: Task) -> Iterator[Hypothesis]:
    """Give what may be wrong in the gradient and the step, the commonest first."""
    yield from _scales(task)
    yield from _slopes(task)
    yield from _bias(task)
    yield from _places(task)
    yield from state(task)
    yield from _penalties(task)
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
    sizes = {"divided by classes": [K] if K else [], "divided by features": {d, p}}
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
    slopes: Callable[[Task, Now, Floats], Floats],
    of_w: Callable[[Now], float] = _as_it_is,
    of_b: Callable[[Now], float] = _as_it_is,
) -> Gradient:
    """Return the gradient that has other slopes ∂ℓ/∂z, in w and in b times something."""

    def gradient(task: Task, now: Now) -> Floats:
        found: Floats = now.X.T @ slopes(task, now, now.X @ now.theta) / now.m
        found[task.problem.w] *= of_w(now)
        found[: task.problem.w.start] *= of_b(now)
        return found + penalty(task, now.theta)

    return gradient


def _softmax(z: Floats, axis: int | None) -> Floats:
    powers = np.exp(z - np.max(z, axis=axis, keepdims=True))
    found: Floats = powers / powers.sum(axis=axis, keepdims=True)
    return found


def _squared(_: Task, now: Now, z: Floats, by: float) -> Floats:
    squares: Floats = by * (z - now.y) ** 2
    return squares


def _slopes(task: Task) -> Iterator[Hypothesis]:
    loss = task.problem.loss
    found: list[tuple[str, Callable[[Task, Now, Floats], Floats]]] = []
    if task.loss in OF_RESIDUAL:
        c = OF_RESIDUAL[task.loss]
        for by in (1.0, 2.0, 0.5):
            found.append(("squared error as slope", partial(_squared, by=by)))
        if task.loss not in ("mse", "half_mse"):
            found.append(("loss as slope", lambda _, now, z: loss(z, now.y)[0]))
        if c == 1.0:
            found.append(("loss as slope", lambda _, now, z: loss(z, now.y)[0]))
    elif task.loss == "log_loss":
        found += [
            ("no sigmoid", lambda _, now, z: z - now.y),
            ("probabilities as scores", lambda _, now, z: sigmoid(sigmoid(z)) - now.y),
            ("labels −1 and 1", lambda _, now, z: sigmoid(z) - (2 * now.y - 1)),
            ("labels −1 and 1", lambda _, now, z: np.tanh(z) - (2 * now.y - 1)),
            ("labels −1 and 1", lambda _, now, z: -now.y * sigmoid(-now.y * z)),
            ("squared error as slope", lambda _, now, z: (sigmoid(z) - now.y) ** 2),
            ("squared error as slope", lambda _, now, z: 2 * (sigmoid(z) - now.y) ** 2),
            (
                "squared error as slope",
                lambda _, now, z: (sigmoid(z) - now.y) * sigmoid(z) * sigmoid(-z),
            ),
            (
                "squared error as slope",
                lambda _, now, z: 2 * (sigmoid(z) - now.y) * sigmoid(z) * sigmoid(-z),
            ),
            ("loss as slope", lambda _, now, z: loss(z, now.y)[0]),
            ("log of another base", lambda _, now, z: (sigmoid(z) - now.y) / np.log(2)),
            ("log of another base", lambda _, now, z: (sigmoid(z) - now.y) / np.log(10)),
        ]
    elif task.loss == "cross_entropy":
        found += [
            ("no softmax", lambda _, now, z: z - now.y),
            ("no softmax", lambda _, now, z: sigmoid(z) - now.y),
            (
                "probabilities as scores",
                lambda _, now, z: _softmax(_softmax(z, 1), 1) - now.y,
            ),
            ("softmax over rows", lambda _, now, z: _softmax(z, 0) - now.y),
            ("softmax over rows", lambda _, now, z: _softmax(z, None) - now.y),
            (
                "squared error as slope",
                lambda _, now, z: (_softmax(z, 1) - now.y) ** 2,
            ),
            (
                "loss as slope",
                lambda _, now, z: np.broadcast_to(loss(z, now.y)[0][:, None], z.shape),
            ),
            ("loss as slope", lambda _, now, z: -now.y * np.log(_softmax(z, 1))),
            ("labels −1 and 1", lambda _, now, z: _softmax(z, 1) - (2 * now.y - 1)),
        ]
    elif task.loss in ("hinge", "squared_hinge", "perceptron"):
        # 0 and 1 where the formula has the signs.
        def unsigned(_: Task, now: Now, z: Floats) -> Floats:
            s = np.where(now.y > 0, 1.0, 0.0)
            margin = s * z
            if task.loss == "perceptron":
                return np.where(margin > 0, 0, -s)
            short = np.maximum(0, 1 - margin)
            found: Floats = -s * (2 * short if task.loss == "squared_hinge" else short > 0)
            return found

        found.append(("labels −1 and 1", unsigned))
    for name, slopes in found:
        yield Hypothesis(name, with_slopes(slopes))
    # A column against a row: each row's residual is taken against all targets.
    if task.size > 1 and task.start.ndim == 1:
        c = OF_RESIDUAL.get(task.loss, 1.0)
        link = sigmoid if task.loss == "log_loss" else lambda z: z
        if task.loss in ("mse", "half_mse", "log_loss"):
            scales = (lambda _: 1.0, lambda now: float(now.m), lambda now: 1 / now.m)
            for slopes in (
                lambda _, now, z: c * (link(z) - now.y.mean()),
                lambda _, now, z: c * (link(z).mean() - now.y),
                lambda _, now, z: c * np.full(now.m, (link(z) - now.y).mean()),
            ):
                for of_w, of_b in product(scales, scales):
                    yield Hypothesis("column against row", with_slopes(slopes, of_w, of_b))


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
    if task.rule is None and not task.l1:

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
    if task.rule is not None or task.l1:
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


def _penalties(task: Task) -> Iterator[Hypothesis]:
    l2 = task.problem.l2
    if not l2:
        return
    name = "l2 on another scale"
    factors: list[tuple[object, Callable[[Now], float]]] = [
        (2, lambda _: 2.0),
        ("½", lambda _: 0.5),
        ("1/m", lambda now: 1 / now.m),
        ("1/n", lambda _: 1 / task.n),
        ("2/m", lambda now: 2 / now.m),
        ("2/n", lambda _: 2 / task.n),
        ("1/(2m)", lambda now: 0.5 / now.m),
        ("m", lambda now: float(now.m)),
        ("1/λ", lambda _: 1 / l2),
        (0, lambda _: 0.0),
        (-1, lambda _: -1.0),
    ]
    for factor, times in factors:

        def gradient(task: Task, now: Now, times: Callable[[Now], float] = times) -> Floats:
            return data_gradient(task, now) + times(now) * penalty(task, now.theta)

        yield Hypothesis(name, gradient, figures={"factor": factor})


def _numbers(task: Task) -> Iterator[Hypothesis]:
    name = "truncated to integers"
    plain = task.rule is None and not task.l1
    if plain:
        yield Hypothesis(
            name,
            advance=lambda task, now: np.trunc(now.theta - now.eta * right_gradient(task, now)),
        )
        yield Hypothesis(
            name,
            advance=lambda task, now: now.theta - np.trunc(now.eta * right_gradient(task, now)),
        )
    yield Hypothesis(name, lambda task, now: np.trunc(right_gradient(task, now)))
    yield Hypothesis(name, lambda task, now: np.floor(right_gradient(task, now)))
    if task.loss in OF_RESIDUAL:
        c = OF_RESIDUAL[task.loss]
        for cut in (np.trunc, np.floor):
            yield Hypothesis(name, with_slopes(partial(_cut_residual, cut=cut, by=c)))
            yield Hypothesis(name, with_slopes(partial(_cut_score, cut=cut, by=c)))


def _cut_residual(_: Task, now: Now, z: Floats, cut: Any, by: float) -> Floats:
    cut_off: Floats = by * cut(z - now.y)
    return cut_off


def _cut_score(_: Task, now: Now, z: Floats, cut: Any, by: float) -> Floats:
    cut_off: Floats = by * (cut(z) - now.y)
    return cut_off
