"""The first fitted lines of a walk, and its last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._values import check_whole
from gradwalk.language.pictures import word

from ._data import looks
from ._data.outputs import TWO_CLASSES, Output, output, softmax
from ._data.view import View, class_labels, targets, view, widened
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, style
from ._draw.canvas import walk_panels
from ._draw.line import draw_note
from ._draw.style import fading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray


def fit_evolution(
    walks: Walks,
    X: ArrayLike,
    y: ArrayLike,
    k: int = 10,
    *,
    ax: Any = None,
    feature: int | str = 0,
    feature_names: Sequence[str] | None = None,
    label: int = 0,
    loss: str | None = None,
) -> Any:
    """Draw the data, the first k fitted lines from pale to strong, and the last line on top.

    A step of gradient descent moves a point θ in the space of parameters; here it is seen as the
    line ŷ(x) = c + w·x that turns towards the data. A walk that goes well takes big turns first
    and small ones later; one with a learning rate too small hardly turns; one too large swings
    past the data and back, further each time. The line is what the loss has for a prediction: of
    ``log_loss`` the probability σ(c + w·x), of ``sigmoid_mse`` what the neuron puts out; of losses
    of classes without probabilities the score z against the labels −1 and 1.

    Parameters
    ----------
    walks : model, History, result of minimize, or a list or dict of them
        With a recorded path. Several are drawn in a panel each.
    X : array of shape (n, d)
    y : array of shape (n,), or (n, K) one-hot
        The data of the walk.
    k : int, default 10
        How many lines to draw from the start on: those of the first k recorded θ. The numbers at
        the right say after how many updates (epochs, where only those are on record).
    ax : matplotlib.axes.Axes, or an array of them, optional
        Where to draw: an axes for each walk. New ones by default.
    feature : int or str, default 0
        The feature along the horizontal axis. The others are held at their means, so that c holds
        what these add.
    feature_names : sequence of str, optional
        Names of all d features; by default those of the columns, where X has any.
    label : int, default 0
        For ``cross_entropy``: the class whose probability is drawn.
    loss : str, optional
        How to read θ, where the walk does not say: of a History, of a result of ``minimize``, and
        of a model with a loss function of its own.

    Returns
    -------
    matplotlib.axes.Axes, or an array of them where `walks` holds several

    Raises
    ------
    TypeError, ValueError
        If `walks` holds something other than walks, no path was recorded, X and y are not the
        data of the walk, or nothing tells the loss.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.linspace(0, 2, 50).reshape(-1, 1)
    >>> model = gw.BatchGD(learning_rate=0.1, epochs=100).fit(X, 4 + 3 * X[:, 0])
    >>> ax = gw.plot.fit_evolution(model, X, 4 + 3 * X[:, 0], k=10)  # doctest: +SKIP
    """
    k = check_whole("k", k, 1)
    named = named_walks(walks)
    pictures = [_read(walk, X, y, feature, feature_names, label, loss) for walk in named]
    panels = walk_panels(ax, named)
    for panel, walk, picture in zip(panels, named, pictures, strict=True):
        _draw(panel, walk, *picture, k, name=walk.label if len(named) > 1 else "")
    canvas.finish(panels)
    return panels[0] if len(named) == 1 else panels


# The view, the targets, how to read the score, the class that is drawn, and names of two classes.
_Picture = tuple[View, "NDArray[Any]", Output, "int | None", list[str]]


def _read(
    walk: Walk,
    X: ArrayLike,
    y: ArrayLike,
    feature: int | str,
    feature_names: Sequence[str] | None,
    label: int,
    loss: str | None,
) -> _Picture:
    """Check that the walk goes with the data; the view, the targets and how to read the score."""
    walk.need_path("fit_evolution")
    own = walk.model is None or not isinstance(walk.model.loss, str)
    name = loss if own else walk.loss_name
    how = output(name, "fit_evolution")
    p = walk.path.shape[1] if walk.path.ndim > 1 else 1
    if walk.model is not None and not own:
        intercept = walk.model.fit_intercept
    else:
        intercept = np.ndim(X) == 2 and p == np.shape(X)[1] + 1
    seen = view(X, p, intercept, [feature], feature_names, count=1, model=walk.model)
    if name == "cross_entropy":
        if walk.path.ndim != 3:
            raise ValueError("a walk over cross_entropy has a θ of shape (p, K); this one has not")
        label = check_whole("label", label, 0, walk.path.shape[2] - 1)
    numbers = targets(X, y, walk.path[0], str(name), intercept)
    names = class_labels(y, walk.path[0], name, walk.model) if name in TWO_CLASSES else []
    return seen, numbers, how, label if name == "cross_entropy" else None, names


def _draw(
    ax: Axes,
    walk: Walk,
    seen: View,
    y: NDArray[Any],
    how: Output,
    label: int | None,
    names: list[str],
    k: int,
    *,
    name: str,
) -> None:
    places = list(range(min(k, len(walk.path))))
    # Where a walk that diverged ended is no fit to be shown.
    ends = not walk.diverged and len(walk.path) > len(places)
    if ends:
        places.append(len(walk.path) - 1)
    x_limits = seen.frame()
    straight = label is None and how.is_straight
    x = np.linspace(*x_limits, 2 if straight else 201)
    lines = _lines(walk.path[places], seen, how, label, x)
    heights = _targets(y, how, label)
    low, high = _limits(heights, lines, how, reach=2.0 if walk.diverged else 1.0)
    ax.set_xlim(*x_limits)
    ax.set_ylim(low, high)
    _dots(ax, seen, y, heights, names, label)

    strong = [] if walk.diverged else [walk.look.color]
    colors = fading(walk.look.color, len(places) - len(strong)) + strong
    shown = [bool(line.max() >= low and line.min() <= high) for line in lines]
    unit, numbers = _numbers(walk, places)
    drawn = np.flatnonzero(shown)
    early = len(places) - len(strong)
    for i in drawn:
        last = bool(i >= early)
        ax.plot(
            x,
            lines[i],
            color=colors[i],
            lw=style.LINE + 0.6 if last else style.THIN,
            label=word(f"last fit, {unit}", number=numbers[-1])
            if last
            else word("first fits", count=early)
            if i == drawn[drawn < early][-1]
            else "_early",
            zorder=3 + i / len(places),
        )
    _number_lines(ax, [float(line[-1]) for line in lines], numbers, unit)
    _note_what_is_missing(ax, walk, shown, lines, numbers, unit)
    ax.set_xlabel(seen.names[0])
    ax.set_ylabel(word(how.word, label=1 if label is None else label))
    canvas.remark(ax, seen, name=name)
    canvas.legend(ax, loc="best", frameon=True, framealpha=0.85, edgecolor="none")


def _lines(
    path: NDArray[np.float64], seen: View, how: Output, label: int | None, x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute the outputs along x, a row for each θ; far away where θ is too large for a number."""
    theta = seen.reduce(np.moveaxis(path, 0, -1))  # (2, k), or (2, K, k)
    with np.errstate(over="ignore", invalid="ignore"):
        z = theta[0][..., None] + theta[1][..., None] * x
        z = np.nan_to_num(z, nan=1e300, posinf=1e300, neginf=-1e300)
        lines = softmax(z)[label] if label is not None else how.link(z)
    return np.asarray(lines, dtype=np.float64)


