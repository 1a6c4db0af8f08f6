"""The shapes of one Word drawing (`w:drawing`, `w:pict`), in points from where its paragraph stands.

In: the element. Out: flat shapes, DrawingML and VML alike. Drawings that float beside one another in a
paragraph share one origin, so that lines between them meet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.drawingml import EMU, child, local, number, read_shapes
from dic_ingest.sources.office.drawing.shapes import FRAME, Shape, moved_shape
from dic_ingest.sources.office.drawing.vml import read_vml


def shapes_in(drawn: Any, number_of: int, palette: Palette) -> list[Shape]:
    """The shapes of the drawing that is `number_of` in its paragraph: their ids carry that number."""
    if local(drawn) != "drawing":
        found, (dx, dy) = read_vml(drawn), (0.0, 0.0)
    else:
        data = next((e for e in drawn.iter() if local(e) == "graphicData"), None)
        found = [] if data is None else read_shapes(data, palette)
        dx, dy = _offset(drawn)
    return [_moved(s, dx, dy, f"{number_of}:") for s in found]


def frame_of(drawn: Any) -> Shape:
    """The place of a drawing as a frame: what a chart or SmartArt fills."""
    extent = next((e for e in drawn.iter() if local(e) == "extent"), None)
    width, height = (
        (300.0, 200.0) if extent is None else (number(extent, "cx") / EMU, number(extent, "cy") / EMU)
    )
    return Shape("frame", FRAME, (0.0, 0.0, max(width, 10.0), max(height, 10.0)))


def _offset(drawn: Any) -> tuple[float, float]:
    """Where an anchored drawing floats; an inline one stands at the origin."""
    anchor = child(drawn, "anchor")
    found = []
    for name in ("positionH", "positionV"):
        offset = None if anchor is None else child(anchor, name, "posOffset")
        text = "" if offset is None else (offset.text or "").strip()
        found.append(float(text) / EMU if text.lstrip("-").isdigit() and len(text) < 12 else 0.0)
    return found[0], found[1]


def _moved(shape: Shape, dx: float, dy: float, prefix: str) -> Shape:
    return replace(
        moved_shape(shape, dx, dy),
        id=prefix + shape.id,
        groups=tuple(prefix + g for g in shape.groups),
        start=shape.start and prefix + shape.start,
        end=shape.end and prefix + shape.end,
    )
