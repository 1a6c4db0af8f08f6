"""Outlines of a drawing as `Shape`s: closed pieces, rings of open strokes, frames ruled by straight lines,
and their type.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from dic_ingest.diagrams.scene import Shape
from dic_ingest.diagrams.vector.paths import Piece
from dic_ingest.model.box import Box, Point, area, center, corners, height_of, holds, iou, union, width_of
from dic_ingest.model.drawing import Color
from dic_ingest.model.geometry import (
    Points,
    bounds,
    contains,
    distance,
    length,
    signed_area,
    simplify,
    simplify_outline,
)

# What kind of outline a polygon is: rectangle, rounded, stadium, diamond, circle, hexagon and so on.

DISC = math.pi / 4  # share of its box that an ellipse fills
DISC_SLACK = (0.035, 0.03)  # of that share, for a curved outline and for a polygon of many corners
AS_HIGH = 0.12  # relative difference of a circle's width and height
MANY_CORNERS = 8  # more are a curve's
STADIUM = (0.8, 0.015)  # least filled share of a stadium, and how far off the exact one it may be
CURVED_DIAMOND = 0.72  # most filled share of a diamond with rounded corners
ROUNDED = 0.9  # least filled share of a rectangle with rounded corners
STRAIGHT = 0.12  # of the outline's length: a side, not a piece of a curve
UPRIGHT = 0.01  # of the width, between the ends of a cylinder's side
AT_SIDE = 0.02  # of the width, between a cylinder's side and its box
LEVEL = 0.005  # of the height, between the ends of a level piece
SIDES = 0.8  # of the height that a cylinder's two sides make together, at least
FLAT_TOP = 0.3  # of the width that is level in an arc, at most
NOTE = 0.85  # least filled share of a rectangle with one corner cut
CUT = 0.08  # of the smaller side: a slant that is drawn, not a crooked hand
RECTANGLE = 0.94  # least filled share
DIAMOND = 0.6  # most filled share
PARALLELOGRAM = 0.5  # least filled share
AT_MIDDLE = 0.14  # of the larger side, between a diamond's corner and the middle of a side of its box
AT_POINT = 0.15  # of the height, between a hexagon's corner and where it points


def outline_kind(points: Points, curved: bool) -> str:
    """Name of the outline's form, as in `Shape.kind`; "other" for what is none of them."""
    x0, y0, x1, y1 = bounds(points)
    w, h = x1 - x0, y1 - y0
    if w <= 0 or h <= 0:
        return "other"
    filled = abs(signed_area(points)) / (w * h)
    corners = simplify_outline(points, 0.04 * min(w, h))
    if curved and len(points) > MANY_CORNERS:
        return _round_kind(points, w, h, filled)
    return _angular_kind(corners, w, h, filled)


def _round_kind(points: Points, w: float, h: float, filled: float) -> str:
    if abs(filled - DISC) < DISC_SLACK[0]:
        return "circle" if abs(w - h) < AS_HIGH * max(w, h) else "ellipse"
    small = min(w, h)
    stadium = 1 - (1 - DISC) * small / max(w, h)
    if filled > STADIUM[0] and abs(filled - stadium) < STADIUM[1]:
        return "stadium"
    if filled < CURVED_DIAMOND and _is_diamond(points) and _straight_sides(points) == 4:
        return "diamond"
    if _bulging_caps(points):
        return "cylinder"
    return "rounded" if filled > ROUNDED else "other"


def _straight_sides(points: Points) -> int:
    ring = [*points, points[0]]
    around = length(ring)
    return sum(distance(a, b) > STRAIGHT * around for a, b in itertools.pairwise(ring))


def _bulging_caps(points: Points) -> bool:
    """Straight upright sides, top and bottom drawn as arcs over the whole width."""
    x0, y0, x1, y1 = bounds(points)
    w, h = x1 - x0, y1 - y0
    sides = [
        abs(a[1] - b[1])
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
        if abs(a[0] - b[0]) < UPRIGHT * w and min(abs(a[0] - x0), abs(a[0] - x1)) < AT_SIDE * w
    ]
    flat = [
        abs(a[0] - b[0])
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
        if abs(a[1] - b[1]) < LEVEL * h
    ]
    return sum(sides) > SIDES * h and max(flat, default=0.0) < FLAT_TOP * w


