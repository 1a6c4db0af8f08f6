"""What each line end is attached to (a node, a group, free text, another line, nothing), and lines drawn
in two pieces joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.graph.icon_names import name_outside
from dic_ingest.diagrams.graph.line_courses import halves, stem_of
from dic_ingest.diagrams.scene import Line
from dic_ingest.diagrams.text_blocks import TextBlock
from dic_ingest.model.box import Point, box_gap, corners, grow
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import (
    angle_between,
    bounds,
    contains,
    distance,
    length,
    nearest,
    outline_distance,
    outward,
    ray_hit,
)

# Lines with what their two ends are attached to.


class To(StrEnum):
    """What kind of thing a line end is attached to."""

    PART = "part"  # a node or a group
    TEXT = "text"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A line end's attachment: `index` into the parts, blocks or lines; `gap` in text heights."""

    to: To
    index: int
    gap: float


@dataclass(slots=True)
class Wire:
    """A line with what its two ends are attached to."""

    line: Line
    start: Attachment | None = None
    end: Attachment | None = None

    def tip(self, at_start: bool) -> Point:
        """The start or end point."""
        return self.line.points[0 if at_start else -1]

    def hit(self, at_start: bool) -> Attachment | None:
        """The attachment of the start or the end."""
        return self.start if at_start else self.end

    def attach(self, at_start: bool, hit: Attachment | None) -> None:
        """Set the attachment of the start or the end."""
        if at_start:
            self.start = hit
        else:
            self.end = hit

    def mark(self, at_start: bool) -> End:
        """What is drawn at the start or the end."""
        return self.line.start if at_start else self.line.end


# Lines that were drawn in two pieces, made one: over a label, over a crossing.


CUT = 0.3  # text heights between a label and the ends of a line that it was laid over


def rejoined(wires: list[Wire], labels: list[TextBlock], em: float) -> list[Wire]:
    """Two loose ends that face each other over a label or a short gap become one line."""
    loose = [(i, s) for i, w in enumerate(wires) for s in (True, False) if _is_loose(w, s)]
    pairs = []
    for n, a in enumerate(loose[:400]):
        for b in loose[n + 1 : 400]:
            cost = _facing(wires, a, b, labels, em) if a[0] != b[0] else None
            if cost is not None:
                pairs.append((cost, a, b))
    pairs.sort()
    taken: set[tuple[int, bool]] = set()
    replaced: dict[int, int] = {}
    result: list[Wire | None] = list(wires)
    for _, (i, si), (j, sj) in pairs:
        if (i, si) in taken or (j, sj) in taken:
            continue
        p, q = _latest(i, replaced), _latest(j, replaced)
        first, second = result[p], result[q]
        if p == q or first is None or second is None:
            continue
        if _holds_tip(first, wires[i].tip(si)) is None or _holds_tip(second, wires[j].tip(sj)) is None:
            continue
        taken |= {(i, si), (j, sj)}
        result[p] = _merge(first, wires[i].tip(si), second, wires[j].tip(sj))
        result[q] = None
        replaced[q] = p
    return [w for w in result if w is not None]


def through_texts(wires: list[Wire]) -> list[Wire]:
    """A text between two unmarked ends of lines that come from nodes is their label: they are one line."""
    at: dict[int, list[tuple[int, bool]]] = {}
    for i, wire in enumerate(wires):
        for s in (True, False):
            hit = wire.hit(s)
            if hit is not None and hit.to is To.TEXT:
                at.setdefault(hit.index, []).append((i, s))
    gone: set[int] = set()
    for ends in at.values():
        if len(ends) != 2 or ends[0][0] == ends[1][0] or gone & {i for i, _ in ends}:
            continue
        (i, si), (j, sj) = ends
        others = wires[i].hit(not si), wires[j].hit(not sj)
        facing = angle_between(outward(wires[i].line.points, si, 4.0), outward(wires[j].line.points, sj, 4.0))
        bare = wires[i].mark(si) is End.NONE and wires[j].mark(sj) is End.NONE
        # where a line turns under its label the two pieces end right at it, and one leads on
        one_way = (wires[i].mark(not si) is End.NONE) != (wires[j].mark(not sj) is End.NONE)
        cut = one_way and facing > 60 and all(h.gap < CUT for w, s in ends if (h := wires[w].hit(s)))
        if bare and (facing > 120 or cut) and all(h is not None and h.to is To.PART for h in others):
            wires[i].attach(si, None)
            wires[j].attach(sj, None)
            wires[i] = _merge(wires[i], wires[i].tip(si), wires[j], wires[j].tip(sj))
            gone.add(j)
    return _without(wires, gone)


