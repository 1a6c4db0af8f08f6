"""Regions of a page that are one drawing each: pieces judged one by one, then joined between walls of text.

In: a `PageView`. Out: `Region`s with their marks and labels. Knows no captions and no document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dic_ingest.document import Table
from dic_ingest.drawing import Box, area, grow, inside, iou, overlap, union
from dic_ingest.figures.lines import Line, Paragraph
from dic_ingest.figures.marks import Mark
from dic_ingest.figures.pieces import Canvas, Piece, Union, components
from dic_ingest.figures.view import PageView, is_wall, walls


class Sort(StrEnum):
    """What a piece is."""

    DRAWING = "drawing"
    ICON = "icon"
    RULE = "rule"
    PANEL = "panel"  # a box around running text
    GRID = "grid"  # a table's rules


@dataclass(frozen=True, slots=True)
class Region:
    """Pieces and labels that make one drawing."""

    bbox: Box
    pieces: tuple[Piece, ...]
    labels: tuple[Line, ...] = ()
    icons_only: bool = False
    sorts: tuple[Sort, ...] = field(default=())

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Marks of all pieces."""
        return tuple(m for p in self.pieces for m in p.marks)


def regions_of(view: PageView, reach: float = 0.03) -> tuple[Region, ...]:
    """Regions, largest first. `reach`: how far apart pieces of a drawing may be, of the page's longer side."""
    sorts = [sort_of(piece, view) for piece in view.pieces]
    seeds = [(p, s) for p, s in zip(view.pieces, sorts, strict=True) if s in (Sort.DRAWING, Sort.ICON)]
    if not seeds:
        return ()
    barriers = walls(view)
    free = [line for line in _label_lines(view) if not any(inside(line.bbox, b, 0.5) for b in barriers)]
    attached = _attach([p.bbox for p, _ in seeds], free)
    groups = _join(view, [p.bbox for p, _ in seeds], [free[i].bbox for i in attached], barriers, reach)
    regions = [_region([seeds[i] for i in g]) for g in groups]
    regions = _merge_overlapping(regions)
    rules = [p for p, s in zip(view.pieces, sorts, strict=True) if s is Sort.RULE]
    regions = [_with_rules(r, rules) for r in regions]
    return tuple(sorted((_with_labels(r, free, view) for r in regions), key=lambda r: -area(r.bbox)))


def sort_of(piece: Piece, view: PageView) -> Sort:
    """What one piece is, by its shape and the text in it."""
    w, h = piece.bbox[2] - piece.bbox[0], piece.bbox[3] - piece.bbox[1]
    if all(m.thin for m in piece.marks) and (len(piece.marks) <= 3 or min(w, h) < 12):
        return Sort.RULE
    if _in_table(piece, view) or is_grid(piece):
        return Sort.GRID
    if _is_panel(piece, view):
        return Sort.PANEL
    if max(w, h) < 0.065 * view.size or min(w, h) < 0.012 * view.size:
        return Sort.ICON
    return Sort.DRAWING


def _in_table(piece: Piece, view: PageView) -> bool:
    tables = [b.bbox for b in view.blocks if isinstance(b, Table) and b.bbox is not None]
    return any(inside(piece.bbox, grow(t, 6.0), 0.8) for t in tables)


def is_grid(piece: Piece) -> bool:
    """Whether only horizontal and vertical edges are drawn, and cross the whole piece as rows and columns."""
    if any(m.image is not None or not _axis_aligned(m) for m in piece.marks):
        return False
    x0, y0, x1, y1 = piece.bbox
    rows = _spanning(((m.bbox[1], m.bbox[0], m.bbox[2]) for m in _edges(piece, horizontal=True)), x0, x1)
    columns = _spanning(((m.bbox[0], m.bbox[1], m.bbox[3]) for m in _edges(piece, horizontal=False)), y0, y1)
    return rows >= 3 and columns >= 3


def _axis_aligned(mark: Mark) -> bool:
    if mark.path is None:
        return False
    for sub in mark.path.subpaths:
        if sub.curved:
            return False
        for (ax, ay), (bx, by) in zip(sub.points, sub.points[1:], strict=False):
            if abs(ax - bx) > 0.7 and abs(ay - by) > 0.7:
                return False
    return True