def _angular_kind(corners: tuple[Point, ...], w: float, h: float, filled: float) -> str:
    x0, y0, x1, y1 = bounds(corners)
    cy = (y0 + y1) / 2
    if len(corners) == 5 and filled > NOTE and _cut_corners(corners, min(w, h)) == 1:
        return "note"
    if filled > RECTANGLE:
        return "rect"
    if len(corners) == 4:
        if filled < DIAMOND and _is_diamond(corners):
            return "diamond"
        return "parallelogram" if filled > PARALLELOGRAM else "other"
    if len(corners) == 6 and _has_point_at(corners, (x0, cy), h) and _has_point_at(corners, (x1, cy), h):
        return "hexagon"
    if len(corners) > MANY_CORNERS and abs(filled - DISC) < DISC_SLACK[1]:
        return "circle" if abs(w - h) < AS_HIGH * max(w, h) else "ellipse"
    return "triangle" if len(corners) == 3 else "other"


def _cut_corners(corners: tuple[Point, ...], small: float) -> int:
    """How many sides are slanted, and not just drawn a little crooked."""
    ring = [*corners, corners[0]]
    return sum(min(abs(a[0] - b[0]), abs(a[1] - b[1])) > CUT * small for a, b in itertools.pairwise(ring))


def _is_diamond(points: Points) -> bool:
    x0, y0, x1, y1 = bounds(points)
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    middles = ((cx, y0), (x1, cy), (cx, y1), (x0, cy))
    return max(min(distance(p, m) for p in points) for m in middles) < AT_MIDDLE * max(x1 - x0, y1 - y0)


def _has_point_at(corners: tuple[Point, ...], place: Point, size: float) -> bool:
    return any(distance(c, place) < AT_POINT * size for c in corners)


# Rectangles drawn as separate straight lines: boxes ruled side by side, frames of four rules.


MAX_GROUPS = 400
LEAST_FRAME = 0.6  # text heights of a frame's sides and of a rule
RULE_TILT = 0.4  # of the slack, between the ends of a rule
ONE_RULE = 0.5  # of the slack, between pieces of one rule


@dataclass(slots=True)
class Rule:
    """A straight horizontal (or, with axes swapped, vertical) line: its place, its extent, its pieces."""

    at: float
    low: float
    high: float
    pieces: set[int] = field(default_factory=set)


def find_frames(pieces: list[Piece], em: float) -> tuple[list[Shape], list[Piece]]:
    """Rectangles made of rules, and all pieces but their four sides."""
    slack = max(0.08 * em, 0.8)
    flat = _rules(pieces, slack, em, upright=False)
    tall = _rules(pieces, slack, em, upright=True)
    shapes: list[Shape] = []
    used: set[int] = set()
    by_span = _grouped(flat, slack)
    for (y0, y1), uprights in _grouped(tall, slack).items():
        for (x0, x1), levels in by_span.items():
            sides = [  # left, right, top, bottom
                _at(uprights, x0, slack),
                _at(uprights, x1, slack),
                _at(levels, y0, slack),
                _at(levels, y1, slack),
            ]
            if all(sides) and min(x1 - x0, y1 - y0) > LEAST_FRAME * em:
                members = set().union(*(s.pieces for s in sides if s))
                shapes.append(_frame((x0, y0, x1, y1), pieces[min(members)]))
                used |= members
    return shapes, [p for i, p in enumerate(pieces) if i not in used]


def _rules(pieces: list[Piece], slack: float, em: float, upright: bool) -> list[Rule]:
    found: list[Rule] = []
    for i, p in enumerate(pieces):
        if p.closed or p.curved:
            continue
        x0, y0, x1, y1 = p.bbox
        at0, at1, low, high = (x0, x1, y0, y1) if upright else (y0, y1, x0, x1)
        if at1 - at0 < RULE_TILT * slack and high - low > slack:
            found.append(Rule((at0 + at1) / 2, low, high, {i}))
    found.sort(key=lambda r: (round(r.at / slack), r.low))
    merged: list[Rule] = []
    for rule in found:
        last = merged[-1] if merged else None
        if last and abs(last.at - rule.at) < ONE_RULE * slack and rule.low <= last.high + slack:
            last.high = max(last.high, rule.high)
            last.pieces |= rule.pieces
        else:
            merged.append(rule)
    return [r for r in merged if r.high - r.low > LEAST_FRAME * em]


