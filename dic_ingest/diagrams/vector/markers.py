"""What is drawn at a line's ends: arrowheads, triangles, diamonds, circles, crosses, crow's feet.

In: lines and the small pieces and outlines near their ends. Out: the `End` of each end, how far it
reaches, what it was made of. Every mark is judged in the frame of its line end: along the line outwards,
and across.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.scene import Shape
from dic_ingest.diagrams.vector.paths import Piece
from dic_ingest.model.box import Point, height_of, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.model.geometry import distance, in_frame, signed_area, spread

# Solid marks; lengths along the line and across it, in text heights (em), in shares of the mark's own width,
# of its length, or of the widest of its five bands from behind to the tip.
LEAST_SOLID = 0.08  # em of its shorter side
ASIDE = (0.25, 0.05)  # of its width, and em on top, that its middle may lie off the line
STARTS = 0.3  # em beyond the line's end where it begins, at most
BEHIND = 0.35  # em behind the line's end where it ends, at most
BEHIND_SIGN = 2.2  # the same of circles and crow's feet, behind which another sign may stand
TURNED = (0.5, 0.15)  # of its size: how far the middle of a turned head is off the line's end, and beyond it
ROUND = 0.3  # relative difference of a circle's length and width
TIP = 0.65  # of the widest band, the narrower end of a diamond
MIDDLE = 0.97  # of the widest band, the middle of a diamond
EVEN_ENDS = 0.15  # of the widest band, between the ends of a diamond
LENS = (0.58, 0.74)  # share of its box that a crow's foot with curved toes fills
DIAMOND = 0.6  # share of its box that a diamond fills, at most
HEAD_TIP = 0.5  # of the widest band, the tip of a head
HEAD_BACK = 0.9  # of the widest band, the back of a head
HEAD = 0.75  # share of its box that a head fills, at most
OTHER_INK = 90  # sum of the differences of three channels

# Strokes at a line's end.
NEAR = (-2.6, 1.2)  # em along the line within which a stroke is of the end
WIDE_V = 0.15  # em between the ends of a V
UNEVEN_V = 0.6  # of its width, that its ends lie off the same distance from the line
POINTED = 0.2  # of its width, that its tip lies beyond its ends
ON_LINE = 0.3  # of its width, that its tip lies off the line
AT_END = 0.6  # em between a tip and the line's end
LEGS = 2.5  # times the other leg of a V, the longer one
LEAST_STROKE = 0.3  # em
TOUCHES = 0.15  # em between a stroke's end and the line
CROSSING = 0.5  # of its width, that the ends of a bar lie off the same distance from the line
BAR = 0.35  # of its width, the slant of a bar
CROSS = (0.4, 2.5)  # length by width of a stroke of a cross
CROSS_BEHIND = 1.6  # em behind the line's end where a cross begins, at most
SPREAD = 0.2  # of its length, the width of an arm or a toe


@dataclass(frozen=True, slots=True)
class VectorMarker:
    """One mark at a line end. `tip`: how far it goes beyond the end; `parts`: indexes of what it is made
    of.
    """

    end: End
    tip: float
    parts: frozenset[int]


@dataclass(slots=True)
class EndFrame:
    """A line end with its outward direction, the line's colour and the sizes that marks are judged by."""

    origin: Point
    axis: Point
    color: Color
    background: Color
    em: float
    largest: float  # of a mark
    bars: list[int] = field(default_factory=list)
    feet: dict[int, int] = field(default_factory=dict)  # part -> side of the axis, 0 for both
    arms: dict[int, int] = field(default_factory=dict)  # part -> side of the axis
    crosses: list[int] = field(default_factory=list)
    circles: list[int] = field(default_factory=list)
    tip: float = 0.0


