"""A PowerPoint file without LibreOffice -> blocks with their places on the slides, and the slides' pictures.

Text, tables and pictures stand where the slide has them; drawn shapes and charts are not rendered here, which
the document says. Also gives the speakers' notes, for both ways of reading. A page is a
slide; hidden ones count.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dic_ingest.errors import BrokenFileError, DICIngestError, InputError, MissingExtraError
from dic_ingest.model.document import Block, Document, Figure, Heading, Hint, List, Page, Table, Text
from dic_ingest.model.drawing import Box
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.office.pages import Picture
from dic_ingest.sources.settings import PictureLimits

EMU = 12700.0  # per point
GROUP = 6  # MSO_SHAPE_TYPE
MAX_SHAPES = 20_000


@dataclass(slots=True)
class Deck:
    """A presentation, read. `titles`, `notes` by slide; `undrawn`: slides with shapes to be rendered."""

    pages: tuple[Page, ...]
    blocks: list[Block] = field(default_factory=list)
    pictures: list[tuple[int, Box, Picture]] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    undrawn: list[int] = field(default_factory=list)


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
            for number, slide in enumerate(slides, start=1):
                _read_slide(deck, number, slide)
    except DICIngestError:
        raise
    except Exception as error:  # the library lets through whatever a damaged part makes zip or XML raise
        raise BrokenFileError(f"{path.name} is damaged ({error}). Open it and save it again.") from error
    return deck


def _read_slide(deck: Deck, number: int, slide: Any) -> None:
    title = slide.shapes.title
    title_id = None if title is None else title.shape_id
    if title is not None and title.has_text_frame and title.text_frame.text.strip():
        deck.titles[number] = title.text_frame.text
    shapes = [(s, _box(s)) for s in _shapes(slide.shapes)]
    drawn = False
    for shape, box in sorted(shapes, key=lambda s: (s[0].shape_id != title_id, round(s[1][1] / 20), s[1][0])):
        if getattr(shape, "has_table", False):
            deck.blocks.append(_table(number, box, shape.table))
        elif _is_picture(shape):
            _add_picture(deck, number, box, shape)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            deck.blocks.append(_text(number, box, shape, shape.shape_id == title_id))
        drawn |= not shape.is_placeholder and not shape.has_text_frame and not _is_picture(shape)
    if drawn:
        deck.undrawn.append(number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        said = slide.notes_slide.notes_text_frame.text.strip()
        if said:
            deck.notes[number] = said


def _shapes(shapes: Any) -> Iterator[Any]:
    """All shapes, those of groups in the place of their group."""
    pending = list(reversed(list(shapes)))
    for _ in range(MAX_SHAPES):
        if not pending:
            return
        shape = pending.pop()
        if shape.shape_type == GROUP:
            pending += reversed(list(shape.shapes))
        else:
            yield shape


def _is_picture(shape: Any) -> bool:
    # `image` raises for a picture that is linked, so it cannot be asked for here
    return "image" in dir(type(shape))


def _box(shape: Any) -> Box:
    left, top, width, height = (
        float(v or 0) / EMU for v in (shape.left, shape.top, shape.width, shape.height)
    )
    return left, top, left + width, top + height


def _text(page: int, box: Box, shape: Any, title: bool) -> Block:
    lines = [" ".join(p.text.split()) for p in shape.text_frame.paragraphs]
    lines = [line for line in lines if line]
    if title:
        return Heading("", page, box, 0, " ".join(lines), 1)
    if len(lines) > 1:
        return List("", page, box, 0, tuple(lines))
    return Text("", page, box, 0, lines[0] if lines else "")


def _table(page: int, box: Box, table: Any) -> Block:
    rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows]
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in rows)
    return Table("", page, box, 0, f"<table>{body}</table>", "\n".join("\t".join(row) for row in rows))


def _add_picture(deck: Deck, page: int, box: Box, shape: Any) -> None:
    try:
        file = PictureFile(shape.image.blob, PictureLimits(max_frames=1))
    except (InputError, ValueError, KeyError):  # EMF and linked pictures: a renderer's work
        deck.undrawn.append(page)
        return
    alt = next((e.get("descr") or "" for e in shape._element.iter() if str(e.tag).endswith("}cNvPr")), "")
    size = file.pages[0]
    picture = Picture(file, 1, (0.0, 0.0, size.width, size.height))
    deck.blocks.append(Figure("", page, box, 0, hint=Hint("alt_text", "", alt) if alt else None))
    deck.pictures.append((page, box, picture))


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


def with_titles(blocks: list[Block], titles: dict[int, str]) -> list[Block]:
    """The first text of a slide that is its title becomes a heading."""
    left = {number: _plain(title) for number, title in titles.items()}
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Text) and block.page in left and _plain(block.text) == left[block.page]:
            del left[block.page]
            block = Heading("", block.page, block.bbox, 0, block.text, 1)
        out.append(block)
    return out


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
