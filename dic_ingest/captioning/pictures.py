"""A crop as a model should see it: its smallest words legible, large drawings as overview and parts, and
where to look again.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.box import Box, area, grow, height_of, inside, intersection, union, width_of
from dic_ingest.model.drawing import Word
from dic_ingest.text.tokens import Vocabulary, tokens

# Where to look again: the part of a figure whose words a caption left out, cut out and enlarged (MM-SeR).


SAME = 84.0
FEWEST = 3  # words left out from which a second look is worth its time
SHARE = 0.1  # of the figure's words
WHOLE = 0.6  # share of the figure from which a region is too large to show more than the first look
ENLARGED = 2.0


def left_out(told: str, words: Sequence[Word]) -> list[Word]:
    """The figure's words that a caption does not tell."""
    known = Vocabulary([told], SAME)
    return [w for w in words if (t := tokens(w.text)) and known.share(t) < 0.5]


def region_left_out(told: str, words: Sequence[Word], width: float, height: float) -> Box | None:
    """The box (points) to look at again; None where little or nothing is missing."""
    missing = left_out(told, words)
    if len(missing) < max(FEWEST, SHARE * len(words)):
        return None
    frame = (0.0, 0.0, width, height)
    box = intersection(grow(union(w.bbox for w in missing), 0.05 * max(width, height)), frame)
    if area(box) <= WHOLE * area(frame):
        return box
    tiles = _tiles(width, height)
    return max(tiles, key=lambda t: sum(inside(w.bbox, t) for w in missing))


def enlarged(crop: Image.Image, box: Box, dpi: float, most: int) -> Image.Image:
    """A region of the crop, up to twice as large, its longer side at most `most` pixels."""
    scale = dpi / 72.0
    x0, y0, x1, y1 = (round(v * scale) for v in box)
    part = crop.crop(
        (max(x0, 0), max(y0, 0), min(max(x1, x0 + 1), crop.width), min(max(y1, y0 + 1), crop.height))
    )
    factor = min(ENLARGED, most / max(part.size))
    size = (max(1, round(part.width * factor)), max(1, round(part.height * factor)))
    return part.resize(size, Image.Resampling.LANCZOS)


def _tiles(width: float, height: float) -> list[Box]:
    """Four quarters that overlap a little."""
    w, h = 0.58 * width, 0.58 * height
    return [(x, y, x + w, y + h) for x in (0.0, width - w) for y in (0.0, height - h)]


# A crop as a model should see it: its smallest words legible, large drawings as overview and tiles.


LEGIBLE = 11.0  # pixels of height from which models read print well
OVERLAP = 0.12
MOST_UP = 3.0


def pictures_of(
    request: FigureRequest, most: int, tiles: int, words: Sequence[Word] = ()
) -> tuple[Image.Image, ...]:
    """The crop, its longer side at most `most` pixels, and up to `tiles` parts where print became too small.

    A crop whose smallest words are too small is enlarged as far as `most` allows. `words` are those that were
    read in it (points), where the figure has no text layer.
    """
    crop = request.crop.convert("RGB")
    print_height = _smallest_print(request, words)
    wanted = LEGIBLE / print_height if print_height else 1.0
    scale = min(max(1.0, wanted), MOST_UP, most / max(crop.size))
    whole = _scaled(crop, scale)
    if not print_height or tiles < 2 or print_height * scale >= LEGIBLE * 0.7:
        return (whole,)
    across, down = _grid(crop, tiles)
    parts = [_scaled(p, min(wanted, MOST_UP, most / max(p.size))) for p in _cut(crop, across, down)]
    return (whole, *parts)


def shows_print(size: tuple[int, int], most: int, tiles: int) -> bool:
    """Whether `pictures_of` shows a crop of this size otherwise where its words are known to be small."""
    return tiles >= 2 or max(size) < most


def _smallest_print(request: FigureRequest, read: Sequence[Word]) -> float:
    """Height in the crop's pixels that nine in ten words reach; 0 where no words are known."""
    words = (request.drawing.words if request.drawing else ()) or read
    heights = sorted(h for w in words if (h := min(height_of(w.bbox), width_of(w.bbox))) > 0)
    return heights[len(heights) // 10] * request.dpi / 72.0 if heights else 0.0


def _grid(crop: Image.Image, tiles: int) -> tuple[int, int]:
    """Columns and rows, at most `tiles` together, parts as square as can be."""
    options = [(a, d) for a in range(1, tiles + 1) for d in range(1, tiles + 1) if 2 <= a * d <= tiles]
    return min(options, key=lambda o: (max(crop.width / o[0], crop.height / o[1]), o[0] * o[1]))


def _cut(crop: Image.Image, across: int, down: int) -> list[Image.Image]:
    w, h = crop.width / across, crop.height / down
    x_over, y_over = w * OVERLAP, h * OVERLAP
    return [
        crop.crop((
            max(0, round(c * w - x_over)), max(0, round(r * h - y_over)),
            min(crop.width, round((c + 1) * w + x_over)), min(crop.height, round((r + 1) * h + y_over)),
        ))
        for r in range(down) for c in range(across)
    ]  # fmt: skip


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if abs(scale - 1.0) < 0.02:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)
