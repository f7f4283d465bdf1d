"""The axes of a picture: made, quietened, and given a font that can write their texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gradwalk.language.fonts import families, has_hangul
from gradwalk.language.pictures import word

from .._data.view import MOST_DOTS, View
from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.legend import Legend
    from numpy.typing import NDArray

    from .._data.walks import Walk

_Drawn = TypeVar("_Drawn")

# The powers of ten from which on Matplotlib's ticks are written without them.
_USUAL_POWERS = (-5, 6)

# Where a legend may go, the usual places first.
_PLACES = (
    "upper right",
    "upper left",
    "lower left",
    "lower right",
    "center right",
    "center left",
    "upper center",
    "lower center",
    "center",
)


def new_axes(ax: Axes | None, *, width: float = 6.4, height: float = 4.0) -> Axes:
    """Return the caller's axes, checked, or the only axes of a new figure (sizes in inches)."""
    if ax is not None:
        return _checked(ax)  # type: ignore[no-any-return]
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def new_axes_3d(ax: Any, *, width: float = 6.4, height: float = 5.2) -> Any:
    """Return the caller's 3-D axes, checked, or the only axes of a new figure."""
    if ax is None:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=(width, height), layout="constrained")
        return figure.add_subplot(projection="3d")
    return _checked(ax, flat=False)


def new_panels(ax: Any, rows: int, columns: int, *, width: float, height: float) -> NDArray[Any]:
    """Return the caller's axes, checked, in the shape (rows, columns), or those of a new figure."""
    if ax is None:
        from matplotlib import pyplot

        made = pyplot.subplots(
            rows, columns, figsize=(width, height), layout="constrained", squeeze=False
        )[1]
        return np.asarray(made, dtype=object)
    several = f"plt.subplots({rows}, {columns})[1]"
    panels = np.asarray(ax, dtype=object)
    for panel in panels.flat:
        _checked(panel, several=several if rows * columns > 1 else "")
    if panels.size != rows * columns:
        raise ValueError(
            f"this picture has {rows * columns} panels, so ax must be an array of that many axes, "
            f"as {several} makes it, got {panels.size}"
        )
    return panels.reshape(rows, columns)


def walk_panels(
    ax: Any, walks: list[Walk], *, width: float = 6.4, height: float = 3.9
) -> NDArray[np.object_]:
    """Axes for each walk: the caller's, or new ones side by side, each under the walk's name."""
    if len(walks) == 1:
        return np.array([new_axes(ax, width=width, height=height)], dtype=object)
    together = min(4.2 * len(walks), 12.6)
    return new_panels(ax, 1, len(walks), width=together, height=height).ravel()


def panels(ax: Any, count: int, *, width: float, height: float) -> NDArray[np.object_]:
    """Axes of the picture: `count` of them, or the caller's only one, for the first panel."""
    count = 1 if ax is not None and np.size(ax) == 1 else count
    return new_panels(ax, 1, count, width=width, height=height).ravel()


def _checked(ax: Any, *, flat: bool = True, several: str = "") -> Any:
    """Return `ax` if it is Axes, and say what to write in place of anything else."""
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    if isinstance(ax, Axes):
        if flat and ax.name == "3d":
            raise TypeError(
                "ax must be flat axes, as plt.subplots()[1] makes them, got 3-D axes: only "
                "surface_path draws in space"
            )
        if not flat and ax.name != "3d":
            raise TypeError(
                'ax must be 3-D axes, as in fig.add_subplot(projection="3d"), got '
                f"{type(ax).__name__} without a third axis"
            )
        return ax
    what = "a matplotlib Axes" if flat else "3-D matplotlib Axes"
    if isinstance(ax, FigureBase):
        got = f"a {type(ax).__name__}"
        write = several or ("fig.gca()" if flat else 'fig.add_subplot(projection="3d")')
    elif getattr(ax, "__name__", "").startswith("matplotlib"):
        got = f"the module {ax.__name__}"
        write = several or ("plt.gca()" if flat else 'plt.axes(projection="3d")')
    elif isinstance(ax, (np.ndarray, list, tuple)):
        got = f"{len(ax)} things in one {type(ax).__name__}"
        write = "ax[0]" if not isinstance(ax, tuple) else "the second of fig, ax = plt.subplots()"
    else:
        got, write = f"a {type(ax).__name__}", several or "plt.gca()"
    what = f"an array of {what}" if several else what
    raise TypeError(f"ax must be {what}, got {got}: write ax={write}")


def grid(ax: Axes) -> None:
    """Draw a faint grid behind everything."""
    ax.grid(True, color=style.GRID, lw=style.FAINT)
    ax.set_axisbelow(True)


def legend(ax: Axes, **settings: Any) -> Legend | None:
    """Draw the legend on a pale background, so that it can be read; None if nothing has a name."""
    if not ax.get_legend_handles_labels()[1]:
        return None
    settings = {
        "loc": "best",
        "edgecolor": "none",
        "framealpha": 0.8,
        "fontsize": "small",
        **settings,
    }
    drawn = ax.legend(**settings)
    noted = any(text.get_gid() == "gradwalk-note" for text in ax.texts)
    dotted = any(line.get_label() == "_update" for line in ax.lines)
    if settings["loc"] == "best" and (noted or dotted):
        _place(ax, drawn)
    return drawn


