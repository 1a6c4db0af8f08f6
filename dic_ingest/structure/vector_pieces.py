"""Paths of a drawing as pieces: single open strokes and closed outlines, each with its paint.

Thin filled areas become strokes along their middle, hatching is dropped. What a piece means (line,
outline, arrowhead) is decided elsewhere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dic_ingest.drawing import Box, Color, Path, Point, intersection
from dic_ingest.structure.geometry import (
    bounds,
    in_frame,
    simplify,
    thin_line,
)
from dic_ingest.structure.vector_arrows import arrow_ends

MAX_POINTS = 400  # of one piece; a longer one is thinned out


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
        return max(self.bbox[2] - self.bbox[0], self.bbox[3] - self.bbox[1])


def pieces_from_paths(paths: Iterable[Path], em: float) -> list[Piece]:
    """Pieces in painting order; `em` is the height of the drawing's usual text."""
    found: list[Piece] = []
    for index, path in enumerate(paths):
        pieces = [p for p in _pieces(path, index, em) if p.size > 0.05]
        if len(pieces) >= 5 and _is_hatching(pieces, em):
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
    if len(kept) > 24:
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
        flat = piece.closed and min(piece.bbox[2] - piece.bbox[0], piece.bbox[3] - piece.bbox[1]) < 0.3
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
    strokes = [p for p in pieces if not p.closed and p.size > 0.2 * em]
    if len(strokes) < 5 or len(strokes) < 0.8 * len(pieces):
        return False
    turns = [_turn(p.points) for p in strokes]
    mean = math.atan2(sum(math.sin(2 * t) for t in turns), sum(math.cos(2 * t) for t in turns)) / 2
    parallel = [
        p for p, t in zip(strokes, turns, strict=True) if abs(math.sin(t - mean)) < math.sin(math.radians(15))
    ]
    if len(parallel) < 0.8 * len(strokes):
        return False
    axis = math.cos(mean), math.sin(mean)
    spans = sorted(_span(p.points, axis) for p in parallel)
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(spans)]
    abreast = sum(min(a[2], b[2]) - max(a[1], b[1]) > 0.4 * min(a[2] - a[1], b[2] - b[1])
                  for a, b in itertools.pairwise(spans))  # fmt: skip
    return max(gaps) < 0.9 * em and spans[-1][0] - spans[0][0] > 0.5 * em and abreast > 0.6 * len(gaps)


def _span(points: tuple[Point, ...], axis: Point) -> tuple[float, float, float]:
    """Place across the axis, and extent along it."""
    local = in_frame(points, (0.0, 0.0), axis)
    along = [u for u, _ in local]
    return sum(v for _, v in local) / len(local), min(along), max(along)


def _turn(points: tuple[Point, ...]) -> float:
    return math.atan2(points[-1][1] - points[0][1], points[-1][0] - points[0][0])
