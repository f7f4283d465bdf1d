"""What the pictures show: lines, labels, limits, and when Matplotlib is imported."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

import gradwalk as gw
from gradwalk import plot
from gradwalk.plot import language, section, style

METHODS = {"batch": gw.BatchGD, "stochastic": gw.SGD, "mini-batch": gw.MiniBatchGD}
RATES = {"batch": 0.1, "stochastic": 0.01, "mini-batch": 0.05}


@pytest.fixture(autouse=True)
def _clean():
    yield
    plot.set_language("en")
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(70, 2))
    return X, X @ [2.0, -1.0] + 0.5 + 0.3 * rng.normal(size=70)


@pytest.fixture(scope="module")
def walks(data):
    X, y = data
    return {
        name: method("mse", learning_rate=RATES[name], epochs=6, random_state=0).fit(
            X, y, full_loss=True
        )
        for name, method in METHODS.items()
    }


def named_lines(ax):
    """The lines that stand in the legend, by their label."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# --- Importing -----------------------------------------------------------------------


def test_importing_gradwalk_and_its_plots_imports_no_heavy_package():
    heavy = ("matplotlib", "sklearn", "pandas", "IPython", "tqdm", "scipy")
    program = (
        "import sys, gradwalk, gradwalk.plot; gradwalk.plot.set_language('ko'); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert out.stdout.strip() == "[]"


# --- Loss against epochs and seconds -------------------------------------------------


def test_loss_curve_of_one_model_is_its_history(walks):
    ax = plot.loss_curve(walks["batch"])
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(line.get_ydata(), walks["batch"].history_.loss)
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "loss (mse), mean over the epoch"
    assert ax.get_yscale() == "linear"
    assert legend_texts(ax) == ["batch"]


def test_loss_curve_of_three_has_a_line_each_and_dots_for_updates(walks):
    ax = plot.loss_curve(walks, log=True)
    assert list(named_lines(ax)) == list(METHODS)
    dots = [line for line in ax.lines if line.get_label() == "_update"]
    assert [len(line.get_xdata()) for line in dots] == [6 * 70, 6 * 3]
    # Update u of an epoch with 3 updates stands at u / 3.
    np.testing.assert_allclose(dots[1].get_xdata(), np.arange(1, 19) / 3)
    np.testing.assert_array_equal(dots[1].get_ydata(), walks["mini-batch"].history_.update_loss)
    assert ax.get_yscale() == "log"
    assert len(plot.loss_curve(walks, updates=False).lines) == 3


def test_loss_axis_fits_the_epochs_not_the_wildest_update(walks):
    losses = np.concatenate([walk.history_.loss for walk in walks.values()])
    for log in (False, True):
        low, high = plot.loss_curve(walks, log=log).get_ylim()
        assert low < losses.min() < losses.max() < high
        assert high < 2 * losses.max()


def test_full_loss_starts_before_the_first_epoch(walks):
    ax = plot.loss_curve(walks, full_loss=True)
    for name, line in named_lines(ax).items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(7))
        np.testing.assert_array_equal(line.get_ydata(), walks[name].history_.full_loss)
    assert ax.get_ylabel() == "loss (mse) on all rows"


def test_full_loss_that_was_not_recorded_is_refused(data):
    X, y = data
    walk = gw.BatchGD("mse", epochs=2).fit(X, y)
    for draw in (plot.loss_curve, plot.loss_vs_time):
        with pytest.raises(ValueError, match=r"'batch' did not record.*full_loss=True"):
            draw(walk, full_loss=True)


def test_loss_vs_time_is_against_seconds_on_a_log_axis(walks):
    ax = plot.loss_vs_time(walks)
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "seconds of walking (log scale)"
    for name, line in named_lines(ax).items():
        np.testing.assert_array_equal(line.get_xdata(), walks[name].history_.seconds)
        np.testing.assert_array_equal(line.get_ydata(), walks[name].history_.loss)
    full = named_lines(plot.loss_vs_time(walks, full_loss=True))
    np.testing.assert_array_equal(full["batch"].get_ydata(), walks["batch"].history_.full_loss[1:])


def diverged(X, y, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gw.DivergenceWarning)
        walk = gw.BatchGD("mse", **{"learning_rate": 3.0, "epochs": 2000, **settings}).fit(X, y)
    assert walk.stop_reason_ == "diverged"
    return walk


def test_a_diverged_walk_is_named_and_cannot_blow_up_the_axes(data, walks):
    X, y = data
    both = {"good": walks["batch"], "wild": diverged(X, y)}
    ax = plot.loss_curve(both)
    assert legend_texts(ax) == ["good", "wild: diverged"]
    assert ax.get_ylim()[1] < 10 * walks["batch"].history_.loss[0]
    ax = plot.contour_paths(both, X, y, features=(0, 1))
    assert np.ptp(ax.get_xlim()) < 10
    assert np.ptp(ax.get_ylim()) < 10
    # The path is drawn until it first leaves the map, and no further.
    path = named_lines(ax)["wild: diverged"].get_xydata()
    assert len(path) < 20


