"""Figures that go on over a page: "Figure 7 (continued)", or a drawing whose rest begins the next page.

In: a document with whole, captioned figures. Out: the same with `continues`, and the label of the first part.
"""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.document import Block, Document, Figure, Text
from dic_ingest.figures.labels import CONTINUED, is_continued, label_key
from dic_ingest.figures.lines import lines_of

FURNITURE = ("header", "footer", "page_number", "footnote", "aside")


def tie_continued(document: Document) -> Document:
    """The document with each later part pointing at the part before it."""
    ties: dict[str, Figure] = {}
    last: dict[str, Figure] = {}
    for figure in (f for f in document.figures if not f.parent):
        key = label_key(figure.label) if figure.label else ""
        before = last.get(key) if key else None
        if before is not None and 0 < figure.page - before.page <= 1 and _goes_on(before, figure):
            ties[figure.id] = before
        if key:
            last[key] = figure
    ties.update(_cut_at_the_bottom(document, ties))

    def tie(figure: Figure) -> Figure:
        before = ties.get(figure.id)
        if before is None:
            return figure
        return replace(figure, continues=before.id, label=figure.label or before.label)

    return document.replace_figures(tie)


def _goes_on(before: Figure, figure: Figure) -> bool:
    """Whether one label on two pages is one figure: it says so, or the captions are the same."""
    if is_continued(figure.printed_caption):
        return True
    return bool(figure.printed_caption) and figure.printed_caption == before.printed_caption


def _cut_at_the_bottom(document: Document, known: dict[str, Figure]) -> dict[str, Figure]:
    """Pages that begin with "(continued)" and a figure, after a page that ends with one."""
    pages: dict[int, list[Block]] = {}
    for block in document.blocks:
        part = isinstance(block, Figure) and block.parent
        if not part and not (isinstance(block, Text) and block.role in FURNITURE):
            pages.setdefault(block.page, []).append(block)
    ties: dict[str, Figure] = {}
    for number, blocks in pages.items():
        before = pages.get(number - 1, [])
        if not before or not isinstance(before[-1], Figure):
            continue
        first = blocks[0]
        told = isinstance(first, Text) and CONTINUED.fullmatch(first.text.strip()) is not None
        figure = blocks[1] if told and len(blocks) > 1 else first
        if not isinstance(figure, Figure) or figure.id in known or figure.label:
            continue
        if told or _opens_with_it(figure):
            ties[figure.id] = before[-1]
    return ties


def _opens_with_it(figure: Figure) -> bool:
    lines = lines_of(figure.embedded_words)
    return bool(lines) and CONTINUED.fullmatch(lines[0].text) is not None
