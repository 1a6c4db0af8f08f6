"""Bit fields and packet layouts: rows of cells with bit numbers above them, as nodes in reading order.

In: a Scene. Out: a Diagram of kind TIMING whose nodes are the fields, each with a member "bits 0-15" where
the numbers tell it. Waveforms are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.diagrams.scene import Scene, Shape, TextLine
from dic_ingest.diagrams.sequence.lifelines import texts_in
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.model.box import Box, area, center
from dic_ingest.model.diagram import Diagram, Kind, Node


@dataclass(frozen=True, slots=True)
class _Cell:
    box: Box
    label: str


def read_fields(scene: Scene) -> Diagram:
    """The fields, row by row; a diagram without nodes where no cells stand side by side."""
    em = text_height(scene)
    rows = _rows(_cells(scene), em)
    if not rows:
        return Diagram(Kind.TIMING)
    used = {id(t) for s in scene.shapes for t in texts_in(s.bbox, scene.texts)}
    numbers = [n for t in scene.texts if id(t) not in used for n in _numbers(t)]
    ruler = _ruler(numbers, rows[0], em)
    nodes: list[Node] = []
    for row in rows:
        for cell in row:
            bits = _own_bits(cell, numbers, em) or (ruler.bits(cell.box) if ruler else None)
            members = (_said(bits),) if bits else ()
            nodes.append(Node(f"n{len(nodes) + 1}", cell.label, "rect", members, None, cell.box))
    top = min(c.box[1] for c in rows[0])
    above = [t for t in scene.texts if t.bbox[3] < top - em and not t.text.strip().isdigit()]
    title = " ".join(t.text for t in sorted(above, key=lambda t: t.bbox[1]))
    return Diagram(Kind.TIMING, tuple(nodes), title=title, direction="LR")


def _numbers(t: TextLine) -> list[TextLine]:
    """The whole numbers of a line of nothing else ("15 16"), each in its place."""
    words = t.text.split()
    if not words or not all(w.isdigit() and len(w) < 7 for w in words):
        return []
    x0, y0, x1, y1 = t.bbox
    step = (x1 - x0) / (sum(map(len, words)) + len(words) - 1)
    found, at = [], x0
    for w in words:
        found.append(TextLine(w, (at, y0, at + step * len(w), y1), t.size))
        at += step * (len(w) + 1)
    return found


def _cells(scene: Scene) -> list[_Cell]:
    """Outlines with text that hold no other such outline."""
    boxes: list[tuple[Shape, list[TextLine]]] = [
        (s, held) for s in scene.shapes if s.kind != "icon" and (held := texts_in(s.bbox, scene.texts))
    ]
    found = []
    for s, held in boxes:
        parts = [
            o
            for o, _ in boxes
            if o is not s and area(o.bbox) < 0.9 * area(s.bbox) and _within(o.bbox, s.bbox)
        ]
        if not parts:
            found.append(_Cell(s.bbox, " ".join(t.text for t in held)))
    return found


def _within(inner: Box, outer: Box) -> bool:
    x, y = center(inner)
    return outer[0] < x < outer[2] and outer[1] < y < outer[3]


def _rows(cells: Sequence[_Cell], em: float) -> list[list[_Cell]]:
    """Cells of one height, left to right; rows of a single cell count where others stand side by side."""
    rows: list[list[_Cell]] = []
    for c in sorted(cells, key=lambda c: (c.box[1], c.box[0])):
        row = next((r for r in rows if abs(r[0].box[1] - c.box[1]) < 0.4 * em), None)
        if row is None:
            rows.append([c])
        else:
            row.append(c)
    for row in rows:
        row.sort(key=lambda c: c.box[0])
    return rows if any(len(r) >= 2 for r in rows) else []


@dataclass(frozen=True, slots=True)
class _Ruler:
    """A row of bit numbers above all rows: bit = (x - start) / step; numbers may run either way."""

    start: float  # coordinate where the first bit's cell begins
    step: float
    first: int
    sign: int

    def bits(self, box: Box) -> tuple[int, int] | None:
        """First and last bit of a cell."""
        a, b = round((box[0] - self.start) / self.step), round((box[2] - self.start) / self.step) - 1
        return (self.first + self.sign * a, self.first + self.sign * b) if b >= a else None


def _ruler(numbers: Sequence[TextLine], row: Sequence[_Cell], em: float) -> _Ruler | None:
    """The ruler right above the first row; each number stands over the middle of its bit."""
    top, left, right = row[0].box[1], row[0].box[0], row[-1].box[2]
    over = [
        t for t in numbers if -0.5 * em <= top - t.bbox[3] <= 1.6 * em and left - em < t.bbox[0] < right + em
    ]
    marks = sorted(((t.bbox[0] + t.bbox[2]) / 2, int(t.text)) for t in over)
    if len(marks) < 3 or marks[0][1] == marks[-1][1]:
        return None
    (x0, v0), (x1, v1) = marks[0], marks[-1]
    step = (x1 - x0) / abs(v1 - v0)
    even = all(abs(x0 + abs(v - v0) * step - x) < 0.6 * step + 1 for x, v in marks)
    return _Ruler(x0 - step / 2, step, v0, 1 if v1 > v0 else -1) if even and step > 0 else None


def _own_bits(cell: _Cell, numbers: Sequence[TextLine], em: float) -> tuple[int, int] | None:
    """Numbers printed right above the cell's own two corners."""
    x0, y0, x1, _ = cell.box
    above = [t for t in numbers if -0.4 * em <= y0 - t.bbox[3] <= 0.9 * em]
    inside = [t for t in above if x0 - 0.3 * em <= (t.bbox[0] + t.bbox[2]) / 2 <= x1 + 0.3 * em]
    inside.sort(key=lambda t: t.bbox[0])
    if not inside or len(inside) > 2:
        return None
    first, last = inside[0], inside[-1]
    at_left = abs(first.bbox[0] - x0) < 0.8 * em
    at_right = abs(last.bbox[2] - x1) < 0.8 * em
    narrow = x1 - x0 < 3 * em
    if (len(inside) == 2 and at_left and at_right) or (len(inside) == 1 and narrow):
        return int(first.text), int(last.text)
    return None


def _said(bits: tuple[int, int]) -> str:
    return f"bit {bits[0]}" if bits[0] == bits[1] else f"bits {bits[0]}-{bits[1]}"
