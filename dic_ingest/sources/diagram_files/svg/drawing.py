"""An SVG document -> a `Drawing`: what is painted, in pixels as points, texts as words.

In: untrusted bytes. Out: paths with stroke and fill, markers drawn at the ends of their lines, words with
boxes that are estimated from the font size. Filters, masks and animations are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from dic_ingest.model.box import Box, Point
from dic_ingest.model.drawing import Drawing, Path, PlacedImage, Subpath, Word
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.svg import paths as p
from dic_ingest.sources.diagram_files.svg.style import Sheet, color, share, styled
from dic_ingest.sources.diagram_files.xml_tree import local, parse_xml

SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
UNSEEN = frozenset(
    {"defs", "symbol", "marker", "clipPath", "mask", "pattern", "linearGradient", "radialGradient", "filter"}
    | {"style", "script", "metadata", "title", "desc", "view", "animate", "set"}
)
MAX_USES = 20_000  # elements painted through `use`, over the file
DEPTH = 60  # of groups and uses
WIDE, NARROW = 1.0, 0.54  # width of a letter in units of the font size: CJK, others
Style = dict[str, str]


def svg_drawing(data: bytes | str, name: str, limits: DiagramLimits) -> Drawing:
    """What an SVG document draws.

    Raises:
        BrokenFileError: no SVG. LimitError: over a bound of `limits`.
    """
    from dic_ingest.errors import BrokenFileError

    root = parse_xml(data, name, limits)
    if local(root.tag) != "svg":
        raise BrokenFileError(f"{name} holds <{local(root.tag)[:40]}>, no SVG. Save it again.")
    return _Painter(root, limits).drawing()


@dataclass
class _TextPlace:
    """Where and how an element is painted."""

    matrix: p.Matrix
    style: Style
    width: float
    height: float
    depth: int = 0
    holders: frozenset[str] = frozenset()


@dataclass
class _Painter:
    root: Element
    limits: DiagramLimits
    paths: list[Path] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    images: list[PlacedImage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uses: int = 0

    def drawing(self) -> Drawing:
        """Everything that is painted, the page's corner at the origin."""
        self.by_id: dict[str, Element] = {}
        self.sheet = Sheet()
        for e in self.root.iter():
            if "id" in e.attrib:
                self.by_id.setdefault(e.attrib["id"], e)
            if local(e.tag) == "style":
                self.sheet.add("".join(e.itertext()))
        width, height, matrix = _page(self.root)
        self._children(self.root, _TextPlace(matrix, {"fill": "black"}, width, height))
        if width <= 0 or height <= 0:
            boxes = [*(x.bbox for x in self.paths), *(w.bbox for w in self.words)]
            width = max((b[2] for b in boxes), default=1.0) + 10
            height = max((b[3] for b in boxes), default=1.0) + 10
        return Drawing(
            width, height, tuple(self.words), tuple(self.paths), tuple(self.images), tuple(self.notes)
        )

    def _children(self, element: Element, place: _TextPlace) -> None:
        for child in element:
            self._element(child, place)

    def _element(self, e: Element, place: _TextPlace) -> None:
        tag = local(e.tag)
        if (
            tag in UNSEEN
            or place.depth > DEPTH
            or len(self.paths) + len(self.words) > self.limits.max_cells * 5
        ):
            return
        style = styled(tag, e.attrib, place.style, self.sheet, place.holders)
        if style.get("display") == "none" or share(style.get("opacity")) < 0.05:
            return
        marks = frozenset(f".{c}" for c in e.get("class", "").split())
        matrix = p.times(place.matrix, p.transform(e.get("transform")))
        inner = _TextPlace(matrix, style, place.width, place.height, place.depth + 1, place.holders | marks)
        if tag in SHAPES:
            self._shape(tag, e, inner)
        else:
            painters = {"text": self._text, "image": self._image, "foreignObject": self._foreign}
            painters |= {"use": self._use, "svg": self._nested, "switch": self._switch}
            painters.get(tag, self._children)(e, inner)

    def _nested(self, e: Element, place: _TextPlace) -> None:
        x, y = p.length(e.get("x"), place.width), p.length(e.get("y"), place.height)
        _, _, own = _page(e)
        moved = p.times(place.matrix, (1, 0, 0, 1, x, y))
        self._children(e, replace(place, matrix=p.times(moved, own)))

    def _switch(self, e: Element, place: _TextPlace) -> None:
        for child in list(e)[:1]:
            self._element(child, place)

    def _use(self, e: Element, place: _TextPlace) -> None:
        target = self.by_id.get(_reference(e))
        self.uses += 1
        if target is None or self.uses > MAX_USES:
            return
        x, y = p.length(e.get("x")), p.length(e.get("y"))
        moved = replace(place, matrix=p.times(place.matrix, (1, 0, 0, 1, x, y)))
        if local(target.tag) in ("symbol", "svg"):
            self._children(target, moved)
        else:
            self._element(target, moved)

    # -- shapes

    def _shape(self, tag: str, e: Element, place: _TextPlace) -> None:
        lines = (
            p.subpaths(e.get("d", ""))
            if tag == "path"
            else p.basic_shape(tag, e.attrib, place.width, place.height)
        )
        self._paint(lines, place)
        if place.style.get("visibility") not in ("hidden", "collapse"):
            self._markers(lines, place)

    def _paint(self, lines: list[Subpath], place: _TextPlace) -> None:
        style = place.style
        current = style.get("color", "")
        stroke = color(style.get("stroke"), current) if share(style.get("stroke-opacity")) >= 0.05 else None
        fill = (
            color(style.get("fill", "black"), current) if share(style.get("fill-opacity")) >= 0.05 else None
        )
        width = p.length(style.get("stroke-width"), 0.0, 1.0) * p.zoom(place.matrix)
        hidden = style.get("visibility") in ("hidden", "collapse") or (stroke is None and fill is None)
        moved = [replace(s, points=tuple(p.apply(place.matrix, x) for x in s.points)) for s in lines]
        if not moved or hidden:
            return
        xs = [x for s in moved for x, _ in s.points]
        ys = [y for s in moved for _, y in s.points]
        dashes = p.numbers(style.get("stroke-dasharray", ""))
        dashed = bool(dashes) and max(dashes) > 0 and style.get("stroke-dasharray") != "none"
        box = (min(xs), min(ys), max(xs), max(ys))
        self.paths.append(
            Path(tuple(moved), box, stroke, fill, width if stroke else 0.0, dashed, None, len(self.paths))
        )

    def _markers(self, lines: list[Subpath], place: _TextPlace) -> None:
        """Arrowheads and the like: the marker's content at the first and the last point, turned with the
        line."""
        flat = [x for s in lines for x in s.points]
        if len(flat) < 2:
            return
        for key, at, other in (("marker-start", flat[0], flat[1]), ("marker-end", flat[-1], flat[-2])):
            name = place.style.get(key, "")
            marker = self.by_id.get(name[name.find("#") + 1 :].rstrip(")'\" ")) if "#" in name else None
            if marker is None or self.uses > MAX_USES:
                continue
            self.uses += 1
            away = (at[0] - other[0], at[1] - other[1])
            if key == "marker-start":
                away = (-away[0], -away[1])
            self._marker(marker, at, away, key == "marker-start", place)

    def _marker(self, marker: Element, at: Point, way: Point, first: bool, place: _TextPlace) -> None:
        orient = marker.get("orient", "0")
        turn = math.atan2(way[1], way[0]) if orient.startswith("auto") else math.radians(p.length(orient))
        if first and orient == "auto-start-reverse":
            turn += math.pi
        wide, tall = p.length(marker.get("markerWidth"), 0, 3.0), p.length(marker.get("markerHeight"), 0, 3.0)
        unit = 1.0
        if marker.get("markerUnits", "strokeWidth") == "strokeWidth":
            unit = p.length(place.style.get("stroke-width"), 0.0, 1.0)
        view = p.numbers(marker.get("viewBox", ""))
        scale = min(wide / view[2], tall / view[3]) if len(view) == 4 and min(view[2:]) > 0 else 1.0
        c, s = math.cos(turn) * unit * scale, math.sin(turn) * unit * scale
        put: p.Matrix = (c, s, -s, c, at[0], at[1])
        corner: p.Matrix = (1, 0, 0, 1, -p.length(marker.get("refX")), -p.length(marker.get("refY")))
        style = styled("marker", marker.attrib, {"fill": "black"}, self.sheet, place.holders)
        matrix = p.times(p.times(place.matrix, put), corner)
        self._children(marker, replace(place, matrix=matrix, style=style, depth=place.depth + 1))

    def _image(self, e: Element, place: _TextPlace) -> None:
        x, y = p.length(e.get("x"), place.width), p.length(e.get("y"), place.height)
        w, h = p.length(e.get("width"), place.width), p.length(e.get("height"), place.height)
        if w > 0 and h > 0:
            box = _box_of(place.matrix, (x, y, x + w, y + h))
            self.images.append(PlacedImage(box, (max(1, round(w)), max(1, round(h))), len(self.paths)))

    # -- texts

    def _text(self, e: Element, place: _TextPlace) -> None:
        """Runs of a text element: each starts where its own x and y say, or where the one before ended."""
        pen = (p.length(e.get("x"), place.width), p.length(e.get("y"), place.height))
        for run in _lines_of(self._runs(e, place, pen, True)):
            self._line(run, place.matrix)

    def _runs(self, e: Element, place: _TextPlace, pen: Point, first: bool) -> Iterator[_TextRun]:
        style = place.style
        size = p.length(style.get("font-size"), 16.0, 16.0)
        x = p.length(e.get("x"), place.width, pen[0]) if e.get("x") else None
        y = p.length(e.get("y"), place.height, pen[1]) if e.get("y") else None
        dx, dy = _shift(e.get("dx"), size), _shift(e.get("dy"), size)
        yield _TextRun(e.text or "", x, y, dx, dy, size, style)
        for child in e:
            if local(child.tag) in ("tspan", "a", "textPath"):
                own = styled("tspan", child.attrib, style, self.sheet, place.holders)
                if own.get("display") != "none":
                    yield from self._runs(child, replace(place, style=own), pen, False)
            if child.tail and child.tail.strip():
                yield _TextRun(child.tail, None, None, 0.0, 0.0, size, style)

    def _line(self, runs: list[_TextRun], matrix: p.Matrix) -> None:
        text = " ".join("".join(r.text for r in runs)[: self.limits.max_label].split())
        style, size = runs[0].style, runs[0].size
        ink = color(style.get("fill", "black"), style.get("color", ""))
        if not text or style.get("visibility") in ("hidden", "collapse") or ink is None:
            return
        wide = sum(_letter(c) for c in text) * size
        anchor = style.get("text-anchor", "start")
        x, y = runs[0].x or 0.0, runs[0].y or 0.0
        left = x - (wide / 2 if anchor == "middle" else wide if anchor == "end" else 0.0)
        if style.get("dominant-baseline") in ("middle", "central"):
            y += 0.35 * size
        self._words(text, left, y - 0.8 * size, size, matrix, ink)

    def _words(
        self,
        text: str,
        left: float,
        top: float,
        size: float,
        matrix: p.Matrix,
        ink: tuple[int, int, int] | None,
    ) -> None:
        angle = math.degrees(math.atan2(matrix[1], matrix[0])) % 360
        for word in text.split(" "):
            wide = sum(_letter(c) for c in word) * size
            if word:
                box = _box_of(matrix, (left, top, left + wide, top + size))
                self.words.append(Word(word, box, size * p.zoom(matrix), angle, ink))
            left += wide + 0.28 * size

    def _foreign(self, e: Element, place: _TextPlace) -> None:
        """HTML in the drawing: its lines centred in its box, as labels of Mermaid and draw.io are."""
        x, y = p.length(e.get("x"), place.width), p.length(e.get("y"), place.height)
        w, h = p.length(e.get("width"), place.width), p.length(e.get("height"), place.height)
        style = place.style
        size = min(p.length(style.get("font-size"), 16.0, 14.0), 40.0)
        lines = [line for line in html_lines(e) if line]
        lines = [part for line in lines for part in _wrapped(line, w, size)]
        top = y + (h - 1.2 * size * len(lines)) / 2
        ink = color(style.get("color") or "black") or (0, 0, 0)
        for k, line in enumerate(lines[:200]):
            wide = sum(_letter(c) for c in line) * size
            self._words(line, x + max(w - wide, 0.0) / 2, top + 1.2 * size * k, size, place.matrix, ink)


