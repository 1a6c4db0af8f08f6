"""The shapes of one Word drawing (`w:drawing`, `w:pict`): DrawingML, and the VML of Word before 2010.

In: the element. Out: flat shapes, in points from where its paragraph stands. Drawings that float beside one
another in a paragraph share one origin, so that lines between them meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.drawingml import (
    EMU,
    RELATION,
    child,
    local,
    number,
    paragraph_lines,
    read_shapes,
)
from dic_ingest.sources.office.drawing.shapes import (
    BOX,
    FRAME,
    IDENTITY,
    LINE,
    PICTURE,
    Matrix,
    OfficeShape,
    box_of,
    course,
    moved,
    moved_shape,
    outline,
    placed,
    times,
)

MAX_DEPTH = 40
MAX_SHAPES = 20_000
FARTHEST = 100_000.0  # points from the corner of a drawing
UNITS = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "pc": 12.0}
NUMBER = re.compile(r"\s*(-?\d{1,9}(?:\.\d{0,9})?|-?\.\d{1,9})\s*(pt|in|cm|mm|px|pc)?", re.IGNORECASE)
# numbers of `o:spt`, as in type="#_x0000_t110"
PRESETS = {
    3: "ellipse",
    4: "diamond",
    5: "triangle",
    7: "parallelogram",
    9: "hexagon",
    22: "can",
    2: "roundRect",
    32: "straightConnector1",
    33: "bentConnector2",
    34: "bentConnector3",
    35: "bentConnector4",
    36: "bentConnector5",
    37: "curvedConnector2",
    38: "curvedConnector3",
    13: "rightArrow",
    66: "leftArrow",
    67: "downArrow",
    68: "upArrow",
    69: "leftRightArrow",
    70: "upDownArrow",
    109: "flowChartProcess",
    110: "flowChartDecision",
    111: "flowChartInputOutput",
    112: "flowChartPredefinedProcess",
    114: "flowChartDocument",
    116: "flowChartTerminator",
    117: "flowChartPreparation",
    120: "flowChartConnector",
    132: "flowChartMagneticDisk",
    20: "line",
    176: "flowChartAlternateProcess",
}
_SHAPES = ("shape", "rect", "roundrect", "oval", "line", "polyline", "arc", "image")
_NAMED: dict[str, Color] = {"black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0)}


def read_vml(holder: Any) -> list[OfficeShape]:
    """The shapes in painting order."""
    reader = _VmlReader()
    for rule in holder.iter():
        if local(rule) == "r" and rule.get("type") == "connector":
            reader.joined[_key(rule.get("idref", ""))] = _proxies(rule)
    reader.walk(holder, IDENTITY, (), 0)
    return reader.found


@dataclass(slots=True)
class _VmlReader:
    found: list[OfficeShape] = field(default_factory=list)
    joined: dict[str, tuple[str, str]] = field(default_factory=dict)

    def walk(self, tree: Any, matrix: Matrix, groups: tuple[str, ...], depth: int) -> None:
        for element in tree:
            name = local(element)
            if depth > MAX_DEPTH or len(self.found) >= MAX_SHAPES:
                return
            if name == "group":
                own = element.get("id") or f"g{len(self.found)}"
                self.walk(element, times(matrix, _group(element, depth)), (*groups, own), depth + 1)
            elif name in _SHAPES:
                shape = self._shape(element, name, matrix, groups, depth)
                if shape is not None:
                    self.found.append(shape)
            elif name in ("anchorlock", "AlternateContent", "Choice", "r", "p"):
                self.walk(element, matrix, groups, depth)

    def _shape(
        self, element: Any, name: str, matrix: Matrix, groups: tuple[str, ...], depth: int
    ) -> OfficeShape | None:
        own = _key(element.get("id", "")) or f"s{len(self.found)}"
        geometry = _geometry(element, name)
        line = name in ("line", "polyline", "arc") or "onnector" in geometry or geometry == "line"
        points = _points(element, name, geometry, depth)
        if points is None:
            return None
        path = moved(matrix, points)
        if any(abs(v) > FARTHEST for p in path for v in p):
            return None
        image = next((i for i in element.iter() if local(i) == "imagedata"), None)
        start, end = self.joined.get(own, ("", ""))
        body = next((b for b in element.iter() if local(b) == "txbxContent"), None)
        stroke = _color(element.get("strokecolor"), (0, 0, 0))
        fill = _color(element.get("fillcolor"), (255, 255, 255))
        return OfficeShape(
            own,
            PICTURE if image is not None else LINE if line else BOX,
            box_of(path),
            path,
            geometry,
            () if body is None else tuple(t for p in body.iter("{*}p") for t in paragraph_lines(p)),
            11.0,
            None,
            None if line or element.get("filled") in ("f", "false") else fill,
            None if element.get("stroked") in ("f", "false") else stroke,
            dashed=any(local(s) == "stroke" and s.get("dashstyle") for s in element),
            start=start,
            end=end,
            start_head=_head(element, "startarrow"),
            end_head=_head(element, "endarrow"),
            groups=groups,
            order=len(self.found),
            part="" if image is None else image.get(f"{RELATION}id") or "",
        )


def _points(element: Any, name: str, geometry: str, depth: int) -> tuple[Point, ...] | None:
    """Corners or course in the coordinates around the element."""
    if name == "line":
        start, end = (_pair(element.get(k, ""), depth) for k in ("from", "to"))
        return None if start is None or end is None else (start, end)
    style = _style(element)
    box = _place(style, depth)
    if box is None:
        return None
    flip = style.get("flip", "")
    at = placed(box, _length(style.get("rotation", ""), 1) or 0.0, "x" in flip, "y" in flip)
    straight = "onnector" in geometry or geometry == "line" or name in ("polyline", "arc")
    return moved(at, course(geometry, ()) if straight else outline(geometry))


def _group(element: Any, depth: int) -> Matrix:
    style = _style(element)
    box = _place(style, depth)
    size = _numbers(element.get("coordsize", "1000,1000"))
    origin = _numbers(element.get("coordorigin", "0,0"))
    if box is None or len(size) < 2 or min(size) <= 0:
        return IDENTITY
    x, y = (*origin, 0.0, 0.0)[:2]
    unit: Matrix = (1 / size[0], 0.0, 0.0, 1 / size[1], -x / size[0], -y / size[1])
    flip = style.get("flip", "")
    turn = _length(style.get("rotation", ""), 1) or 0.0
    return times(placed(box, turn, "x" in flip, "y" in flip), unit)


def _geometry(element: Any, name: str) -> str:
    if name in ("roundrect", "oval", "line"):
        return {"roundrect": "roundRect", "oval": "ellipse", "line": "line"}[name]
    number = re.search(r"_t(\d{1,4})$", element.get("type") or "")
    known = PRESETS.get(int(number[1]), "rect") if number else "rect"
    kind = next((v for k, v in element.attrib.items() if str(k).endswith("}connectortype")), "")
    if kind and "onnector" not in known:
        return "bentConnector3" if kind == "elbow" else "straightConnector1"
    return known


def _style(element: Any) -> dict[str, str]:
    found = {}
    for part in (element.get("style") or "").split(";")[:100]:
        key, _, value = part.partition(":")
        found[key.strip().lower()] = value.strip()
    return found


def _place(style: dict[str, str], depth: int) -> Box | None:
    """The box that a style gives: in points outside of groups, in the group's units inside."""
    width, height = _length(style.get("width", ""), depth), _length(style.get("height", ""), depth)
    if width is None or height is None:
        return None
    left = _length(style.get("left") or style.get("margin-left") or "0", depth) or 0.0
    top = _length(style.get("top") or style.get("margin-top") or "0", depth) or 0.0
    return left, top, left + width, top + height


