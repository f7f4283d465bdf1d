"""The map of f over two parameters, and paths over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk.language.pictures import word

from .._data.terrain import Grid, Terrain
from .._data.walks import Walk
from . import frame, style
from .line import draw_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from gradwalk._types import Floats

# Where each method's line lies: a noisy path below, so that it cannot hide the calm ones.
_DEPTH = {"stochastic": 3.0, "walk": 3.5, "mini-batch": 4.0, "batch": 5.0}
# How far a diverging walk is followed out of the bounds of a landscape, in sizes of these.
_REACH_OF_BOUNDS = 1.0


def map_frame(terrain: Terrain, walks: list[Walk], paths: list[Floats]) -> Floats:
    """Frame the paths, and what is worth showing about them: [[a_low, a_high], [b_low, b_high]]."""
    diverged = [walk.diverged for walk in walks]
    if terrain.bounds is None:
        goals = [point for point, _ in terrain.minima]
        if all(diverged):
            goals = [point for path in paths for point in terrain.dip(path)]
        paths = [
            _with_heights(terrain, path) if wild else path
            for path, wild in zip(paths, diverged, strict=True)
        ]
        return frame.path_limits(paths, diverged=diverged, goals=goals)
    # What the landscape wants to show, and more only where a walk went further.
    shown = terrain.bounds
    paths = [
        frame.near(path, shown.T, _REACH_OF_BOUNDS) if wild else path
        for path, wild in zip(paths, diverged, strict=True)
    ]
    if all(np.all((path >= shown[:, 0]) & (path <= shown[:, 1])) for path in paths):
        return shown.copy()
    wide = frame.path_limits(paths)
    return np.column_stack(
        [np.minimum(shown[:, 0], wide[:, 0]), np.maximum(shown[:, 1], wide[:, 1])]
    )


def _with_heights(terrain: Terrain, path: Floats) -> Floats:
    """Cut a diverging path before f is no number any more: of that there is no map."""
    first = path[: frame.HANDFUL + 1]
    with np.errstate(all="ignore"):
        lost = ~np.isfinite(terrain.values(first))
    return path[: int(np.argmax(lost))] if lost.any() else path


def draw_map(ax: Axes, terrain: Terrain, ends: Floats, *, n_levels: int = 12) -> Grid:
    """Draw the map of `terrain` within `ends`, and set limits and labels to it."""
    grid = terrain.grid(ends)
    _draw_contours(ax, *grid, n_levels)
    ax.set_xlim(*ends[0])
    ax.set_ylim(*ends[1])
    ax.set_xlabel(terrain.names[0])
    ax.set_ylabel(terrain.names[1])
    return grid


def map_levels(values: Floats, n_levels: int = 12) -> Floats:
    """Choose heights for contour lines so that the valley shows; empty for a flat map."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return np.empty(0)
    floor, top = float(seen.min()), float(seen.max())
    if not top - floor > 1e-12 * max(abs(floor), abs(top)):
        return np.empty(0)
    middle = (float(np.median(seen)) - floor) / (top - floor)
    power = np.clip(np.log(max(middle, 1e-6)) / np.log(0.5), 2.0, 8.0)
    return np.asarray(floor + (top - floor) * (np.arange(1, n_levels + 1) / n_levels) ** power)


def _draw_contours(ax: Axes, a: Floats, b: Floats, values: Floats, n_levels: int) -> None:
    """Draw contour lines with their heights on grey, the paler the lower."""
    levels = map_levels(values, n_levels)
    if not levels.size:
        return
    values = np.ma.masked_invalid(values)
    floor = float(values.min())
    # One grey step a level, however unevenly these stand.
    shades = style.grey_map()(np.linspace(0.0, 1.0, n_levels))
    ax.contourf(
        a, b, values, levels=[floor, *levels], colors=list(shades), zorder=0, extend="neither"
    )
    lines = ax.contour(
        a, b, values, levels=levels, colors=style.CONTOUR, linewidths=style.FAINT, zorder=1
    )
    ax.clabel(lines, levels[3::3], fmt=_height, colors=style.CONTOUR_TEXT, fontsize=7, inline=True)


def _height(level: float) -> str:
    return f"{level:,.0f}" if abs(level) >= 100 else f"{level:.3g}"


def draw_path(ax: Axes, walk: Walk, path: Floats, **line: Any) -> None:
    """Draw a path over the map that is there, and its last point, if it has not left it."""
    batch = walk.method == "batch"
    settings = {"lw": style.LINE if batch else style.THIN, "ms": 4, "zorder": _DEPTH[walk.method]}
    if len(path) > 400:
        settings["lw"] = style.FAINT
    draw_line(
        ax,
        walk,
        path[:, 0],
        path[:, 1],
        numbers=walk.path_update,
        path=True,
        **{**settings, **line},
    )
    if not walk.diverged:
        look = walk.look
        ax.plot(
            *path[-1],
            color=look.color,
            marker=look.marker,
            ms=9,
            mec=style.INK,
            ls="",
            zorder=7,
            label="_end",
        )


def draw_paths(ax: Axes, walks: list[Walk], paths: list[Floats]) -> None:
    """Draw several paths over the map that is there, and mark their starts."""
    for walk, path in zip(walks, paths, strict=True):
        draw_path(ax, walk, path)
    starts = np.unique([path[0] for path in paths], axis=0)
    ax.plot(*starts.T, **style.START, zorder=8, label=word("start"))
    if not all(walk.diverged for walk in walks):
        ax.plot([], [], **style.END, label=word("end"))


def draw_minima(ax: Axes, terrain: Terrain, grid: Grid) -> None:
    """Mark the minima that lie on the map."""
    for points, mark in marked_minima(terrain, grid):
        ax.plot(*points.T, **mark, zorder=6.5)


def marked_minima(terrain: Terrain, grid: Grid) -> Iterator[tuple[Floats, dict[str, Any]]]:
    """Yield the minima within a grid, shape (k, 2), and their marks: of a landscape two sorts."""
    if terrain.landscape is None:
        point = terrain.minimum(*grid)
        if point is not None:
            yield np.array([point]), {**style.MINIMUM, "label": word("minimum")}
        return
    (left, right), (low, high) = (side[[0, -1]] for side in grid[:2])
    inside = [
        (point, is_global)
        for point, is_global in terrain.minima
        if left <= point[0] <= right and low <= point[1] <= high
    ]
    for found, mark, key in (
        (True, style.MINIMUM, "global minimum"),
        (False, style.LOCAL_MINIMUM, "local minimum"),
    ):
        points = [point for point, is_global in inside if is_global == found]
        if points:
            yield np.array(points), {**mark, "label": word(key)}
