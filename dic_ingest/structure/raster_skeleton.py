"""A mask of thin strokes as a graph: centre lines between ends and junctions.

In: a boolean mask. Out: `Stroke`s (pixel chains) and the junctions that join them; nothing here knows diagrams.
Thinning after Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", CACM 27 (1984).
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
        p = [(code >> k) & 1 for k in range(8)]
        rises = sum(p[k] == 0 and p[(k + 1) % 8] == 1 for k in range(8))
        if 2 <= sum(p) <= 6 and rises == 1:
            n, e, s, w = p[0], p[2], p[4], p[6]
            first[code] = n * e * s == 0 and e * s * w == 0
            second[code] = n * e * w == 0 and n * s * w == 0
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


def skeleton_graph(mask: Mask, spur: int = 5, merge: float = 4.0) -> Skeleton:
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
    out = Skeleton(strokes, centres)
    for i, s in enumerate(strokes):
        for junction, start in zip(s.ends, (True, False), strict=True):
            if junction >= 0:
                out.meets[junction].append((i, start))
    return out


def _trace(lines: Mask, merge: float) -> tuple[list[Stroke], NDArray[np.int32], dict[int, tuple[float, float]]]:
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

