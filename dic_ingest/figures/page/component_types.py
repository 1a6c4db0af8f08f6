"""What a piece of drawn ink is: drawing, icon, rule, a box around text, a table's grid.

In: a `Component` and the page it stands on. Out: its `Sort`. Judges each piece alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from dic_ingest.figures.page.components import Component, PageMark
from dic_ingest.figures.text.lines import Paragraph, WordLine
from dic_ingest.figures.text.regions import TEXT, TEXT_ALONE, text_probability
from dic_ingest.model.box import Box, area, grow, inside, iou, size_of, width_of
from dic_ingest.model.document import Block, Code, Page, Table

SPAN = 0.85  # a line from side to side covers so much of a grid
BARS = 4  # lengths of outlined boxes on one base line that no table's cells have
LEAST_TEXT = 14.0  # points of the shorter side: what is smaller holds no two lines
CELL = 3.0  # points: edges nearer than this are one
FEW_LINES = (
    3,
    12,
)  # thin marks, and points of the shorter side: so few, or so slim, are rules and no drawing
LEAST_SIDES = (0.065, 0.012)  # of the page's size, the longer and the shorter side of a figure
GRID = 3  # rows and columns of a grid, at least
COLORED = 40  # between the channels of a bar's paint: less is grey
LEAST_CELLS = 4  # with words in them
LEAST_SLANTED = 3  # marks that are not level or upright: from so many on it is drawn
LEAST_BOX = 14.0  # points of the shorter side of a box
PART = 0.6  # of the piece's area that a box of a drawing covers, at most
ON_TOP = 0.5  # share of the outermost boxes that stand apart, at least
SAME_BOX = 0.8  # intersection over union
SLANT = 0.7  # points that a level or upright line may be off
PANEL_LETTERS = 20  # on a striped ground, more than
PICTURES = (
    0.1,
    0.15,
)  # share of a panel's area that pictures cover, of the page's size that one has, at most
STRIPE = 0.25  # of the page's width, at least
STRIPE_ENDS = 6  # points between the ends of a stripe and of its panel
WRITTEN = (6, 100)  # lines and letters of a text over a drawing, at least
LEAST_BORDER = 20  # points of its shorter side
BORDER = 8  # points that a border's marks lie inside it


class PageText(Protocol):
    """What of a page a piece is judged by: its text, and its size in points."""

    @property
    def page(self) -> Page: ...

    @property
    def blocks(self) -> tuple[Block, ...]: ...

    @property
    def lines(self) -> tuple[WordLine, ...]: ...

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]: ...

    @property
    def size(self) -> float: ...


class Sort(StrEnum):
    """What a piece is."""

    DRAWING = "drawing"
    ICON = "icon"
    RULE = "rule"
    PANEL = "panel"  # a box around running text
    GRID = "grid"  # a table's rules


def sort_of(piece: Component, view: PageText, rules_only: bool = False) -> Sort:
    """What one piece is, by its shape and the text in it; `rules_only` leaves the learnt decision out."""
    w, h = size_of(piece.bbox)
    if all(m.thin for m in piece.marks) and (len(piece.marks) <= FEW_LINES[0] or min(w, h) < FEW_LINES[1]):
        return Sort.RULE
    if (is_grid(piece) and not has_bars(piece) and _cells_filled(piece, view)) or (
        _in_block(piece, view, Table) and not stands_apart(piece)
    ):
        return Sort.GRID
    if _is_panel(piece, view) or (not rules_only and is_text(piece, view)):
        return Sort.PANEL
    if max(w, h) < LEAST_SIDES[0] * view.size or min(w, h) < LEAST_SIDES[1] * view.size:
        return Sort.ICON
    return Sort.DRAWING


def is_text(piece: Component, view: PageText) -> bool:
    """Whether a piece is judged to be text on a ground, not a drawing with labels."""
    if min(size_of(piece.bbox)) < LEAST_TEXT or has_bars(piece):
        return False
    lines = [line for line in view.lines if inside(line.bbox, piece.bbox, 0.5)]
    # what holds all the words of a page is more often its one drawing
    limit = TEXT if len(lines) < len(view.lines) else TEXT_ALONE
    return text_probability(piece.bbox, piece.marks, lines) >= limit


def _in_block(piece: Component, view: PageText, kind: type[Table] | type[Code]) -> bool:
    boxes = [b.bbox for b in view.blocks if isinstance(b, kind) and b.bbox is not None]
    return any(inside(piece.bbox, grow(box, 6.0), 0.8) for box in boxes)


def is_grid(piece: Component) -> bool:
    """Whether only horizontal and vertical edges are drawn, and cross the whole piece as rows and columns."""
    if any(m.image is not None or not _axis_aligned(m) for m in piece.marks):
        return False
    x0, y0, x1, y1 = piece.bbox
    rows = _spanning(((m.bbox[1], m.bbox[0], m.bbox[2]) for m in _edges(piece, horizontal=True)), x0, x1)
    columns = _spanning(((m.bbox[0], m.bbox[1], m.bbox[3]) for m in _edges(piece, horizontal=False)), y0, y1)
    return rows >= GRID and columns >= GRID


def has_bars(piece: Component) -> bool:
    """Whether coloured boxes of different lengths start from one base line, as a bar chart's do.

    Outlined boxes may be cells of a table, some of them spanning rows: they need more lengths.
    """
    boxes = [
        (m.bbox, m.path.stroke is not None)
        for m in piece.marks
        if m.path is not None and m.path.fill is not None and not m.thin
        if max(m.path.fill) - min(m.path.fill) > COLORED
    ]
    for base, reach in ((3, 1), (0, 2)):  # standing on one bottom, or starting at one left
        for outlined, least in ((False, 3), (True, BARS)):
            groups: dict[int, set[int]] = {}
            for box, stroked in boxes:
                if stroked is outlined:
                    groups.setdefault(round(box[base] / 2), set()).add(round(box[reach] / 4))
            if any(len(lengths) >= least for lengths in groups.values()):
                return True
    return False


def _cells_filled(piece: Component, view: PageText) -> bool:
    """Whether words stand in a grid as they do in a table, not here and there."""
    words = [w for line in view.lines for w in line.words if inside(w.bbox, piece.bbox, 0.6)]
    return len(words) >= LEAST_CELLS


def stands_apart(piece: Component) -> bool:
    """Whether a piece holds boxes that stand apart from one another, or lines that slant: no table has."""
    if sum(m.path is not None and not m.thin and not _axis_aligned(m) for m in piece.marks) >= LEAST_SLANTED:
        return True
    boxes = _distinct([m.bbox for m in piece.marks if m.frame and min(size_of(m.bbox)) > LEAST_BOX])
    boxes = [b for b in boxes if area(b) < PART * area(piece.bbox)]
    tops = [b for b in boxes if not any(a is not b and inside(b, a, 0.95) for a in boxes)][:60]
    apart = [b for b in tops if not any(a is not b and _abut(a, b) for a in tops)]
    crossing = any(_cross(a, b) for a, b in itertools.combinations(tops, 2))
    return crossing or (len(apart) >= 2 and len(apart) >= ON_TOP * len(tops))


def _distinct(boxes: Sequence[Box]) -> list[Box]:
    out: list[Box] = []
    for box in boxes[:400]:
        if not any(iou(box, known) > SAME_BOX for known in out):
            out.append(box)
    return out


def _abut(a: Box, b: Box) -> bool:
    """Whether two boxes touch side to side."""
    dx = max(a[0] - b[2], b[0] - a[2])
    dy = max(a[1] - b[3], b[1] - a[3])
    return -CELL < max(dx, dy) < CELL and min(dx, dy) < -CELL


def _cross(a: Box, b: Box) -> bool:
    """Whether two boxes lie partly over one another."""
    dx = max(a[0] - b[2], b[0] - a[2])
    dy = max(a[1] - b[3], b[1] - a[3])
    return max(dx, dy) < -2 * CELL


def _axis_aligned(mark: PageMark) -> bool:
    if mark.path is None:
        return False
    for sub in mark.path.subpaths:
        if sub.curved:
            return False
        for (ax, ay), (bx, by) in itertools.pairwise(sub.points):
            if abs(ax - bx) > SLANT and abs(ay - by) > SLANT:
                return False
    return True


def _edges(piece: Component, horizontal: bool) -> Iterable[PageMark]:
    """The sides of a piece's rectangles and its straight lines, as thin marks."""
    for m in piece.marks:
        x0, y0, x1, y1 = m.bbox
        if horizontal:
            middle = (y0 + y1) / 2
            sides = (middle,) if y1 - y0 < CELL else (y0, y1)
            boxes = [(x0, y, x1, y) for y in sides]
        else:
            middle = (x0 + x1) / 2
            sides = (middle,) if x1 - x0 < CELL else (x0, x1)
            boxes = [(x, y0, x, y1) for x in sides]
        if (x1 - x0 if horizontal else y1 - y0) >= CELL:
            yield from (PageMark(b) for b in boxes)


