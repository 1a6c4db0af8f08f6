"""Visio drawings (.vsdx) -> one `Diagram` a page: shapes, groups, and connectors by what they are glued to.

In: the bytes of the package. Out: titles and graphs. Macros are not run, links and linked data are not
followed.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from dic_ingest.errors import MALFORMED, BrokenFileError, EncryptedFileError, InputError, LimitError
from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.sources.diagram_files.editors.canvas import CanvasLine, CanvasShape, EditorCanvas
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.svg.paths import Matrix, apply, times
from dic_ingest.sources.diagram_files.xml_tree import local, parse_xml

POINTS = 72.0  # in an inch, Visio's unit
MAX_PARTS = 5_000
# masters by what their name holds; Visio's stencils name them so in English, other shapes are boxes
_FORMS = (
    ("decision", "diamond"), ("gateway", "diamond"), ("start/end", "stadium"), ("terminator", "stadium"),
    ("database", "cylinder"), ("stored data", "cylinder"), ("cylinder", "cylinder"), ("circle", "circle"),
    ("ellipse", "circle"), ("document", "document"), ("subprocess", "subroutine"), ("data", "parallelogram"),
    ("hexagon", "hexagon"), ("actor", "actor"), ("initial", "start"), ("final", "end"), ("event", "circle"),
    ("diamond", "diamond"), ("rounded", "rounded"), ("cloud", "cloud"),
)  # fmt: skip
_HEADS = {
    0: End.NONE,
    10: End.CIRCLE,
    14: End.TRIANGLE,
    20: End.CIRCLE,
    22: End.FILLED_DIAMOND,
    23: End.DIAMOND,
    24: End.ONE,
    25: End.ONE,
    26: End.ZERO_OR_ONE,
    27: End.MANY,
    28: End.MANY,
    29: End.ZERO_OR_MANY,
    30: End.ZERO_OR_MANY,
    41: End.CIRCLE,
    42: End.CIRCLE,
}  # numbers of Visio's line ends; all others are arrowheads


def read_visio(data: bytes, name: str, limits: DiagramLimits) -> list[tuple[str, Diagram]]:
    """(title, graph) of every page that is not a background.

    Raises:
        BrokenFileError: no Visio package, or damaged. LimitError: over a bound. EncryptedFileError:
        protected.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise EncryptedFileError(
            f"{name} is protected by a password, or of Visio's old format. Save it as .vsdx."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _Package(package, name, limits).pages()
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, *MALFORMED) as error:
        raise BrokenFileError(f"{name} is no whole Visio file: {error}. Save it again.") from error


