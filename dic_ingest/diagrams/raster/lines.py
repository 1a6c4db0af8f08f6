"""Lines of a picture with what is drawn at their ends, their colour, width and dashes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.raster.markers import RasterMarker, find_marks, kind_of_mark
from dic_ingest.diagrams.raster.skeleton import skeleton_graph
from dic_ingest.diagrams.raster.tracing import (
    Trail,
    bridge,
    find_rules,
    heading,
    link,
    over_boxes,
    straightened,
    stroke_mask,
    without_turn_backs,
)
from dic_ingest.diagrams.scene import Line, Shape
from dic_ingest.model.box import Box, Point, area, grow, height_of, holds, inside, overlap, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.model.geometry import bounds, contains, length, nearest, outline_distance, simplify
from dic_ingest.vision.line_segmentation import Maps

# How a traced line looks in the picture: its colour, width, contrast, and whether it is dashed.


@dataclass(frozen=True)
class StrokeStyle:
    """Median colour, width in pixels, contrast 0..1 against both sides, dashes."""

    color: Color | None = None
    width: float = 1.0
    contrast: float = 0.0
    dashed: bool = False


def ink_along(pixels: NDArray[np.uint8], points: Sequence[Point], words: Sequence[Box]) -> StrokeStyle:
    """Samples the picture along a polyline and across it; places on words do not count."""
    spots, ways = _sampled(points)
    if len(spots) < 4:
        return StrokeStyle()
    free = ~_on_words(spots, words)
    if free.sum() < 4:
        return StrokeStyle()
    spots, ways = spots[free], ways[free]
    side = np.stack([-ways[:, 1], ways[:, 0]], axis=1)
    profile = np.stack([_at(pixels, spots + side * d) for d in range(-6, 7)], axis=1).astype(
        float
    )  # n, 13, 3
    ground = (profile[:, 0] + profile[:, -1]) / 2
    odd = np.abs(profile - ground[:, None]).max(axis=2)
    core = odd[:, 4:9].max(axis=1)
    strong = float(np.percentile(core, 85))
    if strong < 12:
        return StrokeStyle(contrast=strong / 255)
    on = core > 0.45 * strong
    where = odd[:, 4:9].argmax(axis=1) + 4
    ink = profile[np.arange(len(spots)), where][on]
    r, g, b = (int(v) for v in np.median(ink, axis=0))
    width = float(np.median((odd[on] > 0.5 * strong).sum(axis=1)))
    return StrokeStyle((r, g, b), max(1.0, width), min(1.0, strong / 255), _is_dashed(on))


def _is_dashed(on: NDArray[np.bool_]) -> bool:
    """Ink that comes and goes at least four times, with gaps of like length."""
    share = float(on.mean())
    if len(on) < 16 or not 0.2 < share < 0.88:
        return False
    flips = np.flatnonzero(np.diff(on.astype(int))) + 1
    runs = [r for r in np.split(on, flips)]
    gaps = sorted(len(r) for r in runs if not r[0])
    return len(gaps) >= 4 and len(on) / len(gaps) < 28 and gaps[len(gaps) // 2] < 14


def _sampled(points: Sequence[Point]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spots: list[Point] = []
    ways: list[Point] = []
    left = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        d = math.hypot(x1 - x0, y1 - y0)
        if d == 0:
            continue
        u = ((x1 - x0) / d, (y1 - y0) / d)
        t = left
        while t < d:
            spots.append((x0 + u[0] * t, y0 + u[1] * t))
            ways.append(u)
            t += 1.0
        left = t - d
    return np.array(spots).reshape(-1, 2), np.array(ways).reshape(-1, 2)


def _on_words(spots: NDArray[np.float64], words: Sequence[Box]) -> NDArray[np.bool_]:
    if not words:
        return np.zeros(len(spots), bool)
    b = np.array(words)
    x, y = spots[:, :1], spots[:, 1:]
    return np.asarray(((x >= b[:, 0]) & (x <= b[:, 2]) & (y >= b[:, 1]) & (y <= b[:, 3])).any(axis=1))


def _at(pixels: NDArray[np.uint8], spots: NDArray[np.float64]) -> NDArray[np.uint8]:
    xs = np.clip(np.rint(spots[:, 0]).astype(int), 0, pixels.shape[1] - 1)
    ys = np.clip(np.rint(spots[:, 1]).astype(int), 0, pixels.shape[0] - 1)
    return np.asarray(pixels[ys, xs], dtype=np.uint8)


def has_head(pixels: NDArray[np.uint8], points: Sequence[Point], at_start: bool, em: float) -> bool:
    """Whether the ink of a line widens before its end and narrows to it, as a solid arrowhead does."""
    spots, ways = _sampled(list(points if at_start else points[::-1]))
    if len(spots) < 1.6 * em:
        return False
    middle = slice(int(0.4 * len(spots)), int(0.6 * len(spots)) + 1)
    reach = round(0.7 * em)
    side = np.stack([-ways[:, 1], ways[:, 0]], axis=1)
    profile = np.stack([_at(pixels, spots + side * d) for d in range(-reach, reach + 1)], axis=1).astype(
        float
    )
    ground = np.median(np.concatenate([profile[middle, 0], profile[middle, -1]]), axis=0)
    odd = np.abs(profile - ground).max(axis=2)
    strong = float(np.percentile(odd[middle, reach - 2 : reach + 3].max(axis=1), 80))
    if strong < 20:
        return False
    wide = _run_at_centre(odd > 0.45 * strong)
    usual = float(np.median(wide[middle]))
    near = wide[round(0.2 * em) : int(min(1.2 * em, 0.4 * len(spots)))]
    near = np.where(near > 2 * reach - 1, 0, near)  # the outline that the line ends at
    if not len(near):
        return False
    base = int(near.argmax())
    before = near[: max(1, base // 2)]
    narrow = float(before[before > 0].mean()) if before.any() else 0.0
    return float(near[base]) - usual >= max(2.5, 0.2 * em) and narrow < 0.8 * near[base]


def _run_at_centre(ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Per row the length of the run of ink through the middle, give or take two pixels."""
    middle = ink.shape[1] // 2
    out = np.zeros(len(ink), dtype=np.int64)
    for k, row in enumerate(ink):
        hits = [middle + d for d in (0, 1, -1, 2, -2) if row[middle + d]]
        if hits:
            a = b = hits[0]
            while a > 0 and row[a - 1]:
                a -= 1
            while b + 1 < len(row) and row[b + 1]:
                b += 1
            out[k] = b - a + 1
    return out