def test_a_walk_that_diverges_in_its_first_epoch_can_be_drawn(data):
    X, y = data
    with pytest.warns(gw.DivergenceWarning):
        walk = gw.SGD("mse", learning_rate=1e200, random_state=0).fit(X, y)
    assert walk.n_epochs_ == 0
    ax = plot.loss_curve(walk, log=True)
    assert np.all(np.isfinite(ax.get_ylim()))
    assert legend_texts(ax) == ["stochastic: diverged"]


# --- What may be handed over ---------------------------------------------------------


def test_a_list_gets_the_names_of_the_methods(walks):
    ax = plot.loss_curve(list(walks.values()))
    assert legend_texts(ax) == ["batch", "stochastic", "mini-batch (32 rows)"]


def test_axes_are_the_callers_or_new_ones(walks, data):
    _, (left, middle, right) = plt.subplots(1, 3)
    assert plot.loss_curve(walks, ax=left) is left
    assert plot.loss_vs_time(walks, ax=middle) is middle
    assert plot.contour_paths(walks, *data, ax=right) is right
    assert plot.loss_curve(walks) is not left


@pytest.mark.parametrize("wrong", [3, [1, 2], {"a": None}, "batch"])
def test_what_is_no_model_is_refused(wrong):
    with pytest.raises(TypeError, match=r"walks must be a fitted BatchGD, SGD or MiniBatchGD"):
        plot.loss_curve(wrong)


def test_no_walks_and_unfitted_walks_are_refused():
    with pytest.raises(ValueError, match="walks is empty"):
        plot.loss_curve({})
    with pytest.raises(gw.NotFittedError):
        plot.loss_curve(gw.BatchGD("mse"))


# --- One style -----------------------------------------------------------------------


def test_one_method_has_one_look_in_every_picture(walks, data):
    pictures = [
        plot.loss_curve(walks),
        plot.loss_vs_time(walks),
        plot.contour_paths(walks, *data, features=(0, 1)),
    ]
    for name in METHODS:
        looks = {
            (named_lines(ax)[name].get_color(), named_lines(ax)[name].get_marker())
            for ax in pictures
        }
        assert len(looks) == 1


def test_methods_differ_in_colour_grey_line_and_marker():
    looks = list(style.METHODS.values())
    greys = sorted(np.dot(to_rgb(look.color), [0.299, 0.587, 0.114]) for look in looks)
    assert np.min(np.diff(greys)) > 0.15
    assert len({look.linestyle for look in looks}) == 3
    assert len({look.marker for look in looks}) == 3


def test_walks_of_one_method_keep_its_hue_and_differ_in_line(data):
    X, y = data
    rates = {
        f"{rate}": gw.BatchGD("mse", learning_rate=rate).fit(X, y) for rate in (0.01, 0.1, 0.2)
    }
    lines = list(named_lines(plot.loss_curve(rates)).values())
    assert lines[0].get_color() == style.METHODS["batch"].color
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_marker() for line in lines}) == 3
    for line in lines:
        red, _, blue = to_rgb(line.get_color())
        assert blue > red


# --- Paths on a contour --------------------------------------------------------------


def test_contour_paths_draws_the_recorded_paths(walks, data):
    X, y = data
    ax = plot.contour_paths(walks, X, y, features=(0, 1), feature_names=["height", "width"])
    lines = named_lines(ax)
    for name, walk in walks.items():
        np.testing.assert_array_equal(lines[name].get_xydata(), walk.history_.path[:, 1:])
    assert list(lines)[3:] == ["start", "end of a walk", "minimum", "line of equal loss (mse)"]
    np.testing.assert_array_equal(lines["start"].get_xydata(), [[0.0, 0.0]])
    ends = [line.get_xydata()[0] for line in ax.lines if line.get_label() == "_end"]
    np.testing.assert_array_equal(ends, [walk.history_.path[-1, 1:] for walk in walks.values()])
    assert ax.get_xlabel() == "weight of height"
    assert ax.get_ylabel() == "weight of width"
    for walk in walks.values():
        path = walk.history_.path[:, 1:]
        assert np.all((ax.get_xlim()[0] < path[:, 0]) & (path[:, 0] < ax.get_xlim()[1]))
        assert np.all((ax.get_ylim()[0] < path[:, 1]) & (path[:, 1] < ax.get_ylim()[1]))


