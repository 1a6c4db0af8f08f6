"""Heat maps in pixels: cells of even paint that fill rows and columns, and strips whose paint runs on evenly.

In: pixels and where words stand. Out: cells and the steps of colour bars, in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask, Pixels, mask_of
from dic_ingest.diagrams.charts.pixels.rectangles import Rectangle, meeting
from dic_ingest.model.box import Box, area, union
from dic_ingest.model.drawing import Color

EDGE = 10  # sum over three channels between the pixels at an edge of two cells
CELL = 0.7  # text heights of a cell's sides, more than
FILLED = 0.6  # share of its box that an even part fills: words stand in it
SAME = 0.3  # text heights between edges of one row or column
CELLS, PAINTS = 6, 3  # at least
TILED = 0.6  # share of the grid that even parts fill
EDGES = 2  # parts that share an edge of a row or column, at least
MOST = 1500  # parts looked at, and cells
SHIFT = 0.35  # text heights over which a strip's paint must have changed
RUN = (1, 60)  # sum over three channels of that change
LONG, THIN = 4.0, 0.3  # text heights of a strip, at least
SLIM = 4.0  # times as long as wide
STEPS = 96  # of a strip
CHANGED = 60  # sum over three channels between the ends of a strip, at least


def cells_of(pixels: Pixels, ink: Mask, em: float) -> list[Rectangle]:
    """The cells of a heat map; none where even parts fill no grid. `ink` is 0 where words stand."""
    parts = _even_parts(pixels, ink, em)
    if not CELLS <= len(parts) <= MOST:
        return []
    group = max(meeting(parts, 2 * SAME * em), key=len)  # the parts that lie side by side
    if len(group) < CELLS:
        return []
    columns, rows = (_edges(group, along, SAME * em) for along in (0, 1))
    count = (len(columns) - 1) * (len(rows) - 1)
    whole = union(group)
    filled = sum(area(b) for b in group) > TILED * area(whole)
    if min(len(columns), len(rows)) < 3 or not CELLS <= count <= MOST or not filled:
        return []
    cells = [
        Rectangle((x0, y0, x1, y1), paint)
        for y0, y1 in pairwise(rows)
        for x0, x1 in pairwise(columns)
        if (paint := _paint(pixels, ink, (x0, y0, x1, y1))) is not None
    ]
    return cells if len({c.fill for c in cells}) >= PAINTS and _whole(group, columns, rows, em) else []


def _even_parts(pixels: Pixels, ink: Mask, em: float) -> list[Box]:
    """Boxes of the parts between edges, if they fill their boxes."""
    flat = pixels.astype(np.int16)
    still = np.ones(pixels.shape[:2], bool)
    for axis in (0, 1):
        change = np.abs(np.diff(flat, axis=axis)).sum(axis=2) > EDGE
        where = [slice(None), slice(None)]
        where[axis] = slice(1, None)
        still[tuple(where)] &= ~change
    still &= ink > 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask_of(still), connectivity=4)
    found = []
    for x, y, w, h, size in stats[1:]:
        large = w * h > 0.4 * still.size
        if min(w, h) > CELL * em and size > FILLED * w * h and not large:
            found.append((float(x), float(y), float(x + w), float(y + h)))
    return found[: MOST + 1]


def _edges(parts: Sequence[Box], along: int, near: float) -> list[float]:
    """Places where rows or columns begin and end."""
    ends = sorted(v for b in parts for v in (b[along], b[along + 2]))
    groups: list[list[float]] = []
    for v in ends:
        if groups and v - groups[-1][-1] < near:
            groups[-1].append(v)
        else:
            groups.append([v])
    return [sum(g) / len(g) for g in groups if len(g) >= EDGES]


def _whole(group: Sequence[Box], columns: Sequence[float], rows: Sequence[float], em: float) -> bool:
    """Whether all parts begin and end at edges, and rows and columns are about as wide as one another."""
    for steps in (np.diff(columns), np.diff(rows)):
        if steps.max() > 1.5 * np.median(steps) or steps.min() < 0.5 * np.median(steps):
            return False
    off = 0
    for b in group:
        for along, places in ((0, columns), (1, rows)):
            off += sum(min(abs(p - v) for p in places) > SAME * em for v in (b[along], b[along + 2]))
    return off <= 0.05 * 4 * len(group)


def _paint(pixels: Pixels, ink: Mask, box: Box) -> Color | None:
    """The median paint of a cell where no words stand."""
    x0, y0, x1, y1 = box
    edge_x, edge_y = 0.15 * (x1 - x0), 0.15 * (y1 - y0)
    rows, columns = (
        slice(round(y0 + edge_y), round(y1 - edge_y)),
        slice(round(x0 + edge_x), round(x1 - edge_x)),
    )
    free = pixels[rows, columns][ink[rows, columns] > 0]
    if not len(free):
        return None
    r, g, b = np.median(free, axis=0)
    return round(r), round(g), round(b)


def strips_of(pixels: Pixels, em: float) -> list[list[Rectangle]]:
    """Colour bars: narrow strips along which the paint changes evenly, each as steps from end to end."""
    return [
        *_upright(pixels, em),
        *(
            [Rectangle((s.box[1], s.box[0], s.box[3], s.box[2]), s.fill) for s in strip]
            for strip in _upright(np.ascontiguousarray(pixels.transpose(1, 0, 2)), em)
        ),
    ]


def _upright(pixels: Pixels, em: float) -> list[list[Rectangle]]:
    by = max(2, round(SHIFT * em))
    flat = pixels.astype(np.int16)
    along = np.zeros(pixels.shape[:2], np.int16)
    along[:-by] = np.abs(flat[by:] - flat[:-by]).sum(axis=2)
    across = np.zeros(pixels.shape[:2], np.int16)
    across[:, :-1] = np.abs(flat[:, 1:] - flat[:, :-1]).sum(axis=2)
    runs = mask_of((along >= RUN[0]) & (along <= RUN[1]) & (across < EDGE))
    tall = np.ones((max(3, round(em)), 1), np.uint8)
    wide = np.ones((max(3, round(em)), max(3, round(THIN * em))), np.uint8)
    kept = cv2.morphologyEx(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, tall), cv2.MORPH_OPEN, wide)
    _, _, stats, _ = cv2.connectedComponentsWithStats(kept, connectivity=4)
    found = []
    for x, y, w, h, size in stats[1:]:
        if h < LONG * em or h < SLIM * w or size < 0.8 * w * h:
            continue
        strip = _steps(flat, (int(x), int(y), int(x + w) + 1, min(int(y + h) + by, pixels.shape[0])))
        if strip:
            found.append(strip)
    return found


def _steps(flat: NDArray[np.int16], box: tuple[int, int, int, int]) -> list[Rectangle]:
    x0, y0, x1, y1 = box
    inner = slice(x0 + (x1 - x0) // 4, max(x0 + (x1 - x0) // 4 + 1, x1 - (x1 - x0) // 4))
    paints = np.median(flat[y0:y1, inner], axis=1)
    jumps = np.abs(np.diff(paints, axis=0)).sum(axis=1)
    ends = np.flatnonzero(jumps > RUN[1] / 2)  # the border above and below
    inner_ends = [e for e in ends if min(e, len(jumps) - e) < 0.15 * len(jumps)]
    first = max((int(e) + 1 for e in inner_ends if e < len(jumps) / 2), default=0)
    last = min((int(e) + 1 for e in inner_ends if e > len(jumps) / 2), default=len(paints))
    if last - first < STEPS / 4 or np.abs(paints[first] - paints[last - 1]).sum() < CHANGED:
        return []
    places = np.linspace(y0 + first, y0 + last, STEPS + 1)
    steps = []
    for a, b in pairwise(places):
        r, g, blue = paints[min(int((a + b) / 2) - y0, len(paints) - 1)]
        steps.append(Rectangle((x0, float(a), x1, float(b)), (round(r), round(g), round(blue))))
    return steps
