"""What a chart is drawn with: straight strokes, rectangles, curves, areas and symbols, each with its paint.

In: a drawing's paths. Out: `Marks`. Nothing here knows of axes or values.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dic_ingest.model.box import Box, Point, area, height_of, intersection, width_of
from dic_ingest.model.drawing import Color, Path
from dic_ingest.model.geometry import bounds, signed_area

SQUARE = 0.6  # points: sides nearer than this to level or upright are straight
THIN = 1.6  # points: a filled rectangle no wider is a stroke
SMALL = 1.7  # text heights: symbols are no larger
TICK = 9.0  # points: ticks are no longer
FULL = 0.88  # share of its box that a (rounded) bar fills


@dataclass(slots=True, eq=False)
class Mark:
    """One piece of ink. `points` is its outline or its line; compared by identity."""

    points: tuple[Point, ...]
    bbox: Box
    fill: Color | None = None
    stroke: Color | None = None
    width: float = 0.0
    dashed: bool = False
    closed: bool = False
    curved: bool = False
    order: int = 0
    clip: Box | None = None

    @property
    def color(self) -> Color | None:
        """The paint that identifies it: the fill, else the stroke."""
        return self.fill if self.fill is not None else self.stroke

    @property
    def wide(self) -> float:
        """Width of its box."""
        return width_of(self.bbox)

    @property
    def high(self) -> float:
        """Height of its box."""
        return height_of(self.bbox)

    def middle(self, along: int) -> float:
        """Centre of its box in x (0) or y (1)."""
        return (self.bbox[along] + self.bbox[along + 2]) / 2


@dataclass(slots=True)
class Marks:
    """A drawing's ink by form. A mark stands in exactly one list."""

    strokes: list[Mark] = field(default_factory=list)  # straight, level or upright, two ends
    rects: list[Mark] = field(default_factory=list)  # filled or outlined rectangles
    curves: list[Mark] = field(default_factory=list)  # open lines that are not one level or upright stroke
    shapes: list[Mark] = field(default_factory=list)  # other closed or filled outlines

    def all(self) -> list[Mark]:
        """Every mark."""
        return [*self.strokes, *self.rects, *self.curves, *self.shapes]

    def without(self, taken: Iterable[Mark]) -> Marks:
        """The marks but those in `taken`."""
        gone = {id(m) for m in taken}
        return Marks(
            *(
                [m for m in each if id(m) not in gone]
                for each in (self.strokes, self.rects, self.curves, self.shapes)
            )
        )


def marks_of(paths: Sequence[Path], most: int) -> Marks:
    """Every subpath as one mark, at most `most`; pieces of one line are joined."""
    found = Marks()
    open_: list[Mark] = []
    count = 0
    for path in paths:
        for sub in path.subpaths:
            if count >= most:
                break
            mark = _mark(path, sub.points, sub.closed, sub.curved)
            if mark is None:
                continue
            count += 1
            if mark.fill is None and not mark.closed and not _is_straight(mark):
                open_.append(mark)
            else:
                _sort(mark, found)
    segments = [m for m in found.strokes if m.fill is None]
    joined = _joined([*open_, *segments])
    kept = {id(m) for m in joined}
    found.strokes = [m for m in found.strokes if m.fill is not None or id(m) in kept]
    for mark in joined:
        if not any(mark is s for s in segments):
            _sort(mark, found)
    return found


def _mark(path: Path, points: tuple[Point, ...], closed: bool, curved: bool) -> Mark | None:
    if len(points) < 2:
        return None
    if math.dist(points[0], points[-1]) < 0.05 and len(points) > 2:
        points, closed = points[:-1], True
    box = bounds(points)
    if path.clip is not None:
        box = intersection(box, path.clip)
        if box[2] < box[0] - 0.01 or box[3] < box[1] - 0.01:
            return None
    fill = path.fill if len(points) > 2 else None  # two points enclose nothing
    if fill is None and path.stroke is None:
        return None
    return Mark(
        points, box, fill, path.stroke, path.width, path.dashed, closed, curved, path.order, path.clip
    )


