"""How tall the letters of a picture are, before anything is read: what a text detector should see it at.

In: pixels. Out: a height in pixels. Blobs that stand in rows beside blobs of their own height are letters.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Blobs = NDArray[np.int32]  # n x 5: left, top, width, height, area

FEWEST = 12  # letters that make an estimate
SMALL, LARGE = 4, 90  # pixels: heights that are looked at
FURTHEST = 25  # blobs to the right among which a neighbour is sought
MOST = 20_000
LARGEST = 6e6  # pixels; larger pictures are halved first


def letter_height(bgr: Pixels) -> float | None:
    """Height that four of five letters reach; None where hardly a letter is seen."""
    if bgr.shape[0] * bgr.shape[1] > LARGEST:
        half = cv2.resize(bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        found = letter_height(np.asarray(half, dtype=np.uint8))
        return None if found is None else 2 * found
    grey = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    dark, light = (_letters(np.asarray(g, dtype=np.uint8)) for g in (grey, 255 - grey))
    most = dark if len(dark) >= len(light) else light
    return float(np.percentile(most, 20)) if len(most) >= FEWEST else None


def _letters(grey: Pixels) -> NDArray[np.int32]:
    """Heights of dark blobs with a neighbour."""
    mean = cv2.ADAPTIVE_THRESH_MEAN_C
    ink = cv2.adaptiveThreshold(grey, 255, mean, cv2.THRESH_BINARY_INV, 31, 12)
    blobs: Blobs = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:MOST].astype(np.int32)
    w, h, full = blobs[:, 2], blobs[:, 3], blobs[:, 4] / np.maximum(blobs[:, 2] * blobs[:, 3], 1)
    like = (h >= SMALL) & (h <= LARGE) & (w <= 1.6 * h) & (w >= 0.12 * h) & (full > 0.12) & (full < 0.85)
    blobs = blobs[like]
    blobs = blobs[np.argsort(blobs[:, 0], kind="stable")]
    x, y, w, h = (blobs[:, k] for k in range(4))
    kept = np.zeros(len(blobs), dtype=bool)
    for step in range(1, min(FURTHEST, len(blobs))):
        a, b = slice(0, -step), slice(step, None)
        gap = x[b] - x[a] - w[a]
        level = np.abs(y[b] + h[b] - y[a] - h[a]) < 0.35 * h[a]
        beside = level & (h[b] < 1.7 * h[a]) & (h[a] < 1.7 * h[b]) & (gap >= -1) & (gap < 0.7 * h[a])
        kept[a] |= beside
        kept[b] |= beside
    return np.asarray(h[kept], dtype=np.int32)
