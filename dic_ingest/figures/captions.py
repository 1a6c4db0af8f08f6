"""Printed captions: found on the page, bound to figures by place or by order, also over a page break.

A caption without a figure near gets a region of what was passed over beside it, or none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dic_ingest.figures.labels import (
    CONTINUED,
    is_continued,
    label_key,
    opens_caption,
    opens_table_caption,
    split_label,
)
from dic_ingest.figures.page.component_types import Sort
from dic_ingest.figures.page.components import Component
from dic_ingest.figures.page.page_view import PageView, gutter, is_wall
from dic_ingest.figures.regions import FigureRegion, unite
from dic_ingest.figures.text.lines import Paragraph, WordLine, join_lines, lines_of, paragraphs_of, text_key
from dic_ingest.model.box import (
    Box,
    area,
    center,
    grow,
    height_of,
    inside,
    overlap,
    shared_height,
    shared_width,
    union,
    width_of,
)
from dic_ingest.model.document import Block, Document, Figure, Heading, Text
from dic_ingest.model.drawing import Word

LEADER = re.compile(r"(\.\s?){4,}|\.{3,}\s*\d+\s*$|…")
NEAR = 0.09  # of the page's height: how far a caption may stand from its figure
BESIDE = 0.12  # of the page's width: the same for a caption in the margin beside its figure
COST = 40.0  # points that a place beside a figure counts more than one over or under it
MARGIN = 0.35  # of the page's width: captions beside a figure are no wider


@dataclass(frozen=True, slots=True)
class PrintedCaption:
    """A printed figure caption, whole."""

    lines: tuple[WordLine, ...]
    bbox: Box
    label: str
    text: str
    turn: int = 0  # degrees clockwise that the caption is turned by, as its figure is


def captions_of(view: PageView) -> tuple[PrintedCaption, ...]:
    """Figure captions of a page, from top to bottom; lists of figures are left out."""
    found = [c for p in view.paragraphs for c in _in_paragraph(p, view)]
    found += turned_captions(view)
    listed = [c for c in found if LEADER.search(c.lines[0].text) or LEADER.search(c.lines[-1].text)]
    if listed and len(listed) >= LISTED * len(found):
        return ()
    return tuple(c for c in found if c not in listed)


def _in_paragraph(paragraph: Paragraph, view: PageView) -> list[PrintedCaption]:
    starts = [i for i, line in enumerate(paragraph.lines) if _begins(paragraph, i)]
    if not starts or view.framed(paragraph.bbox):
        return []
    if starts[0] == 0 and _goes_on(paragraph, view):
        return []
    out = []
    for k, start in enumerate(starts):
        stop = starts[k + 1] if k + 1 < len(starts) else len(paragraph.lines)
        lines = paragraph.lines[start:stop]
        label, text = split_label(join_lines([line.text for line in lines]))
        out.append(PrintedCaption(lines, union(line.bbox for line in lines), label, text))
    return out


def _begins(paragraph: Paragraph, index: int) -> bool:
    """Whether a line opens a caption; within a paragraph only after a line that ended early."""
    line = paragraph.lines[index]
    if not line.upright or not opens_caption(line.text):
        return False
    if index == 0:
        return True
    before = paragraph.lines[index - 1]
    full = width_of(paragraph.bbox)
    return before.bbox[2] < paragraph.bbox[2] - INDENT * full


def _goes_on(paragraph: Paragraph, view: PageView) -> bool:
    """Whether a paragraph is the rest of the one above it: "... as shown in / Figure 3. This means"."""
    first = paragraph.lines[0]
    if opens_caption(first.text, strict=True) and ":" in first.text[:HEAD_LETTERS]:
        return False
    for above in view.paragraphs:
        last = above.lines[-1]
        pitch = first.bbox[1] - last.bbox[3]
        same = (
            abs(last.bbox[0] - first.bbox[0]) < first.size
            and abs(last.size - first.size) < SAME_SIZE * first.size
        )
        if above is not paragraph and same and PITCH[0] * first.size < pitch < PITCH[1] * first.size:
            full = last.bbox[2] >= max(paragraph.bbox[2], above.bbox[2]) - FULL * width_of(above.bbox)
            if full and above.running and not re.search(r"[.!?:;]$", last.text):
                return True
    return False


def turned_captions(view: PageView) -> list[PrintedCaption]:
    """Captions that stand on their side, as those of figures that are turned by a quarter do."""
    found = []
    for turn in (90, 270):
        words = [w for w in view.drawing.words if abs(w.angle % 360 - turn) < TURN]
        upright = [replace(w, bbox=_upright(w.bbox, turn), angle=0.0) for w in words]
        own = {id(u): w for u, w in zip(upright, words, strict=True)}
        for paragraph in paragraphs_of(lines_of(upright)):
            if opens_caption(paragraph.lines[0].text):
                label, text = split_label(paragraph.text)
                lines = tuple(_with_words(line, [own[id(u)] for u in line.words]) for line in paragraph.lines)
                found.append(PrintedCaption(lines, union(line.bbox for line in lines), label, text, turn))
    return found


def _with_words(line: WordLine, words: Sequence[Word]) -> WordLine:
    return WordLine(tuple(words), union(w.bbox for w in words), line.size)


def _upright(box: Box, turn: int) -> Box:
    """A box of the page as it stands when text turned by `turn` degrees clockwise runs from left to right."""
    x0, y0, x1, y1 = box
    return {90: (y0, -x1, y1, -x0), 270: (-y1, x0, -y0, x1)}.get(turn, box)


def _turned_back(box: Box, turn: int) -> Box:
    return _upright(box, (360 - turn) % 360)


def bind(
    captions: Sequence[PrintedCaption], regions: Sequence[FigureRegion], view: PageView
) -> dict[int, int]:
    """Number of the region for each caption that has one; nearest pairs first, one region per caption."""
    pairs = []
    sides = {True: 0.0, False: 0.0}
    for c, caption in enumerate(captions):
        for r, region in enumerate(regions):
            found = _distance(caption, region.bbox, view)
            if found is not None:
                gap, below = found
                pairs.append((gap, below, c, r))
                sides[below] += 1.0 / (1.0 + gap)
    usual = sides[True] >= BELOW * sides[False]  # captions stand below figures unless the page says otherwise
    bound: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, c, r in sorted(
        (gap + (0 if below == usual else 12.0), below, c, r) for gap, below, c, r in pairs
    ):
        if c not in bound and r not in taken:
            bound[c] = r
            taken.add(r)
    return bound


def _distance(caption: PrintedCaption, region: Box, view: PageView) -> tuple[float, bool] | None:
    """Gap between caption and region in points, and whether the caption is below; None if unrelated."""
    own, other = _upright(caption.bbox, caption.turn), _upright(region, caption.turn)
    across = shared_width(own, other)
    down = shared_height(own, other)
    if across > OVERLAP * min(width_of(own), width_of(other)):
        below = own[1] + own[3] > other[1] + other[3]
        gap = max(0.0, own[1] - other[3] if below else other[1] - own[3])
        far, cost = NEAR * view.page.height, 0.0
        between = _between(own, other, below)
    elif down > LEVEL * height_of(own) and width_of(own) < MARGIN * view.page.width:
        below = True
        gap = max(own[0] - other[2], other[0] - own[2], 0.0)
        far, cost = BESIDE * view.page.width, COST
        between = _gap_beside(own, other)
    else:
        return None
    if gap > far or (between is not None and blocked(_turned_back(between, caption.turn), view)):
        return None
    return gap + cost, below


def _between(caption: Box, region: Box, below: bool) -> Box | None:
    x0, x1 = max(caption[0], region[0]), min(caption[2], region[2])
    y0, y1 = (region[3], caption[1]) if below else (caption[3], region[1])
    return (x0, y0, x1, y1) if y1 - y0 > 1.0 else None


def _gap_beside(caption: Box, region: Box) -> Box | None:
    y0, y1 = max(caption[1], region[1]), min(caption[3], region[3])
    x0, x1 = min(caption[2], region[2]), max(caption[0], region[0])
    return (x0, y0, x1, y1) if x1 - x0 > 1.0 else None


def blocked(box: Box, view: PageView) -> bool:
    """Whether running text or another caption stands in a box."""
    return any(
        overlap(p.bbox, box) > OVERLAP * min(area(p.bbox), area(box))
        for p in view.paragraphs
        if is_wall(p, view) and not inside(box, p.bbox, 0.99)
    )


def table_captions(view: PageView) -> tuple[Box, ...]:
    """Boxes of the captions of tables, listings and examples."""
    return tuple(p.bbox for p in view.paragraphs if opens_table_caption(p.lines[0].text))


# Captions of figures in text that flows, where blocks have no boxes: by order alone.


LONGEST = 600  # characters: what is longer is no caption
LISTED = 0.5  # share of a page's captions that a list of figures has, at least
HEAD_LETTERS = 24  # of a caption's first line: a colon among them ends its number
INDENT = 0.15  # of the paragraph's width by which a last line falls short
SAME_SIZE = 0.1  # relative difference of the text sizes of one caption's lines
PITCH = (-0.6, 0.35)  # times the text size, between lines of one caption
FULL = 0.1  # of a line's width that it may fall short and be full
TURN = 20  # degrees that words of a turned caption may be off its turn
BELOW = 0.8  # times the captions above figures: captions stand below unless fewer do
LEVEL = 0.5  # of a caption's height that it shares with a figure beside it, more than
OVERLAP = 0.3  # of the narrower width that caption and figure may not be apart; of an area that blocks
IN_COLUMN = 0.2  # of the narrower width that caption and figure share, more than
EDGE = 4.0  # points that a caption may reach into its figure
PASSED = 20.0  # points around a region within which another may be meant
FAR = 0.25  # of the page's height between a caption and what it belongs to, at most
ITEM_EDGE = 3  # points that parts of a figure of text may reach beyond its caption
ITEM_GAP = 0.06  # of the page's height between such parts
BODY_SIZE = 0.04  # relative difference to the size of the running text
CROSSED = (0.2, 0.8)  # share of a paragraph in a box that crosses it; share that a region holds instead


def bind_in_flow(blocks: Sequence[Block]) -> list[Block]:
    """Blocks whose figures have the captions that stand right below or right above them."""
    out = list(blocks)
    taken: set[int] = set()
    for index, block in enumerate(blocks):
        if not isinstance(block, Figure) or block.label:
            continue
        if block.printed_caption:
            label, text = split_label(block.printed_caption)
            out[index] = replace(block, label=label, printed_caption=text)
            continue
        for beside in (index + 1, index - 1):
            if beside not in taken and 0 <= beside < len(blocks) and _is_caption(blocks[beside]):
                label, text = split_label(blocks[beside].content)
                out[index] = replace(block, label=label, printed_caption=text)
                taken.add(beside)
                break
    return [b for i, b in enumerate(out) if i not in taken]


def _is_caption(block: Block) -> bool:
    return isinstance(block, Text) and len(block.text) <= LONGEST and opens_caption(block.text)


# Figures that go on over a page: "Figure 7 (continued)", or a drawing whose rest begins the next page.


FURNITURE = ("header", "footer", "page_number", "footnote", "aside")


def tie_continued(document: Document) -> Document:
    """The document with each later part pointing at the part before it."""
    ties: dict[str, Figure] = {}
    last: dict[str, Figure] = {}
    for figure in (f for f in document.figures if not f.parent):
        key = label_key(figure.label) if figure.label else ""
        before = last.get(key) if key else None
        if before is not None and 0 < figure.page - before.page <= 1 and _continued_goes_on(before, figure):
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


def _continued_goes_on(before: Figure, figure: Figure) -> bool:
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


# Captions that stand on another page than their figure: at the top of the next one, or at the foot of the
# one before.


@dataclass(frozen=True, slots=True)
class Stray:
    """A caption for which its own page has no drawing."""

    page: int
    caption: PrintedCaption


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


# Captions for which no region was found near: what else stands there is considered again.


def region_passed_over(
    caption: PrintedCaption, regions: Sequence[FigureRegion], view: PageView
) -> FigureRegion | None:
    """What stands above a caption, or else below, and was passed over: panel, icon, parser's figure."""
    taken = [r.bbox for r in regions]
    candidates: list[FigureRegion] = []
    for piece in view.pieces:
        if view.sorts[id(piece)] is not Sort.RULE and not any(inside(piece.bbox, t, 0.5) for t in taken):
            candidates.append(FigureRegion(piece.bbox, (piece,)))
    candidates += [
        FigureRegion(listing.bbox, (), listing.lines)
        for listing in view.listings
        if not any(overlap(listing.bbox, r.bbox) > 0 for r in candidates)
        and not any(inside(listing.bbox, t, 0.5) for t in taken)
    ]
    for block in view.blocks:
        if isinstance(block, Figure) and block.bbox and not any(overlap(block.bbox, t) > 0 for t in taken):
            candidates.append(FigureRegion(block.bbox, ()))
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
    close = [r for r in near if overlap(r.bbox, grow(best.bbox, PASSED)) > 0]
    found = unite([best, *close])
    return replace(found, labels=_inside_lines(found.bbox, view))


