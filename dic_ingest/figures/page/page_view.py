"""One page as figure recovery sees it: text in lines and paragraphs, marks in pieces, and walls between.

In: a page's `Drawing` and its blocks from the parser. Out: a `PageView`. Decides nothing about figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.figures.labels import opens_caption, opens_table_caption
from dic_ingest.figures.page.component_types import Sort, sort_of
from dic_ingest.figures.page.components import (
    Component,
    Key,
    PageMark,
    element_key,
    in_band,
    marks_of,
    pieces_of,
    template_boxes,
)
from dic_ingest.figures.panels import lettered
from dic_ingest.figures.text.lines import Paragraph, WordLine, lines_of, paragraphs_of
from dic_ingest.figures.text.listings import Listing, listings_of
from dic_ingest.model.box import Box, area, grow, inside
from dic_ingest.model.document import Block, Code, Figure, Heading, Page, Table, Text
from dic_ingest.model.drawing import Drawing, PlacedImage

PAGE_FRAME = 0.4  # of the page: an outline that may hold all of its text
FURNITURE_ROLES = ("header", "footer", "page_number", "footnote", "aside")


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything on a page that figures are recovered from. Boxes in points, as shown."""

    page: Page
    drawing: Drawing
    blocks: tuple[Block, ...]
    lines: tuple[WordLine, ...]
    paragraphs: tuple[Paragraph, ...]
    marks: tuple[PageMark, ...]
    pieces: tuple[Component, ...]
    frames: tuple[Box, ...]
    letters: tuple[Paragraph, ...] = ()  # "(a) Before", "(b) After" at panels of a figure
    furniture: tuple[Box, ...] = ()  # the page's template: art, and lines of repeated words
    sorts: Mapping[int, Sort] = field(default_factory=dict)  # what each piece is, by its id()
    listings: tuple[Listing, ...] = ()  # code and text art

    @property
    def size(self) -> float:
        """Longer side of the page, points."""
        return max(self.page.width, self.page.height)

    @property
    def slide(self) -> bool:
        """Whether the page is shaped like a slide."""
        return self.page.width > 1.2 * self.page.height

    def framed(self, box: Box) -> bool:
        """Whether a box stands inside some outline that is not the page's."""
        return any(inside(box, frame, 0.85) for frame in self.frames)


def view_page(
    page: Page,
    drawing: Drawing,
    blocks: Sequence[Block],
    template: frozenset[Key],
    seen: Sequence[Box] = (),
) -> PageView:
    """A page, looked at. `seen` are boxes of pictures that another witness saw."""
    boxes = [b.bbox for b in blocks if b.bbox is not None and not isinstance(b, Figure)]
    lines = lines_of(drawing.words, boxes)
    pictures = [PageMark(b, image=PlacedImage(b, (0, 0))) for b in seen]
    inked = [m for m in marks_of(drawing, lines, template) if not _frames_prose(m, lines, drawing)]
    marks = (*inked, *pictures)
    touch = max(2.5, 0.004 * max(page.width, page.height))
    pieces = pieces_of(marks, page.width, page.height, touch)
    frames = tuple(m.bbox for m in marks if m.frame and area(m.bbox) < 0.7 * page.width * page.height)
    repeated = [line for line in lines if _repeats(line, drawing, template)]
    kept = {id(line) for line in repeated}
    paragraphs = paragraphs_of(repeated) + paragraphs_of([line for line in lines if id(line) not in kept])
    furniture = (*template_boxes(drawing, template), *(line.bbox for line in repeated))
    paragraphs = tuple(sorted(paragraphs, key=lambda p: (p.bbox[1], p.bbox[0])))
    letters = lettered(paragraphs, pieces)
    view = PageView(
        page, drawing, tuple(blocks), lines, paragraphs, marks, pieces, _distinct(frames), letters, furniture
    )
    sorts = {id(piece): sort_of(piece, view) for piece in pieces}
    texts = [piece for piece in pieces if sorts[id(piece)] is Sort.PANEL]
    tables = [b.bbox for b in blocks if isinstance(b, Table) and b.bbox is not None and "\t" in b.text]
    rules = [piece.bbox for piece in pieces if sorts[id(piece)] is Sort.RULE]
    found = listings_of(lines, pieces, texts, rules)
    listings = tuple(
        x for x in found if not any(inside(x.bbox, grow(t, x.lines[0].size), 0.5) for t in tables)
    )
    return replace(view, sorts=sorts, listings=listings)


