"""A mask of thin strokes as a graph: centre lines between ends and junctions.

In: a boolean mask. Out: `Stroke`s (pixel chains) and the junctions that join them.
Thinning after Guo and Hall, "Parallel thinning with two-subiteration algorithms", CACM 32 (1989): unlike
earlier rules it keeps slanted strokes two pixels wide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Pixel = tuple[int, int]  # x, y
_AROUND = ((0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1))  # clockwise from the north


def _tables() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    first, second = np.zeros(256, bool), np.zeros(256, bool)
    for code in range(256):
        n, ne, e, se, s, sw, w, nw = ((code >> k) & 1 for k in range(8))
        branches = ((1 - n) & (ne | e)) + ((1 - e) & (se | s)) + ((1 - s) & (sw | w)) + ((1 - w) & (nw | n))
        pairs = min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw))
        if branches == 1 and 2 <= pairs <= 3:
            first[code] = not (s | sw | (1 - nw)) & w
            second[code] = not (n | ne | (1 - se)) & e
    return first, second


_TABLES = _tables()


def thin(mask: Mask, most: int = 60) -> Mask:
    """One pixel wide centre lines of the mask, connected as it is."""
    image = np.pad(mask, 1).astype(np.uint8)
    ys, xs = np.nonzero(image)
    flat, width = image.ravel(), image.shape[1]
    alive = ys * width + xs
    offsets = [dy * width + dx for dx, dy in _AROUND]
    for _ in range(most):
        before = len(alive)
        for table in _TABLES:
            codes = np.zeros(len(alive), np.uint8)
            for k, offset in enumerate(offsets):
                codes |= flat[alive + offset] << k
            gone = table[codes]
            flat[alive[gone]] = 0
            alive = alive[~gone]
        if len(alive) == before:
            break
    return image[1:-1, 1:-1].astype(bool)


@dataclass
class Stroke:
    """A chain of centre pixels. `ends` name the junctions at its first and last pixel, -1 for a free end."""

    pixels: list[Pixel]
    ends: tuple[int, int] = (-1, -1)


@dataclass
class Skeleton:
    """Strokes, and for each junction its middle and the (stroke, at its start) that meet there."""

    strokes: list[Stroke] = field(default_factory=list)
    junctions: dict[int, tuple[float, float]] = field(default_factory=dict)
    meets: dict[int, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))


def skeleton_graph(mask: Mask, spur: int = 5, merge: float = 4.0, bridge: float = 11.0) -> Skeleton:
    """Strokes of the thinned mask; spurs up to `spur` pixels go, junctions within `merge` become one."""
    lines = thin(mask)
    for _ in range(2):
        strokes, owner, centres = _trace(lines, merge)
        short = [s for s in strokes if len(s.pixels) <= spur and (s.ends[0] < 0) != (s.ends[1] < 0)]
        if not short:
            break
        for s in short:
            for x, y in s.pixels:
                if owner[y, x] < 0:
                    lines[y, x] = False
        lines = thin(lines)
    else:
        strokes, owner, centres = _trace(lines, merge)
    return _with_wide_crossings(strokes, centres, bridge)


def _with_wide_crossings(
    strokes: list[Stroke], centres: dict[int, tuple[float, float]], bridge: float
) -> Skeleton:
    """Lines that cross at a slant share a short stroke: the junctions at its ends become one."""
    leader = _merged_junctions(strokes, centres, bridge)
    kept = []
    for s in strokes:
        first, last = (leader[e] if e >= 0 else -1 for e in s.ends)
        if first < 0 or first != last or len(s.pixels) > 2 * bridge:
            kept.append(Stroke(s.pixels, (first, last)))
    groups: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for k, centre in centres.items():
        groups[leader[k]].append(centre)
    middles = {k: (sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for k, g in groups.items()}
    out = Skeleton(kept, middles)
    for i, s in enumerate(kept):
        for junction, start in zip(s.ends, (True, False), strict=True):
            if junction >= 0:
                out.meets[junction].append((i, start))
    return out


def _merged_junctions(
    strokes: list[Stroke], centres: dict[int, tuple[float, float]], bridge: float
) -> dict[int, int]:
    """For each junction the one that stands for it and those joined to it by short strokes."""
    leader = {k: k for k in centres}
    for s in strokes:
        a, b = s.ends
        if min(a, b) >= 0 and leader[a] != leader[b] and len(s.pixels) <= bridge:
            old, new = leader[b], leader[a]
            leader = {k: new if v == old else v for k, v in leader.items()}
    return leader


def _trace(
    lines: Mask, merge: float
) -> tuple[list[Stroke], NDArray[np.int32], dict[int, tuple[float, float]]]:
    owner, centres = _junctions(lines, merge)
    ys, xs = np.nonzero(lines)
    live = set(zip(xs.tolist(), ys.tolist(), strict=True))
    inner = {p for p in live if owner[p[1], p[0]] < 0}
    near = {p: [q for dx, dy in _AROUND if (q := (p[0] + dx, p[1] + dy)) in inner] for p in inner}
    # diagonal steps beside a straight one would fork the chain
    near = {p: _straight_first(p, qs) for p, qs in near.items()}
    seen: set[Pixel] = set()
    strokes: list[Stroke] = []
    starts = sorted(p for p in inner if len(near[p]) <= 1) + sorted(inner)
    for start in starts:
        if start in seen:
            continue
        chain = _walk(start, near, seen)
        strokes.append(_with_ends(chain, owner))
    return strokes, owner, centres


def _straight_first(p: Pixel, around: list[Pixel]) -> list[Pixel]:
    if len(around) <= 2:
        return around
    return sorted(around, key=lambda q: abs(q[0] - p[0]) + abs(q[1] - p[1]))[:2]


def _walk(start: Pixel, near: dict[Pixel, list[Pixel]], seen: set[Pixel]) -> list[Pixel]:
    chain, at = [start], start
    seen.add(start)
    while (ahead := next((q for q in near[at] if q not in seen), None)) is not None:
        seen.add(ahead)
        chain.append(ahead)
        at = ahead
    return chain


def _junctions(lines: Mask, merge: float) -> tuple[NDArray[np.int32], dict[int, tuple[float, float]]]:
    """Pixels where three or more branches meet, in clusters; -1 elsewhere."""
    image = np.pad(lines, 1).astype(np.uint8)
    codes = [image[1 + dy : image.shape[0] - 1 + dy, 1 + dx : image.shape[1] - 1 + dx] for dx, dy in _AROUND]
    rises = sum(((codes[k] == 0) & (codes[(k + 1) % 8] == 1)).astype(np.uint8) for k in range(8))
    crowded = sum(codes) >= 5
    points = (lines & ((rises >= 3) | crowded)).astype(np.uint8)
    reach = max(1, round(merge))
    blobs = cv2.dilate(points, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (reach // 2) + 1,) * 2))
    count, label, _, centroid = cv2.connectedComponentsWithStats(blobs)
    owner = np.where(lines & (blobs > 0), label - 1, -1).astype(np.int32)
    return owner, {k - 1: (float(centroid[k][0]), float(centroid[k][1])) for k in range(1, count)}


def _with_ends(chain: list[Pixel], owner: NDArray[np.int32]) -> Stroke:
    first, last = _owner_near(chain[0], owner), _owner_near(chain[-1], owner)
    if len(chain) == 1 and first >= 0:
        others = {int(v) for v in _window(chain[0], owner).ravel() if v >= 0} - {first}
        last = others.pop() if others else -1
    return Stroke(chain, (first, last))


def _window(p: Pixel, owner: NDArray[np.int32]) -> NDArray[np.int32]:
    return owner[max(0, p[1] - 1) : p[1] + 2, max(0, p[0] - 1) : p[0] + 2]


def _owner_near(p: Pixel, owner: NDArray[np.int32]) -> int:
    return int(_window(p, owner).max(initial=-1))
