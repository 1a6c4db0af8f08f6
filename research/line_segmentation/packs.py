"""Drawings with labels on disk, one .npz each: `picture`, `labels` (WebP), `font` (pixels).

Bit k of a label pixel is channel k of `CHANNELS`, low byte in blue, high byte in green.
`fitted` makes drawings as small as training needs.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.vision.line_segmentation import CHANNELS, FONT

Drawing = tuple[NDArray[np.uint8], NDArray[np.uint16], float]
LARGEST = FONT * 1.4  # text size that training crops are cut at, at most
_LOSSLESS = 101  # a WebP quality above 100
_THIN = [CHANNELS.index(n) for n in ("line", "outline", "frame", "rule")]


def to_bits(maps: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Maps (channels, h, w), 0 or 255, as one picture of bits (h, w)."""
    bits = np.zeros(maps.shape[1:], np.uint16)
    for k, m in enumerate(maps):
        bits |= (m > 127).astype(np.uint16) << k
    return bits


def thickened(bits: NDArray[np.uint16], by: int = 3) -> NDArray[np.uint16]:
    """The labels with thin roles grown to survive a smaller scale."""
    out = bits.copy()
    for k in _THIN:
        out |= (
            cv2.dilate((bits >> k & 1).astype(np.uint8), np.ones((by, by), np.uint8)).astype(np.uint16) << k
        )
    return out


def fitted(drawing: Drawing) -> Drawing:
    """The drawing at the largest text size that training looks at, or as it is where that is smaller."""
    picture, bits, font = drawing
    scale = LARGEST / font
    if scale >= 1:
        return drawing
    size = (max(1, round(bits.shape[1] * scale)), max(1, round(bits.shape[0] * scale)))
    source = thickened(bits, math.ceil(1 / scale) | 1) if scale < 0.75 else bits
    small = np.zeros((size[1], size[0]), np.uint16)
    for k in range(len(CHANNELS)):
        part = cv2.resize((source >> k & 1).astype(np.float32), size, interpolation=cv2.INTER_AREA)
        small |= (part >= 0.45).astype(np.uint16) << k
    shrunk = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return shrunk, small, LARGEST


def save_pack(path: Path, picture: NDArray[np.uint8], bits: NDArray[np.uint16], font: float) -> None:
    """Writes one pack without loss; the picture (h, w, 3) in RGB."""
    webp = cv2.imencode(".webp", picture[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, _LOSSLESS])[1]
    bytes_ = np.dstack([bits & 255, bits >> 8, np.zeros_like(bits)]).astype(np.uint8)
    labels = cv2.imencode(".webp", bytes_, [cv2.IMWRITE_WEBP_QUALITY, _LOSSLESS])[1]
    np.savez(path, picture=webp, labels=labels, font=np.float32(font))


def read_pack(path: Path) -> Drawing:
    """One drawing from its pack."""
    with np.load(path, allow_pickle=False) as z:
        picture = np.asarray(cv2.imdecode(z["picture"], cv2.IMREAD_COLOR), dtype=np.uint8)[:, :, ::-1]
        bytes_ = np.asarray(cv2.imdecode(z["labels"], cv2.IMREAD_COLOR), dtype=np.uint16)
        return picture, np.asarray(bytes_[:, :, 0] | bytes_[:, :, 1] << 8, dtype=np.uint16), float(z["font"])
