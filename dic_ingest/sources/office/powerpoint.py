"""A PowerPoint file -> blocks with their places on the slides, drawings as graphs, charts as values.

Text, tables, pictures and notes stand where the slide has them; a drawing is one figure with its graph. A
page is a slide; hidden ones count. Nothing is rendered here.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import BrokenFileError, DICIngestError, InputError, MissingExtraError
from dic_ingest.model.document import Block, Document, Figure, Heading, Hint, List, Page, Table, Text
from dic_ingest.model.drawing import Box
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.office.canvas import words_of
from dic_ingest.sources.office.colors import Palette
from dic_ingest.sources.office.drawingml import read_shapes
from dic_ingest.sources.office.drawings import Drawn, find_drawing
from dic_ingest.sources.office.frames import Parts, framed_figure
from dic_ingest.sources.office.package import parse_xml
from dic_ingest.sources.office.pages import Picture
from dic_ingest.sources.office.shapes import FRAME, PICTURE, Shape
from dic_ingest.sources.settings import PictureLimits

EMU = 12700.0  # per point
TITLES = ("title", "ctrTitle")
ASIDE = {"sldNum": "page_number", "ftr": "footer", "dt": "footer", "hdr": "header"}
BAND = 20.0  # points: what starts within them stands in one row


@dataclass(slots=True)
class Deck:
    """A presentation, read. `shapes`, `pictures` (by the id of their shape) and `notes` by slide.

    `undrawn`: slides with pictures that only an office program can show. `drawings`: number of figures that
    were read as data.
    """

    pages: tuple[Page, ...]
    blocks: list[Block] = field(default_factory=list)
    shapes: dict[int, list[Shape]] = field(default_factory=dict)
    pictures: dict[int, dict[str, Picture]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    undrawn: list[int] = field(default_factory=list)
    drawings: int = 0


def read_deck(path: Path) -> Deck:
    """The slides in order.

    Raises:
        BrokenFileError: not a presentation. MissingExtraError: python-pptx is not installed.
    """
    try:
        from pptx import Presentation
    except ImportError as error:
        raise MissingExtraError("python-pptx", "office") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            show = Presentation(str(path))
            size = (show.slide_width or 9144000) / EMU, (show.slide_height or 6858000) / EMU
            slides = list(show.slides)
            deck = Deck(tuple(Page(n, *size) for n in range(1, len(slides) + 1)))
            palettes: dict[str, Palette] = {}
            for number, slide in enumerate(slides, start=1):
                _Slide(deck, number, slide, _palette(slide, palettes)).read()
    except DICIngestError:
        raise
    except Exception as error:  # the library lets through whatever a damaged part makes zip or XML raise
        raise BrokenFileError(f"{path.name} is damaged ({error}). Open it and save it again.") from error
    return deck


def _palette(slide: Any, known: dict[str, Palette]) -> Palette:
    """The theme of a slide's master; each is read once."""
    master = slide.slide_layout.slide_master.part
    name = str(master.partname)
    if name not in known:
        themes = [r for r in master.rels.values() if not r.is_external and r.reltype.endswith("/theme")]
        known[name] = Palette.of_theme(parse_xml(themes[0].target_part.blob)) if themes else Palette()
    return known[name]


