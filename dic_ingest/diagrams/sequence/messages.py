"""Messages of a sequence diagram: arrows between lifelines and loops back to the same one, whole again
where parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.diagrams.sequence.lifelines import Column, is_upright, texts_in
from dic_ingest.model.box import Box, Point, grow, height_of, inside, overlap, size_of, width_of
from dic_ingest.model.diagram import End

# Lines of a sequence diagram made whole: parted by labels or crossings, a box's border, heads apart.


_HEADS = (End.ARROW, End.TRIANGLE, End.CROSS, End.MANY, End.FILLED_DIAMOND)


def is_flat(line: Line, em: float) -> bool:
    """Whether the line is straight and rather level."""
    (x0, y0), (x1, y1) = line.points[0], line.points[-1]
    wide = abs(x1 - x0)
    if wide < 0.8 * em or abs(y1 - y0) > 0.6 * wide:
        return False
    slope = (y1 - y0) / (x1 - x0)
    return all(abs(y - y0 - slope * (x - x0)) <= 0.3 * em for x, y in line.points)


def has_head(end: End) -> bool:
    """Whether the end is drawn as one that a message goes to."""
    return end in _HEADS


def completed_lines(scene: Scene, em: float) -> list[Line]:
    """All lines, level ones put together and given the heads that stand at their ends."""
    flat = [k for k in scene.lines if is_flat(k, em)]
    level = sorted([*flat, *_borders(scene, flat, em)], key=lambda k: (_left(k)[0], _left(k)[1]))
    done: list[Line] = []
    for line in level:
        ltr = _rightward(line)
        left = next((d for d in done if _parted(_rightward(d), ltr, scene.texts, em)), None)
        if left is None:
            done.append(line)
        else:
            done.remove(left)
            whole = (_rightward(left).points[0], ltr.points[-1])
            done.append(replace(_rightward(left), points=whole, end=ltr.end))
    loose = _loose_heads(scene, em)
    return [_with_heads(k, loose, em) for k in done] + [k for k in scene.lines if not is_flat(k, em)]


def _borders(scene: Scene, flat: Sequence[Line], em: float) -> list[Line]:
    """Level borders of a box that run on as lines on a side: two arrows with a label between, no box."""
    ends = [p for k in flat for p in (k.points[0], k.points[-1])]
    found: list[Line] = []
    for s in scene.shapes:
        x0, y0, x1, y1 = s.bbox
        if y1 - y0 > 4 * em or x1 - x0 < em or not texts_in(s.bbox, scene.texts):
            continue
        top, bottom = (_run_on((x0, y), (x1, y), ends, em) for y in (y0, y1))
        if top and bottom:
            found += [_border(s, y0), _border(s, y1)]
    return found


def _run_on(a: Point, b: Point, ends: Sequence[Point], em: float) -> bool:
    return any(abs(x - p[0]) < 0.8 * em and abs(y - p[1]) < 0.2 * em for x, y in ends for p in (a, b))


def _border(s: Shape, y: float) -> Line:
    return Line(((s.bbox[0], y), (s.bbox[2], y)), dashed=s.dashed, color=s.stroke, order=s.order, score=0.5)


def _loose_heads(scene: Scene, em: float) -> list[Box]:
    """Heads that are outlines of their own, and heads read as the end of the lifeline that they touch."""
    small = [
        s.bbox
        for s in scene.shapes
        if s.kind in ("triangle", "other") and max(width_of(s.bbox), height_of(s.bbox)) < 1.4 * em
    ]
    for k in scene.lines:
        if is_upright(k, em):
            small += [(*p, *p) for p, end in ((k.points[0], k.start), (k.points[-1], k.end)) if has_head(end)]
    return small


def _with_heads(line: Line, loose: Sequence[Box], em: float) -> Line:
    """A bare line with the heads that stand at its ends."""
    if has_head(line.start) or has_head(line.end):
        return line
    at = [any(inside((*p, *p), grow(b, 0.4 * em)) for b in loose) for p in (line.points[0], line.points[-1])]
    return replace(line, start=End.ARROW if at[0] else line.start, end=End.ARROW if at[1] else line.end)


def _left(line: Line) -> Point:
    return min(line.points)


def _rightward(line: Line) -> Line:
    if line.points[0][0] <= line.points[-1][0]:
        return line
    return replace(line, points=line.points[::-1], start=line.end, end=line.start)


def _parted(left: Line, right: Line, texts: Sequence[TextLine], em: float) -> bool:
    """Whether two level lines are one: no head between them, and hardly a gap, or a text in it."""
    (x0, y0), (x1, y1) = left.points[-1], right.points[0]
    if left.end is not End.NONE or right.start is not End.NONE or abs(y0 - y1) > 0.25 * em:
        return False
    if has_head(left.start) and has_head(right.end):
        return False  # two messages that part ways at a lifeline
    if -0.3 * em <= x1 - x0 <= 0.8 * em:
        return True
    gap = (x0, y0 - 0.2 * em, x1, y0 + 0.2 * em)
    return x1 - x0 > 0.5 * em and any(overlap(t.bbox, gap) >= 0.6 * (x1 - x0) * 0.4 * em for t in texts)


# Loops back to the sender that arrive in pieces: an arm out, an arm back with the head, the turn lost.


_SEQUENCE_LOOPS_HEADS = (End.ARROW, End.TRIANGLE, End.CROSS)
_LONGEST = 6.0  # text heights that a loop reaches out


def join_loops(lines: Sequence[Line], columns: Sequence[Column], em: float) -> list[Line]:
    """The lines, with every pair of arms put together as one line from the lifeline and back to it."""
    arms = {id(k): arm for k in lines if (arm := _arm(k, columns, em)) is not None}
    used: set[int] = set()
    loops: list[Line] = []
    for back in lines:
        if id(back) not in arms or id(back) in used or not _headed(arms[id(back)]):
            continue
        column, home = arms[id(back)]
        out = [
            k
            for k in lines
            if id(k) in arms
            and id(k) not in used
            and k is not back
            and arms[id(k)][0] is column
            and not _headed(arms[id(k)])
            and _facing(arms[id(k)][1], home, em)
        ]
        if out:
            other = min(out, key=lambda k: abs(arms[id(k)][1].points[0][1] - home.points[0][1]))
            used |= {id(back), id(other)}
            points = (*arms[id(other)][1].points, *home.points[::-1])
            loops.append(replace(back, points=points, start=End.NONE, end=home.start))
    return [k for k in lines if id(k) not in used] + loops


def _arm(line: Line, columns: Sequence[Column], em: float) -> tuple[Column, Line] | None:
    """The lifeline that a short line leaves, and the line from there; None if both ends or none touch one."""
    first, last = line.points[0], line.points[-1]
    wide = abs(first[0] - last[0])
    if not 0.6 * em < wide < _LONGEST * em or abs(first[1] - last[1]) > 0.6 * em:
        return None
    near, far = _touched(first, columns, em), _touched(last, columns, em)
    if near is not None and far is None:
        return near, line
    if far is not None and near is None:
        return far, replace(line, points=line.points[::-1], start=line.end, end=line.start)
    return None


def _touched(p: Point, columns: Sequence[Column], em: float) -> Column | None:
    for c in columns:
        left, right = c.reach(p[1], 0.3 * em)
        if left - 0.7 * em <= p[0] <= right + 0.7 * em and c.top < p[1] < c.bottom:
            return c
    return None


def _headed(arm: tuple[Column, Line]) -> bool:
    return arm[1].start in _SEQUENCE_LOOPS_HEADS


def _facing(a: Line, b: Line, em: float) -> bool:
    """Whether two arms reach out to the same place, one over the other."""
    apart = abs(a.points[0][1] - b.points[0][1])
    return 0.4 * em < apart < 3.5 * em and abs(a.points[-1][0] - b.points[-1][0]) < 1.5 * em


# Messages of a sequence diagram: arrows between lifelines, and loops back to the same one.


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
    lines = join_loops(completed_lines(scene, em), columns, em)
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
        wide, high = size_of(box)
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
        return max(1.0 * self.em, min(2.5 * self.em, 0.2 * width_of(box)))

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