def _sort(mark: Mark, into: Marks) -> None:
    if _is_straight(mark):
        into.strokes.append(mark)
    elif is_rect(mark):
        if (
            mark.fill is not None
            and min(mark.wide, mark.high) < THIN
            and max(mark.wide, mark.high) > 8 * THIN
        ):
            into.strokes.append(replace(mark, stroke=mark.stroke or mark.fill, fill=mark.fill))
        else:
            into.rects.append(mark)
    elif mark.fill is None and not mark.closed:
        into.curves.append(mark)
    else:
        into.shapes.append(mark)


def _is_straight(mark: Mark) -> bool:
    if mark.fill is not None and len(mark.points) > 2:
        return False
    xs, ys = [p[0] for p in mark.points], [p[1] for p in mark.points]
    flat = min(max(xs) - min(xs), max(ys) - min(ys)) < SQUARE
    return flat and len(mark.points) <= 3


def is_rect(mark: Mark) -> bool:
    """Whether it is a level rectangle, corners rounded or not."""
    if mark.fill is None and not mark.closed:
        return False
    whole = bounds(mark.points)
    if mark.curved:
        return abs(signed_area(mark.points)) > FULL * max(area(whole), 1e-6) and len(mark.points) < 80
    if len(mark.points) not in (4, 5):
        return False
    around = [*mark.points, mark.points[0]]
    return all(abs(a[0] - b[0]) < SQUARE or abs(a[1] - b[1]) < SQUARE for a, b in pairwise(around)) and abs(
        signed_area(mark.points)
    ) > 0.8 * area(whole)


def _joined(pieces: list[Mark]) -> list[Mark]:
    """Lines whose ends meet in one paint, as one; where three meet nothing is joined."""
    return _Joiner(pieces).lines()


class _Joiner:
    """Strings pieces of lines together by their ends."""

    def __init__(self, pieces: list[Mark]) -> None:
        self.pieces = pieces
        self.used: set[int] = set()
        self.ends: dict[tuple[object, int, int], list[int]] = defaultdict(list)
        for i, m in enumerate(pieces):
            for p in (m.points[0], m.points[-1]):
                self.ends[_tip(m, p)].append(i)

    def lines(self) -> list[Mark]:
        """Each line once."""
        out: list[Mark] = []
        for i, m in enumerate(self.pieces):
            if i in self.used:
                continue
            self.used.add(i)
            points = list(m.points)
            for _ in range(2):  # from the last point on, then from the first
                self._follow(points, m)
                points.reverse()
            if len(points) == len(m.points):
                out.append(m)
                continue
            closed = math.dist(points[0], points[-1]) < 0.5 and len(points) > 3
            line = tuple(points[:-1] if closed else points)
            out.append(replace(m, points=line, bbox=bounds(line), closed=closed))
        return out

    def _follow(self, points: list[Point], m: Mark) -> None:
        """Lengthen a line at its end as long as one other piece, and only one, goes on there."""
        while True:
            near = self.ends[_tip(m, points[-1])]
            rest = [k for k in near if k not in self.used]
            if len(near) != 2 or len(rest) != 1 or _are_ticks(m, self.pieces[rest[0]]):
                return
            self.used.add(rest[0])
            other = self.pieces[rest[0]].points
            forth = math.dist(other[0], points[-1]) <= math.dist(other[-1], points[-1])
            points += (other if forth else other[::-1])[1:]


def _tip(m: Mark, p: Point) -> tuple[object, int, int]:
    return (m.stroke, round(m.width, 1), m.dashed), round(2 * p[0]), round(2 * p[1])


def _are_ticks(a: Mark, b: Mark) -> bool:
    """Whether a short stroke meets another at a right angle: a tick at the end of an axis, or at a tick."""
    short = min(max(a.wide, a.high), max(b.wide, b.high)) < TICK
    return short and _is_straight(a) and _is_straight(b) and (a.wide > a.high) != (b.wide > b.high)


def alike(a: Color | None, b: Color | None, within: int = 36) -> bool:
    """Whether two paints are one: the sum of their channels' differences is small."""
    if a is None or b is None:
        return False
    return sum(abs(p - q) for p, q in zip(a, b, strict=True)) <= within


def is_small(mark: Mark, em: float) -> bool:
    """Whether it may be a symbol at a point."""
    return max(mark.wide, mark.high) <= SMALL * em


def is_pale(color: Color | None) -> bool:
    """Whether a paint is (nearly) white."""
    return color is not None and min(color) > 244
