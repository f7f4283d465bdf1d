"""Where each of several linear scores is the largest, within a box: exact polygons and edges.

Each score is c + w·x, a column (c, w₁, w₂) of an array of shape (3, K). Where one is the largest is
convex, and its borders are straight: no grid is needed, and none can miss a thin region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradwalk._types import Floats

Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


def region(scores: Floats, which: int, box: Box) -> Floats:
    """Find the corners, (m, 2), of where score `which` is the largest: none if nowhere."""
    (left, right), (bottom, top) = box
    corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    for other in range(scores.shape[1]):
        if other != which and len(corners):
            corners = _keep(corners, scores[:, which] - scores[:, other])
    return corners


def edge(scores: Floats, first: int, second: int, box: Box) -> Floats | None:
    """Find the ends, shape (2, 2), of the border between two scores; None if it misses the box."""
    border = scores[:, first] - scores[:, second]
    normal = border[1:]
    length = float(np.hypot(*normal))
    if length == 0.0:
        return None
    center = np.mean(box, axis=1)
    # The foot of the perpendicular from the box's middle, and the way along the border.
    foot = center - (border[0] + normal @ center) / length * (normal / length)
    along = np.array([-normal[1], normal[0]]) / length
    low, high = -np.inf, np.inf
    (left, right), (bottom, top) = box
    walls = [
        np.array([-left, 1.0, 0.0]),
        np.array([right, -1.0, 0.0]),
        np.array([-bottom, 0.0, 1.0]),
        np.array([top, 0.0, -1.0]),
    ]
    others = [k for k in range(scores.shape[1]) if k not in (first, second)]
    for plane in (*walls, *(scores[:, first] - scores[:, k] for k in others)):
        here, slope = plane[0] + plane[1:] @ foot, plane[1:] @ along
        if slope > 0:
            low = max(low, -here / slope)
        elif slope < 0:
            high = min(high, -here / slope)
        elif here < 0:
            return None
    return np.stack([foot + low * along, foot + high * along]) if low < high else None


def edges(scores: Floats, box: Box) -> list[Floats]:
    """Find all borders between the largest scores."""
    count = scores.shape[1]
    found = [edge(scores, i, j, box) for i in range(count) for j in range(i + 1, count)]
    return [line for line in found if line is not None]


def _keep(corners: Floats, plane: Floats) -> Floats:
    """Cut off the part of a convex polygon where plane[0] + plane[1:]·x is negative."""
    heights = plane[0] + corners @ plane[1:]
    kept: list[Floats] = []
    for i in range(len(corners)):
        j = (i + 1) % len(corners)
        if heights[i] >= 0:
            kept.append(corners[i])
        if (heights[i] >= 0) != (heights[j] >= 0):
            share = heights[i] / (heights[i] - heights[j])
            kept.append(corners[i] + share * (corners[j] - corners[i]))
    return np.array(kept).reshape(-1, 2)
