"""The courses of lines as the eye follows them: cut behind boxes, and at the dots that join them.

In: lines and parts with roles. Out: lines that end where they are seen to end, and the dots. What the ends
are attached to is decided in `attachment`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely
from shapely import ops

from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.scene import Line
from dic_ingest.model.box import Point, box_gap, center, grow, height_of, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import (
    angle_between,
    bounds,
    distance,
    heading,
    length,
    nearest,
    outline_distance,
    point_at,
    simplify,
)

DOT = 0.75  # text heights; a larger disc is a node
BEAD = (0.6, 3.0)  # text heights: sizes of a disc on a line that stands for something
TIGHT = 1.0  # text heights that a box is higher than the text of a label in it
AIMED = 0.15  # of a box's smaller side between its middle and a line that is drawn to it
ROUNDED = 0.4  # text heights: corners that are cut or rounded so much are corners
SKEW = 15.0  # degrees off a right angle, or off one direction
FEWEST = 3  # ways that lead to a dot that joins lines


@dataclass(frozen=True, slots=True)
class Dot:
    """A small disc that joins the lines that meet at it. `reach`: how far from its centre lines end at it."""

    at: Point
    reach: float


def cut_behind(lines: Sequence[Line], parts: Sequence[Part], em: float) -> list[Line]:
    """The lines cut where they lie hidden behind boxes painted over them.

    What runs behind a box with an arrowhead of its own is taken for an arrow that passes the box.
    """
    nodes = [p for p in parts if p.role is Role.NODE]
    covers = [
        p for p in nodes if p.shape.fill is not None and p.shape.stroke is not None and _is_roomy(p, em)
    ]
    found: list[Line] = []
    for line in lines:
        bare = line.start is line.end is End.NONE
        pieces = [line]
        if bare and all(any(_is_at(p, tip, em) for p in nodes) for tip in (line.points[0], line.points[-1])):
            for part in covers:
                if part.shape.order > line.order and not _is_ended_at(part, line, lines, em):
                    pieces = [piece for whole in pieces for piece in _outside(whole, part, em)]
        found.extend(pieces)
    return found


def _is_roomy(part: Part, em: float) -> bool:
    """Whether a box has more room than a label around its text."""
    if not part.texts:
        return True
    text = union(t.bbox for t in part.texts)
    return height_of(part.box) - height_of(text) > TIGHT * em


def _is_at(part: Part, tip: Point, em: float) -> bool:
    return box_gap(part.box, tip) < em


def _is_ended_at(part: Part, line: Line, lines: Sequence[Line], em: float) -> bool:
    """Whether another line along the same course ends at the box: then this one goes on behind it."""
    for other in lines:
        for tip, points in ((other.points[0], other.points), (other.points[-1], other.points[::-1])):
            if (
                other is line
                or not _is_at(part, tip, em)
                or outline_distance(part.shape.polygon, tip) > 0.6 * em
            ):
                continue
            before = point_at(points, min(1.5 * em, 0.5 * length(points)))
            if all(nearest(line.points, p)[0] < 0.2 * em for p in (tip, before)):
                return True
    return False


def _outside(line: Line, part: Part, em: float) -> list[Line]:
    """The line in two where it enters a box on one side and leaves it on another one, else as it is."""
    box = grow(part.box, 0.2 * em)
    x0, y0, x1, y1 = bounds(line.points)
    if x0 > box[2] or x1 < box[0] or y0 > box[3] or y1 < box[1]:
        return [line]
    if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in (line.points[0], line.points[-1])):
        return [line]
    small = min(width_of(part.box), height_of(part.box))
    if nearest(line.points, center(part.box))[0] > AIMED * small:
        return [line]  # not aimed at the box: it passes
    polygon = shapely.Polygon(part.shape.polygon)
    course = shapely.LineString(line.points)
    if not polygon.is_valid or polygon.buffer(-0.1 * em).intersection(course).length < em:
        return [line]
    left = course.difference(polygon)
    runs = [tuple((float(x), float(y)) for x, y in g.coords) for g in getattr(left, "geoms", [left])]
    runs = [r for r in runs if length(r) > 0.3 * em]
    if len(runs) < 2:
        return [line]
    return [replace(line, points=points) for points in runs]


def take_dots(parts: Sequence[Part], lines: Sequence[Line], em: float) -> list[Dot]:
    """Small filled discs where three ways or more meet; their parts stand for nothing else from then on."""
    found: list[Dot] = []
    for part in parts:
        x0, y0, x1, y1 = part.box
        size = max(x1 - x0, y1 - y0)
        shape = part.shape
        if shape.kind not in ("circle", "ellipse") or shape.fill is None or part.texts or size > DOT * em:
            continue
        dot = Dot(center(part.box), size / 2 + 0.3 * em)
        if sum(_ways(line, dot) for line in lines) >= FEWEST:
            part.role = Role.NOTHING
            found.append(dot)
    return found


def _ways(line: Line, dot: Dot) -> int:
    """1 for a line that ends at the dot, 2 for one that passes through it."""
    ends = sum(distance(p, dot.at) <= dot.reach for p in (line.points[0], line.points[-1]))
    if ends:
        return ends if length(line.points) > 2 * dot.reach else 0
    return 2 if nearest(line.points, dot.at)[0] <= 0.5 * dot.reach else 0


def cut_at_dots(lines: Sequence[Line], dots: Sequence[Dot]) -> list[Line]:
    """The lines cut where they pass through a dot; those that end at one end in its middle."""
    found = list(lines)
    for dot in dots:
        found = [piece for line in found for piece in _at_dot(line, dot)]
    return found


def cut_at_beads(lines: Sequence[Line], parts: Sequence[Part], em: float) -> list[Line]:
    """Lines without ends of their own cut at the discs strung on them: the events of a time line, commits.

    The discs become nodes; a line with one disc alone is left as it is.
    """
    discs = [
        p
        for p in parts
        if p.shape.kind in ("circle", "ellipse")
        and p.shape.fill is not None
        and not p.texts
        and p.role in (Role.NODE, Role.PART, Role.NOTHING)
        and BEAD[0] * em <= width_of(p.box) <= BEAD[1] * em
    ]
    found: list[Line] = []
    for line in lines:
        bare = line.start is line.end is End.NONE
        beads = [p for p in discs if bare and nearest(line.points, center(p.box))[0] < 0.15 * em]
        pieces = [line]
        if len(beads) > 1:
            for part in beads:
                part.role = Role.NODE
                dot = Dot(center(part.box), 0.5 * width_of(part.box))
                pieces = [piece for whole in pieces for piece in _at_dot(whole, dot)]
        found.extend(pieces)
    return found


def _at_dot(line: Line, dot: Dot) -> list[Line]:
    ways = _ways(line, dot)
    if ways == 0:
        return [line]
    first, last = (distance(p, dot.at) <= dot.reach for p in (line.points[0], line.points[-1]))
    if first or last:
        points = (*((dot.at,) if first else ()), *line.points, *((dot.at,) if last else ()))
        return [replace(line, points=points)]
    along = nearest(line.points, dot.at)[1]
    before, after = halves(line, along)
    return [
        replace(before, points=(*before.points[:-1], dot.at)),
        replace(after, points=(dot.at, *after.points[1:])),
    ]


def stem_of(line: Line, lines: Sequence[Line], em: float) -> tuple[int, float] | None:
    """For a line in the form of a U: the line along its legs that crosses its back, and where along the U.

    Such a line does not pass the other one: its legs are the arms of one trunk that has one head, or of one
    stem that has several.
    """
    leg = _leg(line, em)
    for k, stem in enumerate(lines):
        if leg is not None and stem is not line and (at := _crossing(stem, line, leg, em)) is not None:
            return k, nearest(line.points, at)[1]
    return None


def halves(line: Line, along: float) -> tuple[Line, Line]:
    """The line in two, cut at a distance along it; the new ends are bare."""
    course, total = shapely.LineString(line.points), length(line.points)
    before, after = (
        tuple((float(x), float(y)) for x, y in ops.substring(course, a, b).coords)
        for a, b in ((0.0, along), (along, total))
    )
    return replace(line, points=before, end=End.NONE), replace(line, points=after, start=End.NONE)


def _leg(line: Line, em: float) -> Point | None:
    """The direction of the two legs of a U, from its back; None for a line of another form."""
    points = simplify(line.points, ROUNDED * em)
    if len(points) != 4:
        return None
    a, b, c, d = points
    if min(distance(a, b), distance(c, d)) < em or distance(b, c) < 2 * em:
        return None
    square = abs(angle_between(heading(b, a), heading(b, c)) - 90) < SKEW
    return heading(b, a) if square and angle_between(heading(b, a), heading(c, d)) < SKEW else None


def _crossing(stem: Line, line: Line, leg: Point, em: float) -> Point | None:
    """Where a line with one head that runs along a U's legs crosses its back and goes on as the heads say."""
    heads = (line.start is not End.NONE, line.end is not End.NONE)
    if (stem.start is End.NONE) == (stem.end is End.NONE) or heads[0] != heads[1]:
        return None
    course = shapely.LineString(stem.points)
    at = shapely.LineString(line.points).intersection(course)
    if at.geom_type != "Point":
        return None
    headed = stem.end is not End.NONE
    tail, tip = stem.points[-1 if not headed else 0], stem.points[-1 if headed else 0]
    middle = float(at.x), float(at.y)
    if min(distance(tip, middle), distance(tail, middle)) < em:
        return None
    toward = leg if heads[0] else (-leg[0], -leg[1])
    along = all(angle_between(h, toward) < SKEW for h in (heading(middle, tip), heading(tail, middle)))
    return middle if along else None
