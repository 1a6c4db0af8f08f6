"""Loops back to the sender that arrive in pieces: an arm out, an arm back with the head, the turn lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.diagram import End
from dic_ingest.drawing import Point
from dic_ingest.structure.scene import Line
from dic_ingest.structure.sequence_columns import Column

_HEADS = (End.ARROW, End.TRIANGLE, End.CROSS)
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
    return arm[1].start in _HEADS


def _facing(a: Line, b: Line, em: float) -> bool:
    """Whether two arms reach out to the same place, one over the other."""
    apart = abs(a.points[0][1] - b.points[0][1])
    return 0.4 * em < apart < 3.5 * em and abs(a.points[-1][0] - b.points[-1][0]) < 1.5 * em
