"""Where to look again: the part of a figure whose words a caption left out, cut out and enlarged (MM-SeR)."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from dic_ingest.captioning.evidence_text import Vocabulary, tokens
from dic_ingest.drawing import Box, Word, area, grow, inside, intersection, union

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
