"""OpenDocument files (.odp, .odg, .odt) -> slides as a `Deck`, texts into a `Flow`, drawings as exact graphs.

In: the archive. Out: what PowerPoint and Word files give. Nothing is rendered here; formulas and embedded
objects are left to an office program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from dic_ingest.errors import BrokenFileError, EncryptedFileError
from dic_ingest.model.document import Block, Heading, List, Page, Text
from dic_ingest.sources.office.deck import Deck, SlideReader, table_block
from dic_ingest.sources.office.drawing.drawingml import local
from dic_ingest.sources.office.drawing.graph.drawings import find_drawing
from dic_ingest.sources.office.drawing.odf import Styles, length, paragraph_text, read_odf_shapes
from dic_ingest.sources.office.drawing.shapes import FRAME, PICTURE, OfficeShape, moved_shape
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.pages import Picture

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
    content, styles, size = _opened(package)
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
        """A table; what else a frame shows is an embedded object."""
        rows = _rows(self.elements[shape.id])
        return table_block(self.number, shape.bbox, rows) if rows else super().frame(shape)


def read_odf_text(package: Package, flow: Flow) -> None:
    """Add the paragraphs, lists, tables, pictures and drawings of a text document to `flow`.

    Raises:
        BrokenFileError: there is no content. EncryptedFileError: it is protected by a password.
    """
    content, styles, _ = _opened(package)
    body = next((b for b in content.iter("{*}text") if local(b.getparent()) == "body"), None)
    if body is None:
        raise BrokenFileError(f"{package.name} has no text part: it is damaged. Save it again.")
    _OdfText(flow, styles, _parts(package)).walk(body, 0)


class _OdfText:
    """A text document on its way into a flow; pages are not counted."""

    def __init__(self, flow: Flow, styles: Styles, read_part: Callable[[str], bytes | None]) -> None:
        self.flow, self.styles, self.read_part = flow, styles, read_part

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
        shapes = read_odf_shapes(members, self.styles)
        drawn = find_drawing([s for s in shapes if s.kind != FRAME])
        inside = {s.id for s in drawn.shapes} if drawn is not None else set()
        if drawn is not None:
            x0, y0, x1, y1 = drawn.box
            size = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
            here = [moved_shape(s, -x0, -y0) for s in drawn.shapes]
            sketch = SlidePages((Page(1, *size),), {1: here}, {})
            self.flow.add_figure(1, Picture(sketch, 1, (0.0, 0.0, *size)), reading=drawn.reading)
        for shape in shapes:
            if shape.id in inside:
                continue
            if shape.kind == PICTURE:
                data = self.read_part(shape.part)
                if data is not None:
                    self.flow.add_picture(1, data, shape.alt)
            elif shape.kind == FRAME:
                self.flow.warn(
                    "not_rendered", "an embedded object is not in the result: save it as a picture"
                )
            elif not shape.is_line:
                self.flow.add(Text("", 1, None, 0, shape.text, "aside"))


def _in_drawing(element: Any, paragraph: Any) -> bool:
    above = element.getparent()
    while above is not None and above is not paragraph:
        if local(above) in DRAWN:
            return True
        above = above.getparent()
    return False


def _opened(package: Package) -> tuple[Any, Styles, tuple[float, float]]:
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


def _parts(package: Package) -> Callable[[str], bytes | None]:
    """Bytes of a part by its link; links out of the file are not followed."""

    def read(link: str) -> bytes | None:
        name = package.beside("content.xml", link) if link else ""
        return package.read(name) if name else None

    return read


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
