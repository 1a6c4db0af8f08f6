"""Figures drawn over a page's picture: boxes coloured by route, with kind and reason. For eyes only."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from dic_ingest.model.box import Box
from dic_ingest.model.document import Document, Figure

COLORS = {
    "diagram": (200, 30, 30),
    "chart": (20, 120, 40),
    "photo": (150, 90, 0),
    "screenshot": (0, 120, 140),
    "other": (120, 40, 160),
    "table": (40, 80, 220),
    "formula": (40, 80, 220),
    "duplicate": (230, 130, 0),
}
AWAY = (130, 130, 130)


def draw_overlay(picture: Image.Image, dpi: float, document: Document, page: int) -> Image.Image:
    """A copy of a page's picture (rendered at `dpi`) with the figures of that page drawn on it."""
    out = picture.convert("RGB")
    pen = ImageDraw.Draw(out)
    scale = dpi / 72.0
    font = ImageFont.load_default(max(10.0, dpi / 8))
    for figure in document.figures:
        if figure.page == page and figure.bbox is not None:
            _draw(pen, figure, figure.bbox, scale, font)
    return out


def _draw(
    pen: ImageDraw.ImageDraw,
    figure: Figure,
    box: Box,
    scale: float,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    route = figure.route
    color = COLORS.get(route.route, AWAY) if route else COLORS["other"]
    x0, y0, x1, y1 = (v * scale for v in box)
    pen.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=color, width=3)
    for caption in figure.caption_boxes:
        pen.rectangle([v * scale for v in caption], outline=color, width=1)
    parts = [figure.label, f"{route.kind} {route.score:.2f}" if route else "", route.reason if route else ""]
    if figure.duplicate_of:
        parts.append("same as an earlier one")
    text = " · ".join(filter(None, parts)).encode("latin-1", "replace").decode("latin-1")[:120]
    place = (x0 + 2, max(0.0, y0 - font.getbbox("X")[3] - 3))
    pen.rectangle(pen.textbbox(place, text, font=font), fill="white")
    pen.text(place, text, fill=color, font=font)
