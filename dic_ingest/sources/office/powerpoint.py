"""A PowerPoint file -> blocks with their places on the slides, drawings as graphs, charts as values.

Text, tables, pictures and notes stand where the slide has them; a drawing is one figure with its graph. A
page is a slide; hidden ones count. Nothing is rendered here.
"""

from __future__ import annotations

import gc
import warnings
from pathlib import Path
from typing import Any

from dic_ingest.errors import BrokenFileError, DICIngestError, MissingExtraError
from dic_ingest.model.box import Box
from dic_ingest.model.document import Block, Page
from dic_ingest.sources.office.deck import Deck, SlideReader, table_block
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.drawingml import EMU, read_shapes
from dic_ingest.sources.office.drawing.frames import Parts, framed_figure
from dic_ingest.sources.office.drawing.shapes import OfficeShape
from dic_ingest.sources.office.package import Package, parse_xml


def read_deck(path: Path, package: Package) -> Deck:
    """The slides in order; `package` is the same file, whose pictures are read when they are looked at.

    Raises:
        BrokenFileError: not a presentation. MissingExtraError: python-pptx is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _deck_of(path, package)
    except ImportError as error:
        raise MissingExtraError("python-pptx", "office") from error
    except DICIngestError:
        raise
    except Exception as error:  # the library lets through whatever a damaged part makes zip or XML raise
        raise BrokenFileError(f"{path.name} is damaged ({error}). Open it and save it again.") from error
    finally:
        gc.collect()  # the library's parts refer to each other, and hold every picture of the file


def _deck_of(path: Path, package: Package) -> Deck:
    from pptx import Presentation

    show = Presentation(str(path))
    size = (show.slide_width or 9144000) / EMU, (show.slide_height or 6858000) / EMU
    slides = list(show.slides)
    deck = Deck(tuple(Page(n, *size) for n in range(1, len(slides) + 1)))
    palettes: dict[str, Palette] = {}
    for number, slide in enumerate(slides, start=1):
        _Slide(deck, number, slide, _palette(slide, palettes), package).read()
    return deck


def _palette(slide: Any, known: dict[str, Palette]) -> Palette:
    """The theme of a slide's master; each is read once."""
    master = slide.slide_layout.slide_master.part
    name = str(master.partname)
    if name not in known:
        themes = [r for r in master.rels.values() if not r.is_external and r.reltype.endswith("/theme")]
        known[name] = Palette.of_theme(parse_xml(themes[0].target_part.blob)) if themes else Palette()
    return known[name]


class _Slide(SlideReader):
    """One slide of PowerPoint."""

    def __init__(self, deck: Deck, number: int, slide: Any, palette: Palette, package: Package) -> None:
        self.slide = slide
        self.elements: dict[str, Any] = {}
        boxes = _placeholder_boxes(slide)
        shapes = read_shapes(slide.shapes._spTree, palette, boxes.get, self.elements)
        super().__init__(deck, number, shapes, package, self._part_name)

    def read(self) -> None:
        """The slide, and what its speaker notes say."""
        super().read()
        if self.slide.has_notes_slide and self.slide.notes_slide.notes_text_frame is not None:
            said = self.slide.notes_slide.notes_text_frame.text.strip()
            if said:
                self.deck.notes[self.number] = said

    def frame(self, shape: OfficeShape) -> Block | None:
        """A table, a chart, SmartArt; what else a frame shows is an embedded object."""
        element = self.elements[shape.id]
        rows = _rows(element)
        if rows:
            return table_block(self.number, shape.bbox, rows)
        found = framed_figure(element, shape, Parts(self._part))
        return super().frame(shape) if found is None else self.exact(*found)

    def _part_name(self, relation: str) -> str:
        try:
            return str(self.slide.part.related_part(relation).partname).lstrip("/")
        except (KeyError, AttributeError, ValueError):
            return ""

    def _part(self, relation: str) -> bytes | None:
        try:
            return bytes(self.slide.part.related_part(relation).blob) if relation else None
        except (KeyError, AttributeError, ValueError):  # missing, or outside of the file
            return None


def _placeholder_boxes(slide: Any) -> dict[str, Box]:
    """Places of placeholders, which their layout gives where the slide does not."""
    boxes: dict[str, Box] = {}
    for holder in slide.placeholders:
        sides = holder.left, holder.top, holder.width, holder.height
        left, top, width, height = (float(v or 0) / EMU for v in sides)
        boxes[str(holder.shape_id)] = (left, top, left + width, top + height)
    return boxes


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
