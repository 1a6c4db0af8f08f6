"""Figures that show a table, with its cells.

In: a routed document, and its pages as pictures and drawings. Out: the document with `Figure.table` set where
a table's cells could be read: of what was routed as a table, and of pictures whose rules make a grid. Words
are those of the text layer, else those recognised in the pixels, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from dic_ingest.errors import InputError
from dic_ingest.model.box import Box
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.vision.ocr import read_words
from dic_ingest.vision.table_cells import has_grid, read_table

DPI = 150.0  # of the pictures that cells are read in
TABLE = "table"  # the route
LIKE_TABLES = (Kind.TABLE, Kind.SCREENSHOT)
FEW_WORDS = 4  # of the text layer: a table with no more has its words in pixels


def read_picture_tables(
    document: Document,
    render: Callable[[int, Box | None, float], Image.Image],
    drawing_of: Callable[[int], Drawing],
    may_be: Callable[[Figure], bool],
) -> Document:
    """The document with the cells, as HTML, of those figures of which `may_be` holds that show a table."""

    def read(figure: Figure) -> Figure:
        route = figure.route
        if route is None or figure.bbox is None or figure.table or not may_be(figure):
            return figure
        try:
            picture = render(figure.page, figure.bbox, DPI)
        except (InputError, OSError, ValueError, MemoryError):  # one bad figure, not the document
            return figure
        if route.kind is not Kind.TABLE and not has_grid(picture):
            return figure
        words: Sequence[Word] = drawing_of(figure.page).within(figure.bbox).cut(figure.bbox).words
        if len(words) <= FEW_WORDS:
            words = _recognised(figure)
        words = [w.scaled(DPI / 72.0) for w in words] if words else read_words(picture)
        grid = read_table(picture, words)
        if grid is None:
            return figure
        route = replace(route, route=TABLE, kind=Kind.TABLE, reason="rows and columns of words")
        return replace(figure, table=grid.to_html(), route=route, description=None)

    return document.replace_figures(read)


def _recognised(figure: Figure) -> list[Word]:
    """Words that were recognised when the figure was described, in points from its corner; else none."""
    if figure.description is None or figure.bbox is None or figure.crop_bbox is None or figure.rotation:
        return []
    dx, dy = figure.crop_bbox[0] - figure.bbox[0], figure.crop_bbox[1] - figure.bbox[1]
    return [
        replace(w, bbox=(w.bbox[0] + dx, w.bbox[1] + dy, w.bbox[2] + dx, w.bbox[3] + dy))
        for w in figure.description.words
    ]


def resembles_table(figure: Figure) -> bool:
    """Whether a figure was routed as a table, or as a screenshot, which may be one of a table."""
    return figure.route is not None and figure.route.kind in LIKE_TABLES


def is_unread(figure: Figure) -> bool:
    """Whether nothing that speaks against a table was read in a described figure that resembles none."""
    said, kind = figure.description, figure.route.kind if figure.route else Kind.OTHER
    if said is None or kind is Kind.PHOTO or resembles_table(figure):
        return False
    return said.chart is None and not (said.diagram and said.diagram.edges)
