"""Lines of a sequence diagram made whole: parted by labels or crossings, a box's border, heads apart.

In: a Scene as it was read, faults and all. Out: its lines, level ones mended; what is whole stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.diagram import End
from dic_ingest.drawing import Box, Point, grow, inside, overlap
from dic_ingest.structure.scene import Line, Scene, Shape, TextLine
from dic_ingest.structure.sequence_columns import is_upright, texts_in

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


def mended_lines(scene: Scene, em: float) -> list[Line]:
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
        if s.kind in ("triangle", "other") and max(s.bbox[2] - s.bbox[0], s.bbox[3] - s.bbox[1]) < 1.4 * em
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
