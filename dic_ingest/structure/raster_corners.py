"""Whether a box in a picture has rounded corners, measured at the picture's own resolution.

In: RGB pixels and boxes that look square at the network's scale, where a small arc is lost. Out: for
each box, whether the outline cuts its corners.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box
from dic_ingest.structure.raster_maps import Pixels

AROUND = 4  # pixels that a box may be off
STEP = 12  # levels of colour by which an outline differs at least from what is around it


def is_rounded(rgb: Pixels, box: Box) -> bool:
    """Whether at least three corners are cut by two pixels or more along the diagonal."""
    found = corner_depths(rgb, box)
    return len(found) == 4 and sorted(found)[1] >= 2


def corner_depths(rgb: Pixels, box: Box) -> list[int]:
    """For each corner how many pixels of ground lie on the diagonal inside; none where it is unclear."""
    sides = _sides(rgb, box)
    if sides is None:
        return []
    x0, y0, x1, y1 = sides
    depths = []
    for x, y, dx, dy in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
        ground = _at(rgb, x - 3 * dx, y - 3 * dy)
        depth = 0
        while depth < 12 and np.abs(_at(rgb, x + depth * dx, y + depth * dy) - ground).max() < STEP:
            depth += 1
        depths.append(depth)
    return depths


def _sides(rgb: Pixels, box: Box) -> tuple[int, int, int, int] | None:
    """The outermost pixels of the outline, found across the middle halves of the four sides."""
    x0, y0, x1, y1 = (round(v) for v in box)
    h, w = y1 - y0, x1 - x0
    if min(h, w) < 5 * AROUND:
        return None
    ys, xs = slice(y0 + h // 4, y1 - h // 4), slice(x0 + w // 4, x1 - w // 4)
    left = _first(rgb, x0, ys, True, 1)
    right = _first(rgb, x1, ys, True, -1)
    top = _first(rgb, y0, xs, False, 1)
    bottom = _first(rgb, y1, xs, False, -1)
    if left is None or right is None or top is None or bottom is None:
        return None
    return left, top, right, bottom


def _first(rgb: Pixels, near: int, along: slice, vertical: bool, way: int) -> int | None:
    """Coming from outside, the first row or column that differs from the ground before it."""
    places = range(near - way * AROUND, near + way * (AROUND + 1), way)
    most = rgb.shape[1] if vertical else rgb.shape[0]
    if min(places) < 0 or max(places) >= most:
        return None
    rows = [np.median(rgb[along, p] if vertical else rgb[p, along], axis=0) for p in places]
    for place, row in zip(places, rows, strict=True):
        if np.abs(row - rows[0]).max() >= STEP:
            return place
    return None


def _at(rgb: Pixels, x: int, y: int) -> NDArray[np.float64]:
    y, x = min(max(y, 0), rgb.shape[0] - 1), min(max(x, 0), rgb.shape[1] - 1)
    return np.asarray(rgb[y, x], dtype=np.float64)
