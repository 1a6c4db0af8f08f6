"""Captions that stand on another page than their figure: at the top of the next one, or at the foot of the
one before.

In: a document whose captions are bound within their pages; captions left over. Out: the same with those bound
whose figure ends or begins the neighbouring page, and the captions that no figure was found for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dic_ingest.figures.captions import FURNITURE, Caption
from dic_ingest.figures.labels import label_key
from dic_ingest.figures.text_lines import text_key
from dic_ingest.model.document import Block, Document, Figure, Heading, Text


@dataclass(frozen=True, slots=True)
class Stray:
    """A caption for which its own page has no drawing."""

    page: int
    caption: Caption


def bind_across_pages(document: Document, strays: Sequence[Stray]) -> tuple[Document, list[Stray]]:
    """The document with captions bound over a page break, and the captions that are left."""
    labelled = {label_key(f.label) for f in document.figures if f.label}
    left: list[Stray] = []
    for stray in strays:
        if label_key(stray.caption.label) in labelled:
            continue  # the figure is there, under another caption of the same number
        bound = _bound(document, stray)
        if bound is None:
            left.append(stray)
        else:
            document = bound
    return document, left


def _bound(document: Document, stray: Stray) -> Document | None:
    at = _block_of(document, stray)
    if at is None:
        return None
    here = _content(document, stray.page)
    block = document.blocks[at]
    if here and here[0] is block:
        figure = _last(_content(document, stray.page - 1))
    elif here and here[-1] is block:
        figure = _first(_content(document, stray.page + 1))
    else:
        return None
    if figure is None or figure.label or figure.printed_caption:
        return None
    named = replace(figure, label=stray.caption.label, printed_caption=stray.caption.text)
    return document.replace_blocks(lambda b: None if b is block else named if b is figure else b)


def _block_of(document: Document, stray: Stray) -> int | None:
    """Where the block is that holds the caption and nothing else."""
    wanted = text_key(f"{stray.caption.label} {stray.caption.text}")
    for index, block in enumerate(document.blocks):
        if block.page == stray.page and isinstance(block, Text | Heading) and text_key(block.text) == wanted:
            return index
    return None


def _content(document: Document, page: int) -> list[Block]:
    """Blocks of a page but its furniture and the parts of figures."""
    return [
        b
        for b in document.blocks
        if b.page == page
        and not (isinstance(b, Text) and b.role in FURNITURE)
        and not (isinstance(b, Figure) and b.parent)
    ]


def _last(blocks: Sequence[Block]) -> Figure | None:
    return blocks[-1] if blocks and isinstance(blocks[-1], Figure) else None


def _first(blocks: Sequence[Block]) -> Figure | None:
    return blocks[0] if blocks and isinstance(blocks[0], Figure) else None