def _targets(y: NDArray[Any], how: Output, label: int | None) -> NDArray[np.float64]:
    """Where the data stand on the vertical axis."""
    if label is not None:
        return np.where(y == label, 1.0, 0.0)
    return 2.0 * y - 1.0 if how.word == "score" else np.asarray(y, dtype=np.float64)


def _limits(
    heights: NDArray[np.float64], lines: NDArray[np.float64], how: Output, reach: float
) -> tuple[float, float]:
    """Frame the data; and the lines that keep within `reach` heights of them."""
    low, high = float(heights.min()), float(heights.max())
    if how.bounds is not None:
        low, high = min(low, how.bounds[0]), max(high, how.bounds[1])
    else:
        size = reach * (high - low if high > low else abs(high) or 1.0)
        near = lines[(lines.min(axis=1) >= low - size) & (lines.max(axis=1) <= high + size)]
        low, high = min(low, near.min(initial=low)), max(high, near.max(initial=high))
    return widened(low, high, 0.07)


def _dots(
    ax: Axes,
    seen: View,
    y: NDArray[Any],
    heights: NDArray[np.float64],
    names: list[str],
    label: int | None,
) -> None:
    rows = seen.dots()
    x, heights, y = seen.columns[rows, 0], heights[rows], y[rows]
    settings = {key: style.DATA[key] for key in ("mec", "mew", "ms", "ls")}
    groups: list[tuple[Any, str, looks.Look]]
    grey = looks.Look(style.DATA["color"], "", "o")
    if label is not None:
        own = style.classes(label + 1)[label]
        groups = [
            (y == label, word("class", label=label), own),
            (y != label, word("other classes"), grey),
        ]
    elif names:
        groups = [
            (y == which, word("class", label=names[which]), look)
            for which, look in enumerate(style.classes(2))
            if np.any(y == which)
        ]
    else:
        groups = [(slice(None), word("data"), grey)]
    for kept, name, look in groups:
        ax.plot(
            x[kept],
            heights[kept],
            color=look.color,
            marker=look.marker,
            **settings,
            label=name,
            zorder=2,
        )


