"""Start dots and bull's eyes of a picture: discs as large as letters, and discs in a ring.

In: a picture, its words, shapes found so far. Out: circles that those lack. The network was taught
outlines of nodes; a disc as small as a letter has none, so that it is looked for in the picture itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.scene import Shape
from dic_ingest.model.box import Box, area, overlap, scaled
from dic_ingest.model.drawing import Color, Word
from dic_ingest.model.geometry import outline_distance
from dic_ingest.vision.line_segmentation import Maps

Mask = NDArray[np.uint8]
_INK = 70  # of 255 away from the ground
_FONT = 28.0  # height of the letters, in pixels, at which the picture is looked at
_THICK = 0.22  # letter heights: thinner ink is a line
_LARGEST = 1.6  # letter heights
_ROUND = (0.78, 1.28)  # width by height
_FILLED = (0.68, 0.9)  # share of its box that a disc fills, pi / 4 with a tolerance
_AREA = 12e6  # of its pixels, at most
SHORT = 3  # letters that OCR may see in a bull's eye
_MOST = 6  # more discs than that are a chart's, or bullets
_TURN = np.linspace(0.0, 2 * np.pi, 48, endpoint=False)


def find_dots(
    rgb: NDArray[np.uint8], font: float, words: Sequence[Word], shapes: Sequence[Shape], maps: Maps
) -> list[Shape]:
    """Discs without text that stand free but for the lines that end at them; all in the picture's pixels.

    A bull's eye may lie on a short word: OCR takes it and the arrows at it for letters.
    """
    scale = min(1.0, _FONT / font, (_AREA / (rgb.shape[0] * rgb.shape[1])) ** 0.5)
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    pixels: NDArray[np.uint8] = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    em = font * scale
    boxes = [scaled(w.bbox, scale) for w in words]
    long = [scaled(w.bbox, scale) for w in words if len(w.text) > SHORT]
    drawn = [replace(s, bbox=scaled(s.bbox, scale)) for s in shapes]
    outlines = [tuple((x * scale, y * scale) for x, y in s.polygon) for s in shapes if s.kind != "icon"]
    ink = _ink(pixels)
    count, _, stats, centres = _thick_parts(ink, em)
    found: list[list[Shape]] = []
    for k in range(1, count):
        x, y, w, h, inked = (int(v) for v in stats[k])
        box = (float(x), float(y), float(x + w), float(y + h))
        if not _is_disc(w, h, inked, em) or _taken(box, long, drawn):
            continue
        middle = (float(centres[k][0]), float(centres[k][1]))
        color = _median(pixels[y : y + h, x : x + w])
        ring = _ring_around(ink, middle, max(w, h) / 2, 1.4 * em)
        if ring > 0.35 * em:
            found.append([_circle(middle, ring, None, color), _circle(middle, max(w, h) / 2, color, None)])
            continue
        if any(outline_distance(outline, middle) < 0.7 * max(w, h) for outline in outlines):
            continue  # it ends a line at a box, as a diamond does
        free = _shares(ink, middle, (0.65 * max(w, h),))[0] < 0.35
        head = _is_head(scaled(box, maps.scale / scale), maps)
        if free and not head and min(w, h) > 0.5 * em and not _taken(box, boxes, ()):
            found.append([_circle(middle, max(w, h) / 2, color, None)])
    dots = [s for dot in found for s in dot] if len(found) <= _MOST else []
    return [_enlarged(s, 1 / scale) for s in dots]


def _enlarged(shape: Shape, by: float) -> Shape:
    polygon = tuple((x * by, y * by) for x, y in shape.polygon)
    return replace(shape, bbox=scaled(shape.bbox, by), polygon=polygon)


def _ink(pixels: NDArray[np.uint8]) -> Mask:
    """1 where a picture differs from the colour of its rim."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(rim, axis=0).astype(np.int16)
    far: Mask = (np.abs(pixels.astype(np.int16) - ground).max(axis=2) > _INK).astype(np.uint8)
    return far


def _thick_parts(ink: Mask, em: float) -> tuple[int, Any, Any, Any]:
    """Parts of the ink that are thicker than lines, as OpenCV counts them: labels, boxes, centres."""
    side = max(3, round(_THICK * em)) | 1
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return cv2.connectedComponentsWithStats(np.asarray(thick, np.uint8), connectivity=8)


def _is_disc(w: int, h: int, inked: int, em: float) -> bool:
    """Whether a part is about as wide as high, fills its box as a disc does and is neither thin nor large."""
    round_ = _ROUND[0] < w / h < _ROUND[1] and _FILLED[0] < inked / (w * h) < _FILLED[1]
    return round_ and _THICK * em < min(w, h) and max(w, h) < _LARGEST * em


def _taken(box: Box, words: Sequence[Box], shapes: Sequence[Shape]) -> bool:
    """Whether it is part of a word, of an icon, or of a shape about as small."""
    size = area(box)
    small = [s.bbox for s in shapes if s.kind == "icon" or area(s.bbox) < 9 * size]
    return any(overlap(box, b) > 0.3 * size for b in (*words, *small))


def _is_head(box: Box, maps: Maps) -> bool:
    """Whether the network sees an arrowhead there; short ones lose their points and look round."""
    x0, y0, x1, y1 = (max(0, round(v)) for v in box)
    part = np.maximum(maps["arrow"], maps["triangle"])[y0 : y1 + 1, x0 : x1 + 1]
    return part.size > 0 and float((part > 0.5).mean()) > 0.2


def _shares(ink: Mask, middle: tuple[float, float], radii: Sequence[float]) -> list[float]:
    """Share of ink on circles around a point."""
    h, w = ink.shape
    out = []
    for r in radii:
        xs = np.clip(np.rint(middle[0] + r * np.cos(_TURN)), 0, w - 1).astype(np.intp)
        ys = np.clip(np.rint(middle[1] + r * np.sin(_TURN)), 0, h - 1).astype(np.intp)
        out.append(float(ink[ys, xs].mean()))
    return out


def _ring_around(ink: Mask, middle: tuple[float, float], inner: float, most: float) -> float:
    """Radius of a ring around a disc, with a gap inside it and free ground outside; 0 where there is none."""
    radii = np.arange(inner + 1.0, most + 3.0, 0.5)
    shares = _shares(ink, middle, [float(r) for r in radii])
    gap = next((i for i, s in enumerate(shares) if s < 0.2), None)
    if gap is None:
        return 0.0
    ring = next((i for i in range(gap, len(shares)) if shares[i] > 0.85), None)
    if ring is None or radii[ring] > most:
        return 0.0
    after = [i for i in range(ring, len(shares)) if shares[i] < 0.35]
    return float(radii[ring]) if after else 0.0


def _circle(middle: tuple[float, float], r: float, fill: Color | None, stroke: Color | None) -> Shape:
    x, y = middle
    polygon = tuple((float(x + r * np.cos(a)), float(y + r * np.sin(a))) for a in _TURN)
    return Shape((x - r, y - r, x + r, y + r), polygon, "circle", fill, stroke, score=0.7)


def _median(pixels: NDArray[np.uint8]) -> Color:
    h, w = pixels.shape[:2]
    r, g, b = (int(v) for v in np.median(pixels[h // 4 : h - h // 4, w // 4 : w - w // 4], axis=(0, 1)))
    return r, g, b
