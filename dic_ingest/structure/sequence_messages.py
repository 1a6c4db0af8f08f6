"""Messages of a sequence diagram: arrows between lifelines, and loops back to the same one.

In: the Scene's lines and the columns. Out: messages from top to bottom, without their labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.diagram import End
from dic_ingest.drawing import Box, Point
from dic_ingest.structure.scene import Line, Scene, Shape, TextLine
from dic_ingest.structure.sequence_columns import Column, is_upright, texts_in
from dic_ingest.structure.sequence_loops import join_loops
from dic_ingest.structure.sequence_mending import has_head, is_flat, mended_lines


@dataclass(slots=True)
class Message:
    """An arrow. `source` or `target` is None where it comes from or goes to nobody drawn."""

    source: Column | None
    target: Column | None
    line: Line
    box: Box  # of the line
    start: End
    end: End
    texts: list[TextLine] = field(default_factory=list)

    @property
    def own(self) -> bool:
        """Whether it goes back to its sender."""
        return self.source is not None and self.source is self.target

    @property
    def y(self) -> float:
        """Where it leaves."""
        return self.line.points[0][1]


def find_messages(scene: Scene, columns: Sequence[Column], em: float) -> list[Message]:
    """Every line that runs between lifelines, ordered from top to bottom."""
    finder = _Finder(columns, em)
    lines = join_loops(mended_lines(scene, em), columns, em)
    found = [m for line in lines if (m := finder.message(line)) is not None]
    found += [m for s in scene.shapes if (m := finder.ring(s, scene)) is not None]
    found.sort(key=lambda m: (m.box[1] if m.own else min(m.box[1], m.y), m.box[0]))
    return _with_returns(_without_twins(found, em))


class _Finder:
    def __init__(self, columns: Sequence[Column], em: float) -> None:
        self.columns, self.em = columns, em

    def message(self, line: Line) -> Message | None:
        if len(line.points) < 2 or is_upright(line, self.em):
            return None
        first, last = self._touched(line.points[0]), self._touched(line.points[-1])
        box = _box(line)
        if self._is_loop(line, first, last, box):
            return self._turned(Message(first[0], first[0], line, box, line.start, line.end))
        if not is_flat(line, self.em):
            return None
        return self._straight(line, first, last, box)

    def _is_loop(
        self, line: Line, first: tuple[Column | None, float], last: tuple[Column | None, float], box: Box
    ) -> bool:
        wide, high = box[2] - box[0], box[3] - box[1]
        home = first[0]
        if home is None or box[1] < home.top - 0.2 * self.em or box[3] > home.bottom + 0.2 * self.em:
            return False  # limbs of a stick figure
        same = home is last[0] and max(first[1], last[1]) <= 1.5 * self.em
        return same and high > 0.25 * self.em and wide > 0.6 * self.em and not is_flat(line, self.em)

    def ring(self, shape: Shape, scene: Scene) -> Message | None:
        """A loop without a head whose two ends meet on the lifeline, so that it reads as an outline."""
        left, top, right, bottom = shape.bbox
        size = right - left, bottom - top
        if shape.fill is not None or texts_in(shape.bbox, scene.texts) or shape.kind in ("rect", "circle"):
            return None
        if not (self.em < size[0] < 8 * self.em and 0.4 * self.em < size[1] < 4 * self.em):
            return None
        home = next(
            (c for c in self.columns if abs(c.x - left) <= 0.3 * self.em and c.top < top < c.bottom), None
        )
        if home is None:
            return None
        points = ((left, top), (right, (top + bottom) / 2), (left, bottom))
        line = Line(points, dashed=shape.dashed, color=shape.stroke, order=shape.order, score=0.6)
        return Message(home, home, line, shape.bbox, End.NONE, End.NONE)

    def _straight(
        self, line: Line, first: tuple[Column | None, float], last: tuple[Column | None, float], box: Box
    ) -> Message | None:
        headed = has_head(line.start) or has_head(line.end)
        limit = self._slack(box) if headed else (0.4 if line.dashed else 0.7) * self.em
        source = first[0] if first[1] <= limit else None
        target = last[0] if last[1] <= limit else None
        if source is target or (not headed and None in (source, target)):
            return None
        if headed and None in (source, target) and not self._lost(line, source, target):
            return None
        return self._turned(Message(source, target, line, box, line.start, line.end))

    def _slack(self, box: Box) -> float:
        """Sloppy drawings stop short of the lifeline; a long arrow may do so further."""
        return max(1.0 * self.em, min(2.5 * self.em, 0.2 * (box[2] - box[0])))

    def _lost(self, line: Line, source: Column | None, target: Column | None) -> bool:
        """A message to or from nobody still has its head on the right side of a lifeline."""
        known = source or target
        wide = abs(line.points[0][0] - line.points[-1][0])
        return known is not None and wide > 1.5 * self.em

    def _touched(self, point: Point) -> tuple[Column | None, float]:
        """The column nearest to a line's end at that height, and how far off it is."""
        x, y = point
        best: tuple[Column | None, float] = (None, float("inf"))
        for c in self.columns:
            if c.top - 1.5 * self.em <= y <= c.bottom + 1.5 * self.em:
                left, right = c.reach(y, 0.3 * self.em)
                off = max(left - x, x - right, 0.0)
            elif c.head[1] <= y <= c.head[3]:
                off = max(c.head[0] - x, x - c.head[2], 0.0)
            else:
                continue
            if c.head[0] <= x <= c.head[2] and c.head[1] <= y <= c.head[3]:
                off = 0.0
            if off < best[1] or (off == best[1] and best[0] and abs(c.x - x) < abs(best[0].x - x)):
                best = c, off
        return best

    def _turned(self, m: Message) -> Message:
        """From tail to head; a line headed on neither end, and one on both, as drawn."""
        backward = has_head(m.start) and not has_head(m.end)
        if m.own and has_head(m.start) == has_head(m.end):
            backward = m.line.points[0][1] > m.line.points[-1][1]
        if not backward:
            return m
        line = replace(m.line, points=m.line.points[::-1], start=m.line.end, end=m.line.start)
        return Message(m.target, m.source, line, m.box, m.end, m.start)


def _box(line: Line) -> Box:
    xs, ys = [p[0] for p in line.points], [p[1] for p in line.points]
    return min(xs), min(ys), max(xs), max(ys)


def _with_returns(found: list[Message]) -> list[Message]:
    """A dashed line whose head was not seen answers the last message between the same two."""
    asked: dict[tuple[int, int], bool] = {}
    for m in found:
        if m.source is None or m.target is None or m.own:
            continue
        pair = min(id(m.source), id(m.target)), max(id(m.source), id(m.target))
        forth = id(m.source) == pair[0]
        bare = m.line.dashed and not has_head(m.start) and not has_head(m.end)
        if bare and asked.get(pair) == forth:
            m.source, m.target, forth = m.target, m.source, not forth
        asked[pair] = forth
    return found


def _without_twins(found: Sequence[Message], em: float) -> list[Message]:
    """Strokes drawn twice over each other (sketched looks) are one message."""
    kept: list[Message] = []
    for m in found:
        twin = next(
            (
                k
                for k in kept[-6:]
                if k.source is m.source
                and k.target is m.target
                and abs(k.box[1] - m.box[1]) + abs(k.box[3] - m.box[3]) < 0.4 * em
                and abs(k.box[0] - m.box[0]) + abs(k.box[2] - m.box[2]) < 1.5 * em
            ),
            None,
        )
        if twin is None:
            kept.append(m)
    return kept
