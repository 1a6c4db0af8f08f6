"""Block arrows among the regions of a picture: thick arrows with a shaft and one head or two.

In: a region's contour, pixels. Out: the corners of the ideal arrow that it fills, or None.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Point

_LIKE = 0.84  # how much of the ideal arrow and the region must be common to both
_WINGS = 1.25  # a head is at least this much wider than the shaft
_SHAFT = 0.35  # of a letter's height: thinner shafts are lines with a head, and traced
_MOST = 400.0  # pixels of the longer side that are looked at


def block_arrow(contour: NDArray[Any], em: float) -> tuple[Point, ...] | None:
    """Seven corners of an arrow, tip first, or ten of one with two heads; at any angle."""
    _, _, w, h = cv2.boundingRect(contour.astype(np.int32))
    if min(w, h) < 0.8 * em or max(w, h) < 1.2 * em:
        return None
    by = min(1.0, _MOST / max(w, h))
    # an arrow is mirrored about its shaft, so its moments' axes are the shaft and what is upright to it
    moments = cv2.moments(contour.astype(np.float32))
    angle = 0.5 * math.atan2(2 * moments["mu11"], moments["mu20"] - moments["mu02"])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    level = contour @ turn.T * by
    corner = level.min(axis=0)
    across, along = (level.max(axis=0) - corner).round().astype(int)[::-1] + 1
    mask = np.zeros((across, along), np.uint8)
    cv2.fillPoly(mask, [(level - corner).round().astype(np.int32).reshape(-1, 1, 2)], 1)
    if not 0.3 < mask.mean() < 0.9:
        return None
    for turns in range(4):  # until it points to the right
        found = _pointing_right(np.ascontiguousarray(np.rot90(mask, turns)), _SHAFT * em * by)
        if found is not None:
            size = (along, across) if turns % 2 == 0 else (across, along)
            back = np.array([_turned_back(p, turns, size) for p in found])
            return tuple((float(x), float(y)) for x, y in ((back + corner) / by) @ turn)
    return None


def _pointing_right(mask: NDArray[np.uint8], least: float) -> list[Point] | None:
    """The ideal arrow that a mask fills, its tip at the right; `least` is that of its shaft, pixels."""
    height, length = mask.shape
    widths = mask.sum(axis=0).astype(float)
    wing = int(np.flatnonzero(widths >= 0.9 * widths.max()).max())
    head = length - wing
    shaft = widths[round(0.45 * (length - head)) : round(0.8 * (length - head))]
    neck = float(np.median(shaft)) if len(shaft) else 0.0
    if not 0.25 * height < head < min(0.85 * length, 1.6 * height) or neck < least or height < _WINGS * neck:
        return None
    if np.percentile(np.abs(shaft - neck), 80) > 0.12 * neck + 1:
        return None  # a diamond narrows all the way
    middle, half, wings = height / 2, neck / 2, float(length - head)
    tail = [(0.0, middle + half), (0.0, middle - half)]
    if widths[: length // 2].max() > 0.8 * height:
        if length < 1.4 * height:
            return None  # a cross or a diamond with notches
        tail = [(float(head), middle + half), (float(head), float(height)), (0.0, middle),
                (float(head), 0.0), (float(head), middle - half)]  # fmt: skip
    ideal = [(float(length), middle), (wings, float(height)), (wings, middle + half), *tail,
             (wings, middle - half), (wings, 0.0)]  # fmt: skip
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [np.array(ideal).round().astype(np.int32).reshape(-1, 1, 2)], 1)
    common, either = int((mask & drawn).sum()), int((mask | drawn).sum())
    return ideal if common > _LIKE * either else None


def _turned_back(p: Point, turns: int, size: tuple[int, int]) -> Point:
    """A point of a picture that `np.rot90` has turned, where it was before; `size` is that of the turned."""
    x, y = p
    width, height = size
    for _ in range(turns):
        x, y = height - y, x
        width, height = height, width
    return x, y
