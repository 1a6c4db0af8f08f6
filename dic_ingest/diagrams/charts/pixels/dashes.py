"""Dashed and dotted lines in pixels: each dash joined to the next, so that the line can be followed.

In: the mask of one paint without its areas and symbols. Out: the mask with its dashes joined.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from dic_ingest.diagrams.charts.pixels.paints import Mask
from dic_ingest.model.box import Point

LONGEST = 2.2  # text heights of a dash
LEAST, MOST = 6, 1200  # dashes of a line; parts looked at
SHARE = 0.5  # of the paint's ink that dashes are, at least
REACH = 0.8  # text heights from one dash to the next, at most
TURN = 0.7  # of the distance that a right angle between a dash and the way to the next one costs
WIDTHS = 60  # dashes whose width is measured
SMOOTHED = 5  # pixels: notches beside the strokes between dashes are no wider
DOT = 1.8  # a part so many times as long as wide has a direction


@dataclass(frozen=True, slots=True)
class _End:
    part: int
    at: Point
    way: Point  # outwards, of length 1; (0, 0) where a dot has none


def join_dashes(mask: Mask, em: float) -> tuple[Mask, bool]:
    """The mask with strokes drawn between its dashes, and whether it has any."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    short = [k for k in range(1, count) if stats[k][4] >= 3 and max(stats[k][2:4]) < LONGEST * em]
    ink = sum(int(stats[k][4]) for k in short)
    if not LEAST <= len(short) <= MOST or ink < SHARE * np.count_nonzero(mask):
        return mask, False
    ends: list[_End] = []
    for k in range(1, count):
        if stats[k][4] >= 3:
            x, y, w, h = (int(v) for v in stats[k][:4])
            ends += _ends(k, (labels[y : y + h, x : x + w] == k).astype(np.uint8), x, y)
    out = mask.copy()
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    deepest = []
    for k in short[:WIDTHS]:
        x, y, w, h = (int(v) for v in stats[k][:4])
        deepest.append(depth[y : y + h, x : x + w][labels[y : y + h, x : x + w] == k].max())
    wide = max(1, round(2 * float(np.median(deepest)) - 1))
    for a, b in _links(ends, REACH * em):
        one, two = (round(a.at[0]), round(a.at[1])), (round(b.at[0]), round(b.at[1]))
        cv2.line(out, one, two, (255,), wide)
    return cv2.morphologyEx(out, cv2.MORPH_CLOSE, np.ones((SMOOTHED, SMOOTHED), np.uint8)), True


def _ends(part: int, mask: Mask, left: int, top: int) -> list[_End]:
    """The two ends of a stroke: the points that lie farthest apart along it."""
    ys, xs = np.nonzero(mask)
    points = np.column_stack((xs, ys)).astype(float)
    if max(mask.shape) < DOT * min(mask.shape) and len(points) > 0.6 * mask.size:
        at = (left + float(points[:, 0].mean()), top + float(points[:, 1].mean()))
        return [_End(part, at, (0.0, 0.0)), _End(part, at, (0.0, 0.0))]
    far = _farthest(mask, (int(xs[0]), int(ys[0])))
    wide = 2 * float(cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 3).max())
    found = []
    for x, y in (far, _farthest(mask, far)):
        away = np.hypot(points[:, 0] - x, points[:, 1] - y)
        tip = points[away <= wide].mean(axis=0)  # the middle of the blunt end, not its corner
        back = points[away < max(2.5 * wide, 0.35 * max(mask.shape))].mean(axis=0)
        dx, dy = (float(v) for v in tip - back)
        long = math.hypot(dx, dy) or 1.0
        found.append(_End(part, (left + float(tip[0]), top + float(tip[1])), (dx / long, dy / long)))
    return found


def _farthest(mask: Mask, start: tuple[int, int]) -> tuple[int, int]:
    """The pixel of a part that is farthest from another one along the part."""
    seen = np.zeros_like(mask)
    seen[start[1], start[0]] = 1
    last = seen
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(mask.size):
        grown = cv2.bitwise_and(cv2.dilate(seen, kernel), mask)
        new = grown - seen
        if not new.any():
            break
        seen, last = grown, new
    ys, xs = np.nonzero(last)
    return int(xs[0]), int(ys[0])


def _links(ends: list[_End], reach: float) -> list[tuple[_End, _End]]:
    """Ends joined in pairs, the cheapest first; each end once."""
    cells: dict[tuple[int, int], list[int]] = {}
    for i, e in enumerate(ends):
        cells.setdefault((int(e.at[0] // reach), int(e.at[1] // reach)), []).append(i)
    costs: list[tuple[float, int, int]] = []
    for (cx, cy), held in cells.items():
        near = [
            k
            for dx in (0, 1)
            for dy in (-1, 0, 1)
            if (dx, dy) > (0, -1)
            for k in cells.get((cx + dx, cy + dy), [])
        ]
        pairs = [*combinations(held, 2), *((i, k) for i in held for k in near if k not in held)]
        for i, k in pairs:
            cost = _cost(ends[i], ends[k], reach)
            if cost is not None:
                costs.append((cost, i, k))
    used: set[int] = set()
    tied: set[tuple[int, int]] = set()
    out = []
    for _, i, k in sorted(costs):
        parts = (min(ends[i].part, ends[k].part), max(ends[i].part, ends[k].part))
        if i in used or k in used or parts in tied:
            continue
        used |= {i, k}
        tied.add(parts)
        out.append((ends[i], ends[k]))
    return out


def _cost(a: _End, b: _End, reach: float) -> float | None:
    dx, dy = b.at[0] - a.at[0], b.at[1] - a.at[1]
    long = math.hypot(dx, dy)
    if a.part == b.part or long > reach:
        return None
    if long < 1:
        return 0.0
    along = [(e.way[0] * dx + e.way[1] * dy) / long * s for e, s in ((a, 1), (b, -1)) if e.way != (0.0, 0.0)]
    if any(c < -0.3 for c in along):  # backwards
        return None
    return long * (1 + TURN * sum(1 - c for c in along))
