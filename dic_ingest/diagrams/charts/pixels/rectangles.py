"""Bars in pixels: steps of one paint parted into rectangles, and gaps closed that edges and axes leave.

In: a mask of one part; rectangles and straight strokes of a picture, in pixels. Out: rectangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask
from dic_ingest.model.box import Box, height_of, union, width_of
from dic_ingest.model.drawing import Color
from dic_ingest.model.grouping import DisjointSets

STEP = 0.2  # text heights: a step is no shorter
STEEP = 1.5  # pixels between the tops of two columns of one step
IN_STEPS = 0.93  # share of the columns that stand in steps
EVEN = 0.15  # of the common width: steps are that many times as wide, as near as this
MOST_EQUAL = 6  # bins of one height side by side
GAP = 0.25  # text heights between two rectangles that an edge parts, or between one and its axis
REACH = 0.3  # text heights between the pieces of grid lines of one plot
LINES, LEAST_FRAME = 3, 5.0  # pieces at least; text heights of a plot's sides
DRAWN = 0.9  # share of a side that an axis line covers
MOST_BOXES = 400
SAME = 0.15  # text heights between sides that are the same


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle in pixels."""

    box: Box
    fill: Color


def steps_of(part: Mask, em: float) -> list[Box]:
    """The rectangles side by side that a part consists of; none where it is no staircase."""
    upright = _columns(part, em)
    if upright:
        return upright
    return [(y0, x0, y1, x1) for x0, y0, x1, y1 in _columns(np.ascontiguousarray(part.T), em)]


def _columns(part: Mask, em: float) -> list[Box]:
    there = part > 0
    high, wide = there.shape
    top = there.argmax(axis=0)
    bottom = high - there[::-1].argmax(axis=0)
    if not there.any(axis=0).all() or (there.sum(axis=0) < 0.97 * (bottom - top)).mean() > 1 - IN_STEPS:
        return []
    flat = min(np.ptp(np.quantile(bottom, (0.03, 0.97))), np.ptp(np.quantile(top, (0.03, 0.97))))
    if flat > 2 * STEEP:  # neither foot nor head is level
        return []
    runs: list[tuple[int, int]] = []
    start = 0
    for x in range(1, wide + 1):
        if x == wide or abs(int(top[x]) - int(top[x - 1])) + abs(int(bottom[x]) - int(bottom[x - 1])) > STEEP:
            if x - start >= max(3, STEP * em):
                runs.append((start, x))
            start = x
    if len(runs) < 2 or sum(b - a for a, b in runs) < IN_STEPS * wide:
        return []
    if any(np.ptp(top[a + 1 : b - 1]) > 2 * STEEP for a, b in runs if b - a > 4):
        return []  # a slope in small steps
    edges = [0, *((b + a) / 2 for (_, b), (a, _) in pairwise(runs)), wide]
    boxes = []
    for (a, b), left, right in zip(runs, edges, edges[1:], strict=False):
        y0, y1 = float(np.median(top[a:b])), float(np.median(bottom[a:b]))
        boxes.append((float(left), y0, float(right), y1))
    return _equal_parted(boxes)


def _equal_parted(boxes: list[Box]) -> list[Box]:
    """Neighbours of one height stand in one step: parted by the width that all have in common."""
    usual = min(b[2] - b[0] for b in boxes)
    counts = [(b[2] - b[0]) / usual for b in boxes]
    if any(abs(c - round(c)) > EVEN or round(c) > MOST_EQUAL for c in counts):
        return boxes
    out = []
    for (x0, y0, x1, y1), c in zip(boxes, counts, strict=True):
        n = round(c)
        out += [(x0 + (x1 - x0) * k / n, y0, x0 + (x1 - x0) * (k + 1) / n, y1) for k in range(n)]
    return out


def joined(found: Sequence[Rectangle], strokes: Sequence[Box], em: float) -> list[Rectangle]:
    """Rectangles of which sides meet that lay apart by the width of an edge, and feet stand on their axis.

    strokes: level and upright ones, as boxes; those that a side of a rectangle lies along within a short way.
    """
    boxes = np.array([r.box for r in found], np.float64).reshape(-1, 4)
    for along in (0, 1):
        _meet(boxes, along, em)
        _stand(boxes, [s for s in strokes if (s[3] - s[1] < s[2] - s[0]) == (along == 1)], along, em)
    return [
        replace(r, box=(float(b[0]), float(b[1]), float(b[2]), float(b[3])))
        for r, b in zip(found, boxes, strict=True)
    ]


def _meet(boxes: NDArray[np.float64], along: int, em: float) -> None:
    """Close the narrow gap between one rectangle and the next, if they share their foot or width."""
    across = 1 - along
    order = np.argsort(boxes[:, along])
    for i in order:
        box = boxes[i]
        gaps = boxes[:, along] - box[along + 2]
        same = np.abs(boxes[:, across] - box[across]) < SAME * em
        other = np.abs(boxes[:, across + 2] - box[across + 2]) < SAME * em
        alike = (same & other) if along == 1 else (same | other)
        near = np.flatnonzero(alike & (gaps > 0) & (gaps < GAP * em))
        for k in near:
            boxes[i, along + 2] = boxes[k, along] = (box[along + 2] + boxes[k, along]) / 2


def _stand(boxes: NDArray[np.float64], strokes: Sequence[Box], along: int, em: float) -> None:
    """Move the sides of rectangles onto the stroke that lies right beside them, if most stand on it."""
    across = 1 - along
    for s in strokes:
        at = (s[along] + s[along + 2]) / 2
        beside = (boxes[:, across] > s[across] - em) & (boxes[:, across + 2] < s[across + 2] + em)
        for side in (along, along + 2):
            near = beside & (np.abs(boxes[:, side] - at) < GAP * em)
            if near.sum() > 1 and near.sum() > beside.sum() / 2:
                boxes[near, side] = at


def frames_of(strokes: Sequence[Box], bars: Sequence[Box], em: float) -> list[Box]:
    """The boxes around grid lines that meet, of plots without axis lines: no side of theirs is drawn."""
    level = [s for s in strokes if s[2] - s[0] > s[3] - s[1]]
    upright = [s for s in strokes if s[2] - s[0] <= s[3] - s[1]]
    found = []
    for group in meeting([*strokes, *bars][:MOST_BOXES], REACH * em):
        whole = union(group)
        lines = [s for s in group if s in strokes]
        wide, high = width_of(whole), height_of(whole)
        if len(lines) < LINES or min(wide, high) < LEAST_FRAME * em:
            continue
        foot = any(abs(s[3] - whole[3]) < em and width_of(s) > DRAWN * wide for s in level)
        left = any(abs(s[0] - whole[0]) < em and height_of(s) > DRAWN * high for s in upright)
        if not (foot and left):
            found.append(whole)
    return found


def meeting(boxes: Sequence[Box], reach: float) -> list[list[Box]]:
    """Boxes in groups of those that lie within reach of one another."""
    places = np.array(boxes, np.float64).reshape(-1, 4)
    low, high = places[:, :2], places[:, 2:]
    sets = DisjointSets(len(boxes))
    for i in range(len(boxes)):
        near = ((low[i] - reach <= high[i:]) & (low[i:] <= high[i] + reach)).all(axis=1)
        for k in np.flatnonzero(near):
            sets.join(i, i + int(k))
    return [[boxes[i] for i in group] for group in sets.groups()]
