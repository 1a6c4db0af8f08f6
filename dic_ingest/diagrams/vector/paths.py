"""Paths of a drawing as pieces: open strokes and closed outlines with their paint; dashes drawn one by one
are joined.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import shapely
from shapely import ops

from dic_ingest.diagrams.vector.block_arrows import arrow_ends
from dic_ingest.model.box import Box, Point, center, height_of, intersection, width_of
from dic_ingest.model.drawing import Color, Path
from dic_ingest.model.geometry import (
    angle_between,
    bounds,
    distance,
    folded_line,
    in_frame,
    length,
    outward,
    simplify,
    simplify_outline,
    thin_line,
)

# Paths of a drawing as pieces: single open strokes and closed outlines, each with its paint.


MAX_POINTS = 400  # of one piece; a longer one is thinned out
LEAST_PIECE = 0.05  # drawing units
FLAT = 0.3  # drawing units of the shorter side: a closed piece so flat is a stroke
FEW = 24  # points of a piece that is not thinned out any more

# Hatching: many parallel strokes of one path beside one another.
HATCHES = 5  # strokes, at least
HATCH = 0.2  # text heights of a stroke, more than
MOSTLY = 0.8  # share of the pieces that are strokes, of the strokes that are parallel
PARALLEL = 15  # degrees off the mean direction
ABREAST = (
    0.4,
    0.6,
)  # share of the shorter stroke that neighbours have beside one another; share of such pairs
HATCH_GAP = 0.9  # text heights between two strokes, at most
HATCHED = 0.5  # text heights across, at least

# Dashes and dots that make one line.
DASHES = 6  # of one path, from so many on all small
DASH = (0.25, 0.7, 1.2)  # text heights: of a dot, of a dash among many, of any dash, at most
JOINED = 0.5  # of the area of pieces in a row that their strip lacks, at most
CURVE = 4  # points: more are a curve
UNLIKE = (0.7, 0.4)  # relative difference of the lengths of dashes at a bend, on a straight
LEAST_DASH = 0.5  # drawing units
DASH_GAP = (0.2, 0.8)  # drawing units, text heights
BEND = 40  # degrees between the steps of a chain
RING = (7, 0.8)  # dashes, more than; text heights between the first and the last of a closed chain


@dataclass(frozen=True, slots=True)
class Piece:
    """One subpath. `closed` outlines lack the closing point; `path` tells which pieces were painted
    together.
    """

    points: tuple[Point, ...]
    closed: bool
    curved: bool
    stroke: Color | None
    fill: Color | None
    width: float
    dashed: bool
    order: int
    path: int
    bbox: Box

    @property
    def color(self) -> Color:
        """What the eye sees of it as a line."""
        return self.stroke or self.fill or (0, 0, 0)

    @property
    def size(self) -> float:
        """Longer side of its box."""
        return max(width_of(self.bbox), height_of(self.bbox))


def pieces_from_paths(paths: Iterable[Path], em: float) -> list[Piece]:
    """Pieces in painting order; `em` is the height of the drawing's usual text."""
    found: list[Piece] = []
    for index, path in enumerate(paths):
        pieces = [p for p in _pieces(path, index, em) if p.size > LEAST_PIECE]
        if len(pieces) >= HATCHES and _is_hatching(pieces, em):
            continue
        found.extend(pieces)
    return found


def _pieces(path: Path, index: int, em: float) -> Iterator[Piece]:
    widest = 0.4 * em
    for sub in path.subpaths:
        points = thinned(sub.points)
        box = bounds(points)
        if path.clip is not None:
            shown = intersection(box, path.clip)
            if shown[0] > shown[2] or shown[1] > shown[3]:
                continue
            if path.fill is not None and _is_cut(box, shown):
                x0, y0, x1, y1 = box = shown
                points = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        closed = sub.closed or path.fill is not None
        piece = Piece(
            points, closed and len(points) > 2, sub.curved, path.stroke, path.fill,
            path.width, path.dashed, path.order, index, box,
        )  # fmt: skip
        yield _as_stroke(piece, widest) if closed else piece


def thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without repeated points, and with at most `MAX_POINTS`."""
    kept = [points[0]]
    kept.extend(b for a, b in itertools.pairwise(points) if a != b)
    if len(kept) > FEW:
        kept = list(simplify(kept, 0.05))
    if len(kept) > MAX_POINTS:
        step = len(kept) / MAX_POINTS
        kept = [kept[int(i * step)] for i in range(MAX_POINTS)] + [kept[-1]]
    return tuple(kept) if len(kept) > 1 else (kept[0], kept[0])


def _is_cut(box: Box, shown: Box) -> bool:
    return any(abs(a - b) > 1.0 for a, b in zip(box, shown, strict=True))


def _as_stroke(piece: Piece, widest: float) -> Piece:
    """A closed piece that is but a thick line, as that line; any other one unchanged."""
    if not piece.closed or (piece.stroke is not None and piece.fill is not None):
        flat = piece.closed and min(width_of(piece.bbox), height_of(piece.bbox)) < FLAT
        return replace(piece, closed=False, points=_ends(piece)) if flat else piece
    line = thin_line(piece.points, widest if piece.fill is not None else 0.3)
    if line is None or arrow_ends(piece.points) is not None:
        return piece
    width = line[1] if piece.fill is not None else piece.width
    return replace(
        piece, points=line[0], closed=False, stroke=piece.color, fill=None, width=width, bbox=bounds(line[0])
    )


def _ends(piece: Piece) -> tuple[Point, ...]:
    x0, y0, x1, y1 = piece.bbox
    return ((x0, y0), (x1, y1)) if piece.points[0][0] <= piece.points[-1][0] else ((x1, y1), (x0, y0))


def _is_hatching(pieces: list[Piece], em: float) -> bool:
    """Many near-parallel strokes side by side at less than a text height: a filling, not lines."""
    strokes = [p for p in pieces if not p.closed and p.size > HATCH * em]
    if len(strokes) < HATCHES or len(strokes) < MOSTLY * len(pieces):
        return False
    turns = [_turn(p.points) for p in strokes]
    mean = math.atan2(sum(math.sin(2 * t) for t in turns), sum(math.cos(2 * t) for t in turns)) / 2
    parallel = [
        p
        for p, t in zip(strokes, turns, strict=True)
        if abs(math.sin(t - mean)) < math.sin(math.radians(PARALLEL))
    ]
    if len(parallel) < MOSTLY * len(strokes):
        return False
    axis = math.cos(mean), math.sin(mean)
    spans = sorted(_span(p.points, axis) for p in parallel)
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(spans)]
    abreast = sum(min(a[2], b[2]) - max(a[1], b[1]) > ABREAST[0] * min(a[2] - a[1], b[2] - b[1])
                  for a, b in itertools.pairwise(spans))  # fmt: skip
    wide = spans[-1][0] - spans[0][0] > HATCHED * em
    return max(gaps) < HATCH_GAP * em and wide and abreast > ABREAST[1] * len(gaps)


def _span(points: tuple[Point, ...], axis: Point) -> tuple[float, float, float]:
    """Place across the axis, and extent along it."""
    local = in_frame(points, (0.0, 0.0), axis)
    along = [u for u, _ in local]
    return sum(v for _, v in local) / len(local), min(along), max(along)


def _turn(points: tuple[Point, ...]) -> float:
    return math.atan2(points[-1][1] - points[0][1], points[-1][0] - points[0][0])


# Dashes that were drawn one by one, strung together to dashed lines.


def string_dashes(pieces: list[Piece], em: float) -> list[Piece]:
    """The pieces with dashed lines made whole."""
    by_path: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_path[piece.path].append(piece)
    left: list[Piece] = []
    for group in by_path.values():
        small = len(group) >= DASHES and all(p.stroke is None or p.fill is None for p in group)
        if small and all(_may_be_dash(p, em) and p.size < DASH[1] * em for p in group):
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
    if whole.area - strip.area > JOINED * whole.area:
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
    return [replace(first, points=points, closed=False, curved=len(points) > CURVE, bbox=bounds(points))]


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
        return piece.stroke is None and piece.size < DASH[0] * em
    return piece.size < DASH[2] * em and not piece.dashed


def _continues(chain: list[Piece], piece: Piece, em: float) -> bool:
    last = chain[-1]
    if not _may_be_dash(piece, em) or piece.color != last.color:
        return False
    mine, theirs = _dash_width(piece), _dash_width(last)
    bent = piece.closed or last.closed  # a dash around a corner, an area that is no single line
    if abs(mine - theirs) > UNLIKE[0 if bent else 1] * max(mine, theirs, LEAST_DASH):
        return False
    tail = _far_end(chain) if len(chain) > 1 else _nearer_tip(last, center(piece.bbox))
    head = _nearer_tip(piece, tail)
    gap = distance(tail, head)
    if not DASH_GAP[0] < gap < DASH_GAP[1] * em:
        return False
    step = ((head[0] - tail[0]) / gap, (head[1] - tail[1]) / gap)
    before = _heading(last, tail)
    return before is None or angle_between(before, step) < BEND


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
    if piece.closed or length(piece.points) < LEAST_DASH:
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
    closed = len(chain) > RING[0] and distance(points[0], points[-1]) < RING[1] * em
    first = chain[0]
    width = min(_dash_width(p) for p in chain)
    yield replace(
        first, points=thinned(tuple(points)), closed=closed, stroke=first.color, fill=None, dashed=True,
        width=width, bbox=bounds(points), curved=any(p.curved for p in chain),
    )  # fmt: skip
