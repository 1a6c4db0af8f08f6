"""What happens to pictures on their way into documents: scans, low resolution, JPEG.

In: a picture and a fault chosen with its look. Out: the picture with it, at times smaller.
"""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageFilter

from dic_ingest.image_files import open_picture

LOW = (0.45, 0.75)  # share of the size at which a picture is seen once
QUALITY = (18, 60)  # of JPEG
TILT = 1.2  # degrees to either side


def damaged(picture: Image.Image, fault: str, seed: int) -> Image.Image:
    """The RGB picture with a fault: "scan", "low resolution", "jpeg", or "" for none."""
    rng = random.Random(f"fault {seed}")
    if fault == "scan":
        return _scanned(picture, rng)
    if fault == "low resolution":
        share = rng.uniform(*LOW)
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        small = picture.resize(size, Image.Resampling.BILINEAR)
        return small if rng.random() < 0.5 else small.resize(picture.size, Image.Resampling.BICUBIC)
    return _compressed(picture, rng.randint(*QUALITY)) if fault == "jpeg" else picture


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality)
    held.seek(0)
    with open_picture(held) as again:
        return again.convert("RGB")


def _scanned(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Grey at times, tilted, blurred, with an uneven ground and grain."""
    paper = rng.randint(232, 250)
    turned = picture.rotate(
        rng.uniform(-TILT, TILT), Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)
    ).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
    if rng.random() < 0.6:
        turned = turned.convert("L").convert("RGB")
    pixels = np.asarray(turned, np.float32)
    noise = np.random.default_rng(rng.randrange(1 << 30))
    across = np.linspace(rng.uniform(-9, 0), rng.uniform(0, 9), picture.width, dtype=np.float32)
    pixels = pixels * (paper / 255) + across[None, :, None]
    pixels += noise.normal(0, rng.uniform(2, 6), pixels.shape[:2]).astype(np.float32)[..., None]
    return _compressed(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), rng.randint(55, 85))
