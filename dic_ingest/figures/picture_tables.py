"""Figures that show a table, with its cells.

In: a routed document, and its pages as pictures and drawings. Out: the document with `Figure.table` set where
a table's cells could be read: of what was routed as a table, and of pictures whose rules make a grid. Words
are those of the text layer, else recognised in the pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from dic_ingest.errors import InputError
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure
from dic_ingest.model.drawing import Box, Drawing, Word, scaled
from dic_ingest.vision.ocr import read_words
from dic_ingest.vision.table_cells import has_grid, read_table

DPI = 150.0  # of the pictures that cells are read in
TABLE = "table"  # the route
FEW_WORDS = 4  # of the text layer: a table with no more has its words in pixels


def read_picture_tables(
    document: Document,
    render: Callable[[int, Box | None, float], Image.Image],
    drawing_of: Callable[[int], Drawing],
) -> Document:
    """The document with the cells of every figure that was routed as a table, as HTML."""

    def read(figure: Figure) -> Figure:
        route = figure.route
        if route is None or figure.bbox is None or figure.table or not _may_be_table(figure):
            return figure
        try:
            picture = render(figure.page, figure.bbox, DPI)
        except (InputError, OSError, ValueError, MemoryError):  # one bad figure, not the document
            return figure
        if route.kind is not Kind.TABLE and not has_grid(picture):
            return figure
        words: Sequence[Word] = drawing_of(figure.page).within(figure.bbox).cut(figure.bbox).words
        if len(words) > FEW_WORDS:
            words = [replace(w, bbox=scaled(w.bbox, DPI / 72.0)) for w in words]
        else:
            words = read_words(picture)
        grid = read_table(picture, words)
        if grid is None:
            return figure
        route = replace(route, route=TABLE, kind=Kind.TABLE, reason="rows and columns of words")
        return replace(figure, table=grid.to_html(), route=route, description=None)

    return document.replace_figures(read)


def _may_be_table(figure: Figure) -> bool:
    """Whether it was routed as a table or a screenshot, or nothing was read that speaks against one."""
    said, kind = figure.description, figure.route.kind if figure.route else Kind.OTHER
    if said is None:
        return kind in (Kind.TABLE, Kind.SCREENSHOT)
    return said.chart is None and not (said.diagram and said.diagram.edges) and kind is not Kind.PHOTO
