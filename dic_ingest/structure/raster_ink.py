"""How a traced line looks in the picture: its colour, width, contrast, and whether it is dashed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box, Color, Point


@dataclass(frozen=True)
class Look:
    """Median colour, width in pixels, contrast 0..1 against both sides, dashes."""

    color: Color | None = None
    width: float = 1.0
    contrast: float = 0.0
    dashed: bool = False


def ink_along(pixels: NDArray[np.uint8], points: Sequence[Point], words: Sequence[Box]) -> Look:
    """Samples the picture along a polyline and across it; places on words do not count."""
    spots, ways = _sampled(points)
    if len(spots) < 4:
        return Look()
    free = ~_on_words(spots, words)
    if free.sum() < 4:
        return Look()
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
        return Look(contrast=strong / 255)
    on = core > 0.45 * strong
    where = odd[:, 4:9].argmax(axis=1) + 4
    ink = profile[np.arange(len(spots)), where][on]
    r, g, b = (int(v) for v in np.median(ink, axis=0))
    width = float(np.median((odd[on] > 0.5 * strong).sum(axis=1)))
    return Look((r, g, b), max(1.0, width), min(1.0, strong / 255), _is_dashed(on))


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
