"""The three methods in one figure, and raw beside standardised features."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gradwalk as gw
from drawn import legend_texts, minimized, named_lines, regression, three_walks
from gradwalk import plot
from gradwalk.plot._data import looks
from pictured_walks import PAIRS, data, draw_in_korean, in_frame, walk

# --- method_comparison ---------------------------------------------------------------


def bars(ax):
    """Length and colour of each bar, from the top."""
    drawn = sorted(ax.patches, key=lambda bar: bar.get_y())
    return [(bar.get_x() + bar.get_width(), bar.get_facecolor()) for bar in drawn]


def test_four_panels_show_what_sets_the_methods_apart():
    X, y = regression()
    paths, epochs, seconds, work = plot.method_comparison(three_walks(), X, y)
    assert all(ax.get_title(loc="left") for ax in (paths, epochs, seconds, work))
    for name, model in three_walks().items():
        path = named_lines(paths)[name].get_xydata()
        np.testing.assert_array_equal(path, model.history_.path[:, 1:])
        np.testing.assert_array_equal(
            named_lines(epochs)[name].get_ydata(), model.history_.full_loss
        )
        np.testing.assert_array_equal(
            named_lines(seconds)[name].get_xdata(), model.history_.seconds
        )
    # Updates an epoch, then rows in memory: 70 rows, batches of 32.
    assert [length for length, _ in bars(work)] == pytest.approx([1, 70, 3, 70, 1, 32])
    assert [text.get_text() for text in work.texts if text.get_text().isdigit()] == [
        "1", "70", "3", "70", "1", "32",
    ]  # fmt: skip
    assert bars(work)[0][1] == plt.matplotlib.colors.to_rgba(looks.METHODS["batch"].color)


def test_it_fits_the_three_methods_itself():
    X, y = regression()
    panels = plot.method_comparison(X=X, y=y, epochs=5, batch_size=10)
    assert legend_texts(panels[1]) == ["batch", "stochastic", "mini-batch (10 rows)"]
    for line in named_lines(panels[1]).values():
        loss = line.get_ydata()
        assert len(loss) == 6
        assert loss[-1] < 0.5 * loss[0]
    with pytest.raises(ValueError, match="hand over fitted models, or X and y"):
        plot.method_comparison()


@pytest.mark.parametrize("loss", ["log_loss", "hinge", "cross_entropy", "mae"])
def test_it_fits_other_losses(loss):
    X, y = regression()
    labels = y if loss == "mae" else (y > 0).astype(int)
    panels = plot.method_comparison(X=X, y=labels, loss=loss, epochs=3)
    assert f"({loss})" in panels[1].get_ylabel()


def test_where_there_is_no_map_its_panel_says_why():
    X, y = regression()
    lonely = gw.BatchGD("mse", epochs=3, fit_intercept=False).fit(X[:, :1].copy(), y)
    silent = gw.BatchGD("mse", epochs=3, record=None).fit(X, y)
    for walks, data_given, reason in (
        (lonely, (X[:, :1], y), "one parameter alone"),
        (silent, (X, y), "no path was recorded"),
        (three_walks(), (), "no map without"),
        (three_walks()["batch"].history_, (X, y), "no map without"),
    ):
        panels = plot.method_comparison(walks, *data_given)
        assert panels[0].texts[0].get_text().startswith(reason)
        assert len(panels[1].lines) >= 1


def test_what_a_record_does_not_tell_is_a_question_mark():
    bowl = gw.landscapes.bowl
    walks = {"noisy": minimized(bowl.as_sum(20, 1.0), method=gw.SGD, epochs=2)}
    work = plot.method_comparison(walks, fun=bowl)[3]
    assert [text.get_text() for text in work.texts if text.get_text() in ("?", "20")] == ["20", "?"]


def test_panels_are_the_callers():
    X, y = regression()
    _, axes = plt.subplots(1, 4)
    assert list(plot.method_comparison(three_walks(), X, y, ax=axes)) == list(axes)
    with pytest.raises(ValueError, match="4 panels, so ax must be an array"):
        plot.method_comparison(three_walks(), X, y, ax=axes[:3])


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), PAIRS)
def test_every_kind_of_walk_is_compared(d, task, fate, record):
    model = walk(d, task, fate, record)
    panels = plot.method_comparison(model, *data(d, task))
    assert all(in_frame(ax) for ax in panels[[0]])
    for ax in panels[1:]:
        assert np.all(np.isfinite([ax.get_xlim(), ax.get_ylim()]))


# --- scaling_contours ----------------------------------------------------------------


def stretched(n=200):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(n, 3)) * [10.0, 1.0, 0.5] + [3.0, 1.0, 0.0]
    return X, X @ [0.1, 1.0, 0.0] + 0.1 * rng.normal(size=n)


def test_raw_features_make_a_narrow_valley_and_standardised_ones_a_round():
    X, y = stretched()
    raw, standard = plot.scaling_contours(X, y, feature_names=["wide", "narrow", "other"])
    kappas = []
    for ax, rows in (
        (raw, X[:, :2] - X[:, :2].mean(axis=0)),
        (standard, (X[:, :2] - X[:, :2].mean(axis=0)) / X[:, :2].std(axis=0)),
    ):
        hessian = 2.0 * rows.T @ rows / len(rows)
        kappas.append(np.linalg.cond(hessian))
        assert f"κ = {kappas[-1]:,.3g}" in ax.get_title(loc="left")
        best = np.linalg.lstsq(rows, y - y.mean(), rcond=None)[0]
        star = named_lines(ax)["minimum"].get_xydata()[0]
        np.testing.assert_allclose(star, best, atol=1e-9)
        # One scale for both axes, or the narrow valley would look round.
        assert np.ptp(ax.get_xlim()) == pytest.approx(np.ptp(ax.get_ylim()))
        assert ax.get_aspect() == 1.0
        path = named_lines(ax)["batch"].get_xydata()
        assert len(path) == 41
        ends = np.linalg.eigvalsh(hessian)
        rate = min(2 / ends.sum(), 1.8 / ends[1])
        np.testing.assert_allclose(path[1], -rate * 2.0 * rows.T @ -(y - y.mean()) / len(y))
    assert kappas[0] > 50 > 2 > kappas[1]
    assert raw.get_xlabel() == "weight of wide"
    # After as many updates one has arrived and the other has not.
    distance = [
        np.linalg.norm(
            named_lines(ax)["batch"].get_xydata()[-1] - named_lines(ax)["minimum"].get_xydata()[0]
        )
        for ax in (raw, standard)
    ]
    assert distance[1] < 1e-6 < distance[0]


def test_scaling_of_one_feature_is_over_the_intercept_too():
    X, y = stretched()
    raw, standard = plot.scaling_contours(X[:, :1] + 50.0, y)
    assert (raw.get_xlabel(), raw.get_ylabel()) == ("intercept", "weight of feature 0")
    assert "κ = 1\n" in standard.get_title(loc="left")


def test_scaling_of_two_classes():
    X, y = stretched()
    panels = plot.scaling_contours(X, (y > y.mean()).astype(int), features=(0, 2), loss="log_loss")
    assert all(np.all(np.isfinite([ax.get_xlim(), ax.get_ylim()])) for ax in panels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": "cross_entropy"}, "needs a loss with a curvature and with one output"),
        ({"loss": "mae"}, "needs a loss with a curvature"),
        ({"features": (0, 3)}, "there is no feature 3: the features are 0 to 2"),
        ({"feature_names": ["a"]}, "feature_names must hold 3 names"),
        ({"y": np.zeros(3)}, "X must have a row for each of the 3 targets"),
        ({"X": np.ones((200, 2))}, "cannot be standardised"),
    ],
)
def test_what_cannot_be_scaled_is_refused(change, message):
    X, y = stretched()
    with pytest.raises(ValueError, match=message):
        plot.scaling_contours(**({"X": X, "y": y} | change))


def test_both_in_korean():
    X, y = regression()
    draw_in_korean(lambda: plot.method_comparison(list(three_walks().values()), X, y))
    draw_in_korean(lambda: plot.scaling_contours(X, y))