def test_the_minimum_is_least_squares(data):
    X, y = data
    y = y - 0.5
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=10, fit_intercept=False).fit(X, y)
    star = named_lines(plot.contour_paths(walk, X, y))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], np.linalg.lstsq(X, y, rcond=None)[0])


def test_the_minimum_of_a_loss_without_closed_form_is_found(data):
    X, _ = data
    y = (X @ [1.0, -0.5] + np.sin(9 * X[:, 0]) > 0).astype(float)
    walk = gw.BatchGD("log_loss", learning_rate=1.0, epochs=3000, fit_intercept=False).fit(
        X, y, init=[3.0, 1.0]
    )
    star = named_lines(plot.contour_paths(walk, X, y))["minimum"]
    np.testing.assert_allclose(star.get_xydata()[0], walk.params_, atol=2e-3)


def test_contour_lines_stand_on_the_loss(data):
    """Each vertex of a contour line has the loss that the line says."""
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=10, fit_intercept=False).fit(X, y)
    ax = plot.contour_paths(walk, X, y, n_levels=8)
    lines = next(c for c in ax.collections if not getattr(c, "filled", True))
    assert len(lines.levels) == 8
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for a, b in path.vertices[::25]:
            loss, _ = gw.loss_and_grad(X, y, np.array([a, b]), loss="mse", fit_intercept=False)
            assert loss == pytest.approx(level, rel=0.02)


def targets(loss, rng, n):
    if loss == "cross_entropy":
        return rng.integers(0, 3, n)
    if loss in ("log_loss", "hinge", "squared_hinge"):
        return rng.integers(0, 2, n).astype(float)
    return rng.normal(size=n)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("loss", gw.LOSSES)
def test_a_section_is_the_objective_itself(loss, fit_intercept):
    """The map's shortcut equals f with all parameters: every loss, weights, l2, intercept."""
    rng = np.random.default_rng(8)
    X, weight = rng.normal(size=(40, 5)), rng.uniform(0.2, 2.0, 40)
    y = targets(loss, rng, 40)
    walk = gw.BatchGD(loss, learning_rate=0.05, epochs=5, l2=0.3, fit_intercept=fit_intercept).fit(
        X, y, sample_weight=weight
    )
    features = ("intercept", 3) if fit_intercept else (1, 3)
    if loss == "cross_entropy":
        features = tuple((feature, label) for feature, label in zip(features, (2, 0), strict=True))
    pair = section.find_parameters(walk, features)
    part = section.Section(walk, X, y, pair, weight)
    a, b = np.linspace(-1.0, 1.5, 4), np.linspace(-2.0, 0.5, 3)
    expected = np.empty((3, 4))
    for row, column in np.ndindex(3, 4):
        theta = np.array(walk.params_)
        theta[pair[0].index], theta[pair[1].index] = a[column], b[row]
        expected[row, column], gradient = gw.loss_and_grad(
            X, y, theta, loss=loss, l2=0.3, fit_intercept=fit_intercept, sample_weight=weight
        )
        slopes = part.at(a[column], b[row])[1]
        np.testing.assert_allclose(slopes, [gradient[p.index] for p in pair], atol=1e-12)
    np.testing.assert_allclose(part.grid(a, b), expected, rtol=1e-11)


def test_classes_have_maps_of_their_own(data):
    X, y = data
    classes = np.digitize(y, np.quantile(y, [0.3, 0.6]))
    walk = gw.BatchGD("cross_entropy", learning_rate=0.5, epochs=5).fit(X, classes)
    ax = plot.contour_paths(walk, X, classes, features=((0, 2), ("intercept", 1)))
    path = named_lines(ax)["batch"].get_xydata()
    np.testing.assert_array_equal(path[:, 0], walk.history_.path[:, 1, 2])
    np.testing.assert_array_equal(path[:, 1], walk.history_.path[:, 0, 1])
    assert ax.get_xlabel() == "weight of feature 0 for class 2"
    assert ax.get_ylabel() == "intercept for class 1"


def test_one_feature_is_drawn_against_the_intercept(data):
    X, y = data
    walk = gw.BatchGD("mse", learning_rate=0.1, epochs=5).fit(X[:, :1].copy(), y)
    ax = plot.contour_paths(walk, X[:, :1], y)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("intercept", "weight of feature 0")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ((0, 2), "features names feature 2, and the features are 0 to 1"),
        ((0, -1), "features names feature -1"),
        ((1, 1), "two different parameters"),
        ((0,), "must name two parameters"),
        (5, "must name two parameters"),
        ((0, "slope"), "a feature's number or \"intercept\", got 'slope'"),
        ((0, True), 'a feature\'s number or "intercept", got True'),
        ((0, (1, 0)), 'a feature\'s number or "intercept"'),
    ],
)
def test_features_that_are_not_there_are_refused(walks, data, features, message):
    with pytest.raises(ValueError, match=message):
        plot.contour_paths(walks, *data, features=features)


