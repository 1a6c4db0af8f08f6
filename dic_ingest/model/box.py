"""Boxes and points of the plane: sides, middle and area of a box, what two boxes share, boxes made of boxes.

A box is (x0, y0, x1, y1), its corners at the top left and the bottom right: points of a page or pixels of a
picture, y downwards. It is a plain tuple, so it compares, hashes and serialises as one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]  # x0, y0, x1, y1
Point: TypeAlias = tuple[float, float]


def width_of(box: Box) -> float:
    """Width of a box; negative for an inverted one."""
    return box[2] - box[0]


def height_of(box: Box) -> float:
    """Height of a box; negative for an inverted one."""
    return box[3] - box[1]


def size_of(box: Box) -> tuple[float, float]:
    """Width and height of a box."""
    return box[2] - box[0], box[3] - box[1]


def center(box: Box) -> Point:
    """Middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def corners(box: Box) -> tuple[Point, Point, Point, Point]:
    """The four corners of a box, clockwise from the top left."""
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def area(box: Box) -> float:
    """Area of a box; 0 for an inverted one."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    return wide * tall if wide > 0.0 and tall > 0.0 else 0.0


def intersection(a: Box, b: Box) -> Box:
    """Common part of two boxes; inverted (area 0) where they are apart."""
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def overlap(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    # called for millions of pairs, most of them apart: no more is computed than that takes
    wide = (a[2] if a[2] < b[2] else b[2]) - (a[0] if a[0] > b[0] else b[0])
    if wide <= 0.0:
        return 0.0
    tall = (a[3] if a[3] < b[3] else b[3]) - (a[1] if a[1] > b[1] else b[1])
    return wide * tall if tall > 0.0 else 0.0


def shared_width(a: Box, b: Box) -> float:
    """Length of the common part of two boxes' horizontal spans; negative where they are apart."""
    return min(a[2], b[2]) - max(a[0], b[0])


def shared_height(a: Box, b: Box) -> float:
    """Length of the common part of two boxes' vertical spans; negative where they are apart."""
    return min(a[3], b[3]) - max(a[1], b[1])


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    both = overlap(a, b)
    union = area(a) + area(b) - both
    return both / union if union > 0 else 0.0


def inside(inner: Box, outer: Box, share: float = 0.5) -> bool:
    """Whether `share` of `inner` lies in `outer`; for a box without area, whether its centre does."""
    whole = area(inner)
    if whole == 0:
        x, y = center(inner)
        return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
    return overlap(inner, outer) >= share * whole


def holds(outer: Box, inner: Box, slack: float = 0.0) -> bool:
    """Whether one box lies in another, or out of it by no more than `slack`."""
    return (
        outer[0] - slack <= inner[0]
        and outer[1] - slack <= inner[1]
        and outer[2] + slack >= inner[2]
        and outer[3] + slack >= inner[3]
    )


def box_gap(box: Box, p: Point) -> float:
    """Distance of a point to a box; 0 inside."""
    dx = max(box[0] - p[0], p[0] - box[2], 0.0)
    dy = max(box[1] - p[1], p[1] - box[3], 0.0)
    return math.hypot(dx, dy)


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box around all; raises ValueError when there is none."""
    listed = list(boxes)
    if not listed:
        raise ValueError("no boxes to unite")
    return (
        min(b[0] for b in listed),
        min(b[1] for b in listed),
        max(b[2] for b in listed),
        max(b[3] for b in listed),
    )


def grow(box: Box, by: float) -> Box:
    """The box with `by` added on every side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def scaled(box: Box, by: float) -> Box:
    """A box in units `by` times as fine."""
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by
