"""The loss of a walk as a small curve: static SVG, on a log scale where it spans decades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gradwalk._thinning import block_means, thin_places
from gradwalk.language.cards import word

from .page import NOTHING, Markup, figure, text, whole

if TYPE_CHECKING:
    from gradwalk._core import History
    from gradwalk._types import Floats


#: Points of a curve at the most; thinning may keep a few more than it is told.
MOST_POINTS = 200
_MOST_PLACES = MOST_POINTS - 4
# A log scale where the largest loss is this many times the smallest.
_DECADES = 100.0
# A loss may climb this many times its start before the picture lets it go.
_CLIMB, _CLIMB_LOG = 10.0, 1e4
# Below this many epochs the updates of a walk that blew up tell more.
_FEW_EPOCHS = 10
# Means of updates that are shown, of a walk whose noise would fill the picture.
_MOST_MEANS = 50

# The picture, in units of its view box: the frame of the curve lies inside the labels.
_WIDTH, _HEIGHT = 330.0, 110.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 322.0, 16.0, 90.0


@dataclass(frozen=True)
class Frame:
    """The losses between which a curve is drawn."""

    low: float
    high: float
    is_log: bool

    def height(self, losses: Floats) -> Floats:
        """Where `losses` lie: 0 at the bottom of the frame, 1 at its top."""
        values = np.clip(np.where(np.isnan(losses), np.inf, losses), self.low, self.high)
        low, high = self.low, self.high
        if self.is_log:
            values, low, high = np.log10(values), np.log10(low), np.log10(high)
        if low == high:
            return np.full(len(values), 0.5)
        # Halves: the span of two numbers need not be one.
        return np.asarray((values / 2 - low / 2) / (high / 2 - low / 2))


def frame_of(losses: Floats, *, has_diverged: bool) -> Frame | None:
    """Frame the finite losses, of a blow-up only its beginning; None if there are none."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        return None
    first, low, high = float(finite[0]), float(finite.min()), float(finite.max())
    positive = finite[finite > 0]
    if low >= 0 and positive.size:
        # A loss of exactly 0 lies on the bottom.
        least = float(positive.min())
        most = max(_CLIMB_LOG * (first if first > 0 else least), least)
        is_log = high / least >= _DECADES
        return Frame(least if is_log else low, min(high, most) if has_diverged else high, is_log)
    early = np.abs(finite[: max(1, len(finite) // 4)])
    size = _CLIMB * max(abs(first), float(np.median(early)))
    if has_diverged and size > 0:
        return Frame(max(low, -size), min(high, size), is_log=False)
    return Frame(low, high, is_log=False)


@dataclass(frozen=True)
class Curve:
    """What is drawn: losses that were picked from a record, where each belongs, and the frame."""

    numbers: NDArray[np.int64]
    """Epochs or updates, counted from 1."""
    losses: Floats
    """The loss of each; only the last may be beyond the frame."""
    is_of_updates: bool
    """Whether the numbers are those of updates."""
    block: int
    """Updates whose mean each loss is; 1 where it is the loss itself."""
    frame: Frame
    """What fits into the picture."""
    farthest: float | None
    """How far a walk went that left the picture, if it did."""


def curve_of(history: History, *, has_diverged: bool) -> Curve | None:
    """Pick losses of the epochs, or of the updates where there are too few epochs to see anything.

    A walk that diverged is followed until it leaves the frame: what comes then would make a wall
    of its climb.
    """
    losses = history.loss
    numbers = np.arange(1, len(losses) + 1)
    is_of_updates = False
    if len(losses) < (_FEW_EPOCHS if has_diverged else 2):
        of_updates = history.update_loss
        is_of_updates = len(of_updates) > len(losses)
        if is_of_updates:
            losses, numbers = of_updates, history.update_number
    if has_diverged:
        return _until_it_leaves(numbers, losses, is_of_updates)
    block = 1
    if is_of_updates:
        # Means: the extremes of noise would be a wide band.
        block = -(-len(losses) // _MOST_MEANS)
        # Each mean stands at the last of its numbers.
        ends = np.arange(block, len(losses) + block, block).clip(max=len(losses)) - 1
        numbers, losses = numbers[ends], block_means(losses, block)
    frame = frame_of(losses, has_diverged=False)
    if frame is None:
        return None
    kept = thin_places(numbers, losses, most=_MOST_PLACES)
    return Curve(numbers[kept], losses[kept], is_of_updates, block, frame, None)


def _until_it_leaves(
    numbers: NDArray[np.int64], losses: Floats, is_of_updates: bool
) -> Curve | None:
    frame = frame_of(losses, has_diverged=True)
    if frame is None:
        return None
    over, under = ~(losses <= frame.high), losses < frame.low
    # Zeros on the bottom of a log scale are no blow-up.
    gone = np.flatnonzero(over | (under & (not frame.is_log)))
    farthest = None
    if gone.size:
        later = losses[gone[0] :]
        finite = later[np.isfinite(later)]
        beyond = -np.inf if under[gone[0]] else np.inf
        farthest = float(max(finite, key=abs, default=beyond))
        losses, numbers = losses[: gone[0] + 1], numbers[: gone[0] + 1]
    kept = thin_places(numbers, losses, most=_MOST_PLACES)
    return Curve(numbers[kept], losses[kept], is_of_updates, 1, frame, farthest)


def sparkline(history: History, *, has_diverged: bool) -> Markup:
    """Draw the curve of `history`; nothing if no loss is on record."""
    with np.errstate(all="ignore"):
        curve = curve_of(history, has_diverged=has_diverged)
        return NOTHING if curve is None else _draw(curve)


def _draw(curve: Curve) -> Markup:
    frame, has_left = curve.frame, curve.farthest is not None
    first, last = int(curve.numbers[0]), int(curve.numbers[-1])
    x = _LEFT + (_RIGHT - _LEFT) * (curve.numbers - first) / max(last - first, 1)
    y = _BOTTOM - (_BOTTOM - _TOP) * frame.height(curve.losses)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    marks = [
        f'<path class="gradwalk-axis" fill="none" stroke="#999" d="M{_LEFT:g} {_TOP:g}'
        f'V{_BOTTOM:g}H{_RIGHT:g}"/>',
        f'<polyline class="gradwalk-curve" fill="none" stroke="#0b5f9e" stroke-width="1.8" '
        f'stroke-linejoin="round" points="{points}"/>',
    ]
    if curve.farthest is not None:
        marks.append(_leaving(curve.farthest, float(x[-1]), is_up=not curve.losses[-1] < frame.low))
    else:
        marks.append(
            f'<circle class="gradwalk-end" fill="#0b5f9e" cx="{x[-1]:.1f}" cy="{y[-1]:.1f}" r="3"/>'
        )
    unit = "update number" if curve.is_of_updates else "epoch number"
    labels = [(_LEFT - 6, _TOP + 4, "end", figure(frame.high))]
    if frame.low != frame.high:
        labels.append((_LEFT - 6, _BOTTOM, "end", figure(frame.low)))
    if frame.is_log:
        # The other side is that of the note on where a walk went.
        side = (_RIGHT, 9.0, "end") if has_left and len(x) == 1 else (_LEFT, 9.0, "start")
        labels.append((*side, word("log scale")))
    labels.append((_LEFT, _HEIGHT - 6, "start", word(unit, number=whole(first))))
    if last != first:
        labels.append((_RIGHT, _HEIGHT - 6, "end", whole(last)))
    marks += [_label(*label) for label in labels]
    # Spaces, for pages that leave out the picture and keep its texts.
    return Markup(
        f'<figure><svg role="img" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" '
        f'height="{_HEIGHT:g}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{text(_title(curve))}</title> <desc>{text(_description(curve, unit))}</desc>"
        f" {' '.join(marks)}</svg></figure>"
    )


def _leaving(farthest: float, x: float, *, is_up: bool) -> str:
    """Mark where a walk leaves the picture, and say how far it went."""
    y, tip = (_TOP, -7.0) if is_up else (_BOTTOM, 7.0)
    # Beside the tip; one that is gone from the start leaves at the left side.
    anchor, away = ("end", -9.0) if x > _LEFT else ("start", 9.0)
    mark = f"M{x - 5:.1f} {y:g}h10L{x:.1f} {y + tip:g}z"
    note = word("leaves" if is_up else "leaves below", value=figure(farthest))
    where = _label(x + away, 9.0 if is_up else y - 6, anchor, note, kind="gradwalk-gone")
    return f'<path class="gradwalk-gone" fill="#9a1c1c" d="{mark}"/>{where}'


def _label(x: float, y: float, anchor: str, label: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return (
        f'<text{of_kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11" '
        f'fill="#57606a">{text(label)}</text>'
    )


def _title(curve: Curve) -> str:
    if curve.block > 1:
        return word("curve of blocks", size=whole(curve.block))
    return word("curve of updates" if curve.is_of_updates else "curve of epochs")


def _description(curve: Curve, unit: str) -> str:
    ends = zip(("start", "end"), curve.numbers[[0, -1]], strict=True)
    places = {name: word(unit, number=whole(int(number))) for name, number in ends}
    losses = {"first": figure(float(curve.losses[0])), "last": figure(float(curve.losses[-1]))}
    scale = f" ({word('log scale')})" if curve.frame.is_log else ""
    parts = [f"{word('curve', **places, **losses)}{scale}."]
    if curve.farthest is not None:
        parts.append(word("cut", value=figure(curve.farthest)))
    return " ".join(parts)
