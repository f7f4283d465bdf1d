"""Where a classifier changes its mind."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._core import LOSS_FACTS
from gradwalk._values import check_whole
from gradwalk.language.pictures import word
from gradwalk.reference import sigmoid

from ._data import looks
from ._data.outputs import CLASSES, PROBABILITIES, softmax
from ._data.regions import Box, edges, region
from ._data.view import class_labels, targets, view
from ._data.walks import Walk, Walks, named_walks
from ._draw import canvas, style
from ._draw.canvas import legend_outside, walk_panels
from ._draw.style import fading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from gradwalk._types import Floats


_HELPER = "decision_boundary"
_SURE = (0.1, 0.25, 0.75, 0.9)  # probabilities of class 1 with a line of their own
_SURE_OF_MANY = (0.5, 0.7, 0.9)  # … of the predicted class, where there are more than two
_TINT = 0.16  # how strongly a region is coloured


def decision_boundary(
    model: Walks,
    X: ArrayLike,
    y: ArrayLike,
    *,
    ax: Any = None,
    features: Sequence[int | str] | None = None,
    feature_names: Sequence[str] | None = None,
    k: int = 0,
    probabilities: bool = True,
) -> Any:
    """Draw the regions that a classifier gives to each class, their borders, and the data.

    A linear classifier predicts the class with the largest score, so its regions are bounded by
    straight lines: with two classes by the line z = c + w·x = 0, across which w points. Around it
    lie the lines of equal probability (``log_loss``, ``cross_entropy``), the denser the surer the
    model is, or the margin z = ±1 (hinge losses). With a single feature the same is drawn as a
    curve: the probability (or score) over the feature, and the threshold where the class changes.

    Parameters
    ----------
    model : model, or list or dict of models
        Fitted with a loss of classes, such as ``log_loss`` or ``cross_entropy`` (at most 10
        classes). Several are drawn in a panel each.
    X : array of shape (n, d)
    y : array of shape (n,), or (n, K) one-hot
        The points to draw, with the classes the model was fitted to.
    ax : matplotlib.axes.Axes, or an array of them, optional
        Where to draw: an axes for each model. New ones by default.
    features : sequence of one or two int or str, optional
        The features along the axes; by default the first two, or the only one. The others are
        held at their means, which the picture says.
    feature_names : sequence of str, optional
        Names of all d features; by default those of the columns, where X has any.
    k : int, default 0
        Also draw k earlier borders, pale, from the recorded path: at evenly growing distances,
        since a border turns most in the first updates.
    probabilities : bool, default True
        Draw the lines of equal probability, or the margin.

    Returns
    -------
    matplotlib.axes.Axes, or an array of them where `model` holds several

    Raises
    ------
    TypeError, ValueError
        If a model is no classifier, X and y are not its data, y holds other labels than ``fit``
        takes, or k earlier borders are wanted of a walk whose path was not recorded.

    Examples
    --------
    >>> import numpy as np, gradwalk as gw
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = (X[:, 0] > X[:, 1]).astype(int)
    >>> model = gw.BatchGD("log_loss", learning_rate=1.0).fit(X, y)
    >>> ax = gw.plot.decision_boundary(model, X, y, k=5)  # doctest: +SKIP
    """
    k = check_whole("k", k, 0)
    named = named_walks(model)
    pictures = [_Picture(walk, X, y, features, feature_names) for walk in named]
    if k:
        for walk in named:
            walk.need_path(_HELPER)
    panels = walk_panels(ax, named, width=7.2, height=4.6)
    for panel, picture in zip(panels, pictures, strict=True):
        picture.draw(panel, k, probabilities, picture.walk.label if len(named) > 1 else "")
    canvas.finish(panels)
    return panels[0] if len(named) == 1 else panels


class _Picture:
    """One classifier and its data."""

    def __init__(
        self,
        walk: Walk,
        X: ArrayLike,
        y: ArrayLike,
        features: Sequence[int | str] | None,
        feature_names: Sequence[str] | None,
    ) -> None:
        model = walk.need_model(_HELPER)
        self.walk, self.loss = walk, model.loss
        if self.loss not in CLASSES:
            raise ValueError(
                f"{_HELPER} draws where a classifier changes its mind, one with "
                f"{', '.join(CLASSES[:-1])} or {CLASSES[-1]}; {walk.name!r} has "
                f"{walk.loss_name}. For a regression, plot.fit_evolution draws the fitted line"
            )
        if features is not None and (isinstance(features, str) or len(features) not in (1, 2)):
            raise ValueError(
                f"features must name one or two features, as in features=(0, 1), got {features!r}"
            )
        theta = np.asarray(model.params_, dtype=np.float64)
        intercept = model.fit_intercept
        self.seen = view(X, len(theta), intercept, features, feature_names, count=2, model=model)
        self.number = targets(X, y, theta, str(self.loss), intercept)
        self.labels = class_labels(y, theta, self.loss, model)
        self.looks = style.classes(len(self.labels))
        self.scores = self._scores(theta)

    def _scores(self, theta: Floats) -> Floats:
        """Scores of the classes over the features of the view, shape (1 + features, K)."""
        reduced = self.seen.reduce(theta)
        return reduced if reduced.ndim == 2 else np.column_stack([0.0 * reduced, reduced])

    def draw(self, ax: Axes, k: int, probabilities: bool, name: str) -> None:
        early = self._early(k)
        more = self.walk.label if not name and self.walk.diverged else ""
        if np.ptp(self.scores, axis=1).max() == 0.0:
            more = word("no border yet")
        if len(self.seen.features) == 1:
            self._draw_curve(ax, early)
        else:
            self._draw_plane(ax, early, probabilities)
        ax.set_xlabel(self.seen.names[0])
        canvas.remark(ax, self.seen, name=name, more=more)
        # Outside: inside it would hide points, and there is no empty corner.
        beside = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)}
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.17), "ncols": 2}
        legend_outside(ax, **(below if name else beside))

    def _early(self, k: int) -> list[tuple[int, Floats, str]]:
        """Choose k borders of the first third: update, scores and colour."""
        last = len(self.walk.path) - 2
        if k == 0 or last < 1:
            return []
        places = np.unique(np.geomspace(1, max(1, last // 3), min(k, last)).round().astype(int))
        colors = fading(self.walk.look.color, len(places))
        return [
            (int(self.walk.path_update[place]), self._scores(self.walk.path[place]), color)
            for place, color in zip(places, colors, strict=True)
        ]

    # --- Two features ---------------------------------------------------------------

    def _draw_plane(
        self, ax: Axes, early: list[tuple[int, Floats, str]], probabilities: bool
    ) -> None:
        box = self.seen.frame(0), self.seen.frame(1)
        ax.set_xlim(*box[0])
        ax.set_ylim(*box[1])
        ax.set_ylabel(self.seen.names[1])
        scores = _in_reach(self.scores)
        borders = edges(scores, box)
        if borders or np.ptp(scores, axis=1).max() > 0.0:
            for number, look in enumerate(self.looks):
                corners = region(scores, number, box)
                if len(corners) > 2:
                    ax.fill(*corners.T, color=look.color, alpha=_TINT, lw=0, zorder=0)
        if probabilities and borders:
            self._draw_levels(ax, box)
        self._draw_points(ax)
        self._draw_early(ax, early, [edges(_in_reach(theirs), box) for _, theirs, _ in early])
        for number, line in enumerate(borders):
            ax.plot(
                *line.T,
                color=style.INK,
                lw=style.LINE,
                zorder=4,
                label="_border" if number else word("decision boundary"),
            )

    def _draw_early(
        self, ax: Axes, early: list[tuple[int, Floats, str]], lines: list[list[Floats]]
    ) -> None:
        """Draw earlier borders, and number those that there is room to number."""
        numbered: list[Floats] = []
        for (update, _, color), borders in zip(early, lines, strict=True):
            for number, line in enumerate(borders):
                last = number == 0 and update == early[-1][0]
                ax.plot(
                    *line.T,
                    color=color,
                    ls=(0, (4, 1.5)),
                    lw=style.THIN,
                    zorder=3,
                    label=word("early borders") if last else "_early",
                )
            if borders:
                place = ax.transAxes.inverted().transform(ax.transData.transform(borders[0][1]))
                if all(np.abs(place - other).max() > 0.05 for other in numbered):
                    numbered.append(place)
                    _number(ax, place, update)

    def _draw_points(self, ax: Axes) -> None:
        rows = self.seen.dots()
        points, numbers = self.seen.columns[rows], self.number[rows]
        for number, (label, look) in enumerate(zip(self.labels, self.looks, strict=True)):
            x, y = points[numbers == number].T
            self._mark(ax, x, y, look, label)

    def _mark(self, ax: Axes, x: Floats, y: Floats, look: looks.Look, label: str) -> None:
        ax.plot(
            x,
            y,
            color=look.color,
            marker=look.marker,
            ls="",
            mec="white",
            mew=0.5,
            ms=5.5,
            zorder=2,
            label=word("class", label=label),
        )

    def _draw_levels(self, ax: Axes, box: Box) -> None:
        """Lines of equal probability; without probabilities the margin, if there is one."""
        a, b = (np.linspace(*ends, 121) for ends in box)
        z = self.scores[0] + np.stack(np.meshgrid(a, b), axis=-1) @ self.scores[1:]
        if z.shape[-1] > 2:
            values, levels = softmax(np.moveaxis(z, -1, 0)).max(axis=0), list(_SURE_OF_MANY)
            fmt, name = {p: f"{p:g}" for p in levels}, word("probability of the predicted class")
        elif self.loss in PROBABILITIES:
            values, levels = z[..., 1] - z[..., 0], [float(np.log(p / (1 - p))) for p in _SURE]
            fmt = {level: f"{p:g}" for level, p in zip(levels, _SURE, strict=True)}
            name = word("probability of class", label=self.labels[1])
        else:
            margin = LOSS_FACTS[str(self.loss)].margin_of_bend
            if not margin:
                return
            values, levels, fmt, name = z[..., 1], [-margin, margin], {}, word("margin")
        if not np.isfinite(values).all() or _narrow(values, levels):
            return  # closer to the border than the eye can tell
        lines = ax.contour(
            a,
            b,
            values,
            levels=levels,
            colors=style.CONTOUR_TEXT,
            linewidths=style.FAINT,
            linestyles="solid" if fmt else "dashed",
            zorder=1,
        )
        if fmt:
            ax.clabel(lines, fmt=fmt, fontsize=7, colors=style.INK)
        ax.plot(
            [],
            [],
            color=style.CONTOUR_TEXT,
            lw=style.FAINT,
            ls="-" if fmt else "--",
            label=name,
        )

    # --- One feature ----------------------------------------------------------------

    def _draw_curve(self, ax: Axes, early: list[tuple[int, Floats, str]]) -> None:
        limits = self.seen.frame()
        x = np.linspace(*limits, 401)
        z = self.scores[0][:, None] + self.scores[1][:, None] * x  # (K, 401)
        has_probabilities = self.loss in PROBABILITIES
        ax.set_xlim(*limits)
        two = len(self.labels) == 2
        if has_probabilities:
            curves = sigmoid(z[1:] - z[:1]) if two else softmax(z)
            # Of many classes each has a row of its own below the curves.
            ax.set_ylim(-0.08 if two else -0.04 * (len(self.labels) + 1), 1.08)
            heights = self.number.astype(float) if two else -0.04 * (1.0 + self.number)
            key = "probability of class" if two else "probability"
            ax.set_ylabel(word(key, label=self.labels[-1]))
        else:
            curves = z[1:]
            reach = min(max(1.5, 1.1 * float(np.abs(curves).max())), 5.0)
            ax.set_ylim(-reach, reach)
            heights = 2.0 * self.number - 1.0
            ax.set_ylabel(word("score"))
        self._draw_bands(ax, limits)
        rows = self.seen.dots()
        for number, (label, look) in enumerate(zip(self.labels, self.looks, strict=True)):
            kept = rows[self.number[rows] == number]
            self._mark(ax, self.seen.columns[kept, 0], heights[kept], look, label)
        for number, curve in enumerate(curves):
            look = self.looks[number]
            settings = style.FIT if two else {"color": look.color, "ls": look.linestyle, "lw": 1.8}
            ax.plot(x, curve, **settings, zorder=3, label="_curve")
        if two:
            middle = 0.5 if has_probabilities else 0.0
            ax.axhline(middle, color=style.CONTOUR, lw=style.FAINT, zorder=1)
        top = np.array(ax.get_ylim())
        places = [_thresholds(theirs, limits) for _, theirs, _ in early]
        self._draw_early(
            ax, early, [[np.column_stack([[x, x], top]) for x in row] for row in places]
        )
        for number, place in enumerate(_thresholds(self.scores, limits)):
            text = word("threshold", place=f"{place:.3g}")
            ax.axvline(place, **style.LIMIT, zorder=2.5, label=text if two else "_threshold")
            if not two and number == 0:
                ax.plot([], [], **style.LIMIT, label=word("decision boundary"))

    def _draw_bands(self, ax: Axes, limits: tuple[float, float]) -> None:
        if np.ptp(self.scores, axis=1).max() == 0.0:
            return
        ends = [limits[0], *_thresholds(self.scores, limits), limits[1]]
        for left, right in itertools.pairwise(ends):
            winner = int(np.argmax(self.scores[0] + self.scores[1] * (0.5 * (left + right))))
            ax.axvspan(left, right, color=self.looks[winner].color, alpha=_TINT, lw=0, zorder=0)


def _thresholds(scores: Floats, limits: tuple[float, float]) -> list[float]:
    """Where along one feature the largest score changes."""
    scores = _in_reach(scores)
    flat = np.vstack([scores, np.zeros(scores.shape[1])])
    lines = edges(flat, (limits, (0.0, 1.0)))
    return sorted(float(line[0, 0]) for line in lines)


def _in_reach(scores: Floats) -> Floats:
    """Scale scores so that products of them stay numbers: the borders are the same."""
    scores = np.nan_to_num(scores)
    size = float(np.abs(scores).max())
    return scores / size if size > 0.0 else scores


def _narrow(values: Floats, levels: list[float]) -> bool:
    """Whether the lines would lie closer together than a fiftieth of the picture."""
    inside = np.mean((values > levels[0]) & (values < levels[-1]))
    return bool(inside < 0.03 and values.min() < levels[0] and values.max() > levels[-1])


def _number(ax: Axes, place: Floats, update: int) -> None:
    """Write the update at the end of a border, inside the picture."""
    right, high = place[0] > 0.5, place[1] > 0.5
    ax.annotate(
        f"{update:,}",
        xy=(float(place[0]), float(place[1])),
        xycoords="axes fraction",
        xytext=(-4 if right else 4, -3 if high else 3),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top" if high else "bottom",
        fontsize=style.NOTE_SIZE,
        color=style.INK,
        bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.75},
        zorder=5,
    )