def _numbers(walk: Walk, places: list[int]) -> tuple[str, list[int]]:
    """Choose what numbers the lines: epochs where the record has nothing between them."""
    updates = walk.path_update
    ends = np.concatenate([[0], np.cumsum(walk.history.updates_per_epoch)])
    if walk.n_epochs < walk.n_updates and np.isin(updates[:-1], ends).all():
        return "epoch", [int(np.ceil(e)) for e in walk.epoch_of(updates[places])]
    return "update", [int(u) for u in updates[places]]


def _number_lines(ax: Axes, heights: list[float], numbers: list[int], unit: str) -> None:
    """Write the number of each line at its right end, of as many as there is room for."""
    low, high = ax.get_ylim()
    gap = 1.15 * style.NOTE_SIZE / (72 * ax.bbox.height / ax.figure.dpi)
    taken: list[float] = []
    count = len(heights)
    for i in (count - 1, *range(count - 1)):  # the last one first: it must have its place
        place = (heights[i] - low) / (high - low)
        if 0 <= place <= 1 and all(abs(place - other) >= gap for other in taken):
            taken.append(place)
            ax.annotate(
                f"{numbers[i]:,}",
                xy=(1.0, place),
                xycoords="axes fraction",
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=style.NOTE_SIZE,
                fontweight="bold" if i == count - 1 else "normal",
                color=style.INK,
            )
    if taken:
        ax.annotate(
            word(unit),
            xy=(1.0, 1.0),
            xycoords="axes fraction",
            xytext=(4, 5),
            textcoords="offset points",
            va="bottom",
            fontsize=style.NOTE_SIZE,
            color=style.INK,
        )


def _note_what_is_missing(
    ax: Axes,
    walk: Walk,
    shown: list[bool],
    lines: NDArray[np.float64],
    numbers: list[int],
    unit: str,
) -> None:
    low, high = ax.get_ylim()
    middle = float(np.mean(ax.get_xlim()))
    if walk.diverged:
        draw_note(ax, middle, high, word("last fit is far away"), direction=(0.0, 1.0))
    elif not all(shown):
        hidden = [i for i, inside in enumerate(shown) if not inside]
        up = bool(lines[hidden[0]].min() > high)
        text = word(f"fits outside, {unit}", first=numbers[hidden[0]], last=numbers[hidden[-1]])
        draw_note(ax, middle, high if up else low, text, direction=(0.0, 1.0 if up else -1.0))
