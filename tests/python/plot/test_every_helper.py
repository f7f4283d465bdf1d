"""What every helper shares: what may be handed over, style, languages."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

import gradwalk as gw
from drawn import METHODS, legend_texts, named_lines
from gradwalk import plot
from gradwalk.language import fonts
from gradwalk.language.pictures import WORDS
from gradwalk.plot._data import looks
from pictured_walks import CASES, draw_in_korean, walk
from pictured_walks import data as data_of

# --- What may be handed over ----------------------------------------------------------


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


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("d", "task", "fate", "record"), CASES)
def test_every_kind_of_walk_can_be_drawn(d, task, fate, record):
    model = walk(d, task, fate, record)
    for ax in (
        plot.loss_curve(model),
        plot.loss_curve(model, log=True),
        plot.loss_vs_time(model),
        plot.contour_paths(model, *data_of(d, task)),
    ):
        assert np.all(np.isfinite([ax.get_xlim(), ax.get_ylim()]))
    ax.figure.canvas.draw()


# --- One style ------------------------------------------------------------------------


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
    methods = list(looks.METHODS.values())
    greys = sorted(np.dot(to_rgb(look.color), [0.299, 0.587, 0.114]) for look in methods)
    assert np.min(np.diff(greys)) > 0.15
    assert len({look.linestyle for look in methods}) == 3
    assert len({look.marker for look in methods}) == 3


def test_walks_of_one_method_keep_its_hue_and_differ_in_line(data):
    X, y = data
    rates = {
        f"{rate}": gw.BatchGD("mse", learning_rate=rate).fit(X, y) for rate in (0.01, 0.1, 0.2)
    }
    lines = list(named_lines(plot.loss_curve(rates)).values())
    assert lines[0].get_color() == looks.METHODS["batch"].color
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_marker() for line in lines}) == 3
    for line in lines:
        red, _, blue = to_rgb(line.get_color())
        assert blue > red


# --- Korean ---------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.usefixtures("korean")
def test_korean_labels_where_a_font_can_write_them(walks, data):
    ax = plot.loss_curve(list(walks.values()))
    assert ax.get_xlabel() == "에폭"
    assert ax.get_ylabel() == "손실 (mse), 에폭 평균"
    assert legend_texts(ax) == ["배치", "확률적", "미니배치 (32행)"]
    ax = plot.contour_paths(walks, *data, features=("intercept", 1), feature_names=["키", "몸무게"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("절편", "몸무게의 가중치")
    assert legend_texts(ax)[3:] == ["시작", "경로의 끝", "최소점", "손실이 같은 선 (mse)"]
    for text in (ax.xaxis.label, ax.yaxis.label, *ax.get_legend().get_texts()[3:]):
        assert text.get_fontfamily() == ["DejaVu Sans", "DejaVu Sans"]


def test_without_a_hangul_font_english_and_one_warning(walks, monkeypatch):
    from matplotlib import font_manager

    fonts.hangul_family.cache_clear()
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
        fonts.hangul_family.cache_clear()


def test_korean_picture_has_every_glyph(walks, data):
    several = list(walks.values())
    draw_in_korean(lambda: plot.loss_curve(several, log=True))
    draw_in_korean(lambda: plot.loss_vs_time(walks))
    draw_in_korean(lambda: plot.contour_paths(several, *data, features=("intercept", 1)))


def test_every_text_has_both_languages_with_the_same_blanks():
    import string

    for text in WORDS.values():
        blanks = [
            {field for _, field, _, _ in string.Formatter().parse(text[code]) if field}
            for code in ("en", "ko")
        ]
        assert blanks[0] == blanks[1]


@pytest.mark.parametrize("wrong", ["kr", "", None, 1])
def test_other_languages_are_refused(wrong):
    with pytest.raises(ValueError, match='language must be "en" or "ko"'):
        plot.set_language(wrong)
