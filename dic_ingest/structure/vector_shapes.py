"""Outlines of a drawing as `Shape`s: closed pieces, rings of open strokes, fill and border painted apart.

In: pieces. Out: shapes, the pieces that belong to none, the colour of the page behind. Small shapes stay in:
whether one is an arrowhead or a node of its own is decided where line ends are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import shapely

from dic_ingest.drawing import Color, Point, area, iou, union
from dic_ingest.structure.geometry import bounds, center, contains, distance, holds, simplify_outline
from dic_ingest.structure.scene import Shape
from dic_ingest.structure.shapes import outline_kind
from dic_ingest.structure.vector_pieces import Piece

WHITE: Color = (255, 255, 255)


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
        if len(found) >= 8 and all(s.stroke is None for s in found):
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
    return [] if any(iou(s.bbox, whole) > 0.9 for s in shapes) else crumbs


def shape_of(points: tuple[Point, ...], piece: Piece, em: float) -> Shape:
    """The piece's paint on an outline, its form named."""
    box = bounds(points)
    small = min(box[2] - box[0], box[3] - box[1])
    kind = outline_kind(points, piece.curved)
    polygon = simplify_outline(points, min(0.05 * em, 0.03 * small)) if len(points) > 8 else points
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
    return piece.fill is not None or piece.size < 1.5 * em or area(piece.bbox) > 0.7 * area(holder.bbox)


def _within_any(piece: Piece, closed: Iterable[Piece]) -> bool:
    """An open stroke painted along with an outline that holds it: a cylinder's rim, a fold."""
    return any(
        holds(c.bbox, piece.bbox, 0.5) and area(c.bbox) < 400 * max(piece.size, 1) ** 2 for c in closed
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
        if holes < 0.5 * full.area or holes < (0.5 * em) ** 2:
            continue
        inner = full.buffer(-1.01 * reach, join_style="mitre")
        for part in getattr(inner, "geoms", [inner]):
            if part.is_empty or part.area < (0.4 * em) ** 2:
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
    if sum(len(p.points) for p in open_) > 3000:
        return False
    box = bounds([p for piece in open_ for p in piece.points])
    if min(box[2] - box[0], box[3] - box[1]) < 0.4 * em:
        return False
    if len(open_) > 1:
        return True
    ends = open_[0].points[0], open_[0].points[-1]
    return len(open_[0].points) > 3 and distance(*ends) < 0.25 * em


def _without_background(shapes: list[Shape], pieces: list[Piece]) -> tuple[list[Shape], Color]:
    """Shapes but the borderless areas, painted first, that everything lies on."""
    background = WHITE
    count = 0
    for i, shape in enumerate(shapes[:4]):
        on_it = sum(holds(shape.bbox, p.bbox, 3.0) for p in pieces)
        if shape.stroke is not None or shape.fill is None or on_it < 0.98 * len(pieces):
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
    size = min(b.bbox[2] - b.bbox[0], b.bbox[3] - b.bbox[1])
    if off <= min(2.0, 0.1 * size + 0.3):
        return True
    return a.stroke is None and off <= 6.0 and iou(a.bbox, b.bbox) > 0.85  # a shadow below its owner


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