def read_mark(frame: EndFrame, candidates: Sequence[tuple[int, Piece | Shape]]) -> VectorMarker | None:
    """The mark that the candidates draw at this end, or None. Solid marks win over strokes."""
    solid: list[tuple[bool, bool, float, VectorMarker]] = []
    for index, item in candidates:
        if isinstance(item, Shape):
            mark = _solid(frame, index, item)
            if mark is not None and mark.end is not End.CIRCLE:
                solid.append((_other_ink(frame, item), mark.end is not End.ARROW, abs(mark.tip), mark))
            elif mark is not None:
                frame.circles.append(index)
                frame.tip = max(frame.tip, mark.tip)
        else:
            head = _stroke(frame, index, item)
            if head is not None:
                solid.append((False, False, abs(head.tip), head))
    if solid:
        return min(solid, key=lambda s: s[:3])[3]
    return _from_strokes(frame)


def _solid(frame: EndFrame, index: int, shape: Shape) -> VectorMarker | None:
    local = in_frame(shape.polygon, frame.origin, frame.axis)
    us, vs = [p[0] for p in local], [p[1] for p in local]
    u0, u1, v0, v1 = min(us), max(us), min(vs), max(vs)
    long, wide = u1 - u0, v1 - v0
    if max(long, wide) > frame.largest or min(long, wide) < LEAST_SOLID * frame.em:
        return None
    local = in_frame(_dense(shape.polygon), frame.origin, frame.axis)
    if _is_turned_head(frame, shape, local):
        return VectorMarker(End.ARROW, max(u1, 0.0), frozenset({index}))
    if abs(v0 + v1) / 2 > ASIDE[0] * wide + ASIDE[1] * frame.em:
        return None
    kind = _solid_kind(local, u0, long, wide, shape)
    if kind is None:
        return None
    family = kind in (End.CIRCLE, End.MANY)
    if u0 > STARTS * frame.em or u1 < -(BEHIND_SIGN if family else BEHIND) * frame.em:
        return None
    filled = _is_filled(shape, frame)
    if kind is End.ARROW and not filled:
        kind = End.TRIANGLE
    if kind is End.DIAMOND and filled:
        kind = End.FILLED_DIAMOND
    if kind is End.MANY:
        frame.feet[index] = 0
        return None
    return VectorMarker(kind, u1, frozenset({index}))


def _is_turned_head(frame: EndFrame, shape: Shape, local: list[Point]) -> bool:
    """A small filled triangle that the line ends in, turned askew by a sketchy style; not one that points
    back.
    """
    us = [u for u, _ in local]
    size = max(width_of(shape.bbox), height_of(shape.bbox))
    if shape.kind != "triangle" or not _is_filled(shape, frame) or size > frame.em:
        return False
    cu, cv = sum(us) / len(us), sum(v for _, v in local) / len(local)
    return math.hypot(cu, cv) < TURNED[0] * size and cu < TURNED[1] * size


def _dense(polygon: Sequence[Point]) -> list[Point]:
    return spread([*polygon, polygon[0]], 48) + list(polygon)


def _solid_kind(local: list[Point], u0: float, long: float, wide: float, shape: Shape) -> End | None:
    """By the profile of widths along the line: widest behind, in the middle, or round."""
    spans = []
    for k in range(5):
        low, high = u0 + long * (k / 5 - 0.02), u0 + long * ((k + 1) / 5 + 0.02)
        band = [v for u, v in local if low <= u <= high]
        spans.append(max(band) - min(band) if band else 0.0)
    most = max(spans)
    if most <= 0:
        return None
    filled = abs(signed_area(shape.polygon)) / max(1e-9, long * wide)
    if shape.kind in ("circle", "ellipse") and abs(long - wide) < ROUND * max(long, wide):
        return End.CIRCLE
    if (
        min(spans[0], spans[4]) < TIP * most
        and spans[2] > MIDDLE * most
        and abs(spans[0] - spans[4]) < EVEN_ENDS * most
    ):
        if LENS[0] < filled < LENS[1] and shape.kind == "other" and shape.fill is None:
            return End.MANY  # a lens whose far half lies under the box: a crow's foot with curved toes
        return End.DIAMOND if filled < DIAMOND else None
    if spans[4] < HEAD_TIP * most and max(spans[0], spans[1]) > HEAD_BACK * most and filled < HEAD:
        return End.ARROW
    return None


def _is_filled(shape: Shape, frame: EndFrame) -> bool:
    if shape.fill is None:
        return False
    return shape.stroke is None or _apart(shape.fill, frame.color) < _apart(shape.fill, frame.background)


