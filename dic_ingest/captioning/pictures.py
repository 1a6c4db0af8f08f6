"""A crop as a model should see it: its smallest words legible, large drawings as overview and tiles."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from dic_ingest.captioning.request import FigureRequest
from dic_ingest.drawing import Word

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


def _smallest_print(request: FigureRequest, read: Sequence[Word]) -> float:
    """Height in the crop's pixels that nine in ten words reach; 0 where no words are known."""
    words = (request.drawing.words if request.drawing else ()) or read
    heights = sorted(h for w in words if (h := min(w.bbox[3] - w.bbox[1], w.bbox[2] - w.bbox[0])) > 0)
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
