"""Lines of a picture with what is drawn at their ends.

In: `Maps`, the shapes found in them, boxes of words. Out: `Line`s in the maps' pixels: connectors with ends typed
and brought to the outlines they point at, lifelines and inner rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagram import End
from dic_ingest.drawing import Box, Point
from dic_ingest.structure.geometry import simplify
from dic_ingest.structure.raster_ink import ink_along
from dic_ingest.structure.raster_maps import ENDS, Maps
from dic_ingest.structure.raster_paths import Trail, bridge, heading, link
from dic_ingest.structure.raster_skeleton import skeleton_graph
from dic_ingest.structure.scene import Line, Shape

_SURE = 0.45


@dataclass
class Mark:
    """A blob of the end maps: its pixels as (n, 2) x, y, and its role."""

    pixels: NDArray[np.float64]
    role: str
    filled: bool

    @property
    def centre(self) -> Point:
        """Middle of the blob."""
        x, y = self.pixels.mean(axis=0)
        return float(x), float(y)


def find_lines(maps: Maps, shapes: Sequence[Shape], words: Sequence[Box], em: float) -> list[Line]:
    """All connectors, lifelines and rules."""
    trails = link(skeleton_graph(maps["line"] > _SURE), em)
    trails = [t for t in bridge(trails, words, em) if not _in_words(t, words, em)]
    marks = _marks(maps, em)
    trails += _bare_marks(trails, marks, em)
    lines = [_line(t, marks, maps, words, em) for t in trails]
    lines = [k for k in lines if _worth(k, em)]
    return lines + _rules(maps, em)


def _worth(line: Line, em: float) -> bool:
    size = sum(math.dist(a, b) for a, b in zip(line.points, line.points[1:], strict=False))
    marked = line.start is not End.NONE or line.end is not End.NONE
    return size > (0.5 if marked else 0.8) * em


def _in_words(trail: Trail, words: Sequence[Box], em: float) -> bool:
    """A stroke that lies on words from end to end is an underline or a letter."""
    if trail.size > 6 * em:
        return False
    on = sum(any(b[0] - 1 <= x <= b[2] + 1 and b[1] <= y <= b[3] for b in words) for x, y in trail.points)
    return on > 0.8 * len(trail.points)


def _marks(maps: Maps, em: float) -> list[Mark]:
    ends = maps.ends
    count, label = cv2.connectedComponents((ends > 0.5).astype(np.uint8), connectivity=8)
    ys, xs = np.nonzero(label)
    of = label[ys, xs]
    order = np.argsort(of, kind="stable")
    cuts = np.flatnonzero(np.diff(of[order])) + 1
    found = []
    for rows in np.split(order, cuts) if count > 1 else []:
        px, py = xs[rows], ys[rows]
        if len(px) < max(5, 0.05 * em * em) or np.ptp(px) > 4 * em or np.ptp(py) > 4 * em:
            continue
        role = max(ENDS, key=lambda r: float(maps[r][py, px].mean()))
        found.append(Mark(np.stack([px, py], axis=1).astype(float), role, _is_filled(maps, px, py)))
    return found


def _is_filled(maps: Maps, px: NDArray[np.int_], py: NDArray[np.int_]) -> bool:
    cx, cy = int(px.mean()), int(py.mean())
    near = maps.pixels[max(0, cy - 1) : cy + 2, max(0, cx - 1) : cx + 2].reshape(-1, 3).astype(int)
    y0, y1, x0, x1 = max(0, py.min() - 4), py.max() + 5, max(0, px.min() - 4), px.max() + 5
    around = maps.pixels[y0:y1, x0:x1].reshape(-1, 3).astype(int)
    ground = np.median(around, axis=0)
    strongest = np.abs(around - ground).max(axis=1).max(initial=1)
    return float(np.abs(np.median(near, axis=0) - ground).max()) > 0.5 * float(strongest)


def _kind(mark: Mark) -> End:
    if mark.role == "diamond":
        return End.FILLED_DIAMOND if mark.filled else End.DIAMOND
    if mark.role == "triangle":
        return End.ARROW if mark.filled else End.TRIANGLE
    return {"arrow": End.ARROW, "mark": End.CIRCLE}[mark.role]


def _line(trail: Trail, marks: list[Mark], maps: Maps, words: Sequence[Box], em: float) -> Line:
    points = list(trail.points)
    ends = [End.NONE, End.NONE]
    used: set[int] = set()
    for side in (1, 0):
        at_start = side == 0
        found = _mark_at(points, at_start, marks, em, used)
        if found is not None:
            used.add(found)
            ends[side] = _kind(marks[found])
            points = _to_tip(points, at_start, marks[found])
    look = ink_along(maps.pixels, points, words)
    simple = simplify(points, 0.9)
    return Line(
        tuple(simple), ends[0], ends[1], look.dashed, look.width, look.color, score=round(look.contrast, 3)
    )


def _mark_at(points: list[Point], at_start: bool, marks: list[Mark], em: float, used: set[int]) -> int | None:
    """The mark at an end of a line: near its tip and ahead of it, or around it."""
    tip = points[0 if at_start else -1]
    way = heading(points, at_start, 1.6 * em)
    best, best_cost = None, 0.0
    for i, mark in enumerate(marks):
        if i in used:
            continue
        offset = mark.pixels - np.array(tip)
        gap = float(np.hypot(offset[:, 0], offset[:, 1]).min())
        if gap > 0.7 * em:
            continue
        along, across = offset @ np.array(way), np.abs(offset @ np.array([-way[1], way[0]]))
        if along.max() < -0.3 * em or (gap > 2.0 and across.min() > 0.3 * em):
            continue
        cost = gap + 0.3 * float(abs(np.mean(offset @ np.array([-way[1], way[0]]))))
        if best is None or cost < best_cost:
            best, best_cost = i, cost
    return best


def _to_tip(points: list[Point], at_start: bool, mark: Mark) -> list[Point]:
    """The line drawn on to the far point of its mark."""
    line = points if not at_start else points[::-1]
    way = heading(line, False, 12.0)
    tip = line[-1]
    along = (mark.pixels - np.array(tip)) @ np.array(way)
    reach = float(along.max())
    if reach > 0.5:
        line = [*line, (tip[0] + way[0] * reach, tip[1] + way[1] * reach)]
    return line if not at_start else line[::-1]


def _bare_marks(trails: list[Trail], marks: list[Mark], em: float) -> list[Trail]:
    """Nothing yet stands for an arrow without a shaft: it is too short to say where it comes from."""
    return []


def _rules(maps: Maps, em: float) -> list[Line]:
    """Lifelines and rules: level or upright runs of the rule map, joined along their axis."""
    mask = (maps["rule"] > _SURE).astype(np.uint8)
    found: list[Line] = []
    for upright in (True, False):
        size = max(3, round((1.5 if upright else 1.2) * em))
        kernel = np.ones((size, 1) if upright else (1, size), np.uint8)
        gap = np.ones((2 * size, 1) if upright else (1, size), np.uint8)
        runs = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, gap), cv2.MORPH_OPEN, kernel)
        count, _, stats, _ = cv2.connectedComponentsWithStats(runs)
        boxes = [tuple(int(v) for v in stats[k][:4]) for k in range(1, count)]
        spans = [(x + w / 2, y, y + h) if upright else (y + h / 2, x, x + w) for x, y, w, h in boxes]
        for at, low, high in _merged([(float(a), float(b), float(c)) for a, b, c in spans], em):
            points = [(at, low), (at, high)] if upright else [(low, at), (high, at)]
            look = ink_along(maps.pixels, points, ())
            found.append(Line(tuple(points), dashed=look.dashed, width=look.width, color=look.color, score=0.5))
    return found


def _merged(spans: list[tuple[float, float, float]], em: float) -> list[tuple[float, float, float]]:
    out: list[tuple[float, float, float]] = []
    for at, low, high in sorted(spans, key=lambda s: (round(s[0] / (0.4 * em)), s[1])):
        if out and abs(out[-1][0] - at) < 0.35 * em and low - out[-1][2] < 8 * em:
            weight = (out[-1][2] - out[-1][1], high - low)
            middle = (out[-1][0] * weight[0] + at * weight[1]) / max(1e-6, sum(weight))
            out[-1] = (middle, out[-1][1], max(high, out[-1][2]))
        else:
            out.append((at, low, high))
    return out