def _other_ink(frame: EndFrame, shape: Shape) -> bool:
    """Whether the mark is painted in another colour than the line: it may belong to a line beside."""
    inks = [ink for ink in (shape.stroke, shape.fill) if ink is not None]
    return bool(inks) and min(_apart(ink, frame.color) for ink in inks) > OTHER_INK


def _apart(a: Color, b: Color) -> int:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def _stroke(frame: EndFrame, index: int, piece: Piece) -> VectorMarker | None:
    """A chevron is a mark of its own; other strokes are noted in the frame."""
    local = in_frame(piece.points, frame.origin, frame.axis)
    us, vs = [p[0] for p in local], [p[1] for p in local]
    if max(max(us) - min(us), max(vs) - min(vs)) > frame.largest:
        return None
    if max(us) < NEAR[0] * frame.em or min(us) > NEAR[1] * frame.em:
        return None
    chevron = _chevron(local, frame)
    if chevron > 0:
        return VectorMarker(End.ARROW, max(us), frozenset({index}))
    if chevron < 0:
        frame.feet[index] = 0
        return None
    _note_straight(frame, index, local)
    return None


def _chevron(local: list[Point], frame: EndFrame) -> int:
    """1 for a V that points outwards, -1 for one that opens outwards, 0 for none."""
    if len(local) < 3:
        return 0
    a, b = local[0], local[-1]
    wide = abs(a[1] - b[1])
    if a[1] * b[1] >= 0 or wide < WIDE_V * frame.em or abs(a[1] + b[1]) > UNEVEN_V * wide:
        return 0
    inner = local[1:-1]
    front, back = max(inner), min(inner)
    depth = POINTED * wide
    if front[0] > max(a[0], b[0]) + depth and abs(front[1]) < ON_LINE * wide:
        at_end = abs(front[0]) < AT_END * frame.em
        return 1 if at_end and distance(a, front) < LEGS * distance(b, front) else 0
    if back[0] < min(a[0], b[0]) - depth and abs(back[1]) < ON_LINE * wide:
        return -1
    return 0


def _note_straight(frame: EndFrame, index: int, local: list[Point]) -> None:
    (u0, v0), (u1, v1) = sorted((local[0], local[-1]))
    long, wide = u1 - u0, abs(v1 - v0)
    if max(long, wide) < LEAST_STROKE * frame.em:
        return
    slack = TOUCHES * frame.em
    spread_out = wide > SPREAD * long
    if v0 * v1 < 0 and abs(v0 + v1) < CROSSING * wide:
        if long < BAR * wide:
            frame.bars.append(index)
        elif CROSS[0] < long / wide < CROSS[1] and u0 > -CROSS_BEHIND * frame.em:
            frame.crosses.append(index)
    elif abs(v1) <= slack and abs(v0) > 2 * abs(v1) and spread_out and abs(u1) < AT_END * frame.em:
        frame.arms[index] = int(math.copysign(1, v0))  # comes from behind, ends at the tip
        frame.tip = max(frame.tip, u1)
    elif abs(v0) <= slack and abs(v1) > 2 * abs(v0) and spread_out:
        frame.feet[index] = int(math.copysign(1, v1))


def _from_strokes(frame: EndFrame) -> VectorMarker | None:
    parts = frozenset([*frame.bars, *frame.feet, *frame.circles])
    if 0 in frame.feet.values() or len(set(frame.feet.values())) == 2:
        return VectorMarker(End.ZERO_OR_MANY if frame.circles else End.MANY, frame.tip, parts)
    if len(set(frame.arms.values())) == 2:
        return VectorMarker(End.ARROW, frame.tip, frozenset(frame.arms))
    if len(frame.crosses) == 2:
        return VectorMarker(End.CROSS, 0.0, frozenset(frame.crosses))
    if frame.bars:
        return VectorMarker(End.ZERO_OR_ONE if frame.circles else End.ONE, frame.tip, parts)
    if frame.circles:
        return VectorMarker(End.CIRCLE, frame.tip, parts)
    return None
