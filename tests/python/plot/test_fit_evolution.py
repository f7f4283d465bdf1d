"""The fitted lines of a walk: which ones, where, how numbered, and what they leave out."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

import gradwalk as gw
from gradwalk import plot
from gradwalk.plot._data import looks
from loss_kinds import TWO_CLASSES
from pictured_walks import PAIRS, data, draw_in_korean, in_frame, labelled, lines, texts, walk


@pytest.fixture(scope="module")
def line_data():
    rng = np.random.default_rng(3)
    X = rng.uniform(0, 2, size=(50, 1))
    return X, 4 + 3 * X[:, 0] + 0.5 * rng.normal(size=50)


def fits(ax):
    """The drawn fits in the order of the walk."""
    return [line for line in ax.lines if len(line.get_xdata()) in (2, 201) and line.get_lw() > 1]


def test_the_first_fits_and_the_last_are_those_of_the_path(line_data):
    X, y = line_data
    model = gw.BatchGD(learning_rate=0.1, epochs=80).fit(X, y)
    ax = plot.fit_evolution(model, X, y, k=4)
    drawn = fits(ax)
    path = model.history_.path
    for line, theta in zip(drawn, path[[0, 1, 2, 3, 80]], strict=True):
        x = line.get_xdata()
        np.testing.assert_allclose(line.get_ydata(), theta[0] + theta[1] * x)
    assert list(lines(ax)) == ["data", "first 4 recorded fits", "last: update 80"]
    np.testing.assert_array_equal(lines(ax)["data"].get_xydata(), np.column_stack([X, y]))
    # From pale to strong, the last the widest.
    lightness = [np.mean(to_rgb(line.get_color())) for line in drawn]
    assert np.all(np.diff(lightness) < 0)
    assert drawn[-1].get_lw() > 1.5 * drawn[0].get_lw()
    assert drawn[-1].get_color() == looks.METHODS["batch"].color


def test_the_lines_are_numbered_at_their_right_ends(line_data):
    X, y = line_data
    model = gw.BatchGD(learning_rate=0.1, epochs=80).fit(X, y)
    ax = plot.fit_evolution(model, X, y, k=3)
    assert [text for text in texts(ax) if text] == ["80", "0", "1", "2", "update"]
    low, high = ax.get_ylim()
    number = next(text for text in ax.texts if text.get_text() == "1")
    theta = model.history_.path[1]
    right = theta[0] + theta[1] * ax.get_xlim()[1]
    assert number.xy == (1.0, pytest.approx((right - low) / (high - low)))


def test_numbers_never_overlap(line_data):
    X, y = line_data
    model = gw.BatchGD(learning_rate=0.1, epochs=80).fit(X, y)
    ax = plot.fit_evolution(model, X, y, k=40)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text().isdigit()]
    assert 4 < len(boxes) < 40
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_a_record_of_epochs_is_numbered_by_epochs(line_data):
    X, y = line_data
    model = gw.SGD(learning_rate=0.01, epochs=9, random_state=0, record="epoch").fit(X, y)
    ax = plot.fit_evolution(model, X, y, k=2)
    assert "last: epoch 9" in lines(ax)
    assert "epoch" in texts(ax)
    assert (
        plot.fit_evolution(gw.SGD(epochs=2, random_state=0).fit(X, y), X, y)
        .get_legend()
        .get_texts()[-1]
        .get_text()
        == "last: update 100"
    )


@pytest.mark.parametrize(
    ("loss", "link", "label"),
    [
        ("log_loss", lambda z: 1 / (1 + np.exp(-z)), "probability of class 1"),
        ("sigmoid_mse", lambda z: 1 / (1 + np.exp(-z)), "output σ(z) and target y"),
        ("tanh_mse", np.tanh, "output tanh(z) and target y"),
        ("hinge", lambda z: z, "score z (labels as −1 and 1)"),
        ("squared_hinge", lambda z: z, "score z (labels as −1 and 1)"),
        ("huber", lambda z: z, "target y"),
        ("poisson", np.exp, "output e^z and target y"),
    ],
)
def test_each_loss_has_its_own_curve(line_data, loss, link, label):
    X, y = line_data
    y = (y > 7).astype(float)
    model = gw.BatchGD(loss, learning_rate=0.5, epochs=60).fit(X, y)
    ax = plot.fit_evolution(model, X, y)
    last = fits(ax)[-1]
    z = model.intercept_ + model.coef_[0] * last.get_xdata()
    np.testing.assert_allclose(last.get_ydata(), link(z), atol=1e-12)
    assert ax.get_ylabel() == label
    names = list(lines(ax))[:2]
    if loss in TWO_CLASSES:
        heights = np.unique(np.concatenate([lines(ax)[name].get_ydata() for name in names]))
        np.testing.assert_array_equal(heights, [0 if loss == "log_loss" else -1, 1])
    assert (names == ["class 0", "class 1"]) == (loss in TWO_CLASSES)


def test_other_features_are_held_at_their_means():
    X, y = data(30, "regression")
    model = walk(30, "regression", "whole", "update")
    ax = plot.fit_evolution(model, X, y, feature=7)
    last = fits(ax)[-1]
    rows = np.tile(X.mean(axis=0), (2, 1))
    rows[:, 7] = last.get_xdata()
    np.testing.assert_allclose(last.get_ydata(), model.predict(rows))
    assert ax.get_xlabel() == "feature 7"
    assert ax.get_title(loc="left") == "other features (29) held at their means"


def test_the_probability_of_one_class_of_many():
    X, y = data(2, "multi-class")
    model = walk(2, "multi-class", "whole", "update")
    for targets in (y, np.eye(3)[y]):
        ax = plot.fit_evolution(model, X, targets, feature=1, label=2)
        last = fits(ax)[-1]
        rows = np.column_stack([np.full(201, X[:, 0].mean()), last.get_xdata()])
        np.testing.assert_allclose(last.get_ydata(), model.predict_proba(rows)[:, 2])
        assert len(lines(ax)["class 2"].get_xdata()) == np.sum(y == 2)
    with pytest.raises(ValueError, match="label must be a whole number from 0 to 2; got 3"):
        plot.fit_evolution(model, X, y, label=3)


@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_walk_can_be_drawn(d, task, fate, record):
    X, y = data(d, task)
    model = walk(d, task, fate, record)
    ax = plot.fit_evolution(model, X, y)
    ax.figure.canvas.draw()
    assert in_frame(ax)
    assert len(fits(ax)) >= 1
    assert len(ax.lines) < 20
    diverged = any(text.startswith("diverged") for text in texts(ax))
    assert diverged == (fate == "diverged")
    if fate == "single point":
        (only,) = fits(ax)
        assert only.get_label() == "last: update 0"


def test_a_diverged_walk_keeps_to_the_data(line_data):
    X, y = line_data
    with pytest.warns(gw.DivergenceWarning):
        model = gw.BatchGD(learning_rate=1.0, epochs=3000).fit(X, y)
    ax = plot.fit_evolution(model, X, y)
    height = np.ptp(y)
    assert np.ptp(ax.get_ylim()) < 6 * height
    assert not any(name.startswith("last") for name in lines(ax))


def test_fits_out_of_sight_are_told_of(line_data):
    X, y = line_data
    model = gw.BatchGD(learning_rate=0.1, epochs=300).fit(X, y + 1000)
    ax = plot.fit_evolution(model, X, y + 1000, k=1)
    assert "updates 0 to 0: outside the picture" in texts(ax)
    assert len(fits(ax)) == 1


def test_several_walks_have_a_panel_each(line_data):
    X, y = line_data
    walks = {
        "all": gw.BatchGD(epochs=5).fit(X, y),
        "few": gw.MiniBatchGD(epochs=5, random_state=0).fit(X, y),
    }
    axes = plot.fit_evolution(walks, X, y)
    assert [ax.get_title(loc="left") for ax in axes] == ["all", "few"]
    _, mine = plt.subplots(1, 2)
    assert list(plot.fit_evolution(list(walks.values()), X, y, ax=mine)) == list(mine)
    _, one = plt.subplots()
    assert plot.fit_evolution(walks["all"], X, y, ax=one) is one
    with pytest.raises(ValueError, match="2 panels"):
        plot.fit_evolution(walks, X, y, ax=one)


def test_a_history_and_a_result_are_drawn_when_the_loss_is_told(line_data):
    X, y = line_data
    model = gw.BatchGD(learning_rate=0.1, epochs=20).fit(X, y)
    ax = plot.fit_evolution(model.history_, X, y, loss="mse")
    theta = model.params_
    np.testing.assert_allclose(
        fits(ax)[-1].get_ydata(), theta[0] + theta[1] * np.array(ax.get_xlim())
    )

    def mean_square(theta):
        return gw.loss_and_grad(X, y, theta)

    result = gw.BatchGD(learning_rate=0.1, epochs=20).minimize(mean_square, [0, 0], jac=True)
    again = plot.fit_evolution(result, X, y, loss="mse")
    np.testing.assert_allclose(fits(again)[-1].get_ydata(), fits(ax)[-1].get_ydata())
    with pytest.raises(ValueError, match=r'does not say how.*loss="mse"'):
        plot.fit_evolution(model.history_, X, y)


def test_many_rows_are_thinned_and_the_picture_says_so():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 1))
    y = X[:, 0]
    ax = plot.fit_evolution(gw.BatchGD(epochs=2).fit(X, y), X, y)
    assert len(lines(ax)["data"].get_xdata()) == 3000
    assert ax.get_title(loc="left") == "3,000 of 20,000 rows drawn"


def test_names_come_from_the_table_or_the_caller(line_data):
    pandas = pytest.importorskip("pandas")
    X, y = data(2, "regression")
    table = pandas.DataFrame(X, columns=["height", "width"])
    model = gw.BatchGD(epochs=3).fit(table, y)
    assert plot.fit_evolution(model, table, y, feature="width").get_xlabel() == "width"
    named = plot.fit_evolution(model, X, y, feature_names=["a", "b"], feature="b")
    assert named.get_xlabel() == "b"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"k": 0}, "k must be a whole number of at least 1; got 0"),
        ({"k": True}, "k must be a whole number"),
        ({"feature": 2}, "there is no feature 2: the features are 0 to 1"),
        ({"feature": "height"}, "'height' names no feature.* hand over feature_names"),
        ({"feature_names": ["a"]}, "feature_names must hold 2 names, .*, got 1"),
        ({"X": np.ones((60, 3))}, "with 2 columns, got shape"),
        ({"X": np.ones(60)}, r"X.reshape\(-1, 1\)"),
        ({"y": np.ones(59)}, "y must be of one number for each of the 60 rows of X; got 59"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message):
    X, y = data(2, "regression")
    arguments = {"X": X, "y": y} | settings
    with pytest.raises((TypeError, ValueError), match=message):
        plot.fit_evolution(walk(2, "regression", "whole", "update"), **arguments)


def test_no_path_no_picture(line_data):
    X, y = line_data
    with pytest.raises(ValueError, match=r'recorded no path.*record="auto"'):
        plot.fit_evolution(gw.BatchGD(epochs=2, record=None).fit(X, y), X, y)


@pytest.mark.usefixtures("korean")
def test_korean(line_data):
    X, y = line_data
    ax = plot.fit_evolution(gw.BatchGD(epochs=5).fit(X, y), X, y, k=2)
    assert list(lines(ax)) == ["데이터", "기록된 처음 2개의 적합", "마지막: 갱신 5회"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("특성 0", "타깃 y")
    assert labelled(ax, "_early")


def test_korean_has_every_glyph():
    model = walk(30, "regression", "diverged", "update")
    draw_in_korean(lambda: plot.fit_evolution(model, *data(30, "regression")))
