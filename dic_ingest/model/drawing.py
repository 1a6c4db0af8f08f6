"""What is drawn on a page or inside a figure, as data: words, vector paths, placed images.

A PDF page gives a `Drawing` exactly; a raster figure gives one through OCR and a network.
All coordinates are points (pixels for a raster figure), origin top-left, y downwards, on the page as shown
(crop box applied, /Rotate applied). Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from dic_ingest.model.box import Box, Point, height_of, inside, scaled, width_of

Color: TypeAlias = tuple[int, int, int]  # 0..255; transparency is already judged by whoever made the object


@dataclass(frozen=True, slots=True)
class Word:
    """A word as printed. `confidence` is 1.0 for a text layer, the recogniser's for OCR."""

    text: str
    bbox: Box
    size: float = 0.0  # font size, points
    angle: float = 0.0  # degrees clockwise on the page as shown; 0 is upright
    color: Color | None = None
    bold: bool = False
    confidence: float = 1.0

    def scaled(self, by: float) -> Word:
        """The word in another unit: its box and size times `by`."""
        return replace(self, bbox=scaled(self.bbox, by), size=self.size * by)


@dataclass(frozen=True, slots=True)
class Subpath:
    """A polyline; Béziers are flattened. `curved` tells that at least one segment was a curve."""

    points: tuple[Point, ...]
    closed: bool = False
    curved: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A painted path. `stroke`/`fill` are None where it is not stroked/filled (or fully transparent)."""

    subpaths: tuple[Subpath, ...]
    bbox: Box  # of the ink that shows: after the clip
    stroke: Color | None = None
    fill: Color | None = None
    width: float = 0.0  # stroke width, points
    dashed: bool = False
    clip: Box | None = None  # box of the clip in force, if it cuts the page
    order: int = 0  # painting order on the page, shared with images


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """A bitmap placed on the page. `pixels` is its own (width, height)."""

    bbox: Box
    pixels: tuple[int, int]
    order: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything drawn on a page, or in one region of it."""

    width: float
    height: float
    words: tuple[Word, ...] = ()
    paths: tuple[Path, ...] = ()
    images: tuple[PlacedImage, ...] = ()
    notes: tuple[str, ...] = ()  # what was cut short by a limit, in words
    hidden: tuple[Word, ...] = ()  # words of the whole page that nobody sees; they are not among `words`

    def within(self, box: Box, share: float = 0.5) -> Drawing:
        """The part of the drawing inside `box`, same coordinates."""
        return replace(
            self,
            words=tuple(w for w in self.words if inside(w.bbox, box, share)),
            paths=tuple(p for p in self.paths if inside(p.bbox, box, share)),
            images=tuple(i for i in self.images if inside(i.bbox, box, share)),
        )

    def cut(self, box: Box) -> Drawing:
        """The same drawing with `box` as its page: moved so that the box's corner is the origin."""
        dx, dy = -box[0], -box[1]
        return replace(self._moved(lambda x, y: (x + dx, y + dy)), width=width_of(box), height=height_of(box))

    def turned(self, degrees: int) -> Drawing:
        """The drawing turned clockwise by a multiple of 90 degrees."""
        w, h = self.width, self.height
        turns: dict[int, Callable[[float, float], Point]] = {
            90: lambda x, y: (h - y, x),
            180: lambda x, y: (w - x, h - y),
            270: lambda x, y: (y, w - x),
        }
        degrees %= 360
        if degrees not in turns:
            return self
        turned = self._moved(turns[degrees])
        words = tuple(replace(word, angle=(word.angle + degrees) % 360) for word in turned.words)
        size = (w, h) if degrees == 180 else (h, w)
        return replace(turned, words=words, width=size[0], height=size[1])

    def _moved(self, move: Callable[[float, float], Point]) -> Drawing:
        def box(b: Box) -> Box:
            (ax, ay), (bx, by) = move(b[0], b[1]), move(b[2], b[3])
            return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

        def path(p: Path) -> Path:
            lines = tuple(replace(s, points=tuple(move(x, y) for x, y in s.points)) for s in p.subpaths)
            return replace(p, subpaths=lines, bbox=box(p.bbox), clip=box(p.clip) if p.clip else None)

        return replace(
            self,
            words=tuple(replace(w, bbox=box(w.bbox)) for w in self.words),
            paths=tuple(path(p) for p in self.paths),
            images=tuple(replace(i, bbox=box(i.bbox)) for i in self.images),
        )
