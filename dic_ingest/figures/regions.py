"""Regions of a page that are one drawing each: components judged one by one, then joined between captions
and text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from dic_ingest.diagrams.scene import TextLine
from dic_ingest.diagrams.tick_labels import evenly, is_number
from dic_ingest.figures.page.component_types import Sort
from dic_ingest.figures.page.components import (
    Component,
    InkBitmap,
    PageMark,
    components,
    edges_touched,
)
from dic_ingest.figures.page.page_view import PageView, gutter, is_wall, walls
from dic_ingest.figures.panels import stands_at
from dic_ingest.figures.text.lines import WordLine
from dic_ingest.model.box import (
    Box,
    area,
    grow,
    height_of,
    inside,
    overlap,
    shared_height,
    shared_width,
    size_of,
    union,
    width_of,
)
from dic_ingest.model.document import Code, Table
from dic_ingest.model.drawing import Word
from dic_ingest.model.grouping import DisjointSets

# Regions of a page that are one drawing each: pieces judged one by one, then joined between walls of
# text.


@dataclass(frozen=True, slots=True)
class FigureRegion:
    """Pieces and labels that make one drawing."""

    bbox: Box
    pieces: tuple[Component, ...]
    labels: tuple[WordLine, ...] = ()
    icons_only: bool = False
    sorts: tuple[Sort, ...] = field(default=())

    @property
    def marks(self) -> tuple[PageMark, ...]:
        """Marks of all pieces."""
        return tuple(m for p in self.pieces for m in p.marks)


def regions_of(view: PageView, reach: float = 0.03) -> tuple[FigureRegion, ...]:
    """Regions, largest first. `reach`: how far apart its pieces may be, of the page's longer side."""
    sorts = [view.sorts[id(piece)] for piece in view.pieces]
    seeds = [(p, s) for p, s in zip(view.pieces, sorts, strict=True) if s in (Sort.DRAWING, Sort.ICON)]
    if not seeds:
        return ()
    barriers = walls(view)
    free = [line for line in _label_lines(view) if not any(inside(line.bbox, b, 0.5) for b in barriers)]
    attached = _attach([p.bbox for p, _ in seeds], free)
    groups = _join(view, [p.bbox for p, _ in seeds], [free[i].bbox for i in attached], barriers, reach)
    regions = [
        _region([seeds[i] for i in g]) for group in groups for g in _pictures_apart(group, seeds, view)
    ]
    regions = _merge_overlapping(regions)
    regions = _with_satellites(regions, view)
    rules = [p for p, s in zip(view.pieces, sorts, strict=True) if s is Sort.RULE]
    regions = [_with_rules(r, rules) for r in regions]
    regions = _with_letters([_with_labels(r, free, view) for r in regions], view)
    return tuple(sorted(regions, key=lambda r: -area(r.bbox)))


def _with_letters(regions: list[FigureRegion], view: PageView) -> list[FigureRegion]:
    """Lines "(a) Before" join the nearest region; they stand further off than labels do."""
    for letter in view.letters:
        if any(inside(letter.bbox, r.bbox, 0.5) for r in regions):
            continue
        at = [
            (max(letter.bbox[1] - r.bbox[3], r.bbox[1] - letter.bbox[3]), i)
            for i, r in enumerate(regions)
            if stands_at(letter, r.bbox)
        ]
        if at:
            r = regions[min(at)[1]]
            bbox = union((r.bbox, letter.bbox))
            regions[min(at)[1]] = replace(r, bbox=bbox, labels=(*r.labels, *letter.lines))
    return regions


def _label_lines(view: PageView) -> list[WordLine]:
    """Lines that may be labels: all but those of running text outside frames."""
    return [line for p in view.paragraphs if not is_wall(p, view) for line in p.lines]


def _attach(boxes: Sequence[Box], lines: Sequence[WordLine], rounds: int = 3) -> list[int]:
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
    canvas = InkBitmap(view.page.width, view.page.height)
    for box in (*seeds, *labels):
        canvas.box(box)
    canvas.bits = canvas.grown(reach * view.size)
    for box in barriers:
        if not any(inside(box, seed, 0.5) for seed in seeds):
            canvas.box(box, 0)
    _part_columns(canvas, view)
    ink = components(canvas.bits)
    joined = DisjointSets(len(seeds))
    owner: dict[int, int] = {}
    for i, box in enumerate(seeds):
        label = canvas.at(ink, PageMark(box))
        if label and label in owner:
            joined.join(owner[label], i)
        elif label:
            owner[label] = i
    return joined.groups()


