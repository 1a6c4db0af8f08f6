"""DrawingML shape trees (PowerPoint, Word, Excel, SmartArt's drawing part) -> `OfficeShape`s.

In: the lxml element that holds the shapes. Out: flat shapes in points; groups and turns are applied, hidden
shapes left out. Elements are told by their local names, so one reader serves every prefix. Bounded in number
and depth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import End
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.shapes import (
    BOX,
    FRAME,
    IDENTITY,
    LINE,
    LINE_PRESETS,
    PICTURE,
    Matrix,
    OfficeShape,
    box_of,
    course,
    moved,
    outline,
    placed,
    times,
)

UNIT_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
MAX_POINTS = 4_000
STEPS = 8  # lines per curve
CLOSE = 0.02  # of the square: ends so near are one point


def freeform(custom: Any) -> tuple[tuple[Point, ...], bool]:
    """Points and whether they are closed; no points where nothing was drawn."""
    guides = _guides(custom)
    best: tuple[tuple[Point, ...], bool] = ((), False)
    for path in custom.iter("{*}path"):
        width, height = _value(path.get("w"), guides), _value(path.get("h"), guides)
        points, closed = _points(path, guides)
        if len(points) > len(best[0]):
            scale = 1 / (width or guides["w"] or 1.0), 1 / (height or guides["h"] or 1.0)
            unit = tuple((x * scale[0], y * scale[1]) for x, y in points)
            near = math.dist(unit[0], unit[-1]) < CLOSE and len(unit) > 3
            best = unit, closed or near
    return best


def _points(path: Any, guides: dict[str, float]) -> tuple[list[Point], bool]:
    points: list[Point] = []
    closed = False
    for command in path:
        name = command.tag.rsplit("}", 1)[-1] if isinstance(command.tag, str) else ""
        given = [(_value(p.get("x"), guides), _value(p.get("y"), guides)) for p in command.iter("{*}pt")]
        if len(points) > MAX_POINTS:
            break
        if name == "moveTo" and points:  # a second part is a decoration of the first
            break
        if name in ("moveTo", "lnTo"):
            points += given[:1]
        elif name in ("cubicBezTo", "quadBezTo") and points and given:
            points += _curve([points[-1], *given])
        elif name == "arcTo" and points:
            points += _arc(
                points[-1], *(_value(command.get(k), guides) for k in ("wR", "hR", "stAng", "swAng"))
            )
        elif name == "close":
            closed = True
    return points, closed


def _curve(control: list[Point]) -> list[Point]:
    """De Casteljau's points of a Bézier curve, without its start."""
    found = []
    for step in range(1, STEPS + 1):
        t = step / STEPS
        row = control
        while len(row) > 1:
            row = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(row)]
        found.append(row[0])
    return found


def _arc(start: Point, width: float, height: float, first: float, sweep: float) -> list[Point]:
    begin, swept = math.radians(first / 60000.0), math.radians(sweep / 60000.0)
    cx, cy = start[0] - width * math.cos(begin), start[1] - height * math.sin(begin)
    angles = [begin + swept * i / STEPS for i in range(1, STEPS + 1)]
    return [(cx + width * math.cos(a), cy + height * math.sin(a)) for a in angles]


def _guides(custom: Any) -> dict[str, float]:
    """Names that coordinates may use. Without a size of the shape they are in a square of side 1."""
    known = {"l": 0.0, "t": 0.0, "r": 1.0, "b": 1.0, "w": 1.0, "h": 1.0, "hc": 0.5, "vc": 0.5, "ss": 1.0}
    for at, guide in enumerate(custom.iter("{*}gd")):
        if at >= MAX_POINTS:
            break
        words = (guide.get("fmla") or "").split()
        values = [_value(w, known) for w in words[1:]] + [0.0, 0.0, 0.0]
        known[guide.get("name") or ""] = _worked_out(words[0] if words else "", values)
    return known


