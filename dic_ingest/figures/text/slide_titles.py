"""Titles of slides: on pages that lie on their side, the large line at the top is the heading.

In: a document as it was laid out, what its pages draw. Out: the document with one heading a slide, and with
bullets that were taken for headings as text. Layout models are taught on upright pages of prose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeGuard

from dic_ingest.model.box import inside
from dic_ingest.model.document import Block, Document, Heading, Text, block_id
from dic_ingest.model.drawing import Drawing, Word

BULLETS = frozenset("•◦▪■□●○–➢✓·‣")
DrawingOf = Callable[[int], Drawing]


@dataclass(frozen=True, slots=True)
class SlideRules:
    """When pages are slides, and which of their texts is the title."""

    least: int = 3  # pages of a document of slides
    lying: float = 0.8  # share of its pages that are wider than high
    top: float = 0.35  # of the page's height, from above, in which the title begins
    larger: float = 1.2  # times the usual size of the page's words
    longest: int = 120  # characters


def with_slide_titles(document: Document, drawing_of: DrawingOf, rules: SlideRules | None = None) -> Document:
    """The document with a heading for each slide's title; any other document as it is."""
    chosen = rules or SlideRules()
    lying = sum(p.width > p.height for p in document.pages)
    if len(document.pages) < chosen.least or lying < chosen.lying * len(document.pages):
        return document
    changed: dict[str, Block] = {}
    for page in document.pages:
        found = [b for b in document.blocks if b.page == page.number and _may_be_title(b)]
        words = drawing_of(page.number).words if found else ()
        title = _title(found, words, page.height, chosen)
        for block in found:
            if block is title and isinstance(block, Text):
                level = 1 if page.number == document.pages[0].number else 2
                changed[block.id] = _heading(document, block, level)
            elif block is not title and isinstance(block, Heading) and block.text.strip()[:1] in BULLETS:
                changed[block.id] = _text(document, block)
    return document.replace_blocks(lambda b: changed.get(b.id, b)) if changed else document


def _may_be_title(block: Block) -> TypeGuard[Text | Heading]:
    return isinstance(block, Heading) or (isinstance(block, Text) and block.role == "body")


def _title(
    blocks: Sequence[Text | Heading], words: Sequence[Word], height: float, rules: SlideRules
) -> Text | Heading | None:
    """The uppermost of the page's large texts; None where it has none, or where one is a heading already."""
    sizes = [w.size for w in words if w.size > 0]
    usual = median(sizes) if sizes else 0.0
    able = []
    for block in blocks:
        if block.bbox is None or block.bbox[1] > rules.top * height or len(block.content) > rules.longest:
            continue
        own = [w.size for w in words if inside(w.bbox, block.bbox, 0.5)]
        bullet = block.content.strip()[:1] in BULLETS
        if own and not bullet and median(own) >= rules.larger * usual:
            able.append(block)
    return min(able, key=lambda b: b.bbox[1] if b.bbox else 0.0, default=None)


def _heading(document: Document, block: Text, level: int) -> Heading:
    text = " ".join(block.text.split())
    own = block_id(document.sha256, Heading.type, block.page, block.bbox, text)
    return Heading(own, block.page, block.bbox, block.order, text, level)


def _text(document: Document, block: Heading) -> Text:
    own = block_id(document.sha256, Text.type, block.page, block.bbox, block.text)
    return Text(own, block.page, block.bbox, block.order, block.text)