def legend_outside(ax: Axes, **place: Any) -> None:
    """Put the legend outside the axes, where it hides nothing, if the figure makes room for it."""
    if ax.figure.get_layout_engine() is None:
        place = {"loc": "best", "frameon": True, "framealpha": 0.85, "edgecolor": "none"}
    legend(ax, **place)


def remark(ax: Axes, view: View, *, name: str = "", more: str = "") -> None:
    """Write above the picture of `view` its name, what it leaves out, and `more`."""
    others = len(view.row) - int(view.intercept) - len(view.features)
    texts = [word("others at means", count=others)] if others else []
    if len(view.columns) > MOST_DOTS:
        texts.append(word("some of the rows", shown=MOST_DOTS, rows=len(view.columns)))
    lines = [line for line in (name, *texts, more) if line]
    if lines:
        size = "small" if name else style.NOTE_SIZE
        ax.set_title("\n".join(lines), loc="left", fontsize=size, color=style.INK)


def _place(ax: Axes, drawn: Legend) -> None:
    """Put a legend where it hides no note and little of the lines; faint dots may lie below it.

    Matplotlib's own "best" counts a note as much as a single one of the dots.
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Annotation, Text

    _give_fonts(ax)  # letters are measured below
    # A renderer of our own: the canvas of an SVG, or of a figure without pyplot, has none.
    width, height = ax.figure.bbox.size
    renderer = RendererAgg(width, height, ax.figure.dpi)  # type: ignore[no-untyped-call]
    notes = []
    for text in ax.texts:
        if isinstance(text, Annotation) and text.get_gid() == "gradwalk-note":
            text.update_positions(renderer)
            # The words alone, without the line to their place.
            notes.append(Text.get_window_extent(text, renderer))
    # Points at even steps along the lines: a long piece between two points hides things, too.
    ways = []
    for line in ax.lines:
        points = np.asarray(line.get_xydata(), dtype=np.float64)
        if line.get_label() == "_update" or not len(points):
            continue
        points = ax.transData.transform(points)
        steps = np.linspace(0, len(points) - 1, max(200, min(len(points), 2000)))
        along = np.arange(len(points))
        ways.append(np.column_stack([np.interp(steps, along, points[:, k]) for k in (0, 1)]))
    way = np.concatenate(ways) if ways else np.empty((0, 2))
    costs: dict[Any, int] = {}
    for place in _PLACES:
        drawn.set_loc(place)  # type: ignore[arg-type]
        box = drawn.get_window_extent(renderer)
        inside = np.all((way > box.min) & (way < box.max), axis=1)
        costs[place] = int(inside.sum()) + 500 * sum(box.overlaps(note) for note in notes)
    drawn.set_loc(min(costs, key=lambda place: costs[place]))


def whole_numbers(axis: Axis) -> None:
    """Put ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))


def plain_log(axis: Axis) -> None:
    """Label a log axis of few decades 0.05, 0.1, 0.2, as one would say it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = sorted(axis.get_view_interval())
    if 0 < high < 1e3 * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_formatter(NullFormatter())


def finish(drawn: _Drawn) -> _Drawn:
    """Quieten the frame of one or several axes, and give texts in Korean a font that can."""
    several: Iterable[Any] = drawn.flat if isinstance(drawn, np.ndarray) else [drawn]
    for ax in several:
        if getattr(ax, "name", "") != "3d":
            ax.spines[["top", "right"]].set_visible(False)
        _shorten_ticks(ax)
        _give_fonts(ax)
    return drawn


def _shorten_ticks(ax: Any) -> None:
    """Write small numbers on ticks as 1, 2, 3 times a power of ten, or they run into each other."""
    from matplotlib import rcParams
    from matplotlib.ticker import ScalarFormatter

    if tuple(rcParams["axes.formatter.limits"]) != _USUAL_POWERS:
        return  # the caller has a wish of their own
    for axis in (ax.xaxis, ax.yaxis, getattr(ax, "zaxis", None)):
        formatter = None if axis is None else axis.get_major_formatter()
        if isinstance(formatter, ScalarFormatter):
            formatter.set_powerlimits((-3, _USUAL_POWERS[1]))


def _give_fonts(ax: Any) -> None:
    from matplotlib.text import Text

    # The title of the figure is not the axes' own, and has to be read as well.
    for text in {*ax.findobj(Text), *ax.figure.texts}:
        # Tick labels, 10⁻³ among them, stay as they are.
        if has_hangul(text.get_text()):
            chosen = families()
            if chosen is not None:
                text.set_fontfamily(chosen)
            if "\n" in text.get_text():
                # Lines of Hangul are taller than the font says where other letters mix in.
                text.set_linespacing(1.5)
