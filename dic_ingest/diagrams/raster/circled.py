"""Numbers and letters in small circles, which the detector of text lines overlooks: steps, connectors.

In: a picture with its circles and the words found so far. Out: words for circles that had none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.scene import Shape
from dic_ingest.model.box import Box, center, height_of, width_of
from dic_ingest.model.drawing import Word
from dic_ingest.model.geometry import is_round
from dic_ingest.vision.ocr import read_boxes

SIZES = (0.9, 4.0)  # text heights: diameters of circles that a sign stands in
INNER = 0.7  # of the diameter: what is looked at, without the ring
CERTAIN = 0.95  # the recogniser's confidence; in an empty circle it sees noughts, less surely
CAPITAL = 0.72  # of a font's size: height of its figures and capitals
INK = 0.35  # of the contrast in the circle: what is a stroke
MOST = 60  # circles looked at
SIGN = re.compile(r"\d{1,2}[a-z]?|[A-Z]")


def signs_in_circles(
    rgb: NDArray[np.uint8], shapes: Sequence[Shape], words: Sequence[Word], em: float
) -> list[Word]:
    """A word for each small circle without one in which a number or a letter is surely read.

    `shapes` in pixels of the picture; `em`: its usual height of text.
    """
    bare = [s.bbox for s in shapes if is_round(s.polygon) and _is_bare(s.bbox, words, em)][:MOST]
    inner = [_inner(box, rgb.shape[1], rgb.shape[0]) for box in bare]
    found: list[Word] = []
    for box, (text, confidence) in zip(inner, read_boxes(rgb, inner), strict=True):
        if confidence >= CERTAIN and SIGN.fullmatch(text):
            inked = _ink_box(rgb, box)
            found.append(Word(text, inked, height_of(inked) / CAPITAL, confidence=confidence))
    return found


def _is_bare(box: Box, words: Sequence[Word], em: float) -> bool:
    x0, y0, x1, y1 = box
    if not SIZES[0] * em < max(x1 - x0, y1 - y0) < SIZES[1] * em:
        return False
    return not any(x0 < x < x1 and y0 < y < y1 for x, y in (center(word.bbox) for word in words))


def _inner(box: Box, width: int, height: int) -> Box:
    (x, y), r = center(box), INNER * min(width_of(box), height_of(box)) / 2
    return max(0.0, x - r), max(0.0, y - r), min(float(width), x + r), min(float(height), y + r)


def _ink_box(rgb: NDArray[np.uint8], box: Box) -> Box:
    """The box of what differs from the circle's own ground."""
    x0, y0, x1, y1 = (round(v) for v in box)
    cut = rgb[y0:y1, x0:x1].astype(np.int16)
    off = np.abs(cut - np.median(cut.reshape(-1, 3), axis=0)).max(axis=2)
    rows, columns = np.nonzero(off >= INK * max(1.0, float(off.max())))
    return (
        float(x0 + columns.min()),
        float(y0 + rows.min()),
        float(x0 + columns.max() + 1),
        float(y0 + rows.max() + 1),
    )
