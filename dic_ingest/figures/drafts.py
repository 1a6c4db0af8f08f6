"""Regions and captions of a page into drafts of figures.

In: a `PageView`. Out: drafts, and captions for which nothing was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from dic_ingest.document import Table
from dic_ingest.drawing import Box, Word, area, inside, overlap, union
from dic_ingest.figures.captions import Caption, bind, captions_of
from dic_ingest.figures.compose import Draft
from dic_ingest.figures.hunting import crosses_text, hunt, text_figure
from dic_ingest.figures.pieces import Piece
from dic_ingest.figures.regions import Region, regions_of, unite
from dic_ingest.figures.sorts import is_text_box
from dic_ingest.figures.stacked import parted
from dic_ingest.figures.view import PageView, is_wall


def drafts_of(view: PageView, reach: float) -> tuple[list[Draft], list[Caption]]:
    """Drafts in reading order of the page, and captions without a figure."""
    regions = list(regions_of(view, reach))
    captions = captions_of(view)
    bound = bind(captions, regions, view)
    regions, bound = _gather(regions, bound, captions, view)
    missing = []
    for c, caption in enumerate(captions):
        if c in bound:
            continue
        found = hunt(caption, regions, view) or text_figure(caption, regions, captions, view)
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


def worth(region: Region, view: PageView) -> bool:
    """Whether a region without caption is enough of a picture to be told of."""
    if region.icons_only:
        return any(
            m.image is not None and max(m.bbox[2] - m.bbox[0], m.bbox[3] - m.bbox[1]) > 50
            for m in region.marks
        )
    return not is_text_box(Piece(union(p.bbox for p in region.pieces), region.marks), view)


def _is_rows(draft: Draft, view: PageView) -> bool:
    """Whether a draft is some rows of a table that the parser read: its words stand in the table already."""
    for block in view.blocks:
        if not isinstance(block, Table) or block.bbox is None or len(draft.words) < 4:
            continue
        if inside(draft.bbox, block.bbox, 0.9) and area(draft.bbox) < 0.6 * area(block.bbox):
            told = set(block.content.casefold().split())
            if sum(w.text.casefold() in told for w in draft.words) >= 0.8 * len(draft.words):
                return True
    return False


def _draft(region: Region, caption: Caption | None, view: PageView) -> Draft:
    in_caption = {id(w) for line in caption.lines for w in line.words} if caption else set()
    words = tuple(w for w in _words(region, view) if id(w) not in in_caption)
    boxes = [p.bbox for p in region.pieces] + [w.bbox for w in words]
    return Draft(_on_page(union(boxes) if boxes else region.bbox, view), words, caption)


def _words(region: Region, view: PageView) -> list[Word]:
    """Labels, and every word that stands in the region but in running text that is merely covered."""
    walled = {id(w) for p in view.paragraphs if is_wall(p, view) for line in p.lines for w in line.words}
    found = {id(w): w for line in region.labels for w in line.words}
    for word in view.drawing.words:
        if id(word) not in walled and inside(word.bbox, region.bbox, 0.6):
            found[id(word)] = word
    return list(found.values())


def _on_page(box: Box, view: PageView) -> Box:
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], view.page.width), min(box[3], view.page.height)


def _gather(
    regions: list[Region], bound: dict[int, int], captions: Sequence[Caption], view: PageView
) -> tuple[list[Region], dict[int, int]]:
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


def _one_zone(main: Region, other: Region, caption: Caption, view: PageView) -> bool:
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


def _has_letter(region: Region, view: PageView) -> bool:
    return any(inside(p.bbox, region.bbox, 0.5) for p in view.letters)
