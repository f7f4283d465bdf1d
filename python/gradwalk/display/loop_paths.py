"""Two small pictures of a loop: its path beside the right one, and how far apart they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradwalk.language.cards import word

from .page import NOTHING, Markup, figure, text, whole

if TYPE_CHECKING:
    from gradwalk._types import Floats
    from gradwalk.check.loop_paths import Paths

# The picture, in units of its view box: the frame lies inside the labels.
_WIDTH, _HEIGHT = 330.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 322.0, 22.0, 128.0
#: Distances that are rounding, as a share of the largest θ.
_ROUNDING = 1e-9
#: By how much the frame is wider than the right path.
_WIDER = 0.6


def loop_paths(paths: Paths) -> Markup:
    """Draw both; nothing if no update is known."""
    with np.errstate(all="ignore"):
        if len(paths.updates) < 2 or not np.isfinite(paths.reference).any():
            return NOTHING
        return Markup(_both_paths(paths) + _distance(paths))


def _both_paths(paths: Paths) -> str:
    right = paths.reference[np.isfinite(paths.reference).all(axis=1)]
    spread = np.ptp(right, axis=0)
    if paths.loop.shape[1] == 1:
        names = (word("update axis"), "θ")
        both = [np.column_stack([paths.updates, p[:, 0]]) for p in (paths.reference, paths.loop)]
    else:
        # The coordinate that differs most, and the one that moves most beside it.
        apart = np.nan_to_num(np.abs(paths.loop - paths.reference), posinf=1e300).max(axis=0)
        a = int(np.argmax(apart if apart.max() > _ROUNDING * spread.max() else spread))
        b = int(np.argmax(np.where(np.arange(len(spread)) == a, -1.0, spread)))
        a, b = min(a, b), max(a, b)
        names = (f"θ[{a}]", f"θ[{b}]")
        both = [path[:, [a, b]] for path in (paths.reference, paths.loop)]
    seen = both[0][np.isfinite(both[0]).all(axis=1)]
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0) * 0.1)
    wider = _WIDER / 2 * size * np.array([paths.loop.shape[1] > 1, True])
    low, high = low - wider, high + wider
    marks = [_frame()]
    styles = (("curve", ""), ("own", ' stroke-dasharray="5 3"'))
    for path, (kind, style) in zip(both, styles, strict=True):
        points, is_gone = _inside(path, low, high)
        marks.append(_line(points, kind, style))
        end = points[-1]
        if is_gone:
            mark = f"M{end[0] - 5:.1f} {end[1]:.1f}l5 -5l5 5l-5 5z"
            marks.append(f'<path class="gradwalk-gone" fill="#9a1c1c" d="{mark}"/>')
        else:
            filled = "gradwalk-end" if kind == "curve" else "gradwalk-gone"
            color = "#0b5f9e" if kind == "curve" else "#9a1c1c"
            marks.append(
                f'<circle class="{filled}" fill="{color}" cx="{end[0]:.1f}" cy="{end[1]:.1f}" '
                'r="3"/>'
            )
    title = word("both paths")
    labels = [
        (_LEFT, 12.0, "start", title),
        (_LEFT - 6, _TOP + 8, "end", figure(float(high[1]))),
        (_LEFT - 6, _BOTTOM, "end", figure(float(low[1]))),
        (_LEFT - 6, (_TOP + _BOTTOM) / 2 + 4, "end", names[1]),
        (_LEFT, _HEIGHT - 6, "start", figure(float(low[0]))),
        (_RIGHT, _HEIGHT - 6, "end", figure(float(high[0]))),
        ((_LEFT + _RIGHT) / 2, _HEIGHT - 6, "middle", names[0]),
    ]
    said = word("both paths told", first=names[0], second=names[1], count=whole(len(paths.updates)))
    return _figure(title, said, marks, labels)


def _distance(paths: Paths) -> str:
    """Draw how far apart they are, on a log scale; rounding lies on the bottom."""
    distances = paths.distances
    size = float(np.nanmax(np.abs(paths.reference[np.isfinite(paths.reference)]), initial=1e-300))
    floor = max(size * 1e-17, 1e-300)
    finite = distances[np.isfinite(distances)]
    most = min(float(finite.max(initial=floor)), size * 1e12)
    if most <= _ROUNDING * size:
        most, finite = 1e-3 * size, np.array([floor])
    high = max(most, floor * 10)
    low = max(min(float(finite[finite > 0].min(initial=high)), high / 10), floor)
    heights = np.clip(np.where(np.isfinite(distances), distances, np.inf), low, high)
    share = (np.log10(heights) - np.log10(low)) / (np.log10(high) - np.log10(low))
    last = int(paths.updates[-1])
    points = np.column_stack(
        [
            _LEFT + (_RIGHT - _LEFT) * paths.updates / max(last, 1),
            _BOTTOM - (_BOTTOM - _TOP) * share,
        ]
    )
    title = word("distance")
    labels = [
        (_LEFT, 12.0, "start", f"{title} ({word('log scale')})"),
        (_LEFT - 6, _TOP + 8, "end", figure(high)),
        (_LEFT - 6, _BOTTOM, "end", figure(low)),
        (_LEFT, _HEIGHT - 6, "start", word("update number", number="0")),
        (_RIGHT, _HEIGHT - 6, "end", whole(last)),
    ]
    ends = {"first": figure(float(distances[1])), "last": figure(float(distances[-1]))}
    said = word("distance told", **ends)
    return _figure(title, said, [_frame(), _line(points, "own", "")], labels)


def _inside(path: Floats, low: Floats, high: Floats) -> tuple[Floats, bool]:
    """Follow a path until it leaves the frame; whether it does."""
    scaled = (path - low) / (high - low)
    out = np.flatnonzero(~((scaled >= -1e-9) & (scaled <= 1 + 1e-9)).all(axis=1))
    if out.size:
        first = int(out[0])
        before = scaled[max(first - 1, 0)]
        beyond = np.where(np.isfinite(scaled[first]), scaled[first], before + 1e6)
        # The share of the step that is inside.
        step = beyond - before
        edge = np.where(step > 0, 1.0, 0.0)
        shares = np.where(step != 0, (edge - before) / np.where(step != 0, step, 1), 1.0)
        at = before + np.clip(shares.min(initial=1.0), 0, 1) * step
        scaled = np.vstack([scaled[:first], np.clip(at, 0, 1)])
    x = _LEFT + (_RIGHT - _LEFT) * scaled[:, 0]
    y = _BOTTOM - (_BOTTOM - _TOP) * scaled[:, 1]
    return np.column_stack([x, y]), bool(out.size)


def _frame() -> str:
    return (
        f'<path class="gradwalk-axis" fill="none" stroke="#999" d="M{_LEFT:g} {_TOP:g}'
        f'V{_BOTTOM:g}H{_RIGHT:g}"/>'
    )


def _line(points: Floats, kind: str, style: str) -> str:
    color = "#0b5f9e" if kind == "curve" else "#9a1c1c"
    width = "3.5" if kind == "curve" else "1.6"
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline class="gradwalk-{kind}" fill="none" stroke="{color}" stroke-width="{width}" '
        f'stroke-linejoin="round"{style} points="{told}"/>'
    )


def _figure(
    title: str, said: str, marks: list[str], labels: list[tuple[float, float, str, str]]
) -> str:
    written = [
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11" fill="#57606a">'
        f"{text(label)}</text>"
        for x, y, anchor, label in labels
    ]
    return (
        f'<figure><svg role="img" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" '
        f'height="{_HEIGHT:g}" xmlns="http://www.w3.org/2000/svg"><title>{text(title)}</title> '
        f"<desc>{text(said)}</desc> {' '.join([*marks, *written])}</svg></figure>"
    )
