"""Slides on their way to blocks: what PowerPoint and OpenDocument share.

In: the shapes of a slide. Out: a `Deck` with a heading for the title, text, tables and pictures in their
places, and one figure for the drawing that the other shapes make.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from dic_ingest.errors import InputError
from dic_ingest.model.box import Box, height_of, size_of, width_of
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Block, Document, Figure, Heading, Hint, List, Page, Table, Text
from dic_ingest.sources.diagram_files.picture import PictureWithSource, fitted, picture_of_bytes
from dic_ingest.sources.office.drawing.canvas import words_of
from dic_ingest.sources.office.drawing.graph.drawings import Drawn, find_drawing
from dic_ingest.sources.office.drawing.shapes import FRAME, PICTURE, OfficeShape
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.pages import Picture, StoredPicture
from dic_ingest.sources.settings import PictureLimits

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
    shapes: dict[int, list[OfficeShape]] = field(default_factory=dict)
    pictures: dict[int, dict[str, Picture]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    undrawn: list[int] = field(default_factory=list)
    drawings: int = 0


class SlideReader:
    """One slide on its way into a deck: its shapes, and the names of the parts that they show."""

    def __init__(
        self,
        deck: Deck,
        number: int,
        shapes: list[OfficeShape],
        package: Package,
        name_of: Callable[[str], str],
    ) -> None:
        self.deck, self.number, self.shapes = deck, number, shapes
        self.package, self.name_of = package, name_of
        self.graphs: dict[str, Diagram] = {}  # of pictures that carry their source, by the id of their shape

    def read(self) -> None:
        """Add what stands on the slide, in reading order: the title, then by rows."""
        self.deck.shapes[self.number] = list(self.shapes)
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

    def _candidates(self) -> list[OfficeShape]:
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

    def _block(self, shape: OfficeShape) -> Block | None:
        if shape.kind == PICTURE:
            return self._picture(shape)
        if shape.kind == FRAME:
            return self.frame(shape)
        return None if shape.is_line else _text(self.number, shape)

    def _keep_picture(self, shape: OfficeShape) -> None:
        """The pixels of a picture, where they lie in the file in a format that is read."""
        name = self.name_of(shape.part) if shape.part else ""
        if not name:
            return
        try:
            with picture_of_bytes(self.package.read(name) or b"", PictureLimits(max_frames=1)) as file:
                size = file.pages[0]
                if isinstance(file, PictureWithSource):
                    box = shape.bbox
                    self.graphs[shape.id] = fitted(file.graph, width_of(box), height_of(box))
        except InputError:  # EMF and others
            return
        stored = StoredPicture(partial(self.package.read, name))
        whole = Picture(stored, 1, (0.0, 0.0, size.width, size.height))
        self.deck.pictures.setdefault(self.number, {})[shape.id] = whole

    def _picture(self, shape: OfficeShape) -> Block | None:
        width, height = size_of(shape.bbox)
        if min(width, height) <= 0:
            return None
        if shape.id not in self.deck.pictures.get(self.number, {}):
            self.deck.undrawn.append(self.number)
        hint = Hint("alt_text", "", shape.alt) if shape.alt else None
        return Figure("", self.number, shape.bbox, 0, hint=hint, reading=self.graphs.get(shape.id))

    def frame(self, shape: OfficeShape) -> Block | None:
        """What a frame holds: a table, a chart. None for an object that is not read here."""
        self.deck.undrawn.append(self.number)
        return None

    def exact(self, figure: Figure, shapes: list[OfficeShape]) -> Figure:
        """A figure that was read as data, with the shapes that show it."""
        self.deck.drawings += 1
        self.deck.shapes[self.number] += shapes
        return replace(figure, page=self.number)


def _text(page: int, shape: OfficeShape) -> Block | None:
    if not shape.lines:
        return None
    if shape.placeholder in TITLES:
        return Heading("", page, shape.bbox, 0, shape.text, 1)
    if shape.placeholder in ASIDE:
        return Text("", page, shape.bbox, 0, shape.text, ASIDE[shape.placeholder])
    if len(shape.lines) > 1:
        return List("", page, shape.bbox, 0, shape.lines)
    return Text("", page, shape.bbox, 0, shape.text)


def table_block(page: int, box: Box, rows: Sequence[Sequence[str]]) -> Block:
    """A table from its cells, row by row."""
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
