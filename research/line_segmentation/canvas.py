"""A picture and its label maps, painted by the same strokes.

Each call paints the picture and the maps together, so the labels are exact whatever the style.
Maps (`CHANNELS`): connector lines run on through dashes and under labels; `inside` excludes the outline.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import skia
from numpy.typing import NDArray

from dic_ingest.vision.line_segmentation import CHANNELS

Point = tuple[float, float]
Rgb = tuple[int, int, int]


class Canvas:
    """Paints with one random hand: `jitter` > 0 draws sketchily."""

    def __init__(self, width: int, height: int, paper: Rgb, rng: random.Random, jitter: float = 0.0) -> None:
        self.width, self.height, self.rng, self.jitter, self.paper = width, height, rng, jitter, paper
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self.pixels[:] = (*paper, 255)
        self._surface = skia.Surface(self.pixels)
        self.maps = {name: np.zeros((height, width), np.uint8) for name in CHANNELS}
        info = skia.ImageInfo.Make(width, height, skia.kGray_8_ColorType, skia.kOpaque_AlphaType)
        self._maps = {n: skia.Surface.MakeRasterDirect(info, m, width) for n, m in self.maps.items()}

    @property
    def canvas(self) -> skia.Canvas:
        """The picture's own canvas, for strokes without a label."""
        return self._surface.getCanvas()

    def result(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The picture (h, w, 3) and the maps (channels, h, w), 0 or 255."""
        self.maps["inside"][(self.maps["outline"] > 0) & (self.maps["icon"] == 0)] = 0
        return self.pixels[:, :, :3].copy(), np.stack([self.maps[n] for n in CHANNELS])

    def mark(self, name: str, path: skia.Path, width: float = 0.0, value: int = 255) -> None:
        """Paints one label map: the area of the path, or its stroke where `width` is above 0."""
        paint = skia.Paint(Color=skia.ColorSetRGB(value, value, value), AntiAlias=False)
        if width > 0:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(max(2.0, width))
        self._maps[name].getCanvas().drawPath(path, paint)

    def stroke_paint(self, color: Rgb, width: float, dash: Sequence[float] = ()) -> skia.Paint:
        """A stroke of this canvas's hand."""
        paint = skia.Paint(
            Color=skia.ColorSetRGB(*color), AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=width
        )
        effect = None
        if self.jitter > 0:
            effect = skia.DiscretePathEffect.Make(14.0, self.jitter, self.rng.randrange(1 << 30))
        if dash:
            dashed = skia.DashPathEffect.Make(list(dash), 0.0)
            effect = skia.PathEffect.MakeCompose(dashed, effect) if effect else dashed
        if effect:
            paint.setPathEffect(effect)
        return paint

    def stroke(self, path: skia.Path, color: Rgb, width: float, dash: Sequence[float] = ()) -> None:
        """Strokes the picture only; a sketchy hand goes over it twice."""
        for _ in range(2 if self.jitter > 0 and not dash else 1):
            self.canvas.drawPath(path, self.stroke_paint(color, width, dash))

    def fill(self, path: skia.Path, color: Rgb, second: Rgb | None = None, alpha: int = 255) -> None:
        """Fills the picture only; `second` makes a gradient."""
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorSetARGB(alpha, *color))
        b = path.getBounds()
        if second is not None:
            across = self.rng.random() < 0.3
            ends = [skia.Point(b.left(), b.top()), skia.Point(b.right() if across else b.left(), b.bottom())]
            colors = [skia.ColorSetARGB(alpha, *color), skia.ColorSetARGB(alpha, *second)]
            paint.setShader(skia.GradientShader.MakeLinear(points=ends, colors=colors))
        self.canvas.drawPath(path, paint)

    def hatch(self, path: skia.Path, color: Rgb) -> None:
        """Sketchy hatching inside a path."""
        b, step = path.getBounds(), self.rng.uniform(4, 9)
        self.canvas.save()
        self.canvas.clipPath(path, doAntiAlias=True)
        paint = self.stroke_paint(color, self.rng.uniform(0.7, 1.8))
        at = b.left() - b.height()
        while at < b.right():
            shift = self.rng.uniform(-1, 1)
            self.canvas.drawPath(polyline([(at + shift, b.bottom()), (at + b.height(), b.top())]), paint)
            at += step
        self.canvas.restore()

    def shadow(self, path: skia.Path) -> None:
        """A soft or hard shadow below and to the right."""
        d, blur = self.rng.uniform(2, 6), self.rng.choice([0.0, 1.5, 3.0, 5.0])
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorSetARGB(self.rng.randint(60, 170), 0, 0, 0))
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        moved = skia.Path(path)
        moved.offset(d, d)
        self.canvas.drawPath(moved, paint)

    def cover(self, path: skia.Path) -> None:
        """Forgets lines and their ends where an opaque shape is painted over them."""
        for name in ("line", "arrow", "triangle", "diamond", "mark", "rule"):
            self.mark(name, path, value=0)

    def text(
        self, text: str, at: Point, size: float, color: Rgb, face: skia.Typeface, angle: float = 0.0
    ) -> None:
        """One line of text centred on a point."""
        font = skia.Font(face, size)
        width = font.measureText(text)
        self.canvas.save()
        self.canvas.translate(*at)
        self.canvas.rotate(angle)
        paint = skia.Paint(Color=skia.ColorSetRGB(*color), AntiAlias=True)
        self.canvas.drawString(text, -width / 2, size * 0.36, font, paint)
        self.canvas.restore()


def text_width(text: str, size: float, face: skia.Typeface) -> float:
    """Width of a line of text, pixels."""
    return float(skia.Font(face, size).measureText(text))


def polyline(points: Sequence[Point], closed: bool = False) -> skia.Path:
    """A path through the points."""
    path = skia.Path()
    path.addPoly([skia.Point(*p) for p in points], closed)
    return path


def toward(a: Point, b: Point, by: float) -> Point:
    """The point `by` pixels from a on the way to b."""
    d = math.dist(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * by / d, a[1] + (b[1] - a[1]) * by / d