def _spanning(edges: Iterable[tuple[float, float, float]], low: float, high: float) -> int:
    """How many different positions have edges that together reach from `low` to `high`."""
    at: dict[int, list[tuple[float, float]]] = {}
    for position, start, end in edges:
        at.setdefault(round(position / 2.5), []).append((start, end))
    count, previous = 0, -9
    for key in sorted(at):
        if key - previous < CELL:
            continue
        covered, reached = 0.0, low
        for start, end in sorted(at[key] + at.get(key + 1, [])):
            covered += max(0.0, end - max(start, reached))
            reached = max(reached, end)
        if covered >= SPAN * (high - low):
            count, previous = count + 1, key
    return count


def _is_panel(piece: Component, view: PageText) -> bool:
    """Whether a piece is a box, or a border, around running text or a listing, and nothing else."""
    solid = _solid(piece, view)
    if len(solid) == 1 and solid[0].image is not None:
        return _written_over(piece.bbox, view)
    if not _holds_text_only(piece, view):
        return False
    texts = texts_in(grow(piece.bbox, 2.0), view)
    if _in_block(piece, view, Code):
        return bool(texts)
    return any(p.running for p in texts) or (
        _striped(piece, view) and sum(len(p.text) for p in texts) > PANEL_LETTERS
    )


