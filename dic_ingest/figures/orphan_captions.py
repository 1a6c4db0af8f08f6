"""Captions for which no drawing was found near: what else stands there is looked through again.

In: a `Caption` without a region and its page. Out: a `Region` made of what was passed over, or None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.figures.captions import Caption, blocked
from dic_ingest.figures.component_types import Sort
from dic_ingest.figures.components import Piece
from dic_ingest.figures.page_view import PageView, gutter, is_wall
from dic_ingest.figures.regions import Region, unite
from dic_ingest.figures.text.lines import Line, Paragraph
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Box, area, grow, inside, overlap, union


def hunt(caption: Caption, regions: Sequence[Region], view: PageView) -> Region | None:
    """What stands above a caption, or else below, and was passed over: panel, icon, parser's figure."""
    taken = [r.bbox for r in regions]
    candidates: list[Region] = []
    for piece in view.pieces:
        if view.sorts[id(piece)] is not Sort.RULE and not any(inside(piece.bbox, t, 0.5) for t in taken):
            candidates.append(Region(piece.bbox, (piece,)))
    candidates += [
        Region(listing.bbox, (), listing.lines)
        for listing in view.listings
        if not any(overlap(listing.bbox, r.bbox) > 0 for r in candidates)
        and not any(inside(listing.bbox, t, 0.5) for t in taken)
    ]
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
        if r is not best and not crosses_text(union((r.bbox, best.bbox)), (r, best), view)
    ]
    close = [r for r in near if overlap(r.bbox, grow(best.bbox, 20.0)) > 0]
    found = unite([best, *close])
    return replace(found, labels=_inside_lines(found.bbox, view))


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


def text_figure(
    caption: Caption, regions: Sequence[Region], captions: Sequence[Caption], view: PageView
) -> Region | None:
    """Text and grids above a caption, set apart from running text by their size of type, up to that text."""
    x0, x1 = _column(caption.bbox, view)
    body = body_size(view)
    items: list[tuple[Box, Paragraph | Piece]] = [(p.bbox, p) for p in view.paragraphs]
    items += [(p.bbox, p) for p in view.pieces if view.sorts[id(p)] is not Sort.RULE]
    taken = [r.bbox for r in regions] + [c.bbox for c in captions]
    above = [
        (b, item) for b, item in items if b[3] < caption.bbox[1] + 3 and x0 - 3 < (b[0] + b[2]) / 2 < x1 + 3
    ]
    found: list[tuple[Box, Paragraph | Piece]] = []
    top = caption.bbox[1]
    for box, item in sorted(above, key=lambda pair: -pair[0][3]):
        if top - box[3] > 0.06 * view.page.height or any(overlap(box, t) > 0 for t in taken):
            break
        if isinstance(item, Paragraph) and _is_body(item, body):
            break
        found.append((box, item))
        top = min(top, box[1])
    if not found or sum(len(p.lines) for _, p in found if isinstance(p, Paragraph)) < 2:
        return None
    bbox = union(b for b, _ in found)
    lines = tuple(line for _, p in found if isinstance(p, Paragraph) for line in p.lines)
    return Region(bbox, tuple(p for _, p in found if isinstance(p, Piece)), lines)


def body_size(view: PageView) -> float:
    """Font size in which most letters of the page are set."""
    count: Counter[float] = Counter()
    for line in view.lines:
        count[round(line.size * 2) / 2] += len(line.text)
    return count.most_common(1)[0][0] if count else 10.0


def _is_body(paragraph: Paragraph, body: float) -> bool:
    return abs(paragraph.size - body) <= 0.04 * body or paragraph.size > body


def _column(caption: Box, view: PageView) -> tuple[float, float]:
    """From where to where the column reaches in which a caption stands."""
    strip = gutter(view)
    if strip is None or (caption[0] < strip[0] and caption[2] > strip[2]):
        return min(caption[0], 0.05 * view.page.width), max(caption[2], 0.95 * view.page.width)
    return (0.0, strip[0]) if caption[2] <= strip[2] else (strip[2], view.page.width)


def crosses_text(box: Box, regions: Sequence[Region], view: PageView) -> bool:
    """Whether running text that belongs to none of the regions stands in a box."""
    return any(
        overlap(p.bbox, box) > 0.2 * area(p.bbox) and not any(inside(p.bbox, r.bbox, 0.8) for r in regions)
        for p in view.paragraphs
        if is_wall(p, view)
    )
