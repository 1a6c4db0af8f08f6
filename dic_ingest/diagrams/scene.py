"""The common ground of the vector and the raster route: outlines, lines with ends, lines of text.

`vector*.py` makes a `Scene` from a PDF's paths and words, `raster*.py` from pixels; `assemble.py` and its
sister files turn a `Scene` into a `Diagram` and never ask where it came from.
Coordinates: those of the drawing (points, or pixels of the figure), origin top-left.
"""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed outline that may be a node, a frame, a note or a label's background."""

    bbox: Box
    polygon: tuple[Point, ...]  # outline, without the closing point
    # rect, rounded, stadium, diamond, circle, ellipse, hexagon, cylinder, parallelogram, note, actor ...
    kind: str = "rect"
    fill: Color | None = None
    stroke: Color | None = None
    dashed: bool = False
    order: int = 0  # painting order
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """An open line from first to last point, pieces already joined, with what is drawn at its ends."""

    points: tuple[Point, ...]
    start: End = End.NONE
    end: End = End.NONE
    dashed: bool = False
    width: float = 1.0
    color: Color | None = None
    order: int = 0
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words that read as one line. `size` is the font size or line height in the drawing's unit."""

    text: str
    bbox: Box
    size: float = 0.0
    angle: float = 0.0  # degrees clockwise
    bold: bool = False
    color: Color | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a graph is assembled from."""

    width: float
    height: float
    shapes: tuple[Shape, ...] = ()
    lines: tuple[Line, ...] = ()
    texts: tuple[TextLine, ...] = ()
    background: Color = (255, 255, 255)  # of the page behind everything