def _without(wires: list[Wire], gone: set[int]) -> list[Wire]:
    """The wires but those gone; attachments to lines follow the new numbering."""
    if not gone:
        return wires
    number = {old: new for new, old in enumerate(i for i in range(len(wires)) if i not in gone)}
    kept = [w for i, w in enumerate(wires) if i not in gone]
    for wire in kept:
        for s in (True, False):
            hit = wire.hit(s)
            if hit is not None and hit.to is To.LINE:
                wire.attach(s, replace(hit, index=number[hit.index]) if hit.index in number else None)
    return kept


def _latest(i: int, replaced: dict[int, int]) -> int:
    while i in replaced:
        i = replaced[i]
    return i


def _is_loose(wire: Wire, at_start: bool) -> bool:
    return wire.hit(at_start) is None and wire.mark(at_start) is End.NONE


def _facing(
    wires: list[Wire], a: tuple[int, bool], b: tuple[int, bool], labels: list[TextBlock], em: float
) -> float | None:
    """Cost of joining two ends, None where they do not face each other."""
    p, q = wires[a[0]].tip(a[1]), wires[b[0]].tip(b[1])
    gap = distance(p, q)
    if gap < 0.3 * em and _on_third(wires, a[0], b[0], p, 0.15 * em):
        return None  # both end at one line: a junction
    if gap > 15 * em or gap < 1e-6:
        return 0.0 if gap < 1e-6 and _straight(wires, a, b, None) else None
    step = (q[0] - p[0]) / gap, (q[1] - p[1]) / gap
    if not _straight(wires, a, b, step):
        return None
    if gap <= 1.3 * em:
        return gap / em
    middle = (p[0] + q[0]) / 2, (p[1] + q[1]) / 2
    for block in labels:
        x0, y0, x1, y1 = grow(block.box, 0.4 * em)
        if x0 <= middle[0] <= x1 and y0 <= middle[1] <= y1:
            covered = abs(step[0]) * (x1 - x0) + abs(step[1]) * (y1 - y0)
            if gap <= covered + 1.6 * em:
                return gap / em
    return None


def _on_third(wires: list[Wire], i: int, j: int, tip: Point, reach: float) -> bool:
    x, y = tip
    for k, wire in enumerate(wires):
        x0, y0, x1, y1 = bounds(wire.line.points)
        if k in (i, j) or not (x0 - reach <= x <= x1 + reach and y0 - reach <= y <= y1 + reach):
            continue
        gap, along = nearest(wire.line.points, tip)
        if gap <= reach and 4 * reach < along < length(wire.line.points) - 4 * reach:
            return True
    return False


def _straight(wires: list[Wire], a: tuple[int, bool], b: tuple[int, bool], step: Point | None) -> bool:
    mine = outward(wires[a[0]].line.points, a[1], 4.0)
    theirs = outward(wires[b[0]].line.points, b[1], 4.0)
    if angle_between(mine, (-theirs[0], -theirs[1])) > 25:
        return False
    return step is None or angle_between(mine, step) < 20


def _holds_tip(wire: Wire, tip: Point) -> bool | None:
    if wire.tip(True) == tip:
        return True
    return False if wire.tip(False) == tip else None


def _merge(first: Wire, p: Point, second: Wire, q: Point) -> Wire:
    """One wire out of two that are joined at the ends `p` and `q`."""
    a, b = first.line, second.line
    if first.tip(True) == p:
        a, start = replace(a, points=a.points[::-1], start=a.end, end=a.start), first.end
    else:
        start = first.start
    if second.tip(False) == q:
        b, end = replace(b, points=b.points[::-1], start=b.end, end=b.start), second.start
    else:
        end = second.end
    longer = a if length(a.points) >= length(b.points) else b
    line = replace(
        longer, points=(*a.points, *b.points), start=a.start, end=b.end, order=min(a.order, b.order)
    )
    return Wire(line, start, end)


# What each line end is attached to: a node, a group, free text, another line, or nothing.