def _length(text: str, depth: int) -> float | None:
    """A length in points; a bare number is one of the group's units, outside of groups a pixel."""
    found = NUMBER.match(text)
    if found is None:
        return None
    unit = (found[2] or "").lower()
    return float(found[1]) * (UNITS[unit] if unit else 1.0 if depth else UNITS["px"])


def _pair(text: str, depth: int) -> Point | None:
    parts = [_length(p, depth) for p in text.split(",")[:2]]
    if len(parts) < 2 or parts[0] is None or parts[1] is None:
        return None
    return parts[0], parts[1]


def _numbers(text: str) -> list[float]:
    found = [NUMBER.match(p) for p in text.split(",")[:2]]
    return [float(m[1]) for m in found if m is not None]


def _head(element: Any, name: str) -> End:
    for stroke in element:
        if local(stroke) == "stroke" and stroke.get(name, "none") != "none":
            kinds = {"diamond": End.FILLED_DIAMOND, "oval": End.CIRCLE}
            return kinds.get(stroke.get(name, ""), End.ARROW)
    return End.NONE


def _proxies(rule: Any) -> tuple[str, str]:
    ends = {"start": "", "end": ""}
    for proxy in rule:
        for side in ends:
            if local(proxy) == "proxy" and proxy.get(side) is not None:
                ends[side] = _key(proxy.get("idref", ""))
    return ends["start"], ends["end"]


def _key(name: str) -> str:
    return name.lstrip("#")


def _color(text: str | None, default: Color) -> Color:
    plain = (text or "").split(" ")[0].lower()
    if plain in _NAMED:
        return _NAMED[plain]
    digits = plain.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * d for d in digits)
    try:
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    except ValueError:
        return default


def shapes_in(drawn: Any, number_of: int, palette: Palette) -> list[OfficeShape]:
    """The shapes of the drawing that is `number_of` in its paragraph: their ids carry that number."""
    if local(drawn) != "drawing":
        found, (dx, dy) = read_vml(drawn), (0.0, 0.0)
    else:
        data = next((e for e in drawn.iter() if local(e) == "graphicData"), None)
        found = [] if data is None else read_shapes(data, palette)
        dx, dy = _offset(drawn)
    return [_moved(s, dx, dy, f"{number_of}:") for s in found]


def frame_of(drawn: Any) -> OfficeShape:
    """The place of a drawing as a frame: what a chart or SmartArt fills."""
    extent = next((e for e in drawn.iter() if local(e) == "extent"), None)
    width, height = (
        (300.0, 200.0) if extent is None else (number(extent, "cx") / EMU, number(extent, "cy") / EMU)
    )
    return OfficeShape("frame", FRAME, (0.0, 0.0, max(width, 10.0), max(height, 10.0)))


def _offset(drawn: Any) -> tuple[float, float]:
    """Where an anchored drawing floats; an inline one stands at the origin."""
    anchor = child(drawn, "anchor")
    found = []
    for name in ("positionH", "positionV"):
        offset = None if anchor is None else child(anchor, name, "posOffset")
        text = "" if offset is None else (offset.text or "").strip()
        found.append(float(text) / EMU if text.lstrip("-").isdigit() and len(text) < 12 else 0.0)
    return found[0], found[1]


def _moved(shape: OfficeShape, dx: float, dy: float, prefix: str) -> OfficeShape:
    return replace(
        moved_shape(shape, dx, dy),
        id=prefix + shape.id,
        groups=tuple(prefix + g for g in shape.groups),
        start=shape.start and prefix + shape.start,
        end=shape.end and prefix + shape.end,
    )
