"""Which starts lead to the global minimum, with noise and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import Landscape, LandscapeSum
from gradwalk._text import three_digits
from gradwalk._values import check_whole
from gradwalk.language.fonts import families, has_hangul
from gradwalk.language.pictures import word

from ._data import basins, looks
from ._data.basins import Group, Methods
from ._draw import canvas, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._types import Floats

_SEEDS = {1: 20, 2: 4}
_STARTS = {1: 81, 2: 31}
_OTHER = "#dddddd"
_HATCH = "////"


def escape_map(
    landscape: Landscape | LandscapeSum,
    methods: Methods | None = None,
    *,
    ax: ArrayLike | None = None,
    starts: int | None = None,
    seeds: int | None = None,
    updates: int = 4000,
    learning_rate: float | None = None,
    spread: float | None = None,
    n_terms: int = 400,
    random_state: int = 0,
) -> NDArray[Any]:
    """Map the starts by the minimum that each method reaches from there.

    Batch descent slides into the minimum in whose basin it starts. The noise of stochastic and
    mini-batch descent may carry a walk over the barrier to a better one, and the map shows from
    where, and how often: every walk of every method is walked for it. The noise is that of a
    finite sum, f(x) = (1/n) Σ (f(x) + εᵢ·x) with Σ εᵢ = 0 (``landscape.as_sum``).

    Of a landscape over one coordinate the picture has the curve of f above, and for each method
    a strip: over every start, the shares of the walks that ended in the basin of each minimum.
    Of a landscape over two coordinates it has a map for each method, in which a start has the
    colour of the minimum that most of its walks reached, the paler the fewer they were.

    Parameters
    ----------
    landscape : Landscape or LandscapeSum
        ``gw.landscapes.double_well``, ``x_cos()``, ``rastrigin``, ``himmelblau`` …, of one or two
        coordinates (``rastrigin.at_dimension(1)``) and with at least one minimum. A sum brings
        its own noise.
    methods : model, list of models, or dict of name to model, optional
        Models whose settings the walks have, fitted or not. By default batch, stochastic and
        mini-batch descent (4 terms), all with η = `learning_rate` / (1 + 10 t / `updates`) and
        as many updates each, so that noise is all that they differ in.
    ax : array of matplotlib.axes.Axes, optional
        Where to draw: one for each method, and for a curve one more, first, above them.
    starts : int, optional
        Starts along each coordinate, evenly spread over ``landscape.bounds``. By default 81 of a
        curve, and 31 by 31 of a surface.
    seeds : int, optional
        Walks of a noisy method from each start. By default 20 of a curve, 4 of a surface.
    updates : int, default 4000
        Updates of each walk, where `methods` is not given.
    learning_rate : float, optional
        First η, where `methods` is not given. By default that of the landscape, but at most 1/L,
        with L its largest curvature within the bounds.
    spread : float, optional
        Size of the tilts εᵢ. By default what crosses the usual barrier between two minima now
        and then: σ = √(h / η), with h its height.
    n_terms : int, default 400
        Terms of the sum.
    random_state : int, default 0
        What the tilts and the seeds of the walks are drawn from.

    Returns
    -------
    array of matplotlib.axes.Axes
        Of a curve: the curve, then a strip for each method. Of a surface: a map for each method.

    Raises
    ------
    TypeError, ValueError
        If `landscape` is none, has no minimum or more than two coordinates, or `methods` holds
        something other than models.

    Notes
    -----
    A walk counts for the minimum in whose basin it ended: from its end, plain descent in small
    steps leads down to it. Hatched are walks that diverged, left the bounds, or rest elsewhere.

    Examples
    --------
    >>> import gradwalk as gw
    >>> axes = gw.plot.escape_map(gw.landscapes.double_well, starts=9, seeds=2, updates=400)
    >>> len(axes)  # the curve and three strips
    4
    """
    surface, terms = _check(landscape)
    p = len(surface.start)
    count = _STARTS[p] if starts is None else check_whole("starts", starts, 2)
    n_seeds = _SEEDS[p] if seeds is None else check_whole("seeds", seeds)
    rate = (
        min(surface.learning_rate, basins.steepest_rate(surface))
        if learning_rate is None
        else float(learning_rate)
    )
    if terms is None:
        chosen = basins.find_spread(surface, rate) if spread is None else spread
        terms = surface.as_sum(n_terms, chosen, random_state)
    models = (
        basins.default_methods(rate, check_whole("updates", updates), terms.n_terms)
        if methods is None
        else basins.named_methods(methods)
    )
    groups = basins.find_groups(surface)
    sides = [np.linspace(low, high, count) for low, high in surface.bounds]
    points = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, p)
    reached = {
        name: basins.which_minimum(
            surface, groups, basins.ends_of(model, terms, points, n_seeds, random_state)
        )
        for name, model in models.items()
    }
    draw = _draw_strips if p == 1 else _draw_maps
    return draw(surface, groups, sides, reached, ax)


def _check(landscape: object) -> tuple[Landscape, LandscapeSum | None]:
    terms = landscape if isinstance(landscape, LandscapeSum) else None
    surface = terms.landscape if terms is not None else landscape
    if not isinstance(surface, Landscape):
        raise TypeError(
            "escape_map walks on a landscape, such as gw.landscapes.double_well, or on a sum made "
            f"by its as_sum(n_terms, spread); got a {type(landscape).__name__}"
        )
    p = len(surface.start)
    if p > 2:
        raise ValueError(
            f"escape_map draws landscapes of one or two coordinates, and this one has {p}: choose "
            "them by at_dimension(1) or at_dimension(2)"
        )
    if not surface.minima:
        raise ValueError(
            f"escape_map shows which minimum is reached, and {surface.name} has none: take "
            "double_well, x_cos(), rastrigin or himmelblau"
        )
    return surface, terms


def _draw_strips(
    surface: Landscape,
    groups: list[Group],
    sides: list[Floats],
    reached: dict[str, Floats],
    ax: ArrayLike | None,
) -> NDArray[Any]:
    axes = canvas.new_panels(ax, 1 + len(reached), 1, width=6.4, height=2.9 + 1.1 * len(reached))
    axes = axes.ravel()
    if ax is None:
        axes[0].get_gridspec().set_height_ratios([1.7] + [1.0] * len(reached))
    (x,) = sides
    curve: Axes = axes[0]
    fine = np.linspace(x[0], x[-1], 801)
    values = np.asarray(surface(fine[:, None]))
    curve.plot(fine, values, **style.FIT)
    room = 0.12 * float(np.ptp(values))
    curve.set_ylim(values.min() - room, values.max() + room)
    curve.set_ylabel(word("value"))
    colors = _colors(groups)
    for color, group in zip(colors, groups, strict=False):
        curve.plot(
            group.points[:, 0],
            np.full(len(group.points), group.value),
            **{**(style.MINIMUM if group.is_global else style.LOCAL_MINIMUM), "color": color},
            zorder=8,
        )
    half = 0.5 * (x[1] - x[0])
    edges = np.concatenate([[x[0] - half], x + half])
    for strip, (name, found) in zip(axes[1:], reached.items(), strict=True):
        _draw_strip(strip, edges, found, colors)
        strip.set_title(_title(name, found, groups), loc="left", fontsize="medium")
        strip.set_ylim(0, 100)
        strip.set_yticks([0, 50, 100])
        strip.set_ylabel(word("share of walks"))
    for panel in axes:
        panel.set_xlim(edges[0], edges[-1])
        if panel is not axes[-1]:
            panel.tick_params(labelbottom=False)
    axes[-1].set_xlabel(word("start of the walk", name="x"))
    _legend(axes, groups, colors, reached)
    return canvas.finish(axes)


def _draw_strip(ax: Axes, edges: Floats, found: Floats, colors: list[str]) -> None:
    floor = np.zeros(len(found))
    for code, color, hatch in _codes(colors):
        top = floor + 100.0 * np.mean(found == code, axis=1)
        if np.any(top > floor):
            ax.stairs(
                top,
                edges,
                baseline=floor,
                fill=True,
                facecolor=color,
                edgecolor="#999999" if hatch else color,
                lw=0,
                hatch=hatch,
                label=f"_{code}",
            )
        floor = top


def _draw_maps(
    surface: Landscape,
    groups: list[Group],
    sides: list[Floats],
    reached: dict[str, Floats],
    ax: ArrayLike | None,
) -> NDArray[Any]:
    axes = canvas.new_panels(ax, 1, len(reached), width=0.6 + 3.0 * len(reached), height=4.4)
    axes = axes.ravel()
    colors = _colors(groups)
    a, b = sides
    half_a, half_b = 0.5 * (a[1] - a[0]), 0.5 * (b[1] - b[0])
    extent = (a[0] - half_a, a[-1] + half_a, b[0] - half_b, b[-1] + half_b)
    fine = [np.linspace(extent[0], extent[1], 161), np.linspace(extent[2], extent[3], 161)]
    ground = np.asarray(surface(np.stack(np.meshgrid(*fine), axis=-1)))
    levels = ground.min() + np.ptp(ground) * (np.arange(1, 9) / 8) ** 2
    for panel, (name, found) in zip(axes, reached.items(), strict=True):
        picture = _picture(found, colors).reshape(len(b), len(a), 3)
        panel.imshow(
            picture, origin="lower", extent=extent, aspect="auto", interpolation="nearest", zorder=0
        )
        nowhere = _most(found)[0].reshape(len(b), len(a)) == basins.NOWHERE
        if nowhere.any():
            _hatch(panel, a, b, nowhere)
        panel.contour(*fine, ground, levels=levels, colors=style.INK, linewidths=0.4, alpha=0.4)
        crowded = sum(len(group.points) for group in groups) > 12
        for group in groups:
            if crowded and not group.is_global:
                continue
            mark = style.MINIMUM if group.is_global else {**style.LOCAL_MINIMUM, "ms": 7}
            panel.plot(*group.points.T, **mark, zorder=8)
        if 1 / 3 < (extent[1] - extent[0]) / (extent[3] - extent[2]) < 3:
            panel.set_aspect("equal")
        panel.set_xlim(extent[0], extent[1])
        panel.set_ylim(extent[2], extent[3])
        panel.set_title(_title(name, found, groups, broken=True), fontsize="medium")
        panel.set_xlabel(word("start of the walk", name="x"))
    axes[0].set_ylabel(word("start of the walk", name="y"))
    _legend(axes, groups, colors, reached, figure=ax is None)
    return canvas.finish(axes)


def _hatch(ax: Axes, a: Floats, b: Floats, nowhere: NDArray[np.bool_]) -> None:
    half_a, half_b = 0.5 * (a[1] - a[0]), 0.5 * (b[1] - b[0])
    edges = [np.append(side - half, side[-1] + half) for side, half in ((a, half_a), (b, half_b))]
    cells = ax.pcolor(*edges, np.where(nowhere, 1.0, np.nan), hatch=_HATCH, alpha=0.0, zorder=1)
    cells.set_edgecolor("#999999")


def _most(found: Floats) -> tuple[Floats, Floats]:
    """Return the commonest code at each start, and its share of the walks."""
    codes = np.unique(found)
    counts = np.array([np.sum(found == code, axis=1) for code in codes])
    return codes[counts.argmax(axis=0)], counts.max(axis=0) / found.shape[1]


def _picture(found: Floats, colors: list[str]) -> Floats:
    from matplotlib.colors import to_rgb

    most, share = _most(found)
    picture = np.ones((len(found), 3))
    for code, color, _ in _codes(colors):
        picture[most == code] = to_rgb(color)
    pale = 0.85 * (1.0 - share)[:, None]
    return np.asarray(picture + (1.0 - picture) * pale)


def _colors(groups: list[Group]) -> list[str]:
    """Choose the darkest colour for the lowest minimum."""
    return [look.color for look in reversed(looks.sweep(max(2, len(groups))))][: len(groups)]


def _codes(colors: list[str]) -> list[tuple[int, str, str | None]]:
    return [
        *((code, color, None) for code, color in enumerate(colors)),
        (basins.OTHER, _OTHER, None),
        (basins.NOWHERE, "white", _HATCH),
    ]


def _title(name: str, found: Floats, groups: list[Group], *, broken: bool = False) -> str:
    good = [code for code, group in enumerate(groups) if group.is_global]
    if len(good) == len(groups) > 1:
        return name
    share = 100.0 * float(np.mean(np.isin(found, good)))
    text = word("share at the global minimum", name=name, percent=f"{share:.0f}")
    return text.replace(": ", ":\n", 1) if broken else text


def _legend(
    axes: NDArray[Any],
    groups: list[Group],
    colors: list[str],
    reached: dict[str, Floats],
    *,
    figure: bool = False,
) -> None:
    """Explain the colours above the first panel, or below a figure of our own."""
    from matplotlib.patches import Patch

    seen = set(np.unique(np.concatenate([found.ravel() for found in reached.values()])))
    texts = [*map(_text, groups), word("another minimum"), word("no minimum")]
    handles = [
        Patch(facecolor=color, edgecolor="#999999", hatch=hatch, label=text)
        for text, (code, color, hatch) in zip(texts, _codes(colors), strict=True)
        if code >= 0 or code in seen
    ]
    settings: dict[str, Any] = {"handles": handles, "ncols": 2, "fontsize": "small"}
    settings["frameon"] = False
    if figure:
        legend = axes[0].figure.legend(loc="outside lower center", **settings)
        for text in legend.get_texts():
            if has_hangul(text.get_text()):
                text.set_fontfamily(families())
    else:
        axes[0].legend(
            loc="lower left", bbox_to_anchor=(0.0, 1.12 if axes[0].get_title() else 1.0), **settings
        )


def _text(group: Group) -> str:
    kind = word("global minimum" if group.is_global else "local minimum")
    if len(group.points) == 1:
        place = ", ".join(map(three_digits, group.points[0]))
        where = f"x = {place}" if group.points.shape[1] == 1 else f"({place})"
        return f"{kind}: {where}, f = {three_digits(group.value)}"
    return f"{kind}: f = {three_digits(group.value)}"
