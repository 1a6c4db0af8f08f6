"""Drawings with labels on disk, one .npz each: `picture`, `labels` as PNG or WebP bytes, `font` in pixels.

Bit k of a label pixel (16 bits) is channel k of `CHANNELS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Drawing = tuple[NDArray[np.uint8], NDArray[np.uint16], float]


def to_bits(maps: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Maps (channels, h, w), 0 or 255, as one picture of bits (h, w)."""
    bits = np.zeros(maps.shape[1:], np.uint16)
    for k, m in enumerate(maps):
        bits |= (m > 127).astype(np.uint16) << k
    return bits


def save_pack(path: Path, picture: NDArray[np.uint8], bits: NDArray[np.uint16], font: float) -> None:
    """Writes one pack; the picture (h, w, 3) in RGB."""
    webp = cv2.imencode(".webp", picture[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, 101])[1]  # 101: lossless
    png = cv2.imencode(".png", bits, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    np.savez(path, picture=webp, labels=png, font=np.float32(font))


def read_packs(folder: Path) -> Iterator[Drawing]:
    """All drawings of a folder, in order of their names."""
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as z:
            picture = np.asarray(cv2.imdecode(z["picture"], cv2.IMREAD_COLOR), dtype=np.uint8)[:, :, ::-1]
            bits = np.asarray(cv2.imdecode(z["labels"], cv2.IMREAD_UNCHANGED), dtype=np.uint16)
            yield picture, bits, float(z["font"])