def _grouped(rules: list[Rule], slack: float) -> dict[tuple[float, float], list[Rule]]:
    """Rules of the same extent together; only extents that two rules share."""
    groups: dict[tuple[float, float], list[Rule]] = {}
    cells: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for rule in rules:
        home = int(rule.low // (2 * slack)), int(rule.high // (2 * slack))
        near = [k for dx in (-1, 0, 1) for dy in (-1, 0, 1) for k in cells[home[0] + dx, home[1] + dy]]
        key = next(
            (k for k in near if abs(k[0] - rule.low) <= slack and abs(k[1] - rule.high) <= slack), None
        )
        if key is None:
            key = (rule.low, rule.high)
            cells[home].append(key)
            groups[key] = []
        groups[key].append(rule)
    shared = [(k, v) for k, v in groups.items() if len(v) > 1]
    return dict(shared[:MAX_GROUPS])


def _at(rules: list[Rule], place: float, slack: float) -> Rule | None:
    return next((r for r in rules if abs(r.at - place) <= slack), None)


def _frame(box: Box, like: Piece) -> Shape:
    x0, y0, x1, y1 = box
    polygon = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return Shape(box, polygon, "rect", None, like.color, like.dashed, like.order)


# Outlines of a drawing as `Shape`s: closed pieces, rings of open strokes, fill and border painted apart.


WHITE: Color = (255, 255, 255)


PATCHES = 8  # borderless areas of one path: from so many on they may fill one outline
SAME_PLACE = 0.9  # intersection over union of the patches' box and that outline
DETAIL = 1.5  # text heights of what decorates another outline of its path, at most
RIM = 0.7  # share of an outline's area that a second rim holds, at least
BY_STROKE = 400  # area of an outline by a square of an open stroke's size in it: beyond, two things
OPEN = 0.5  # share of what strokes enclose that is open, in a ring
LEAST_HOLE = 0.5  # text heights of the open part's side
LEAST_RING = 0.4  # text heights of a ring's sides
CLOSING = 0.25  # text heights between the ends of a stroke that closes
MAX_POINTS = 3000  # of the open strokes of one path that are tried as rings
ON_PAPER = 0.98  # share of the pieces that lie on the background
TWINS_APART = 2.0  # drawing units between the sides of an outline's fill and of its border
SHADOW = (
    6.0,
    0.85,
)  # drawing units between the sides of a shadow and its owner; their intersection over union


@dataclass(frozen=True, slots=True)
class Outlines:
    """Shapes in painting order, what is left for lines, and the background's colour."""

    shapes: tuple[Shape, ...]
    rest: tuple[Piece, ...]
    background: Color = WHITE


def find_outlines(pieces: list[Piece], em: float) -> Outlines:
    """Shapes among the pieces; every piece is used once."""
    shapes: list[Shape] = []
    rest: list[Piece] = []
    by_path: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_path[piece.path].append(piece)
    crumbs: list[list[Shape]] = []
    for group in by_path.values():
        closed = _outermost([p for p in group if p.closed], em)
        found = [shape_of(p.points, p, em) for p in closed]
        if len(found) >= PATCHES and all(s.stroke is None for s in found):
            crumbs.append(found)
        else:
            shapes.extend(found)
        open_ = [p for p in group if not p.closed and not _within_any(p, closed)]
        rings, left = _rings(open_, em)
        shapes.extend(rings)
        rest.extend(left)
    shapes.extend(s for crumb in crumbs for s in _without_owner(crumb, shapes))
    shapes.sort(key=lambda s: s.order)
    shapes, background = _without_background(shapes, pieces)
    return Outlines(tuple(merge_twins(shapes)), tuple(rest), background)


def _without_owner(crumbs: list[Shape], shapes: list[Shape]) -> list[Shape]:
    """Many areas painted at once, unless they are the filling of one outline that is drawn by itself."""
    whole = union(s.bbox for s in crumbs)
    return [] if any(iou(s.bbox, whole) > SAME_PLACE for s in shapes) else crumbs


def shape_of(points: tuple[Point, ...], piece: Piece, em: float) -> Shape:
    """The piece's paint on an outline, its form named."""
    box = bounds(points)
    small = min(width_of(box), height_of(box))
    kind = outline_kind(points, piece.curved)
    polygon = simplify_outline(points, min(0.05 * em, 0.03 * small)) if len(points) > MANY_CORNERS else points
    return Shape(box, polygon, kind, piece.fill, piece.stroke, piece.dashed, piece.order)


def _outermost(closed: list[Piece], em: float) -> list[Piece]:
    """Without the pieces that only decorate another one of the same path: inner rims, small details."""
    kept: list[Piece] = []
    for piece in sorted(closed, key=lambda p: -area(p.bbox)):
        middle = center(piece.bbox)
        holder = next(
            (k for k in kept if holds(k.bbox, piece.bbox, 0.5) and contains(k.points, middle)), None
        )
        if holder is None or not _is_detail(piece, holder, em):
            kept.append(piece)
    return sorted(kept, key=lambda p: p.order)


def _is_detail(piece: Piece, holder: Piece, em: float) -> bool:
    return piece.fill is not None or piece.size < DETAIL * em or area(piece.bbox) > RIM * area(holder.bbox)


def _within_any(piece: Piece, closed: Iterable[Piece]) -> bool:
    """An open stroke painted along with an outline that holds it: a cylinder's rim, a fold."""
    return any(
        holds(c.bbox, piece.bbox, 0.5) and area(c.bbox) < BY_STROKE * max(piece.size, 1) ** 2 for c in closed
    )


def _rings(open_: list[Piece], em: float) -> tuple[list[Shape], list[Piece]]:
    """Outlines that several open strokes of one path make together, and the strokes left over."""
    if not open_ or not _may_ring(open_, em):
        return [], open_
    reach = max(0.12 * em, *(p.width for p in open_))
    lines = shapely.MultiLineString([p.points for p in open_])
    inked = shapely.buffer(lines, reach, quad_segs=2)
    found: list[Shape] = []
    outlines = []
    for blob in getattr(inked, "geoms", [inked]):
        full = shapely.Polygon(blob.exterior)
        holes = sum(shapely.Polygon(h).area for h in blob.interiors)
        if holes < OPEN * full.area or holes < (LEAST_HOLE * em) ** 2:
            continue
        inner = full.buffer(-1.01 * reach, join_style="mitre")
        for part in getattr(inner, "geoms", [inner]):
            if part.is_empty or part.area < (LEAST_RING * em) ** 2:
                continue
            points = tuple((float(x), float(y)) for x, y in part.exterior.coords[:-1])
            points = simplify_outline(points, 0.1 * em)
            outlines.append(part.buffer(2 * reach))
            found.append(shape_of(points, replace(open_[0], curved=False, fill=None), em))
    if not found:
        return [], open_
    left = [p for p in open_ if not any(o.contains(shapely.LineString(p.points)) for o in outlines)]
    return found, left


def _may_ring(open_: list[Piece], em: float) -> bool:
    if sum(len(p.points) for p in open_) > MAX_POINTS:
        return False
    box = bounds([p for piece in open_ for p in piece.points])
    if min(width_of(box), height_of(box)) < LEAST_RING * em:
        return False
    if len(open_) > 1:
        return True
    ends = open_[0].points[0], open_[0].points[-1]
    return len(open_[0].points) > 3 and distance(*ends) < CLOSING * em


def _without_background(shapes: list[Shape], pieces: list[Piece]) -> tuple[list[Shape], Color]:
    """Shapes but the borderless areas, painted first, that everything lies on."""
    background = WHITE
    count = 0
    for i, shape in enumerate(shapes[:4]):
        on_it = sum(holds(shape.bbox, p.bbox, 3.0) for p in pieces)
        if shape.stroke is not None or shape.fill is None or on_it < ON_PAPER * len(pieces):
            break
        if any(holds(s.bbox, shape.bbox, 1.0) and s.stroke is not None for s in shapes[i + 1 :]):
            break  # the fill of a frame
        background, count = shape.fill, i + 1
    return shapes[count:], background


def merge_twins(shapes: list[Shape]) -> list[Shape]:
    """One shape where fill and border, or a shadow and its owner, were painted as two."""
    kept: list[Shape] = []
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for shape in shapes:
        cx, cy = center(shape.bbox)
        home = int(cx // 4), int(cy // 4)
        near = [
            i for dx in (-1, 0, 1) for dy in (-1, 0, 1) for i in cells.get((home[0] + dx, home[1] + dy), ())
        ]
        twin = next((i for i in near if _are_twins(kept[i], shape)), None)
        if twin is None:
            cells[home].append(len(kept))
            kept.append(shape)
        else:
            kept[twin] = _merged(kept[twin], shape)
    return kept


def _are_twins(a: Shape, b: Shape) -> bool:
    off = max(abs(p - q) for p, q in zip(a.bbox, b.bbox, strict=True))
    size = min(width_of(b.bbox), height_of(b.bbox))
    if off <= min(TWINS_APART, 0.1 * size + 0.3):
        return True
    return (
        a.stroke is None and off <= SHADOW[0] and iou(a.bbox, b.bbox) > SHADOW[1]
    )  # a shadow below its owner


def _merged(a: Shape, b: Shape) -> Shape:
    border = b if b.stroke is not None else a
    exact = a if border.dashed and not a.dashed else b if border.dashed and not b.dashed else border
    return replace(
        border,
        bbox=exact.bbox,
        polygon=exact.polygon,
        kind=exact.kind,
        fill=b.fill if b.fill is not None else a.fill,
        stroke=border.stroke,
        dashed=border.dashed,
        order=max(a.order, b.order),
    )


# Boxes whose outline is put together from several paths, and copies of one outline.


COVERED = 0.55  # intersection over union of a box and the copy behind it
SAME_SIZE = 0.03  # relative difference of the sides of a box and its copy
LEAST_COPIED = 0.8  # text heights of the sides of a box that has a copy
COPY_ASIDE = 1.5  # text heights between a box and its copy
ROUNDING = 0.3  # drawing units, on top of the relative difference
SQUARE = 0.1  # text heights that a bracket's corner may be off
CORNER = 0.2  # text heights between a line's end and the corner that it leaves from


def complete_boxes(pieces: list[Piece], shapes: list[Shape], em: float) -> tuple[list[Shape], list[Piece]]:
    """Shapes of three sides that another outline gives the fourth, and the pieces that are left.

    A title bar with the rest of its box as one open stroke is how classes, tables and lanes are often drawn:
    the new outline is that of both.
    """
    found: list[Shape] = []
    left: list[Piece] = []
    for piece in pieces:
        base = _base(piece, shapes, em)
        if base is None:
            left.append(piece)
            continue
        box = union((bounds(piece.points), base.bbox))
        fill = piece.fill
        found.append(Shape(box, corners(box), "rect", fill, piece.stroke, piece.dashed, piece.order))
    return found, left


def _base(piece: Piece, shapes: list[Shape], em: float) -> Shape | None:
    """The outline whose one side the open stroke's ends are the corners of, outside of it."""
    if piece.closed or piece.curved:
        return None
    points = simplify(piece.points, 0.05 * em)
    box = bounds(points)
    if len(points) != 4 or not _is_three_sides(points, box, em):
        return None
    slack = CORNER * em
    for shape in shapes:
        if shape.kind not in ("rect", "rounded"):
            continue
        near = [
            any(distance(end, corner) <= slack for corner in corners(shape.bbox))
            for end in (points[0], points[-1])
        ]
        if all(near) and _beside(box, shape.bbox, slack):
            return shape
    return None


def _is_three_sides(points: tuple[tuple[float, float], ...], box: Box, em: float) -> bool:
    """Two parallel legs of equal length, upright or level, and what joins them at a right angle."""
    if min(width_of(box), height_of(box)) < LEAST_FRAME * em:
        return False
    at_corners = all(min(distance(p, c) for c in corners(box)) < SQUARE * em for p in points)
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    square = all(min(abs(x), abs(y)) < SQUARE * em for x, y in steps)
    return at_corners and square


def _beside(a: Box, b: Box, slack: float) -> bool:
    """Whether two boxes share a whole side and lie on either side of it."""
    for low, high, other in ((0, 2, (1, 3)), (1, 3, (0, 2))):
        flush = abs(a[low] - b[low]) <= slack and abs(a[high] - b[high]) <= slack
        lo, hi = other
        if flush and (abs(a[lo] - b[hi]) <= slack or abs(a[hi] - b[lo]) <= slack):
            return True
    return False


def drop_copies(shapes: list[Shape], em: float) -> list[Shape]:
    """Without shadows and copies behind an outline: of its size, a little aside, largely covered by it."""
    if len(shapes) < 2:
        return shapes
    boxes = np.array([s.bbox for s in shapes])
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    hidden: set[int] = set()
    for i, s in enumerate(shapes):
        if s.fill is None or s.kind == "icon" or min(wide[i], high[i]) < LEAST_COPIED * em:
            continue
        alike = (np.abs(wide - wide[i]) < SAME_SIZE * wide[i] + ROUNDING) & (
            np.abs(high - high[i]) < SAME_SIZE * high[i] + ROUNDING
        )
        aside = np.abs(boxes - boxes[i]).max(axis=1) < COPY_ASIDE * em
        for k in (int(n) for n in np.flatnonzero(alike & aside)):
            other = shapes[k]
            behind = k != i and other.order < s.order and other.kind == s.kind
            if behind and iou(other.bbox, s.bbox) > COVERED:
                hidden.add(k)
    return [s for i, s in enumerate(shapes) if i not in hidden]
