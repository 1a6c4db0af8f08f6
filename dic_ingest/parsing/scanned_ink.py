"""Where a scanned page is drawn on: ink that is neither text nor rules of a table nor the scanner's shadow.

In: an upright page picture, boxes of its words. Out: a mask of that ink, and boxes of its patches. All in
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.drawing import Box, grow

Mask = NDArray[np.uint8]
SIDE = 1000  # the longer side that the page is looked at in
REACH = 0.012  # of that side: ink so close belongs together
LEAST_SIDE = 0.06  # of that side: a smaller patch is no figure by itself
LEAST_INK = 0.004  # of a box's area: under this it is empty paper


class Ink:
    """The drawn ink of a page; words are wiped out."""

    def __init__(self, page: Image.Image, words: Sequence[Box]) -> None:
        self.size = page.size
        self.scale = min(1.0, SIDE / max(page.size))
        size = max(1, round(page.width * self.scale)), max(1, round(page.height * self.scale))
        # ink that is thinner than a pixel here must not fade away: the darkest of each cell counts
        grey = np.asarray(page.convert("L"), dtype=np.uint8)
        cell = max(1, int(1 / self.scale))
        dark = cv2.erode(grey, np.ones((cell, cell), np.uint8)) if cell > 1 else grey
        small = cv2.resize(dark, size, interpolation=cv2.INTER_NEAREST)
        self.mask = _ink(np.asarray(small, dtype=np.uint8))
        for box in words:
            x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in grow(box, 2.0 / self.scale))
            self.mask[y0:y1, x0:x1] = 0
        _wipe_shadow(self.mask)

    def share(self, box: Box) -> float:
        """Share of a box (page pixels) that is drawn on."""
        x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in box)
        part = self.mask[y0:y1, x0:x1]
        return float(np.count_nonzero(part)) / part.size if part.size else 0.0

    def bounds(self, box: Box) -> Box:
        """The box (page pixels) drawn in to the ink inside it; the box itself where there is none."""
        x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in box)
        part = self.mask[y0:y1, x0:x1]
        # a row or column with a speck or two is paper
        rows = np.flatnonzero(np.count_nonzero(part, axis=1) > 1)
        columns = np.flatnonzero(np.count_nonzero(part, axis=0) > 1)
        if not len(rows) or not len(columns):
            return box
        edges = x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1
        left, top, right, bottom = (float(v) / self.scale for v in edges)
        return max(left, box[0]), max(top, box[1]), min(right, box[2]), min(bottom, box[3])

    def patches(self) -> list[Box]:
        """Boxes (page pixels) of drawn ink that belongs together, large enough to be a figure."""
        reach = max(3, round(REACH * max(self.mask.shape)))
        joined = cv2.dilate(self.mask, np.ones((reach, reach), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        found = []
        for x, y, w, h, _ in stats[1:count].tolist():
            pad = reach // 2
            box = (x + pad, y + pad, x + w - pad, y + h - pad)
            if min(w, h) < LEAST_SIDE * max(self.mask.shape):
                continue
            scaled = tuple(v / self.scale for v in box)
            if self.share(scaled) > LEAST_INK:
                found.append(scaled)
        return found


def _ink(grey: Mask) -> Mask:
    """255 where the page is darker than the paper around it, or evenly dark."""
    paper = float(np.percentile(grey, 90))
    local = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 18)
    flat = (grey < 0.55 * paper).astype(np.uint8) * 255
    return np.asarray(cv2.bitwise_or(np.asarray(local), flat), dtype=np.uint8)


def _wipe_shadow(mask: Mask) -> None:
    """Dark margins that a scanner leaves: ink that touches the page's rim and is long and thin."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    for number, (x, y, w, h, size) in enumerate(stats[1:count].tolist(), start=1):
        at_rim = x <= 2 or y <= 2 or x + w >= width - 2 or y + h >= height - 2
        thin = min(w, h) < 0.06 * max(width, height) or size < 0.05 * w * h
        speck = max(w, h) <= 3
        if (at_rim and thin) or speck:
            mask[labels == number] = 0
