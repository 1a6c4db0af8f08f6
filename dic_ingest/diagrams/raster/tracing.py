"""Strokes of connectors traced along a skeleton: straight on through crossings, on through gaps, turns
undone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.raster.skeleton import Skeleton
from dic_ingest.diagrams.scene import Line, Shape
from dic_ingest.model.box import Box, Point, area, grow, overlap
from dic_ingest.model.diagram import End as LineEnd
from dic_ingest.model.geometry import outline_distance
from dic_ingest.vision.line_segmentation import Maps

# Strokes of a skeleton linked to long paths: straight on through crossings, on through gaps.


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


# Which pixels are strokes of connectors, and which are lifelines and rules; straight lines made straight.


_SURE = 0.45


def stroke_mask(
    maps: Maps, shapes: Sequence[Shape], leaves: Sequence[Shape], rest: NDArray[np.bool_], em: float
) -> NDArray[np.bool_]:
    """Pixels of connectors; `rest` are rule pixels that belong to no straight rule."""
    near = np.zeros(maps["line"].shape, np.uint8)
    for s in shapes:
        outline = np.rint(np.array(s.polygon)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(near, [outline], True, 1, max(7, round(0.9 * em)))
    core = np.zeros_like(near)
    for s in leaves:
        if s.kind == "icon" or s.score >= 0.68:  # the network sees the inside of a node there
            cv2.fillPoly(core, [np.rint(np.array(s.polygon)).astype(np.int32).reshape(-1, 1, 2)], 1)
    core = np.asarray(cv2.erode(core, np.ones((7, 7), np.uint8)), dtype=np.uint8)
    walls = np.maximum(maps["outline"], maps["frame"]) > 0.5
    line = maps["line"] > _SURE
    return np.asarray((line | rest | (walls & (near == 0))) & (core == 0), dtype=bool)


def find_rules(maps: Maps, em: float) -> tuple[list[Trail], NDArray[np.bool_]]:
    """Straight upright and level rules as trails, and the rule pixels that are left."""
    mask = ((maps["rule"] > _SURE) & (maps["rule"] > maps["line"])).astype(np.uint8)
    covered = np.zeros_like(mask)
    heads = _middles(maps["arrow"] > 0.5, 0.12 * em * em)
    found: list[Trail] = []
    for upright in (True, False):
        size = max(3, round((2.0 if upright else 1.5) * em)) | 1  # odd: an even kernel shifts what it opens
        kernel = np.ones((size, 1) if upright else (1, size), np.uint8)
        gap = np.ones((2 * size + 1, 1) if upright else (1, size), np.uint8)
        whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, gap)
        whole[maps["outline"] >= 0.5] = 0  # no rule leaves its table
        runs = cv2.morphologyEx(whole, cv2.MORPH_OPEN, kernel)
        count, label, stats, _ = cv2.connectedComponentsWithStats(runs)
        seen = np.bincount(label[mask > 0], minlength=count)
        kept = [
            k
            for k in range(1, count)
            if seen[k] > 0.3 * max(stats[k][2:4])
            and not _is_connector(tuple(float(v) for v in stats[k][:4]), heads, upright, em)
        ]
        runs = np.isin(label, kept).astype(np.uint8)
        covered |= np.asarray(cv2.dilate(runs, np.ones((3, 3), np.uint8)), dtype=np.uint8)
        boxes = [[float(v) for v in stats[k][:4]] for k in kept]
        if not upright:
            boxes = [[y, x, h, w] for x, y, w, h in boxes]
        spans = [(x + w / 2 - 0.5, y, y + h) for x, y, w, h in boxes]
        inner = [_in_node(maps["inside"] if upright else maps["inside"].T, s) for s in spans]
        for within in (False, True):  # lifelines are drawn in pieces, the columns of two tables are not one
            part = [s for s, i in zip(spans, inner, strict=True) if i == within]
            for at, low, high in _merged(part, em, (8.0 if upright and not within else 1.0) * em):
                points = _steps(at, low, high)
                found.append(Trail(points if upright else [(y, x) for x, y in points]))
    return found, (mask > 0) & (covered == 0)


def _in_node(inside: NDArray[np.float32], span: tuple[float, float, float]) -> bool:
    """Whether an upright rule runs through the inside of a node on both its sides."""
    at, low, high = round(span[0]), round(span[1]), round(span[2])
    sides = [inside[low:high, max(0, at - 5) : max(0, at - 3)], inside[low:high, at + 4 : at + 6]]
    return all(s.size > 0 and float((s > 0.5).mean()) > 0.6 for s in sides)


def _is_connector(run: tuple[float, ...], heads: list[tuple[float, float]], upright: bool, em: float) -> bool:
    """Whether arrowheads sit on a run, pointing along it; those that point at a lifeline stand beside it."""
    x, y, w, h = run
    if not upright:
        x, y, w, h = y, x, h, w
        heads = [(b, a) for a, b in heads]
    near = [abs(a - x - w / 2) for a, b in heads if y - em < b < y + h + em and abs(a - x - w / 2) < em]
    centred = sum(d < 0.16 * em for d in near)
    return centred > 0 and 2 * centred >= len(near)


def _middles(mask: NDArray[np.bool_], least: float) -> list[tuple[float, float]]:
    """Centres of the blobs of a mask that have at least that many pixels."""
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    big = [k for k in range(1, count) if stats[k][cv2.CC_STAT_AREA] >= least]
    return [(float(centres[k][0]), float(centres[k][1])) for k in big]


def _steps(at: float, low: float, high: float) -> list[Point]:
    return [(at, float(v)) for v in np.linspace(low, high, max(2, int(high - low)))]


def _merged(
    spans: list[tuple[float, float, float]], em: float, gap: float
) -> list[tuple[float, float, float]]:
    out: list[tuple[float, float, float]] = []
    for at, low, high in sorted(spans, key=lambda s: (round(s[0] / (0.4 * em)), s[1])):
        if out and abs(out[-1][0] - at) < 0.35 * em and low - out[-1][2] < gap:
            weight = (out[-1][2] - out[-1][1], high - low)
            middle = (out[-1][0] * weight[0] + at * weight[1]) / max(1e-6, sum(weight))
            out[-1] = (middle, out[-1][1], max(high, out[-1][2]))
        else:
            out.append((at, low, high))
    return out


def straightened(points: Sequence[Point], em: float) -> tuple[Point, ...]:
    """The polyline with its long, nearly level or upright pieces made exactly so."""
    out = [list(p) for p in points]
    for k in range(len(out) - 1):
        a, b = out[k], out[k + 1]
        for axis in (0, 1):
            drift, run = abs(a[axis] - b[axis]), abs(a[1 - axis] - b[1 - axis])
            if run > 1.2 * em and drift <= max(1.6, 0.012 * run):
                a[axis] = b[axis] = (a[axis] + b[axis]) / 2
    return tuple((float(x), float(y)) for x, y in out)


# Lines that are not what they seem: a hairpin is two, what goes on behind a box or a label's ground is
# one.


_BACK = 0.8  # cosine between the two arms of a turn: below 37 degrees no line is drawn as one


def without_turn_backs(trails: Sequence[Trail], at_goal: Callable[[Point], bool], em: float) -> list[Trail]:
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


def without_label_backgrounds(
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