def _frames_prose(mark: PageMark, lines: Sequence[WordLine], drawing: Drawing) -> bool:
    """Whether a mark is the frame of a page of running text, whatever else stands in it."""
    if not mark.frame or area(mark.bbox) < PAGE_FRAME * drawing.width * drawing.height:
        return False
    within = paragraphs_of([line for line in lines if inside(line.bbox, mark.bbox, 0.9)])
    prose = [p for p in within if p.running and len(p.lines) > 1]
    return len(prose) >= 3 and 2 * sum(len(p.text) for p in prose) > sum(len(p.text) for p in within)


def _repeats(line: WordLine, drawing: Drawing, template: frozenset[Key]) -> bool:
    """Whether a line of a header or footer stands on other pages too; a number in it may count up."""
    return in_band(line.bbox, drawing.height) and all(element_key(w) in template for w in line.words)


def _distinct(boxes: Sequence[Box]) -> tuple[Box, ...]:
    return tuple({tuple(round(v) for v in b): b for b in boxes}.values())


def walls(view: PageView) -> tuple[Box, ...]:
    """Boxes that no figure grows across: running text, titles, captions, tables, listings, furniture."""
    out = [p.bbox for p in view.paragraphs if is_wall(p, view)] + list(view.furniture)
    out += [listing.bbox for listing in view.listings]
    for block in view.blocks:
        if block.bbox is not None and _block_is_wall(block, block.bbox, view):
            out.append(block.bbox)
    return tuple(out)


def gutter(view: PageView) -> Box | None:
    """The strip between two columns of running text; None on pages with one column."""
    texts = [p for p in view.paragraphs if p.running and not view.framed(p.bbox) and len(p.lines) > 1]
    middle = view.page.width / 2
    left = [p for p in texts if p.bbox[2] <= middle + 0.04 * view.page.width]
    right = [p for p in texts if p.bbox[0] >= middle - 0.04 * view.page.width]
    if view.slide or len(left) + len(right) < 0.7 * len(texts) or not left or not right:
        return None
    x0, x1 = max(p.bbox[2] for p in left), min(p.bbox[0] for p in right)
    if not 3.0 <= x1 - x0 <= 0.12 * view.page.width:
        return None
    return x0, 0.0, x1, view.page.height


def is_wall(paragraph: Paragraph, view: PageView) -> bool:
    """Whether a paragraph is text of the page, not of a drawing."""
    first = paragraph.lines[0].text
    if is_title(paragraph, view) or paragraph.lines[0].bbox in view.furniture:
        return True
    if any(paragraph is p for p in view.letters):
        return False
    if opens_caption(first) or opens_table_caption(first):
        return not view.framed(paragraph.bbox)
    return paragraph.running and not view.framed(paragraph.bbox)


def is_title(paragraph: Paragraph, view: PageView) -> bool:
    """Whether a paragraph is a slide's title: the largest text, high up, in no frame of its own."""
    if not view.slide or paragraph.bbox[1] > 0.25 * view.page.height or len(paragraph.lines) > 3:
        return False
    sizes = sorted(line.size for line in view.lines)
    largest = max((line.size for line in view.lines if line.bbox[1] < 0.4 * view.page.height), default=0.0)
    tall = paragraph.size >= 0.95 * largest and paragraph.size > 1.25 * sizes[len(sizes) // 2]
    small = [f for f in view.frames if area(f) < 0.12 * view.page.width * view.page.height]
    return tall and not any(inside(paragraph.bbox, f, 0.85) for f in small)


def _is_title(box: Box, view: PageView) -> bool:
    """Whether a heading stands apart from all drawn pieces."""
    return not any(inside(box, piece.bbox, 0.6) for piece in view.pieces if area(piece.bbox) > 4 * area(box))


def _block_is_wall(block: Block, box: Box, view: PageView) -> bool:
    if isinstance(block, Table | Code) or (isinstance(block, Text) and block.role in FURNITURE_ROLES):
        return True
    return isinstance(block, Heading) and not view.framed(box) and _is_title(box, view)
