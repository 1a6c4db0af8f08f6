"""Pictograms: small outlines and strokes without text, drawn on and beside one another, as one icon shape.

In: shapes, lines, lines of text. Out: shapes with each cluster replaced by an icon, and the lines left over.
"""

from __future__ import annotations

from collections import defaultdict

from dic_ingest.diagram import End
from dic_ingest.drawing import Box, grow, union
from dic_ingest.structure.geometry import bounds, center, corners, distance, length
from dic_ingest.structure.scene import Line, Shape, TextLine

LARGEST = 9.0  # text heights of an icon
MEMBER = 5.0  # text heights of one of its parts
FEWEST = 4  # parts of an icon; one fewer where one of them is around the others


def gather_icons(
    shapes: list[Shape], lines: list[Line], texts: list[TextLine], em: float
) -> tuple[list[Shape], list[Line]]:
    """Shapes and lines with pictograms gathered; what carries text or is linked by long lines stays."""
    middles = [center(t.bbox) for t in texts]
    small = [
        i for i, s in enumerate(shapes) if _size(s.bbox) <= MEMBER * em and not _holds_any(s.bbox, middles)
    ]
    strokes = [
        i
        for i, x in enumerate(lines)
        if x.start is End.NONE and x.end is End.NONE and _is_stroke(x, em)
    ]
    boxes = [shapes[i].bbox for i in small] + [bounds(lines[i].points) for i in strokes]
    gone_shapes: set[int] = set()
    gone_lines: set[int] = set()
    icons: list[Shape] = []
    for cluster in _clusters(boxes, 0.1 * em, 2 * em):
        box = union(boxes[k] for k in cluster)
        areas = [small[k] for k in cluster if k < len(small)]
        nested = any(_holds(boxes[k], box) for k in cluster if k < len(small))
        if len(cluster) < (FEWEST - nested) or not areas or _size(box) > LARGEST * em or _holds_any(box, middles):
            continue
        gone_shapes.update(areas)
        gone_lines.update(strokes[k - len(small)] for k in cluster if k >= len(small))
        icons.append(Shape(box, corners(box), "icon", order=max(shapes[i].order for i in areas)))
    kept = [s for i, s in enumerate(shapes) if i not in gone_shapes] + icons
    return sorted(kept, key=lambda s: s.order), [x for i, x in enumerate(lines) if i not in gone_lines]


def _is_stroke(line: Line, em: float) -> bool:
    """Short, or folded back on itself: the two legs of a mast, an arc."""
    size = _size(bounds(line.points))
    folded = distance(line.points[0], line.points[-1]) <= 0.8 * size
    return length(line.points) <= 0.6 * MEMBER * em or (folded and size <= MEMBER * em)


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _size(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _holds_any(box: Box, points: list[tuple[float, float]]) -> bool:
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in points)


def _clusters(boxes: list[Box], gap: float, cell: float) -> list[list[int]]:
    """Indexes of boxes that overlap or nearly touch, directly or through others."""
    group = list(range(len(boxes)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

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
                        group[root(i)] = root(k)
                cells[cx, cy].append(i)
    found: dict[int, list[int]] = defaultdict(list)
    for i in range(len(boxes)):
        found[root(i)].append(i)
    return list(found.values())
