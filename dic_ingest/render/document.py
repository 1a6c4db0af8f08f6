"""A whole document as Markdown or HTML: text in reading order, tables, listings, figures in their places.

In: a `Document`. Out: text. A figure is its crop (linked where it was cut), its printed caption, what was
said of it, and its graph as Mermaid. Every string of a document is escaped in HTML; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from dic_ingest.model.document import Block, Code, Document, Equation, Figure, Heading, List, Table, Text
from dic_ingest.text.html_tables import HtmlCell, table_cells, table_grid

FURNITURE = frozenset({"header", "footer", "page_number"})
WIDEST = 60  # columns of a Markdown table; wider ones are given as text
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|])")
_FENCED = re.compile(r"^(`{3,})\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[-*+•–‣◦]|\(?\w{1,3}[.)])\s+")


def document_markdown(document: Document) -> str:
    """The document as Markdown (GitHub's, for its tables and Mermaid)."""
    parts = [text for block in _shown(document) if (text := _block_markdown(block, document))]
    return "\n\n".join(parts) + "\n" if parts else ""


def document_html(document: Document) -> str:
    """The document as one HTML page without scripts; crops are linked by their paths."""
    body = "\n".join(part for block in _shown(document) if (part := _block_html(block, document)))
    title = escape(document.source.rsplit("/", 1)[-1])
    page = "body{max-width:50em;margin:2em auto;font-family:sans-serif}img{max-width:100%}"
    style = page + "td,th{border:1px solid}"
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head><body>\n{body}\n</body></html>\n"
    )


def _shown(document: Document) -> Iterator[Block]:
    """Blocks but page furniture, and but figures that were routed aside."""
    for block in document.blocks:
        if isinstance(block, Text) and block.role in FURNITURE:
            continue
        if (
            isinstance(block, Figure)
            and block.route is not None
            and not block.route.kept
            and not block.duplicate_of
        ):
            printed = ": ".join(filter(None, (block.label, block.printed_caption)))
            if block.route.is_denied and printed:
                yield Text(block.id, block.page, block.bbox, block.order, text=printed)
            elif block.as_table is not None and not block.route.is_denied:
                yield block.as_table
            continue
        yield block


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _paragraphs(text: str) -> list[str]:
    return [p for p in (" ".join(part.split()) for part in re.split(r"\n\s*\n", text)) if p]