def _inside_lines(box: Box, view: PageView) -> tuple[WordLine, ...]:
    return tuple(line for line in view.lines if inside(line.bbox, box, 0.6))


def _away(caption: Box, box: Box, view: PageView) -> float | None:
    """Distance of a box above a caption (below counts double); None where text stands between."""
    across = shared_width(caption, box)
    if across <= IN_COLUMN * min(width_of(caption), width_of(box)):
        return None
    above = box[3] <= caption[1] + EDGE
    below = box[1] >= caption[3] - EDGE
    if not (above or below):
        return None
    gap = caption[1] - box[3] if above else box[1] - caption[3]
    x0, x1 = max(caption[0], box[0]), min(caption[2], box[2])
    between = (x0, box[3], x1, caption[1]) if above else (x0, caption[3], x1, box[1])
    if gap > FAR * view.page.height or (gap > 1 and blocked(between, view)):
        return None
    return gap if above else 2 * gap + 10


def text_figure(
    caption: PrintedCaption,
    regions: Sequence[FigureRegion],
    captions: Sequence[PrintedCaption],
    view: PageView,
) -> FigureRegion | None:
    """Text and grids above a caption, set apart from running text by their size of type, up to that text."""
    x0, x1 = _column_of(caption.bbox, view)
    body = body_size(view)
    items: list[tuple[Box, Paragraph | Component]] = [(p.bbox, p) for p in view.paragraphs]
    items += [(p.bbox, p) for p in view.pieces if view.sorts[id(p)] is not Sort.RULE]
    taken = [r.bbox for r in regions] + [c.bbox for c in captions]
    above = [
        (b, item)
        for b, item in items
        if b[3] < caption.bbox[1] + ITEM_EDGE and x0 - ITEM_EDGE < center(b)[0] < x1 + ITEM_EDGE
    ]
    found: list[tuple[Box, Paragraph | Component]] = []
    top = caption.bbox[1]
    for box, item in sorted(above, key=lambda pair: -pair[0][3]):
        if top - box[3] > ITEM_GAP * view.page.height or any(overlap(box, t) > 0 for t in taken):
            break
        if isinstance(item, Paragraph) and _is_body(item, body):
            break
        found.append((box, item))
        top = min(top, box[1])
    if not found or sum(len(p.lines) for _, p in found if isinstance(p, Paragraph)) < 2:
        return None
    bbox = union(b for b, _ in found)
    lines = tuple(line for _, p in found if isinstance(p, Paragraph) for line in p.lines)
    return FigureRegion(bbox, tuple(p for _, p in found if isinstance(p, Component)), lines)


def body_size(view: PageView) -> float:
    """Font size in which most letters of the page are set."""
    count: Counter[float] = Counter()
    for line in view.lines:
        count[round(line.size * 2) / 2] += len(line.text)
    return count.most_common(1)[0][0] if count else 10.0


def _is_body(paragraph: Paragraph, body: float) -> bool:
    return abs(paragraph.size - body) <= BODY_SIZE * body or paragraph.size > body


def _column_of(caption: Box, view: PageView) -> tuple[float, float]:
    """From where to where the column reaches in which a caption stands."""
    strip = gutter(view)
    if strip is None or (caption[0] < strip[0] and caption[2] > strip[2]):
        return min(caption[0], 0.05 * view.page.width), max(caption[2], 0.95 * view.page.width)
    return (0.0, strip[0]) if caption[2] <= strip[2] else (strip[2], view.page.width)


def crosses_text(box: Box, regions: Sequence[FigureRegion], view: PageView) -> bool:
    """Whether running text that belongs to none of the regions stands in a box."""
    return any(
        overlap(p.bbox, box) > CROSSED[0] * area(p.bbox)
        and not any(inside(p.bbox, r.bbox, CROSSED[1]) for r in regions)
        for p in view.paragraphs
        if is_wall(p, view)
    )
