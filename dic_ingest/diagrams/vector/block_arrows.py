"""Block arrows: outlines in the form of a thick arrow, with one head or two, read as lines with their ends.

In: shapes. Out: those that are arrows as `Line`s along their middle, and the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dic_ingest.diagrams.scene import Line, Shape, TextLine
from dic_ingest.model.box import Point, center
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import (
    Points,
    angle_between,
    bounds,
    contains,
    distance,
    heading,
    in_frame,
    simplify_outline,
)

MITRE = 1.6  # times the shaft's width: from corner to corner where it bends
PARALLEL = 12.0  # degrees between the two sides of a shaft
CORNERS = 16  # of an outline that may be a straight block arrow or a pointer, at most
BENT = (9, 20)  # corners of an outline that may be a bent one
NARROWS = 0.8  # times the shaft's width: how narrow it may become
LEAST_STEP = 0.4  # times the shaft's width, of each piece of a bent shaft
WING_OFF = (0.2, 0.3)  # of the wing: how far a bent arrow's head may be uneven across and along
MIRRORED = 0.15  # of the wing: how far a straight one may be uneven
WING = 1.25  # times the shaft's width, at least
HEAD = (0.2, 0.95)  # of the wing and of the arrow's length: how long the head is
IN_ROW = 0.8  # share of the larger pointer's width that two of one row have in common
ROW_GAP = (-0.8, 0.5)  # times a pointer's width, between it and the next one
POINT = (0.05, 0.8)  # of a pointer's width and length: how long its point is
NOTCH = 0.35  # relative difference of notch and point


def take_block_arrows(shapes: list[Shape]) -> tuple[list[Shape], list[Line]]:
    """The shapes that are no arrows, and a line for each that is one."""
    kept: list[Shape] = []
    lines: list[Line] = []
    for shape in shapes:
        line = _block_arrow(shape)
        if line is None:
            kept.append(shape)
        else:
            lines.append(line)
    return kept, lines


def _block_arrow(shape: Shape) -> Line | None:
    if shape.kind != "other":
        return None
    ends = arrow_ends(shape.polygon)
    course = ends[:2] if ends else bent_arrow(shape.polygon)
    if course is None:
        return None
    start = End.ARROW if ends and ends[2] else End.NONE
    return Line(course, start, End.ARROW, shape.dashed, 1.0, shape.stroke or shape.fill, shape.order)


def bent_arrow(outline: Points) -> tuple[Point, ...] | None:
    """The middle of the shaft from tail to tip, for an outline that is a block arrow with one bend or two."""
    if not BENT[0] <= len(outline) <= BENT[1]:
        return None
    x0, y0, x1, y1 = bounds(outline)
    ring = simplify_outline(outline, 0.02 * min(x1 - x0, y1 - y0))
    if len(ring) not in (9, 11):
        return None
    turned = ([*ring[i:], *ring[:i]] for i in range(len(ring)))
    return next((course for r in turned if (course := _bent_course(r)) is not None), None)


def _bent_course(ring: list[Point]) -> tuple[Point, ...] | None:
    """The course of a bent arrow whose first corner is its tip; its sides run beside one another."""
    sides = (len(ring) - 3) // 2
    left, right = ring[2 : 2 + sides], ring[-2 : -2 - sides : -1]
    wide = distance(left[0], right[0])
    middle = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(left, right, strict=True)]
    steps = [distance(a, b) for a, b in pairwise(middle)]
    even = all(NARROWS * wide < distance(a, b) < MITRE * wide for a, b in zip(left, right, strict=True))
    if not even or wide == 0 or min(steps) < LEAST_STEP * wide or sum(steps) < 2 * wide:
        return None
    for a, b, c, d in zip(left, left[1:], right, right[1:], strict=False):
        if angle_between(heading(a, b), heading(c, d)) > PARALLEL:
            return None
    (ahead, aside), (first, low), (second, high) = in_frame(
        [ring[0], ring[1], ring[-1]], middle[0], heading(middle[1], middle[0])
    )
    wing = max(abs(low), abs(high))
    off = WING_OFF[0] * wing
    even_head = abs(low + high) < off and abs(first - second) < WING_OFF[1] * wing and abs(aside) < off
    if not even_head or 2 * wing < WING * wide or not HEAD[0] * wing < ahead - (first + second) / 2:
        return None
    return (*middle[::-1], ring[0])


def arrow_ends(outline: Points) -> tuple[Point, Point, bool] | None:
    """Tail, tip and whether the tail is a second tip, for an outline that is a block arrow."""
    if not 7 <= len(outline) <= CORNERS:
        return None
    x0, y0, x1, y1 = bounds(outline)
    corners = simplify_outline(outline, 0.03 * min(x1 - x0, y1 - y0))
    if len(corners) not in (7, 10):
        return None
    for i in range(len(corners)):
        ring = [*corners[i:], *corners[:i]]
        ends = _one_head(ring) if len(ring) == 7 else _two_heads(ring)
        if ends is not None:
            return (*ends, len(ring) == 10)
    return None


def _one_head(ring: list[Point]) -> tuple[Point, Point] | None:
    """From the middle of the tail to the tip, where the first corner is the tip of an arrow."""
    tip = ring[0]
    tail = (ring[3][0] + ring[4][0]) / 2, (ring[3][1] + ring[4][1]) / 2
    pairs = ((1, 6), (2, 5), (3, 4))
    return (tail, tip) if _is_arrow(ring, tail, tip, pairs) else None


def _two_heads(ring: list[Point]) -> tuple[Point, Point] | None:
    tip, other = ring[0], ring[5]
    pairs = ((1, 9), (2, 8), (3, 7), (4, 6))
    return (other, tip) if _is_arrow(ring, other, tip, pairs) else None


def _is_arrow(ring: list[Point], tail: Point, tip: Point, pairs: tuple[tuple[int, int], ...]) -> bool:
    """Mirrored about the line from tail to tip, wings wider than the shaft and not far behind the tip."""
    span = distance(tail, tip)
    if span == 0:
        return False
    axis = (tip[0] - tail[0]) / span, (tip[1] - tail[1]) / span
    local = in_frame(ring, tail, axis)
    wing = abs(local[pairs[0][0]][1])
    for i, k in pairs:
        if (
            abs(local[i][1] + local[k][1]) > MIRRORED * wing
            or abs(local[i][0] - local[k][0]) > MIRRORED * wing
        ):
            return False
    neck = abs(local[pairs[1][0]][1])
    behind = span - local[pairs[0][0]][0]
    return wing > WING * neck > 0 and HEAD[0] * wing < behind < HEAD[1] * span


@dataclass(frozen=True, slots=True)
class _Pointer:
    """A chevron or a box with one pointed side, in the frame in which it points to the right."""

    shape: Shape
    turn: int  # quarter turns clockwise to the direction that it points in
    low: float  # extent in that direction
    high: float
    across: tuple[float, float]


def pointer_rows(shapes: Sequence[Shape], texts: Sequence[TextLine]) -> list[Line]:
    """An arrow from each to the next of chevrons with text that follow one another closely, point to tail."""
    middles = [center(t.bbox) for t in texts]
    pointers = [p for s in shapes if (p := _pointer(s)) and any(contains(s.polygon, m) for m in middles)]
    found = []
    for a in pointers:
        behind = [(b.low, n) for n, b in enumerate(pointers) if b is not a and _follows(a, b)]
        if behind:
            b = pointers[min(behind)[1]].shape
            points = center(a.shape.bbox), center(b.bbox)
            found.append(Line(points, End.NONE, End.ARROW, False, 1.0, b.stroke or b.fill, b.order))
    return found


def _follows(a: _Pointer, b: _Pointer) -> bool:
    high = a.across[1] - a.across[0]
    shared = min(a.across[1], b.across[1]) - max(a.across[0], b.across[0])
    alike = shared > IN_ROW * max(high, b.across[1] - b.across[0])
    return (
        a.turn == b.turn
        and alike
        and ROW_GAP[0] * high < b.low - a.high < ROW_GAP[1] * high
        and b.low > a.low
    )


def _pointer(shape: Shape) -> _Pointer | None:
    """Reads an outline of five corners, or of six with a notch opposite to the point."""
    x0, y0, x1, y1 = shape.bbox
    ring = (
        simplify_outline(shape.polygon, 0.03 * min(x1 - x0, y1 - y0)) if len(shape.polygon) <= CORNERS else ()
    )
    if len(ring) not in (5, 6):
        return None
    for turn, (ux, uy) in enumerate(((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))):
        local = [(x * ux + y * uy, y * ux - x * uy) for x, y in ring]
        low, high = min(u for u, _ in local), max(u for u, _ in local)
        side = min(v for _, v in local), max(v for _, v in local)
        if _is_pointed(local, low, high, side):
            return _Pointer(shape, turn, low, high, side)
    return None


def _is_pointed(ring: Sequence[Point], low: float, high: float, side: tuple[float, float]) -> bool:
    """One corner in front, in the middle; two pairs at the sides; perhaps a notch as deep as the point."""
    wide, long = side[1] - side[0], high - low
    near = 0.04 * max(wide, long)
    middle = [u for u, v in ring if abs(v - (side[0] + side[1]) / 2) < near]
    pairs = [sorted(u for u, v in ring if abs(v - s) < near) for s in side]
    if len(middle) != len(ring) - 4 or any(len(p) != 2 for p in pairs) or abs(max(middle) - high) > near:
        return False
    (tail, wing), (tail2, wing2) = pairs
    square = abs(tail - low) < near and abs(tail2 - low) < near and abs(wing - wing2) < near
    point = high - wing
    notch = min(middle) - low if len(middle) == 2 else point
    return square and POINT[0] * wide < point < POINT[1] * long and abs(notch - point) < NOTCH * point + near
