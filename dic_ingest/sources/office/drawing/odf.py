"""OpenDocument drawings (`draw:page`, shapes in a text) -> `OfficeShape`s; connectors name what they join.

In: the element that holds the shapes, and the styles of the file. Out: flat shapes in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dic_ingest.model.box import Box, Point, height_of, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.sources.office.drawing.drawingml import local
from dic_ingest.sources.office.drawing.shapes import (
    BOX,
    FRAME,
    LINE,
    PICTURE,
    OfficeShape,
    box_of,
    moved,
    outline,
    placed,
)

MAX_SHAPES = 20_000
MAX_DEPTH = 40
UNITS = {"pt": 1.0, "in": 72.0, "inch": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "pc": 12.0}
LENGTH = re.compile(r"^(-?\d{1,9}(?:\.\d{0,9})?|-?\.\d{1,9})\s*(pt|inch|in|cm|mm|px|pc)?$")
LINES = ("line", "connector", "polyline", "measure")
AREAS = ("rect", "ellipse", "circle", "custom-shape", "polygon", "path", "caption", "regular-polygon")
# names of `draw:enhanced-geometry`, as the presets of DrawingML
GEOMETRY = {
    "rectangle": "rect",
    "round-rectangle": "roundRect",
    "isosceles-triangle": "triangle",
    "right-arrow": "rightArrow",
    "left-arrow": "leftArrow",
    "up-arrow": "upArrow",
    "down-arrow": "downArrow",
    "left-right-arrow": "leftRightArrow",
    "up-down-arrow": "upDownArrow",
    "flowchart-alternate-process": "flowChartAlternateProcess",
    "flowchart-process": "flowChartProcess",
    "flowchart-decision": "flowChartDecision",
    "flowchart-data": "flowChartInputOutput",
    "flowchart-predefined-process": "flowChartPredefinedProcess",
    "flowchart-document": "flowChartDocument",
    "flowchart-terminator": "flowChartTerminator",
    "flowchart-preparation": "flowChartPreparation",
    "flowchart-connector": "flowChartConnector",
    "flowchart-magnetic-disk": "flowChartMagneticDisk",
}
_PROPERTIES = tuple(f"{n}-properties" for n in ("graphic", "text", "paragraph", "table-column", "table-row"))
TITLES = {"title": "title", "subtitle": "body", "outline": "body", "page-number": "sldNum", "footer": "ftr"}


@dataclass(slots=True)
class Styles:
    """Properties of graphic styles by name, those of their parents included."""

    own: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def add(self, tree: Any) -> None:
        """The styles of a part."""
        for style in tree.iter("{*}style"):
            name = attribute(style, "name")
            values = self.own.setdefault(name, {})
            self.parents[name] = attribute(style, "parent-style-name")
            for part in style:
                if local(part) in _PROPERTIES:
                    for key, value in part.attrib.items():
                        values.setdefault(str(key).rsplit("}", 1)[-1], value)

    def get(self, name: str, key: str, default: str = "") -> str:
        """A property of a style, or of the nearest parent that has it."""
        for _ in range(MAX_DEPTH):
            if key in self.own.get(name, {}):
                return self.own[name][key]
            name = self.parents.get(name, "")
            if not name:
                break
        return default


def read_odf_shapes(tree: Any, styles: Styles, elements: dict[str, Any] | None = None) -> list[OfficeShape]:
    """The shapes below `tree` in painting order; `elements` receives their XML by id."""
    found: list[OfficeShape] = []
    kept = {} if elements is None else elements
    for element, groups in _members(tree, (), 0):
        if len(found) >= MAX_SHAPES:
            break
        own = attribute(element, "id") or f"s{len(found)}"
        while own in kept:
            own = f"{own}.{len(found)}"
        shape = _shape(element, own, groups, styles, len(found))
        if shape is not None:
            found.append(shape)
            kept[own] = element
    return found


def _members(tree: Any, groups: tuple[str, ...], depth: int) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for element in tree:
        name = local(element)
        if name == "g" and depth < MAX_DEPTH:
            yield from _members(element, (*groups, attribute(element, "id") or f"g{depth}"), depth + 1)
        elif name in (*LINES, *AREAS, "frame"):
            yield element, groups
        elif name in ("a", "layer-set"):
            yield from _members(element, groups, depth + 1)


def _shape(element: Any, own: str, groups: tuple[str, ...], styles: Styles, order: int) -> OfficeShape | None:
    name = local(element)
    style = attribute(element, "style-name")
    line = name in LINES
    geometry = _geometry(element, name)
    path = _course(element) if line else _corners(element, geometry)
    if not path:
        return None
    stroke = styles.get(style, "stroke", "solid" if name != "frame" else "none")
    fill = styles.get(style, "fill", "solid" if name != "frame" else "none")
    alt = next((" ".join((t.text or "").split()) for t in element if local(t) in ("title", "desc")), "")
    image = next((i for i in element if local(i) == "image"), None)
    kind = LINE if line else BOX
    if name == "frame" and next((b for b in element if local(b) == "text-box"), None) is None:
        kind = PICTURE if image is not None and _other(element) is None else FRAME
    return OfficeShape(
        own,
        kind,
        box_of(path),
        path,
        geometry,
        tuple(_lines(element)),
        _size(element, styles),
        None,
        None if line or fill == "none" else _color(styles.get(style, "fill-color"), (114, 159, 207)),
        None if stroke == "none" else _color(styles.get(style, "stroke-color"), (52, 101, 164)),
        length(styles.get(style, "stroke-width")) or 1.0,
        stroke == "dash",
        attribute(element, "start-shape"),
        attribute(element, "end-shape"),
        _head(styles.get(style, "marker-start")) if line else End.NONE,
        _head(styles.get(style, "marker-end")) if line else End.NONE,
        groups,
        TITLES.get(attribute(element, "class"), "") if name == "frame" else "",
        name == "frame",
        alt,
        order,
        "" if image is None else attribute(image, "href"),
    )


def _other(frame: Any) -> Any:
    """The table or object that a frame holds."""
    return next((e for e in frame if local(e) in ("table", "object", "object-ole")), None)


def _course(element: Any) -> tuple[Point, ...]:
    ends = [length(attribute(element, k)) for k in ("x1", "y1", "x2", "y2")]
    if None not in ends:
        x1, y1, x2, y2 = (v or 0.0 for v in ends)
        return (x1, y1), (x2, y2)
    box, points = _box(element), attribute(element, "points")
    view = [float(v) for v in re.findall(r"-?\d{1,9}", attribute(element, "viewBox"))[:4]]
    if box is None or len(view) < 4 or min(view[2:]) <= 0:
        return ()
    pairs = re.findall(r"(-?\d{1,9}),(-?\d{1,9})", points)[:4_000]
    wide, high = width_of(box) / view[2], height_of(box) / view[3]
    return tuple((box[0] + (int(x) - view[0]) * wide, box[1] + (int(y) - view[1]) * high) for x, y in pairs)


def _corners(element: Any, geometry: str) -> tuple[Point, ...]:
    box = _box(element)
    return () if box is None else moved(placed(box), outline(geometry))


def _box(element: Any) -> Box | None:
    """The place of a shape; of one that is turned, its box before the turn at the place after it."""
    width, height = length(attribute(element, "width")), length(attribute(element, "height"))
    if width is None or height is None:
        return None
    x, y = length(attribute(element, "x")), length(attribute(element, "y"))
    if x is None or y is None:
        shift = re.search(r"translate\s*\(\s*(\S+)\s+(\S+?)\s*\)", attribute(element, "transform"))
        x, y = (length(shift[1]), length(shift[2])) if shift else (0.0, 0.0)
    return (x or 0.0), (y or 0.0), (x or 0.0) + max(width, 0.0), (y or 0.0) + max(height, 0.0)


def _geometry(element: Any, name: str) -> str:
    if name in ("ellipse", "circle"):
        return "ellipse"
    enhanced = next((e for e in element if local(e) == "enhanced-geometry"), None)
    kind = "" if enhanced is None else attribute(enhanced, "type")
    known = kind.removeprefix("ooxml-")
    return GEOMETRY.get(known, known or ("roundRect" if attribute(element, "corner-radius") else "rect"))


def _lines(element: Any) -> Iterator[str]:
    """The paragraphs of a shape, without those of tables and notes inside."""
    for paragraph in element.iter("{*}p"):
        inside = paragraph.getparent()
        while inside is not None and inside is not element and local(inside) not in ("table", "annotation"):
            inside = inside.getparent()
        if inside is element:
            yield from paragraph_text(paragraph)


def paragraph_text(paragraph: Any) -> list[str]:
    """The lines of a paragraph, without the words of shapes and notes in it; a break by hand ends one."""
    parts: list[str] = []
    _gather(paragraph, parts, 0)
    return [flat for line in "".join(parts).split("\n") if (flat := " ".join(line.split()))]


def _gather(node: Any, parts: list[str], depth: int) -> None:
    parts.append(node.text or "")
    for inner in node:
        name = local(inner)
        if name in ("line-break", "tab", "s"):
            parts.append("\n" if name == "line-break" else " ")
        elif name in ("span", "a", "bookmark-ref", "ruby", "ruby-base", "meta") and depth < MAX_DEPTH:
            _gather(inner, parts, depth + 1)
        parts.append(inner.tail or "")


def _size(element: Any, styles: Styles) -> float:
    for node in element.iter("{*}span", "{*}p"):
        size = length(styles.get(attribute(node, "style-name"), "font-size"))
        if size:
            return max(1.0, min(400.0, size))
    return max(1.0, min(400.0, length(styles.get(attribute(element, "style-name"), "font-size")) or 18.0))


def length(text: str) -> float | None:
    """A length in points; None for what is none."""
    found = LENGTH.match(text.strip())
    return None if found is None else float(found[1]) * UNITS.get(found[2] or "pt", 1.0)


def _head(marker: str) -> End:
    """What a marker's name tells: a circle or a diamond, else an arrowhead."""
    plain = marker.lower()
    if not plain:
        return End.NONE
    if "circle" in plain:
        return End.CIRCLE
    return End.FILLED_DIAMOND if "diamond" in plain else End.ARROW


def _color(text: str, default: Color) -> Color:
    try:
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    except ValueError:
        return default


def attribute(element: Any, name: str) -> str:
    """An attribute by its local name."""
    for key, value in element.attrib.items():
        if str(key).rsplit("}", 1)[-1] == name:
            return str(value)
    return ""