def _worked_out(name: str, v: list[float]) -> float:
    results = {
        "val": v[0],
        "*/": v[0] * v[1] / v[2] if v[2] else 0.0,
        "+-": v[0] + v[1] - v[2],
        "+/": (v[0] + v[1]) / v[2] if v[2] else 0.0,
        "abs": abs(v[0]),
        "max": max(v[0], v[1]),
        "min": min(v[0], v[1]),
        "?:": v[1] if v[0] > 0 else v[2],
    }
    return results.get(name, 0.0)


def _value(text: str | None, guides: dict[str, float]) -> float:
    if text is None:
        return 0.0
    if text in guides:
        return guides[text]
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and abs(value) < 1e12 else 0.0


EMU = 12700.0  # per point
MAX_DEPTH = 40  # groups in groups
MAX_SHAPES = 20_000
FARTHEST = 50.0  # sides of a shape that its outline may lie outside of it
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_KINDS = {
    "sp": BOX,
    "wsp": BOX,
    "cxnSp": LINE,
    "pic": PICTURE,
    "graphicFrame": FRAME,
    "grpSp": "group",
    "wgp": "group",
    "wpc": "group",
    "lockedCanvas": "group",
    "contentPart": "",
}
_HEADS = {
    "triangle": End.ARROW,
    "arrow": End.ARROW,
    "stealth": End.ARROW,
    "diamond": End.FILLED_DIAMOND,
    "oval": End.CIRCLE,
}
PlaceOf = Callable[[str], Box | None]


def local(element: Any) -> str:
    """The element's name without its namespace; "" for comments."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def child(element: Any, *names: str) -> Any:
    """The first descendant reached by local names, one level each; None where there is none."""
    for name in names:
        element = next((c for c in element if local(c) == name), None)
        if element is None:
            return None
    return element


def number(element: Any, name: str, default: float = 0.0) -> float:
    """A numeric attribute; `default` where it is absent or no number."""
    try:
        value = float(element.get(name, default))
    except (TypeError, ValueError):
        return default
    return value if math.isfinite(value) and abs(value) < 1e12 else default


def read_shapes(
    tree: Any,
    palette: Palette | None = None,
    place_of: PlaceOf = lambda _: None,
    elements: dict[str, Any] | None = None,
) -> list[OfficeShape]:
    """All shapes under `tree`, in painting order.

    `place_of` gives the box (points) of a placeholder by its id, where the slide itself does not say it;
    `elements` receives the XML element of every shape by its id.
    """
    reader = _DrawingMLReader(palette or Palette(), place_of, {} if elements is None else elements)
    reader.walk(tree, IDENTITY, ())
    return reader.found


@dataclass(slots=True)
class _DrawingMLReader:
    palette: Palette
    place_of: PlaceOf
    elements: dict[str, Any]
    found: list[OfficeShape] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def walk(self, tree: Any, matrix: Matrix, groups: tuple[str, ...]) -> None:
        if len(groups) > MAX_DEPTH:
            return
        for element in _members(tree):
            if len(self.found) >= MAX_SHAPES:
                return
            kind = _KINDS.get(local(element), "")
            named = _properties(element)
            if not kind or (named is not None and named.get("hidden") in ("1", "true")):
                continue
            if kind == "group":
                inside = times(matrix, _group_matrix(element))
                own = "" if named is None else named.get("id", "")
                self.walk(element, inside, (*groups, own or f"g{len(self.found)}"))
            else:
                self._add(element, kind, named, matrix, groups)

    def _add(self, element: Any, kind: str, named: Any, matrix: Matrix, groups: tuple[str, ...]) -> None:
        own = "" if named is None else named.get("id", "")
        name = own or "s"
        while name in self.seen:
            name = f"{own or 's'}.{len(self.found)}"
        self.seen.add(name)
        shape = _shape(element, kind, name, matrix, self.palette, self.place_of(own))
        if shape is not None:
            alt = "" if named is None else named.get("descr") or ""
            self.found.append(replace(shape, groups=groups, alt=alt, order=len(self.found)))
            self.elements[name] = element


def _members(tree: Any) -> Iterator[Any]:
    """Children that are shapes, those of alternatives as the first that is known here."""
    for element in tree:
        if local(element) == "AlternateContent":
            choices = [list(c) for c in element if local(c) in ("Choice", "Fallback")]
            known = next((c for c in choices if any(_KINDS.get(local(e)) for e in c)), ())
            yield from known
        else:
            yield element


def _properties(element: Any) -> Any:
    """The element that holds id, name and description."""
    for part in element:
        if local(part) == "cNvPr":
            return part
        if local(part).startswith("nv") and (found := child(part, "cNvPr")) is not None:
            return found
    return None


def _group_matrix(element: Any) -> Matrix:
    """Transform of a group's inner coordinates (points) to those around it."""
    xfrm = child(element, "grpSpPr", "xfrm")
    outer = _xfrm_box(xfrm)
    offset, extent = (None, None) if xfrm is None else (child(xfrm, "chOff"), child(xfrm, "chExt"))
    if outer is None or offset is None or extent is None:
        return IDENTITY
    width, height = number(extent, "cx") / EMU, number(extent, "cy") / EMU
    x, y = number(offset, "x") / EMU, number(offset, "y") / EMU
    wide, high = 1 / width if width else 1.0, 1 / height if height else 1.0
    return times(placed(outer, *_turn(xfrm)), (wide, 0.0, 0.0, high, -x * wide, -y * high))


