"""Rows and cells of a table in pixels, from its rules and from the gaps between its words.

In: a picture of one table and the words recognised on it. Out: a `Grid` of cells with their spans. Where
rules part cells, they decide; elsewhere columns are gaps that run down through the lines, and rows are lines.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.model.box import Box, center, height_of, union
from dic_ingest.model.drawing import Word
from dic_ingest.model.word_lines import Placed, lines_along

Pixels = NDArray[np.uint8]

RULE = 1.6  # line heights that a stroke must be long to be a rule and no letter
SAME = 0.5  # line heights: rules closer than this are one
DRAWN = 0.6  # share of a cell's side that must be drawn for it to be a border
TALL = 0.5  # of the table's height that a rule between columns is drawn over
LEAST_RULES = 1  # vertical ones between columns from which on they are all that parts columns
LINED = 0.4  # of the gaps between lines: horizontal rules in so many are all that parts rows
WHOLE = 0.6  # share of the table's width that a rule between rows is drawn over
WORD_GAP = 0.4  # line heights: a wider gap may part columns
HEADER = 2  # lines that may lie over several columns
SMOOTH = 5  # pixels along a rule over which noise is averaged
EDGE = 9  # grey levels between two sides of a rule or of a filled cell
CONTRAST = 48  # grey levels between letters and what they stand on
CONTINUED = 0.85  # of the usual step between lines: a line so close to the one above continues it
PRINT = 20.0  # pixels of a line of print, where no word was read yet
GRID_RULES = 3  # in each direction that a grid has at least
CROSSED = 0.9  # of the crossings of a grid's rules: so many are drawn
SAME_LINE = 0.5  # line heights between the middles of words of one line
REACH = 0.25  # line heights by which a rule may lie off its place
INSET = 0.2  # of a line's height above and below that is not looked at for letters
CROSSING = 0.1  # line heights on both sides of a bound that letters across it fill
LINES_OVER = 10  # of so many lines one may lie over a gap between columns
LEAST_CELLS = 4  # with text
MOST_CELLS = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its first row and column, how many it spans, and its text."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's cells in reading order; `rows` by `columns` places."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]

    def to_html(self) -> str:
        """An HTML table with row and column spans."""
        lines = []
        for row in range(self.rows):
            cells = [
                f"<td{_span('rowspan', c.rows)}{_span('colspan', c.columns)}>{html.escape(c.text)}</td>"
                for c in self.cells
                if c.row == row
            ]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(lines)}</table>"


def _span(name: str, count: int) -> str:
    return f' {name}="{count}"' if count > 1 else ""


def read_table(image: Image.Image, words: Sequence[Word]) -> Grid | None:
    """The cells of the table that a picture shows; None where there are not two rows and columns of them."""
    words = [w for w in words if w.text.strip()]
    if len(words) < LEAST_CELLS:
        return None
    height = float(np.median([height_of(w.bbox) for w in words]))
    grey = np.asarray(image.convert("L"), dtype=np.uint8)
    lines = _lines(words, height)
    across, down = _rules(grey, height, lines[-1][0].bbox[3] - lines[0][0].bbox[1])
    ink = [_ink(grey, down.mask, line, height) for line in lines]
    left, right = min(w.bbox[0] for w in words), max(w.bbox[2] for w in words)
    xs = _between([x for x in down.places if left < x < right], left - 1, right + 1, LEAST_RULES)
    ruled = bool(xs)
    xs = xs or _rivers(ink, words, height)
    if len(xs) < 3:
        return None
    reach, ends = _reach(height), (round(max(xs[0], 0)), round(xs[-1]) + 1)
    rules = [y for y in across.places if _drawn(across.mask, y, *ends, reach) >= WHOLE]
    ys = _row_bounds(lines, ink, xs, rules)
    if len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > MOST_CELLS:
        return None

    def parted_down(row: int, at: int) -> bool:
        if ruled:
            return _border(down.mask.T, xs[at], ys[row], ys[row + 1], reach)
        held = [
            drawn
            for line, drawn in zip(lines, ink, strict=True)
            if ys[row] <= center(line[0].bbox)[1] < ys[row + 1]
        ]
        return not any(_crossed(drawn, xs[at], height) for drawn in held)

    def parted_across(at: int, column: int) -> bool:
        lined = any(abs(ys[at] - y) < 1.0 for y in rules)
        return not lined or _border(across.mask, ys[at], xs[column], xs[column + 1], reach)

    grid = _grid(ys, xs, parted_down, parted_across, words, height)
    return grid if sum(bool(c.text) for c in grid.cells) >= LEAST_CELLS else None


def has_grid(image: Image.Image) -> bool:
    """Whether rules through most of a picture cross one another everywhere, as those of a table do."""
    grey = np.asarray(image.convert("L"), dtype=np.uint8)
    across, down = _rules(grey, PRINT, float(grey.shape[0]))
    xs = down.places
    reach, wide = _reach(PRINT), grey.shape[1]
    ys = [y for y in across.places if _drawn(across.mask, y, 0, wide, reach) >= WHOLE]
    if min(len(xs), len(ys)) < GRID_RULES:
        return False
    met = [
        bool(mask[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].any())
        for mask in (across.mask, down.mask)
        for y in map(round, ys)
        for x in map(round, xs)
    ]
    return sum(met) >= CROSSED * len(met)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules of one direction: their places across it, and the mask of their ink."""

    places: tuple[float, ...]
    mask: Pixels


