"""Braces and brackets beside boxes: a group of what they embrace, with the text at their back as its name.

In: parts with roles, lines, free texts. Out: new groups, and the lines that are no braces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.scene import Line, Shape
from dic_ingest.diagrams.text_blocks import TextBlock
from dic_ingest.model.box import Point, box_gap, center, corners, grow, union
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import distance, heading, in_frame, length, outline_distance, point_at

LEAST = 4.0  # text heights from tip to tip
DEPTH = (0.3, 3.5)  # text heights from the tips to the back
QUARTERS = (0.25, 0.75)  # of its length: there it is about as deep on both sides of the middle
STRAIGHT = 0.04  # of its length off an upright or a level
OFF = 0.3  # text heights between its tips and any outline: lines that touch one are edges
NAME = 3.0  # text heights between its back and its name
EMBRACED = 5.0  # text heights between its tips and the boxes that it embraces


@dataclass(frozen=True, slots=True)
class Brace:
    """A brace with the boxes that it embraces, by index, and its name."""

    line: int
    held: tuple[int, ...]
    name: TextBlock


def find_braces(
    parts: Sequence[Part], lines: Sequence[Line], free: Sequence[TextBlock], em: float
) -> list[Brace]:
    """Lines with both tips on one side, a text at their back and two boxes or more before them."""
    found = []
    for k, line in enumerate(lines):
        axis = _axis(line, em)
        if axis is None or any(_touches(p, line, em) for p in parts):
            continue
        back = _back(line)
        name = min(free, key=lambda b: box_gap(b.box, back), default=None)
        if name is None or box_gap(name.box, back) > NAME * em or _depth(line, center(name.box)) < 0:
            continue
        held = tuple(i for i, p in enumerate(parts) if p.role is Role.NODE and _embraces(line, p, em))
        if len(held) > 1 and len({parts[i].parent for i in held}) == 1:
            found.append(Brace(k, held, name))
    return found


def add_group(parts: list[Part], held: Sequence[int], em: float) -> int:
    """A group around parts of one parent; its index."""
    box = grow(union(parts[i].box for i in held), 0.3 * em)
    parent = parts[held[0]].parent
    group = Part(Shape(box, corners(box)), Role.GROUP, parent, list(held))
    for i in held:
        parts[i].parent = len(parts)
    if parent is not None:
        parts[parent].children = [*(i for i in parts[parent].children if i not in held), len(parts)]
    parts.append(group)
    return len(parts) - 1


def _axis(line: Line, em: float) -> Point | None:
    """From tip to tip, where the line has the form of a brace or a bracket."""
    first, last = line.points[0], line.points[-1]
    span = distance(first, last)
    bare = line.start is End.NONE and line.end is End.NONE and len(line.points) > 3
    slack = min(abs(first[0] - last[0]), abs(first[1] - last[1]))
    if not bare or span < LEAST * em or slack > STRAIGHT * span or length(line.points) > 1.8 * span:
        return None
    local = in_frame(line.points, first, heading(first, last))
    aside = [v for _, v in local]
    deep = max(aside, key=abs)
    one_side = min(v * (1 if deep > 0 else -1) for v in aside) > -0.15 * em
    within = all(-0.2 * em < u < span + 0.2 * em for u, _ in local)
    if not one_side or not within or not DEPTH[0] * em < abs(deep) < DEPTH[1] * em:
        return None
    between = [point_at(line.points, share * length(line.points)) for share in QUARTERS]
    low, high = sorted(abs(v) for _, v in in_frame(between, first, heading(first, last)))
    even = high - low < 0.25 * abs(deep) < low
    return heading(first, last) if even else None


def _back(line: Line) -> Point:
    """The point furthest from the tips' connection; in the middle, where several are."""
    first, axis = line.points[0], heading(line.points[0], line.points[-1])
    middle = distance(line.points[0], line.points[-1]) / 2
    local = in_frame(line.points, first, axis)
    deep = max(abs(v) for _, v in local)
    side = max((v for _, v in local), key=abs)
    u = min((u for u, v in local if abs(v) > 0.9 * deep), key=lambda u: abs(u - middle))
    u = middle if sum(abs(v) > 0.9 * deep for _, v in local) > 1 else u
    return first[0] + axis[0] * u - axis[1] * side, first[1] + axis[1] * u + axis[0] * side


def _depth(line: Line, p: Point) -> float:
    """How far a point lies on the back's side of the tips; negative on the other side."""
    axis = heading(line.points[0], line.points[-1])
    side = max((v for _, v in in_frame(line.points, line.points[0], axis)), key=abs)
    return in_frame([p], line.points[0], axis)[0][1] * (1 if side > 0 else -1)


def _touches(part: Part, line: Line, em: float) -> bool:
    return any(outline_distance(part.shape.polygon, p) < OFF * em for p in (line.points[0], line.points[-1]))


def _embraces(line: Line, part: Part, em: float) -> bool:
    axis = heading(line.points[0], line.points[-1])
    ((u, _),) = in_frame([center(part.box)], line.points[0], axis)
    near = min(-_depth(line, p) for p in corners(part.box))
    return 0 < u < distance(line.points[0], line.points[-1]) and -0.3 * em < near < EMBRACED * em