def is_text_box(piece: Component, view: PageText) -> bool:
    """Whether all that is drawn is one box or border, empty or with a text in it: on its own, no figure."""
    return _holds_text_only(piece, view)


def _solid(piece: Component, view: PageText) -> list[PageMark]:
    """Marks but thin lines and bullets."""
    bullet = 0.018 * view.size
    return [m for m in piece.marks if not m.thin and max(size_of(m.bbox)) > bullet]


def _holds_text_only(piece: Component, view: PageText) -> bool:
    solid = _solid(piece, view)
    images = [m.bbox for m in piece.marks if m.image is not None]
    if sum(map(area, images)) > PICTURES[0] * area(piece.bbox) or any(
        max(size_of(b)) > PICTURES[1] * view.size for b in images
    ):
        return False
    return _one_box(solid) or _striped(piece, view) or _border(piece)


def _striped(piece: Component, view: PageText) -> bool:
    """Whether only bands of paint from side to side are drawn: a listing's ground, line by line."""
    solid, box = _solid(piece, view), piece.bbox
    if len(solid) < 2 or any(m.path is None or m.path.fill is None or not _axis_aligned(m) for m in solid):
        return False
    wide = width_of(box) > STRIPE * view.page.width
    return wide and all(m.bbox[0] - box[0] < STRIPE_ENDS and box[2] - m.bbox[2] < STRIPE_ENDS for m in solid)


def _written_over(box: Box, view: PageText) -> bool:
    """Whether a picture is the ground of many lines of text."""
    texts = [p for p in view.paragraphs if inside(p.bbox, box, 0.85)]
    return sum(len(p.lines) for p in texts) >= WRITTEN[0] and sum(len(p.text) for p in texts) >= WRITTEN[1]


def _one_box(solid: Sequence[PageMark]) -> bool:
    frames = [m for m in solid if m.frame and _axis_aligned(m)]
    rest = [
        m for m in solid if m not in frames and (min(size_of(m.bbox)) > LEAST_BOX or not _axis_aligned(m))
    ]
    return bool(frames) and not rest and len(_distinct([m.bbox for m in frames])) == 1


def _border(piece: Component) -> bool:
    """Whether all that is drawn lies along the rim."""
    x0, y0, x1, y1 = piece.bbox
    if min(x1 - x0, y1 - y0) < LEAST_BORDER:
        return False
    return all(
        m.bbox[2] < x0 + BORDER
        or m.bbox[0] > x1 - BORDER
        or m.bbox[3] < y0 + BORDER
        or m.bbox[1] > y1 - BORDER
        for m in piece.marks
    )


def texts_in(box: Box, view: PageText) -> tuple[Paragraph, ...]:
    """Paragraphs that stand in a box."""
    return tuple(p for p in view.paragraphs if inside(p.bbox, box, 0.6))