def _rules(grey: Pixels, height: float, tall: float) -> tuple[_Rules, _Rules]:
    """Horizontal and vertical rules; the edges of filled cells are rules, too."""
    length = max(8, round(RULE * height))
    found = []
    for turned in (grey, grey.T):
        even = cv2.blur(np.ascontiguousarray(turned), (SMOOTH, 1)).astype(np.int16)  # noise is no edge
        edge = np.zeros(turned.shape, dtype=np.uint8)
        edge[1:][np.abs(np.diff(even, axis=0)) >= EDGE] = 255
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (length, 1))
        found.append(np.asarray(cv2.morphologyEx(edge, cv2.MORPH_OPEN, kernel), dtype=np.uint8))
    found[1] = found[1].T
    across, down = found
    rows = _places(across.max(axis=1), across.sum(axis=1) / 255.0, 2 * length, SAME * height)
    columns = _places(down.max(axis=0), down.sum(axis=0) / 255.0, max(length, TALL * tall), SAME * height)
    return _Rules(rows, across), _Rules(columns, down)


def _places(drawn: Pixels, amount: NDArray[np.float64], least: float, same: float) -> tuple[float, ...]:
    """Middles of the runs of rows (or columns) that hold a rule of at least `least` pixels."""
    at = np.flatnonzero((drawn > 0) & (amount >= least))
    groups: list[list[int]] = []
    for value in at.tolist():
        if groups and value - groups[-1][-1] <= same:
            groups[-1].append(value)
        else:
            groups.append([value])
    return tuple(float(np.average(g, weights=amount[g])) for g in groups)


def _drawn(mask: Pixels, at: float, start: int, stop: int, reach: int) -> float:
    """Share of the stretch from `start` to `stop` over which a rule is drawn near `at`, along the rows."""
    band = mask[max(round(at) - reach, 0) : round(at) + reach + 1, max(start, 0) : stop]
    return float(band.max(axis=0).mean()) / 255.0 if band.size else 0.0


def _reach(height: float) -> int:
    """Pixels by which a rule may lie off its place."""
    return max(2, round(REACH * height))


def _between(places: Sequence[float], first: float, last: float, least: float) -> tuple[float, ...]:
    """Bounds of rows or columns by rules, from `first` to `last`; empty where too few of them part words."""
    inner = [p for p in places if first < p < last]
    return (first, *inner, last) if len(inner) >= max(least, 1) else ()


def _lines(words: Sequence[Word], height: float) -> list[list[Word]]:
    def misfit(last: Placed, new: Placed) -> float | None:
        off = abs(center(last[0])[1] - center(new[0])[1])
        return off if off < SAME_LINE * height else None

    placed = ((w.bbox, w) for w in sorted(words, key=lambda w: w.bbox[0]))
    lines = lines_along(placed, misfit)
    return sorted(lines, key=lambda line: float(np.mean([center(w.bbox)[1] for w in line])))


def _ink(grey: Pixels, down: Pixels, line: Sequence[Word], height: float) -> NDArray[np.bool_]:
    """By column of pixels: whether a line has letters there; the gaps between words are filled."""
    x0, y0, x1, y1 = union(w.bbox for w in line)
    inset = INSET * (y1 - y0)  # what lies above and below is another line, or a rule
    top, bottom = max(round(y0 + inset), 0), max(round(y1 - inset), round(y0 + inset) + 1, 1)
    band = grey[top:bottom].astype(np.int16)
    ground = np.median(band[:, max(round(x0), 0) : round(x1) + 1])
    letters = (np.abs(band - ground) > CONTRAST).any(axis=0)
    drawn: NDArray[np.bool_] = np.logical_and(letters, ~(down[top:bottom] > 0).any(axis=0))
    drawn[: max(round(x0) - 2, 0)] = False
    drawn[round(x1) + 3 :] = False
    at = np.flatnonzero(drawn)
    for a, b in pairwise(at.tolist()):
        if b - a <= WORD_GAP * height:
            drawn[a:b] = True
    return drawn


