"""Lines that are not what they seem: a hairpin is two, what goes on behind a box or a label's ground is one.

In and out: trails along centre pixels, with the maps and the outlines of nodes. Two lines that meet at an
arrowhead, or leave a box side by side, have a skeleton that turns back on itself. A line drawn over a box was
cut at its outline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagram import End as LineEnd
from dic_ingest.drawing import Box, Point, area, grow, overlap
from dic_ingest.structure.geometry import outline_distance
from dic_ingest.structure.raster_paths import End, Trail, heading, joined
from dic_ingest.structure.scene import Line, Shape

_BACK = 0.8  # cosine between the two arms of a turn: below 37 degrees no line is drawn as one


def without_hairpins(trails: Sequence[Trail], at_goal: Callable[[Point], bool], em: float) -> list[Trail]:
    """The trails cut where they turn back at a goal, which is an outline or a mark; loops turn elsewhere."""
    return [part for t in trails for part in _cut(t, at_goal, em)]


def _cut(trail: Trail, at_goal: Callable[[Point], bool], em: float) -> list[Trail]:
    k = _turn(trail.points, 1.6 * em)
    if k is None or not at_goal(trail.points[k]):
        return [trail]
    first = Trail(trail.points[: k + 1], (trail.joined[0], False))
    second = Trail(trail.points[k:], (False, trail.joined[1]))
    return [first, *_cut(second, at_goal, em)]


def _turn(points: Sequence[Point], arm: float) -> int | None:
    """Where the chain turns back most sharply, judged by arms of that many pixels; None where it does not."""
    reach = max(2, round(arm))
    if len(points) < 2 * reach + 1:
        return None
    at = np.array(points)
    back, ahead = at[: -2 * reach] - at[reach:-reach], at[2 * reach :] - at[reach:-reach]
    size = np.hypot(*back.T) * np.hypot(*ahead.T)
    alike = (back * ahead).sum(axis=1) / np.maximum(size, 1e-6)
    # arms that end where they began are too short to tell
    alike[np.hypot(*back.T) + np.hypot(*ahead.T) < 1.2 * reach] = -1
    k = int(alike.argmax())
    return k + reach if alike[k] > _BACK else None


def over_boxes(
    trails: list[Trail], shapes: Sequence[Shape], line: NDArray[np.float32],
    marked: Callable[[list[Point], bool], bool], em: float,
) -> list[Trail]:  # fmt: skip
    """The trails with those joined that enter a box and go straight on behind it, and are seen inside it.

    `line` is the map of connectors; `marked(points, at_start)` tells that a line carries a mark at that end.
    """
    ends = [(i, s) for i, t in enumerate(trails) for s in (True, False) if not t.joined[0 if s else 1]]
    tips = {e: trails[e[0]].points[0 if e[1] else -1] for e in ends}
    partner: dict[End, End] = {}
    for shape in shapes:
        x0, y0, x1, y1 = grow(shape.bbox, em)
        near = [e for e in ends if x0 <= tips[e][0] <= x1 and y0 <= tips[e][1] <= y1 and e not in partner]
        near = [e for e in near if outline_distance(shape.polygon, tips[e]) < 0.9 * em]
        near = [e for e in near if not marked(trails[e[0]].points, e[1])]
        for a, b in combinations(near, 2):
            if a[0] == b[0] or a in partner or b in partner:
                continue
            ways = [heading(trails[e[0]].points, e[1], 1.5 * em, 0.2 * em) for e in (a, b)]
            if _straight_on(tips[a], tips[b], ways, em) and _seen(line, tips[a], tips[b]) > 0.75:
                partner[a], partner[b] = b, a
    return joined(trails, partner) if partner else trails


def _straight_on(p: Point, q: Point, ways: Sequence[Point], em: float) -> bool:
    d = math.dist(p, q)
    if d < 0.5 * em:
        return False
    w = ((q[0] - p[0]) / d, (q[1] - p[1]) / d)
    return min(ways[0][0] * w[0] + ways[0][1] * w[1], -(ways[1][0] * w[0] + ways[1][1] * w[1])) > 0.9


def _seen(line: NDArray[np.float32], p: Point, q: Point) -> float:
    """Share of the way from p to q with a connector within a pixel of it."""
    height, width = line.shape
    t = np.linspace(0, 1, max(2, round(math.dist(p, q))))
    xs = np.clip(np.rint(p[0] + (q[0] - p[0]) * t).astype(int), 1, width - 2)
    ys = np.clip(np.rint(p[1] + (q[1] - p[1]) * t).astype(int), 1, height - 2)
    best = np.max([line[ys + dy, xs + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)
    return float((best > 0.4).mean())


def without_label_grounds(
    shapes: list[Shape], lines: list[Line], words: Sequence[Box], em: float
) -> tuple[list[Shape], list[Line]]:
    """Shapes and lines with the grounds of labels taken out and the line that each one cuts made whole.

    Where lines carry heads, nothing flows into a node without one. So a box without a drawn border at which a
    line ends bare, and from which another goes on to a head, is the ground of that line's label.
    """
    headed = [v for v in lines if v.start is not LineEnd.NONE or v.end is not LineEnd.NONE]
    if len(headed) < max(3, 0.5 * len(lines)):
        return shapes, lines
    kept, left = list[Shape](), list(lines)
    for shape in shapes:
        cut = _cut_line(shape, left, em) if _may_be_ground(shape, words) else None
        if cut is None:
            kept.append(shape)
        else:
            used, whole = cut
            left = [v for k, v in enumerate(left) if k not in used] + [whole]
    return kept, left


def _may_be_ground(shape: Shape, words: Sequence[Box]) -> bool:
    """Whether a box is full of words, has no border and was not surely seen."""
    if shape.kind == "icon" or shape.stroke is not None or shape.score > 0.85:
        return False
    return sum(overlap(shape.bbox, w) for w in words) > 0.3 * area(shape.bbox)


def _cut_line(shape: Shape, lines: Sequence[Line], em: float) -> tuple[set[int], Line] | None:
    """Which two lines stop bare at a shape, one of them with a head at its far end, and the line they are."""
    both = [(k, turned) for k, v in enumerate(lines) for turned in (v, _turned(v))]
    at = [(k, v) for k, v in both if outline_distance(shape.polygon, v.points[-1]) < 0.8 * em]
    if len(at) != 2 or at[0][0] == at[1][0] or any(v.end is not LineEnd.NONE for _, v in at):
        return None
    (k, bare), (m, headed) = sorted(at, key=lambda kv: kv[1].start is not LineEnd.NONE)
    if bare.start is not LineEnd.NONE or headed.start is LineEnd.NONE:
        return None
    return {k, m}, replace(bare, points=(*bare.points, *headed.points[::-1]), end=headed.start)


def _turned(line: Line) -> Line:
    return replace(line, points=line.points[::-1], start=line.end, end=line.start)
