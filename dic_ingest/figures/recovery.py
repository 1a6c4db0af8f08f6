"""Whole figures out of a parsed document: pieces joined, words gathered, captions bound.

In: a `Document` from any parser, and what a page draws. Out: the document with its figures recovered,
their words and captions out of the running text. Does not route, crop or describe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from dic_ingest.document import Block, Document, Figure, Heading
from dic_ingest.drawing import Box, Drawing, area, overlap
from dic_ingest.figures.compose import Draft, compose
from dic_ingest.figures.continued import tie_continued
from dic_ingest.figures.detector import DPI, detect_figures
from dic_ingest.figures.drafts import drafts_of
from dic_ingest.figures.flow import bind_in_flow
from dic_ingest.figures.marks import covers_page, repeated_elements
from dic_ingest.figures.next_page import Stray, bind_across_pages
from dic_ingest.figures.parts import with_parts
from dic_ingest.figures.settings import RecoverySettings as RecoverySettings
from dic_ingest.figures.single import as_one_drawing
from dic_ingest.figures.view import PageView, view_page

DrawingOf = Callable[[int], Drawing]
PictureOf = Callable[[int, float], Image.Image]
SCAN = "scanned_page"  # what a parser calls a page that is a picture


def recover_figures(
    document: Document,
    drawing_of: DrawingOf,
    settings: RecoverySettings | None = None,
    picture_of: PictureOf | None = None,
) -> Document:
    """The document with whole figures; blocks without boxes are left as they are.

    `picture_of(page, dpi)` lets a layout network look at scans, and where parser and PDF disagree.
    """
    settings = settings or RecoverySettings()
    numbers = [p.number for p in document.pages]
    template = repeated_elements((drawing_of(n) for n in numbers), settings.template_share)
    by_page: dict[int, list[Block]] = {n: [] for n in numbers}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    blocks: list[Block] = []
    strays: list[Stray] = []
    for page in document.pages:
        mine = by_page.pop(page.number)
        drawing = drawing_of(page.number)
        if any(b.bbox is None for b in mine) or _nothing_to_see(mine, drawing, picture_of):
            blocks += bind_in_flow(mine)
            continue
        view = view_page(page, drawing, mine, template)
        drafts, missing = drafts_of(view, settings.reach)
        seen = _third_witness(view, drafts, picture_of)
        if seen:
            view = view_page(page, drawing, mine, template, seen)
            drafts, missing = drafts_of(view, settings.reach)
        whole = compose(view, drafts, document.sha256)
        if len(numbers) == 1:
            whole = as_one_drawing(whole, document.sha256)
        blocks += with_parts(whole, view.letters, view.pieces, document.sha256)
        strays += [Stray(page.number, caption) for caption in missing]
    for rest in by_page.values():
        blocks += rest
    document, strays = bind_across_pages(replace(document, blocks=tuple(blocks)), strays)
    for stray in strays:
        message = (
            f"{stray.caption.label} is captioned on page {stray.page}, but no drawing was found near it."
        )
        document = document.warn("figure_not_found", message, stray.page)
    return tie_continued(replace(document, blocks=_numbered(document.blocks)))


def _nothing_to_see(blocks: list[Block], drawing: Drawing, picture_of: PictureOf | None) -> bool:
    """Whether the page must stay as the parser gave it: nothing drawn, or a scan that no one can look at."""
    if not (drawing.words or drawing.paths or drawing.images):
        return True
    if not is_scan(blocks, drawing):
        return False
    read = sum(len(b.content) for b in blocks if not isinstance(b, Figure))
    return picture_of is None or read < 80  # a scan without text stays one picture


def is_scan(blocks: list[Block], drawing: Drawing) -> bool:
    """Whether the page is a picture: said by the parser, or covered by one image with nothing else on it."""
    if any(isinstance(b, Figure) and b.hint is not None and b.hint.sub_type == SCAN for b in blocks):
        return True
    return (
        not drawing.words and not drawing.paths and any(covers_page(i.bbox, drawing) for i in drawing.images)
    )


def _third_witness(view: PageView, drafts: list[Draft], picture_of: PictureOf | None) -> tuple[Box, ...]:
    """Figures that the network sees on a scan, or where the parser saw one that the PDF's ink denies."""
    if picture_of is None:
        return ()
    if is_scan(list(view.blocks), view.drawing):
        return detect_figures(picture_of(view.page.number, DPI))
    page = view.page.width * view.page.height
    doubtful = [
        b.bbox
        for b in view.blocks
        if isinstance(b, Figure) and b.bbox is not None and 0.02 * page < area(b.bbox) < 0.6 * page
        if sum(overlap(b.bbox, d.bbox) for d in drafts) < 0.3 * area(b.bbox)
        if not any(overlap(b.bbox, p.bbox) > 0.1 * area(b.bbox) for p in view.paragraphs)
    ]
    if not doubtful:
        return ()
    seen = detect_figures(picture_of(view.page.number, DPI))
    return tuple(s for s in seen if any(overlap(s, d) > 0.6 * area(s) for d in doubtful))


def _numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks with their order, figures with the heading that they stand under."""
    out: list[Block] = []
    section = ""
    for order, block in enumerate(blocks):
        if isinstance(block, Heading):
            section = block.text
        changed = replace(block, order=order)
        out.append(replace(changed, section=section) if isinstance(changed, Figure) else changed)
    return tuple(out)
