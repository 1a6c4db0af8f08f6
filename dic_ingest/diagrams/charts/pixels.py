"""A chart in pixels: flat paints traced into rectangles, areas, symbols and lines, then read as a drawing is.

In: a picture and the words recognised on it. Out: a `Chart` in pixels, or None. Bars, sectors, and lines and
points that were traced whole have values; of areas only axes and legend are given.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.diagrams.charts.labels import number_of
from dic_ingest.diagrams.charts.reader import DEFAULTS, ChartSettings, read_chart
from dic_ingest.diagrams.text_blocks import usual_size
from dic_ingest.model.box import Box, Point, height_of, scaled
from dic_ingest.model.chart import Chart, ChartType, Series, Value
from dic_ingest.model.chart import Point as DataPoint
from dic_ingest.model.drawing import Color, Drawing, Path, Subpath, Word

Pixels: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[Any]

MAX_SIDE = 1800  # pixels of the longer side that are looked at
EM = 9.0  # points: text of a traced drawing is set in this size, so that the reader's lengths fit
NEAR = 42  # sum over three channels: pixels this near to a paint are of it
FLAT, LARGE = 18.0, 0.03  # paints of this share of the picture may be so near to one another: grounds
MIXED = 16.0  # distance from the way between two paints at which a third is a blend of them
MOST_PAINTS = 14
MOST_RUNS = 120  # pieces of lines in one paint
NUMBERS = 3  # recognised at least: fewer make no axis and no shares
TRUSTED = ("bar", "sector")  # marks whose values are kept
DOUBTED = (ChartType.COMBINATION, ChartType.HISTOGRAM)
ALIGNED = 0.01  # share of the way across within which corners of several lines stand at one place
LEAST_SYMBOLS = 3  # of one paint, of a line whose values stand at symbols
ALONG = 0.8  # share of the longest series that a whole one spans
STROKE = 150  # sum over three channels by which axes and grid lines differ from the ground
TICK_REACH = 0.15  # text heights that a tick leaves its axis by
ROUGH, CLOSE = 0.07, 0.5  # text heights: a corner stands out so far; corners nearer than that are one
BOWED = 0.35  # pixels: mean distance from the chord of a side that is an arc
ARC_HALVINGS = 3
SCORE = 0.7  # of a value measured in pixels
GREY = 18  # largest difference of channels of a paint without hue


@dataclass(frozen=True, slots=True)
class _Paint:
    color: Color
    count: int

    @property
    def hued(self) -> bool:
        return max(self.color) - min(self.color) > GREY


def read_chart_picture(
    image: Image.Image,
    words: tuple[Word, ...],
    settings: ChartSettings = DEFAULTS,
    numbers: int = NUMBERS,
) -> Chart | None:
    """The chart of a picture, in its pixels; `words` are those recognised on it.

    numbers: of the words must be numbers, or there is no chart; a pie needs none.
    """
    if sum(number_of(w.text) is not None for w in words) < numbers:
        return None
    shrink = min(1.0, MAX_SIDE / max(image.size))
    small = (
        image if shrink == 1.0 else image.resize((round(image.width * shrink), round(image.height * shrink)))
    )
    pixels = np.asarray(small.convert("RGB"))
    factor = EM / max(usual_size(words) * shrink, 1.0)
    scale = factor * shrink
    sized = (replace(w, size=w.size or 0.85 * height_of(w.bbox)) for w in words)
    placed = tuple(w.scaled(scale) for w in sized)
    paths = _Tracer(pixels, [scaled(w.bbox, shrink) for w in words], EM / factor, factor).paths()
    drawing = Drawing(pixels.shape[1] * factor, pixels.shape[0] * factor, placed, tuple(paths))
    chart = read_chart(drawing, None, settings, "pixels")
    return _measurable(chart.scaled(1.0 / scale)) if chart is not None else None


def _measurable(chart: Chart) -> Chart:
    """The chart without values that tracing cannot be trusted with: those of a line in pieces or doubled.

    A line with symbols has its values at them; where lines of like paints cross, or one lies behind another,
    the traced pieces are not the data's.
    """
    if chart.panels:
        return replace(chart, panels=tuple(_measurable(p) for p in chart.panels))
    series = _at_symbols(chart.series)
    kind = chart.type
    if kind is ChartType.COMBINATION and {s.mark for s in series} == {"line"}:
        kind = ChartType.LINE
    paints = Counter(s.color for s in series)
    kept = [
        s
        for s in series
        if kind not in DOUBTED
        and (kind is not ChartType.STACKED_BAR or _is_full(chart))
        and (s.mark in TRUSTED or (paints[s.color] == 1 and _is_whole(s, series)))
    ]
    sure = tuple(
        replace(s, score=SCORE, points=tuple(replace(v, score=min(v.score, SCORE)) for v in s.points))
        for s in _aligned(kept)
    )
    if len(sure) == len(series):
        return replace(chart, type=kind, series=sure, score=min(chart.score, SCORE))
    lost = sorted({s.name or "a series" for s in series if s not in kept})
    note = f"values of {', '.join(lost)}: not measured in pixels"
    kind = ChartType.OTHER if kind is ChartType.COMBINATION else kind
    return replace(chart, type=kind, series=sure, unread=(*chart.unread, note), score=0.4)


def _aligned(series: Sequence[Series]) -> list[Series]:
    """Lines whose corners stand nearly at one place across have one value there: a row of a table."""
    found = [(p.bbox[0], p.x) for s in series if s.mark == "line" for p in s.points if p.bbox]
    places = sorted(found, key=lambda at: at[0])
    if len(places) < 2:
        return list(series)
    near = ALIGNED * (places[-1][0] - places[0][0])
    x_of: dict[float, Value] = {}
    first, x = places[0]
    for at, own in places:
        if at - first > near:
            first, x = at, own
        x_of[at] = x
    return [
        replace(s, points=tuple(replace(p, x=x_of[p.bbox[0]]) if p.bbox else p for p in s.points))
        if s.mark == "line"
        else s
        for s in series
    ]


def _is_full(chart: Chart) -> bool:
    """Whether every series of a stacked chart has a bar in each category: else cells were taken for bars."""
    names = chart.y_axis if chart.horizontal else chart.x_axis
    wanted = len(names.categories) if names is not None else 0
    return all(len(s.points) == len({str(p.x) for p in s.points}) == wanted for s in chart.series)


def _at_symbols(series: Sequence[Series]) -> list[Series]:
    """Lines of which every corner has a symbol have their values there: the symbols and the line are one."""
    marked = {
        s.color: replace(s, mark="line", points=tuple(sorted(s.points, key=_place)))
        for s in series
        if s.mark == "point" and len(s.points) >= LEAST_SYMBOLS and _reaches(s, series)
    }
    return [
        marked[s.color] if s.mark == "point" and s.color in marked else s
        for s in series
        if s.mark != "line" or s.color not in marked
    ]


def _place(point: DataPoint) -> float:
    return point.bbox[0] if point.bbox else 0.0


def _places(series: Series) -> list[float]:
    """Where its values stand across, in their order."""
    return [p.bbox[0] for p in series.points if p.bbox]


def _reaches(symbols: Series, series: Sequence[Series]) -> bool:
    """Whether symbols stand all along the lines of their paint."""
    own = _places(symbols)
    drawn = [at for s in series if s.mark == "line" and s.color == symbols.color for at in _places(s)]
    return bool(own and drawn) and max(own) - min(own) > ALONG * (max(drawn) - min(drawn))


def _is_whole(series: Series, others: Sequence[Series]) -> bool:
    """Whether a traced series runs once from left to right, over about as much of the plot as the longest."""
    places = _places(series)
    if len(places) < 2 or series.mark == "area" or (series.mark == "line" and places != sorted(places)):
        return False
    if series.mark == "point":
        return True
    spans = [max(at) - min(at) for o in others if (at := _places(o))]
    return max(places) - min(places) > ALONG * max(spans)


class _Tracer:
    """Paths of one picture. `em`: text height in its pixels; `factor`: its pixels to the drawing's points."""

    def __init__(self, pixels: Pixels, words: Sequence[Box], em: float, factor: float) -> None:
        self.pixels, self.em, self.factor = pixels, em, factor
        self.ink = np.full(pixels.shape[:2], 255, np.uint8)  # 0 where words stand
        for x0, y0, x1, y1 in words:
            self.ink[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = 0
        self.found: list[Path] = []

    def paths(self) -> list[Path]:
        """Grounds first, then straight strokes, then marks in each paint."""
        paints = _paints(self.pixels)
        if not paints:
            return []
        owner = _owners(self.pixels, paints)
        for i, paint in enumerate(paints):
            if not paint.hued:
                self._plot_areas(_mask(owner == i), paint)
        self._strokes(paints[0].color)
        for i, paint in enumerate(paints):
            if paint.hued:
                self._marks(_mask(owner == i), paint)
        return self.found

    def _add(
        self,
        points: Sequence[Point],
        fill: Color | None,
        stroke: Color | None,
        closed: bool,
        dashed: bool = False,
        curved: bool = False,
    ) -> None:
        line = tuple((x * self.factor, y * self.factor) for x, y in points)
        xs, ys = [p[0] for p in line], [p[1] for p in line]
        box = (min(xs), min(ys), max(xs), max(ys))
        sub = Subpath(line, closed, curved)
        self.found.append(Path((sub,), box, stroke, fill, 1.0, dashed, None, len(self.found)))

    def _rect(self, x0: float, y0: float, x1: float, y1: float, fill: Color) -> None:
        self._add(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), fill, None, True)

    def _plot_areas(self, mask: Mask, paint: _Paint) -> None:
        """Large rectangles without hue: the ground of a plot."""
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        outer: list[tuple[int, int, int, int]] = []
        for x, y, w, h, size in sorted(_boxes(closed), key=lambda b: -b[2] * b[3]):
            if min(w, h) < 5 * self.em or size < 0.25 * w * h or w * h > 0.95 * mask.size:
                continue
            if any(a <= x and b <= y and x + w <= c and y + h <= d for a, b, c, d in outer):
                continue  # a piece of it that lines cut off
            outer.append((x, y, x + w, y + h))
            self._rect(x, y, x + w, y + h, paint.color)

    def _strokes(self, ground: Color) -> None:
        """Level and upright strokes without hue: axes, grid lines, ticks beside axes."""
        flat = self.pixels.astype(np.int16)
        hue = flat.max(axis=2) - flat.min(axis=2)
        off = np.abs(flat - np.array(ground, np.int16)).sum(axis=2)
        dark = ((hue < 40) & (off > STROKE)).astype(np.uint8) * 255
        least = int(4 * self.em)
        for along in (0, 1):
            kernel = np.ones((1, least), np.uint8) if along == 0 else np.ones((least, 1), np.uint8)
            lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
            for x, y, w, h, _ in _boxes(lines):
                thin = h if along == 0 else w
                if thin > 0.4 * self.em + 2:
                    continue
                ends = (
                    ((x, y + h / 2), (x + w, y + h / 2))
                    if along == 0
                    else ((x + w / 2, y), (x + w / 2, y + h))
                )
                self._add(ends, None, (0, 0, 0), False)
                self._ticks(dark, along, x, y, w, h)

    def _ticks(self, dark: Mask, along: int, x: int, y: int, w: int, h: int) -> None:
        """Short strokes that leave a level line downwards, an upright one to the left."""
        reach = max(2, round(TICK_REACH * self.em))
        below, left = dark[y + h : y + h + reach, x : x + w], dark[y : y + h, max(0, x - reach) : x]
        beside = below if along == 0 else left.T
        whole = np.asarray(beside.all(axis=0) if len(beside) == reach else np.zeros(0, bool))
        runs = _runs(whole)
        if not 2 <= len(runs) <= MOST_RUNS or any(b - a > 0.4 * self.em for a, b in runs):
            return
        for a, b in runs:
            at = (a + b) / 2
            ends = (
                ((x + at, y + h), (x + at, y + h + reach))
                if along == 0
                else ((x, y + at), (x - reach, y + at))
            )
            self._add(ends, None, (0, 0, 0), False)

    def _marks(self, mask: Mask, paint: _Paint) -> None:
        """Rectangles, areas and symbols, then the lines that are left."""
        side = max(3, round(0.36 * self.em))
        filled = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        thick = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        large, symbols = np.zeros_like(mask), np.zeros_like(mask)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
        for k in range(1, min(count, 2000)):
            x, y, w, h, size = (int(v) for v in stats[k])
            part = (labels[y : y + h, x : x + w] == k).astype(np.uint8)
            if max(w, h) > 1.25 * self.em or (size > 0.9 * w * h and max(w, h) > 0.9 * self.em):
                large[y : y + h, x : x + w] |= part * 255
                self._area(part, x, y, paint, size, filled, side)
            elif min(w, h) > 0.3 * self.em:
                symbols[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2] = 255
                self._symbol(x, y, w, h, paint, size)
        grown = cv2.bitwise_or(cv2.dilate(large, np.ones((5, 5), np.uint8)), symbols)
        self._line(cv2.bitwise_and(cv2.bitwise_and(filled, self.ink), cv2.bitwise_not(grown)), paint)

    def _area(
        self, part: Mask, x: int, y: int, paint: _Paint, size: int, whole_mask: Mask, side: int
    ) -> None:
        h, w = part.shape
        outline = _longest_contour(part)
        whole = cv2.contourArea(outline)
        if whole > 0.93 * (w - 1) * (h - 1):
            self._rect(x, y, x + w, y + h, paint.color)
            return
        part, x, y = _with_corners(part, x, y, whole_mask, side)
        outline = _longest_contour(part)
        points = _outline(outline.reshape(-1, 2).astype(np.float64), max(0.8, 0.05 * self.em))
        hollow = size < 0.7 * whole
        if len(points) > 2 and not hollow:
            self._add(
                [(x + a + 0.5, y + b + 0.5) for a, b in points],
                paint.color,
                None,
                True,
                curved=len(points) > 12,
            )

    def _symbol(self, x: int, y: int, w: int, h: int, paint: _Paint, size: int) -> None:
        cx, cy, r = x + w / 2, y + h / 2, (w + h) / 4
        del size
        turns = [2 * np.pi * i / 10 for i in range(10)]
        self._add(
            [(cx + r * float(np.cos(t)), cy + r * float(np.sin(t))) for t in turns],
            paint.color,
            None,
            True,
            curved=True,
        )

    def _line(self, mask: Mask, paint: _Paint) -> None:
        """One line in a paint, followed from column to column; samples in the legend apart."""
        columns = np.flatnonzero(mask.any(axis=0))
        if len(columns) < 0.8 * self.em:
            return
        for run in _traces(mask, self.em):
            xs = [p[0] for p in run]
            if xs[-1] - xs[0] < 0.7 * self.em:
                continue
            points = _vertices(run, self.em)
            dashed = len(run) < 0.85 * (xs[-1] - xs[0] + 1)
            if len(points) >= 2:
                self._add([(a + 0.5, b + 0.5) for a, b in points], None, paint.color, False, dashed)