# Lines of a picture with what is drawn at their ends.


NEXT = 200  # words further down that are looked at for the line below one
LETTERS = 0.15  # of a word's shorter side: its box without the room that OCR leaves around it


def find_lines(maps: Maps, shapes: Sequence[Shape], words: Sequence[Box], em: float) -> list[Line]:
    """All connectors, lifelines and rules."""
    letters = [grow(w, -LETTERS * min(width_of(w), height_of(w))) for w in [*words, *_between(words)]]
    marks = [m for m in find_marks(maps, em) if not _is_letter(m, letters, shapes, em)]
    goals = Goals(shapes, marks, em)
    ink = np.array([_ink(w) for w in words], dtype=np.float64).reshape(-1, 4)
    rules, rest = find_rules(maps, em)
    strokes = stroke_mask(maps, shapes, goals.leaves, rest, em)
    trails = link(skeleton_graph(strokes), em)
    trails = [t for t in trails if t.size > 3 * em or not _in_words(t, ink)]
    trails = [t for t in trails if t.size > 2.5 * em or not goals.covered(t)]
    trails = without_turn_backs(trails, goals.at, em)
    trails = over_boxes(trails, goals.leaves, maps["line"], goals.marked, em)
    trails = bridge([*trails, *rules], words, goals.outside(words), em, goals.arrived, goals.parted)
    trails = [t for t in trails if not _in_words(t, ink)]
    trails = [t for t in trails if _is_line(t, maps, goals)]
    trails = [part for t in trails for part in _cut_at_marks(t, maps["rule"], marks, em)]
    lines = [_line(t, marks, maps, words, letters, em) for t in trails]
    return _without_doubles([k for k in lines if _worth(k, em)], em)


class Goals:
    """What lines end at: outlines and marks."""

    def __init__(self, shapes: Sequence[Shape], marks: list[RasterMarker], em: float) -> None:
        self.shapes, self.marks, self.em = shapes, marks, em
        leaf = [not any(o is not s and inside(o.bbox, s.bbox, 0.9) for o in shapes) for s in shapes]
        self.leaves = [s for s, is_leaf in zip(shapes, leaf, strict=True) if is_leaf]

    def arrived(self, points: list[Point], at_start: bool) -> bool:
        """Whether the line carries a mark at that end, or runs into an outline."""
        if self.marked(points, at_start):
            return True
        x, y = points[0 if at_start else -1]
        ux, uy = heading(points, at_start, 1.5 * self.em)
        ahead = (x + 0.9 * self.em * ux, y + 0.9 * self.em * uy)
        return any(
            contains(s.polygon, ahead) and not contains(s.polygon, (x, y))
            for s in self._near(self.leaves, x, y)
        )

    def marked(self, points: list[Point], at_start: bool) -> bool:
        """Whether the line carries a mark at that end."""
        return _mark_at(points, at_start, self.marks, self.em, set()) is not None

    def outside(self, words: Sequence[Box]) -> list[Box]:
        """The words that are in no node."""
        return [w for w in words if not any(overlap(w, s.bbox) > 0.5 * area(w) for s in self.leaves)]

    def covered(self, trail: Trail) -> bool:
        """Whether the trail is part of a mark: a toe of a crow's foot, say."""
        own = bounds(trail.points)
        return any(m.role == "mark" and holds(m.bbox, own, 2.0) for m in self.marks)

    def at(self, p: Point) -> bool:
        """Whether a mark or the outline of a node is near."""
        if any(outline_distance(s.polygon, p) < 1.5 * self.em for s in self._near(self.leaves, *p)):
            return True
        return any(math.dist(m.centre, p) < 1.5 * self.em for m in self.marks)

    def parted(self, p: Point, q: Point) -> bool:
        """Whether a node lies between two points that are both outside it."""
        middles = [(p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t) for t in (0.25, 0.5, 0.75)]
        return any(
            not contains(s.polygon, p)
            and not contains(s.polygon, q)
            and any(contains(s.polygon, m) for m in middles)
            for s in self.leaves
        )

    def _near(self, shapes: Sequence[Shape], x: float, y: float) -> list[Shape]:
        r = 1.5 * self.em
        return [
            s for s in shapes if s.bbox[0] - r <= x <= s.bbox[2] + r and s.bbox[1] - r <= y <= s.bbox[3] + r
        ]


