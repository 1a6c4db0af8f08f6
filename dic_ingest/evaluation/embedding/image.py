"""What a picture looks like, as a unit vector: pictures in, one row of numbers each out. Nothing is learned.

Histograms of gradient orientations (Dalal and Triggs 2005): 8 x 8 cells of a 128-pixel square, 9
orientations, blocks of 2 x 2 cells normalised. It sees where lines and words stand, not what they say; any
callable of the same shape (`Look`) can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE, CELLS, ORIENTATIONS = 128, 8, 9
Rows: TypeAlias = npt.NDArray[np.float32]
Look: TypeAlias = Callable[[Sequence[Image.Image]], Rows]


def gradients_of(pictures: Sequence[Image.Image]) -> Rows:
    """One unit row of 1764 numbers per picture; an empty picture's is zero."""
    rows = [_one(p) for p in pictures]
    return np.stack(rows) if rows else np.zeros((0, (CELLS - 1) ** 2 * 4 * ORIENTATIONS), np.float32)


def _one(picture: Image.Image) -> npt.NDArray[np.float32]:
    # on a white square, so that neither the shape of the picture nor its background is stretched
    whole = Image.new("L", (max(picture.size),) * 2, 255)
    grey = picture.convert("RGBA")
    ground = Image.new("RGBA", grey.size, (255, 255, 255, 255))
    flat = Image.alpha_composite(ground, grey).convert("L")
    whole.paste(flat, ((whole.width - flat.width) // 2, (whole.height - flat.height) // 2))
    cells = np.asarray(whole.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255
    down, across = np.gradient(cells)
    strength = np.hypot(across, down)
    angle = np.mod(np.arctan2(down, across), np.pi) / np.pi * ORIENTATIONS
    bins = np.minimum(angle.astype(int), ORIENTATIONS - 1)
    split = np.zeros((ORIENTATIONS, SIDE, SIDE), np.float32)
    np.put_along_axis(split, bins[None], strength[None], 0)
    size = SIDE // CELLS
    sums = split.reshape(ORIENTATIONS, CELLS, size, CELLS, size).sum((2, 4))
    blocks = np.stack([sums[:, i : CELLS - 1 + i, j : CELLS - 1 + j] for i in (0, 1) for j in (0, 1)])
    blocks = blocks / np.sqrt((blocks**2).sum((0, 1)) + 1e-4)
    flat_row: npt.NDArray[np.float32] = blocks.ravel().astype(np.float32)
    return flat_row / max(float(np.linalg.norm(flat_row)), 1e-12)
