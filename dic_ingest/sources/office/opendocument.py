"""OpenDocument files (.odp, .odg, .odt) -> slides as a `Deck`, texts into a `Flow`, drawings as exact graphs.

In: the archive. Out: what PowerPoint and Word files give, charts with their numbers. Nothing is rendered;
formulas and other embedded objects are left to an office program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from dic_ingest.errors import BrokenFileError, EncryptedFileError
from dic_ingest.model.chart import Chart
from dic_ingest.model.document import Block, Heading, List, Page, Text
from dic_ingest.sources.office.charts.opendocument import read_odf_chart
from dic_ingest.sources.office.charts.read import Cells
from dic_ingest.sources.office.deck import Deck, SlideReader, table_block
from dic_ingest.sources.office.drawing.drawingml import local
from dic_ingest.sources.office.drawing.frames import chart_figure
from dic_ingest.sources.office.drawing.odf import Styles, attribute, length, paragraph_text, read_odf_shapes
from dic_ingest.sources.office.drawing.shapes import FRAME, PICTURE, OfficeShape
from dic_ingest.sources.office.floating import add_chart, add_drawing
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.package import Package

PAGE = (793.7, 595.3)  # points of a page whose size is not told
MAX_PAGES = 5_000
MAX_CELLS = 20_000  # of one table
MAX_DEPTH = 40
DRAWN = (
    "frame",
    "g",
    "custom-shape",
    "rect",
    "ellipse",
    "circle",
    "line",
    "connector",
    "polyline",
    "polygon",
)


def read_odf_deck(package: Package) -> Deck:
    """The slides or drawing pages in order.

    Raises:
        BrokenFileError: there is no content. EncryptedFileError: it is protected by a password.
    """
    content, styles, size = opened_content(package)
    pages = [p for p in content.iter("{*}page") if local(p.getparent()) in ("presentation", "drawing")]
    deck = Deck(tuple(Page(n, *size) for n in range(1, min(len(pages), MAX_PAGES) + 1)))
    for number, page in enumerate(pages[:MAX_PAGES], start=1):
        _OdfSlide(deck, number, page, styles, package).read()
    return deck


class _OdfSlide(SlideReader):
    """One page of an OpenDocument presentation or drawing."""

    def __init__(self, deck: Deck, number: int, page: Any, styles: Styles, package: Package) -> None:
        self.page = page
        self.elements: dict[str, Any] = {}
        shapes = read_odf_shapes(page, styles, self.elements)
        super().__init__(deck, number, shapes, package, partial(package.beside, "content.xml"))

    def read(self) -> None:
        """The page, and its speaker notes."""
        super().read()
        lines = []
        for notes in self.page:
            if local(notes) == "notes":
                lines += [t for p in notes.iter("{*}p") for t in paragraph_text(p)]
        if lines:
            self.deck.notes[self.number] = " ".join(lines)

    def frame(self, shape: OfficeShape) -> Block | None:
        """A table, a chart; what else a frame shows is an embedded object."""
        element = self.elements[shape.id]
        rows = _rows(element)
        if rows:
            return table_block(self.number, shape.bbox, rows)
        chart = chart_of_frame(element, self.package)
        return super().frame(shape) if chart is None else self.exact(*chart_figure(chart, shape))


def read_odf_text(package: Package, flow: Flow) -> None:
    """Add the paragraphs, lists, tables, pictures and drawings of a text document to `flow`.

    Raises:
        BrokenFileError: there is no content. EncryptedFileError: it is protected by a password.
    """
    content, styles, _ = opened_content(package)
    body = next((b for b in content.iter("{*}text") if local(b.getparent()) == "body"), None)
    if body is None:
        raise BrokenFileError(f"{package.name} has no text part: it is damaged. Save it again.")
    _OdfText(flow, styles, package).walk(body, 0)


class _OdfText:
    """A text document on its way into a flow; pages are not counted."""

    def __init__(self, flow: Flow, styles: Styles, package: Package) -> None:
        self.flow, self.styles, self.package = flow, styles, package

    def walk(self, body: Any, depth: int) -> None:
        """The parts of a body or section in order."""
        for element in body:
            name = local(element)
            if name == "h":
                level = next((v for k, v in element.attrib.items() if str(k).endswith("}outline-level")), "1")
                grade = int(level) if level.isdigit() and len(level) < 3 else 1
                self.flow.add(Heading("", 1, None, 0, " ".join(paragraph_text(element)), max(1, grade)))
                self._drawn(element)
            elif name == "p":
                self.flow.add(Text("", 1, None, 0, " ".join(paragraph_text(element))))
                self._drawn(element)
            elif name == "list":
                items = [" ".join(paragraph_text(p)) for p in element.iter("{*}p")]
                self.flow.add(List("", 1, None, 0, tuple(i for i in items if i)))
            elif name == "table":
                self._table(element)
            elif name in ("section", "text-box") and depth < MAX_DEPTH:
                self.walk(element, depth + 1)
            elif name in DRAWN:
                self._shapes([element])

    def _table(self, element: Any) -> None:
        rows = _rows(element)
        if rows:
            self.flow.add(replace(table_block(1, (0.0, 0.0, 0.0, 0.0), rows), bbox=None))
            self._drawn(element)

    def _drawn(self, paragraph: Any) -> None:
        members = [e for e in paragraph.iter() if local(e) in DRAWN and not _in_drawing(e, paragraph)]
        if members:
            self._shapes(members)

    def _shapes(self, members: list[Any]) -> None:
        """The shapes of one paragraph: a drawing, pictures, text boxes."""
        elements: dict[str, Any] = {}
        shapes = read_odf_shapes(members, self.styles, elements)
        add_odf_shapes(self.flow, 1, shapes, elements, self.package)


def add_odf_shapes(
    flow: Flow,
    page: int,
    shapes: list[OfficeShape],
    elements: dict[str, Any],
    package: Package,
    cells: Cells = lambda _: (),
) -> None:
    """Add the drawing that shapes make, then charts, pictures and words; `elements` is their XML by id."""
    inside = add_drawing(flow, page, [s for s in shapes if s.kind != FRAME])
    for shape in shapes:
        if shape.id in inside:
            continue
        if shape.kind == PICTURE:
            data = _part(package, shape.part)
            if data is not None:
                flow.add_picture(page, data, shape.alt)
        elif shape.kind == FRAME:
            chart = chart_of_frame(elements[shape.id], package, cells)
            if chart is not None:
                add_chart(flow, page, chart, shape)
            else:
                message = "an embedded object is not in the result: save it as a picture"
                flow.warn("not_rendered", message, None if page == 1 else page)
        elif not shape.is_line:
            flow.add(Text("", page, None, 0, shape.text, "aside"))


def chart_of_frame(element: Any, package: Package, cells: Cells = lambda _: ()) -> Chart | None:
    """The chart that the object in a frame is; links out of the file are not followed."""
    link = next((attribute(o, "href") for o in element if local(o) == "object"), "")
    name = package.beside("content.xml", link) if link else ""
    content = package.xml(f"{name}/content.xml") if name else None
    return None if content is None else read_odf_chart(content, cells)


def _in_drawing(element: Any, paragraph: Any) -> bool:
    above = element.getparent()
    while above is not None and above is not paragraph:
        if local(above) in DRAWN:
            return True
        above = above.getparent()
    return False


def opened_content(package: Package) -> tuple[Any, Styles, tuple[float, float]]:
    """The content, the styles, and the size of a page."""
    manifest = package.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise EncryptedFileError(f"{package.name} is protected by a password. Save it without one.")
    content = package.xml("content.xml")
    if content is None:
        raise BrokenFileError(f"{package.name} has no content part: it is damaged. Save it again.")
    styles = Styles()
    size = PAGE
    for tree in (content, package.xml("styles.xml")):
        if tree is not None:
            styles.add(tree)
            size = next(_sizes(tree), size)
    return content, styles, size


def _sizes(tree: Any) -> Iterator[tuple[float, float]]:
    for layout in tree.iter("{*}page-layout-properties"):
        sides = {str(k).rsplit("}", 1)[-1]: length(v) for k, v in layout.attrib.items()}
        width, height = sides.get("page-width"), sides.get("page-height")
        if width and height and 1 < width < 20_000 and 1 < height < 20_000:
            yield width, height


def _part(package: Package, link: str) -> bytes | None:
    """Bytes of a part by its link; links out of the file are not followed."""
    name = package.beside("content.xml", link) if link else ""
    return package.read(name) if name else None


def _rows(element: Any) -> list[list[str]]:
    """Cells of the tables in an element, row by row."""
    rows: list[list[str]] = []
    for row in element.iter("{*}table-row"):
        cells: list[str] = []
        for cell in row:
            if local(cell) in ("table-cell", "covered-table-cell") and len(cells) < 256:
                cells.append(" ".join(t for p in cell.iter("{*}p") for t in paragraph_text(p)))
        if any(cells):
            rows.append(cells)
        if len(rows) * max(len(cells), 1) > MAX_CELLS:
            break
    return rows