def _xfrm_box(xfrm: Any) -> Box | None:
    off, ext = (None, None) if xfrm is None else (child(xfrm, "off"), child(xfrm, "ext"))
    if off is None or ext is None:
        return None
    x, y = number(off, "x") / EMU, number(off, "y") / EMU
    return x, y, x + max(number(ext, "cx"), 0.0) / EMU, y + max(number(ext, "cy"), 0.0) / EMU


def _turn(xfrm: Any) -> tuple[float, bool, bool]:
    """Degrees clockwise, mirrored left to right, mirrored top to bottom."""
    if xfrm is None:
        return 0.0, False, False
    flips = [xfrm.get(name) in ("1", "true") for name in ("flipH", "flipV")]
    return number(xfrm, "rot") / 60000.0, flips[0], flips[1]


def _shape(
    element: Any, kind: str, name: str, matrix: Matrix, palette: Palette, place: Box | None
) -> OfficeShape | None:
    properties = child(element, "spPr")
    holder = element if kind == FRAME else properties
    xfrm = None if holder is None else child(holder, "xfrm")
    box = _xfrm_box(xfrm) or place
    if box is None:
        return None
    turn = _turn(xfrm)
    at = times(matrix, placed(box, *turn))
    preset = None if properties is None else child(properties, "prstGeom")
    geometry = "rect" if preset is None else preset.get("prst", "rect")
    points, closed = _course(properties, preset, geometry, kind)
    if properties is not None and child(properties, "custGeom") is not None:
        geometry = "custom"
    if not closed:
        kind = LINE
    path = moved(at, tuple(_bounded(p) for p in points))
    look = palette.look(element, properties, kind == LINE)
    start, end = _attached(element)
    heads = _heads(properties) if kind == LINE else (End.NONE, End.NONE)
    lines, size, color = _words(element, palette)
    return OfficeShape(
        name,
        kind,
        box_of(path if kind == LINE else moved(at, UNIT_SQUARE)),
        path,
        geometry,
        lines,
        size,
        color,
        look.fill,
        look.stroke,
        look.width,
        look.dashed,
        start,
        end,
        *heads,
        placeholder=_placeholder(element),
        text_box=_is_text_box(element),
        part=_part(element),
        angle=turn[0] + _text_turn(element),
    )


def _placeholder(element: Any) -> str:
    """The kind of placeholder that a shape fills; "" where it fills none."""
    found = element.find(".//{*}nvPr/{*}ph")
    return "" if found is None else str(found.get("type", "body"))


def _course(properties: Any, preset: Any, geometry: str, kind: str) -> tuple[tuple[Point, ...], bool]:
    """Points in the unit square, and whether they go around an area."""
    custom = None if properties is None else child(properties, "custGeom")
    if custom is not None and kind == BOX:
        points, closed = freeform(custom)
        return (points, closed) if points else (outline("rect"), True)
    if kind == LINE or geometry.startswith(LINE_PRESETS):
        return course(geometry, _adjusted(preset)), False
    return outline(geometry), True


