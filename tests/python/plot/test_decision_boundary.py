"""Where a classifier changes its mind: the borders, the regions, the points, the words."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from gradwalk import plot
from gradwalk._core import LOSS_FACTS
from gradwalk.plot._data import regions
from gradwalk.plot._draw import style
from loss_kinds import TWO_CLASSES
from pictured_walks import CASES, data, draw_in_korean, in_frame, labelled, lines, texts, walk

CLASSES = [case for case in CASES if case[1] != "regression"]


@pytest.fixture(scope="module")
def four():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 4, 200)
    X = rng.normal(size=(200, 2)) + np.array([[0, 0], [3, 0], [0, 3], [3.5, 3.5]])[label]
    return X, label, gw.BatchGD("cross_entropy", learning_rate=0.2, epochs=200).fit(X, label)


def filled(ax):
    """The regions: colour and corners."""
    return [(patch.get_facecolor()[:3], patch.get_xy()) for patch in ax.patches]


def inside(corners, point):
    """Whether a point is within a convex polygon."""
    ways = np.roll(corners, -1, axis=0) - corners
    to = point - corners
    turns = ways[:, 0] * to[:, 1] - ways[:, 1] * to[:, 0]
    return bool(np.all(turns >= -1e-9) or np.all(turns <= 1e-9))


@pytest.mark.parametrize("loss", TWO_CLASSES)
def test_the_boundary_of_two_classes_is_where_the_score_is_zero(loss):
    X, y = data(2, "binary")
    model = gw.BatchGD(loss, learning_rate=0.1, epochs=100).fit(X, y)
    ax = plot.decision_boundary(model, X, y)
    border = lines(ax)["decision boundary"].get_xydata()
    np.testing.assert_allclose(model.decision_function(border), 0, atol=1e-9)
    # From edge to edge of the frame.
    box = np.array([ax.get_xlim(), ax.get_ylim()])
    assert all(np.isclose(end[:, None], box).any() for end in border)
    for number in (0, 1):
        points = lines(ax)[f"class {number}"].get_xydata()
        np.testing.assert_array_equal(points, X[y == number])
    probability = "probability of class 1" in lines(ax)
    assert probability == (loss == "log_loss")
    assert ("margin z = ±1" in lines(ax)) == (LOSS_FACTS[loss].margin_of_bend == 1)


def test_regions_are_what_the_model_predicts(four):
    X, y, model = four
    ax = plot.decision_boundary(model, X, y)
    colors = [plt.matplotlib.colors.to_rgb(look.color) for look in style.classes(4)]
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(*ax.get_xlim(), 300), rng.uniform(*ax.get_ylim(), 300)])
    for point, predicted in zip(points, model.predict(points), strict=True):
        found = [color for color, corners in filled(ax) if inside(corners, point)]
        assert found == [colors[predicted]]


def test_borders_of_many_classes_part_the_two_best(four):
    X, y, model = four
    ax = plot.decision_boundary(model, X, y)
    borders = [lines(ax)["decision boundary"], *labelled(ax, "_border")]
    assert 3 <= len(borders) <= 6
    for border in borders:
        middle = border.get_xydata().mean(axis=0, keepdims=True)
        best = np.sort(model.decision_function(middle)[0])[::-1]
        assert best[0] == pytest.approx(best[1])
        assert best[1] > best[2]


def test_lines_of_equal_probability_are_where_they_say():
    X, y = data(2, "binary")
    model = gw.BatchGD("log_loss", learning_rate=0.1, epochs=100).fit(X, y)
    ax = plot.decision_boundary(model, X, y)
    (drawn,) = [c for c in ax.collections if hasattr(c, "levels")]
    for probability, path in zip((0.1, 0.25, 0.75, 0.9), drawn.get_paths(), strict=True):
        assert len(path.vertices)
        np.testing.assert_allclose(model.predict_proba(path.vertices)[:, 1], probability, atol=1e-6)
    assert not [
        c
        for c in plot.decision_boundary(model, X, y, probabilities=False).collections
        if hasattr(c, "levels")
    ]


def test_earlier_boundaries_come_from_the_path():
    X, y = data(2, "binary")
    model = gw.BatchGD("log_loss", learning_rate=0.1, epochs=300).fit(X, y)
    ax = plot.decision_boundary(model, X, y, k=4)
    early = [*labelled(ax, "_early"), lines(ax)["earlier boundaries (number: update)"]]
    assert len(early) == 4
    # From the first third, at evenly growing distances.
    for update, line in zip((1, 5, 21, 99), early, strict=True):
        theta = model.history_.path[update]
        np.testing.assert_allclose(theta[0] + line.get_xydata() @ theta[1:], 0, atol=1e-9)
    numbers = [text for text in texts(ax) if text.isdigit()]
    assert numbers[0] == "1"
    assert set(numbers) <= {"1", "5", "21", "99"}


def test_other_features_are_held_at_their_means():
    X, y = data(30, "binary")
    model = gw.BatchGD("log_loss", learning_rate=0.01, epochs=50).fit(X, y)
    ax = plot.decision_boundary(model, X, y, features=(29, 0))
    border = lines(ax)["decision boundary"].get_xydata()
    rows = np.tile(X.mean(axis=0), (2, 1))
    rows[:, [29, 0]] = border
    np.testing.assert_allclose(model.decision_function(rows), 0, atol=1e-9)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 29", "feature 0")
    assert ax.get_title(loc="left") == "other features (28) held at their means"


@pytest.mark.parametrize("loss", ["log_loss", "hinge", "cross_entropy"])
def test_one_feature_is_a_curve_with_a_threshold(loss):
    X, y = data(1, "binary")
    model = gw.BatchGD(loss, learning_rate=0.1, epochs=200).fit(X, y)
    ax = plot.decision_boundary(model, X, y)
    (threshold,) = [name for name in lines(ax) if name.startswith("threshold x = ")]
    place = lines(ax)[threshold].get_xdata()[0]
    before, after = model.predict([[place - 1e-6], [place + 1e-6]])
    assert (before, after) == (0, 1)
    assert float(threshold.removeprefix("threshold x = ")) == pytest.approx(place, rel=0.01)
    (curve,) = labelled(ax, "_curve")
    x = curve.get_xdata()[:, None]
    expected = model.decision_function(x) if loss == "hinge" else model.predict_proba(x)[:, 1]
    np.testing.assert_allclose(curve.get_ydata(), expected, atol=1e-12)
    # A band for each class, up to the threshold and from there on.
    assert len(ax.patches) == 2
    only = plot.decision_boundary(model, X, y, features=[0])
    np.testing.assert_array_equal(labelled(only, "_curve")[0].get_xydata(), curve.get_xydata())


def test_one_feature_and_three_classes_have_a_curve_each():
    X, y = data(1, "multi-class")
    model = gw.BatchGD("cross_entropy", learning_rate=0.2, epochs=500).fit(X, y)
    ax = plot.decision_boundary(model, X, y)
    curves = labelled(ax, "_curve")
    x = curves[0].get_xdata()[:, None]
    np.testing.assert_allclose(
        np.column_stack([curve.get_ydata() for curve in curves]), model.predict_proba(x)
    )
    thresholds = sorted(line.get_xdata()[0] for line in labelled(ax, "_threshold"))
    changes = np.flatnonzero(np.diff(model.predict(x)))
    assert len(thresholds) == len(changes) == 2
    np.testing.assert_allclose(thresholds, x[changes, 0], atol=x[1, 0] - x[0, 0])


@pytest.mark.parametrize(("d", "task", "fate", "record"), CLASSES)
def test_every_classifier_can_be_drawn(d, task, fate, record):
    X, y = data(d, task)
    model = walk(d, task, fate, record)
    ax = plot.decision_boundary(model, X, y, k=3)
    ax.figure.canvas.draw()
    assert in_frame(ax)
    assert len(ax.lines) < 60
    points = [lines(ax)[f"class {number}"] for number in range(int(y.max()) + 1)]
    assert sum(len(line.get_xdata()) for line in points) == len(y)
    written = "\n".join(texts(ax))
    assert ("no boundary yet" in written) == (fate == "single point")
    assert ("diverged" in written) == (fate == "diverged")


def test_labels_of_minus_one_keep_their_names():
    X, y = data(2, "binary")
    model = gw.BatchGD("hinge", learning_rate=0.1).fit(X, 2 * y - 1)
    assert {"class −1", "class 1"} <= set(lines(plot.decision_boundary(model, X, 2 * y - 1)))


def test_one_hot_classes_are_the_same_classes(four):
    X, y, model = four
    a, b = (plot.decision_boundary(model, X, t) for t in (y, np.eye(4)[y]))
    np.testing.assert_array_equal(
        lines(a)["class 3"].get_xydata(), lines(b)["class 3"].get_xydata()
    )


def test_a_regression_is_sent_to_its_own_picture():
    X, y = data(2, "regression")
    with pytest.raises(ValueError, match=r"'mini-batch \(20 rows\)' has mse.*plot.fit_evolution"):
        plot.decision_boundary(walk(2, "regression", "whole", "update"), X, y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"features": (0, 2)}, "there is no feature 2"),
        ({"features": (1, 1)}, "features must name different features"),
        ({"features": (0, 1, 1)}, "features must name one or two features"),
        ({"features": "01"}, "features must name one or two features"),
        ({"k": -1}, "k must be a whole number of at least 0"),
        ({"y": np.full(60, 3)}, "y must hold"),
        ({"X": np.ones((60, 4))}, "with 2 columns"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message):
    X, y = data(2, "multi-class")
    model = walk(2, "multi-class", "whole", "update")
    with pytest.raises(ValueError, match=message):
        plot.decision_boundary(model, **({"X": X, "y": y} | settings))


def test_a_record_is_no_classifier_and_early_borders_need_a_path():
    X, y = data(2, "binary")
    model = walk(2, "binary", "whole", "update")
    with pytest.raises(ValueError, match="decision_boundary needs the fitted model"):
        plot.decision_boundary(model.history_, X, y)
    silent = gw.BatchGD("log_loss", record=None).fit(X, y)
    assert "decision boundary" in lines(plot.decision_boundary(silent, X, y))
    with pytest.raises(ValueError, match="recorded no path"):
        plot.decision_boundary(silent, X, y, k=2)


def test_several_models_have_a_panel_each():
    X, y = data(2, "binary")
    models = {loss: gw.BatchGD(loss, learning_rate=0.1).fit(X, y) for loss in ("log_loss", "hinge")}
    axes = plot.decision_boundary(models, X, y)
    assert [ax.get_title(loc="left") for ax in axes] == ["log_loss", "hinge"]


def test_eleven_classes_are_too_many():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(44, 2)), np.arange(44) % 11
    model = gw.BatchGD("cross_entropy").fit(X, y)
    with pytest.raises(ValueError, match="at most 10 classes"):
        plot.decision_boundary(model, X, y)


@pytest.mark.usefixtures("korean")
def test_korean():
    X, y = data(2, "binary")
    ax = plot.decision_boundary(walk(2, "binary", "whole", "update"), X, y)
    assert {"결정 경계", "클래스 0", "클래스 1"} <= set(lines(ax))


# --- The geometry ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_regions_tile_the_box_and_edges_bound_them(seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(3, int(rng.integers(2, 8))))
    box = (-1.0, 2.0), (-3.0, 1.0)
    total = 0.0
    for which in range(scores.shape[1]):
        corners = regions.region(scores, which, box)
        if len(corners):
            x, y = corners.T
            total += 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
            values = scores[0] + corners @ scores[1:]
            np.testing.assert_allclose(values.max(axis=1), values[:, which], atol=1e-9)
    assert total == pytest.approx(12.0)
    for line in regions.edges(scores, box):
        assert np.all((line >= np.array(box)[:, 0] - 1e-9) & (line <= np.array(box)[:, 1] + 1e-9))
        best = np.sort(scores[0] + line @ scores[1:], axis=1)
        np.testing.assert_allclose(best[:, -1], best[:, -2], atol=1e-9)


def test_scores_that_never_cross_have_no_edge():
    box = (0.0, 1.0), (0.0, 1.0)
    assert regions.edge(np.array([[0.0, 5.0], [0.0, 1.0], [0.0, 1.0]]), 0, 1, box) is None
    assert regions.edge(np.zeros((3, 2)), 0, 1, box) is None
    assert len(regions.region(np.array([[0.0, 5.0], [0.0, 1.0], [0.0, 1.0]]), 0, box)) == 0


def test_korean_has_every_glyph():
    model = walk(30, "binary", "whole", "update")
    draw_in_korean(lambda: plot.decision_boundary(model, *data(30, "binary"), k=2))


def test_the_legend_hides_no_neighbour():
    """Outside where the figure makes room for it, inside where it would be cut off."""
    X, y = data(2, "binary")
    model = walk(2, "binary", "whole", "update")
    for layout, outside in ((None, False), ("constrained", True)):
        _, ax = plt.subplots(layout=layout)
        plot.decision_boundary(model, X, y, ax=ax)
        ax.figure.canvas.draw()
        right = ax.get_legend().get_window_extent().x1
        assert (right > ax.bbox.x1) == outside
        assert right <= ax.figure.bbox.x1
