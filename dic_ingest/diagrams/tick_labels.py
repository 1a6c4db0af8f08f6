"""What charts and bit fields are made of: numbers in even rows or columns, axes, boxes side by side."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.box import Box, grow, union

_NUMBER = re.compile(
    r"^[-+\u2212]?[$\u20ac]?\d[\d,.\s]*(?:[eE][-+]?\d+)?\s*(?:%|[kKMGTmn]?[a-zA-Z]{0,3})?$"
    r"|^\d{1,4}[-/:.]\d{1,2}(?:[-/:.]\d{1,4})?$|^(?:[A-Z][a-z]{2} )?\d{1,4}$|^\d{1,2} [A-Z][a-z]{2}$"
)


def is_number(text: str) -> bool:
    """Whether a text reads like a tick: a number, with a unit or not, a date, a time."""
    return _NUMBER.match(text.strip()) is not None


def extent(line: Line) -> Box:
    """Smallest box around a line."""
    xs, ys = [p[0] for p in line.points], [p[1] for p in line.points]
    return min(xs), min(ys), max(xs), max(ys)


def axes_of(scene: Scene, em: float) -> tuple[int, int]:
    """Numbers in the best even row and column together; how many of the two have a line beside them."""
    numbers = [t for t in scene.texts if is_number(t.text)]
    ticks = axes = 0
    for along in (0, 1):
        best = evenly(numbers, along, em)
        if len(best) >= 3:
            ticks += len(best)
            axes += axis_beside(scene, best, along, em) is not None
    return ticks, axes


def axis_beside(scene: Scene, ticks: Sequence[TextLine], along: int, em: float) -> Line | None:
    """The line that runs beside a row (along 0) or column (along 1) of tick labels."""
    around = grow(union(t.bbox for t in ticks), 1.8 * em)
    span = around[along + 2] - around[along] - 5 * em
    for k in scene.lines:
        b = extent(k)
        straight = b[3 - along] - b[1 - along] < 0.3 * em
        if (
            straight
            and b[along + 2] - b[along] > 0.8 * span
            and around[1 - along] < b[1 - along] < around[3 - along]
        ):
            return k
    return None


def cells_of(boxes: Sequence[Shape], em: float) -> int:
    """How many boxes stand in rows of three or more, border to border."""
    rows: defaultdict[tuple[int, int], list[Shape]] = defaultdict(list)
    for s in boxes:
        if s.kind in ("rect", "rounded", "other"):
            rows[round(s.bbox[1] / (0.5 * em)), round(s.bbox[3] / (0.5 * em))].append(s)
    found = 0
    for row in rows.values():
        row.sort(key=lambda s: s.bbox[0])
        touching = sum(abs(b.bbox[0] - a.bbox[2]) < 0.8 * em for a, b in pairwise(row))
        found += touching + 1 if touching >= 2 else 0
    return found


def evenly(numbers: Sequence[TextLine], along: int, em: float) -> list[TextLine]:
    """The longest run of numbers in one row (along 0) or column (along 1) whose spacing is even."""
    rows: defaultdict[int, list[TextLine]] = defaultdict(list)
    for t in numbers:
        middle = (t.bbox[1 - along] + t.bbox[3 - along]) / 2
        edge = t.bbox[2] if along == 1 else middle
        rows[round(edge / (0.5 * em))].append(t)
    best: list[TextLine] = []
    for key, row in rows.items():
        together = sorted(
            {id(t): t for t in [*row, *rows.get(key + 1, [])]}.values(), key=lambda t: t.bbox[along]
        )
        gaps = sorted(_center(b, along) - _center(a, along) for a, b in pairwise(together))
        if gaps and gaps[0] > 0.6 * gaps[len(gaps) // 2] and len(together) > len(best):
            best = together
    return best


def _center(t: TextLine, along: int) -> float:
    return (t.bbox[along] + t.bbox[along + 2]) / 2
