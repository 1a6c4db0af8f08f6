"""Outlines of connected parts in pixels: their corners, and points on sides that are arcs.

In: a mask of one part. Out: points in pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask
from dic_ingest.model.box import Point

BOWED = 0.35  # pixels: mean distance from the chord of a side that is an arc
ARC_HALVINGS = 3


def longest_contour(part: Mask) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=cv2.contourArea).astype(np.int32)


def with_corners(part: Mask, x: int, y: int, mask: Mask, by: int) -> tuple[Mask, int, int]:
    """A part of a mask with the sharp corners that smoothing took from it, and its new place."""
    top, left = max(0, y - by), max(0, x - by)
    around = mask[top : y + part.shape[0] + by, left : x + part.shape[1] + by]
    held = np.zeros_like(around)
    held[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part * 255
    grown = cv2.bitwise_and(cv2.dilate(held, np.ones((2 * by + 1, 2 * by + 1), np.uint8)), around)
    return (grown > 0).astype(np.uint8), left, top


def outline_of(contour: NDArray[np.float64], off: float) -> list[Point]:
    """The corners of a traced outline; sides that are bowed have points on their arcs between."""
    rough = cv2.approxPolyDP(contour.astype(np.int32).reshape(-1, 1, 2), off, True).reshape(-1, 2)
    at = [int(np.flatnonzero((contour == p).all(axis=1))[0]) for p in rough]
    if len(at) < 3:
        return [(float(a), float(b)) for a, b in rough]
    at.sort()
    points: list[Point] = []
    for i, j in zip(at, [*at[1:], at[0] + len(contour)], strict=True):
        side = contour[np.arange(i, j + 1) % len(contour)]
        points += [(float(side[0, 0]), float(side[0, 1])), *_bowed(side, ARC_HALVINGS)]
    return points


def _bowed(side: NDArray[np.float64], depth: int) -> list[Point]:
    """Points between the ends of a side of an outline, if it is an arc: its mean lies off the chord."""
    way = side[-1] - side[0]
    long = float(np.hypot(*way))
    if depth == 0 or len(side) < 8 or long == 0:
        return []
    off = float(((side - side[0]) @ np.array((-way[1], way[0]))).mean()) / long
    if abs(off) < BOWED:
        return []
    # the pixels' own place errs by half of one; an arc's top stands 3/2 of its mean off the chord
    top = (side[0] + side[-1]) / 2 + np.array((-way[1], way[0])) / long * 1.5 * off
    middle = len(side) // 2
    halves = [np.vstack((side[:middle], top)), np.vstack((top, side[middle + 1 :]))]
    first, second = (_bowed(h, depth - 1) for h in halves)
    return [*first, (float(top[0]), float(top[1])), *second]