def attach_lines(
    lines: list[Line],
    parts: list[Part],
    free: list[TextBlock],
    grounds: list[TextBlock],
    em: float,
    dots: Sequence[Point] = (),
) -> list[Wire]:
    """Wires for the lines; `grounds` are labels with a background, which lines run under but never end at.

    Lines that end at one of the `dots` are joined there.
    """
    wires = [Wire(line) for line in lines]
    _join_at_dots(wires, dots)
    targets = _Targets(parts, em)
    _each_loose(
        wires, lambda tip, axis, mark: targets.touching(tip, axis, 1.0 if mark is not End.NONE else 0.7)
    )
    wires = _parted_at_stems(rejoined(wires, [*free, *grounds], em), em)
    _attach_to_lines(wires, em)
    _each_loose(wires, lambda tip, axis, mark: _beyond_text(free, targets, tip, axis, mark, em))
    _each_loose(wires, lambda tip, axis, mark: _touched_text(free, tip, axis, em))
    _each_loose(wires, lambda tip, axis, mark: targets.ahead(tip, axis, 2.5))
    return through_texts(wires)


def _parted_at_stems(wires: list[Wire], em: float) -> list[Wire]:
    """Wires in the form of a U parted where the stem along their legs crosses their back, joined to it."""
    lines = [w.line for w in wires]
    found = list(wires)
    for i, wire in enumerate(wires):
        if (stem := stem_of(wire.line, lines, em)) is None:
            continue
        first, last = halves(wire.line, stem[1])
        joint = Attachment(To.LINE, stem[0], 0.0)
        found[i] = Wire(first, wire.start, joint)
        found.append(Wire(last, joint, wire.end))
    return found


def _join_at_dots(wires: list[Wire], dots: Sequence[Point]) -> None:
    for dot in dots:
        ends = [(i, s) for i, w in enumerate(wires) for s in (True, False) if w.tip(s) == dot]
        for n, (i, at_start) in enumerate(ends):
            other = ends[0][0] if n else ends[1][0] if len(ends) > 1 else i
            if other != i:
                wires[i].attach(at_start, Attachment(To.LINE, other, 0.0))


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

    def touching(self, tip: Point, axis: Point, reach: float) -> Attachment | None:
        """The node or group border at the tip; `reach` in text heights along the line's direction."""
        found = [
            (gap, i)
            for i in self._near(tip, reach * self.em)
            if (gap := self._gap(i, tip, axis, reach * self.em)) is not None
        ]
        if not found:
            return None
        gap, i = min(found)
        return Attachment(To.PART, i, gap / self.em)

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

    def ahead(self, tip: Point, axis: Point, reach: float) -> Attachment | None:
        """The first node met in the line's direction."""
        hits: list[tuple[float, int]] = []
        for i in self._near(tip, reach * self.em):
            part = self.parts[i]
            if part.role is Role.NODE:
                outlines = [part.shape.polygon, *([corners(self.names[i])] if i in self.names else [])]
                found = [ray_hit(o, tip, axis, reach * self.em) for o in outlines]
                hits.extend((along, i) for along in found if along is not None)
        return Attachment(To.PART, min(hits)[1], min(hits)[0] / self.em) if hits else None


def _reached(
    outline: tuple[Point, ...], border: float, tip: Point, axis: Point, reach: float, em: float
) -> float | None:
    """How far a line end outside an outline is from it; None where it does not lead there."""
    along = ray_hit(outline, tip, axis, reach)
    if along is None:
        return 1.2 * border if border <= 0.5 * em else None
    return min(along, 1.2 * border)


def _beyond_text(
    free: list[TextBlock], targets: _Targets, tip: Point, axis: Point, mark: End, em: float
) -> Attachment | None:
    """The node behind a label under which a line is lost: what ends bare within a text goes on."""
    if mark is not End.NONE:
        return None
    for block in free:
        x0, y0, x1, y1 = grow(block.box, -0.15 * em)
        if x0 < tip[0] < x1 and y0 < tip[1] < y1:
            through = ray_hit(corners(block.box), tip, axis, x1 - x0 + y1 - y0) or 0.0
            return targets.ahead(tip, axis, through / em + 2.5)
    return None


def _touched_text(free: list[TextBlock], tip: Point, axis: Point, em: float) -> Attachment | None:
    hits = []
    for i, block in enumerate(free):
        box = grow(block.box, 0.1 * em)
        gap = box_gap(box, tip)
        if gap > 1.3 * em:
            continue
        along = ray_hit(corners(box), tip, axis, 1.3 * em)
        if along is not None or gap < 0.25 * em:
            hits.append((gap if along is None else min(along, gap + 0.2 * em), i))
    return Attachment(To.TEXT, min(hits)[1], min(hits)[0] / em) if hits else None


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
                wire.attach(at_start, Attachment(To.LINE, min(gaps)[1], min(gaps)[0] / em))