@dataclass(frozen=True, slots=True)
class _TextRun:
    text: str
    x: float | None
    y: float | None
    dx: float
    dy: float
    size: float
    style: Style


def _lines_of(runs: Iterator[_TextRun]) -> list[list[_TextRun]]:
    """Runs that follow one another on one line, with the place of its beginning."""
    lines: list[list[_TextRun]] = []
    x = y = 0.0
    for run in runs:
        moved = run.x is not None or run.y is not None or run.dy != 0.0
        x = (run.x if run.x is not None else x) + run.dx
        y = (run.y if run.y is not None else y) + run.dy
        placed = replace(run, x=x, y=y)
        if lines and not moved:
            lines[-1].append(placed)
        else:
            lines.append([placed])
    return lines


def html_lines(e: Element) -> list[str]:
    """The lines of HTML inside an element: blocks and breaks end one."""
    lines = [""]

    def walk(node: Element, depth: int) -> None:
        if depth > DEPTH or local(node.tag) in ("style", "script"):
            return
        block = local(node.tag) in ("div", "p", "br", "li", "tr", "h1", "h2", "h3", "h4", "hr")
        if block:
            lines.append("")
        lines[-1] += " ".join((node.text or "").split()) if not (node.text or "").isspace() else " "
        for child in node:
            walk(child, depth + 1)
            lines[-1] += (" " if (child.tail or "")[:1].isspace() else "") + " ".join(
                (child.tail or "").split()
            )
        if block and local(node.tag) != "br":
            lines.append("")

    walk(e, 0)
    return [" ".join(line.split()) for line in lines]


