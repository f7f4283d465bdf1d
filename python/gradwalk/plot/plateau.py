"""The norm of the gradient along a walk, and the stretches on which it vanishes too early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradwalk._thinning import thin
from gradwalk.language.pictures import word

from ._data.norm_records import NormRecord, find_norm_record
from ._data.walks import Walks, loss_text, named_walks
from ._draw import canvas, frame, style
from ._draw.line import draw_line
from ._draw.losses import log_scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from gradwalk._types import Floats


_SHADE = 0.14
_STILL = 0.02  # a loss that moves by no more than this share of itself stands still


def plateau(
    walks: Walks,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    ax: ArrayLike | None = None,
    fun: Any = None,
    jac: Any = None,
    sample_weight: ArrayLike | None = None,
    against: str = "epoch",
    tiny: float = 0.01,
    high: float = 0.5,
) -> NDArray[Any]:
    """Draw the norm of the gradient along a walk, with the loss below it, and shade plateaus.

    On a plateau, where a neuron is saturated for instance, the gradient is next to nothing though
    the loss is high: it vanishes, the steps get tiny, and the walk is stuck as if it had arrived.
    At a minimum the gradient is small as well, but so is the loss. Both panels together tell them
    apart.

    Parameters
    ----------
    walks : model, History, DescentResult, list of these, or dict of name to one of these
        The norm is taken from the first of these that there is:

        1. ``history_.grad_norm``, that of the full gradient: every BatchGD has it, the others
           with ``fit(…, full_loss=True)``;
        2. X and y, or `fun`: that of the full gradient at up to 200 points of the recorded path;
        3. the path itself: a step of the plain rule is η∇f, so the distance of two successive
           points by η is the norm of that batch's gradient (a model without rule and l1, with
           every update on record). These are dots, and the line goes through means of up to 100
           runs of them.
    X : array of shape (n, d), optional
    y : array of shape (n,), or (n, K) one-hot, optional
        The data of fitted models.
    ax : two matplotlib.axes.Axes, optional
        Where to draw: the panel of the norm, and that of the loss. New ones by default.
    fun : landscape or callable f(x), optional
        In place of X and y what ``minimize`` walked on.
    jac : callable or True, optional
        Gradient of a `fun` of your own, or True if fun returns (value, gradient); central
        differences by default, for x of one or two coordinates.
    sample_weight : array of shape (n,), optional
        The weights given to ``fit``.
    against : {"epoch", "update"}
        What the axis counts.
    tiny : float, default 0.01
        A norm is tiny up to this share of the largest in the picture.
    high : float, default 0.5
        A loss is high above this share of the way from the lowest in the picture (a landscape's
        global minimum counts as well) to the highest.

    Returns
    -------
    array of two matplotlib.axes.Axes
        The norm on a log axis, and the loss; plateaus are shaded, those of several walks along
        their lines.

    Raises
    ------
    TypeError, ValueError
        Something in `walks` is no walk, or nothing gives its gradient: the message says what
        would.

    Notes
    -----
    A stretch is shaded if the norm is tiny and the loss high; or if ``history_.verdict`` says that
    the walk is stuck on a plateau: then its last stretch, on which the loss moved by 2 % at most.
    An l1 penalty has no part in the gradient, which then need not vanish at a minimum.

    Examples
    --------
    >>> import gradwalk as gw
    >>> flat = gw.landscapes.plateau
    >>> common = {"learning_rate": 1.0, "epochs": 4000}
    >>> walks = {
    ...     "plain": gw.BatchGD(**common).minimize(flat, flat.start),
    ...     "momentum": gw.BatchGD(rule=gw.rules.Momentum(0.9), **common).minimize(
    ...         flat, flat.start
    ...     ),
    ... }
    >>> norm, loss = gw.plot.plateau(walks, fun=flat)
    >>> norm.get_yscale()
    'log'
    """
    named = named_walks(walks)
    if against not in ("epoch", "update"):
        raise ValueError(f'against must be "epoch" or "update", got {against!r}')
    for name, share in (("tiny", tiny), ("high", high)):
        if not 0 < share < 1:
            raise ValueError(f"{name} must be a share between 0 and 1, got {share!r}")
    records = [
        find_norm_record(walk, X, y, fun=fun, jac=jac, sample_weight=sample_weight)
        for walk in named
    ]
    panels = canvas.new_panels(ax, 2, 1, width=6.4, height=5.4).ravel()
    top, bottom = panels
    places = [
        (record.norm_at, record.loss_at)
        if against == "update"
        else (walk.epoch_of(record.norm_at), walk.epoch_of(record.loss_at))
        for walk, record in zip(named, records, strict=True)
    ]
    known = _known_heights(fun)
    _frame(top, bottom, records, places, known)
    floor, ceiling = _heights(records, known)
    largest = max(float(_calm(record, record.norm).max(initial=0.0)) for record in records)
    shaded = False
    unit = "update" if against == "update" else "epoch"
    for record, (x, x_loss) in zip(records, places, strict=True):
        walk = record.walk
        flat = _flat(record, tiny * largest, floor + high * (ceiling - floor))
        loss = np.interp(x, x_loss, record.loss) if len(x_loss) else np.full(len(x), np.nan)
        shaded |= _shade(panels, record, x, (record.norm, loss), flat, alone=len(records) == 1)
        if record.dots is not None:
            at, norm = record.dots
            at = at if against == "update" else walk.epoch_of(at)
            top.plot(*thin(at, norm), **style.DOTS, color=walk.look.color, label="_batch")
        draw_line(top, walk, x, record.norm, numbers=_counts(x), unit=unit)
        draw_line(bottom, walk, x_loss, record.loss, numbers=_counts(x_loss), unit=unit)
    if shaded:
        top.plot([], [], color=style.INK, alpha=1.5 * _SHADE, lw=11, label=word("plateau"))
    kinds = {record.of_batches for record in records}
    top.set_ylabel(word("gradient norm of batches" if kinds == {True} else "gradient norm"))
    of_function = all(record.walk.loss_name == "f" for record in records)
    bottom.set_ylabel(word("value") if of_function else word("loss", loss=loss_text(named)))
    bottom.set_xlabel(word(against))
    top.tick_params(labelbottom=False)
    for panel in panels:
        canvas.whole_numbers(panel.xaxis)
        canvas.grid(panel)
    canvas.legend(top, loc="best", frameon=True, framealpha=0.9)
    return canvas.finish(panels)


def _counts(x: Floats) -> NDArray[np.int64]:
    return np.maximum(np.ceil(x), 1.0).astype(np.int64)


def _calm(record: NormRecord, values: Floats) -> Floats:
    """Finite values; of a walk that diverged the first."""
    seen = values[:1] if record.walk.diverged else values
    return seen[np.isfinite(seen)]


def _frame(
    top: Axes,
    bottom: Axes,
    records: Sequence[NormRecord],
    places: Sequence[tuple[Floats, Floats]],
    known: list[float],
) -> None:
    diverged = [record.walk.diverged for record in records]
    norms = np.concatenate([_calm(record, record.norm) for record in records])
    norms = norms[norms > 0]
    log = log_scale(top, [record.norm for record in records])
    # At least a decade: a norm that stays shall look as if it stayed.
    wide = [norms.min() / 3, norms.max() * 3] if norms.size and np.ptp(np.log10(norms)) < 1 else []
    for record in records:
        if record.dots is not None and not record.walk.diverged:
            bulk = record.dots[1][np.isfinite(record.dots[1])]
            wide = [*wide, *np.quantile(bulk, [0.1, 0.98])] if bulk.size else wide
    ends = frame.limits([c.norm for c in records], diverged=diverged, log=log, extra=wide)
    top.set_ylim(*(ends or (1e-3, 1.0)))
    losses = np.concatenate([_calm(record, record.loss) for record in records])
    still = losses.size > 1 and np.ptp(losses) < _STILL * np.abs(losses).max()
    extra = known + ([0.0] if still else [])
    # The start of a walk that diverged belongs in the picture; the mean of a run may be far above.
    extra += [
        float(c.loss[0]) for c in records if c.walk.diverged and c.dots is None and c.loss.size
    ]
    ends = frame.limits([c.loss for c in records], diverged=diverged, extra=extra)
    bottom.set_ylim(*(ends or (0.0, 1.0)))
    right = 0.0
    for record, (x, x_loss) in zip(records, places, strict=True):
        last = max([0.0, *x[-1:], *x_loss[-1:]])
        if record.walk.diverged:
            # Its blow-up may take long, out of sight.
            out = np.flatnonzero(~(record.norm <= top.get_ylim()[1]))
            last = 1.1 * float(x[out[0]]) if out.size else last
        right = max(right, last)
    room = 0.02 * right if right > 0 else 0.5
    for panel in (top, bottom):
        panel.set_xlim(-room, right + room)


def _known_heights(fun: Any) -> list[float]:
    landscape = getattr(fun, "landscape", fun)
    minima = getattr(landscape, "minima", [])
    return [float(minimum.value) for minimum in minima if minimum.is_global]


def _heights(records: Sequence[NormRecord], known: list[float]) -> tuple[float, float]:
    """Find the lowest and the highest loss in the picture, of a blow-up the start alone."""
    seen = np.concatenate([_calm(record, record.loss) for record in records])
    if not seen.size:
        return 0.0, 0.0
    return float(min([seen.min(), *known])), float(seen.max())


def _flat(record: NormRecord, tiny: float, high: float) -> NDArray[np.bool_]:
    """Where the norm is tiny and the loss high, for each place of the norm."""
    if not len(record.loss) or record.walk.diverged:
        return np.zeros(len(record.norm), dtype=bool)
    loss = np.interp(record.norm_at, record.loss_at, record.loss)
    with np.errstate(invalid="ignore"):
        flat = (record.norm <= tiny) & (loss > high)
    if record.walk.verdict.kind == "plateau":
        still = np.abs(loss - loss[-1]) <= _STILL * max(abs(float(loss[-1])), 1e-300)
        moved = np.flatnonzero(~still)
        flat[moved[-1] + 1 if moved.size else 0 :] = True
    return np.asarray(flat)


def _shade(
    panels: NDArray[Any],
    record: NormRecord,
    x: Floats,
    heights: tuple[Floats, Floats],
    flat: NDArray[np.bool_],
    *,
    alone: bool,
) -> bool:
    """Shade the runs of flat places: both panels of a lone walk, else the lines themselves."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    drawn = False
    for first, after in edges.reshape(-1, 2):
        if after - first < 2 and len(flat) > 1:
            continue  # a single point is no stretch
        for panel, height in zip(panels, heights, strict=True):
            if alone:
                panel.axvspan(
                    x[first],
                    x[after - 1],
                    color=style.INK,
                    alpha=_SHADE,
                    lw=0,
                    zorder=0,
                    label="_plateau",
                )
            else:
                panel.plot(
                    *thin(x[first:after], height[first:after]),
                    color=record.walk.look.color,
                    alpha=2 * _SHADE,
                    lw=11,
                    solid_capstyle="butt",
                    zorder=1,
                    label="_plateau",
                )
        drawn = True
    return drawn
