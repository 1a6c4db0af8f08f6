"""Regions of one colour that an edge all round sets apart: the outlines of clean drawings, to the pixel.

In: `Maps` (the picture decides where edges are, the network which of them are connectors). Out: `Region`s.
Finds what has a border or a fill of its own; hatching, dashes and open sketches are left to the maps.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box
from dic_ingest.structure.raster_maps import Maps

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A closed region: its outer contour (n, 2), its box, and what the network says of it."""

    contour: NDArray[np.int32]
    box: Box
    full: float  # share of the box that it fills
    inner: float  # mean probability of lying inside a node
    step: float  # colour difference to what lies around, 0..255
    walls: float  # mean probability of node outline or frame along the contour
    lines: float  # the same for connectors
    rules: float  # and for inner rules

    @property
    def shown(self) -> bool:
        """Whether an outline or a change of colour is to be seen."""
        return self.step > 6 or self.walls > 0.45


def find_regions(maps: Maps, em: float, across: bool) -> list[Region]:
    """All regions large enough for a node; `across`: connectors do not bound them."""
    space = np.pad(1 - _edges(maps, across), 1, constant_values=1).astype(np.uint8)
    count, label, stats, _ = cv2.connectedComponentsWithStats(space, connectivity=4)
    border = {int(v) for v in (*label[0], *label[-1], *label[:, 0], *label[:, -1])}
    found = []
    for k in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[k])
        low, high = min(w, h), max(w, h)
        if k in border or low < 0.4 * em or (low < 0.9 * em and high < 2.2 * em) or size < 0.12 * w * h:
            continue
        part = (label[y : y + h, x : x + w] == k).astype(np.uint8)
        contours, _ = cv2.findContours(np.pad(part, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        contour = max(contours, key=cv2.contourArea).reshape(-1, 2) + np.array([x - 2, y - 2])
        found.append(judged(contour.astype(np.int32), maps))
    return found


def _edges(maps: Maps, across: bool) -> Mask:
    """Where neighbouring pixels differ; `across` takes connectors out: they cut no region in two."""
    picture = maps.pixels
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    noise = float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 60))  # most of a drawing is flat
    limit = 4.0 + 2.5 * min(noise, 10.0)
    edges = _differs(picture, limit)
    if not across:
        return edges
    walls = np.maximum(maps["outline"], maps["frame"])
    line = ((np.maximum(maps["line"], maps["rule"]) > 0.5) & (walls < 0.35)).astype(np.uint8)
    line = np.asarray(cv2.dilate(line, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    keep = np.asarray(cv2.dilate((walls > 0.35).astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    # a thin stroke vanishes under the median; where an edge stays, two areas meet
    blurred = np.asarray(cv2.medianBlur(picture, 9), dtype=np.uint8)
    keep |= np.asarray(cv2.dilate(_differs(blurred, limit), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    return np.asarray(edges & ~(line & ~keep), dtype=np.uint8)


def _differs(picture: Mask, limit: float) -> Mask:
    kernel = np.ones((3, 3), np.uint8)
    spread = cv2.dilate(picture, kernel).astype(np.int16) - cv2.erode(picture, kernel).astype(np.int16)
    return np.asarray((spread.max(axis=2) > limit).astype(np.uint8))


def judged(contour: NDArray[np.int32], maps: Maps) -> Region:
    """A contour with all that tells whether it is drawn."""
    height, width = maps["inside"].shape
    x, y, w, h = cv2.boundingRect(contour)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
    filled = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(filled, [(contour - np.array([x0, y0])).reshape(-1, 1, 2)], 1)
    inner = maps["inside"][y0:y1, x0:x1][filled > 0]
    xs, ys = np.clip(contour[:, 0], 0, width - 1), np.clip(contour[:, 1], 0, height - 1)
    return Region(
        contour,
        (float(x), float(y), float(x + w), float(y + h)),
        float(filled.sum()) / max(1.0, float(w * h)),
        float(inner.mean()) if len(inner) else 0.0,
        _step(maps, filled, (x0, y0)),
        _along(np.maximum(maps["outline"], maps["frame"]), xs, ys),
        _along(maps["line"], xs, ys),
        _along(maps["rule"], xs, ys),
    )


def _along(values: NDArray[np.float32], xs: NDArray[np.int32], ys: NDArray[np.int32]) -> float:
    """Mean along a contour of the highest value within two pixels."""
    y0, x0 = max(0, int(ys.min()) - 3), max(0, int(xs.min()) - 3)
    near = cv2.dilate(values[y0 : int(ys.max()) + 4, x0 : int(xs.max()) + 4], np.ones((5, 5), np.uint8))
    return float(near[ys - y0, xs - x0].mean())


def _step(maps: Maps, filled: Mask, at: tuple[int, int]) -> float:
    """Colour difference between the area and a ring well outside it, medians of both."""
    rim = 9
    wide = np.pad(filled, rim)
    x0, y0 = at[0] - rim, at[1] - rim
    height, width = maps["inside"].shape
    cut = (slice(max(0, -y0), height - y0), slice(max(0, -x0), width - x0))
    around = maps.pixels[max(0, y0) : y0 + wide.shape[0], max(0, x0) : x0 + wide.shape[1]]
    far = np.asarray(cv2.dilate(wide, np.ones((17, 17), np.uint8)), dtype=np.uint8)
    ring = far & (1 - np.asarray(cv2.dilate(wide, np.ones((9, 9), np.uint8)), dtype=np.uint8))
    core = cv2.erode(wide, np.ones((3, 3), np.uint8))
    inner, outer = around[core[cut] > 0], around[ring[cut] > 0]
    if not len(inner) or not len(outer):
        return 0.0
    return float(np.abs(np.median(inner, axis=0) - np.median(outer, axis=0)).max())
