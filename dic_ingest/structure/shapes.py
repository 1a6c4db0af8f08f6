"""What kind of outline a polygon is: rectangle, rounded, stadium, diamond, circle, hexagon and so on."""

from __future__ import annotations

import itertools
import math

from dic_ingest.drawing import Point
from dic_ingest.structure.geometry import Points, bounds, distance, length, signed_area, simplify_outline


def outline_kind(points: Points, curved: bool) -> str:
    """Name of the outline's form, as in `Shape.kind`; "other" for what is none of them."""
    x0, y0, x1, y1 = bounds(points)
    w, h = x1 - x0, y1 - y0
    if w <= 0 or h <= 0:
        return "other"
    filled = abs(signed_area(points)) / (w * h)
    corners = simplify_outline(points, 0.04 * min(w, h))
    if curved and len(points) > 8:
        return _round_kind(points, w, h, filled)
    return _angular_kind(corners, w, h, filled)


def _round_kind(points: Points, w: float, h: float, filled: float) -> str:
    if abs(filled - math.pi / 4) < 0.035:
        return "circle" if abs(w - h) < 0.12 * max(w, h) else "ellipse"
    small = min(w, h)
    stadium = 1 - (1 - math.pi / 4) * small / max(w, h)
    if filled > 0.8 and abs(filled - stadium) < 0.015:
        return "stadium"
    if filled < 0.72 and _is_diamond(points) and _straight_sides(points) == 4:
        return "diamond"
    if _bulging_caps(points):
        return "cylinder"
    return "rounded" if filled > 0.9 else "other"


def _straight_sides(points: Points) -> int:
    ring = [*points, points[0]]
    around = length(ring)
    return sum(distance(a, b) > 0.12 * around for a, b in itertools.pairwise(ring))


def _bulging_caps(points: Points) -> bool:
    """Straight upright sides, top and bottom drawn as arcs over the whole width."""
    x0, y0, x1, y1 = bounds(points)
    w, h = x1 - x0, y1 - y0
    sides = [
        abs(a[1] - b[1])
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
        if abs(a[0] - b[0]) < 0.01 * w and (abs(a[0] - x0) < 0.02 * w or abs(a[0] - x1) < 0.02 * w)
    ]
    flat = [
        abs(a[0] - b[0])
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
        if abs(a[1] - b[1]) < 0.005 * h
    ]
    return sum(sides) > 0.8 * h and max(flat, default=0.0) < 0.3 * w


def _angular_kind(corners: tuple[Point, ...], w: float, h: float, filled: float) -> str:
    x0, y0, x1, y1 = bounds(corners)
    cy = (y0 + y1) / 2
    if len(corners) == 5 and filled > 0.85 and _cut_corners(corners, min(w, h)) == 1:
        return "note"
    if filled > 0.94:
        return "rect"
    if len(corners) == 4:
        if filled < 0.6 and _is_diamond(corners):
            return "diamond"
        return "parallelogram" if filled > 0.5 else "other"
    if len(corners) == 6 and _has_point_at(corners, (x0, cy), h) and _has_point_at(corners, (x1, cy), h):
        return "hexagon"
    if len(corners) > 8 and abs(filled - math.pi / 4) < 0.03:
        return "circle" if abs(w - h) < 0.12 * max(w, h) else "ellipse"
    return "triangle" if len(corners) == 3 else "other"


def _cut_corners(corners: tuple[Point, ...], small: float) -> int:
    """How many sides are slanted, and not just drawn a little crooked."""
    ring = [*corners, corners[0]]
    return sum(min(abs(a[0] - b[0]), abs(a[1] - b[1])) > 0.08 * small for a, b in itertools.pairwise(ring))


def _is_diamond(points: Points) -> bool:
    x0, y0, x1, y1 = bounds(points)
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    middles = ((cx, y0), (x1, cy), (cx, y1), (x0, cy))
    return max(min(distance(p, m) for p in points) for m in middles) < 0.14 * max(x1 - x0, y1 - y0)


def _has_point_at(corners: tuple[Point, ...], place: Point, size: float) -> bool:
    return any(distance(c, place) < 0.15 * size for c in corners)
