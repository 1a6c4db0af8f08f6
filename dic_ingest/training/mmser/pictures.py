"""Pictures as the small captioner sees them: square, grey, dark lines high.

In: PIL images of any size and mode. Out: letterboxed PIL images, and numbers in -1..1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

ENLARGED = 1.5  # so many times at most: a small figure's words keep about the size of a large one's
PIXELS = 100_000_000  # a picture with more is refused


def letterbox(image: Image.Image, side: int, grey: bool = True) -> Image.Image:
    """The picture in the middle of a white square of `side` pixels; dark paper becomes light."""
    if image.mode in ("RGBA", "LA", "P", "PA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if grey else "RGB")
    if np.median(np.asarray(image.convert("L").resize((64, 64)))) < 100:  # light lines on dark paper
        image = ImageOps.invert(image)
    scale = min(side / image.width, side / image.height, ENLARGED)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image = image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
    made = Image.new(image.mode, (side, side), "white")
    made.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2))
    return made


def normalised(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Bytes to -1..1, dark lines at 1: a white page is all -1."""
    values: npt.NDArray[np.float32] = 1 - pixels.astype(np.float32) / 127.5
    return values
