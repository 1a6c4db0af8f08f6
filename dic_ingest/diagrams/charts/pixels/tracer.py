"""Paths of a chart in pixels: grounds, axes and ticks, rectangles, areas, symbols and lines of flat paints.

In: pixels and the boxes of the words on them. Out: `Path`s as a drawing has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.box_plots import BoxMark, box_marks_of
from dic_ingest.diagrams.charts.pixels.circles import covered, wheels_of
from dic_ingest.diagrams.charts.pixels.dashes import join_dashes
from dic_ingest.diagrams.charts.pixels.grids import cells_of, strips_of
from dic_ingest.diagrams.charts.pixels.outlines import longest_contour, outline_of, with_corners
from dic_ingest.diagrams.charts.pixels.paints import (
    NO_PAINT,
    Mask,
    Paint,
    Pixels,
    boxes_of,
    mask_of,
    owners_of,
    paints_of,
    runs_of,
)
from dic_ingest.diagrams.charts.pixels.rectangles import Rectangle, frames_of, joined, steps_of
from dic_ingest.diagrams.charts.pixels.traces import MOST_RUNS, traces_of, vertices_of
from dic_ingest.model.box import Box, Point, iou, union
from dic_ingest.model.drawing import Color, Path, Subpath

INK: Color = (0, 0, 0)  # of axes, grid lines and frames, in whatever grey they are drawn
STROKE = 90  # sum over three channels by which axes and grid lines differ from the ground
AROUND, ONE_PAINT = 1, 0.9  # pixels around a word, and share of them that is of the paint it stands on
BEYOND = 3  # pixels beyond the rim that belong to a circle
CORNER = 0.05  # text heights that a corner of an area stands out
TINTED = 200  # channels of a hued paint that may be a ground
PALE = 220  # channels of a grey that is no mark
LIGHT = 25  # the same, from the ground of their own plot
LINE_OVER = 0.25  # text heights that the line across a box is wide, at most
OVER, BROAD = 0.1, 0.6  # text heights: half the width of a grid line over a bar; of a bar, at least
TICK_REACH = 0.15  # text heights that a tick leaves its axis by


class Tracer:
    """Paths of one picture. `em`: text height in its pixels; `factor`: its pixels to the drawing's points."""

    def __init__(self, pixels: Pixels, words: Sequence[Box], em: float, factor: float) -> None:
        self.pixels, self.em, self.factor = pixels, em, factor
        self.words = words
        self.ink = np.full(pixels.shape[:2], 255, np.uint8)  # 0 where words stand
        for x0, y0, x1, y1 in words:
            self.ink[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = 0
        self.free = np.full(pixels.shape[:2], 255, np.uint8)  # 0 where marks stand that were read whole
        self.found: list[Path] = []
        self.grounds: list[tuple[tuple[int, int, int, int], Color]] = []  # plots and their paints
        self.bars: list[Rectangle] = []
        self.axes: list[Box] = []  # level and upright strokes

    def paths(self) -> list[Path]:
        """Grounds first, then straight strokes, then marks in each paint."""
        paints = paints_of(self.pixels)
        if not paints:
            return []
        owner = owners_of(self.pixels, paints)
        self._without_words(owner, len(paints))
        wheels = wheels_of(self.pixels, self.ink, paints[0].color, self.em)
        for wheel in wheels:
            for points, color in wheel.sectors:
                self._add(points, color, None, True, curved=True)
        owner[covered(wheels, owner.shape, BEYOND) > 0] = NO_PAINT
        self._grid(owner)
        for i, paint in enumerate(paints):
            if not paint.hued or min(paint.color) > TINTED:
                self._plot_areas(mask_of(owner == i), paint)
        self._box_plot(owner, len(paints))
        self._strokes(paints[0].color)
        self._painted(owner, paints)
        for box in frames_of(self.axes, [b.box for b in self.bars], self.em):
            self._add(_corners(box), None, INK, True)
        for bar in joined(self.bars, self.axes, self.em):
            self._rect(*bar.box, bar.fill)
        return self.found

    def _painted(self, owner: NDArray[np.int16], paints: Sequence[Paint]) -> None:
        """Marks in each paint that is no ground; of greys those that are no words."""
        for i, paint in enumerate(paints):
            if self._is_ground(paint):
                continue
            mask = self._over_lines(owner, i, paints)
            if paint.hued:
                self._marks(mask, paint)
            elif i > 0 and min(paint.color) < PALE:
                self._marks(cv2.bitwise_and(mask, self.ink), paint)

    def _is_ground(self, paint: Paint) -> bool:
        return any(paint.color == color for _, color in self.grounds)

    def _without_words(self, owner: NDArray[np.int16], paints: int) -> None:
        """Where a word stands on one paint, the paint is as if it were not there."""
        high, wide = owner.shape
        for box in self.words:
            x0, y0 = max(0, int(box[0]) - AROUND), max(0, int(box[1]) - AROUND)
            x1, y1 = min(wide, int(box[2]) + 1 + AROUND), min(high, int(box[3]) + 1 + AROUND)
            held = owner[y0:y1, x0:x1]
            if min(held.shape, default=0) < 2:
                continue
            ring = np.concatenate((held[0], held[-1], held[:, 0], held[:, -1]))
            counts = np.bincount(ring[ring >= 0], minlength=paints)
            if counts.max() > ONE_PAINT * len(ring):
                held[:] = counts.argmax()

    def _grid(self, owner: NDArray[np.int16]) -> None:
        """Cells of a heat map, and colour bars beside it: an outline over its steps."""
        cells = cells_of(self.pixels, self.ink, self.em)
        if not cells:
            return
        for strip in strips_of(self.pixels, self.em):
            whole = union(s.box for s in strip)
            if any(iou(whole, c.box) > 0 for c in cells):
                continue
            self._take(owner, whole)
            for step in strip:
                self._rect(*step.box, step.fill)
            self._add(_corners(whole), None, INK, True)
        self._take(owner, union(c.box for c in cells))
        for cell in cells:
            self._rect(*cell.box, cell.fill)

    def _box_plot(self, owner: NDArray[np.int16], paints: int) -> None:
        """Outlined boxes with a line across and whiskers, in the paint that most are drawn in."""
        found: list[BoxMark] = []
        for i in range(1, paints):
            mask = cv2.bitwise_and(mask_of(owner == i), self.ink)
            gap = 2 * round(LINE_OVER * self.em / 2) + 1  # the line across lies over the outline
            closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
            found = max(found, box_marks_of(self.pixels, closed, self.em), key=len)
        for m in found:
            x0, y0, x1, y1 = m.box
            self._add(_corners(m.box), None, INK, True)
            self._take(owner, m.box)
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            if m.upright:
                self._take(owner, (0.75 * x0 + 0.25 * x1, m.high, 0.25 * x0 + 0.75 * x1, m.low))
                lines = [((x0, m.median), (x1, m.median)), ((x, y1), (x, m.low)), ((x, m.high), (x, y0))]
            else:
                self._take(owner, (m.low, 0.75 * y0 + 0.25 * y1, m.high, 0.25 * y0 + 0.75 * y1))
                lines = [((m.median, y0), (m.median, y1)), ((m.low, y), (x1, y)), ((x0, y), (m.high, y))]
            for line in lines:
                self._add(line, None, INK, False)

    def _take(self, owner: NDArray[np.int16], box: Box) -> None:
        x0, y0, x1, y1 = (round(v) for v in box)
        area = slice(max(0, y0 - BEYOND), y1 + BEYOND), slice(max(0, x0 - BEYOND), x1 + BEYOND)
        owner[area] = NO_PAINT
        self.free[area] = 0

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
        self._add(_corners((x0, y0, x1, y1)), fill, None, True)

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
            self.grounds.append(((x, y, x + w, y + h), paint.color))

    def _strokes(self, ground: Color) -> None:
        """Level and upright strokes without hue: axes, grid lines, ticks beside axes."""
        flat = self.pixels.astype(np.int16)
        hue = flat.max(axis=2) - flat.min(axis=2)
        off = np.abs(flat - np.array(ground, np.int16)).sum(axis=2)
        dark = ((hue < 40) & (off > STROKE)).astype(np.uint8) * 255
        for (x0, y0, x1, y1), paint in self.grounds:  # light lines on a dark ground
            inner = np.abs(flat[y0:y1, x0:x1] - np.array(paint, np.int16)).sum(axis=2) > LIGHT
            dark[y0:y1, x0:x1] = mask_of(inner & (hue[y0:y1, x0:x1] < 40))
        dark &= self.free
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
                self._add(ends, None, INK, False)
                self.axes.append((x, y, x + w, y + h))
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
            self._add(ends, None, INK, False)

    def _over_lines(self, owner: NDArray[np.int16], number: int, paints: Sequence[Paint]) -> Mask:
        """The mask of a paint with the grid lines that were drawn over it."""
        mask = mask_of(owner == number)
        over: NDArray[np.bool_] = np.isin(
            owner, [NO_PAINT, *(i for i, p in enumerate(paints) if i > 0 and not p.hued)]
        )
        gap = 2 * round(OVER * self.em) + 3
        closed = mask.copy()
        for shape in ((1, gap), (gap, 1)):
            closed = cv2.bitwise_or(closed, cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(shape, np.uint8)))
        side = 2 * round(BROAD * self.em / 2) + 1  # in narrow corners of lines nothing is filled
        filled = cv2.bitwise_or(mask, cv2.bitwise_and(closed, mask_of(over)))
        broad = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        return cv2.bitwise_or(mask, broad)

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
            elif paint.hued and min(w, h) > 0.3 * self.em:
                symbols[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2] = 255
                self._symbol(x, y, w, h, paint)
        grown = cv2.bitwise_or(cv2.dilate(large, np.ones((5, 5), np.uint8)), symbols)
        if paint.hued:
            self._line(cv2.bitwise_and(cv2.bitwise_and(filled, self.ink), cv2.bitwise_not(grown)), paint)

    def _area(self, part: Mask, x: int, y: int, paint: Paint, size: int, whole_mask: Mask, side: int) -> None:
        h, w = part.shape
        outline = longest_contour(part)
        whole = cv2.contourArea(outline)
        if whole > 0.93 * (w - 1) * (h - 1):
            self.bars.append(Rectangle((x, y, x + w, y + h), paint.color))
            return
        if boxes := steps_of(part, self.em):
            self.bars += [Rectangle((x + a, y + b, x + c, y + d), paint.color) for a, b, c, d in boxes]
            return
        if not paint.hued:
            return
        part, x, y = with_corners(part, x, y, whole_mask, side)
        outline = longest_contour(part)
        points = outline_of(outline.reshape(-1, 2).astype(np.float64), max(0.8, CORNER * self.em))
        hollow = size < 0.7 * whole
        if len(points) > 2 and not hollow:
            self._add(
                [(x + a + 0.5, y + b + 0.5) for a, b in points],
                paint.color,
                None,
                True,
                curved=len(points) > 12,
            )

    def _symbol(self, x: int, y: int, w: int, h: int, paint: Paint) -> None:
        cx, cy, r = x + w / 2, y + h / 2, (w + h) / 4
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
        mask, broken = join_dashes(mask, self.em)
        for run in traces_of(mask, self.em):
            xs = [p[0] for p in run]
            if xs[-1] - xs[0] < 0.7 * self.em:
                continue
            points = vertices_of(run, self.em, broken)
            dashed = broken or len(run) < 0.85 * (xs[-1] - xs[0] + 1)
            if len(points) >= 2:
                self._add([(a + 0.5, b + 0.5) for a, b in points], None, paint.color, False, dashed)


def _corners(box: Box) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