class _Package:
    def __init__(self, package: zipfile.ZipFile, name: str, limits: DiagramLimits) -> None:
        self.package, self.name, self.limits = package, name, limits
        self.left = limits.max_unpacked
        names = package.namelist()
        if len(names) > MAX_PARTS:
            raise LimitError(f"{name} has more than {MAX_PARTS} parts. Save it in smaller files.")
        self.parts = {n.lstrip("/"): n for n in names}

    def xml(self, part: str) -> Element | None:
        """A part of the package as XML; None where it is not there."""
        if part not in self.parts:
            return None
        with self.package.open(self.parts[part]) as file:
            data = file.read(self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise LimitError(
                f"{self.name} unpacks to more than DiagramLimits.max_unpacked. Raise it to read it."
            )
        return parse_xml(data, self.name, self.limits)

    def related(self, part: str) -> dict[str, str]:
        """Parts that a part names, by relation id; what lies outside the package is left out."""
        folder, file = posixpath.split(part)
        found = self.xml(f"{folder}/_rels/{file}.rels")
        targets: dict[str, str] = {}
        for e in found if found is not None else ():
            if e.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/" + folder, e.get("Target", "")))
                targets[e.get("Id", "")] = path.lstrip("/")
        return targets

    def pages(self) -> list[tuple[str, Diagram]]:
        """The foreground pages in order."""
        listed = self.xml("visio/pages/pages.xml")
        if listed is None:
            raise BrokenFileError(f"{self.name} has no pages: it is no Visio drawing. Save it as .vsdx.")
        targets = self.related("visio/pages/pages.xml")
        masters = self._masters()
        found: list[tuple[str, Diagram]] = []
        for page in listed:
            if (
                local(page.tag) != "Page"
                or page.get("Background") == "1"
                or len(found) >= self.limits.max_pages
            ):
                continue
            rel = next((e for e in page if local(e.tag) == "Rel"), None)
            part = targets.get(_relation(rel), "")
            content = self.xml(part) if part else None
            if content is not None:
                size = _cells(next((e for e in page if local(e.tag) == "PageSheet"), None))
                height = _number(size.get("PageHeight"), 11.0)
                graph = _Page(content, masters, height, self.limits, self.name).diagram()
                found.append((page.get("Name") or page.get("NameU") or "", graph))
        return found

    def _masters(self) -> dict[str, _Master]:
        listed = self.xml("visio/masters/masters.xml")
        targets = self.related("visio/masters/masters.xml") if listed is not None else {}
        masters: dict[str, _Master] = {}
        for e in listed if listed is not None else ():
            if local(e.tag) != "Master":
                continue
            rel = next((c for c in e if local(c.tag) == "Rel"), None)
            content = self.xml(targets.get(_relation(rel), ""))
            shapes = {s.get("ID", ""): s for s in _shapes_in(content)} if content is not None else {}
            masters[e.get("ID", "")] = _Master(e.get("NameU") or e.get("Name") or "", shapes)
        return masters


def _relation(rel: Element | None) -> str:
    return next((v for k, v in rel.attrib.items() if local(k) == "id"), "") if rel is not None else ""


@dataclass(frozen=True, slots=True)
class _Master:
    name: str
    shapes: dict[str, Element]

    def first(self) -> Element | None:
        """The shape that stands for the master as a whole."""
        return next(iter(self.shapes.values()), None)


def _shapes_in(content: Element) -> Iterator[Element]:
    for e in content.iter():
        if local(e.tag) == "Shape":
            yield e


def _cells(e: Element | None) -> dict[str, str]:
    """The values of a sheet's own cells."""
    return {c.get("N", ""): c.get("V", "") for c in e if local(c.tag) == "Cell"} if e is not None else {}


def _number(text: str | None, default: float = 0.0) -> float:
    try:
        found = float(text) if text not in (None, "") else default
    except ValueError:
        return default
    return found if math.isfinite(found) and abs(found) < 1e6 else default


@dataclass
class _VisioSheet:
    """A shape with what it inherits from its master."""

    element: Element
    cells: dict[str, str]
    master: str
    template: Element | None
    text: str = ""
    inner: list[Element] = field(default_factory=list)


def _text_only(e: Element, sheet: _VisioSheet) -> bool:
    """Whether a shape shows its text and neither a line nor a ground."""
    clear = sheet.cells.get("LinePattern") == "0" and sheet.cells.get("FillPattern") == "0"
    bare = not sheet.inner and not any(
        local(x.tag) == "Section" and x.get("N") == "Geometry" for x in (e, *e)
    )
    return (clear or (bare and e.get("Master") is None)) and not sheet.inner


class _Page:
    def __init__(
        self, content: Element, masters: dict[str, _Master], height: float, limits: DiagramLimits, name: str
    ) -> None:
        self.content, self.masters, self.limits, self.name = content, masters, limits, name
        self.matrix: Matrix = (POINTS, 0.0, 0.0, -POINTS, 0.0, height * POINTS)
        self.shapes: list[CanvasShape] = []
        self.lines: list[CanvasLine] = []
        self.owner: dict[str, str] = {}  # parts of a shape that say nothing by themselves
        self.count = 0

    def diagram(self) -> Diagram:
        """The page's graph."""
        self.glued = self._connects()
        for holder in self.content:
            if local(holder.tag) == "Shapes":
                for e in holder:
                    self._shape(e, self.matrix, "", None, 0)
        known = {s.id for s in self.shapes}
        self.lines = [self._attached(line, known) for line in self.lines]
        return EditorCanvas(self.shapes, self.lines).diagram()

    def _connects(self) -> dict[str, dict[str, str]]:
        """By connector: the sheet that its begin and its end are glued to."""
        found: dict[str, dict[str, str]] = {}
        for e in self.content.iter():
            if local(e.tag) == "Connect":
                cell = e.get("FromCell", "")
                role = "begin" if cell.startswith("Begin") else "end" if cell.startswith("End") else ""
                if role:
                    found.setdefault(e.get("FromSheet", ""), {})[role] = e.get("ToSheet", "")
        return found

    def _sheet(self, e: Element, template: Element | None) -> _VisioSheet:
        master = self.masters.get(e.get("Master", ""))
        model = master.first() if master is not None else None
        if e.get("MasterShape") and template is not None:
            model = next((s for s in template.iter() if s.get("ID") == e.get("MasterShape")), None)
        cells = {**_cells(model), **_cells(e)}
        text = _text(e)
        if text is None:
            text = _text(model) if model is not None else None
        inner = [s for holder in e if local(holder.tag) == "Shapes" for s in holder]
        name = master.name if master is not None else (e.get("NameU") or e.get("Name") or "")
        return _VisioSheet(
            e, cells, name.split(".")[0].lower(), model if master is not None else template, text or "", inner
        )

    def _shape(self, e: Element, outer: Matrix, container: str, template: Element | None, depth: int) -> None:
        self.count += 1
        if self.count > self.limits.max_cells or depth > min(self.limits.max_depth, 100):
            raise LimitError(
                f"{self.name} has more shapes, or deeper groups, than DiagramLimits allows. Raise it."
            )
        sheet = self._sheet(e, template)
        own = e.get("ID", "")
        if sheet.cells.get("Visible") == "0" or not own or e.get("Del") == "1":
            return
        if "BeginX" in sheet.cells or own in self.glued:
            self._line(own, sheet, outer)
            return
        matrix, box = _placed(sheet.cells, outer)
        parts = self._parts(sheet)
        group = [s for s in sheet.inner if s not in parts]
        said = "\n".join(filter(None, [sheet.text, *(self._sheet(p, sheet.template).text for p in parts)]))
        is_group = len(group) > 1 and self._holds_things(group, sheet.template)
        for part in sheet.inner if not is_group else parts:
            for inner in part.iter():
                if local(inner.tag) == "Shape":
                    self.owner[inner.get("ID", "")] = own
        frame = is_group or any(word in sheet.master for word in ("container", "swimlane", "boundary"))
        form, clear = _form(sheet.master), is_group and not said
        self.shapes.append(CanvasShape(own, box, said, form, _text_only(e, sheet), container, frame, clear))
        if is_group:
            for inner in group:
                self._shape(inner, matrix, own, sheet.template, depth + 1)

    def _parts(self, sheet: _VisioSheet) -> list[Element]:
        """Shapes in a master's instance that only hold its text."""
        return sheet.inner if sheet.element.get("Master") and not self._many_texts(sheet) else []

    def _many_texts(self, sheet: _VisioSheet) -> bool:
        return sum(bool(self._sheet(s, sheet.template).text) for s in sheet.inner) > 3

    def _holds_things(self, inner: list[Element], template: Element | None) -> bool:
        """Whether a group is a frame around shapes, and not one symbol made of strokes."""
        said = sum(bool(self._sheet(s, template).text) for s in inner)
        joined = {x for ends in self.glued.values() for x in ends.values()}
        return said > 1 or any(s.get("ID") in joined or s.get("ID") in self.glued for s in inner)

    def _line(self, own: str, sheet: _VisioSheet, outer: Matrix) -> None:
        cells = sheet.cells
        begin = apply(outer, (_number(cells.get("BeginX")), _number(cells.get("BeginY"))))
        end = apply(outer, (_number(cells.get("EndX")), _number(cells.get("EndY"))))
        joined = self.glued.get(own, {})
        heads = [_head(cells.get(k)) for k in ("BeginArrow", "EndArrow")]
        pattern = _number(cells.get("LinePattern"), 1.0)
        style = "dashed" if pattern > 1 else "solid"
        path: tuple[Point, ...] = (begin, end)
        self.lines.append(
            CanvasLine(
                own,
                joined.get("begin", ""),
                joined.get("end", ""),
                path,
                sheet.text,
                "",
                "",
                heads[0],
                heads[1],
                style,
            )
        )

    def _attached(self, line: CanvasLine, known: set[str]) -> CanvasLine:
        source, target = self.owner.get(line.source, line.source), self.owner.get(line.target, line.target)
        return CanvasLine(
            line.id, source if source in known else "", target if target in known else "", line.path,
            line.label, "", "", line.source_end, line.target_end, line.style,
        )  # fmt: skip


def _head(text: str | None) -> End:
    number = round(_number(text))
    return _HEADS.get(number, End.ARROW if number > 0 else End.NONE)


def _placed(cells: dict[str, str], outer: Matrix) -> tuple[Matrix, Box]:
    """The matrix of what stands in a shape, and the shape's box on the page."""
    width, height = _number(cells.get("Width")), _number(cells.get("Height"))
    pin = (_number(cells.get("PinX")), _number(cells.get("PinY")))
    local_pin = _number(cells.get("LocPinX"), width / 2), _number(cells.get("LocPinY"), height / 2)
    angle = _number(cells.get("Angle"))
    c, s = math.cos(angle), math.sin(angle)
    turn: Matrix = (c, s, -s, c, pin[0], pin[1])
    matrix = times(times(outer, turn), (1, 0, 0, 1, -local_pin[0], -local_pin[1]))
    corners = [apply(matrix, p) for p in ((0, 0), (width, 0), (width, height), (0, height))]
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    return matrix, (min(xs), min(ys), max(xs), max(ys))


def _form(master: str) -> str:
    return next((form for word, form in _FORMS if word in master), "rect")


def _text(e: Element | None) -> str | None:
    """The words of a shape, fields as they were last shown; None where it has no text of its own."""
    found = next((c for c in e if local(c.tag) == "Text"), None) if e is not None else None
    if found is None:
        return None
    said = re.sub(r"[\u2028\u2029\r\x0b]", "\n", "".join(found.itertext()))
    return "\n".join(" ".join(line.split()) for line in said.split("\n") if line.strip())
