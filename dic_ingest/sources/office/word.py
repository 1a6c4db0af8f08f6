"""A Word file -> a `Flow`: headings, paragraphs, lists, tables and pictures in the order of the body.

Drawings, charts and SmartArt are read as data. LibreOffice renders them, and what only it can read (EMF,
objects), from a small Word file of nothing else, a page each. Headers, footers and comments are not read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree

from dic_ingest.errors import BrokenFileError
from dic_ingest.model.box import Box, height_of, width_of
from dic_ingest.model.document import Figure, Heading, List, Page, Table, Text
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.frames import Parts, framed_figure
from dic_ingest.sources.office.drawing.graph.drawings import find_drawing
from dic_ingest.sources.office.drawing.shapes import OfficeShape, moved_shape
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.drawing.word_shapes import frame_of, shapes_in
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.pages import Picture

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DRAWN = (f"{W}drawing", f"{W}pict", f"{W}object")
PIXELS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
HEADING = re.compile(r"^(?:heading|title|überschrift|titre|título|заголовок|标题)\s*(\d?)", re.IGNORECASE)


@dataclass(slots=True)
class WordFile:
    """The body of a Word file, read. `drawn` are the elements that only LibreOffice can render."""

    package: Package
    flow: Flow
    main: str = "word/document.xml"
    page: int = 1
    drawn: list[UnrenderedDrawing] = field(default_factory=list)
    _items: list[str] = field(default_factory=list)
    _styles: dict[str, str] = field(default_factory=dict)
    _related: dict[str, str] = field(default_factory=dict)
    _tree: Any = None
    _palette: Palette = field(default_factory=Palette)

    def read(self) -> None:
        """Fill the flow.

        Raises:
            BrokenFileError: the file has no body.
        """
        self._tree = self.package.xml(self.main)
        body = self._tree.find(f"{W}body") if self._tree is not None else None
        if body is None:
            raise BrokenFileError(f"{self.package.name} has no text part: it is damaged. Save it again.")
        self._related = self.package.related(self.main)
        self._palette = Palette.of_theme(self.package.xml("word/theme/theme1.xml"))
        styles = self.package.xml("word/styles.xml")
        for style in styles.iter(f"{W}style") if styles is not None else ():
            name = style.find(f"{W}name")
            self._styles[style.get(f"{W}styleId", "")] = "" if name is None else name.get(f"{W}val", "")
        for element in _unwrapped(body):
            if element.tag == f"{W}p":
                self._paragraph(element)
            elif element.tag == f"{W}tbl":
                self._flush()
                self._table(element)
        self._flush()
        self._footnotes()

    def _footnotes(self) -> None:
        """Notes at the end: their numbers and places are not told."""
        for part in ("word/footnotes.xml", "word/endnotes.xml"):
            notes = self.package.xml(part)
            for note in notes if notes is not None else ():
                if isinstance(note.tag, str) and note.get(f"{W}type") is None:
                    said = " ".join(_text(p) for p in note.iter(f"{W}p"))
                    self.flow.add(Text("", self.page, None, 0, said, "footnote"))

    def _paragraph(self, element: Any) -> None:
        self._count_pages(element)
        text = _text(element)
        style = self._style(element)
        heading = HEADING.match(style)
        if not heading and text and (element.find(f"{W}pPr/{W}numPr") is not None or "list" in style.lower()):
            self._items.append(text)
        else:
            self._flush()
            if heading:
                level = int(heading[1]) if heading[1] else 1
                self.flow.add(Heading("", self.page, None, 0, text, level))
            else:
                self.flow.add(Text("", self.page, None, 0, text))
        self._pictures(element)

    def _table(self, element: Any) -> None:
        rows = [
            [
                " ".join(filter(None, (_text(p) for p in cell.iter(f"{W}p"))))
                for cell in row.iterchildren(f"{W}tc")
            ]
            for row in element.iter(f"{W}tr")
        ]
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in rows)
        text = "\n".join("\t".join(row) for row in rows)
        self.flow.add(Table("", self.page, None, 0, f"<table>{body}</table>", text if text.strip() else ""))
        self._pictures(element)

    def _pictures(self, element: Any) -> None:
        """What is drawn in a paragraph or table: pixels, charts and SmartArt at once, its shapes together."""
        pool: list[tuple[Any, list[OfficeShape], str]] = []
        for drawn in element.iter(*DRAWN):
            if any(a.tag in DRAWN or a.tag == f"{MC}Fallback" for a in drawn.iterancestors()):
                continue
            alt = next((p.get("descr") or p.get("title") or "" for p in drawn.iter() if _names(p)), "")
            self._flush()
            data = self._pixels(drawn)
            if data is not None:
                self.flow.add_picture(self.page, data, alt)
            elif not self._framed(drawn, alt):
                shapes = shapes_in(drawn, len(pool), self._palette)
                pool.append((drawn, shapes, alt))
        if pool:
            self._drawing(pool)

    def _pixels(self, drawn: Any) -> bytes | None:
        """The bytes of a drawing that is one picture in a format that is read."""
        links = [b.get(f"{R}embed", "") for b in drawn.iter(f"{A}blip")]
        links += [i.get(f"{R}id", "") for i in drawn.iter("{*}imagedata")]
        parts = [self._related.get(link, "") for link in links]
        plain = len(parts) == 1 and parts[0].lower().endswith(PIXELS) and not _grouped(drawn)
        return self.package.read(parts[0]) if plain else None

    def _framed(self, drawn: Any, alt: str) -> bool:
        """Whether a drawing is a chart or SmartArt, which then is a figure."""
        frame = replace(frame_of(drawn), alt=alt)
        found = framed_figure(
            drawn, frame, Parts(lambda link: self.package.read(self._related.get(link, "")))
        )
        if found is None:
            return False
        figure, shapes = found
        self._add_exact([drawn], figure, shapes, frame.bbox, alt)
        return True

    def _drawing(self, pool: list[tuple[Any, list[OfficeShape], str]]) -> None:
        """The shapes of one paragraph: a drawing, text boxes, or something that is to be rendered."""
        shapes = [s for _, own, _ in pool for s in own]
        drawn = find_drawing(shapes)
        inside = {s.id for s in drawn.shapes} if drawn is not None else set()
        if drawn is not None:
            figure = Figure("", self.page, None, 0, reading=drawn.reading)
            alt = next((alt for _, _, alt in pool if alt), "")
            elements = [e for e, own, _ in pool if any(s.id in inside for s in own)]
            self._add_exact(elements, figure, list(drawn.shapes), drawn.box, alt)
        for element, own, alt in pool:
            left = [s for s in own if s.id not in inside]
            if own and not left:
                continue
            if _art(element, left):
                self.drawn.append(UnrenderedDrawing([element], len(self.flow.blocks), self.page, alt))
            elif said := " ".join(filter(None, (s.text for s in left))) or _inner(element):
                self.flow.add(Text("", self.page, None, 0, said, "aside"))

    def _add_exact(
        self, elements: list[Any], figure: Figure, shapes: list[OfficeShape], box: Box, alt: str
    ) -> None:
        """A figure that was read as data, drawn by its shapes until a better picture is there."""
        here = [moved_shape(s, -box[0], -box[1]) for s in shapes]
        width, height = max(width_of(box), 1.0), max(height_of(box), 1.0)
        sketch = SlidePages((Page(1, width, height),), {1: here}, {})
        self.drawn.append(UnrenderedDrawing(elements, len(self.flow.blocks), self.page, alt, sketch))
        whole = Picture(sketch, 1, (0.0, 0.0, width, height))
        self.flow.add_figure(self.page, whole, alt, reading=figure.reading, chart=figure.chart)

    def _flush(self) -> None:
        if self._items:
            self.flow.add(List("", self.page, None, 0, tuple(self._items)))
            self._items.clear()

    def _style(self, element: Any) -> str:
        style = element.find(f"{W}pPr/{W}pStyle")
        named = "" if style is None else style.get(f"{W}val", "")
        return self._styles.get(named, named)

    def _count_pages(self, element: Any) -> None:
        """Pages as the program that saved the file counted them, else as breaks are put by hand."""
        breaks = list(element.iter(f"{W}lastRenderedPageBreak"))
        hard = [b for b in element.iter(f"{W}br") if b.get(f"{W}type") == "page"]
        saved = next(self._tree.iter(f"{W}lastRenderedPageBreak"), None) is not None
        self.page += len(breaks) if saved else len(hard)

    def drawings_only(self, target: Path) -> None:
        """A Word file at `target` with each element of `drawn` on a page of its own."""
        body = self._tree.find(f"{W}body")
        section = body.find(f"{W}sectPr")
        for child in list(body):
            body.remove(child)
        for waiting in self.drawn:
            run = etree.SubElement(etree.SubElement(body, f"{W}p"), f"{W}r")
            for element in waiting.elements:
                run.append(element)
            last = etree.SubElement(etree.SubElement(body, f"{W}p"), f"{W}r")
            etree.SubElement(last, f"{W}br").set(f"{W}type", "page")
        if section is not None:
            for child in list(section):
                if child.tag in (f"{W}headerReference", f"{W}footerReference"):
                    section.remove(child)
            body.append(section)
        self.package.copy_closed(target, {self.main: etree.tostring(self._tree, encoding="UTF-8")})

    def place(self, pictures: list[Picture | None]) -> int:
        """Put the rendered pictures of `drawn` where they were met; for one that is missing its words.

        Gives how many are missing that nothing else shows.
        """
        lost = 0
        for waiting, picture in reversed(list(zip(self.drawn, pictures, strict=True))):
            if waiting.sketch is not None:
                waiting.sketch.shown = picture
            elif picture is not None:
                self.flow.insert_figure(waiting.index, waiting.page, picture, waiting.alt)
            else:
                lost += 1
                said = " ".join(filter(None, (waiting.alt, *(_inner(e) for e in waiting.elements))))
                if said:
                    self.flow.insert(waiting.index, Text("", waiting.page, None, 0, said))
        return lost


@dataclass(slots=True)
class UnrenderedDrawing:
    """Elements to be rendered together. `sketch`: the pages of a figure that is there already."""

    elements: list[Any]
    index: int  # of the block before which they stand
    page: int
    alt: str
    sketch: SlidePages | None = None


def _unwrapped(body: Any) -> Iterator[Any]:
    """Paragraphs and tables of the body, also those inside content controls."""
    pending = list(reversed(body))
    while pending:
        element = pending.pop()
        if element.tag in (f"{W}p", f"{W}tbl"):
            yield element
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            pending += list(reversed(element))


def _text(paragraph: Any) -> str:
    """The words of a paragraph; what stands in its drawings, and what was deleted, is not among them."""
    parts = []
    for node in paragraph.iter(f"{W}t", f"{M}t", f"{W}tab", f"{W}br", f"{W}cr", f"{W}noBreakHyphen"):
        if any(a.tag in DRAWN or a.tag in (f"{W}del", f"{MC}Fallback") for a in node.iterancestors()):
            continue
        parts.append(
            node.text or ""
            if node.tag in (f"{W}t", f"{M}t")
            else "-"
            if node.tag == f"{W}noBreakHyphen"
            else " "
        )
    return " ".join("".join(parts).split())


def _names(element: Any) -> bool:
    return (
        isinstance(element.tag, str) and element.tag.endswith(("}docPr", "}cNvPr")) and bool(element.attrib)
    )


def _grouped(drawn: Any) -> bool:
    return any(isinstance(e.tag, str) and e.tag.endswith(("}wgp", "}wpc", "}wsp")) for e in drawn.iter())


def _art(element: Any, left: list[OfficeShape]) -> bool:
    """Whether something shows that is neither text nor a line alone: an object, a group, pictures."""
    tags = {e.tag.rsplit("}", 1)[-1] for e in element.iter() if isinstance(e.tag, str)}
    if tags & {"chart", "relIds", "blip", "imagedata", "OLEObject"}:
        return True
    return sum(not s.is_line for s in left) > 1 and any(s.groups for s in left)


def _inner(drawn: Any) -> str:
    """The words inside a drawing, once."""
    nodes = (
        n
        for n in drawn.iter(f"{W}t", f"{A}t")
        if not any(a.tag == f"{MC}Fallback" for a in n.iterancestors())
    )
    return " ".join(" ".join(n.text or "" for n in nodes).split())
