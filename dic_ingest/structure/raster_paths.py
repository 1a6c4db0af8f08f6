"""Strokes of a skeleton linked to long paths: straight on through crossings, on through gaps.

In: a skeleton, boxes of words, the text size. Out: `Trail`s, polylines in pixels. A stroke that meets another
from the side ends there, as a drawn line that joins another one does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dic_ingest.drawing import Box, Point, grow
from dic_ingest.structure.raster_skeleton import Skeleton

_MOST_ENDS = 800
End = tuple[int, bool]  # stroke or trail, whether its start


@dataclass
class Trail:
    """A polyline along centre pixels; `joined` tells for start and end whether it stops on another line."""

    points: list[Point]
    joined: tuple[bool, bool] = (False, False)

    @property
    def size(self) -> float:
        """Length in pixels."""
        return sum(math.dist(a, b) for a, b in pairwise(self.points))


def heading(points: Sequence[Point], at_start: bool, reach: float, skip: float = 0.0) -> Point:
    """Unit vector in which a chain leaves its start or end, judged from `skip` to `reach` pixels off it."""
    line = points if at_start else points[::-1]
    tip, near, far, done = line[0], line[0], line[-1], 0.0
    for a, b in pairwise(line):
        done += math.dist(a, b)
        if done <= skip:
            near = b
        if done >= reach:
            far = b
            break
    if near == far:
        near = tip
    d = math.dist(near, far) or 1.0
    return (near[0] - far[0]) / d, (near[1] - far[1]) / d


def link(skeleton: Skeleton, em: float) -> list[Trail]:
    """Trails through the junctions of a skeleton."""
    chains: list[list[Point]] = [[(float(x), float(y)) for x, y in s.pixels] for s in skeleton.strokes]
    partner: dict[End, tuple[End, int]] = {}
    for junction, meets in skeleton.meets.items():
        for a, b in _pairs(chains, meets, em):
            partner[a], partner[b] = (b, junction), (a, junction)
    trails: list[Trail] = []
    used: set[int] = set()
    for i in range(len(chains)):
        if i not in used:
            trails.append(_chain(i, chains, partner, skeleton, used))
    return [t for t in trails if len(t.points) > 1]


def _pairs(chains: list[list[Point]], meets: list[End], em: float) -> list[tuple[End, End]]:
    """Which strokes at a junction are one line: the straightest first, each at most once."""
    if len(meets) == 2:
        return [(meets[0], meets[1])] if meets[0] != meets[1] else []
    ways = {m: heading(chains[m[0]], m[1], 1.1 * em, 0.15 * em) for m in meets}
    scored = []
    for k, a in enumerate(meets):
        for b in meets[k + 1 :]:
            if a[0] != b[0]:
                bend = -(ways[a][0] * ways[b][0] + ways[a][1] * ways[b][1])
                scored.append((bend, a, b))
    scored.sort(key=lambda s: -s[0])
    taken: set[End] = set()
    pairs = []
    for bend, a, b in scored:
        if bend > (0.8 if len(meets) == 3 else 0.75) and a not in taken and b not in taken:
            pairs.append((a, b))
            taken |= {a, b}
    return pairs


def _chain(
    i: int, chains: list[list[Point]], partner: dict[End, tuple[End, int]], skeleton: Skeleton, used: set[int]
) -> Trail:
    used.add(i)
    points = list(chains[i])
    open_ends = []
    for at_start in (False, True):
        if at_start:
            points.reverse()
        at: End = (i, at_start)
        while (ahead := partner.get(at)) is not None and ahead[0][0] not in used:
            (k, start), junction = ahead
            used.add(k)
            points.append(skeleton.junctions[junction])
            points.extend(chains[k] if start else chains[k][::-1])
            at = (k, not start)
        stop = skeleton.strokes[at[0]].ends[0 if at[1] else 1]
        if stop >= 0:
            points.append(skeleton.junctions[stop])
        open_ends.append(stop >= 0)
    points.reverse()
    return Trail(points, (open_ends[1], open_ends[0]))


def bridge(
    trails: list[Trail], words: Sequence[Box], labels: Sequence[Box], em: float,
    arrived: Callable[[list[Point], bool], bool], parted: Callable[[Point, Point], bool],
) -> list[Trail]:  # fmt: skip
    """Trails whose free ends face each other across a small gap or across words become one.

    So do those that are alone on both sides of a label, however the line bends under it; `labels` are words
    in no node. `arrived(points, at_start)` tells that a line is at its goal, `parted(p, q)` that a node lies
    between.
    """
    ends = [(i, s) for i, t in enumerate(trails) for s in (True, False) if not t.joined[0 if s else 1]]
    ends = sorted(ends, key=lambda e: -trails[e[0]].size)[:_MOST_ENDS]  # noise has thousands
    ends = [e for e in ends if not arrived(trails[e[0]].points, e[1])]
    tips = {e: trails[e[0]].points[0 if e[1] else -1] for e in ends}
    ways = {e: heading(trails[e[0]].points, e[1], 1.5 * em, 0.2 * em) for e in ends}
    scored = []
    for k, a in enumerate(ends):
        for b in ends[k + 1 :]:
            cost = _gap_cost(tips[a], ways[a], tips[b], ways[b], words, em)
            if (
                cost is not None
                and not parted(tips[a], tips[b])
                and (a[0] != b[0] or math.dist(tips[a], tips[b]) < 0.3 * trails[a[0]].size)
            ):
                scored.append((cost, a, b))
    partner: dict[End, End] = {}
    for _, a, b in sorted(scored, key=lambda s: s[0]):
        if a not in partner and b not in partner and a[0] != b[0]:
            partner[a], partner[b] = b, a
    for box in gathered(labels, em):
        at = [e for e in ends if _points_at(box, tips[e], ways[e], em)]
        alone = len(at) == 2 and at[0][0] != at[1][0] and not partner.keys() & set(at)
        if alone and _across(*(ways[e] for e in at)) and not parted(tips[at[0]], tips[at[1]]):
            partner[at[0]], partner[at[1]] = at[1], at[0]
    return joined(trails, partner)


def _across(u: Point, v: Point) -> bool:
    """Whether two ends face each other; those that come to a name from one side end at it."""
    return u[0] * v[0] + u[1] * v[1] < -0.3


def gathered(words: Sequence[Box], em: float) -> list[Box]:
    """Boxes of words that stand together, as the lines of a label do."""
    boxes, out = np.array(words, dtype=float).reshape(-1, 4), list[Box]()
    reach = 0.4 * em
    while len(boxes):
        low, high, size = boxes[0, :2], boxes[0, 2:], 0
        while True:
            close = ((boxes[:, :2] <= high + reach) & (boxes[:, 2:] >= low - reach)).all(axis=1)
            if int(close.sum()) == size:
                break
            size, low, high = int(close.sum()), boxes[close, :2].min(axis=0), boxes[close, 2:].max(axis=0)
        out.append((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
        boxes = boxes[~close]
    return out


def _points_at(box: Box, tip: Point, way: Point, em: float) -> bool:
    """Whether a line stops before a label, or on it, and would run on over it."""
    x0, y0, x1, y1 = grow(box, 0.6 * em)
    ahead = (tip[0] + 0.8 * em * way[0], tip[1] + 0.8 * em * way[1])
    return all(x0 <= x <= x1 and y0 <= y <= y1 for x, y in (tip, ahead))


def _gap_cost(p: Point, u: Point, q: Point, v: Point, words: Sequence[Box], em: float) -> float | None:
    d = math.dist(p, q)
    if d > 14 * em:
        return None
    if d < 2.5:
        return d if u[0] * v[0] + u[1] * v[1] < 0.3 else None
    w = ((q[0] - p[0]) / d, (q[1] - p[1]) / d)
    ahead, back = u[0] * w[0] + u[1] * w[1], -(v[0] * w[0] + v[1] * w[1])
    if min(ahead, back) < (0.9 if d > 0.8 * em else 0.8):
        return None
    aside = abs((q[0] - p[0]) * u[1] - (q[1] - p[1]) * u[0])
    if d > em and aside > 0.35 * em + 0.06 * d:
        return None
    bare = d * (1 - _covered(p, q, words, 0.25 * em))
    if bare > (1.3 if min(ahead, back) > 0.97 else 0.9) * em:
        return None
    return d + 3 * bare + 4 * aside


def _covered(p: Point, q: Point, words: Sequence[Box], grow: float) -> float:
    """Share of the way from p to q that lies on words."""
    if not words:
        return 0.0
    boxes = np.array(words) + np.array([-2 * grow, -grow, 2 * grow, grow])
    t = np.linspace(0, 1, 24)
    xs, ys = p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t
    on = (xs[:, None] >= boxes[:, 0]) & (xs[:, None] <= boxes[:, 2])
    on &= (ys[:, None] >= boxes[:, 1]) & (ys[:, None] <= boxes[:, 3])
    return float(on.any(axis=1).mean())


def joined(trails: list[Trail], partner: dict[End, End]) -> list[Trail]:
    """The trails with those made one whose ends are partners of each other."""
    out, used = [], set()
    for i in range(len(trails)):
        if i in used:
            continue
        first: End = (i, True)  # walk back to where the joined line begins
        seen = {i}
        while (back := partner.get(first)) is not None and back[0] not in seen:
            seen.add(back[0])
            first = (back[0], not back[1])
        points: list[Point] = []
        at = first
        start_joined = trails[at[0]].joined[0 if at[1] else 1]
        while True:
            used.add(at[0])
            t = trails[at[0]]
            points += t.points if at[1] else t.points[::-1]
            tail: End = (at[0], not at[1])
            ahead = partner.get(tail)
            if ahead is None or ahead[0] in used:
                break
            at = ahead
        out.append(Trail(points, (start_joined, trails[tail[0]].joined[0 if tail[1] else 1])))
    return out
