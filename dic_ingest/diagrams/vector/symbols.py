"""Pictograms: small outlines and strokes without text, drawn on and beside one another, as one icon shape.

In: shapes, lines, lines of text. Out: shapes with each cluster replaced by an icon, and the lines left over.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.scene import Line, Shape, TextLine
from dic_ingest.diagrams.vector.paths import Piece
from dic_ingest.model.box import Box, center, corners, grow, height_of, holds, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import bounds, distance, is_round, length
from dic_ingest.model.grouping import DisjointSets

GAP = 0.2  # text heights between two of its parts
LARGEST = 9.0  # text heights of an icon
MEMBER = 5.0  # text heights of one of its parts
HEAD = (0.5, 3.5)  # text heights of a stick figure's head
WIDE = 2.2  # times its head that a stick figure reaches to each side
HIGH = 5.0  # times its head that it reaches below it
MOST_STROKES = 2000  # beyond them no stick figure is looked for
LIMBS = 3  # strokes of its body, arms and legs; a body and a leg may be one
FEWEST = 4  # parts of an icon; one fewer where one of them is around the others


def gather_icons(
    shapes: list[Shape], lines: list[Line], texts: list[TextLine], em: float
) -> tuple[list[Shape], list[Line]]:
    """Shapes and lines with pictograms gathered; what carries text or is linked by long lines stays."""
    middles = [center(t.bbox) for t in texts]
    strokes = [
        i for i, x in enumerate(lines) if x.start is End.NONE and x.end is End.NONE and _is_stroke(x, em)
    ]
    bare = [i for i, s in enumerate(shapes) if not _holds_any(s.bbox, middles)]
    small = [i for i in bare if _size(shapes[i].bbox) <= MEMBER * em]
    tiny = np.array([shapes[i].bbox for i in small]).reshape(-1, 4)
    # a body larger than most parts shows by what is drawn in it
    large = [i for i in bare if MEMBER * em < _size(shapes[i].bbox) <= LARGEST * em]
    small += [i for i in large if _held(shapes[i].bbox, tiny) >= FEWEST - 1]
    boxes = [shapes[i].bbox for i in small] + [bounds(lines[i].points) for i in strokes]
    gone_shapes: set[int] = set()
    gone_lines: set[int] = set()
    icons: list[Shape] = []
    for cluster in _clusters(boxes, GAP * em, 2 * em):
        areas = [small[k] for k in cluster if k < len(small)]
        if not areas:
            continue
        body = union(shapes[i].bbox for i in areas)
        inked = [k for k in cluster if k >= len(small) and not _leads_away(boxes[k], body, em)]
        box = union([body, *(boxes[k] for k in inked)])
        nested = any(holds(shapes[i].bbox, box) for i in areas)
        parts = len(areas) + len(inked)
        drum = parts == len(areas) == 2 and _is_drum([shapes[i] for i in areas], em)
        if (parts < FEWEST - nested and not drum) or _size(box) > LARGEST * em or _holds_any(box, middles):
            continue
        gone_shapes.update(areas)
        gone_lines.update(strokes[k - len(small)] for k in inked)
        icons.append(Shape(box, corners(box), "icon", order=max(shapes[i].order for i in areas)))
    kept = [s for i, s in enumerate(shapes) if i not in gone_shapes] + icons
    return sorted(kept, key=lambda s: s.order), [x for i, x in enumerate(lines) if i not in gone_lines]


def stick_figures(
    shapes: list[Shape], strokes: list[Piece], texts: list[TextLine], em: float
) -> tuple[list[Shape], list[Piece]]:
    """Shapes and strokes with stick figures gathered into one icon each: a head, and limbs close below it."""
    middles = [center(t.bbox) for t in texts]
    icons: list[Shape] = []
    heads: set[int] = set()
    gone: set[int] = set()
    for i, head in enumerate(shapes):
        small = HEAD[0] * em < _size(head.bbox) < HEAD[1] * em
        if small and is_round(head.polygon) and not _holds_any(head.bbox, middles):
            limbs = _limbs(head.bbox, strokes) if len(strokes) <= MOST_STROKES else []
            if limbs and not gone & set(limbs):
                box = union([head.bbox, *(strokes[k].bbox for k in limbs)])
                icons.append(Shape(box, corners(box), "icon", order=head.order))
                heads.add(i)
                gone.update(limbs)
    kept = [s for i, s in enumerate(shapes) if i not in heads] + icons
    return sorted(kept, key=lambda s: s.order), [x for k, x in enumerate(strokes) if k not in gone]


def _limbs(head: Box, strokes: list[Piece]) -> list[int]:
    """The strokes below a head: a body that begins at it, arms and legs to both sides; else none."""
    size, foot = _size(head), head[3]
    x = center(head)[0]
    around = (x - WIDE * size, foot - 0.2 * size, x + WIDE * size, foot + HIGH * size)
    limbs = [k for k, stroke in enumerate(strokes) if holds(around, stroke.bbox)]
    ends = [p for k in limbs for p in (strokes[k].points[0], strokes[k].points[-1])]
    neck = any(distance(p, (x, foot)) < 0.3 * size for p in ends)
    left, right = (sum(side * (p[0] - x) > 0.3 * size for p in ends) for side in (-1, 1))
    return limbs if neck and min(left, right) > 1 and len(limbs) >= LIMBS else []


def _held(box: Box, others: NDArray[np.float64]) -> int:
    x0, y0, x1, y1 = others.T
    return int(((x0 >= box[0]) & (y0 >= box[1]) & (x1 <= box[2]) & (y1 <= box[3])).sum())


def _is_drum(shapes: list[Shape], em: float) -> bool:
    """A body with an ellipse as wide across its top: a store."""
    lid, body = sorted(shapes, key=lambda s: height_of(s.bbox))
    (x0, y0, x1, y1), (left, top, right, bottom) = lid.bbox, body.bbox
    wide = abs(x0 - left) < 0.2 * em and abs(x1 - right) < 0.2 * em
    return lid.kind == "ellipse" and wide and y0 < top + 0.2 * em and top < y1 < bottom


def _leads_away(stroke: Box, body: Box, em: float) -> bool:
    """Whether it is a line that ends at an icon, not a stroke in it: far out of a body of some size."""
    if min(width_of(body), height_of(body)) < 1.5 * em:
        return False
    return not holds(grow(body, 0.5 * em), stroke)


def _is_stroke(line: Line, em: float) -> bool:
    """Short, or folded back on itself: the two legs of a mast, an arc."""
    size = _size(bounds(line.points))
    folded = distance(line.points[0], line.points[-1]) <= 0.8 * size
    return length(line.points) <= 0.6 * MEMBER * em or (folded and size <= MEMBER * em)


def _size(box: Box) -> float:
    return max(width_of(box), height_of(box))


def _holds_any(box: Box, points: list[tuple[float, float]]) -> bool:
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in points)


def _clusters(boxes: list[Box], gap: float, cell: float) -> list[list[int]]:
    """Indexes of boxes that overlap or nearly touch, directly or through others."""
    joined = DisjointSets(len(boxes))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, box in enumerate(boxes):
        x0, y0, x1, y1 = grow(box, gap / 2)
        for cx in range(int(x0 // cell), int(x1 // cell) + 1):
            for cy in range(int(y0 // cell), int(y1 // cell) + 1):
                for k in cells[cx, cy]:
                    b = boxes[k]
                    if (
                        b[0] <= x1 + gap / 2
                        and b[2] >= x0 - gap / 2
                        and b[1] <= y1 + gap / 2
                        and b[3] >= y0 - gap / 2
                    ):
                        joined.join(i, k)
                cells[cx, cy].append(i)
    return joined.groups()
