"""HTML tables: their text, a line per row with cells separated by tabs, and their cells as a grid with spans.

Nested tables are not resolved. What is no HTML comes back as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import NamedTuple


class _Rows(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.loose: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            self._open = False
        elif tag in ("td", "th"):
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append("")
            self._open = True
        elif tag in ("br", "p", "div", "li"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data
        else:
            self.loose.append(data)


def table_text(html: str) -> str:
    """Cells by row, tab-separated; text outside cells comes first; "" for an empty table.

    What is no HTML (a Markdown table, plain text) comes back as it is, trimmed.
    """
    if "<" not in html:
        return html.strip()
    parser = _Rows()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError:  # html.parser gives up so on some malformed declarations
        return html.strip()
    lines = [" ".join(" ".join(parser.loose).split())]
    lines += ["\t".join(" ".join(cell.split()) for cell in row) for row in parser.rows]
    return "\n".join(line for line in lines if line.strip())


MOST_CELLS, MOST_COLUMNS = 100_000, 1000  # of a grid; spans beyond are cut


class HtmlCell(NamedTuple):
    """A cell: its text, over how many columns and rows it goes, and whether it is a header (`th`)."""

    text: str
    columns: int = 1
    rows: int = 1
    header: bool = False


class _TableCells(HTMLParser):
    """Cells with their spans, row by row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[HtmlCell]] = []
        self._text: list[str] | None = None
        self._spans = (1, 1, False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._close()
            self.rows.append([])
        elif tag in ("td", "th"):
            self._close()
            values = dict(attrs)
            self._spans = _span(values.get("colspan")), _span(values.get("rowspan")), tag == "th"
            self._text = []
        elif tag in ("br", "p", "div", "li"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _close(self) -> None:
        if self._text is None:
            return
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(HtmlCell(" ".join("".join(self._text).split()), *self._spans))
        self._text = None


def _span(value: str | None) -> int:
    return min(max(int(value), 1), 1000) if value and value.isdecimal() and len(value) < 6 else 1


def table_grid(html: str, text: str = "") -> list[list[str]]:
    """Rows of equal length; a cell that spans several places stands in each. `text` (tabs) is for no HTML."""
    return _even(_spread(table_cells(html, text)))


def table_cells(html: str, text: str = "") -> list[list[HtmlCell]]:
    """The cells of each row, once each with its spans. `text` (cells separated by tabs) is for no HTML."""
    lines = text if "<" in html else html or text
    if "<" in html:
        parser = _TableCells()
        try:
            parser.feed(html)
            parser.close()
            return parser.rows
        except AssertionError:  # html.parser gives up so on some malformed declarations
            pass
    return [[HtmlCell(t) for t in line.split("\t")] for line in lines.splitlines() if line.strip()]


def _spread(rows: Sequence[Sequence[HtmlCell]]) -> list[list[str]]:
    grid: list[dict[int, str]] = [{} for _ in rows]
    filled = 0
    for r, row in enumerate(rows):
        column = 0
        for value, wide, high, _ in row:
            while column in grid[r]:
                column += 1
            for down in range(min(high, len(rows) - r)):
                for right in range(wide):
                    if filled < MOST_CELLS and column + right < MOST_COLUMNS:
                        grid[r + down].setdefault(column + right, value)
                        filled += 1
            column += wide
    return [[cells.get(c, "") for c in range(max(cells, default=-1) + 1)] for cells in grid]


def _even(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[*row, *([""] * (width - len(row)))] for row in rows if row]