def _bounded(point: Point) -> Point:
    """A point of an outline, which may lie somewhat outside of its shape but not anywhere."""
    return max(-FARTHEST, min(FARTHEST, point[0])), max(-FARTHEST, min(FARTHEST, point[1]))


def _adjusted(preset: Any) -> list[float]:
    guides = {} if preset is None else {g.get("name"): g.get("fmla", "") for g in preset.iter("{*}gd")}
    found = []
    for key in ("adj1", "adj2", "adj3"):
        words = (guides.get(key) or "val 50000").split()
        try:
            found.append(max(-20.0, min(20.0, float(words[-1]) / 100000.0)))
        except (ValueError, IndexError):
            found.append(0.5)
    return found


def _attached(element: Any) -> tuple[str, str]:
    found = []
    for name in ("stCxn", "endCxn"):
        at = element.find(f".//{{*}}{name}")
        found.append("" if at is None else at.get("id", ""))
    return found[0], found[1]


def _heads(properties: Any) -> tuple[End, End]:
    line = None if properties is None else child(properties, "ln")
    found = []
    for name in ("headEnd", "tailEnd"):  # DrawingML calls a line's start its head
        head = None if line is None else child(line, name)
        found.append(End.NONE if head is None else _HEADS.get(head.get("type", "none"), End.NONE))
    return found[0], found[1]


def _is_text_box(element: Any) -> bool:
    for part in element:
        if local(part) == "cNvSpPr" or local(part).startswith("nv"):
            inner = part if local(part) == "cNvSpPr" else child(part, "cNvSpPr")
            if inner is not None and inner.get("txBox") in ("1", "true"):
                return True
    return False


def _text_turn(element: Any) -> float:
    body = child(element, "txBody", "bodyPr")
    upright = "" if body is None else body.get("vert", "")
    return {"vert": 90.0, "vert270": 270.0}.get(upright, 0.0)


def _part(element: Any) -> str:
    """The relationship id of what it shows: a picture, a chart, SmartArt."""
    for inner in element.iter():
        name = local(inner)
        if name == "blip" and local(element) == "pic":
            return str(inner.get(f"{RELATION}embed") or "")
        if name == "chart":
            return str(inner.get(f"{RELATION}id") or "")
        if name == "relIds":
            return str(inner.get(f"{RELATION}dm") or "")
    return ""


def _words(element: Any, palette: Palette) -> tuple[tuple[str, ...], float, Any]:
    """The paragraphs of a shape, font size and colour of its first words."""
    body = child(element, "txBody")
    if body is None:
        body = child(element, "txbx", "txbxContent")
    if body is None:
        return (), 18.0, None
    size, color = (18.0, None) if local(body) == "txBody" else (_half_points(body), None)
    lines: list[str] = []
    for paragraph in body.iter("{*}p"):
        lines += paragraph_lines(paragraph)
    run = next((r for r in body.iter("{*}rPr") if r.get("sz")), None)
    if run is not None:
        size = max(1.0, min(400.0, number(run, "sz", 1800.0) / 100.0))
    filled = next((r for r in body.iter("{*}rPr") if child(r, "solidFill") is not None), None)
    if filled is not None:
        color = palette.color(child(filled, "solidFill"))
    elif (style := child(element, "style", "fontRef")) is not None:
        color = palette.color(style)
    return tuple(lines), size, color


def _half_points(body: Any) -> float:
    """The font size of Word's text: its first size, else what a new document has."""
    size = next((number(s, f"{{{WORD}}}val", 22.0) for s in body.iter(f"{{{WORD}}}sz")), 22.0)
    return max(1.0, min(400.0, size / 2))


def paragraph_lines(paragraph: Any) -> list[str]:
    """Its lines: a break by hand ends one."""
    parts: list[str] = []
    for node in paragraph.iter():
        name = local(node)
        if name == "t":
            parts.append(node.text or "")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "tab":
            parts.append(" ")
    return [flat for line in "".join(parts).split("\n") if (flat := " ".join(line.split()))]
