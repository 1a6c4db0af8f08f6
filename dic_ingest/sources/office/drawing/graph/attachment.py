"""Which shapes the ends of lines belong to, which lines make one net, and an index of shapes by place."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely

from dic_ingest.model.box import Box, Point, area, box_gap, grow
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import (
    angle_between,
    contains,
    length,
    nearest,
    outline_distance,
    outward,
    ray_hit,
)
from dic_ingest.model.grouping import DisjointSets
from dic_ingest.sources.office.drawing.shapes import PICTURE, OfficeShape

# Which shapes lie near a place, without looking at all of them: an index by space (shapely's STR tree).


class Nearby:
    """The shapes of one drawing by their boxes."""

    def __init__(self, shapes: Sequence[OfficeShape]) -> None:
        self.shapes = list(shapes)
        self._tree = shapely.STRtree([shapely.box(*s.bbox) for s in self.shapes])

    def touching(self, box: Box, reach: float = 0.0) -> list[OfficeShape]:
        """Shapes whose boxes come within `reach` of a box, in their order."""
        return [self.shapes[i] for i in self.places(box, reach)]

    def at(self, point: Point, reach: float = 0.0) -> list[OfficeShape]:
        """Shapes whose boxes come within `reach` of a point."""
        return self.touching((*point, *point), reach)

    def places(self, box: Box, reach: float = 0.0) -> list[int]:
        """Their indexes, in order."""
        return sorted(int(i) for i in self._tree.query(shapely.box(*grow(box, reach))))


# Which shapes the ends of lines belong to, and which lines make one net.


STRAIGHT = 150.0  # degrees between two lines that run on as one


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a free end may lie from what it belongs to, in points.

    shape: from the outline of a shape. line: from another line that it meets. ahead: from a shape that the
    line would run into, at most `share` of the line's length; text: the same for text without a box.
    """

    shape: float = 9.0
    line: float = 3.0
    ahead: float = 30.0
    share: float = 0.34
    text: float = 6.0


@dataclass(frozen=True, slots=True)
class EndShape:
    """A shape at the end of a line, with what is drawn there."""

    shape: str
    head: End
    point: Point
    told: bool = False  # by the file; else by geometry


@dataclass(frozen=True, slots=True)
class Net:
    """Lines that meet, and the shapes at their ends."""

    lines: tuple[OfficeShape, ...]
    terminals: tuple[EndShape, ...]
    label: str = ""  # words that stand in a gap of it


def through_text(nets: Sequence[Net], texts: Mapping[str, OfficeShape]) -> tuple[list[Net], set[str]]:
    """Nets with two lines that leave bare text in opposite ways as one: the text is its label.

    Gives the nets and the ids of those texts.
    """
    at: dict[str, list[int]] = {}
    for i, net in enumerate(nets):
        for t in net.terminals:
            at.setdefault(t.shape, []).append(i)
    gone: set[int] = set()
    used: set[str] = set()
    made: list[Net] = []
    for name, pair in at.items():
        if name not in texts or len(pair) != 2 or pair[0] == pair[1] or gone & set(pair):
            continue
        one, other = (_beside_text(nets[i], name) for i in pair)
        if one is None or other is None:
            continue
        (here, far), (there, beyond) = one, other
        if angle_between(_way(here.point, far.point), _way(there.point, beyond.point)) < STRAIGHT:
            continue
        lines = (*nets[pair[0]].lines, *nets[pair[1]].lines)
        whole = replace(lines[0], path=(far.point, here.point, there.point, beyond.point))
        made.append(Net((whole,), (far, beyond), label=texts[name].text))
        gone.update(pair)
        used.add(name)
    return [n for i, n in enumerate(nets) if i not in gone] + made, used


def _beside_text(net: Net, text: str) -> tuple[EndShape, EndShape] | None:
    """The end at the text and the other one of a net of one line; None where an arrow points at the text."""
    if len(net.lines) != 1 or len(net.terminals) != 2:
        return None
    here, far = net.terminals if net.terminals[0].shape == text else net.terminals[::-1]
    return None if here.head is End.ARROW or far.shape == text else (here, far)


def _way(a: Point, b: Point) -> Point:
    far = math.dist(a, b) or 1.0
    return (b[0] - a[0]) / far, (b[1] - a[1]) / far


