"""Outlines that are drawn in several parts: a box that another one completes, copies behind a box.

In: shapes and open pieces. Out: one shape for each thing that the eye sees as one. What lies in an outline or
ends at it is not looked at.
"""

from __future__ import annotations

import itertools

import numpy as np

from dic_ingest.diagrams.scene import Shape
from dic_ingest.diagrams.vector.paths import Piece
from dic_ingest.model.drawing import Box, iou, union
from dic_ingest.model.geometry import bounds, corners, distance, simplify

COVERED = 0.55  # intersection over union of a box and the copy behind it
SAME_SIZE = 0.03  # relative difference of the sides of a box and its copy
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
    if min(box[2] - box[0], box[3] - box[1]) < 0.6 * em:
        return False
    at_corners = all(min(distance(p, c) for c in corners(box)) < 0.1 * em for p in points)
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    square = all(min(abs(x), abs(y)) < 0.1 * em for x, y in steps)
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
        if s.fill is None or s.kind == "icon" or min(wide[i], high[i]) < 0.8 * em:
            continue
        alike = (np.abs(wide - wide[i]) < SAME_SIZE * wide[i] + 0.3) & (
            np.abs(high - high[i]) < SAME_SIZE * high[i] + 0.3
        )
        aside = np.abs(boxes - boxes[i]).max(axis=1) < 1.5 * em
        for k in (int(n) for n in np.flatnonzero(alike & aside)):
            other = shapes[k]
            behind = k != i and other.order < s.order and other.kind == s.kind
            if behind and iou(other.bbox, s.bbox) > COVERED:
                hidden.add(k)
    return [s for i, s in enumerate(shapes) if i not in hidden]