def _pictures_apart(
    group: list[int], seeds: Sequence[tuple[Component, Sort]], view: PageView
) -> list[list[int]]:
    """A few placed pictures with room between them are a figure each; a caption may join them again."""
    large = 0.08 * view.size
    pieces = [seeds[i][0] for i in group]
    plain = all(m.image is not None and max(size_of(m.bbox)) > large for p in pieces for m in p.marks)
    if not plain or not 2 <= len(group) <= 4:
        return [group]
    joined = DisjointSets(len(group))
    for i, a in enumerate(pieces):
        for j in range(i):
            if overlap(grow(a.bbox, 5.0), grow(pieces[j].bbox, 5.0)) > 0:
                joined.join(i, j)
    return [[group[i] for i in g] for g in joined.groups()]


def _part_columns(canvas: InkBitmap, view: PageView) -> None:
    """Clear the strip between two columns, but where something drawn or written crosses it."""
    strip = gutter(view)
    if strip is None:
        return
    middle = (strip[0] + strip[2]) / 2
    x0, x1 = min(strip[0], middle - 2), max(strip[2], middle + 2)
    spans = [
        b
        for b in (*(p.bbox for p in view.pieces), *(p.bbox for p in view.paragraphs))
        if b[0] < x0 and b[2] > x1
    ]
    at = 0.0
    for top, bottom in sorted((b[1] - 2, b[3] + 2) for b in spans):
        if top > at:
            canvas.box((x0, at, x1, top), 0)
        at = max(at, bottom)
    if at < view.page.height:
        canvas.box((x0, at, x1, view.page.height), 0)


def _region(seeds: Sequence[tuple[Component, Sort]]) -> FigureRegion:
    pieces = tuple(p for p, _ in seeds)
    sorts = tuple(s for _, s in seeds)
    return FigureRegion(union(p.bbox for p in pieces), pieces, (), all(s is Sort.ICON for s in sorts), sorts)


def _merge_overlapping(regions: list[FigureRegion]) -> list[FigureRegion]:
    joined = DisjointSets(len(regions))
    for i, a in enumerate(regions):
        for j in range(i):
            b = regions[j]
            if overlap(a.bbox, b.bbox) > 0.3 * min(area(a.bbox), area(b.bbox)) > 0:
                joined.join(i, j)
    return [
        _region([(p, s) for i in g for p, s in zip(regions[i].pieces, regions[i].sorts, strict=True)])
        for g in joined.groups()
    ]


def _with_satellites(regions: list[FigureRegion], view: PageView) -> list[FigureRegion]:
    """On a page that is one drawing, what stands apart from it (a legend, a note) belongs to it."""
    if len(regions) < 2 or any(p.running and not view.framed(p.bbox) for p in view.paragraphs):
        return regions
    if any(isinstance(b, Table | Code) for b in view.blocks):
        return regions
    main = max(regions, key=lambda r: area(r.bbox))
    page = view.page.width * view.page.height
    rest = [r for r in regions if r is not main]
    if area(main.bbox) < 0.25 * page or any(area(r.bbox) > 0.25 * area(main.bbox) for r in rest):
        return regions
    if any(edges_touched(r.bbox, view.page.width, view.page.height) >= 2 for r in regions):
        return regions
    return [_region([(p, s) for r in regions for p, s in zip(r.pieces, r.sorts, strict=True)])]


def _with_rules(region: FigureRegion, rules: Sequence[Component]) -> FigureRegion:
    """Lone lines that stand within a region are part of it."""
    mine = tuple(r for r in rules if inside(r.bbox, grow(region.bbox, 4.0), 0.9) or _grid_line(r, region))
    if not mine:
        return region
    pieces = region.pieces + mine
    return FigureRegion(
        union(p.bbox for p in pieces), pieces, (), region.icons_only, region.sorts + (Sort.RULE,) * len(mine)
    )


def _grid_line(rule: Component, region: FigureRegion) -> bool:
    """Whether a lone line near a region is as long as lines in it and begins where they do."""
    if overlap(grow(rule.bbox, 0.25 * min(size_of(region.bbox))), region.bbox) <= 0:
        return False
    axis = 0 if width_of(rule.bbox) > height_of(rule.bbox) else 1
    return any(
        abs(m.bbox[axis] - rule.bbox[axis]) < 3 and abs(m.bbox[axis + 2] - rule.bbox[axis + 2]) < 3
        for m in region.marks
        if m.thin
    )


def _beside(line: Box, box: Box, pictures_only: bool) -> bool:
    """Whether a line stands within a region's width or height, as labels do; beside a photo is text."""
    across = shared_width(line, box)
    down = shared_height(line, box)
    if across >= 0.6 * width_of(line):
        return True
    return not pictures_only and down >= 0.4 * height_of(line)


def _with_labels(region: FigureRegion, lines: Sequence[WordLine], view: PageView) -> FigureRegion:
    """Lines inside the region or at its rim, and the box that holds them too."""
    within = [line for line in lines if inside(line.bbox, region.bbox, 0.5)]
    outside = [line for line in lines if not inside(line.bbox, region.bbox, 0.5)]
    pictures_only = all(m.image is not None for m in region.marks)
    outside = [line for line in outside if _beside(line.bbox, region.bbox, pictures_only)]
    near = _attach([region.bbox], outside, rounds=2)
    at_rim = [outside[i] for i in near]
    labels = tuple(within + at_rim)
    if _has_axis([w for line in labels for w in line.words]):
        labels += _axis_titles([line for i, line in enumerate(outside) if i not in near], at_rim)
    bbox = union([region.bbox, *(line.bbox for line in labels)])
    return FigureRegion(bbox, region.pieces, labels, region.icons_only, region.sorts)