def fenced(text: str, language: str = "") -> str:
    """Text as a fenced block of Markdown, whatever fences stand in it."""
    longest = max((len(m) for m in re.findall(r"`{3,}", text)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{text.rstrip()}\n{mark}"


def _block_markdown(block: Block, document: Document) -> str:
    if isinstance(block, Heading):
        return f"{'#' * min(max(block.level, 1), 6)} {_plain(block.text)}"
    if isinstance(block, List):
        return "\n".join(f"- {_plain(_BULLET.sub('', item))}" for item in block.items if item.strip())
    if isinstance(block, Table):
        notes = (_plain(note) for note in block.footnotes)
        return "\n\n".join(filter(None, (_plain(block.caption), _table_markdown(block), *notes)))
    if isinstance(block, Code):
        return "\n\n".join(filter(None, (_plain(block.caption), fenced(block.text, block.language))))
    if isinstance(block, Equation):
        return f"$$\n{block.latex.strip()}\n$$" if block.latex.strip() else _plain(block.text)
    if isinstance(block, Figure):
        return _figure_markdown(block, document)
    return "\n\n".join(map(_plain, _paragraphs(block.content)))


def _table_markdown(table: Table) -> str:
    rows = table_grid(table.html, table.text)
    if not rows or len(rows[0]) > WIDEST:
        return fenced(table.text) if table.text.strip() else ""
    lines = ["| " + " | ".join(map(_plain, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _head(figure: Figure) -> str:
    return ": ".join(filter(None, (figure.label, figure.printed_caption)))


def _same_as(figure: Figure, document: Document) -> str:
    first = next((f for f in document.figures if f.id == figure.duplicate_of), None)
    return f"Shows the same as {first.label or 'the figure'} on page {first.page}." if first else ""


def _said(figure: Figure) -> str:
    """What an engine said, without the printed caption that it begins with."""
    said = figure.description.caption.strip() if figure.description else ""
    head = _head(figure)
    return said[len(head) :].lstrip(". :\n") if head and said.startswith(head) else said


def _figure_markdown(figure: Figure, document: Document) -> str:
    head = _head(figure)
    alt = _plain(head or "figure")
    parts = [f"![{alt}](<{figure.image}>)" if figure.image else "", f"**{_plain(head)}**" if head else ""]
    if figure.duplicate_of:
        return "\n\n".join(filter(None, (*parts, _same_as(figure, document))))
    said = figure.description
    parts.append(_said(figure) if said and said.chart else _caption_markdown(_said(figure)))
    mermaid = said.diagram.to_mermaid() if said and said.diagram else ""
    parts.append(fenced(mermaid, "mermaid") if mermaid else "")
    return "\n\n".join(filter(None, parts))


def _caption_markdown(text: str) -> str:
    """A caption as Markdown: a paragraph a line, listings as they are."""
    return "\n\n".join(fenced(part) if code else _plain(part) for part, code in _captioned(text))


def _captioned(text: str) -> list[tuple[str, bool]]:
    """Lines of a caption, and its listings whole; whether each is a listing."""
    parts, at = list[tuple[str, bool]](), 0
    for found in _FENCED.finditer(text):
        parts += [(line, False) for line in _lines(text[at : found.start()])]
        parts.append((found[2], True))
        at = found.end()
    return [*parts, *((line, False) for line in _lines(text[at:]))]


def _lines(text: str) -> list[str]:
    return [line for line in (part.strip() for part in text.splitlines()) if line]


def _block_html(block: Block, document: Document) -> str:
    if isinstance(block, Heading):
        level = min(max(block.level, 1), 6)
        return f"<h{level}>{escape(block.text)}</h{level}>"
    if isinstance(block, List):
        items = "".join(f"<li>{escape(_BULLET.sub('', item))}</li>" for item in block.items if item.strip())
        return f"<ul>{items}</ul>"
    if isinstance(block, Table):
        return _table_html(block)
    if isinstance(block, Code):
        return f"{_paragraph(block.caption)}{_code(block.text)}"
    if isinstance(block, Figure):
        return _figure_html(block, document)
    return "".join(map(_paragraph, _paragraphs(block.content)))


def _code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text.strip() else ""


def _cell_html(cell: HtmlCell) -> str:
    tag = "th" if cell.header else "td"
    spans = {"colspan": cell.columns, "rowspan": cell.rows}
    told = "".join(f' {name}="{count}"' for name, count in spans.items() if count > 1)
    return f"<{tag}{told}>{escape(cell.text)}</{tag}>"


def _table_html(table: Table) -> str:
    """Cells again as text, with their spans: markup of a document is not passed on."""
    rows = table_cells(table.html, table.text)
    cells = "".join("<tr>" + "".join(map(_cell_html, row)) + "</tr>" for row in rows)
    notes = "".join(map(_paragraph, table.footnotes))
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption.strip() else ""
    return f"<table>{caption}{cells}</table>{notes}"


def _figure_html(figure: Figure, document: Document) -> str:
    head = _head(figure)
    picture = f'<img src="{escape(figure.image)}" alt="{escape(head or "figure")}">' if figure.image else ""
    caption = f"<figcaption>{escape(head)}</figcaption>" if head else ""
    if figure.duplicate_of:
        return f"<figure>{picture}{caption}{_paragraph(_same_as(figure, document))}</figure>"
    said = figure.description
    lines = "".join(_code(text) if code else _paragraph(text) for text, code in _captioned(_said(figure)))
    mermaid = said.diagram.to_mermaid() if said and said.diagram else ""
    graph = f'<pre class="mermaid">{escape(mermaid)}</pre>' if mermaid else ""
    return f"<figure>{picture}{caption}{lines}{graph}</figure>"
