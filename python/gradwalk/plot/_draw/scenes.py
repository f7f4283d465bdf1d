"""What moves in an animation: each artist knows what is to be seen of its walk at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradwalk._thinning import thin_places
from gradwalk.language.pictures import word

from .._data.outputs import output
from .._data.view import targets, view, widened
from .._data.walks import Walk, losses
from . import canvas, frame, style
from .curve import draw_curve, find_traces
from .line import draw_note
from .losses import epochs, finish_loss, set_scales
from .map import draw_map, draw_minima, map_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats

    from .._data.terrain import Terrain


# Points of one walk: the line is drawn anew for every picture.
_MOST = 1500


class MovingArtist(Protocol):
    """Something that moves."""

    start: float
    end: float
    """The time, in epochs, of its first point, and that after which it stands still."""
    points: int
    """How many different moments it has."""

    def show(self, time: float) -> None:
        """Draw what is to be seen at `time`."""


class Line:
    """A line that grows, with its last point marked; one that diverged stops at the frame."""

    def __init__(
        self,
        ax: Axes,
        walk: Walk,
        x: Floats,
        y: Floats,
        times: Floats,
        numbers: ArrayLike,
        *,
        unit: str = "update",
        **line: Any,
    ) -> None:
        finite = np.isfinite(x) & np.isfinite(y)
        x, y, times, counts = x[finite], y[finite], times[finite], np.asarray(numbers)[finite]
        self.points = len(x)
        self._notes: list[Any] = []
        if walk.diverged and len(x):
            logs = {"xlog": ax.get_xscale() == "log", "ylog": ax.get_yscale() == "log"}
            part = frame.cut(x, y, ax.get_xlim(), ax.get_ylim(), **logs)
            if part.left is not None:
                x, y, times = part.x, part.y, times[: part.left + 1]
                text = word(f"leaves at {unit}", number=int(counts[part.left]))
                self._notes = draw_note(
                    ax,
                    x[-1],
                    y[-1],
                    text,
                    color=walk.look.color,
                    direction=part.direction,
                    spare=(float(x[0]), float(y[0])),
                )
        some = thin_places(x, y, most=_MOST)
        self._x, self._y, self._times = x[some], y[some], times[some]
        self.start, self.end = (float(times[0]), float(times[-1])) if len(times) else (0.0, 0.0)
        look = walk.look
        settings = {"color": look.color, "ls": look.linestyle, "lw": style.THIN, "zorder": 3}
        self._line = ax.plot([], [], **{**settings, **line}, label=walk.label)[0]
        self._head = ax.plot(
            [], [], look.marker, color=look.color, mec=style.INK, ms=8, zorder=7, label="_head"
        )[0]
        # The legend shows the marker that the line itself has none of.
        self._line.set_marker(look.marker)
        self._line.set_markersize(4.5)

    def show(self, time: float) -> None:
        """Draw the line as far as it has come."""
        # A tolerance for times that are sums of fractions.
        n = int(np.searchsorted(self._times, time * (1.0 + 1e-9) + 1e-12, side="right"))
        self._line.set_data(self._x[:n], self._y[:n])
        self._line.set_markevery(max(1, len(self._x) // 12))
        left = bool(self._notes) and n == len(self._x)
        self._head.set_data(self._x[max(n - 1, 0) : n], self._y[max(n - 1, 0) : n])
        self._head.set_visible(not left)
        for note in self._notes:
            note.set_visible(left)


class Fit:
    """The line of predictions over one feature, moving with θ."""

    def __init__(
        self, ax: Axes, walk: Walk, times: Floats, x: Floats, heights: Any, places: Any
    ) -> None:
        look = walk.look
        self._line = ax.plot(
            x,
            heights(int(places[0])),
            color=look.color,
            ls=look.linestyle,
            lw=style.LINE,
            zorder=4,
            label=walk.label,
        )[0]
        self._times, self._heights, self._places = times[places], heights, places
        self.points, self.start, self.end = len(times), float(times[0]), float(times[-1])

    def show(self, time: float) -> None:
        """Draw the line at the last recorded θ."""
        n = int(np.searchsorted(self._times, time * (1.0 + 1e-9) + 1e-12, side="right"))
        self._line.set_ydata(self._heights(int(self._places[max(n - 1, 0)])))


def on_map(ax: Axes, walks: list[Walk], terrain: Terrain) -> list[MovingArtist]:
    """Set up the axes of `contour_paths`."""
    paths = [terrain.projection(walk) for walk in walks]
    grid = draw_map(ax, terrain, map_frame(terrain, walks, paths))
    artists: list[MovingArtist] = [
        Line(ax, walk, path[:, 0], path[:, 1], walk.epoch_of(walk.path_update), walk.path_update)
        for walk, path in zip(walks, paths, strict=True)
    ]
    starts = np.unique([path[0] for path in paths], axis=0)
    ax.plot(*starts.T, **style.START, zorder=6, label=word("start"))
    draw_minima(ax, terrain, grid)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return artists


def on_loss(ax: Axes, walks: list[Walk], *, log: bool, full_loss: bool) -> list[MovingArtist]:
    """Set up the axes of `loss_curve`."""
    lines = [epochs(walk, full_loss) for walk in walks]
    set_scales(ax, walks, lines, [], xlog=False, ylog=log)
    artists: list[MovingArtist] = [
        Line(ax, walk, x, loss, x, x, unit="epoch", lw=style.LINE)
        for walk, (x, loss) in zip(walks, lines, strict=True)
    ]
    ax.set_xlabel(word("epoch"))
    canvas.whole_numbers(ax.xaxis)
    finish_loss(ax, walks, full_loss=full_loss)
    return artists


def on_curve(ax: Axes, walks: list[Walk], terrain: Terrain) -> list[MovingArtist]:
    """Set up the axes of `trace_1d`."""
    traces = find_traces(terrain, walks, _MOST)
    draw_curve(ax, terrain, traces, None)
    artists: list[MovingArtist] = [
        Line(ax, t.walk, t.a, t.f, t.walk.epoch_of(t.updates), t.updates, lw=style.FAINT)
        for t in traces
    ]
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return artists


def on_data(
    ax: Axes,
    walks: list[Walk],
    X: Any,
    y: Any,
    feature: Any,
    feature_names: Sequence[str] | None,
) -> list[MovingArtist]:
    """Set up the axes of the fitted line."""
    if X is None or y is None:
        raise ValueError('animate(kind="fit") draws the data: hand over X and y')
    artists: list[MovingArtist] = []
    if losses(walks) == "cross_entropy":
        raise ValueError(
            'animate(kind="fit") draws one output, and cross_entropy has one for each class: '
            'decision_boundary shows them, or animate with kind="path" or "loss"'
        )
    for walk in walks:
        model = walk.need_model('animate(kind="fit")')
        flat = walk.need_path('animate(kind="fit")')
        how = output(model.loss, 'animate(kind="fit")')
        picked = None if feature is None else [feature]
        intercept = model.fit_intercept
        seen = view(X, flat.shape[1], intercept, picked, feature_names, count=1, model=model)
        if not artists:
            dots = seen.dots()
            data = targets(X, y, walk.path[0], str(model.loss), intercept)[dots]
            data = 2.0 * data - 1.0 if how.word == "score" else data
            ax.plot(seen.columns[dots, 0], data, **style.DATA, zorder=1, label=word("data"))
            ax.set_xlim(*seen.frame())
            ax.set_ylim(*widened(float(data.min()), float(data.max()), 0.1))
            ax.set_xlabel(seen.names[0])
            ax.set_ylabel(word(how.word, label=1))
        reduced = seen.reduce(flat.T)
        x = np.linspace(*seen.frame(), 200)

        def heights(k: int, reduced: Floats = reduced, x: Floats = x, how: Any = how) -> Floats:
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(how.link(reduced[0, k] + reduced[1, k] * x))

        finite = np.flatnonzero(np.all(np.isfinite(reduced), axis=0))
        places = finite[thin_places(finite, reduced[1, finite], most=_MOST)]
        artists.append(Fit(ax, walk, walk.epoch_of(walk.path_update), x, heights, places))
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.9)
    return artists