class Ends:
    """Ends of the lines of one drawing."""

    def __init__(
        self,
        areas: Sequence[OfficeShape],
        lines: Sequence[OfficeShape],
        frames: Collection[str],
        reach: Reach,
    ) -> None:
        self.areas, self.lines, self.frames, self.reach = areas, lines, frames, reach
        self.solid = [s for s in areas if s.painted or s.kind == PICTURE]
        self._near, self._lines = Nearby(areas), Nearby(lines)
        self._solid = {s.id for s in self.solid}
        self.told: set[str] = set()  # bare texts that are the label of a line
        self._ids = {s.id: s for s in areas}
        self._groups: dict[str, list[OfficeShape]] = {}
        for s in areas:
            for g in s.groups:
                self._groups.setdefault(g, []).append(s)

    def nets(self) -> list[Net]:
        """One net per line, and one for lines that end on each other."""
        found = [[self._end(line, True), self._end(line, False)] for line in self.lines]
        joined, led_away = DisjointSets(len(self.lines)), set[int]()
        labels: dict[int, list[str]] = {}
        for i, line in enumerate(self.lines):
            met = [None if e else self._met(i, p) for e, p in zip(found[i], _ends(line), strict=True)]
            led = self._led(line, met)
            if led is not None:
                target = next(m for m in met if m is not None)
                labels.setdefault(target, []).append(led.text)
                self.told.add(led.id)
                led_away.add(i)
                continue
            for side in (0, 1):
                other = met[side]
                if other is not None and other not in led_away:
                    joined.join(i, other)
                elif found[i][side] is None:
                    found[i][side] = self._beyond(line, side == 0)
        groups = [[i for i in group if i not in led_away] for group in joined.groups()]
        return self._joined(found, groups, labels)

    def _joined(
        self, found: list[list[EndShape | None]], groups: list[list[int]], labels: dict[int, list[str]]
    ) -> list[Net]:
        nets = []
        for members in filter(None, groups):
            known = tuple(t for i in members for t in found[i] if t is not None)
            label = " ".join(text for i in members for text in labels.get(i, ()))
            nets.append(Net(tuple(self.lines[i] for i in members), known, label=label))
        return nets

    def _led(self, line: OfficeShape, met: list[int | None]) -> OfficeShape | None:
        """The bare text from which a plain line leads to another line: it is that line's label."""
        free = [p for p, m in zip(_ends(line), met, strict=True) if m is None]
        plain = line.start_head is End.NONE and line.end_head is End.NONE and not (line.start or line.end)
        if not plain or len(free) != 1:
            return None
        near = self._near.at(free[0])
        return next((s for s in near if s.text and s.id not in self._solid), None)

    def _end(self, line: OfficeShape, at_start: bool) -> EndShape | None:
        """What one end of a line belongs to: what the file says, else what lies there."""
        name, head = (line.start, line.start_head) if at_start else (line.end, line.end_head)
        point = line.path[0] if at_start else line.path[-1]
        if name:
            own = self._ids.get(name) or self._of_group(name, point)
            if own is not None:
                return EndShape(own.id, head, point, told=True)
        near = self._nearest(point) or self._hiding(line, point)
        return None if near is None else EndShape(near.id, head, point)

    def _beyond(self, line: OfficeShape, at_start: bool) -> EndShape | None:
        """What an end belongs to that lies on no outline and no line: what is ahead, else what holds it."""
        head = line.start_head if at_start else line.end_head
        point = line.path[0] if at_start else line.path[-1]
        found = self._ahead(line, at_start) or self._holding(point)
        return None if found is None else EndShape(found.id, head, point)

    def _of_group(self, name: str, point: Point) -> OfficeShape | None:
        members = self._groups.get(name, [])
        return min(members, key=lambda s: box_gap(s.bbox, point), default=None)

    def _nearest(self, point: Point) -> OfficeShape | None:
        """The solid shape whose outline is nearest; one with words before a bare frame, then the smaller."""
        best: tuple[bool, float, float, OfficeShape] | None = None
        for shape in self._near.at(point, self.reach.shape):
            if shape.id not in self._solid:
                continue
            gap = outline_distance(shape.path, point)
            if gap <= self.reach.shape:
                rank = (shape.id in self.frames and not shape.text, gap, area(shape.bbox))
                if best is None or rank < best[:3]:
                    best = (*rank, shape)
        return None if best is None else best[3]

    def _holding(self, point: Point) -> OfficeShape | None:
        """The smallest shape around a point that is no frame of others."""
        near = [s for s in self._near.at(point) if s.id in self._solid and s.id not in self.frames]
        around = [s for s in near if contains(s.path, point)]
        return min(around, key=lambda s: area(s.bbox), default=None)

    def _hiding(self, line: OfficeShape, point: Point) -> OfficeShape | None:
        """The shape that is painted over an end of a line and so hides it: there the line comes out."""
        found = self._holding(point)
        return found if found is not None and found.fill and found.order > line.order else None

    def _ahead(self, line: OfficeShape, at_start: bool) -> OfficeShape | None:
        """What the line would run into if it were drawn on: a shape, or text that no other line is near."""
        whole = length(line.path)
        point = line.path[0] if at_start else line.path[-1]
        axis = outward(line.path, at_start, min(whole, self.reach.ahead))
        reach = min(self.reach.ahead, whole * self.reach.share)
        best: tuple[float, OfficeShape] | None = None
        for shape in self._near.at(point, reach):
            solid = shape.painted or shape.kind == PICTURE
            far = reach if solid else min(reach, self.reach.text)
            if box_gap(shape.bbox, point) > far:
                continue
            hit = (
                0.0
                if not solid and box_gap(shape.bbox, point) == 0
                else ray_hit(shape.path, point, axis, far)
            )
            if hit is not None and (best is None or hit < best[0]):
                best = hit, shape
        return None if best is None else best[1]

    def _met(self, own: int, point: Point) -> int | None:
        best = (self.reach.line, -1)
        for i in self._lines.places((*point, *point), self.reach.line):
            if i != own:
                gap = nearest(self.lines[i].path, point)[0]
                best = min(best, (gap, i)) if gap <= self.reach.line else best
        return None if best[1] < 0 else best[1]


def _ends(line: OfficeShape) -> tuple[Point, Point]:
    return line.path[0], line.path[-1]
