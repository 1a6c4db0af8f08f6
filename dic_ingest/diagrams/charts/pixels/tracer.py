"""Paths of a chart in pixels: grounds, axes and ticks, rectangles, areas, symbols and lines of flat paints.

In: pixels and the boxes of the words on them. Out: `Path`s as a drawing has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dic_ingest.diagrams.charts.pixels.outlines import longest_contour, outline_of, with_corners
from dic_ingest.diagrams.charts.pixels.paints import (
    Mask,
    Paint,
    Pixels,
    boxes_of,
    mask_of,
    owners_of,
    paints_of,
    runs_of,
)
from dic_ingest.diagrams.charts.pixels.traces import MOST_RUNS, traces_of, vertices_of
from dic_ingest.model.box import Box, Point
from dic_ingest.model.drawing import Color, Path, Subpath

STROKE = 150  # sum over three channels by which axes and grid lines differ from the ground
TICK_REACH = 0.15  # text heights that a tick leaves its axis by


class Tracer:
    """Paths of one picture. `em`: text height in its pixels; `factor`: its pixels to the drawing's points."""

    def __init__(self, pixels: Pixels, words: Sequence[Box], em: float, factor: float) -> None:
        self.pixels, self.em, self.factor = pixels, em, factor
        self.ink = np.full(pixels.shape[:2], 255, np.uint8)  # 0 where words stand
        for x0, y0, x1, y1 in words:
            self.ink[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = 0
        self.found: list[Path] = []

    def paths(self) -> list[Path]:
        """Grounds first, then straight strokes, then marks in each paint."""
        paints = paints_of(self.pixels)
        if not paints:
            return []
        owner = owners_of(self.pixels, paints)
        for i, paint in enumerate(paints):
            if not paint.hued:
                self._plot_areas(mask_of(owner == i), paint)
        self._strokes(paints[0].color)
        for i, paint in enumerate(paints):
            if paint.hued:
                self._marks(mask_of(owner == i), paint)
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

    def _plot_areas(self, mask: Mask, paint: Paint) -> None:
        """Large rectangles without hue: the ground of a plot."""
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        outer: list[tuple[int, int, int, int]] = []
        for x, y, w, h, size in sorted(boxes_of(closed), key=lambda b: -b[2] * b[3]):
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
            for x, y, w, h, _ in boxes_of(lines):
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
        runs = runs_of(whole)
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

    def _marks(self, mask: Mask, paint: Paint) -> None:
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

    def _area(self, part: Mask, x: int, y: int, paint: Paint, size: int, whole_mask: Mask, side: int) -> None:
        h, w = part.shape
        outline = longest_contour(part)
        whole = cv2.contourArea(outline)
        if whole > 0.93 * (w - 1) * (h - 1):
            self._rect(x, y, x + w, y + h, paint.color)
            return
        part, x, y = with_corners(part, x, y, whole_mask, side)
        outline = longest_contour(part)
        points = outline_of(outline.reshape(-1, 2).astype(np.float64), max(0.8, 0.05 * self.em))
        hollow = size < 0.7 * whole
        if len(points) > 2 and not hollow:
            self._add(
                [(x + a + 0.5, y + b + 0.5) for a, b in points],
                paint.color,
                None,
                True,
                curved=len(points) > 12,
            )

    def _symbol(self, x: int, y: int, w: int, h: int, paint: Paint, size: int) -> None:
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

    def _line(self, mask: Mask, paint: Paint) -> None:
        """One line in a paint, followed from column to column; samples in the legend apart."""
        columns = np.flatnonzero(mask.any(axis=0))
        if len(columns) < 0.8 * self.em:
            return
        for run in traces_of(mask, self.em):
            xs = [p[0] for p in run]
            if xs[-1] - xs[0] < 0.7 * self.em:
                continue
            points = vertices_of(run, self.em)
            dashed = len(run) < 0.85 * (xs[-1] - xs[0] + 1)
            if len(points) >= 2:
                self._add([(a + 0.5, b + 0.5) for a, b in points], None, paint.color, False, dashed)
