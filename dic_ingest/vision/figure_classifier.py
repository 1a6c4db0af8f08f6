"""What a picture looks like: a small network's word, trained by `research.figure_classifier`.

In: a crop. Out: a probability for each of `LOOKS`. It sees the picture small, so words do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.model.diagram import Kind
from dic_ingest.vision.ocr import flatten
from dic_ingest.vision.session import Network

LOOKS: Mapping[str, Kind] = MappingProxyType(
    {
        "block": Kind.BLOCK,
        "flowchart": Kind.FLOWCHART,
        "sequence": Kind.SEQUENCE,
        "state": Kind.STATE,
        "class": Kind.CLASS,
        "er": Kind.ER,
        "timing": Kind.TIMING,
        "chart": Kind.CHART,
        "photo": Kind.PHOTO,
        "screenshot": Kind.SCREENSHOT,
        "art": Kind.DECORATION,
        "text": Kind.OTHER,
        "illustration": Kind.OTHER,
    }
)
SIDE = 192  # pixels of a side of what the network sees
_NETWORK = Network("looks.onnx")


def class_probabilities(crop: Image.Image) -> dict[str, float]:
    """Probabilities that sum to 1."""
    told = _NETWORK.run({"picture": as_seen(crop)[None]})[0]
    return {name: float(p) for name, p in zip(LOOKS, told, strict=True)}


def as_seen(image: Image.Image) -> NDArray[np.uint8]:
    """The picture, as large as it can be in the middle of a white square: (SIDE, SIDE, 3)."""
    small = flatten(image)
    scale = min(SIDE / small.width, SIDE / small.height)
    size = (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
    made = Image.new("RGB", (SIDE, SIDE), "white")
    made.paste(small.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR),
               ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))  # fmt: skip
    return np.asarray(made, dtype=np.uint8)
