"""What lies on a slide, a Word canvas, a sheet or an ODF page, flat: shapes and lines with places and words.

In: values that a reader of one XML dialect found. Out: `OfficeShape`s in points, groups and turns applied.
Nothing here decides which shapes are nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from dic_ingest.model.box import Box, Point, center, size_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.model.geometry import bounds

Matrix: TypeAlias = tuple[float, float, float, float, float, float]  # x' = a x + c y + e, y' = b x + d y + f
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

BOX, LINE, PICTURE, FRAME = "box", "line", "picture", "frame"
LINE_PRESETS = ("line", "straightConnector", "bentConnector", "curvedConnector")
NODE_SHAPES = {
    "roundRect": "rounded",
    "flowChartAlternateProcess": "rounded",
    "flowChartTerminator": "stadium",
    "flowChartDecision": "diamond",
    "diamond": "diamond",
    "ellipse": "circle",
    "flowChartConnector": "circle",
    "can": "cylinder",
    "flowChartMagneticDisk": "cylinder",
    "flowChartMagneticDrum": "cylinder",
    "hexagon": "hexagon",
    "flowChartPreparation": "hexagon",
    "parallelogram": "parallelogram",
    "flowChartInputOutput": "parallelogram",
    "flowChartPredefinedProcess": "subroutine",
}


@dataclass(frozen=True, slots=True)
class OfficeShape:
    """One shape or line. `id` is the file's own, made unique; `lines` are its words, a paragraph each.

    `path` is a line's course from its start to its end, for a shape the corners of its outline. `start` and
    `end` name the shapes that a connector is attached to, "" where it is attached to none. `fill` and
    `stroke` are None where it is not filled or has no border; `groups` holds the ids of the groups around it,
    the outermost first.
    """

    id: str
    kind: str
    bbox: Box
    path: tuple[Point, ...] = ()
    geometry: str = "rect"
    lines: tuple[str, ...] = ()
    size: float = 18.0  # of the words, points
    text_color: Color | None = None
    fill: Color | None = None
    stroke: Color | None = None
    width: float = 1.0
    dashed: bool = False
    start: str = ""
    end: str = ""
    start_head: End = End.NONE
    end_head: End = End.NONE
    groups: tuple[str, ...] = ()
    placeholder: str = ""
    text_box: bool = False
    alt: str = ""
    order: int = 0
    part: str = ""  # relationship id of its picture, chart or SmartArt
    angle: float = 0.0  # degrees clockwise that its words are turned

    @property
    def text(self) -> str:
        """Its words in one line."""
        return " ".join(self.lines)

    @property
    def painted(self) -> bool:
        """Whether a border or a fill shows."""
        return self.fill is not None or self.stroke is not None

    @property
    def is_line(self) -> bool:
        """Whether it is a line and no area."""
        return self.kind == LINE


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """The transform that applies `inner` first."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (
        a * p + c * q,
        b * p + d * q,
        a * r + c * s,
        b * r + d * s,
        a * t + c * u + e,
        b * t + d * u + f,
    )


