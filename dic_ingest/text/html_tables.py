"""The text of an HTML table: a line per row, cells separated by tabs. Spans and nesting are not resolved."""

from __future__ import annotations

from html.parser import HTMLParser


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
