"""Line ends in the maps: blobs of arrowheads, triangles, diamonds and other marks, with their role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import End
from dic_ingest.vision.line_segmentation import ENDS, Maps


@dataclass
class RasterMarker:
    """A blob of the end maps: its pixels as (n, 2) x, y, and its role."""

    pixels: NDArray[np.float64]
    role: str
    filled: bool

    @cached_property
    def bbox(self) -> Box:
        """Smallest box around its pixels' middles."""
        (x0, y0), (x1, y1) = self.pixels.min(axis=0), self.pixels.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    @property
    def centre(self) -> Point:
        """Middle of the blob."""
        x, y = self.pixels.mean(axis=0)
        return float(x), float(y)


def find_marks(maps: Maps, em: float) -> list[RasterMarker]:
    """All marks of a size that a line end can have."""
    sure, seen = maps.ends > 0.4, (maps.ends > 0.25).astype(np.uint8)
    count, label = cv2.connectedComponents(seen, connectivity=8)
    keep = np.unique(label[sure])
    label = np.where(np.isin(label, keep), label, 0)
    ys, xs = np.nonzero(label)
    of = label[ys, xs]
    order = np.argsort(of, kind="stable")
    cuts = np.flatnonzero(np.diff(of[order])) + 1
    found = []
    for rows in np.split(order, cuts) if count > 1 else []:
        px, py = xs[rows], ys[rows]
        if len(px) < max(5, 0.05 * em * em) or np.ptp(px) > 4 * em or np.ptp(py) > 4 * em:
            continue
        role = max(ENDS, key=lambda r: float(maps[r][py, px].mean()))
        found.append(RasterMarker(np.stack([px, py], axis=1).astype(float), role, _is_filled(maps, px, py)))
    return found


def _is_filled(maps: Maps, px: NDArray[np.int_], py: NDArray[np.int_]) -> bool:
    cx, cy = int(px.mean()), int(py.mean())
    near = maps.pixels[max(0, cy - 1) : cy + 2, max(0, cx - 1) : cx + 2].reshape(-1, 3).astype(int)
    y0, y1, x0, x1 = max(0, py.min() - 4), py.max() + 5, max(0, px.min() - 4), px.max() + 5
    around = maps.pixels[y0:y1, x0:x1].reshape(-1, 3).astype(int)
    ground = np.median(around, axis=0)
    strongest = np.abs(around - ground).max(axis=1).max(initial=1)
    return float(np.abs(np.median(near, axis=0) - ground).max()) > 0.5 * float(strongest)


def kind_of_mark(mark: RasterMarker, way: Point, em: float) -> End:
    """The end that a mark stands for on a line that comes to it in the direction `way`.

    Of a crow's foot the map shows one blob: a long one is a foot, a bar across the line stands for one.
    """
    if mark.role == "mark":
        along, across = (np.ptp(mark.pixels @ np.array(axis)) for axis in (way, (-way[1], way[0])))
        if along > 1.25 * em:
            return End.MANY
        return End.ONE if across > 0.9 * em and along < 0.6 * across else End.CIRCLE
    if mark.role == "diamond":
        return End.FILLED_DIAMOND if mark.filled else End.DIAMOND
    if mark.role == "triangle":
        return End.ARROW if mark.filled else End.TRIANGLE
    return End.ARROW
