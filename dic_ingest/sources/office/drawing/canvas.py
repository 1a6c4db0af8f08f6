"""Shapes as a `Drawing`: words, outlines, lines with their arrowheads, from their geometry alone.

In: shapes in points. Out: what a PDF page would give of them. Shadows, gradients and fonts are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dic_ingest.model.box import Point, height_of, size_of, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color, Drawing, Path, PlacedImage, Subpath, Word
from dic_ingest.sources.office.drawing.shapes import PICTURE, OfficeShape

WIDE = 0.55  # mean width of a character, in font sizes
LEADING = 1.2
HEAD = 8.0  # points of an arrowhead
MAX_WORDS = 20_000


def drawing_of(shapes: Sequence[OfficeShape], width: float, height: float) -> Drawing:
    """What the shapes draw, as data: exact words, outlines and lines."""
    words: list[Word] = []
    paths: list[Path] = []
    images: list[PlacedImage] = []
    for s in shapes:
        if s.kind == PICTURE:
            size = max(1, round(width_of(s.bbox))), max(1, round(height_of(s.bbox)))
            images.append(PlacedImage(s.bbox, size, s.order))
        elif s.path and (s.painted or s.is_line):
            line = Subpath(s.path, closed=not s.is_line)
            paths.append(Path((line,), s.bbox, s.stroke, s.fill, s.width, s.dashed, order=s.order))
            paths += _heads(s)
        if len(words) < MAX_WORDS:
            words += words_of(s)
    return Drawing(width, height, tuple(words), tuple(paths), tuple(images))


def words_of(shape: OfficeShape) -> list[Word]:
    """A shape's words about where they stand: in its middle, wrapped as wide as it is."""
    if shape.is_line:
        return []
    rows, size = _wrapped(shape)
    if not rows:
        return []
    x0, y0, x1, y1 = shape.bbox
    top = (y0 + y1) / 2 - len(rows) * size * LEADING / 2
    found = []
    color = shape.text_color or _readable(shape)
    for at, row in enumerate(rows):
        y = top + at * size * LEADING
        x = (x0 + x1) / 2 - len(row) * WIDE * size / 2
        for word in row.split():
            wide = len(word) * WIDE * size
            found.append(Word(word, (x, y, x + wide, y + size), size, 0.0, color))
            x += wide + WIDE * size
    return found


def _wrapped(shape: OfficeShape) -> tuple[list[str], float]:
    """Lines as wide as the shape, and the font size with which they fit its height."""
    width, height = size_of(shape.bbox)
    size = shape.size
    for _ in range(6):
        most = max(4, int(width / (WIDE * size)))
        rows = [row for line in shape.lines for row in _rows(line, most)]
        if len(rows) * size * LEADING <= max(height, size * LEADING) or size < 5:
            break
        size *= 0.85
    return rows, size


def _rows(line: str, most: int) -> list[str]:
    rows: list[str] = []
    for word in line.split():
        if rows and len(rows[-1]) + 1 + len(word) <= most:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


def _heads(line: OfficeShape) -> list[Path]:
    """Filled triangles at the ends of a line that carry an arrowhead."""
    found = []
    size = max(HEAD, 3 * line.width)
    for head, points in ((line.start_head, line.path[::-1]), (line.end_head, line.path)):
        if not line.is_line or head is End.NONE or len(points) < 2:
            continue
        back, tip = points[-2], points[-1]
        angle = math.atan2(tip[1] - back[1], tip[0] - back[0])
        turned = [angle + turn for turn in (-0.4, 0.4)]
        corners: list[Point] = [(tip[0] - size * math.cos(a), tip[1] - size * math.sin(a)) for a in turned]
        shape = Subpath((tip, *corners), closed=True)
        box = (tip[0] - size, tip[1] - size, tip[0] + size, tip[1] + size)
        found.append(Path((shape,), box, None, line.stroke or (0, 0, 0), order=line.order))
    return found


def _readable(shape: OfficeShape) -> Color:
    if shape.fill is None:
        return 0, 0, 0
    red, green, blue = shape.fill
    return (255, 255, 255) if 0.3 * red + 0.59 * green + 0.11 * blue < 110 else (0, 0, 0)