def _edges(piece: Piece, horizontal: bool) -> Iterable[Mark]:
    """The sides of a piece's rectangles and its straight lines, as thin marks."""
    for m in piece.marks:
        x0, y0, x1, y1 = m.bbox
        if horizontal:
            boxes = (
                [(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)]
                if y1 - y0 < 3
                else [(x0, y0, x1, y0), (x0, y1, x1, y1)]
            )
        else:
            boxes = (
                [((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)]
                if x1 - x0 < 3
                else [(x0, y0, x0, y1), (x1, y0, x1, y1)]
            )
        if (x1 - x0 if horizontal else y1 - y0) >= 3:
            yield from (Mark(b) for b in boxes)


def _spanning(edges: Iterable[tuple[float, float, float]], low: float, high: float) -> int:
    """How many different positions have edges that together reach from `low` to `high`."""
    at: dict[int, list[tuple[float, float]]] = {}
    for position, start, end in edges:
        at.setdefault(round(position / 2.5), []).append((start, end))
    count, previous = 0, -9
    for key in sorted(at):
        if key - previous < 3:
            continue
        covered, reached = 0.0, low
        for start, end in sorted(at[key] + at.get(key + 1, [])):
            covered += max(0.0, end - max(start, reached))
            reached = max(reached, end)
        if covered >= 0.85 * (high - low):
            count, previous = count + 1, key
    return count


def _is_panel(piece: Piece, view: PageView) -> bool:
    """Whether a piece is a box with running text in it, and nothing else drawn."""
    frames = [m for m in piece.marks if m.frame and not m.thin]
    rest = [m for m in piece.marks if not m.frame and not m.thin and max(_wh(m.bbox)) > 12]
    outer = [f for f in frames if not any(iou(f.bbox, g.bbox) > 0.85 for g in frames if g is not f)]
    if not frames or len(outer) > 2 or len(frames) > 4 or rest:
        return False
    if sum(area(m.bbox) for m in piece.marks if m.image is not None) > 0.1 * area(piece.bbox):
        return False
    texts = [p for p in view.paragraphs if inside(p.bbox, grow(piece.bbox, 2.0), 0.85)]
    letters = sum(len(p.text) for p in texts)
    return any(p.running for p in texts) or (letters > 150 and sum(len(p.lines) for p in texts) >= 4)


def _wh(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _label_lines(view: PageView) -> list[Line]:
    """Lines that may be labels: all but those of running text outside frames."""
    return [line for p in view.paragraphs if not is_wall(p, view) for line in p.lines]


def _attach(boxes: Sequence[Box], lines: Sequence[Line], rounds: int = 3) -> list[int]:
    """Numbers of the lines that stand at a piece, or at a line that does."""
    reached = list(boxes)
    found: list[int] = []
    left = list(range(len(lines)))
    for _ in range(rounds):
        near = [
            i for i in left if any(overlap(grow(lines[i].bbox, 0.9 * lines[i].size), b) > 0 for b in reached)
        ]
        if not near:
            break
        found += near
        left = [i for i in left if i not in set(near)]
        reached = [lines[i].bbox for i in near]
    return found


def _join(
    view: PageView, seeds: Sequence[Box], labels: Sequence[Box], barriers: Sequence[Box], reach: float
) -> list[list[int]]:
    """Groups of seeds that can be reached from one another without crossing a wall."""
    canvas = Canvas(view.page.width, view.page.height)
    for box in (*seeds, *labels):
        canvas.box(box)
    canvas.bits = canvas.grown(reach * view.size)
    for box in barriers:
        if not any(inside(box, seed, 0.5) for seed in seeds):
            canvas.box(box, 0)
    ink = components(canvas.bits)
    joined = Union(len(seeds))
    owner: dict[int, int] = {}
    for i, box in enumerate(seeds):
        label = canvas.at(ink, Mark(box))
        if label and label in owner:
            joined.join(owner[label], i)
        elif label:
            owner[label] = i
    return joined.groups()


def _region(seeds: Sequence[tuple[Piece, Sort]]) -> Region:
    pieces = tuple(p for p, _ in seeds)
    sorts = tuple(s for _, s in seeds)
    return Region(union(p.bbox for p in pieces), pieces, (), all(s is Sort.ICON for s in sorts), sorts)


def _merge_overlapping(regions: list[Region]) -> list[Region]:
    joined = Union(len(regions))
    for i, a in enumerate(regions):
        for j in range(i):
            b = regions[j]
            if overlap(a.bbox, b.bbox) > 0.3 * min(area(a.bbox), area(b.bbox)) > 0:
                joined.join(i, j)
    return [
        _region([(p, s) for i in g for p, s in zip(regions[i].pieces, regions[i].sorts, strict=True)])
        for g in joined.groups()
    ]


def _with_rules(region: Region, rules: Sequence[Piece]) -> Region:
    """Lone lines that stand within a region are part of it."""
    mine = tuple(r for r in rules if inside(r.bbox, grow(region.bbox, 4.0), 0.9))
    if not mine:
        return region
    pieces = region.pieces + mine
    return Region(
        union(p.bbox for p in pieces), pieces, (), region.icons_only, region.sorts + (Sort.RULE,) * len(mine)
    )


def _with_labels(region: Region, lines: Sequence[Line], view: PageView) -> Region:
    """Lines inside the region or at its rim, and the box that holds them too."""
    within = [line for line in lines if inside(line.bbox, region.bbox, 0.5)]
    outside = [line for line in lines if not inside(line.bbox, region.bbox, 0.5)]
    at_rim = [outside[i] for i in _attach([region.bbox], outside, rounds=2)]
    labels = tuple(within + at_rim)
    bbox = union([region.bbox, *(line.bbox for line in labels)])
    return Region(bbox, region.pieces, labels, region.icons_only, region.sorts)


def paragraph_labels(paragraphs: Sequence[Paragraph], region: Region) -> tuple[Paragraph, ...]:
    """Paragraphs that stand in a region."""
    return tuple(p for p in paragraphs if inside(p.bbox, region.bbox, 0.5))
