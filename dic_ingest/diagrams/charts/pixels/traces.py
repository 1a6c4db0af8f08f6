"""Lines in pixels, followed from column to column, and the corners at which straight pieces meet.

In: the mask of one paint without its areas and symbols. Out: lines from left to right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask
from dic_ingest.model.box import Point

MOST_RUNS = 120  # pieces of lines in one paint
ROUGH_DASHED = 0.14  # text heights: the same, where the joints of dashes stand out
ROUGH, CLOSE = 0.07, 0.5  # text heights: a corner stands out so far; corners nearer than that are one


def traces_of(mask: Mask, em: float) -> list[list[Point]]:
    """Lines from left to right: in each column the run of ink that continues the one before."""
    runs: list[list[tuple[int, float, float]]] = []  # x, top, bottom
    live: list[int] = []  # those that a later column may continue
    for x in np.flatnonzero(mask.any(axis=0)).tolist():
        ys = np.flatnonzero(mask[:, x])
        parts = np.split(ys, np.flatnonzero(np.diff(ys) > 1) + 1)
        live = [r for r in live if x - runs[r][-1][0] < 1.2 * em]
        free = [(r, *runs[r][-1]) for r in live]
        for part in parts:
            top, bottom = float(part[0]), float(part[-1])
            near = [
                (max(top - low, high - bottom, 0.0) + 0.5 * (x - at), r)
                for r, at, high, low in free
                if max(top - low, high - bottom) < 0.35 * em + 2.0 * (x - at)
            ]
            if near:
                r = min(near)[1]
                free = [f for f in free if f[0] != r]
                runs[r].append((x, top, bottom))
            else:
                live.append(len(runs))
                runs.append([(x, top, bottom)])
        if len(runs) > MOST_RUNS:
            break
    return _strung([_spine(r) for r in runs if len(r) >= 3], 1.5 * em)


def _strung(pieces: list[list[Point]], reach: float) -> list[list[Point]]:
    """Pieces of one line that something else was drawn over, each followed by the nearest that goes on."""
    left = sorted(pieces, key=lambda p: p[0][0])
    out: list[list[Point]] = []
    while left:
        line = left.pop(0)
        while True:
            x, y = line[-1]
            near = [
                (abs(p[0][0] - x) + abs(p[0][1] - y), k)
                for k, p in enumerate(left)
                if x - 2 <= p[0][0] <= x + reach and abs(p[0][1] - y) < 2 * reach and p[-1][0] > x
            ]
            if not near:
                break
            line = [*line, *left.pop(min(near)[1])]
        out.append(line)
    return out


def vertices_of(run: Sequence[Point], em: float, dashed: bool = False) -> list[Point]:
    """The corners of a traced line: where straight lines through the pixels between rough corners meet."""
    dense = np.array(run, np.float32)
    rough = cv2.approxPolyDP(
        dense.reshape(-1, 1, 2), max(1.2, (ROUGH_DASHED if dashed else ROUGH) * em), False
    ).reshape(-1, 2)
    order = np.searchsorted(dense[:, 0], rough[:, 0])
    cuts = [int(order[0])]
    for at in order[1:-1]:  # corners side by side are one, seen twice in a steep piece
        if dense[at, 0] - dense[cuts[-1], 0] >= CLOSE * em or len(cuts) == 1:
            cuts.append(int(at))
    cuts.append(int(order[-1]))
    sides = [_side(dense[a : b + 1]) for a, b in pairwise(cuts)]
    points: list[Point] = [(float(dense[cuts[0], 0]), float(dense[cuts[0], 1]))]
    for at, one, two in zip(cuts[1:-1], sides, sides[1:], strict=False):
        here = float(dense[at, 0]), float(dense[at, 1])
        met = _meeting(one, two)
        points.append(met if met is not None and math.dist(met, here) < CLOSE * em else here)
    points.append((float(dense[cuts[-1], 0]), float(dense[cuts[-1], 1])))
    return points


_Side: TypeAlias = tuple[float, float, float, float]  # a point of a straight line and its direction


def _side(pixels: NDArray[np.float32]) -> _Side | None:
    """The straight line through the pixels between two corners, the outer fifths left out."""
    edge = len(pixels) // 5
    inner = pixels[edge : len(pixels) - edge]
    if len(inner) < 3:
        return None
    dx, dy, x, y = (float(v) for v in cv2.fitLine(inner, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())
    return x, y, dx, dy


def _meeting(one: _Side | None, two: _Side | None) -> Point | None:
    """Where two straight lines meet; None where they are nearly parallel."""
    if one is None or two is None:
        return None
    (x, y, dx, dy), (u, v, du, dv) = one, two
    turn = dx * dv - dy * du
    if abs(turn) < 0.05:
        return None
    t = ((u - x) * dv - (v - y) * du) / turn
    return x + t * dx, y + t * dy


def _spine(run: Sequence[tuple[int, float, float]]) -> list[Point]:
    """The middle of a line's columns; at a peak or a valley the tip, less half the line's width."""
    tall = sorted(b - a for _, a, b in run)
    half = tall[len(tall) // 10] / 2
    points: list[Point] = []
    for i, (x, top, bottom) in enumerate(run):
        y = (top + bottom) / 2
        if 0 < i < len(run) - 1:
            before, after = run[i - 1], run[i + 1]
            if top <= before[1] and top <= after[1] and (top < before[1] or top < after[1]):
                y = min(y, top + half)
            elif bottom >= before[2] and bottom >= after[2] and (bottom > before[2] or bottom > after[2]):
                y = max(y, bottom - half)
        points.append((float(x), y))
    return points
