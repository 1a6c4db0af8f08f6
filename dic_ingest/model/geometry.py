"""Plane geometry of polylines and outlines: lengths, directions, distances, centre lines of thin outlines.

Points in, numbers or points out; nothing here knows what a line or an outline means.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely

from dic_ingest.model.box import Box, Point, center

Points: TypeAlias = Sequence[Point]

ASPECT = (0.8, 1.25)  # width by height of what is round
DISC = (0.69, 0.87)  # share of its box that it fills; pi/4 where it is exact, a polygon of few corners less


def bounds(points: Points) -> Box:
    """Smallest box around the points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def distance(a: Point, b: Point) -> float:
    """Distance of two points."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def length(points: Points, closed: bool = False) -> float:
    """Length of a polyline, or of a closed outline."""
    total = sum(distance(a, b) for a, b in itertools.pairwise(points))
    return total + distance(points[-1], points[0]) if closed else total


def is_round(outline: Points) -> bool:
    """Whether an outline is about as wide as high and fills as much of its box as a disc does."""
    x0, y0, x1, y1 = bounds(outline)
    w, h = x1 - x0, y1 - y0
    if min(w, h) <= 0 or not ASPECT[0] < w / h < ASPECT[1]:
        return False
    return DISC[0] < abs(signed_area(outline)) / (w * h) < DISC[1]


def signed_area(points: Points) -> float:
    """Area of a closed outline; the sign tells its sense of rotation."""
    total = 0.0
    x0, y0 = points[-1]
    for x1, y1 in points:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total / 2


def simplify(points: Points, tolerance: float) -> tuple[Point, ...]:
    """The polyline with points left out that lie within `tolerance` of it (Douglas and Peucker)."""
    if len(points) <= 2:
        return tuple(points)
    line = shapely.simplify(shapely.LineString(points), tolerance, preserve_topology=False)
    return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(line))


def simplify_outline(points: Points, tolerance: float) -> tuple[Point, ...]:
    """Corners of a closed outline, without the closing point, whatever point it starts from."""
    if len(points) <= 3:
        return tuple(points)
    # start at the point farthest from the middle: certainly a corner, so no false one stays at the seam
    cx, cy = center(bounds(points))
    first = max(range(len(points)), key=lambda i: (points[i][0] - cx) ** 2 + (points[i][1] - cy) ** 2)
    ring = [*points[first:], *points[:first], points[first]]
    return simplify(ring, tolerance)[:-1]


def nearest(points: Points, p: Point) -> tuple[float, float]:
    """Distance of `p` to a polyline, and how far along it (in its unit) the nearest point lies."""
    best, best_at, done = math.inf, 0.0, 0.0
    px, py = p
    x0, y0 = points[0]
    for x1, y1 in points[1:]:
        dx, dy = x1 - x0, y1 - y0
        step = math.hypot(dx, dy)
        t = 0.0 if step == 0 else max(0.0, min(1.0, ((px - x0) * dx + (py - y0) * dy) / (step * step)))
        d = math.hypot(x0 + t * dx - px, y0 + t * dy - py)
        if d < best:
            best, best_at = d, done + t * step
        done += step
        x0, y0 = x1, y1
    return best, best_at


def outline_distance(outline: Points, p: Point) -> float:
    """Distance of `p` to the border of a closed outline, inside or outside."""
    return nearest([*outline, outline[0]], p)[0]


def contains(outline: Points, p: Point) -> bool:
    """Whether `p` lies in a closed outline (even-odd)."""
    px, py = p
    odd = False
    x0, y0 = outline[-1]
    for x1, y1 in outline:
        if (y0 > py) != (y1 > py) and px < (x1 - x0) * (py - y0) / (y1 - y0) + x0:
            odd = not odd
        x0, y0 = x1, y1
    return odd


def point_at(points: Points, along: float) -> Point:
    """The point at a distance `along` from the start; the end point where the line is shorter."""
    for a, b in itertools.pairwise(points):
        step = distance(a, b)
        if step >= along and step > 0:
            t = along / step
            return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
        along -= step
    return points[-1]


def spread(points: Points, count: int) -> list[Point]:
    """Points at equal distances along a line, the first at its start: as `point_at`, in one walk."""
    step = length(points) / count
    found: list[Point] = []
    gone = 0.0
    for a, b in itertools.pairwise(points):
        size = distance(a, b)
        while size > 0 and len(found) < count and gone + size >= (along := step * len(found)):
            t = (along - gone) / size
            found.append((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t))
        gone += size
    return found + [points[-1]] * (count - len(found))


def outward(points: Points, at_start: bool, reach: float) -> Point:
    """Unit vector in which a line leaves its start or end, judged over the last `reach` of it."""
    line = points if at_start else points[::-1]
    tip, back = line[0], point_at(line, reach)
    d = distance(tip, back)
    if d == 0:
        return 0.0, 0.0
    return (tip[0] - back[0]) / d, (tip[1] - back[1]) / d


def in_frame(points: Points, origin: Point, axis: Point) -> list[Point]:
    """Points as (along `axis`, across it) from `origin`."""
    ux, uy = axis
    return [
        ((x - origin[0]) * ux + (y - origin[1]) * uy, -(x - origin[0]) * uy + (y - origin[1]) * ux)
        for x, y in points
    ]


def heading(a: Point, b: Point) -> Point:
    """Unit vector from one point to another; (0, 0) where they are the same."""
    span = distance(a, b)
    return ((b[0] - a[0]) / span, (b[1] - a[1]) / span) if span else (0.0, 0.0)


def angle_between(a: Point, b: Point) -> float:
    """Angle of two unit vectors, degrees 0..180."""
    return math.degrees(math.acos(max(-1.0, min(1.0, a[0] * b[0] + a[1] * b[1]))))


def thin_line(points: Points, widest: float) -> tuple[tuple[Point, ...], float] | None:
    """Centre line and width of a closed outline that is a line drawn as an area, or None where it is none."""
    around = length(points, closed=True)
    if around == 0:
        return None
    area = abs(signed_area(points))
    width = 2 * area / around
    if width > widest or around / 2 < 2.5 * width:
        return None
    if len(points) == 4:
        return _thin_quad(points, widest)
    line = folded_line(points, widest)
    return None if line is None else (line, width)


def _thin_quad(points: Points, widest: float) -> tuple[tuple[Point, ...], float] | None:
    a, b, c, d = points
    if distance(a, b) + distance(c, d) > distance(b, c) + distance(d, a):
        a, b, c, d = b, c, d, a
    width = max(distance(a, b), distance(c, d))
    if width > widest:
        return None
    ends = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), ((c[0] + d[0]) / 2, (c[1] + d[1]) / 2)
    return (ends, width) if distance(*ends) >= 1.3 * width else None


def folded_line(points: Points, widest: float) -> tuple[Point, ...] | None:
    """Middle of a thin outline, at most `widest` wide all along, or None where the outline is not thin.

    Every point of a thin outline faces one on the other side at the strip's width; the folding point that
    makes the two sides lie closest is searched.
    """
    around = length(points, closed=True)
    count = min(320, max(16, 2 * len(points), int(around / widest)))
    ring = np.asarray([*points, points[0]], dtype=float)
    steps = np.hypot(*np.diff(ring, axis=0).T)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    s = np.arange(count) * (around / count)
    samples = np.stack([np.interp(s, at, ring[:, 0]), np.interp(s, at, ring[:, 1])], axis=1)
    index = np.arange(count)
    facing = (index[:, None] - index[None, :]) % count  # row c: partner of point i is (c - i)
    gaps = np.hypot(*(samples[None, :, :] - samples[facing]).transpose(2, 0, 1))
    fold = int(np.argmin(gaps.mean(axis=1)))
    mean = float(gaps[fold].mean())
    if mean > widest or gaps[fold].max() > max(1.7 * mean, mean + 1.5 * around / count, 0.3):
        return None
    half = [(fold // 2 + k) % count for k in range(count // 2 + 1)]
    middle = [(samples[i] + samples[(fold - i) % count]) / 2 for i in half]
    line = simplify([(float(x), float(y)) for x, y in middle], min(0.15, 0.1 * widest))
    return line if length(line) > mean else None


def ray_hit(outline: Points, p: Point, axis: Point, reach: float) -> float | None:
    """How far from `p` along `axis` a closed outline is met, None beyond `reach`."""
    best: float | None = None
    ux, uy = axis
    x0, y0 = outline[-1]
    for x1, y1 in outline:
        dx, dy = x1 - x0, y1 - y0
        cross = ux * dy - uy * dx
        if abs(cross) > 1e-9:
            along = ((x0 - p[0]) * dy - (y0 - p[1]) * dx) / cross
            part = ((x0 - p[0]) * uy - (y0 - p[1]) * ux) / cross
            if 0 <= along <= reach and -1e-6 <= part <= 1 + 1e-6 and (best is None or along < best):
                best = along
        x0, y0 = x1, y1
    return best
