"""Names and labels that the helpers are given: one answer from all of them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
import loss_kinds
from gradwalk import plot

RNG = np.random.default_rng(1)
VALUES = RNG.normal(size=(40, 3))
NAMES = ["size", "age", "rooms"]
FRAME = pd.DataFrame(VALUES, columns=NAMES)
TARGET = VALUES @ [1.0, 2.0, -1.0]
CLASSES = (TARGET > 0).astype(int)
TABLES = {
    "pandas": FRAME,
    "pandas, mixed": FRAME.assign(rooms=FRAME["rooms"] > 0).assign(
        age=FRAME["age"].astype("Float64")
    ),
    "polars": pl.DataFrame(VALUES, schema=NAMES),
    "arrow": pa.table({name: VALUES[:, k] for k, name in enumerate(NAMES)}),
}


def line(X=VALUES):
    return gw.BatchGD(learning_rate=0.1, epochs=8).fit(X, TARGET)


def classifier(X=VALUES, loss="log_loss", y=CLASSES):
    return gw.BatchGD(loss, learning_rate=0.5, epochs=8).fit(X, y)


def only(ax):
    return np.ravel(ax)[0]


# Draws over the features that are named, two or one.
PAIRS = {
    "contour_paths": lambda X, **given: plot.contour_paths(line(X), X, TARGET, **given),
    "surface_path": lambda X, **given: plot.surface_path(line(X), X, TARGET, **given),
    "gradient_field": lambda X, **given: plot.gradient_field(line(X), X, TARGET, **given),
    "animate": lambda X, **given: plot.animate(line(X), X, TARGET, frames=2, **given).ax,
    "method_comparison": lambda X, **given: plot.method_comparison(line(X), X, TARGET, **given),
    "scaling_contours": lambda X, **given: plot.scaling_contours(X, TARGET, **given),
    "decision_boundary": lambda X, **given: plot.decision_boundary(
        classifier(X), X, CLASSES, **given
    ),
}
SINGLES = {
    "trace_1d": ("feature", lambda X, **given: plot.trace_1d(line(X), X, TARGET, **given)),
    "tangents": ("feature", lambda X, **given: plot.tangents(line(X), X, TARGET, **given)),
    "fit_evolution": (
        "feature",
        lambda X, **given: plot.fit_evolution(line(X), X, TARGET, **given),
    ),
    "animate trace": (
        "features",
        lambda X, **given: plot.animate(line(X), X, TARGET, kind="trace", frames=2, **given).ax,
    ),
    "animate fit": (
        "features",
        lambda X, **given: plot.animate(line(X), X, TARGET, kind="fit", frames=2, **given).ax,
    ),
}
ALL = {**PAIRS, **{name: draw for name, (_, draw) in SINGLES.items()}}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ALL)
def test_the_columns_of_a_table_label_the_axes(name, table):
    ax = only(ALL[name](TABLES[table]))
    assert ax.get_xlabel() in ("size", "weight of size")
    if name in PAIRS:
        assert ax.get_ylabel() in ("age", "weight of age")


@pytest.mark.parametrize("name", PAIRS)
def test_features_are_named_by_word_or_number(name):
    draw = PAIRS[name]
    for X, features, given in (
        (FRAME, ("age", "rooms"), {}),
        (FRAME, (1, "rooms"), {}),
        (FRAME, (np.int64(1), np.str_("rooms")), {}),
        (VALUES, ("b", "c"), {"feature_names": ["a", "b", "c"]}),
        (VALUES, (1, 2), {"feature_names": np.array(["a", "b", "c"])}),
        (FRAME, ["b", "c"], {"feature_names": pd.Index(["a", "b", "c"])}),
    ):
        ax = only(draw(X, features=features, **given))
        first, second = ("b", "c") if given else ("age", "rooms")
        assert ax.get_xlabel().endswith(first)
        assert ax.get_ylabel().endswith(second)
        plt.close("all")


@pytest.mark.parametrize("name", SINGLES)
def test_a_single_feature_is_named_by_word_or_number(name):
    argument, draw = SINGLES[name]
    for feature in ("rooms", 2):
        assert only(draw(FRAME, **{argument: feature})).get_xlabel().endswith("rooms")


def test_the_columns_of_the_fit_name_plain_rows():
    ax = plot.contour_paths(line(FRAME), VALUES, TARGET, features=("rooms", "intercept"))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight of rooms", "intercept")
    ax = plot.decision_boundary(classifier(FRAME), VALUES, CLASSES)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size", "age")


def test_columns_numbered_by_pandas_have_no_names():
    X = pd.DataFrame(VALUES)
    assert only(plot.contour_paths(line(X), X, TARGET)).get_xlabel() == "weight of feature 0"
    assert only(plot.fit_evolution(line(X), X, TARGET)).get_xlabel() == "feature 0"


def test_a_column_called_intercept_gives_way_to_that_of_the_model():
    X = FRAME.rename(columns={"size": "intercept"})
    ax = plot.contour_paths(line(X), X, TARGET, features=("intercept", 0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("intercept", "weight of intercept")
    bare = gw.BatchGD(fit_intercept=False, epochs=3).fit(X, TARGET)
    ax = plot.contour_paths(bare, X, TARGET, features=("intercept", "age"))
    assert ax.get_xlabel() == "weight of intercept"


def test_classes_are_named_beside_a_feature_by_its_name():
    model = classifier(FRAME, "cross_entropy")
    ax = plot.contour_paths(model, FRAME, CLASSES, features=(("age", 1), ("rooms", 0)))
    assert ax.get_xlabel() == "weight of age for class 1"
    assert ax.get_ylabel() == "weight of rooms for class 0"


def test_coordinates_of_a_function_have_names_too():
    bowl = gw.landscapes.bowl
    walk = gw.BatchGD(learning_rate=0.1, epochs=5).minimize(bowl, bowl.start)
    given = {"fun": bowl, "feature_names": ["left", "right"]}
    ax = plot.contour_paths(walk, features=("right", "left"), **given)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("right", "left")
    assert plot.trace_1d(walk, feature="right", **given).get_xlabel() == "right"
    with pytest.raises(ValueError, match="there is no coordinate 'up': the names are 'left', 'ri"):
        plot.contour_paths(walk, features=("up", "left"), **given)
    with pytest.raises(ValueError, match="feature_names must hold 2 names"):
        plot.contour_paths(walk, fun=bowl, feature_names=["x"])


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["a"], ValueError, "feature_names must hold 3 names, one for each feature of X"),
        (["a", "b", "c", "d"], ValueError, "feature_names must hold 3 names.*, got 4"),
        ([], ValueError, "feature_names must hold 3 names.*, got 0"),
        (
            [1, 2, 3],
            TypeError,
            "feature_names must hold names, which are strings, got 1 at place 0",
        ),
        (["a", None, "c"], TypeError, r"got None at place 1. Write feature_names=\[str\(name\)"),
        ("abc", TypeError, "feature_names must be a list of 3 names.*got 'abc'"),
        (5, TypeError, r'feature_names must be a list of 3 names, as in feature_names=\["a", "b"'),
    ],
)
@pytest.mark.parametrize("name", ALL)
def test_names_that_are_none_get_one_answer(name, names, error, message):
    with pytest.raises(error, match=message):
        ALL[name](VALUES, feature_names=names)


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ("height", "there is no feature 'height': the names are 'size', 'age', 'rooms'"),
        (3, "there is no feature 3: the features are 0 to 2"),
        (-1, "there is no feature -1"),
        (1.0, "a feature is named by its number or by its name, got 1.0"),
        (True, "named by its number or by its name, got True"),
    ],
)
@pytest.mark.parametrize("name", ALL)
def test_features_that_are_not_there_get_one_answer(name, feature, message):
    given = {"features": ("size", feature)} if name in PAIRS else {SINGLES[name][0]: feature}
    with pytest.raises(ValueError, match=message):
        ALL[name](FRAME, **given)
    with pytest.raises(ValueError, match=r"names no feature.*hand over feature_names"):
        ALL[name](VALUES, **dict.fromkeys(given, ("size", "age") if name in PAIRS else "size"))


def test_a_name_of_two_columns_is_no_name():
    with pytest.raises(ValueError, match="more than one feature is named 'a': write its number"):
        plot.contour_paths(line(), VALUES, TARGET, features=("a", 2), feature_names=["a", "a", "b"])


# --- Axes ----------------------------------------------------------------------------

AXES = {
    **ALL,
    "loss_curve": lambda X, **given: plot.loss_curve(line(X), **given),
    "loss_vs_time": lambda X, **given: plot.loss_vs_time(line(X), **given),
    "plateau": lambda X, **given: plot.plateau(line(X), X, TARGET, **given),
    "gradient_noise": lambda X, **given: plot.gradient_noise(line(X), X, TARGET, **given),
    "learning_rate_sweep": lambda X, **given: plot.learning_rate_sweep(
        X, TARGET, epochs=2, **given
    ),
    "batch_size_sweep": lambda X, **given: plot.batch_size_sweep(X, TARGET, epochs=2, **given),
    "escape_map": lambda X, **given: plot.escape_map(
        gw.landscapes.double_well, starts=3, seeds=1, updates=5, **given
    ),
    "sweep": lambda X, **given: gw.sweep(
        gw.BatchGD(epochs=2), X, TARGET, learning_rate=[0.01, 0.1]
    ).plot(**given),
}


@pytest.mark.parametrize("name", AXES)
def test_what_is_no_axes_is_said(name):
    figure = plt.figure()
    for ax, got in (
        (plt, "got the module matplotlib.pyplot"),
        (figure, "got a Figure"),
        ("left", "got a str"),
    ):
        with pytest.raises(TypeError, match=rf"ax must be .*Axes, {got}: write ax=\S+\("):
            AXES[name](VALUES, ax=ax)
    assert figure.axes == []


def test_the_answer_to_no_axes_can_be_written():
    model = line()
    for ax, write in ((plt, "plt.gca()"), (plt.figure(), "fig.gca()")):
        with pytest.raises(TypeError, match=re.escape(f"write ax={write}")):
            plot.loss_curve(model, ax=ax)
    figure, axes = plt.subplots(1, 2)
    with pytest.raises(TypeError, match=r"got 2 things in one ndarray: write ax=ax\[0\]"):
        plot.loss_curve(model, ax=axes)
    with pytest.raises(TypeError, match="write ax=the second of fig, ax"):
        plot.loss_curve(model, ax=(figure, axes[0]))
    with pytest.raises(TypeError, match="ax must be flat axes"):
        plot.loss_curve(model, ax=plt.figure().add_subplot(projection="3d"))
    with pytest.raises(TypeError, match=r"got a Figure: write ax=fig.add_subplot\(projection=\"3d"):
        plot.surface_path(model, VALUES, TARGET, ax=figure)
    with pytest.raises(TypeError, match=r"write ax=plt.subplots\(2, 1\)\[1\]"):
        plot.plateau(model, ax=figure)


# --- Labels --------------------------------------------------------------------------

WRONG_LABELS = {
    "words": np.where(CLASSES, "yes", "no"),
    "a column of words": pd.Series(np.where(CLASSES, "yes", "no")),
    "1 and 2": CLASSES + 1,
    "halves": CLASSES * 0.5,
    "NaN": np.where(np.arange(40) == 3, np.nan, CLASSES),
    "too few": CLASSES[:-1],
    "a table": np.column_stack([CLASSES] * 3),
}


@pytest.mark.parametrize("labels", WRONG_LABELS)
@pytest.mark.parametrize("loss", loss_kinds.CLASSES)
def test_labels_that_are_none_are_refused_by_name(loss, labels):
    model = classifier(loss=loss)
    for draw in (
        plot.decision_boundary,
        plot.fit_evolution,
        lambda *data: plot.animate(*data, kind="fit"),
    ):
        if loss == "cross_entropy" and draw is not plot.decision_boundary:
            continue
        with pytest.raises((TypeError, ValueError), match=r"\by\b") as caught:
            draw(model, VALUES, WRONG_LABELS[labels])
        assert str(caught.value).startswith("y")


@pytest.mark.parametrize("labels", ["words", "NaN", "too few"])
def test_targets_that_are_none_are_refused_by_name(labels):
    for draw in (plot.fit_evolution, lambda *data: plot.animate(*data, kind="fit")):
        with pytest.raises((TypeError, ValueError), match=r"^y"):
            draw(line(), VALUES, WRONG_LABELS[labels])


@pytest.mark.parametrize(("loss", "low"), [("log_loss", 0), ("hinge", 0), ("hinge", -1)])
def test_labels_keep_their_names_and_their_places(loss, low):
    y = np.where(CLASSES, 1, low)
    model = classifier(loss=loss, y=y)
    expected = {f"class {low}".replace("-", "−"): 40 - CLASSES.sum(), "class 1": CLASSES.sum()}
    evolution = plot.fit_evolution(model, VALUES, y)
    boundary = plot.decision_boundary(model, VALUES, y)
    for ax in (evolution, boundary):
        points = {
            dots.get_label(): dots for dots in ax.lines if dots.get_label().startswith("class")
        }
        assert {name: len(dots.get_xdata()) for name, dots in points.items()} == expected
    # Beside a probability the classes stand at 0 and 1, beside a score at −1 and 1.
    heights = {
        float(h)
        for dots in evolution.lines
        if dots.get_label().startswith("class")
        for h in dots.get_ydata()
    }
    assert heights == ({0.0, 1.0} if loss == "log_loss" else {-1.0, 1.0})


def test_flags_and_one_hot_rows_are_labels():
    ax = plot.decision_boundary(classifier(), VALUES, CLASSES.astype(bool))
    counts = [len(dots.get_xdata()) for dots in ax.lines if dots.get_label().startswith("class")]
    assert counts == [40 - CLASSES.sum(), CLASSES.sum()]
    model = classifier(loss="cross_entropy")
    ax = plot.decision_boundary(model, VALUES, np.eye(2)[CLASSES])
    assert [len(d.get_xdata()) for d in ax.lines if d.get_label().startswith("class")] == counts


# --- Names of walks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (None, TypeError, "named by words or numbers"),
        ((0.1, 32), TypeError, "named by words or numbers"),
        (True, TypeError, "named by words or numbers"),
        ("", ValueError, "must have letters"),
        (" ", ValueError, "must have letters"),
        ("_small", ValueError, 'none of "_" in front'),
    ],
)
def test_a_walk_needs_a_name_that_a_legend_shows(name, error, message):
    for draw in (plot.loss_curve, lambda walks: plot.contour_paths(walks, VALUES, TARGET)):
        with pytest.raises(error, match=message):
            draw({name: line()})


def test_walks_have_names_of_their_own():
    with pytest.raises(ValueError, match=r"two walks are named '0\.1'"):
        plot.loss_curve({0.1: line(), "0.1": line()})
    ax = plot.loss_curve({0.1: line(), np.float64(0.2): line(), "small η": line()})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0.1", "0.2", "small η"]
