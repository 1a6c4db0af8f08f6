"""A `Drawing` -> pixels, and -> SVG. Bitmaps placed in it are shown as empty frames."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from dic_ingest.model.box import Box, Point, height_of, width_of
from dic_ingest.model.drawing import Color, Drawing, Path

MAX_PIXELS = 40e6
DASH = (5.0, 3.0)  # points drawn and left out
# fonts of Debian, macOS and Windows that know letters beyond Latin; Pillow's own where there is none of them
FONTS = ("NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf", "wqy-zenhei.ttc", "Arial Unicode.ttf",
         "msyh.ttc", "DejaVuSans.ttf", "arial.ttf")  # fmt: skip


def paint(drawing: Drawing, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
    """RGB picture of a drawing, or of `box` in it (points), on white."""
    x0, y0, x1, y1 = box or (0.0, 0.0, drawing.width, drawing.height)
    wide, tall = max(x1 - x0, 0.1), max(y1 - y0, 0.1)
    scale = min(dpi / 72.0, (MAX_PIXELS / (wide * tall)) ** 0.5)
    ground = Image.new("RGB", (max(1, round(wide * scale)), max(1, round(tall * scale))), "white")
    pen = ImageDraw.Draw(ground)

    def place(point: Point) -> Point:
        return (point[0] - x0) * scale, (point[1] - y0) * scale

    for path in sorted(drawing.paths, key=lambda p: p.order):
        _path(pen, path, place, scale)
    for image in drawing.images:
        a, b = place((image.bbox[0], image.bbox[1])), place((image.bbox[2], image.bbox[3]))
        pen.rectangle((*a, max(b[0], a[0]), max(b[1], a[1])), outline=(180, 180, 180))
    for word in drawing.words:
        if word.text.strip():
            a = place((word.bbox[0], word.bbox[1]))
            size = max(4, round(scale * max(min(word.size or 11.0, 1.2 * height_of(word.bbox)), 1.0)))
            pen.text(a, word.text[:500], fill=word.color or (0, 0, 0), font=_font(min(size, 400)))
    return ground


def _path(pen: Any, path: Path, place: Any, scale: float) -> None:
    for line in path.subpaths:
        points = [place(p) for p in line.points]
        if len(points) < 2:
            continue
        if path.fill is not None and len(points) > 2:
            pen.polygon(points, fill=path.fill)
        if path.stroke is not None:
            whole = [*points, points[0]] if line.closed else points
            wide = max(1, round(path.width * scale))
            if path.dashed:
                _dashes(pen, whole, path.stroke, wide, scale)
            else:
                pen.line(whole, fill=path.stroke, width=wide)


def _dashes(pen: Any, points: list[Point], ink: Color, wide: int, scale: float) -> None:
    on, off = DASH[0] * scale, DASH[1] * scale
    for (ax, ay), (bx, by) in pairwise(points):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        count = min(int(length / (on + off)) + 1, 2_000) if length > 0 else 0
        for k in range(count):
            s, t = k * (on + off) / length, min((k * (on + off) + on) / length, 1.0)
            a, b = (ax + s * (bx - ax), ay + s * (by - ay)), (ax + t * (bx - ax), ay + t * (by - ay))
            pen.line([a, b], fill=ink, width=wide)


@lru_cache(maxsize=64)
def _font(size: int) -> Any:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def to_svg(drawing: Drawing) -> str:
    """The drawing as an SVG document of paths and texts, without scripts or links."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width:.1f}" height="{drawing.height:.1f}" '
        f'viewBox="0 0 {drawing.width:.1f} {drawing.height:.1f}" font-family="sans-serif">'
    ]
    for path in sorted(drawing.paths, key=lambda p: p.order):
        data = " ".join(
            "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in s.points) + (" Z" if s.closed else "")
            for s in path.subpaths
        )
        dash = ' stroke-dasharray="5 3"' if path.dashed else ""
        parts.append(
            f'<path d="{data}" fill="{_color(path.fill)}" stroke="{_color(path.stroke)}" '
            f'stroke-width="{path.width:g}"{dash}/>'
        )
    for word in drawing.words:
        text = escape("".join(c for c in word.text if c >= " " and not "\ud800" <= c <= "\udfff"))
        size = word.size or 11.0
        parts.append(
            f'<text x="{word.bbox[0]:.1f}" y="{word.bbox[1] + 0.85 * size:.1f}" font-size="{size:g}" '
            f'textLength="{max(width_of(word.bbox), 0.1):.1f}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{_color(word.color or (0, 0, 0))}">{text}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _color(color: Color | None) -> str:
    return "none" if color is None else f"#{color[0]:02x}{color[1]:02x}{color[2]:02x}"
