"""The network's view of a picture: for every pixel the probability of each role that ink can have.

In: RGB pixels and the size of the text in them. Out: `Maps` at the scale where text is `FONT` pixels high.
Large pictures run in overlapping tiles, so memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.model.box import Point
from dic_ingest.vision.session import Network

Pixels = NDArray[np.uint8]
Map = NDArray[np.float32]

FONT = 13.0  # text size that the network was trained at, pixels
CHANNELS = ("line", "arrow", "triangle", "diamond", "mark", "outline", "inside", "frame", "rule", "icon")
ENDS = ("arrow", "triangle", "diamond", "mark")
_TILE, _MARGIN = 1280, 128


@dataclass(frozen=True)
class Maps:
    """Probabilities (h, w) in 0..1 by role, the picture they belong to, its scale against the original."""

    pixels: Pixels  # (h, w, 3) at this scale
    scale: float  # this scale / the original's
    by_role: dict[str, Map]

    def __getitem__(self, role: str) -> Map:
        return self.by_role[role]

    @property
    def ends(self) -> Map:
        """Probability of any kind of line end."""
        out = self.by_role[ENDS[0]]
        for role in ENDS[1:]:
            out = np.maximum(out, self.by_role[role])
        return np.asarray(out, dtype=np.float32)

    def without(self, areas: Sequence[Sequence[Point]], rim: float) -> Maps:
        """The maps with nothing in some areas, given by their corners, and `rim` pixels around them."""
        if not areas:
            return self
        gone = np.zeros(self.pixels.shape[:2], np.uint8)
        for corners in areas:
            at = np.array(corners).round().astype(np.int32).reshape(-1, 1, 2)
            cv2.fillPoly(gone, [at], 1)
            cv2.polylines(gone, [at], True, 1, 2 * round(rim) + 1)
        return replace(self, by_role={k: np.where(gone, np.float32(0), m) for k, m in self.by_role.items()})


_NETWORK = Network("linenet.onnx")


def read_maps(
    pixels: Pixels, font: float, threads: int = 2, most: float = 8e6, mirrored: bool = False
) -> Maps:
    """Runs the network; `font` is the picture's text size, `most` bounds the area it sees, in pixels.

    `mirrored`: it looks at the picture's mirror image, too, and the mean of both is taken.
    """
    height, width = pixels.shape[:2]
    scale = min(3.0, FONT / max(font, 1.0), (most / (height * width)) ** 0.5)
    w, h = max(32, round(width * scale)), max(32, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(pixels, (w, h), interpolation=method), dtype=np.uint8)
    out = np.zeros((len(CHANNELS), h, w), np.float32)
    for y0, y1, ya, yb in _spans(h):
        for x0, x1, xa, xb in _spans(w):
            part = _run(small[y0:y1, x0:x1], threads, mirrored)
            out[:, ya:yb, xa:xb] = part[:, ya - y0 : yb - y0, xa - x0 : xb - x0]
    return Maps(small, scale, {name: out[k] for k, name in enumerate(CHANNELS)})


def _spans(length: int) -> list[tuple[int, int, int, int]]:
    """Tiles along one side: start and end of what is read, start and end of what is kept of it."""
    if length <= _TILE + _MARGIN:
        return [(0, length, 0, length)]
    count = -(-length // _TILE)
    cuts = [round(k * length / count) for k in range(count + 1)]
    return [(max(0, a - _MARGIN), min(length, b + _MARGIN), a, b) for a, b in pairwise(cuts)]


def _run(tile: Pixels, threads: int, mirrored: bool) -> Map:
    h, w = tile.shape[:2]
    # the network folds pixels 32-fold; a rim of repeated pixels lets frames at the very edge be seen
    rim = 16
    right, bottom = -(w + 2 * rim) % 32, -(h + 2 * rim) % 32
    ground = np.median(np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]]), axis=0)
    padded = cv2.copyMakeBorder(
        tile, rim, rim + bottom, rim, rim + right, cv2.BORDER_CONSTANT, value=ground.tolist()
    )
    batch = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)
    told = _NETWORK.run({"picture": batch}, threads)[0]
    if mirrored:
        other = _NETWORK.run({"picture": np.ascontiguousarray(batch[..., ::-1])}, threads)[0]
        told = (told + other[..., ::-1]) / 2
    return np.asarray(told[:, rim : rim + h, rim : rim + w], dtype=np.float32)
