"""Angles and errors of batch gradients: the numbers drawn, and the law they follow."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import plot
from pictured_walks import LOSSES, PAIRS, data, draw_in_korean, labelled, lines, texts, walk


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    return X, 4 + X @ [1.0, 2.0, 3.0] + rng.normal(size=400)


def errors(ax):
    """Batch sizes and the root mean square errors drawn."""
    return np.array([line.get_xydata()[0] for line in labelled(ax, "_rms")])


def angles(ax):
    """The single angles, an array for each batch size."""
    return [
        line.get_ydata() for line in ax.lines if line.get_label() in ("_one batch", "one batch")
    ]


def spread(X, y, theta):
    """σ / ‖g‖ from the gradients of all single rows."""
    full = gw.loss_and_grad(X, y, theta)[1]
    each = np.array([gw.loss_and_grad(X, y, theta, rows=[i])[1] for i in range(len(X))])
    return np.sqrt(np.mean(np.sum((each - full) ** 2, axis=1))) / np.linalg.norm(full)


@pytest.mark.parametrize("sampling", ["replace", "shuffle"])
def test_the_error_is_that_of_the_single_rows_over_root_b(rows, sampling):
    X, y = rows
    theta = np.zeros(4)
    _, ax = plot.gradient_noise(
        theta, X, y, [1, 10, 100, 300], loss="mse", n_draws=3000, sampling=sampling
    )
    b, rms = errors(ax).T
    left = (400 - b) / 399 if sampling == "shuffle" else 1.0
    np.testing.assert_allclose(rms, spread(X, y, theta) * np.sqrt(left / b), rtol=0.05)
    guide = lines(ax)["proportional to 1/√b"]
    x, height = guide.get_xydata().T
    np.testing.assert_allclose(height * np.sqrt(x), spread(X, y, theta), rtol=0.05)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_the_angles_are_those_of_the_drawn_batches(rows):
    X, y = rows
    ax, _ = plot.gradient_noise(np.zeros(4), X, y, [5], loss="mse", n_draws=50, random_state=3)
    rng = np.random.default_rng(3)
    full = gw.loss_and_grad(X, y, np.zeros(4))[1]
    expected = []
    for _ in range(50):
        part = gw.loss_and_grad(X, y, np.zeros(4), rows=rng.choice(400, 5, replace=False))[1]
        cosine = part @ full / np.linalg.norm(part) / np.linalg.norm(full)
        expected.append(np.degrees(np.arccos(cosine)))
    (drawn,) = angles(ax)
    np.testing.assert_allclose(drawn, expected)
    assert lines(ax)["median"].get_ydata()[0] == pytest.approx(np.median(expected))
    np.testing.assert_allclose(
        lines(ax)["middle half"].get_ydata(), np.quantile(expected, [0.25, 0.75])
    )
    np.testing.assert_allclose(
        lines(ax)["5 to 95 %"].get_ydata(), np.quantile(expected, [0.05, 0.95])
    )
    np.testing.assert_array_equal(lines(ax)["90°: uphill from here on"].get_ydata(), [90, 90])


def test_larger_batches_point_truer_and_all_rows_are_right(rows):
    X, y = rows
    left, right = plot.gradient_noise(np.zeros(4), X, y, [1, 8, 64, 400], loss="mse")
    medians = [np.median(drawn) for drawn in angles(left)]
    assert np.all(np.diff(medians) < 0)
    assert medians[-1] == pytest.approx(0, abs=1e-5)
    assert len(errors(right)) == 3
    assert "all rows: no error" in texts(right)


def test_default_sizes_are_powers_of_four(rows):
    left, _ = plot.gradient_noise(np.zeros(4), *rows, loss="mse", n_draws=5)
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["1", "4", "16", "64"]
    assert left.get_xlabel() == "batch size, rows"


def test_the_point_of_a_walk(rows):
    X, y = rows
    model = gw.SGD(learning_rate=0.002, epochs=2, random_state=0).fit(X, y)
    path = model.history_.path
    for update in (0, 250, None):
        at = path[-1 if update is None else update]
        for thing in (model, model.history_):
            loss = None if thing is model else "mse"
            _, ax = plot.gradient_noise(thing, X, y, [4], update=update, loss=loss, n_draws=20)
            _, same = plot.gradient_noise(at, X, y, [4], loss="mse", n_draws=20)
            np.testing.assert_array_equal(errors(ax), errors(same))
    ax, _ = plot.gradient_noise(model, X, y, [4], update=250, n_draws=20)
    assert ax.get_title(loc="left") == "after update 250, 20 batches of each size"
    thin = gw.SGD(epochs=2, random_state=0, record="epoch").fit(X, y)
    ax, _ = plot.gradient_noise(thin, X, y, [4], update=799, n_draws=20)
    assert ax.get_title(loc="left").startswith("after update 400,")
    silent = gw.SGD(epochs=2, random_state=0, record=None).fit(X, y)
    plot.gradient_noise(silent, X, y, [4], update=None, n_draws=20)
    with pytest.raises(ValueError, match="recorded no path"):
        plot.gradient_noise(silent, X, y, [4])


def test_penalty_and_weights_belong_to_the_gradient(rows):
    X, y = rows
    weight = np.linspace(0.5, 2.0, 400)
    model = gw.BatchGD(l2=0.5, epochs=3).fit(X, y, sample_weight=weight)
    ax, _ = plot.gradient_noise(model, X, y, [4], update=3, sample_weight=weight, n_draws=10)
    rng = np.random.default_rng(0)
    told = {"sample_weight": weight, "l2": 0.5}
    full = gw.loss_and_grad(X, y, model.params_, **told)[1]
    part = gw.loss_and_grad(X, y, model.params_, rows=rng.choice(400, 4, replace=False), **told)[1]
    cosine = part @ full / np.linalg.norm(part) / np.linalg.norm(full)
    assert angles(ax)[0][0] == pytest.approx(np.degrees(np.arccos(cosine)))


@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_walk_has_a_start_to_look_at(d, task, fate, record):
    X, y = data(d, task)
    axes = plot.gradient_noise(walk(d, task, fate, record), X, y, n_draws=8)
    axes[0].figure.canvas.draw()
    assert [line.get_xdata()[0] for line in labelled(axes[1], "_rms")] == [1, 4, 16]
    assert all(np.all(np.isfinite(ax.get_ylim())) for ax in axes)
    assert all(np.all((drawn >= 0) & (drawn <= 180)) for drawn in angles(axes[0]))


def test_one_parameter_alone_points_to_or_fro():
    X, y = data(1, "regression")
    ax, _ = plot.gradient_noise([0.5], X, y, [1], loss="mse")
    assert set(angles(ax)[0]) <= {0.0, 180.0}


@pytest.mark.parametrize("loss", gw.LOSSES)
def test_every_loss(loss):
    task = "multi-class" if loss == "cross_entropy" else "binary"
    X, y = data(2, task)
    theta = np.full((3, 3) if loss == "cross_entropy" else 3, 0.1)
    theta += 0.01 * np.arange(theta.size).reshape(theta.shape)
    axes = plot.gradient_noise(theta, X, y, loss=loss, n_draws=8)
    assert len(errors(axes[1])) == 3
    assert loss in gw.LOSSES
    assert set(LOSSES.values()) <= set(gw.LOSSES)


def test_a_point_without_a_gradient_is_refused(rows):
    X, _ = rows
    with pytest.raises(ValueError, match="at this θ is zero"):
        plot.gradient_noise(np.zeros(4), X, np.zeros(400), loss="mse")
    with pytest.warns(gw.DivergenceWarning):
        wild = gw.BatchGD(learning_rate=1e200).fit(*rows)
    with pytest.raises(ValueError, match=r"after update 1 is not finite.*update=0"):
        plot.gradient_noise(wild, *rows, update=None)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"batch_sizes": [0]}, ValueError, "all above 0"),
        ({"batch_sizes": [401]}, ValueError, "from 1 to the 400 rows of X"),
        ({"batch_sizes": [1.5]}, ValueError, "whole numbers"),
        ({"sampling": "sequential"}, ValueError, 'sampling must be "shuffle" or "replace"'),
        ({"n_draws": 1}, ValueError, "n_draws must be a whole number of at least 2"),
        ({"loss": None}, ValueError, r'nothing tells gradient_noise the loss.*loss="mse"'),
        ({"walk": "batch"}, TypeError, "looks at one point"),
        ({"walk": {"a": None}}, TypeError, "looks at one point"),
        ({"X": np.ones(400)}, ValueError, r"shape \(n, d\)"),
    ],
)
def test_what_does_not_fit_is_refused(rows, settings, error, message):
    X, y = rows
    arguments = {"walk": np.zeros(4), "X": X, "y": y, "loss": "mse"} | settings
    with pytest.raises(error, match=message):
        plot.gradient_noise(**arguments)


def test_updates_that_never_were_are_refused(rows):
    model = gw.BatchGD(epochs=5).fit(*rows)
    for update in (-1, 6, 1.5, True):
        with pytest.raises((TypeError, ValueError), match=r"update must be .* from 0 to 5"):
            plot.gradient_noise(model, *rows, update=update)


def test_one_row_has_no_noise():
    with pytest.raises(ValueError, match="needs more data"):
        plot.gradient_noise([0.0, 0.0], [[1.0]], [1.0], loss="mse")


def test_axes_are_the_callers(rows):
    _, two = plt.subplots(1, 2)
    assert list(plot.gradient_noise([0] * 4, *rows, [4], loss="mse", ax=two)) == list(two)
    _, one = plt.subplots()
    assert plot.gradient_noise([0] * 4, *rows, [4], loss="mse", ax=one) is one


@pytest.mark.usefixtures("korean")
def test_korean(rows):
    left, right = plot.gradient_noise([0] * 4, *rows, [4], loss="mse", n_draws=5)
    assert left.get_xlabel() == "배치 크기, 행"
    assert left.get_ylabel() == "전체 데이터 기울기와의 각도"
    assert "1/√b에 비례" in lines(right)


def test_korean_has_every_glyph(rows):
    draw_in_korean(lambda: plot.gradient_noise([0] * 4, *rows, [1, 400], loss="mse"))
