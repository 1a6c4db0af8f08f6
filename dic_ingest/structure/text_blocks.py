"""Lines of text as blocks: what reads on from one line to the next, in the order in which it is read.

In: lines of text. Out: `Block`s and joined strings. Which block labels what is decided elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from dic_ingest.drawing import Box, union
from dic_ingest.structure.scene import TextLine


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of text that are one label. `ground`: the part that it is printed on, if any."""

    lines: tuple[TextLine, ...]
    ground: int | None = None

    @property
    def text(self) -> str:
        """The label, lines joined by spaces."""
        return read_on(self.lines)

    @property
    def box(self) -> Box:
        """Around all lines."""
        return union(t.bbox for t in self.lines)

    @property
    def size(self) -> float:
        """Largest text size."""
        return max(t.size for t in self.lines)


def rows(lines: Iterable[TextLine]) -> list[list[TextLine]]:
    """Lines in reading order, those beside one another in one row."""
    ordered = sorted(lines, key=_place)
    found: list[list[TextLine]] = []
    for line in ordered:
        last = found[-1][0] if found else None
        if last is not None and last.angle == line.angle and _beside(last.bbox, line.bbox, line.angle):
            found[-1].append(line)
        else:
            found.append([line])
    for row in found:
        row.sort(key=_along)
    return found


def read_on(lines: Iterable[TextLine]) -> str:
    """The lines as one string in reading order, joined by spaces."""
    return " ".join(t.text for row in rows(lines) for t in row)


def blocks(lines: list[TextLine]) -> list[Block]:
    """Lines that stand close below one another, alike in size and turn, as one block."""
    group = list(range(len(lines)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    order = sorted(range(len(lines)), key=lambda i: lines[i].bbox[1])
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            if lines[j].bbox[1] > lines[i].bbox[3] + 2 * lines[i].size and lines[i].angle == 0:
                break
            if _reads_on(lines[i], lines[j]):
                group[root(j)] = root(i)
    members: dict[int, list[TextLine]] = {}
    for i, line in enumerate(lines):
        members.setdefault(root(i), []).append(line)
    return [Block(tuple(m)) for m in members.values()]


def _reads_on(a: TextLine, b: TextLine) -> bool:
    if a.angle != b.angle or min(a.size, b.size) < 0.8 * max(a.size, b.size):
        return False
    size = max(a.size, b.size)
    p, q = _frame(a), _frame(b)
    if p[1] > q[1]:
        p, q = q, p
    gap = q[1] - p[3]
    shared = min(p[2], q[2]) - max(p[0], q[0])
    if not -0.6 * size < gap < 0.55 * size or shared < 0.25 * min(p[2] - p[0], q[2] - q[0]):
        return False
    left = abs(p[0] - q[0]) < 0.6 * size
    middle = abs(p[0] + p[2] - q[0] - q[2]) / 2 < 0.8 * size
    return left or middle or abs(p[2] - q[2]) < 0.6 * size


def _frame(line: TextLine) -> Box:
    """The line's box as if its text ran to the right."""
    x0, y0, x1, y1 = line.bbox
    if line.angle == 90:
        return y0, -x1, y1, -x0
    if line.angle == 270:
        return -y1, x0, -y0, x1
    return x0, y0, x1, y1


def _place(line: TextLine) -> tuple[float, float, float]:
    x0, y0, _, _ = _frame(line)
    return line.angle, math.floor(y0 * 2) / 2, x0


def _along(line: TextLine) -> float:
    return _frame(line)[0]


def _beside(a: Box, b: Box, angle: float) -> bool:
    if angle in (90.0, 270.0):
        low, high, small = max(a[0], b[0]), min(a[2], b[2]), min(a[2] - a[0], b[2] - b[0])
    else:
        low, high, small = max(a[1], b[1]), min(a[3], b[3]), min(a[3] - a[1], b[3] - b[1])
    return high - low > 0.5 * small