def _runs(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _mask(where: NDArray[np.bool_]) -> Mask:
    return where.astype(np.uint8) * 255


def _boxes(mask: Mask) -> list[tuple[int, int, int, int, int]]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [(int(s[0]), int(s[1]), int(s[2]), int(s[3]), int(s[4])) for s in stats[1:2000]]


def _paints(pixels: Pixels) -> list[_Paint]:
    """The flat paints of a picture, the ground first; blends at edges are none."""
    coarse = (pixels >> 3).astype(np.int32)
    keys = (coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]
    flat = keys.ravel()
    counts = np.bincount(flat, minlength=1 << 15)
    sums = [np.bincount(flat, pixels[..., c].ravel(), 1 << 15) for c in range(3)]
    least = max(12, 0.00012 * keys.size)
    kept: list[_Paint] = []
    for key in np.argsort(-counts)[:400]:
        count = int(counts[key])
        if count < least or len(kept) >= MOST_PAINTS:
            break
        color = (round(sums[0][key] / count), round(sums[1][key] / count), round(sums[2][key] / count))
        paint = _Paint(color, count)
        apart = FLAT if count > LARGE * keys.size else 1.6 * NEAR
        if not any(_off(paint.color, p.color) < apart for p in kept) and not _blend(paint, kept):
            kept.append(paint)
    return kept


def _off(a: Color, b: Color) -> int:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def _blend(paint: _Paint, kept: Sequence[_Paint]) -> bool:
    """Whether a paint lies between two stronger ones: the edge of one on the other."""
    c = np.array(paint.color, float)
    for i, a in enumerate(kept):
        for b in kept[i + 1 :]:
            start, way = np.array(a.color, float), np.array(b.color, float) - np.array(a.color, float)
            long = float(way @ way)
            share = float((c - start) @ way) / long if long > 0 else 0.0
            away = float(np.linalg.norm(c - start - share * way))
            if 0.06 < share < 0.94 and away < MIXED and paint.count < 0.6 * min(a.count, b.count):
                return True
    return False


def _owners(pixels: Pixels, paints: Sequence[_Paint]) -> NDArray[np.int16]:
    """Number of the nearest paint for each pixel, -1 where none is near."""
    flat = pixels.astype(np.int16)
    best = np.full(pixels.shape[:2], 3 * 255, np.int16)
    owner = np.full(pixels.shape[:2], -1, np.int16)
    for i, paint in enumerate(paints):
        off = np.abs(flat - np.array(paint.color, np.int16)).sum(axis=2).astype(np.int16)
        nearer = (off < best) & (off < NEAR)
        owner[nearer] = i
        best[nearer] = off[nearer]
    return owner


def _traces(mask: Mask, em: float) -> list[list[Point]]:
    """Lines from left to right: in each column the run of ink that continues the one before."""
    runs: list[list[tuple[int, float, float]]] = []  # x, top, bottom
    for x in np.flatnonzero(mask.any(axis=0)):
        ys = np.flatnonzero(mask[:, x])
        parts = np.split(ys, np.flatnonzero(np.diff(ys) > 1) + 1)
        free = list(range(len(runs)))
        for part in parts:
            top, bottom = float(part[0]), float(part[-1])
            near = [
                (max(top - runs[r][-1][2], runs[r][-1][1] - bottom, 0.0) + 0.5 * (x - runs[r][-1][0]), r)
                for r in free
                if x - runs[r][-1][0] < 1.2 * em
                and max(top - runs[r][-1][2], runs[r][-1][1] - bottom)
                < 0.35 * em + 2.0 * (x - runs[r][-1][0])
            ]
            if near:
                r = min(near)[1]
                free.remove(r)
                runs[r].append((int(x), top, bottom))
            else:
                runs.append([(int(x), top, bottom)])
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


def _longest_contour(part: Mask) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=cv2.contourArea).astype(np.int32)


def _with_corners(part: Mask, x: int, y: int, mask: Mask, by: int) -> tuple[Mask, int, int]:
    """A part of a mask with the sharp corners that smoothing took from it, and its new place."""
    top, left = max(0, y - by), max(0, x - by)
    around = mask[top : y + part.shape[0] + by, left : x + part.shape[1] + by]
    held = np.zeros_like(around)
    held[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part * 255
    grown = cv2.bitwise_and(cv2.dilate(held, np.ones((2 * by + 1, 2 * by + 1), np.uint8)), around)
    return (grown > 0).astype(np.uint8), left, top


def _outline(contour: NDArray[np.float64], off: float) -> list[Point]:
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


def _vertices(run: Sequence[Point], em: float) -> list[Point]:
    """The corners of a traced line: where straight lines through the pixels between rough corners meet."""
    dense = np.array(run, np.float32)
    rough = cv2.approxPolyDP(dense.reshape(-1, 1, 2), max(1.2, ROUGH * em), False).reshape(-1, 2)
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
