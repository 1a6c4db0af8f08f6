"""What is drawn on a page or inside a figure, as data: words, vector paths, placed images.

A PDF page gives a `Drawing` exactly; a raster figure gives one through OCR and a network.
All coordinates are points (pixels for a raster figure), origin top-left, y downwards, on the page as shown
(crop box applied, /Rotate applied). Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]  # x0, y0, x1, y1
Point: TypeAlias = tuple[float, float]
Color: TypeAlias = tuple[int, int, int]  # 0..255; transparency is already judged by whoever made the object


def area(box: Box) -> float:
    """Area of a box; 0 for an inverted one."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def intersection(a: Box, b: Box) -> Box:
    """Common part of two boxes; inverted (area 0) where they are apart."""
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def overlap(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    return area(intersection(a, b))


def scaled(box: Box, by: float) -> Box:
    """A box in units `by` times as fine."""
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by


def inside(inner: Box, outer: Box, share: float = 0.5) -> bool:
    """Whether `share` of `inner` lies in `outer`; for a box without area, whether its centre does."""
    if area(inner) == 0:
        x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
        return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
    return overlap(inner, outer) >= share * area(inner)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    both = overlap(a, b)
    union = area(a) + area(b) - both
    return both / union if union > 0 else 0.0


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box around all; raises ValueError when there is none."""
    listed = list(boxes)
    if not listed:
        raise ValueError("no boxes to unite")
    return (
        min(b[0] for b in listed),
        min(b[1] for b in listed),
        max(b[2] for b in listed),
        max(b[3] for b in listed),
    )


def grow(box: Box, by: float) -> Box:
    """The box with `by` added on every side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


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
        return replace(
            self._moved(lambda x, y: (x + dx, y + dy)), width=box[2] - box[0], height=box[3] - box[1]
        )

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
