"""An OpenDocument spreadsheet (.ods) -> a `Flow`: per sheet a heading, a table, charts, drawings, pictures.

A page is a sheet. Values are those saved in the file, words as they are shown; nothing is calculated. Cells
are bounded in number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dic_ingest.errors import BrokenFileError
from dic_ingest.model.chart import Value
from dic_ingest.model.document import Heading
from dic_ingest.sources.office.charts.opendocument import CellTable, cell_range, odf_value
from dic_ingest.sources.office.drawing.drawingml import local
from dic_ingest.sources.office.drawing.odf import Styles, attribute, length, paragraph_text, read_odf_shapes
from dic_ingest.sources.office.drawing.shapes import moved_shape
from dic_ingest.sources.office.excel import MAX_COLUMNS, add_tables
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.opendocument import DRAWN, add_odf_shapes, opened_content
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.settings import OfficeSettings

CELL = (64.0, 12.8)  # points of a cell whose column or row has no size
CELLS = ("table-cell", "covered-table-cell")
MAX_ROWS = 1_048_576  # of one sheet


def read_ods(package: Package, flow: Flow, settings: OfficeSettings) -> None:
    """Add the sheets to `flow`.

    Raises:
        BrokenFileError: there is no spreadsheet. EncryptedFileError: it is protected by a password.
    """
    content, styles, _ = opened_content(package)
    book = next((b for b in content.iter("{*}spreadsheet") if local(b.getparent()) == "body"), None)
    if book is None:
        raise BrokenFileError(f"{package.name} has no sheets: it is damaged. Save it again.")
    left = settings.max_cells
    sheets: list[_Sheet] = []
    for element in book:
        if local(element) == "table" and left > 0:
            sheets.append(_Sheet.read(element, left))
            left -= len(sheets[-1].words)
    if left <= 0:
        flow.warn("sheet_cut", "cells over OfficeSettings.max_cells were left out")
    tables = {s.name: s.values for s in sheets}

    def cells(text: str) -> Sequence[Value | None]:
        wanted = cell_range(text)
        table = None if wanted is None else tables.get(wanted.table)
        return () if wanted is None or table is None else table.values(wanted)

    for number, sheet in enumerate(sheets, start=1):
        flow.add(Heading("", number, None, 0, sheet.name, 1))
        add_tables(flow, number, sheet.rows())
        elements: dict[str, Any] = {}
        shapes = read_odf_shapes(sheet.drawn, styles, elements)
        placed = [moved_shape(s, *sheet.origin(elements[s.id], styles)) for s in shapes]
        add_odf_shapes(flow, number, placed, elements, package, cells)


@dataclass
class _Sheet:
    """One sheet: its cells by row and column from 0, and what is drawn over them."""

    name: str
    element: Any
    words: dict[tuple[int, int], str] = field(default_factory=dict)
    values: CellTable = field(default_factory=CellTable)
    drawn: list[Any] = field(default_factory=list)
    places: dict[Any, tuple[int, int]] = field(default_factory=dict)  # of cells that something is drawn in
    heights: list[tuple[int, str]] = field(default_factory=list)  # first row and style of rows

    @classmethod
    def read(cls, element: Any, most: int) -> _Sheet:
        """The sheet, with at most `most` cells that hold something."""
        sheet = cls(attribute(element, "name"), element)
        sheet.drawn += [e for shapes in element if local(shapes) == "shapes" for e in shapes]
        at = 0
        for row in element.iter("{*}table-row"):
            times = _repeated(row, "rows")
            sheet.heights.append((at, attribute(row, "style-name")))
            sheet._row(row, at, times, most)
            at += times
            if at >= MAX_ROWS or len(sheet.words) >= most:
                break
        return sheet

    def _row(self, row: Any, at: int, times: int, most: int) -> None:
        column = 0
        for cell in row:
            if local(cell) not in CELLS or column >= MAX_COLUMNS:
                continue
            wide = min(_repeated(cell, "columns"), MAX_COLUMNS - column)
            members = [e for e in cell if local(e) in DRAWN]
            if members:
                self.places[cell] = at, column
                self.drawn += members
            words, value = " ".join(_words(cell)), odf_value(cell)
            if words or value is not None:
                for r in range(at, at + times):
                    for c in range(column, column + wide):
                        if len(self.words) >= most:
                            return
                        self.words[r, c] = words or str(value)
                        if value is not None:
                            self.values.at[r, c] = value
            column += wide

    def rows(self) -> list[list[str]]:
        """Rows of words; an empty one stands where the sheet leaves rows free."""
        found: list[list[str]] = []
        last = -1
        by_row: dict[int, dict[int, str]] = {}
        for (row, column), words in self.words.items():
            by_row.setdefault(row, {})[column] = words
        for row in sorted(by_row):
            if row > last + 1:
                found.append([])
            cells = by_row[row]
            found.append([cells.get(c, "") for c in range(max(cells) + 1)])
            last = row
        return found

    def origin(self, element: Any, styles: Styles) -> tuple[float, float]:
        """Where the cell begins that an element is drawn in, in points; the sheet's corner for others."""
        while element is not None and element not in self.places:
            element = element.getparent()
        if element is None:
            return 0.0, 0.0
        row, column = self.places[element]
        return self._widths(styles, column), self._heights(styles, row)

    def _widths(self, styles: Styles, column: int) -> float:
        found = 0.0
        for element in self.element.iter("{*}table-column"):
            times = min(_repeated(element, "columns"), column)
            size = length(styles.get(attribute(element, "style-name"), "column-width"))
            found += times * (CELL[0] if size is None else size)
            column -= times
            if column <= 0:
                break
        return found + column * CELL[0]

    def _heights(self, styles: Styles, row: int) -> float:
        ends = [*(first for first, _ in self.heights[1:]), MAX_ROWS]
        sizes = [length(styles.get(name, "row-height")) for _, name in self.heights]
        return sum(
            max(0, min(end, row) - first) * (CELL[1] if size is None else size)
            for (first, _), end, size in zip(self.heights, ends, sizes, strict=True)
        )


def _words(cell: Any) -> Iterator[str]:
    for paragraph in cell:
        if local(paragraph) == "p":
            yield from paragraph_text(paragraph)


def _repeated(element: Any, what: str) -> int:
    text = attribute(element, f"number-{what}-repeated")
    return min(max(int(text), 1), MAX_ROWS) if text.isdigit() and len(text) < 8 else 1