def _without_doubles(lines: list[Line], em: float) -> list[Line]:
    """The lines without short ones that lie on a longer one: the two sides of a thick head, say."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda v: -length(v.points)):
        short = length(line.points) < 1.8 * em
        on = short and any(all(nearest(k.points, p)[0] < 0.3 * em for p in line.points) for k in kept)
        if not on:
            kept.append(line)
    return kept


def _worth(line: Line, em: float) -> bool:
    size = length(line.points)
    marked = line.start is not End.NONE or line.end is not End.NONE
    return size > (0.5 if marked else 0.8) * em


def _in_words(trail: Trail, ink: NDArray[np.float64]) -> bool:
    """A stroke that lies on words from end to end is a letter; `ink` (n x 4): where letters stand."""
    points = np.asarray(trail.points, dtype=np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    near = ink[(ink[:, :2] <= high).all(axis=1) & (low <= ink[:, 2:]).all(axis=1)]
    x, y = points[:, :1], points[:, 1:]
    on = (near[:, 0] <= x) & (x <= near[:, 2]) & (near[:, 1] <= y) & (y <= near[:, 3])
    return int(on.any(axis=1).sum()) > 0.85 * len(points)


def _ink(word: Box) -> Box:
    """Where the letters of a word stand; turned words fill their box."""
    x0, y0, x1, y1 = word
    rim = 0.2 * (y1 - y0) if x1 - x0 > 2.2 * (y1 - y0) else 0.0
    return x0 - 1, y0 + rim, x1 + 1, y1 - rim


def _is_line(trail: Trail, maps: Maps, goals: Goals) -> bool:
    """Whether the network sees a connector in part of it, or it leads somewhere: else part of a frame."""
    points = np.rint(np.array(trail.points)).astype(int)
    height, width = maps["line"].shape
    xs, ys = np.clip(points[:, 0], 0, width - 1), np.clip(points[:, 1], 0, height - 1)
    if float((np.maximum(maps["line"], maps["rule"])[ys, xs] > 0.35).mean()) > 0.3:
        return True
    held = [trail.joined[k] or goals.arrived(trail.points, k == 0) for k in (0, 1)]
    return all(held) or any(goals.marked(trail.points, at_start) for at_start in (True, False))


def _cut_at_marks(
    trail: Trail, rules: NDArray[np.float32], marks: list[RasterMarker], em: float
) -> list[Trail]:
    """A line with an arrow that points at a lifeline in its middle is two lines, one of which ends there."""
    points = np.array(trail.points)
    for mark in marks:
        if mark.role != "arrow":
            continue
        gaps = np.hypot(*(points - np.array(mark.centre)).T)
        k = int(gaps.argmin())
        room = min(k, len(points) - 1 - k)
        if gaps[k] > 0.3 * em or room < 1.5 * em:
            continue
        way = heading(trail.points[: k + 1], False, 1.5 * em)
        along = (mark.pixels - np.array(mark.centre)) @ np.array(way)
        wide = np.abs((mark.pixels - np.array(mark.centre)) @ np.array([-way[1], way[0]]))
        ahead, behind = wide[along > 0.2 * along.max()], wide[along < 0.2 * along.min()]
        if not len(ahead) or not len(behind) or abs(ahead.mean() - behind.mean()) < 0.08 * em:
            continue
        forward = ahead.mean() < behind.mean()  # the narrow side is the tip
        tip = k + round(float(along.max())) if forward else k - round(float(-along.min()))
        tip = min(max(tip, 2), len(points) - 3)
        x, y = (round(v) for v in trail.points[tip])
        if float(rules[max(0, y - 5) : y + 6, max(0, x - 5) : x + 6].max(initial=0.0)) < 0.4:
            continue  # some tools draw heads halfway along a line
        first = Trail(trail.points[: tip + 1], (trail.joined[0], not forward))
        second = Trail(trail.points[tip:], (forward, trail.joined[1]))
        return [*_cut_at_marks(first, rules, [m for m in marks if m is not mark], em),
                *_cut_at_marks(second, rules, [m for m in marks if m is not mark], em)]  # fmt: skip
    return [trail]


def _between(words: Sequence[Box]) -> list[Box]:
    """Lines of text and those right below them, as one box each two; at most one for every word."""
    found: list[Box] = []
    ordered = sorted(words, key=lambda w: w[1])
    for k, (x0, y0, x1, y1) in enumerate(ordered):
        for a0, b0, a1, b1 in ordered[k + 1 : k + 1 + NEXT]:
            if b0 > y1 + 0.5 * (y1 - y0):
                break
            shared = min(x1, a1) - max(x0, a0)
            if b0 > y1 - 0.3 * (y1 - y0) and shared > 0.5 * min(x1 - x0, a1 - a0):
                found.append((max(x0, a0), y0, min(x1, a1), b1))
                break
    return found


def _is_letter(mark: RasterMarker, letters: Sequence[Box], shapes: Sequence[Shape], em: float) -> bool:
    """Whether a mark is a piece of a word that stands on a line; heads at outlines may touch words.

    Arrows may lead to a text. Circles and diamonds do not: near one they are letters too.
    """
    near = 0.0 if mark.role in ("arrow", "triangle") else 0.5 * em
    if not any(inside(mark.bbox, grow(w, near), 0.7) for w in letters):
        return False
    return not any(outline_distance(s.polygon, mark.centre) < em for s in shapes)


def _line(
    trail: Trail,
    marks: list[RasterMarker],
    maps: Maps,
    words: Sequence[Box],
    letters: Sequence[Box],
    em: float,
) -> Line:
    points = list(trail.points)
    ends = [End.NONE, End.NONE]
    used: set[int] = set()
    for side in (1, 0):
        at_start = side == 0
        found = _mark_at(points, at_start, marks, em, used)
        if found is not None:
            used.add(found)
            ends[side] = kind_of_mark(marks[found], heading(points, at_start, 1.6 * em), em)
            points = _to_tip(points, at_start, marks[found])
    if not used:  # the network saw no mark at either end
        tips = (points[0], points[-1])
        free = [not any(w[0] < x < w[2] and w[1] < y < w[3] for w in letters) for x, y in tips]
        ends = [
            End.ARROW if free[k] and has_head(maps.pixels, points, k == 0, em) else End.NONE for k in (0, 1)
        ]
    look = ink_along(maps.pixels, points, words)
    simple = straightened(simplify(points, 1.2), em)
    return Line(
        tuple(simple), ends[0], ends[1], look.dashed, look.width, look.color, score=round(look.contrast, 3)
    )


def _mark_at(
    points: list[Point], at_start: bool, marks: list[RasterMarker], em: float, used: set[int]
) -> int | None:
    """The mark at an end of a line: near its tip and ahead of it, or around it."""
    tip = points[0 if at_start else -1]
    way = heading(points, at_start, 1.6 * em)
    best, best_cost = None, 0.0
    for i, mark in enumerate(marks):
        if i in used:
            continue
        offset = mark.pixels - np.array(tip)
        gap = float(np.hypot(offset[:, 0], offset[:, 1]).min())
        if gap > 0.7 * em:
            continue
        along, across = offset @ np.array(way), np.abs(offset @ np.array([-way[1], way[0]]))
        if along.max() < -0.3 * em or (gap > 2.0 and across.min() > 0.3 * em):
            continue
        if along.mean() < 0.1 * em and abs(_aside(offset, way)) > 0.25 * em:
            continue  # the mark of another line, which ends beside this one's start
        cost = gap + 0.3 * abs(_aside(offset, way))
        if best is None or cost < best_cost:
            best, best_cost = i, cost
    return best


def _aside(offset: NDArray[np.float64], way: Point) -> float:
    return float(np.mean(offset @ np.array([-way[1], way[0]])))


def _to_tip(points: list[Point], at_start: bool, mark: RasterMarker) -> list[Point]:
    """The line drawn on to the far point of its mark."""
    line = points if not at_start else points[::-1]
    way = heading(line, False, 12.0)
    tip = line[-1]
    along = (mark.pixels - np.array(tip)) @ np.array(way)
    reach = float(along.max())
    if reach > 0.5:
        line = [*line, (tip[0] + way[0] * reach, tip[1] + way[1] * reach)]
    return line if not at_start else line[::-1]
