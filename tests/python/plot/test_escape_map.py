"""Maps of starts: which minimum each leads to, with noise and without."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

import gradwalk as gw
from gradwalk import landscapes, plot
from gradwalk.plot._data import basins

WELL = landscapes.double_well
BARRIER = 0.269594


def shares(ax):
    """Shares of each code along a strip, in percent, by code."""
    found = {}
    for patch in ax.patches:
        top, _, floor = patch.get_data()
        found[int(patch.get_label()[1:])] = top - floor
    return found


def titles(axes):
    return [ax.get_title(loc="left") or ax.get_title() for ax in axes.flat]


# --- Strips of a curve -----------------------------------------------------------------


def test_batch_descent_stays_in_its_basin_and_noise_leaves_it():
    axes = plot.escape_map(WELL, starts=21, seeds=6)
    assert len(axes) == 4
    x = np.linspace(*WELL.bounds[0], 21)
    batch, single, few = map(shares, axes[1:])
    np.testing.assert_array_equal(batch[0] == 100, x < BARRIER)
    np.testing.assert_array_equal(batch[1] == 100, x > BARRIER)
    right = x > BARRIER
    assert single[0][right].mean() > 50
    assert single[0][right].mean() > few[0][right].mean()
    for strip in (batch, single, few):
        np.testing.assert_allclose(sum(strip.values()), 100.0)
    share = 100 * np.mean(x < BARRIER)
    assert titles(axes)[1] == f"batch: {share:.0f} % reach the global minimum"
    assert titles(axes)[2].startswith("stochastic: ")
    assert titles(axes)[3].startswith("mini-batch (4 rows): ")


def test_the_shares_are_those_of_walks_made_by_hand():
    terms = WELL.as_sum(50, 5.0, random_state=3)
    model = gw.SGD(learning_rate=gw.schedules.InverseScaling(0.05, tau=100), epochs=10)
    (_, strip) = plot.escape_map(terms, {"mine": model}, starts=3, seeds=8, random_state=5)
    seeds = np.random.default_rng(5).integers(2**63, size=(3, 8))
    expected = []
    for start, row in zip(np.linspace(*WELL.bounds[0], 3), seeds, strict=True):
        ends = [
            gw.SGD(learning_rate=model.learning_rate, epochs=10, random_state=int(seed))
            .minimize(terms, [start])
            .x[0]
            for seed in row
        ]
        expected.append(100 * np.mean(np.array(ends) < BARRIER))
    np.testing.assert_allclose(shares(strip)[0], expected)


def test_the_curve_stands_above_with_its_minima():
    curve, *strips = plot.escape_map(WELL, starts=5, seeds=1, updates=100)
    x, f = curve.lines[0].get_xydata().T
    np.testing.assert_allclose(f, WELL(x[:, None]))
    marks = [line.get_xydata()[0, 0] for line in curve.lines[1:]]
    np.testing.assert_allclose(marks, [m.point[0] for m in WELL.minima])
    assert curve.get_ylabel() == "f(x)"
    assert strips[-1].get_xlabel() == "start of the walk, x"
    assert all(strip.get_xlim() == curve.get_xlim() for strip in strips)
    texts = [text.get_text() for text in curve.get_legend().get_texts()]
    assert texts == ["global minimum: x = −1.11, f = −1.06", "local minimum: x = 0.838, f = 0.927"]


def test_local_minima_of_one_height_share_a_colour_and_none_is_missed():
    rastrigin = landscapes.rastrigin.at_dimension(1)
    groups = basins.find_groups(rastrigin)
    assert [len(group.points) for group in groups] == [1, 2, 2, 2, 2, 2]
    for number, group in enumerate(groups):
        np.testing.assert_allclose(np.abs(group.points), number, atol=0.05 * max(number, 1))
        assert np.abs(rastrigin.grad(group.points)).max() < 1e-3
    four = basins.find_groups(landscapes.himmelblau)
    assert [group.is_global for group in four] == [True] * 4
    assert [len(basins.find_groups(s)) for s in (WELL, landscapes.x_cos(), landscapes.plateau)] == [
        2,
        5,
        1,
    ]


def test_the_lowest_minimum_is_the_darkest():
    curve, *_ = plot.escape_map(landscapes.x_cos(), starts=5, seeds=1, updates=100)
    marks = sorted(curve.lines[1:], key=lambda line: line.get_ydata()[0])
    greys = [np.dot(to_rgb(line.get_color()), [0.299, 0.587, 0.114]) for line in marks]
    assert np.min(np.diff(greys)) > 0.04


def test_walks_that_go_nowhere_are_hatched():
    axes = plot.escape_map(WELL, gw.BatchGD(learning_rate=1.5, epochs=200), starts=9)
    nowhere = shares(axes[1]).get(basins.NOWHERE)
    assert nowhere is not None
    assert nowhere.max() == 100
    hatched = [patch for patch in axes[1].patches if patch.get_hatch()]
    assert len(hatched) == 1
    texts = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert texts[-1] == "diverged, or left the picture"


# --- Maps of a surface -----------------------------------------------------------------


def test_a_surface_has_a_map_for_each_method():
    axes = plot.escape_map(landscapes.himmelblau, starts=11, seeds=2, updates=800)
    assert len(axes) == 3
    # All four are global: no share is to be told.
    assert titles(axes) == ["batch", "stochastic", "mini-batch (4 rows)"]
    picture = axes[0].images[0].get_array()
    assert picture.shape == (11, 11, 3)
    groups = basins.find_groups(landscapes.himmelblau)
    x, y = (np.linspace(*ends, 11) for ends in landscapes.himmelblau.bounds)
    colors = []
    for group in groups:
        row, column = (
            np.abs(y - group.points[0, 1]).argmin(),
            np.abs(x - group.points[0, 0]).argmin(),
        )
        colors.append(tuple(picture[row, column]))
    assert len(set(colors)) == 4
    assert {tuple(color) for color in picture.reshape(-1, 3)} == set(colors)
    for ax in axes:
        np.testing.assert_allclose(ax.images[0].get_extent(), [-5.5, 5.5, -5.5, 5.5])
    texts = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert texts[0] == "global minimum: (3, 2), f = 0"


def test_a_start_is_paler_where_seeds_disagree():
    noisy = gw.SGD(learning_rate=0.02, epochs=40)

    def colors(seeds):
        ax = plot.escape_map(landscapes.himmelblau, noisy, starts=11, seeds=seeds, spread=20.0)[0]
        return ax.images[0].get_array().reshape(-1, 3)

    # A walk of one seed agrees with itself.
    pure = np.unique(colors(1), axis=0)
    paler = [color for color in colors(6) if not (pure == color).all(axis=1).any()]
    assert len(paler) > 5
    for color in paler:
        # Between one of them and white.
        shares = (color - pure) / np.where(pure < 1, 1.0 - pure, np.inf)
        assert np.any((np.ptp(shares, axis=1) < 1e-9) & (shares[:, 0] > 0) & (shares[:, 0] < 1))


def test_a_start_from_which_nothing_is_reached_is_white():
    ax = plot.escape_map(landscapes.himmelblau, gw.BatchGD(learning_rate=1.0), starts=3)[0]
    np.testing.assert_array_equal(ax.images[0].get_array(), 1.0)


def test_minima_beyond_the_lowest_groups_are_another():
    axes = plot.escape_map(
        landscapes.rastrigin, [gw.BatchGD(learning_rate=0.002, epochs=300)], starts=9
    )
    assert titles(axes) == ["batch:\n1 % reach the global minimum"]
    texts = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert texts[-1] == "another local minimum"


# --- What may be handed over -----------------------------------------------------------


def test_the_noise_climbs_low_barriers_and_not_high_ones():
    spread = basins.find_spread(WELL, 0.05)
    temperature = 0.05 * spread**2 / 2
    assert 0.20 < temperature < 2.19  # the two sides of the barrier


def test_methods_may_be_a_model_a_list_or_a_dict():
    model = gw.BatchGD(learning_rate=0.05, epochs=50)
    for methods, names in (
        (model, ["batch"]),
        ([model, model, gw.SGD(learning_rate=0.01, epochs=1)], ["batch", "batch 2", "stochastic"]),
        ({"mine": model}, ["mine"]),
    ):
        axes = plot.escape_map(WELL, methods, starts=3, seeds=1)
        assert [title.split(":")[0] for title in titles(axes)[1:]] == names


def test_the_same_seed_gives_the_same_map():
    one, other, different = (
        plot.escape_map(WELL, starts=9, seeds=3, updates=800, random_state=state)
        for state in (1, 1, 2)
    )
    for left, right in zip(one[1:], other[1:], strict=True):
        for code, share in shares(left).items():
            np.testing.assert_array_equal(share, shares(right)[code])
    assert any(
        not np.array_equal(shares(left).get(0), shares(right).get(0))
        for left, right in zip(one[2:], different[2:], strict=True)
    )


@pytest.mark.parametrize(
    ("landscape", "settings", "error", "message"),
    [
        (lambda x: x[0] ** 2, {}, TypeError, "escape_map walks on a landscape"),
        (landscapes.saddle, {}, ValueError, "saddle has none"),
        (
            landscapes.bowl.at_dimension(3),
            {},
            ValueError,
            r"at_dimension\(1\) or at_dimension\(2\)",
        ),
        (WELL, {"starts": 1}, ValueError, "starts must be a whole number of at least 2"),
        (WELL, {"seeds": 0}, ValueError, "seeds must be a whole number"),
        (WELL, {"updates": 2.5}, TypeError, "updates must be a whole number"),
        (WELL, {"methods": {}}, ValueError, "methods is empty"),
        (WELL, {"methods": [3]}, TypeError, "methods must be a BatchGD, SGD or MiniBatchGD"),
        (WELL, {"spread": -1.0, "starts": 2}, ValueError, "spread"),
    ],
)
def test_what_cannot_be_mapped_is_said(landscape, settings, error, message):
    with pytest.raises(error, match=message):
        plot.escape_map(landscape, **settings)


@pytest.mark.usefixtures("korean")
def test_axes_are_the_callers_and_texts_korean():
    own = plt.subplots(2, 1)[1]
    model = gw.BatchGD(learning_rate=0.05, epochs=50)
    assert list(plot.escape_map(WELL, model, starts=3, ax=own)) == list(own)
    assert titles(own)[1] == "배치: 67 %가 전역 최소점에 도달"
    with pytest.raises(ValueError, match="this picture has 2 panels"):
        plot.escape_map(WELL, model, starts=3, ax=plt.subplots()[1])
    ours = plot.escape_map(landscapes.himmelblau, model, starts=3)
    for text in ours[0].figure.legends[0].get_texts():
        assert text.get_fontfamily() == ["DejaVu Sans", "DejaVu Sans"]