def _axis_titles(lines: Sequence[WordLine], labels: Sequence[WordLine]) -> tuple[WordLine, ...]:
    """Lines right beside a row or a column of labels at axes, also where they stand between two of them."""
    found: dict[int, WordLine] = {}
    for across in (1, 0):  # rows share their middle in y, columns in x
        along = 1 - across
        for label in labels:
            low, high = label.bbox[across], label.bbox[across + 2]
            row = [k.bbox for k in labels if low < (k.bbox[across] + k.bbox[across + 2]) / 2 < high]
            band = union(row)
            for line in lines if len(row) > 1 else ():
                middle = (line.bbox[along] + line.bbox[along + 2]) / 2
                if (
                    band[along] < middle < band[along + 2]
                    and overlap(grow(line.bbox, 0.9 * line.size), band) > 0
                ):
                    found[id(line)] = line
    return tuple(found.values())


def unite(regions: Sequence[FigureRegion]) -> FigureRegion:
    """One region of several."""
    return FigureRegion(
        union(r.bbox for r in regions),
        tuple(p for r in regions for p in r.pieces),
        tuple(line for r in regions for line in r.labels),
        all(r.icons_only for r in regions),
        tuple(s for r in regions for s in r.sorts),
    )


# Charts that stand one under the other without captions, each under a title of its own, told apart.


LARGER = 1.15  # times the usual size of the labels: a title
LEAST_HIGH = 0.08  # of the page: a chart
SLACK = 2.0  # points


def parted(region: FigureRegion, view: PageView) -> list[FigureRegion]:
    """The charts of a stack, from top to bottom."""
    words = [w for w in view.drawing.words if inside(w.bbox, region.bbox, 0.6)]
    if len(words) < 12 or region.icons_only:
        return [region]
    cuts: list[float] = []
    for title in _titles(region, view, words):
        top = cuts[-1] if cuts else region.bbox[1] - SLACK
        y = title.bbox[1] - SLACK
        high = LEAST_HIGH * view.page.height
        if y - top > high and region.bbox[3] - y > high and _charts(words, top, y, region.bbox[3]):
            cuts.append(y)
    if not cuts:
        return [region]
    edges = [region.bbox[1] - SLACK, *cuts, region.bbox[3] + SLACK]
    return [_between(region, a, b) for a, b in pairwise(edges)]


def _titles(region: FigureRegion, view: PageView, words: Sequence[Word]) -> list[WordLine]:
    """Large lines with nothing drawn beside them but what underlines them, top to bottom."""
    usual = median(height_of(w.bbox) for w in words)
    large = [
        line
        for line in view.lines
        if line.upright
        and inside(line.bbox, region.bbox, 0.6)
        and height_of(line.bbox) > LARGER * usual
        and not is_number(line.text)
    ]
    return [k for k in large if not any(_stacked_beside(m, k.bbox) for m in region.marks)]


def _stacked_beside(mark: PageMark, title: Box) -> bool:
    """Whether a mark reaches into a title's strip of the page; its own underline does not count."""
    x0, y0, x1, y1 = mark.bbox
    if y1 < title[1] + SLACK or y0 > title[3] - SLACK:
        return False
    return not (mark.thin and y1 - y0 < SLACK and x0 > title[0] - 6 and x1 < title[2] + 6)


def _charts(words: Sequence[Word], top: float, y: float, bottom: float) -> bool:
    return all(_has_axis([w for w in words if a <= w.bbox[1] < b]) for a, b in ((top, y), (y, bottom)))


def _has_axis(words: Sequence[Word]) -> bool:
    """Whether three numbers or more stand at even steps in a row or column."""
    numbers = [TextLine(w.text, w.bbox) for w in words if is_number(w.text)]
    if len(numbers) < 3:
        return False
    em = median(height_of(t.bbox) for t in numbers)
    return any(len(evenly(numbers, along, em)) >= 3 for along in (0, 1))


def _between(region: FigureRegion, top: float, bottom: float) -> FigureRegion:
    """The part of a region whose marks and labels begin between two heights."""
    pieces = []
    for piece in region.pieces:
        marks = tuple(m for m in piece.marks if top <= m.bbox[1] < bottom)
        if marks:
            pieces.append(Component(union(m.bbox for m in marks), marks))
    labels = tuple(line for line in region.labels if top <= line.bbox[1] < bottom)
    boxes = [p.bbox for p in pieces] + [line.bbox for line in labels]
    return replace(region, bbox=union(boxes), pieces=tuple(pieces), labels=labels)
