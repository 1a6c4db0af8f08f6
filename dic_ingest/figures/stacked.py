"""Charts that stand one under the other without captions, each under a title of its own, told apart.

In: a region that no caption holds, and its page. Out: a region per chart; the region itself where it is not
a stack. Only charts are parted: on both sides of the title numbers must stand at even steps, as axes have
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from dic_ingest.drawing import Box, Word, inside, union
from dic_ingest.figures.lines import Line
from dic_ingest.figures.marks import Mark
from dic_ingest.figures.pieces import Piece
from dic_ingest.figures.regions import Region
from dic_ingest.figures.view import PageView
from dic_ingest.structure.kinds_axes import evenly, is_number
from dic_ingest.structure.scene import TextLine

LARGER = 1.15  # times the usual size of the labels: a title
LEAST_HIGH = 0.08  # of the page: a chart
SLACK = 2.0  # points


def parted(region: Region, view: PageView) -> list[Region]:
    """The charts of a stack, from top to bottom."""
    words = [w for w in view.drawing.words if inside(w.bbox, region.bbox, 0.6)]
    if len(words) < 12 or region.icons_only:
        return [region]
    cuts: list[float] = []
    for title in _titles(region, view, words):
        top = cuts[-1] if cuts else region.bbox[1] - SLACK
        y = title.bbox[1] - SLACK
        high = LEAST_HIGH * view.page.height
        if y - top > high and region.bbox[3] - y > high and _charts(words, top, y, region.bbox[3]):
            cuts.append(y)
    if not cuts:
        return [region]
    edges = [region.bbox[1] - SLACK, *cuts, region.bbox[3] + SLACK]
    return [_between(region, a, b) for a, b in pairwise(edges)]


def _titles(region: Region, view: PageView, words: Sequence[Word]) -> list[Line]:
    """Large lines with nothing drawn beside them but what underlines them, top to bottom."""
    usual = median(w.bbox[3] - w.bbox[1] for w in words)
    large = [
        line
        for line in view.lines
        if line.upright
        and inside(line.bbox, region.bbox, 0.6)
        and line.bbox[3] - line.bbox[1] > LARGER * usual
        and not is_number(line.text)
    ]
    return [k for k in large if not any(_beside(m, k.bbox) for m in region.marks)]


def _beside(mark: Mark, title: Box) -> bool:
    """Whether a mark reaches into a title's strip of the page; its own underline does not count."""
    x0, y0, x1, y1 = mark.bbox
    if y1 < title[1] + SLACK or y0 > title[3] - SLACK:
        return False
    return not (mark.thin and y1 - y0 < SLACK and x0 > title[0] - 6 and x1 < title[2] + 6)


def _charts(words: Sequence[Word], top: float, y: float, bottom: float) -> bool:
    return all(_has_axis([w for w in words if a <= w.bbox[1] < b]) for a, b in ((top, y), (y, bottom)))


def _has_axis(words: Sequence[Word]) -> bool:
    """Whether three numbers or more stand at even steps in a row or column."""
    numbers = [TextLine(w.text, w.bbox) for w in words if is_number(w.text)]
    if len(numbers) < 3:
        return False
    em = median(t.bbox[3] - t.bbox[1] for t in numbers)
    return any(len(evenly(numbers, along, em)) >= 3 for along in (0, 1))


def _between(region: Region, top: float, bottom: float) -> Region:
    """The part of a region whose marks and labels begin between two heights."""
    pieces = []
    for piece in region.pieces:
        marks = tuple(m for m in piece.marks if top <= m.bbox[1] < bottom)
        if marks:
            pieces.append(Piece(union(m.bbox for m in marks), marks))
    labels = tuple(line for line in region.labels if top <= line.bbox[1] < bottom)
    boxes = [p.bbox for p in pieces] + [line.bbox for line in labels]
    return replace(region, bbox=union(boxes), pieces=tuple(pieces), labels=labels)
