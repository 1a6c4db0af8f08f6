"""The values of charts as CSV files beside the crops of their figures.

In: a described document and its results folder. Out: `figures/<crop's name>.csv` for each chart with values.
"""

from __future__ import annotations

import re
from pathlib import Path

from dic_ingest.model.document import Document, Figure
from dic_ingest.owned_files import in_own_folder, read_regular, write_file

TABLE = ".csv"


def write_chart_tables(document: Document, folder: Path) -> None:
    """Write one CSV file (UTF-8) for each figure whose description holds a chart with values."""
    for figure in document.figures:
        chart = figure.description.chart if figure.description is not None else None
        if chart is not None and chart.size:
            _write(folder / table_name(figure), chart.to_csv())


def table_name(figure: Figure) -> str:
    """Where the CSV of a figure lies, relative to the results folder: beside its crop, with its name."""
    stem = Path(figure.image).stem if figure.image else re.sub(r"[^\w\-]+", "-", figure.id, flags=re.ASCII)
    return f"figures/{stem}{TABLE}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8", "backslashreplace")

    def is_earlier(there: Path) -> bool:
        """An earlier table of this figure, in a folder of results or by its columns."""
        head = read_regular(there, len(data)).split(b"\n")[0]
        return in_own_folder(there) or head == data.split(b"\n")[0]

    write_file(path, data, is_earlier)
