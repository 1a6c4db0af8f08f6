"""Flat paints of a picture, the pixels of each, and connected parts of a mask.

In: pixels as height x width x 3. Out: `Paint`s with the ground first; masks are 0 or 255.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.model.drawing import Color

Pixels: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[Any]

NEAR = 42  # sum over three channels: pixels this near to a paint are of it
FLAT, LARGE = 18.0, 0.03  # paints of this share of the picture may be so near to one another: grounds
MIXED = 16.0  # distance from the way between two paints at which a third is a blend of them
SPOT = 5  # pixels of a spot that is no edge
MOST_DOUBTED = 16  # blends of which spots are looked for
MOST_PAINTS = 14
NO_PAINT = -1  # owner of a pixel that no paint is near to
GREY = 18  # largest difference of channels of a paint without hue


@dataclass(frozen=True, slots=True)
class Paint:
    """A flat colour of a picture and the number of its pixels."""

    color: Color
    count: int

    @property
    def hued(self) -> bool:
        return max(self.color) - min(self.color) > GREY


def runs_of(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def mask_of(where: NDArray[np.bool_]) -> Mask:
    """255 where a condition holds."""
    return where.astype(np.uint8) * 255


def boxes_of(mask: Mask) -> list[tuple[int, int, int, int, int]]:
    """Left, top, width, height and number of pixels of each connected part of a mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [(int(s[0]), int(s[1]), int(s[2]), int(s[3]), int(s[4])) for s in stats[1:2000]]


def paints_of(pixels: Pixels) -> list[Paint]:
    """The flat paints of a picture, the ground first; blends at edges are none."""
    coarse = (pixels >> 3).astype(np.int32)
    keys = (coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]
    flat = keys.ravel()
    counts = np.bincount(flat, minlength=1 << 15)
    sums = [np.bincount(flat, pixels[..., c].ravel(), 1 << 15) for c in range(3)]
    least = max(12, 0.00012 * keys.size)
    kept: list[Paint] = []
    doubted = 0
    for key in np.argsort(-counts)[:400]:
        count = int(counts[key])
        if count < least or len(kept) >= MOST_PAINTS:
            break
        color = (round(sums[0][key] / count), round(sums[1][key] / count), round(sums[2][key] / count))
        paint = Paint(color, count)
        apart = FLAT if count > LARGE * keys.size else 1.6 * NEAR
        if any(_off(paint.color, p.color) < apart for p in kept):
            continue
        mixed = _blended(paint, kept)
        if mixed is not None:
            tint = paint.hued and any(not p.hued for p in mixed)  # what shows through a legend's ground
            doubted += not tint
            if tint or doubted > MOST_DOUBTED or not _is_solid(pixels, paint):
                continue
        kept.append(paint)
    return kept


def _off(a: Color, b: Color) -> int:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def _blended(paint: Paint, kept: Sequence[Paint]) -> tuple[Paint, Paint] | None:
    """The two stronger paints that a paint lies between: it may be the edge of one on the other."""
    c = np.array(paint.color, float)
    for i, a in enumerate(kept):
        for b in kept[i + 1 :]:
            start, way = np.array(a.color, float), np.array(b.color, float) - np.array(a.color, float)
            long = float(way @ way)
            share = float((c - start) @ way) / long if long > 0 else 0.0
            away = float(np.linalg.norm(c - start - share * way))
            if 0.06 < share < 0.94 and away < MIXED and paint.count < 0.6 * min(a.count, b.count):
                return a, b
    return None


def _is_solid(pixels: Pixels, paint: Paint) -> bool:
    """Whether a paint has spots of its own, as an edge between two others has not."""
    off = np.abs(pixels.astype(np.int16) - np.array(paint.color, np.int16)).sum(axis=2)
    core = cv2.erode(mask_of(off < NEAR / 2), np.ones((SPOT, SPOT), np.uint8))
    return bool(core.any())


def owners_of(pixels: Pixels, paints: Sequence[Paint]) -> NDArray[np.int16]:
    """Number of the nearest paint for each pixel, -1 where none is near."""
    flat = pixels.astype(np.int16)
    best = np.full(pixels.shape[:2], 3 * 255, np.int16)
    owner = np.full(pixels.shape[:2], NO_PAINT, np.int16)
    for i, paint in enumerate(paints):
        off = np.abs(flat - np.array(paint.color, np.int16)).sum(axis=2).astype(np.int16)
        nearer = (off < best) & (off < NEAR)
        owner[nearer] = i
        best[nearer] = off[nearer]
    return owner
