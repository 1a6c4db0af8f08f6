"""What each line end is attached to: a node, a group, free text, another line, or nothing.

In: lines, parts, free blocks of text. Out: the lines (broken ones re-joined) with a `Hit` for either
end. Ends touch first, then lines broken by a label or a crossing are joined, then ends are followed in
their direction.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dic_ingest.diagram import End
from dic_ingest.drawing import Point, grow
from dic_ingest.structure.assemble_icons import name_outside
from dic_ingest.structure.assemble_joins import rejoined, through_texts
from dic_ingest.structure.assemble_parts import Part, Role
from dic_ingest.structure.geometry import (
    bounds,
    box_gap,
    contains,
    corners,
    nearest,
    outline_distance,
    outward,
    ray_hit,
)
from dic_ingest.structure.scene import Line
from dic_ingest.structure.text_blocks import Block
from dic_ingest.structure.wires import Hit, To, Wire


def attach_lines(
    lines: list[Line], parts: list[Part], free: list[Block], grounds: list[Block], em: float
) -> list[Wire]:
    """Wires for the lines; `grounds` are labels with a background, which lines run under but never end at."""
    wires = [Wire(line) for line in lines]
    targets = _Targets(parts, em)
    _each_loose(
        wires, lambda tip, axis, mark: targets.touching(tip, axis, 1.0 if mark is not End.NONE else 0.7)
    )
    wires = rejoined(wires, [*free, *grounds], em)
    _attach_to_lines(wires, em)
    _each_loose(wires, lambda tip, axis, mark: _beyond_text(free, targets, tip, axis, mark, em))
    _each_loose(wires, lambda tip, axis, mark: _touched_text(free, tip, axis, em))
    _each_loose(wires, lambda tip, axis, mark: targets.ahead(tip, axis, 2.5))
    return through_texts(wires)


def _each_loose(wires: list[Wire], find: object) -> None:
    for wire in wires:
        for at_start in (True, False):
            if wire.hit(at_start) is None:
                axis = outward(wire.line.points, at_start, 4.0)
                wire.attach(at_start, find(wire.tip(at_start), axis, wire.mark(at_start)))  # type: ignore[operator]


class _Targets:
    """Nodes and groups that line ends can be attached to, found by their boxes."""

    def __init__(self, parts: list[Part], em: float) -> None:
        self.parts, self.em = parts, em
        ids = [i for i, p in enumerate(parts) if p.role in (Role.NODE, Role.GROUP)]
        boxes = [parts[i].box for i in ids]
        # lines also end at a name that is printed outside what it names
        self.names = {i: box for i in ids if (box := name_outside(parts[i])) is not None}
        self.ids = [*ids, *self.names]
        boxes = [*boxes, *self.names.values()] or [(0.0, 0.0, -1.0, -1.0)]
        self.boxes: npt.NDArray[np.float64] = np.array(boxes)

    def _near(self, p: Point, reach: float) -> list[int]:
        x, y = p
        b = self.boxes
        close = (
            (b[:, 0] - reach <= x) & (x <= b[:, 2] + reach) & (b[:, 1] - reach <= y) & (y <= b[:, 3] + reach)
        )
        return sorted({self.ids[int(k)] for k in np.flatnonzero(close) if self.ids})

    def touching(self, tip: Point, axis: Point, reach: float) -> Hit | None:
        """The node or group border at the tip; `reach` in text heights along the line's direction."""
        found = [
            (gap, i)
            for i in self._near(tip, reach * self.em)
            if (gap := self._gap(i, tip, axis, reach * self.em)) is not None
        ]
        if not found:
            return None
        gap, i = min(found)
        return Hit(To.PART, i, gap / self.em)

    def _gap(self, i: int, tip: Point, axis: Point, reach: float) -> float | None:
        part, em = self.parts[i], self.em
        outline = part.shape.polygon
        border = outline_distance(outline, tip)
        if part.role is Role.GROUP:
            return border + 0.15 * em if border <= 0.6 * em else None
        if contains(outline, tip):
            return 0.0 if border < 0.6 * em else 0.1 * border
        gaps = [_reached(outline, border, tip, axis, reach, em)]
        if i in self.names:
            box = corners(self.names[i])
            gaps.append(_reached(box, outline_distance(box, tip), tip, axis, reach, em))
        return min((g for g in gaps if g is not None), default=None)

    def ahead(self, tip: Point, axis: Point, reach: float) -> Hit | None:
        """The first node met in the line's direction."""
        hits: list[tuple[float, int]] = []
        for i in self._near(tip, reach * self.em):
            part = self.parts[i]
            if part.role is Role.NODE:
                outlines = [part.shape.polygon, *([corners(self.names[i])] if i in self.names else [])]
                found = [ray_hit(o, tip, axis, reach * self.em) for o in outlines]
                hits.extend((along, i) for along in found if along is not None)
        return Hit(To.PART, min(hits)[1], min(hits)[0] / self.em) if hits else None


def _reached(
    outline: tuple[Point, ...], border: float, tip: Point, axis: Point, reach: float, em: float
) -> float | None:
    """How far a line end outside an outline is from it; None where it does not lead there."""
    along = ray_hit(outline, tip, axis, reach)
    if along is None:
        return 1.2 * border if border <= 0.5 * em else None
    return min(along, 1.2 * border)


def _beyond_text(
    free: list[Block], targets: _Targets, tip: Point, axis: Point, mark: End, em: float
) -> Hit | None:
    """The node behind a label under which a line is lost: what ends bare within a text goes on."""
    if mark is not End.NONE:
        return None
    for block in free:
        x0, y0, x1, y1 = grow(block.box, -0.15 * em)
        if x0 < tip[0] < x1 and y0 < tip[1] < y1:
            through = ray_hit(corners(block.box), tip, axis, x1 - x0 + y1 - y0) or 0.0
            return targets.ahead(tip, axis, through / em + 2.5)
    return None


def _touched_text(free: list[Block], tip: Point, axis: Point, em: float) -> Hit | None:
    hits = []
    for i, block in enumerate(free):
        box = grow(block.box, 0.1 * em)
        gap = box_gap(box, tip)
        if gap > 1.3 * em:
            continue
        along = ray_hit(corners(box), tip, axis, 1.3 * em)
        if along is not None or gap < 0.25 * em:
            hits.append((gap if along is None else min(along, gap + 0.2 * em), i))
    return Hit(To.TEXT, min(hits)[1], min(hits)[0] / em) if hits else None


def _attach_to_lines(wires: list[Wire], em: float) -> None:
    """Loose ends that lie on another line: junctions."""
    if not wires:
        return
    boxes = np.array([bounds(w.line.points) for w in wires])
    for i, wire in enumerate(wires):
        for at_start in (True, False):
            if wire.hit(at_start) is not None:
                continue
            x, y = wire.tip(at_start)
            reach = max(0.35 * em, 1.5 * wire.line.width)
            b = boxes
            close = (
                (b[:, 0] - reach <= x)
                & (x <= b[:, 2] + reach)
                & (b[:, 1] - reach <= y)
                & (y <= b[:, 3] + reach)
            )
            gaps = [
                (nearest(wires[int(k)].line.points, (x, y))[0], int(k))
                for k in np.flatnonzero(close)
                if k != i
            ]
            gaps = [g for g in gaps if g[0] <= reach]
            if gaps:
                wire.attach(at_start, Hit(To.LINE, min(gaps)[1], min(gaps)[0] / em))