def _rivers(ink: Sequence[NDArray[np.bool_]], words: Sequence[Word], height: float) -> tuple[float, ...]:
    """Bounds of columns: the middles of the gaps that run down through the lines below the heading."""
    head = min(HEADER, max(len(ink) - 3, 0))
    body = np.array(ink[head:], dtype=np.int32).sum(axis=0)
    most = len(ink[head:]) // LINES_OVER
    first, last = min(w.bbox[0] for w in words), max(w.bbox[2] for w in words)
    covered = np.flatnonzero(body > most)
    if not len(covered):
        return ()
    bounds = [(a + b) / 2 for a, b in pairwise(covered.tolist()) if b - a > WORD_GAP * height]
    return (first - 1.0, *bounds, last + 1.0)


def _crossed(drawn: NDArray[np.bool_], at: float, height: float) -> bool:
    """Whether a line has letters across a bound."""
    reach = max(1, round(CROSSING * height))
    return bool(drawn[max(round(at) - reach, 0) : round(at) + reach + 1].all())


def _row_bounds(
    lines: Sequence[Sequence[Word]],
    ink: Sequence[NDArray[np.bool_]],
    xs: Sequence[float],
    rules: Sequence[float],
) -> tuple[float, ...]:
    """Bounds of rows: rules, and gaps between lines; a line close under another may continue it.

    Where rules part most rows, any line so close is a continuation; elsewhere one with nothing in the first
    column.
    """
    boxes = [union(w.bbox for w in line) for line in lines]
    middles = [center(b)[1] for b in boxes]
    steps = np.diff(middles)
    between = [[y for y in rules if a < y < b] for a, b in pairwise(middles)]
    lined = sum(map(bool, between)) >= max(LINED * len(between), 1)
    ruled = [s for s, y in zip(steps, between, strict=True) if y] if lined else []
    usual = float(np.median(ruled) if ruled else np.percentile(steps, 75)) if len(steps) else 0.0
    bounds = [boxes[0][1] - 1.0]
    for k in range(1, len(lines)):
        first = not ink[k][max(round(xs[0]), 0) : round(xs[1])].any()
        if between[k - 1]:
            bounds.append(between[k - 1][0])
        elif steps[k - 1] >= CONTINUED * usual or not (lined or first):
            bounds.append((boxes[k - 1][3] + boxes[k][1]) / 2)
    return (*bounds, boxes[-1][3] + 1.0)


def _grid(
    ys: Sequence[float],
    xs: Sequence[float],
    parted_down: Callable[[int, int], bool],
    parted_across: Callable[[int, int], bool],
    words: Sequence[Word],
    height: float,
) -> Grid:
    """Cells between the bounds; places with no border between them are one cell, if it is a rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    spans = {(r, c): (r, c, r, c) for r in range(rows) for c in range(columns)}

    def join(a: tuple[int, int], b: tuple[int, int]) -> None:
        top, left, bottom, right = (
            f(x, y) for f, x, y in zip((min, min, max, max), spans[a], spans[b], strict=True)
        )
        places = [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        if all(
            top <= spans[p][0] and left <= spans[p][1] and spans[p][2] <= bottom and spans[p][3] <= right
            for p in places
        ):
            spans.update(dict.fromkeys(places, (top, left, bottom, right)))

    for r in range(rows):
        for c in range(1, columns):
            if not parted_down(r, c):
                join((r, c - 1), (r, c))
    for r in range(1, rows):
        for c in range(columns):
            if not parted_across(r, c):
                join((r - 1, c), (r, c))
    cells = []
    for top, left, bottom, right in sorted(set(spans.values())):
        box = (xs[left], ys[top], xs[right + 1], ys[bottom + 1])
        held = [w for w in words if _middle_in(w.bbox, box)]
        cells.append(Cell(top, left, bottom - top + 1, right - left + 1, _text(held, height)))
    return Grid(rows, columns, tuple(cells))


def _border(mask: Pixels, at: float, start: float, stop: float, reach: int) -> bool:
    """Whether a side of a cell is drawn: `mask` has rules along its rows."""
    a, b = round(start) + reach, round(stop) - reach
    return _drawn(mask, at, a, max(b, a + 1, 1), reach) >= DRAWN


def _middle_in(box: Box, outer: Box) -> bool:
    x, y = center(box)
    return outer[0] <= x < outer[2] and outer[1] <= y < outer[3]


def _text(words: Sequence[Word], height: float) -> str:
    return " ".join(w.text for line in _lines(words, height) for w in line)
