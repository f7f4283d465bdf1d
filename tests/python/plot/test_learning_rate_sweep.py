"""Too small, good, oscillating, diverging: what the sweep walks, draws and says."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import plot
from loss_kinds import NO_LIMIT
from pictured_walks import data, draw_in_korean, in_frame, labelled, lines, texts

TASKS = {"regression": "mse", "binary": "log_loss", "multi-class": "cross_entropy"}


@pytest.fixture(scope="module")
def stiff():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2)) * [1.0, 2.0]
    return X, 3 + X @ [1.0, 1.0] + rng.normal(size=100)


def arrows(ax):
    """Where the arrows of walks that diverged point up."""
    return [text.xy[0] for text in ax.texts if not text.get_text()]


def test_the_default_rates_go_from_too_small_to_too_large(stiff):
    X, y = stiff
    limit = gw.max_learning_rate(X, y)
    left, right = plot.learning_rate_sweep(X, y)
    rates = [share * limit for share in (0.003, 0.3, 0.99, 1.05)]
    words = ["still descending", "converged", "oscillating", "diverging"]
    expected = [f"η = {rate:.3g}: {word}" for rate, word in zip(rates, words, strict=True)]
    assert list(lines(left)) == expected
    for rate, label in zip(rates[:3], expected, strict=False):
        model = gw.BatchGD(learning_rate=rate, epochs=50).fit(X, y, full_loss=True)
        np.testing.assert_array_equal(lines(left)[label].get_ydata(), model.history_.full_loss)
        np.testing.assert_array_equal(lines(left)[label].get_xdata(), np.arange(51))
    assert left.get_yscale() == "log"
    assert left.get_ylabel() == "loss (mse) on all rows"
    marked = lines(right)[f"stability limit η = {limit:.3g}"]
    np.testing.assert_array_equal(marked.get_xdata(), [limit, limit])
    assert (right.get_xscale(), right.get_xlabel()) == ("log", "learning rate η")
    ends = [line.get_xydata()[0] for line in labelled(right, "_end")]
    assert [x for x, _ in ends] == pytest.approx(rates[:3])
    for label, (_, end) in zip(expected, ends, strict=False):
        assert end == lines(left)[label].get_ydata()[-1]
    assert arrows(right) == pytest.approx(rates[3:])


def test_a_diverging_walk_is_cut_and_told_of(stiff):
    X, y = stiff
    left, right = plot.learning_rate_sweep(X, y, [0.1, 10.0], epochs=400)
    first = gw.loss_and_grad(X, y, np.zeros(3))[0]
    for ax in (left, right):
        assert ax.get_ylim()[1] < 200 * first
    wild = lines(left)["η = 10: diverged"]
    assert np.all(wild.get_ydata() <= left.get_ylim()[1] * (1 + 1e-9))
    assert any(text.startswith("diverged: leaves the picture") for text in texts(left))


@pytest.mark.parametrize("d", [1, 2, 30])
@pytest.mark.parametrize("task", TASKS)
def test_every_kind_of_data(task, d):
    X, y = data(d, task)
    axes = plot.learning_rate_sweep(X, y, loss=TASKS[task], epochs=15)
    axes[0].figure.canvas.draw()
    for ax in axes:
        assert 0 < ax.get_ylim()[0] < ax.get_ylim()[1] < 1e5
    assert len(lines(axes[0])) == 4


@pytest.mark.parametrize("batch_size", [1, 8])
def test_batches_have_a_limit_of_their_own(stiff, batch_size):
    X, y = stiff
    _, right = plot.learning_rate_sweep(X, y, [0.001, 0.01], batch_size=batch_size, epochs=5)
    limit = gw.max_learning_rate(X, y, batch_size=batch_size)
    assert f"stability limit η = {limit:.3g}" in lines(right)
    left, _ = plot.learning_rate_sweep(X, y, [0.01], batch_size=batch_size, epochs=5)
    method = gw.SGD if batch_size == 1 else gw.MiniBatchGD
    more = {} if batch_size == 1 else {"batch_size": 8}
    model = method(learning_rate=0.01, epochs=5, random_state=0, **more)
    expected = model.fit(X, y, full_loss=True).history_.full_loss
    (line,) = lines(left).values()
    np.testing.assert_array_equal(line.get_ydata(), expected)


@pytest.mark.parametrize("loss", NO_LIMIT)
def test_losses_with_a_kink_have_no_limit(loss):
    X, y = data(2, "binary")
    left, right = plot.learning_rate_sweep(X, y, loss=loss, epochs=10)
    assert [name.split(":")[0] for name in lines(left)] == [
        "η = 0.001",
        "η = 0.01",
        "η = 0.1",
        "η = 1",
    ]
    assert not any(name.startswith("stability") for name in lines(right))


def test_walks_made_already_are_taken_as_they_are(stiff):
    X, y = stiff
    models = {rate: gw.BatchGD(learning_rate=rate, epochs=20).fit(X, y) for rate in (0.1, 0.01)}
    with pytest.warns(gw.DivergenceWarning):
        models[1e200] = gw.BatchGD(learning_rate=1e200).fit(X, y)
    for axes, limit in (
        (plot.learning_rate_sweep(models), False),
        (plot.learning_rate_sweep(X, y, models), True),
        (plot.learning_rate_sweep(models, limit=0.3), True),
    ):
        names = list(lines(axes[0]))
        assert [name.split(":")[0] for name in names] == ["η = 0.01", "η = 0.1", "η = 1e+200"]
        np.testing.assert_array_equal(
            lines(axes[0])[names[1]].get_ydata(), models[0.1].history_.loss
        )
        assert axes[0].get_ylabel() == "loss (mse), mean over the epoch"
        assert any(name.startswith("stability") for name in lines(axes[1])) == limit
        assert arrows(axes[1]) == [1e200]
        axes[0].figure.canvas.draw()
        assert np.all(np.isfinite(axes[0].get_ylim()))


def test_nothing_but_walks_that_fell_at_once(stiff):
    X, y = stiff
    axes = plot.learning_rate_sweep(X, y, [1e200], batch_size=1)
    axes[0].figure.canvas.draw()
    assert list(lines(axes[0])) == ["η = 1e+200: diverged"]
    assert all(np.all(np.isfinite(ax.get_ylim())) for ax in axes)
    assert arrows(axes[1]) == [1e200]


def test_an_interrupted_walk_and_one_that_never_set_out(stiff):
    X, y = stiff

    def stop(step):
        raise KeyboardInterrupt

    short = gw.BatchGD(learning_rate=0.01)
    with pytest.raises(KeyboardInterrupt):
        short.fit(X, y, callback=stop)
    still = gw.BatchGD(learning_rate=0.1)
    still.steps(X, y)
    axes = plot.learning_rate_sweep({0.01: short, 0.1: still})
    axes[0].figure.canvas.draw()
    assert in_frame(axes[0])


def test_a_landscape_is_marked_at_its_curvature():
    bowl = gw.landscapes.bowl
    start = bowl.start
    left, right = plot.learning_rate_sweep(bowl, epochs=30)
    steepest = np.linalg.eigvalsh(np.atleast_2d(bowl.hessian(start)))[-1]
    assert f"stability limit η = {2 / steepest:.3g}" in lines(right)
    assert left.get_ylabel() == "f(x)"
    assert arrows(right) == pytest.approx([1.05 * 2 / steepest])


def test_a_function_of_ones_own_needs_rates_and_a_start():
    def square(x):
        return float(x @ x), 2 * x

    with pytest.raises(ValueError, match=r"learning_rates=\[0.01, 0.1, 1\]"):
        plot.learning_rate_sweep(square, [1.0, 2.0], jac=True)
    with pytest.raises(ValueError, match="a function needs a start"):
        plot.learning_rate_sweep(square, learning_rates=[0.1], jac=True)
    left, _ = plot.learning_rate_sweep(square, [1.0, 2.0], [0.1, 1.5], jac=True, epochs=20)
    expected = 5 * 0.8 ** (2 * np.arange(20))
    calm = next(line for name, line in lines(left).items() if name.startswith("η = 0.1:"))
    np.testing.assert_allclose(calm.get_ydata(), expected)


def test_axes_are_the_callers(stiff):
    X, y = stiff
    _, two = plt.subplots(1, 2)
    assert list(plot.learning_rate_sweep(X, y, [0.1], ax=two)) == list(two)
    _, one = plt.subplots()
    assert plot.learning_rate_sweep(X, y, [0.1], ax=one) is one
    _, three = plt.subplots(1, 3)
    with pytest.raises(ValueError, match="2 panels"):
        plot.learning_rate_sweep(X, y, [0.1], ax=three)


@pytest.mark.parametrize(
    ("rates", "error", "message"),
    [
        ([], ValueError, "at least one number"),
        ([0.1, -1], ValueError, "all above 0"),
        ([np.nan], ValueError, "all above 0"),
        ({"a": None}, TypeError, "must map numbers to fitted models"),
        ({}, ValueError, "walks is empty"),
    ],
)
def test_rates_that_are_none_are_refused(stiff, rates, error, message):
    with pytest.raises(error, match=message):
        plot.learning_rate_sweep(*stiff, rates)


def test_data_need_targets(stiff):
    with pytest.raises(ValueError, match="needs y beside X"):
        plot.learning_rate_sweep(stiff[0])


@pytest.mark.usefixtures("korean")
def test_korean(stiff):
    left, right = plot.learning_rate_sweep(*stiff)
    verdicts = [name.split(": ")[1] for name in lines(left)]
    assert verdicts == ["아직 하강 중", "수렴", "진동", "발산"]
    assert right.get_xlabel() == "학습률 η"


def test_korean_has_every_glyph(stiff):
    draw_in_korean(lambda: plot.learning_rate_sweep(*stiff))