def _wrapped(line: str, width: float, size: float) -> list[str]:
    """A line broken where it would not fit."""
    out, now = [], ""
    for word in line.split(" "):
        tried = f"{now} {word}".strip()
        if now and sum(_letter(c) for c in tried) * size > 1.15 * width:
            out.append(now)
            now = word
        else:
            now = tried
    return [*out, now]


def _letter(char: str) -> float:
    return WIDE if ord(char) > 0x2E7F else NARROW


def _shift(text: str | None, size: float) -> float:
    found = p.numbers(text or "")
    return found[0] * (size if "em" in (text or "") else 1.0) if found else 0.0


def _reference(e: Element) -> str:
    """The id in this file that a `use` names; links to other files name none."""
    for key in ("href", "{http://www.w3.org/1999/xlink}href"):
        value = e.get(key, "")
        if value.startswith("#"):
            return value[1:]
    return ""


def _box_of(matrix: p.Matrix, box: Box) -> Box:
    x0, y0, x1, y1 = box
    corners = [p.apply(matrix, c) for c in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _page(e: Element) -> tuple[float, float, p.Matrix]:
    """Width, height and the matrix of a viewport."""
    view = p.numbers(e.get("viewBox", ""))
    boxed = len(view) == 4 and view[2] > 0 and view[3] > 0
    width = p.length(e.get("width"), view[2] if boxed else 0.0)
    height = p.length(e.get("height"), view[3] if boxed else 0.0)
    if not boxed:
        return width, height, p.IDENTITY
    if width <= 0 and height <= 0:
        width, height = view[2], view[3]
    width = width or height * view[2] / view[3]
    height = height or width * view[3] / view[2]
    scale = min(width / view[2], height / view[3])
    if e.get("preserveAspectRatio", "").strip() == "none":
        return (
            width,
            height,
            (
                width / view[2],
                0,
                0,
                height / view[3],
                -view[0] * width / view[2],
                -view[1] * height / view[3],
            ),
        )
    left, top = (width - scale * view[2]) / 2, (height - scale * view[3]) / 2
    return width, height, (scale, 0, 0, scale, left - scale * view[0], top - scale * view[1])