class _Slide:
    """One slide on its way into a deck."""

    def __init__(self, deck: Deck, number: int, slide: Any, palette: Palette) -> None:
        self.deck, self.number, self.slide = deck, number, slide
        self.elements: dict[str, Any] = {}
        boxes = _placeholder_boxes(slide)
        self.parts = Parts(self._part)
        self.shapes = read_shapes(slide.shapes._spTree, palette, boxes.get, self.elements)

    def read(self) -> None:
        """Add what stands on the slide, in reading order: the title, then by rows."""
        self.deck.shapes[self.number] = self.shapes
        placed: list[tuple[Box, Block]] = []
        drawn = find_drawing(self._candidates())
        if drawn is not None:
            placed.append((drawn.box, self._figure(drawn)))
            self.deck.drawings += 1
        inside = {s.id for s in drawn.shapes} if drawn is not None else set()
        for shape in self.shapes:
            block = None if shape.id in inside else self._block(shape)
            if block is not None:
                placed.append((shape.bbox, block))
        placed.sort(key=lambda p: (not isinstance(p[1], Heading), round(p[0][1] / BAND), p[0][0]))
        self.deck.blocks += [block for _, block in placed]
        self._notes()

    def _candidates(self) -> list[Shape]:
        """Shapes that may draw: no placeholder, table or chart, unless a line is attached to it."""
        linked = {name for s in self.shapes for name in (s.start, s.end) if name}
        apart = {s.id for s in self.shapes if s.placeholder or s.kind == FRAME} - linked
        for shape in self.shapes:
            if shape.kind == PICTURE:
                self._keep_picture(shape)
        return [s for s in self.shapes if s.id not in apart]

    def _figure(self, drawn: Drawn) -> Figure:
        words = tuple(w for s in drawn.shapes for w in words_of(s))
        return Figure("", self.number, drawn.box, 0, embedded_words=words, reading=drawn.reading)

    def _block(self, shape: Shape) -> Block | None:
        if shape.kind == PICTURE:
            return self._picture(shape)
        if shape.kind == FRAME:
            return self._frame(shape)
        return None if shape.is_line else _text(self.number, shape)

    def _keep_picture(self, shape: Shape) -> None:
        """The pixels of a picture, where they lie in the file in a format that is read."""
        try:
            data = self.slide.part.related_part(shape.part).blob if shape.part else b""
            file = PictureFile(data, PictureLimits(max_frames=1))
        except (InputError, ValueError, KeyError, AttributeError):  # EMF, linked or missing ones
            return
        size = file.pages[0]
        box = (0.0, 0.0, size.width, size.height)
        self.deck.pictures.setdefault(self.number, {})[shape.id] = Picture(file, 1, box)

    def _picture(self, shape: Shape) -> Block | None:
        width, height = shape.bbox[2] - shape.bbox[0], shape.bbox[3] - shape.bbox[1]
        if min(width, height) <= 0:
            return None
        if shape.id not in self.deck.pictures.get(self.number, {}):
            self.deck.undrawn.append(self.number)
        hint = Hint("alt_text", "", shape.alt) if shape.alt else None
        return Figure("", self.number, shape.bbox, 0, hint=hint)

    def _frame(self, shape: Shape) -> Block | None:
        """A table, a chart, SmartArt; what else a frame shows is an embedded object."""
        rows = _rows(self.elements[shape.id])
        if rows:
            return _table(self.number, shape.bbox, rows)
        figure = framed_figure(self.elements[shape.id], shape, self.parts)
        if figure is not None:
            found, drawn = figure
            self.deck.drawings += 1
            self.shapes += drawn
            return replace(found, page=self.number)
        self.deck.undrawn.append(self.number)
        return None

    def _part(self, relation: str) -> bytes | None:
        try:
            return bytes(self.slide.part.related_part(relation).blob) if relation else None
        except (KeyError, AttributeError, ValueError):  # missing, or outside of the file
            return None

    def _notes(self) -> None:
        if self.slide.has_notes_slide and self.slide.notes_slide.notes_text_frame is not None:
            said = self.slide.notes_slide.notes_text_frame.text.strip()
            if said:
                self.deck.notes[self.number] = said


def _placeholder_boxes(slide: Any) -> dict[str, Box]:
    """Places of placeholders, which their layout gives where the slide does not."""
    boxes: dict[str, Box] = {}
    for holder in slide.placeholders:
        sides = holder.left, holder.top, holder.width, holder.height
        left, top, width, height = (float(v or 0) / EMU for v in sides)
        boxes[str(holder.shape_id)] = (left, top, left + width, top + height)
    return boxes


def _text(page: int, shape: Shape) -> Block | None:
    if not shape.lines:
        return None
    if shape.placeholder in TITLES:
        return Heading("", page, shape.bbox, 0, shape.text, 1)
    if shape.placeholder in ASIDE:
        return Text("", page, shape.bbox, 0, shape.text, ASIDE[shape.placeholder])
    if len(shape.lines) > 1:
        return List("", page, shape.bbox, 0, shape.lines)
    return Text("", page, shape.bbox, 0, shape.text)


def _rows(element: Any) -> list[list[str]]:
    """Cells of a table's rows; no rows for a frame that holds none."""
    rows = []
    for row in element.iter("{*}tr"):
        rows.append(
            [
                " ".join(" ".join(t.text or "" for t in cell.iter("{*}t")).split())
                for cell in row.iter("{*}tc")
            ]
        )
    return rows


def _table(page: int, box: Box, rows: Sequence[Sequence[str]]) -> Block:
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in rows)
    return Table("", page, box, 0, f"<table>{body}</table>", "\n".join("\t".join(row) for row in rows))


def with_notes(document: Document, notes: dict[int, str]) -> list[Block]:
    """The blocks, the speakers' notes after those of their slides: they stand below the slide's edge."""
    sizes = {p.number: (p.width, p.height) for p in document.pages}
    blocks = list(document.blocks)
    for number, said in sorted(notes.items(), reverse=True):
        if number not in sizes:
            continue
        width, height = sizes[number]
        at = max((i for i, b in enumerate(blocks) if b.page <= number), default=-1) + 1
        box = (0.0, height, width, height)
        blocks.insert(at, Text("", number, box, 0, f"Notes: {' '.join(said.split())}"))
    return blocks
