"""An Excel workbook -> a `Flow`: a heading and a table per sheet, its pictures and charts. A page is a sheet.

Values are those saved in the file; nothing is calculated. Cells are bounded in number.
"""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dic_ingest.errors import BrokenFileError, DICIngestError, MissingExtraError
from dic_ingest.model.document import Heading, Table, Text
from dic_ingest.sources.office.drawing.excel_drawings import add_drawings
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.settings import OfficeSettings

MAX_COLUMNS = 256
CHART = (22.0, 13.0)  # cm: fits a landscape page
EMPTY_ROWS = 200  # so many empty rows in a row end a sheet


def read_workbook(path: Path, package: Package, flow: Flow, settings: OfficeSettings) -> list[SlidePages]:
    """Add the sheets to `flow`; gives the pages of their charts, which may be shown better.

    Raises:
        BrokenFileError: not a workbook. MissingExtraError: openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtraError("openpyxl", "office") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            left = settings.max_cells
            for number, sheet in enumerate(book.worksheets, start=1):
                flow.add(Heading("", number, None, 0, str(sheet.title), 1))
                rows, left = _rows(sheet.iter_rows(values_only=True), left)
                add_tables(flow, number, rows)
                if left <= 0:
                    flow.warn("sheet_cut", "cells over OfficeSettings.max_cells were left out", number)
                    break
            book.close()
    except DICIngestError:
        raise
    except Exception as error:  # the library lets through whatever a damaged part makes zip or XML raise
        raise BrokenFileError(f"{path.name} is damaged ({error}). Open it and save it again.") from error
    return add_drawings(path, package, flow)


def _rows(values: Iterable[Sequence[Any]], left: int) -> tuple[list[list[str]], int]:
    """Rows of cells as text, and how many cells may still be read."""
    rows: list[list[str]] = []
    empty = 0
    for row in values:
        cells = [_said(v) for v in row[:MAX_COLUMNS]]
        left -= max(1, sum(map(bool, cells)))
        empty = 0 if any(cells) else empty + 1
        if left <= 0 or empty > EMPTY_ROWS:
            break
        rows.append(cells)
    return rows, left


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())


def add_tables(flow: Flow, number: int, rows: list[list[str]]) -> None:
    """A table per run of rows without an empty row between; a lone cell is text."""
    run: list[list[str]] = []
    for row in [*rows, []]:
        if any(row):
            run.append(row)
            continue
        if run:
            used = [i for i in range(max(map(len, run))) if any(i < len(r) and r[i] for r in run)]
            cells = [[r[i] if i < len(r) else "" for i in used] for r in run]
            if len(used) == 1 and len(run) == 1:
                flow.add(Text("", number, None, 0, cells[0][0]))
            else:
                body = "".join(
                    f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in cells
                )
                text = "\n".join("\t".join(row) for row in cells)
                flow.add(Table("", number, None, 0, f"<table>{body}</table>", text))
        run = []


def charts_only(path: Path, target: Path) -> int:
    """A workbook at `target` that shows each chart of `path` on a page of its own; gives their number."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), keep_links=False)
        sheets = list(book.worksheets)
        charts = [chart for sheet in sheets for chart in sheet._charts]
        for number, chart in enumerate(charts):
            alone = book.create_sheet(f"dic-chart-{number}")
            alone.page_setup.orientation = "landscape"
            chart.anchor, chart.width, chart.height = "A1", CHART[0], CHART[1]
            alone.add_chart(chart)
        for sheet in sheets:
            sheet._charts, sheet._images = [], []
            sheet.sheet_state = "hidden"
        book.active = len(sheets)
        book.save(target)
    return len(charts)
