"""Dashes that were drawn one by one, strung together to dashed lines.

In: pieces. Out: pieces in which a dashed line is one. Works along a line in painting order; where a
path's dashes do not follow one another (sketchy double strokes) its whole ink is fused and the middle of
the strip taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import shapely
from shapely import ops

from dic_ingest.drawing import Point
from dic_ingest.structure.geometry import (
    angle_between,
    bounds,
    center,
    distance,
    folded_line,
    length,
    outward,
    simplify_outline,
)
from dic_ingest.structure.vector_pieces import Piece, thinned


def string_dashes(pieces: list[Piece], em: float) -> list[Piece]:
    """The pieces with dashed lines made whole."""
    by_path: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_path[piece.path].append(piece)
    left: list[Piece] = []
    for group in by_path.values():
        small = len(group) >= 6 and all(p.stroke is None or p.fill is None for p in group)
        if small and all(_may_be_dash(p, em) and p.size < 0.7 * em for p in group):
            strung = list(_in_order(group, em))
            left.extend(strung if len(strung) == 1 else _fused(group, em) or strung)
        else:
            left.extend(group)
    return list(_in_order(left, em))


def _fused(group: list[Piece], em: float) -> list[Piece]:
    """One dashed piece out of many small ones that lie along a line or around an outline; none if they do
    not.
    """
    reach = 0.27 * em
    inks = [shapely.Polygon(p.points) if p.closed else shapely.LineString(p.points) for p in group]
    strip = shapely.unary_union(shapely.buffer(inks, reach, quad_segs=3))
    if strip.geom_type != "Polygon":
        return []
    first = replace(
        group[0], stroke=group[0].color, fill=None, dashed=True, width=min(_dash_width(p) for p in group)
    )
    whole = shapely.Polygon(strip.exterior)
    if whole.area - strip.area > 0.5 * whole.area:
        inner = whole.buffer(-reach, join_style="mitre")
        if inner.geom_type != "Polygon":
            return []
        points = tuple((float(x), float(y)) for x, y in inner.exterior.coords[:-1])
        points = simplify_outline(points, 0.08 * em)
        return [replace(first, points=points, closed=True, curved=False, bbox=bounds(points))]
    ring = tuple((float(x), float(y)) for x, y in strip.exterior.coords[:-1])
    middle = folded_line(ring, 3.5 * reach)
    if middle is None:
        return []
    line = shapely.LineString(middle)
    if line.length <= 3 * reach:
        return []
    cut = ops.substring(line, reach, line.length - reach)
    points = tuple((float(x), float(y)) for x, y in cut.coords)
    return [replace(first, points=points, closed=False, curved=len(points) > 4, bbox=bounds(points))]


def _in_order(pieces: list[Piece], em: float) -> Iterator[Piece]:
    """Short strokes of one style, painted one after the other along a line, become one dashed piece."""
    chain: list[Piece] = []
    for piece in pieces:
        if chain and not _continues(chain, piece, em):
            yield from _strung(chain, em)
            chain = []
        if _may_be_dash(piece, em):
            chain.append(piece)
        else:
            yield piece
    yield from _strung(chain, em)


def _may_be_dash(piece: Piece, em: float) -> bool:
    if piece.closed:
        return piece.stroke is None and piece.size < 0.25 * em
    return piece.size < 1.2 * em and not piece.dashed


def _continues(chain: list[Piece], piece: Piece, em: float) -> bool:
    last = chain[-1]
    if not _may_be_dash(piece, em) or piece.color != last.color:
        return False
    mine, theirs = _dash_width(piece), _dash_width(last)
    bent = piece.closed or last.closed  # a dash around a corner, an area that is no single line
    if abs(mine - theirs) > (0.7 if bent else 0.4) * max(mine, theirs, 0.5):
        return False
    tail = _far_end(chain) if len(chain) > 1 else _nearer_tip(last, center(piece.bbox))
    head = _nearer_tip(piece, tail)
    gap = distance(tail, head)
    if not 0.2 < gap < 0.8 * em:
        return False
    step = ((head[0] - tail[0]) / gap, (head[1] - tail[1]) / gap)
    before = _heading(last, tail)
    return before is None or angle_between(before, step) < 40


def _dash_width(piece: Piece) -> float:
    x0, y0, x1, y1 = piece.bbox
    return min(x1 - x0, y1 - y0) if piece.closed else piece.width


def _tips(piece: Piece) -> tuple[Point, Point]:
    if piece.closed:
        return center(piece.bbox), center(piece.bbox)
    return piece.points[0], piece.points[-1]


def _nearer_tip(piece: Piece, to: Point) -> Point:
    return min(_tips(piece), key=lambda p: distance(p, to))


def _far_end(chain: list[Piece]) -> Point:
    """Where the next dash is expected: the end of the last one that lies away from the one before."""
    a, b = _tips(chain[-1])
    if len(chain) < 2:
        return b
    middle = center(chain[-2].bbox)
    return b if distance(b, middle) >= distance(a, middle) else a


def _heading(piece: Piece, tail: Point) -> Point | None:
    if piece.closed or length(piece.points) < 0.5:
        return None
    return outward(piece.points, tail == piece.points[0], 2.0)


def _strung(chain: list[Piece], em: float) -> Iterator[Piece]:
    if len(chain) < 3:
        yield from chain
        return
    points: list[Point] = []
    for i, piece in enumerate(chain):
        step = [center(piece.bbox)] if piece.closed else list(piece.points)
        toward = points[-1] if points else center(chain[i + 1].bbox)
        if (distance(step[0], toward) > distance(step[-1], toward)) == bool(points):
            step.reverse()
        points.extend(step)
    closed = len(chain) > 7 and distance(points[0], points[-1]) < 0.8 * em
    first = chain[0]
    width = min(_dash_width(p) for p in chain)
    yield replace(
        first, points=thinned(tuple(points)), closed=closed, stroke=first.color, fill=None, dashed=True,
        width=width, bbox=bounds(points), curved=any(p.curved for p in chain),
    )  # fmt: skip
