"""Regions and captions of a page into drafts of figures.

In: a `PageView`. Out: drafts, and captions for which nothing was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.document import Figure
from dic_ingest.drawing import Box, Word, area, inside, overlap, union
from dic_ingest.figures.captions import Caption, bind, blocked, captions_of
from dic_ingest.figures.compose import Draft
from dic_ingest.figures.lines import Line
from dic_ingest.figures.regions import Region, regions_of
from dic_ingest.figures.sorts import Sort, sort_of
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
        found = hunt(caption, regions, view)
        if found is None:
            missing.append(caption)
        else:
            regions.append(found)
            bound[c] = len(regions) - 1
    caption_of = {r: captions[c] for c, r in bound.items()}
    drafts = [
        _draft(region, caption_of.get(r), view)
        for r, region in enumerate(regions)
        if r in caption_of or worth(region, view)
    ]
    return drafts, missing


def worth(region: Region, view: PageView) -> bool:
    """Whether a region without caption is enough of a picture to be told of."""
    return not region.icons_only


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
    if gap_x > 0.1 * view.page.width or gap_y > 0.08 * view.page.height:
        return False
    whole = union((main.bbox, other.bbox))
    wide = union((main.bbox, caption.bbox))
    if other.bbox[0] < wide[0] - 0.05 * view.page.width or other.bbox[2] > wide[2] + 0.05 * view.page.width:
        return False
    if overlap(whole, caption.bbox) > 0.2 * area(caption.bbox):
        return False
    return not _crosses_text(whole, (main, other), view)


def _crosses_text(box: Box, regions: Sequence[Region], view: PageView) -> bool:
    return any(
        overlap(p.bbox, box) > 0.2 * area(p.bbox) and not any(inside(p.bbox, r.bbox, 0.8) for r in regions)
        for p in view.paragraphs
        if is_wall(p, view)
    )


def unite(regions: Sequence[Region]) -> Region:
    """One region of several."""
    return Region(
        union(r.bbox for r in regions),
        tuple(p for r in regions for p in r.pieces),
        tuple(line for r in regions for line in r.labels),
        all(r.icons_only for r in regions),
        tuple(s for r in regions for s in r.sorts),
    )


def hunt(caption: Caption, regions: Sequence[Region], view: PageView) -> Region | None:
    """What stands above a caption, or else below, and was passed over: panel, icon, parser's figure."""
    taken = [r.bbox for r in regions]
    candidates: list[Region] = []
    for piece in view.pieces:
        if sort_of(piece, view) is not Sort.RULE and not any(inside(piece.bbox, t, 0.5) for t in taken):
            candidates.append(Region(piece.bbox, (piece,)))
    for block in view.blocks:
        if isinstance(block, Figure) and block.bbox and not any(overlap(block.bbox, t) > 0 for t in taken):
            candidates.append(Region(block.bbox, ()))
    ranked = sorted(
        (d, i) for i, r in enumerate(candidates) if (d := _away(caption.bbox, r.bbox, view)) is not None
    )
    if not ranked:
        return None
    best = candidates[ranked[0][1]]
    near = [
        r
        for r in candidates
        if r is not best and not _crosses_text(union((r.bbox, best.bbox)), (r, best), view)
    ]
    close = [r for r in near if overlap(r.bbox, _swollen(best.bbox)) > 0]
    found = unite([best, *close])
    return replace(found, labels=_inside_lines(found.bbox, view))


def _swollen(box: Box) -> Box:
    return box[0] - 20, box[1] - 20, box[2] + 20, box[3] + 20


def _inside_lines(box: Box, view: PageView) -> tuple[Line, ...]:
    return tuple(line for line in view.lines if inside(line.bbox, box, 0.6))


def _away(caption: Box, box: Box, view: PageView) -> float | None:
    """Distance of a box above a caption (below counts double); None where text stands between."""
    across = min(caption[2], box[2]) - max(caption[0], box[0])
    if across <= 0.2 * min(caption[2] - caption[0], box[2] - box[0]):
        return None
    above = box[3] <= caption[1] + 4.0
    below = box[1] >= caption[3] - 4.0
    if not (above or below):
        return None
    gap = caption[1] - box[3] if above else box[1] - caption[3]
    x0, x1 = max(caption[0], box[0]), min(caption[2], box[2])
    between = (x0, box[3], x1, caption[1]) if above else (x0, caption[3], x1, box[1])
    if gap > 0.25 * view.page.height or (gap > 1 and blocked(between, view)):
        return None
    return gap if above else 2 * gap + 10