def moved(matrix: Matrix, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points transformed."""
    a, b, c, d, e, f = matrix
    return tuple((a * x + c * y + e, b * x + d * y + f) for x, y in points)


def placed(box: Box, turn: float = 0.0, flip_x: bool = False, flip_y: bool = False) -> Matrix:
    """Transform of the unit square to `box`, mirrored, then turned by `turn` degrees clockwise."""
    width, height = size_of(box)
    cx, cy = center(box)
    sx, sy = -width if flip_x else width, -height if flip_y else height
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    a, b, c, d = cos * sx, sin * sx, -sin * sy, cos * sy
    return a, b, c, d, cx - (a + c) / 2, cy - (b + d) / 2


def moved_shape(shape: OfficeShape, dx: float, dy: float) -> OfficeShape:
    """The shape `dx` to the right and `dy` down."""
    x0, y0, x1, y1 = shape.bbox
    path = tuple((x + dx, y + dy) for x, y in shape.path)
    return replace(shape, bbox=(x0 + dx, y0 + dy, x1 + dx, y1 + dy), path=path)


def box_of(points: Sequence[Point]) -> Box:
    """The box around points."""
    return bounds(points)


_CIRCLE = tuple(
    (0.5 + 0.5 * math.cos(math.radians(15 * i)), 0.5 + 0.5 * math.sin(math.radians(15 * i)))
    for i in range(24)
)
_SQUARE: tuple[Point, ...] = ((0, 0), (1, 0), (1, 1), (0, 1))
_RIGHT: tuple[Point, ...] = ((0, 0.25), (0.6, 0.25), (0.6, 0), (1, 0.5), (0.6, 1), (0.6, 0.75), (0, 0.75))
_OUTLINES: dict[str, tuple[Point, ...]] = {
    "ellipse": _CIRCLE,
    "flowChartConnector": _CIRCLE,
    "diamond": ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
    "flowChartDecision": ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
    "triangle": ((0.5, 0), (1, 1), (0, 1)),
    "flowChartExtract": ((0.5, 0), (1, 1), (0, 1)),
    "flowChartMerge": ((0, 0), (1, 0), (0.5, 1)),
    "rtTriangle": ((0, 0), (1, 1), (0, 1)),
    "parallelogram": ((0.2, 0), (1, 0), (0.8, 1), (0, 1)),
    "flowChartInputOutput": ((0.2, 0), (1, 0), (0.8, 1), (0, 1)),
    "trapezoid": ((0.2, 0), (0.8, 0), (1, 1), (0, 1)),
    "hexagon": ((0.2, 0), (0.8, 0), (1, 0.5), (0.8, 1), (0.2, 1), (0, 0.5)),
    "flowChartPreparation": ((0.2, 0), (0.8, 0), (1, 0.5), (0.8, 1), (0.2, 1), (0, 0.5)),
    "chevron": ((0, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0, 1), (0.25, 0.5)),
    "homePlate": ((0, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0, 1)),
    **dict.fromkeys(("rightArrow", "stripedRightArrow", "notchedRightArrow"), _RIGHT),
    "leftArrow": ((1, 0.25), (0.4, 0.25), (0.4, 0), (0, 0.5), (0.4, 1), (0.4, 0.75), (1, 0.75)),
    "downArrow": ((0.25, 0), (0.25, 0.6), (0, 0.6), (0.5, 1), (1, 0.6), (0.75, 0.6), (0.75, 0)),
    "upArrow": ((0.25, 1), (0.25, 0.4), (0, 0.4), (0.5, 0), (1, 0.4), (0.75, 0.4), (0.75, 1)),
    "leftRightArrow": (
        *((0, 0.5), (0.25, 0), (0.25, 0.25), (0.75, 0.25), (0.75, 0), (1, 0.5)),
        *((0.75, 1), (0.75, 0.75), (0.25, 0.75), (0.25, 1)),
    ),
    "upDownArrow": (
        *((0.5, 0), (1, 0.25), (0.75, 0.25), (0.75, 0.75), (1, 0.75), (0.5, 1)),
        *((0, 0.75), (0.25, 0.75), (0.25, 0.25), (0, 0.25)),
    ),
}


def outline(geometry: str) -> tuple[Point, ...]:
    """Corners of a preset in the unit square; the square itself for one that has none of its own here."""
    return _OUTLINES.get(geometry, _SQUARE)


def course(geometry: str, adjust: Sequence[float]) -> tuple[Point, ...]:
    """Course of a connector preset in the unit square, start to end; `adjust` in shares of a side."""
    at = [*adjust, *(0.5,) * (3 - len(adjust))]
    bends: dict[str, tuple[Point, ...]] = {
        "2": ((0, 0), (1, 0), (1, 1)),
        "3": ((0, 0), (at[0], 0), (at[0], 1), (1, 1)),
        "4": ((0, 0), (at[0], 0), (at[0], at[1]), (1, at[1]), (1, 1)),
        "5": ((0, 0), (at[0], 0), (at[0], at[1]), (at[2], at[1]), (at[2], 1), (1, 1)),
    }
    if geometry == "lineInv":
        return (0, 1), (1, 0)
    bent = geometry.startswith(("bentConnector", "curvedConnector"))
    return bends.get(geometry[-1], ((0, 0), (1, 1))) if bent else ((0, 0), (1, 1))