def test_wrong_features_of_classes_are_refused(data):
    X, y = data
    walk = gw.BatchGD("cross_entropy", epochs=2).fit(X, (y > 0).astype(int))
    for features, message in [((0, 1), "name both"), (((0, 0), (1, 2)), "names class 2")]:
        with pytest.raises(ValueError, match=message):
            plot.contour_paths(walk, X, (y > 0).astype(int), features=features)


def test_walks_that_share_no_map_are_refused(walks, data):
    X, y = data
    other = gw.BatchGD("huber", epochs=2).fit(X, y)
    with pytest.raises(ValueError, match=r"must share loss.*'other' has .*'huber'"):
        plot.contour_paths({**walks, "other": other}, X, y)
    silent = gw.BatchGD("mse", epochs=2, record=None).fit(X, y)
    with pytest.raises(ValueError, match="recorded no path"):
        plot.contour_paths(silent, X, y)
    with pytest.raises(ValueError, match=r"with 2 columns, got shape \(70, 1\)"):
        plot.contour_paths(walks, X[:, :1], y)
    lonely = gw.BatchGD("mse", epochs=2, fit_intercept=False).fit(X[:, :1].copy(), y)
    with pytest.raises(ValueError, match="only one weight"):
        plot.contour_paths(lonely, X[:, :1], y)
    bare = gw.BatchGD("mse", epochs=2, fit_intercept=False).fit(X, y)
    with pytest.raises(ValueError, match="fit_intercept=False"):
        plot.contour_paths(bare, X, y, features=("intercept", 0))


def test_a_walk_that_never_moves_can_be_drawn(data):
    X, _ = data
    walk = gw.BatchGD("mse", epochs=3).fit(X, np.zeros(70))
    ax = plot.contour_paths(walk, X, np.zeros(70))
    assert np.ptp(ax.get_xlim()) > 0
    ax.figure.canvas.draw()


# --- Korean --------------------------------------------------------------------------


def test_korean_labels_where_a_font_can_write_them(walks, data, monkeypatch):
    # DejaVu Sans stands in for a Hangul font: nothing is drawn here, so no glyph is looked up.
    monkeypatch.setattr(language, "hangul_family", lambda: "DejaVu Sans")
    plot.set_language("ko")
    ax = plot.loss_curve(list(walks.values()))
    assert ax.get_xlabel() == "에폭"
    assert ax.get_ylabel() == "손실 (mse), 에폭 평균"
    assert legend_texts(ax) == ["배치", "확률적", "미니배치 (32행)"]
    ax = plot.contour_paths(walks, *data, features=("intercept", 1), feature_names=["키", "몸무게"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("절편", "몸무게의 가중치")
    assert legend_texts(ax)[3:] == ["시작", "걸음의 끝", "최소점", "손실이 같은 선 (mse)"]
    for text in (ax.xaxis.label, ax.yaxis.label, *ax.get_legend().get_texts()[3:]):
        assert text.get_fontfamily() == ["DejaVu Sans", "DejaVu Sans"]


def test_without_a_hangul_font_english_and_one_warning(walks, monkeypatch):
    from matplotlib import font_manager

    language.hangul_family.cache_clear()
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    plot.set_language("ko")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ax = plot.loss_curve(walks["batch"])
            plot.loss_vs_time(walks["batch"])
        assert [str(w.message)[:26] for w in caught] == ["no font with Hangul was fo"]
        assert ax.get_xlabel() == "epoch"
    finally:
        language.hangul_family.cache_clear()


def test_korean_picture_has_every_glyph(walks, data):
    """Drawn for real where this machine has a Hangul font: a missing glyph would warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        family = language.hangul_family()
    if family is None:
        pytest.skip("no Hangul font on this machine")
    plot.set_language("ko")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ax in (
            plot.loss_curve(list(walks.values()), log=True),
            plot.loss_vs_time(walks),
            plot.contour_paths(list(walks.values()), *data, features=("intercept", 1)),
        ):
            ax.figure.canvas.draw()


def test_every_text_has_both_languages_with_the_same_blanks():
    import string

    for text in language.WORDS.values():
        blanks = [
            {field for _, field, _, _ in string.Formatter().parse(text[code]) if field}
            for code in ("en", "ko")
        ]
        assert blanks[0] == blanks[1]


@pytest.mark.parametrize("wrong", ["kr", "", None, 1])
def test_other_languages_are_refused(wrong):
    with pytest.raises(ValueError, match='language must be "en" or "ko"'):
        plot.set_language(wrong)
