"""The walks of the reference: their counts, and the loops that a student would write."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradwalk import reference
from random_problems import problem

Array = NDArray[Any]

every_loss = pytest.mark.parametrize("loss", list(reference.LOSSES))
every_method = pytest.mark.parametrize(
    "method", [reference.batch_gd, reference.sgd, reference.mini_batch_gd]
)


@pytest.mark.parametrize(
    ("n", "method", "options", "updates"),
    [
        (1000, reference.mini_batch_gd, {"batch_size": 100}, 10),
        (1005, reference.mini_batch_gd, {"batch_size": 100}, 11),
        (1005, reference.mini_batch_gd, {"batch_size": 100, "drop_last": True}, 10),
        (1000, reference.mini_batch_gd, {"batch_size": 100, "drop_last": True}, 10),
        (70, reference.mini_batch_gd, {}, 3),
        (20, reference.mini_batch_gd, {"batch_size": 50}, 1),
        (20, reference.mini_batch_gd, {"batch_size": 50, "drop_last": True}, 1),
        (1005, reference.sgd, {}, 1005),
        (1005, reference.batch_gd, {}, 1),
    ],
)
def test_the_number_of_updates_in_an_epoch(
    n: int, method: Callable[..., reference.Walk], options: dict[str, Any], updates: int
) -> None:
    rng = np.random.default_rng(12)
    X, y = rng.normal(size=(n, 2)), rng.normal(size=n)
    walk = method(X, y, epochs=3, learning_rate=1e-3, **options)
    assert walk.n_updates == 3 * updates
    assert walk.update_loss.shape == (3 * updates,)
    assert walk.path.shape == (3 * updates + 1, 3)
    assert walk.loss.shape == (3,)
    # Each batch counts by its rows: the last one may be short.
    size = {reference.batch_gd: n, reference.sgd: 1}.get(method, options.get("batch_size", 32))
    size = min(size, n)
    rows = [min(size, n - start) for start in range(0, n, size)][:updates]
    losses = walk.update_loss.reshape(3, -1)
    np.testing.assert_allclose(walk.loss, np.average(losses, axis=1, weights=rows))
    np.testing.assert_array_equal(walk.path[0], 0)
    np.testing.assert_array_equal(walk.path[-1], walk.params)


def test_a_short_last_batch_is_divided_by_its_own_count() -> None:
    rng = np.random.default_rng(13)
    X, y = rng.normal(size=(1005, 3)), rng.normal(size=1005)
    order = rng.permutation(1005)
    walk = reference.mini_batch_gd(
        X, y, batch_size=100, learning_rate=0.1, epochs=1, order=[order], fit_intercept=False
    )
    before, last = walk.path[-2], order[1000:]
    residual = X[last] @ before - y[last]
    assert len(last) == 5
    assert walk.update_loss[-1] == pytest.approx(residual @ residual / 5, rel=1e-13)
    step = 0.1 * 2 / 5 * X[last].T @ residual
    np.testing.assert_allclose(walk.params, before - step, rtol=1e-13)


@every_method
def test_losses_are_those_before_each_update(method: Callable[..., reference.Walk]) -> None:
    X, y, _ = problem("half_mse", 14)
    order = [np.random.default_rng(i).permutation(12) for i in range(3)]
    walk = method(X, y, loss="half_mse", epochs=3, l2=0.2, order=order)
    size = {reference.batch_gd: 12, reference.sgd: 1, reference.mini_batch_gd: 12}[method]
    batches = [rows[i : i + size] for rows in order for i in range(0, 12, size)]
    for theta, rows, recorded in zip(walk.path[:-1], batches, walk.update_loss, strict=True):
        value, _ = reference.loss_and_grad(X, y, theta, loss="half_mse", rows=rows, l2=0.2)
        assert recorded == value


def close(params: Array, expected: Array) -> bool:
    return bool(np.linalg.norm(params - expected) <= 1e-12 * np.linalg.norm(expected))


def test_batch_descent_is_the_loop_of_a_student() -> None:
    rng = np.random.default_rng(15)
    X, y = rng.normal(size=(100, 4)), rng.normal(size=100)
    X_b = np.c_[np.ones((100, 1)), X]
    m, eta = 100, 0.1
    theta = start = rng.normal(size=5)
    for _ in range(1000):
        theta = theta - eta * 2 / m * X_b.T @ (X_b @ theta - y)
    settings: dict[str, Any] = {"learning_rate": eta, "epochs": 1000, "init": start}
    assert close(reference.batch_gd(X, y, **settings).params, theta)
    assert close(reference.batch_gd(X_b, y, fit_intercept=False, **settings).params, theta)


@pytest.mark.parametrize("form", [np.array, list], ids=["array", "list"])
@pytest.mark.parametrize("b", [1, 7, 30])
def test_an_order_replays_the_loop_of_a_student(b: int, form: Callable[..., Any]) -> None:
    rng = np.random.default_rng(16)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    X_b = np.c_[np.ones(30), X]
    theta, t, order = np.zeros(4), 0, []
    for _ in range(20):
        index = rng.permutation(30)
        order.append(index)
        for i in range(0, 30, b):
            X_i, y_i = X_b[index[i : i + b]], y[index[i : i + b]]
            theta = theta - 5 / (t + 50) * 2 / len(X_i) * X_i.T @ (X_i @ theta - y_i)
            t += 1
    settings: dict[str, Any] = {
        "learning_rate": lambda t: 5 / (t + 50),
        "epochs": 20,
        "order": form(order),
    }
    walk = reference.mini_batch_gd(X, y, batch_size=b, **settings)
    assert walk.n_updates == t
    assert close(walk.params, theta)
    if b == 1:
        assert close(reference.sgd(X, y, **settings).params, theta)


def test_an_order_may_repeat_rows_and_leave_rows_out() -> None:
    X, y, _ = problem("mse", 17)
    order = [[0, 0, 3], [5, 1, 1, 2]]
    walk = reference.mini_batch_gd(X, y, batch_size=2, epochs=2, order=order)
    theta = np.zeros(4)
    for rows in ([0, 0], [3], [5, 1], [1, 2]):
        _, grad = reference.loss_and_grad(X, y, theta, rows=rows)
        theta = theta - 0.01 * grad
    np.testing.assert_array_equal(walk.params, theta)
    one_batch = reference.batch_gd(X, y, epochs=2, order=order)
    assert one_batch.n_updates == 2


def test_an_epoch_without_a_single_batch_is_refused() -> None:
    X, y, _ = problem("mse", 17)
    with pytest.raises(ValueError, match="order: expected 4 rows or more; got 2"):
        reference.mini_batch_gd(X, y, batch_size=4, drop_last=True, epochs=1, order=[[0, 1]])


def test_shuffles_come_from_numpys_default_generator() -> None:
    X, y, _ = problem("mse", 18)
    rng = np.random.default_rng(7)
    order = [rng.permutation(12) for _ in range(4)]
    for method in (reference.sgd, reference.mini_batch_gd):
        drawn = method(X, y, epochs=4, random_state=7)
        replayed = method(X, y, epochs=4, order=order)
        np.testing.assert_array_equal(drawn.path, replayed.path)
    other = reference.sgd(X, y, epochs=4, random_state=8)
    assert not np.array_equal(other.params, reference.sgd(X, y, epochs=4, random_state=7).params)


@pytest.mark.parametrize("intercept", [True, False])
@every_loss
def test_a_whole_weight_is_a_repetition(loss: str, intercept: bool) -> None:
    X, y, theta = problem(loss, 19, intercept=intercept)
    times = np.array([0, 1, 2, 3, 1, 0, 4, 1, 1, 2, 1, 2])
    options: dict[str, Any] = {"loss": loss, "l2": 0.3, "fit_intercept": intercept}
    twice, again = np.repeat(X, times, axis=0), np.repeat(y, times)
    weighted = reference.loss_and_grad(X, y, theta, sample_weight=times, **options)
    repeated = reference.loss_and_grad(twice, again, theta, **options)
    assert weighted[0] == pytest.approx(repeated[0], rel=1e-13)
    np.testing.assert_allclose(weighted[1], repeated[1], rtol=1e-11, atol=1e-13)

    options |= {"learning_rate": 0.05, "epochs": 50, "init": theta}
    walks = (
        reference.batch_gd(X, y, sample_weight=times, **options),
        reference.batch_gd(twice, again, **options),
    )
    assert np.linalg.norm(walks[0].params - walks[1].params) <= 1e-11 * np.linalg.norm(theta)


@every_loss
def test_batches_of_one_size_average_to_the_whole(loss: str) -> None:
    """Weights are divided by the mean of all of them, not of those in the batch."""
    X, y, theta = problem(loss, 20)
    rng = np.random.default_rng(21)
    options: dict[str, Any] = {"loss": loss, "l2": 0.4, "sample_weight": rng.uniform(0, 3, 12)}
    whole = reference.loss_and_grad(X, y, theta, **options)
    parts = [
        reference.loss_and_grad(X, y, theta, rows=rows, **options)
        for rows in rng.permutation(12).reshape(4, 3)
    ]
    assert np.mean([value for value, _ in parts]) == pytest.approx(whole[0], rel=1e-13)
    np.testing.assert_allclose(np.mean([grad for _, grad in parts], axis=0), whole[1], atol=1e-14)


def test_a_batch_without_weight_moves_nothing_but_the_penalty() -> None:
    X, y, theta = problem("mse", 22)
    weights = np.ones(12)
    weights[[2, 3]] = 0
    value, grad = reference.loss_and_grad(X, y, theta, rows=[2, 3], sample_weight=weights, l2=0.5)
    assert value == pytest.approx(0.25 * theta[1:] @ theta[1:], rel=1e-14)
    np.testing.assert_allclose(grad, 0.5 * np.r_[0, theta[1:]], rtol=1e-14)


def test_a_learning_rate_may_depend_on_the_number_of_the_update() -> None:
    X, y, _ = problem("mse", 23)
    seen: list[int] = []

    def rate(t: int) -> float:
        seen.append(t)
        return 0.01

    walk = reference.mini_batch_gd(X, y, batch_size=5, epochs=2, learning_rate=rate)
    assert seen == list(range(walk.n_updates)) == list(range(6))
