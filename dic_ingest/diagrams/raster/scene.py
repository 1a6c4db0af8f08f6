"""A picture of a drawing as a `Scene`: outlines, lines with their ends, lines of text, in its pixels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from dic_ingest.diagrams.raster.circled import signs_in_circles
from dic_ingest.diagrams.raster.dots import SHORT, find_dots
from dic_ingest.diagrams.raster.lines import find_lines
from dic_ingest.diagrams.raster.outlines import find_shapes, is_rounded
from dic_ingest.diagrams.raster.tracing import without_label_backgrounds
from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.diagrams.settings import RasterSettings
from dic_ingest.diagrams.text_blocks import text_lines, typical_height, word_size
from dic_ingest.diagrams.vector.block_arrows import take_block_arrows
from dic_ingest.model.box import (
    Box,
    Point,
    area,
    center,
    grow,
    height_of,
    inside,
    overlap,
    scaled,
    size_of,
    width_of,
)
from dic_ingest.model.drawing import Word
from dic_ingest.vision.line_segmentation import FONT, Maps, Pixels, read_maps
from dic_ingest.vision.ocr import flatten

# Recognised words of a picture as lines of text that stop at what is drawn: none runs over a node's
# border.


_ROUND = frozenset("oO0QqC◎○●◯°⊙□口◇X×")  # what recognition makes of an empty outline, a dot, a cross


def settled(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words whose slight turn is put straight: the angle of a short word is not to be trusted."""
    return tuple(_straight(w) for w in words)


def _straight(word: Word) -> Word:
    turn = (word.angle + 45) % 90 - 45  # off the nearest of the four upright directions
    w, h = size_of(word.bbox)
    if turn and (abs(turn) < 4 or (abs(turn) < 14 and max(w, h) < 4 * min(w, h))):
        return replace(word, angle=round((word.angle - turn) / 90) * 90 % 360)
    return word


def is_mark(word: Word, maps: Maps) -> bool:
    """One or two signs where the network sees an arrowhead or another line end: no word."""
    if len(word.text) > 2:
        return False
    x0, y0, x1, y1 = (round(v * maps.scale) for v in word.bbox)
    part = maps.ends[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    return part.size > 0 and float((part > 0.5).mean()) > 0.2


def lines_within(words: Sequence[Word], shapes: Sequence[Shape], em: float) -> list[TextLine]:
    """Lines of text, each inside one node or outside all; top to bottom, then left to right."""
    holders = [s for s in shapes if height_of(s.bbox) < 9 * em and s.kind != "icon"]
    holders.sort(key=lambda s: area(s.bbox))
    grouped: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        if any(_is_drawn(word, s) for s in shapes):
            continue
        home = next((k for k, s in enumerate(holders) if _holds(s, word)), -1)
        grouped[home].append(word)
    lines = [t for group in grouped.values() for t in text_lines(tuple(group))]
    return sorted(lines, key=lambda t: (t.bbox[1], t.bbox[0]))


def _holds(shape: Shape, word: Word) -> bool:
    x, y = center(word.bbox)
    x0, y0, x1, y1 = shape.bbox
    roomy = x1 - x0 > 0.9 * width_of(word.bbox) and y1 - y0 > 0.6 * height_of(word.bbox)
    return x0 < x < x1 and y0 < y < y1 and roomy


def _is_drawn(word: Word, shape: Shape) -> bool:
    """One sign as large as a small outline: the outline itself."""
    if len(word.text) > 1 or word.text not in _ROUND:
        return False
    return overlap(word.bbox, shape.bbox) > 0.3 * max(area(shape.bbox), area(word.bbox))


# A picture of a drawing as a `Scene`: outlines, lines with their ends, lines of text, in its own pixels.


DEFAULTS = RasterSettings()


def scene_from_picture(
    image: Image.Image, words: Sequence[Word] = (), settings: RasterSettings = DEFAULTS,
    mirrored: bool = False,
) -> Scene:  # fmt: skip
    """Shapes, lines and text of a picture; empty but for the text where the picture exceeds the settings.

    `mirrored`: its mirror image is looked at, too, which takes a third of a second more; see `read_picture`.
    """
    width, height = image.size
    words = settled(words)
    if width * height > settings.max_pixels or min(width, height) < 16:
        return Scene(width, height, texts=tuple(text_lines(words)))
    rgb = np.asarray(flatten(image), dtype=np.uint8)
    font = typical_height(word_size(w) for w in words) if words else max(10.0, min(width, height) / 45)
    maps = read_maps(rgb, font, settings.threads, settings.max_area, mirrored)
    em = min(FONT, font * maps.scale)
    words = [w for w in words if not is_mark(w, maps)]
    boxes = [scaled(w.bbox, maps.scale) for w in words]
    outlines = find_shapes(maps, boxes, em)
    shapes, arrows = take_block_arrows(outlines)
    maps = maps.without([s.polygon for s in outlines if s not in shapes], 0.3 * em)
    back = 1 / maps.scale
    dots = find_dots(rgb, font, words, [_shape_back(s, back, 0) for s in shapes], maps)
    words += signs_in_circles(rgb, [_shape_back(s, back, 0) for s in shapes], words, font)
    round_ = [_scaled_shape(d, maps.scale) for d in dots]
    shapes += round_
    words = [w for w in words if len(w.text) > SHORT or not _on_dot(w.bbox, dots)]
    boxes = [scaled(w.bbox, maps.scale) for w in words]
    lines = [*find_lines(maps, shapes, boxes, em), *arrows]
    shapes, lines = without_label_backgrounds(shapes, lines, boxes, em)
    loose = {id(s) for s in round_ if not any(_ends_at(v, s.bbox, 0.8 * em) for v in lines)}
    shapes = [s for s in shapes if id(s) not in loose]
    drawn = tuple(_round(_shape_back(s, back, k), rgb) for k, s in enumerate(shapes))
    return Scene(
        width, height, drawn,
        tuple(_line_back(v, back, len(shapes) + k) for k, v in enumerate(lines)),
        tuple(lines_within(words, drawn, font)), _ground(rgb),
    )  # fmt: skip


def _round(shape: Shape, rgb: Pixels) -> Shape:
    return replace(shape, kind="rounded") if shape.kind == "rect" and is_rounded(rgb, shape.bbox) else shape


def _ends_at(line: Line, box: Box, reach: float) -> bool:
    return any(inside((*p, *p), grow(box, reach)) for p in (line.points[0], line.points[-1]))


def _on_dot(box: Box, dots: Sequence[Shape]) -> bool:
    return any(overlap(box, d.bbox) > 0.5 * area(d.bbox) for d in dots)


def _scaled_shape(shape: Shape, by: float) -> Shape:
    polygon = tuple((x * by - 0.5, y * by - 0.5) for x, y in shape.polygon)
    return replace(shape, bbox=scaled(shape.bbox, by), polygon=polygon)


def _points_back(points: Sequence[Point], by: float) -> tuple[Point, ...]:
    return tuple((round((x + 0.5) * by, 2), round((y + 0.5) * by, 2)) for x, y in points)


def _shape_back(shape: Shape, by: float, order: int) -> Shape:
    x0, y0, x1, y1 = scaled(shape.bbox, by)
    return replace(shape, bbox=(x0, y0, x1, y1), polygon=_points_back(shape.polygon, by), order=order)


def _line_back(line: Line, by: float, order: int) -> Line:
    return replace(line, points=_points_back(line.points, by), width=round(line.width * by, 2), order=order)


def _ground(rgb: Pixels) -> tuple[int, int, int]:
    rim = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    r, g, b = (int(v) for v in np.median(rim, axis=0))
    return r, g, b
