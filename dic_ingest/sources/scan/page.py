"""One scanned page, read: text in order, headings, tables, figures, and what is drawn as a `Drawing`.

In: the page as pixels and its recognised words. Out: blocks and a drawing. Ink that is neither text nor a
rule of a table is what a figure is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.model.box import (
    Box,
    area,
    grow,
    height_of,
    inside,
    iou,
    overlap,
    scaled,
    shared_width,
    union,
    width_of,
)
from dic_ingest.model.document import Block, Equation, Figure, Heading, Hint, Table, Text
from dic_ingest.model.drawing import Drawing, PlacedImage, Word
from dic_ingest.sources.scan.deskew import Turn, turn_of
from dic_ingest.sources.scan.lines import (
    Line,
    box_of,
    joined,
    lines_of,
    paragraphs_of,
    reading_order,
)
from dic_ingest.vision.layout_detector import LayoutRegion, find_regions
from dic_ingest.vision.ocr import OcrSettings, Recognition, recognise
from dic_ingest.vision.table_cells import Grid, read_table

# Where a scanned page is drawn on: ink that is neither text nor rules of a table nor the scanner's
# shadow.


Mask = NDArray[np.uint8]
SIDE = 1000  # the longer side that the page is looked at in
REACH = 0.012  # of that side: ink so close belongs together
LEAST_SIDE = 0.06  # of that side: a smaller patch is no figure by itself
LEAST_INK = 0.004  # of a box's area: under this it is empty paper


class Ink:
    """The drawn ink of a page; words are wiped out."""

    def __init__(self, page: Image.Image, words: Sequence[Box]) -> None:
        self.size = page.size
        self.scale = min(1.0, SIDE / max(page.size))
        size = max(1, round(page.width * self.scale)), max(1, round(page.height * self.scale))
        # ink that is thinner than a pixel here must not fade away: the darkest of each cell counts
        grey = np.asarray(page.convert("L"), dtype=np.uint8)
        cell = max(1, int(1 / self.scale))
        dark = cv2.erode(grey, np.ones((cell, cell), np.uint8)) if cell > 1 else grey
        small = cv2.resize(dark, size, interpolation=cv2.INTER_NEAREST)
        self.mask = _ink(np.asarray(small, dtype=np.uint8))
        for box in words:
            x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in grow(box, 2.0 / self.scale))
            self.mask[y0:y1, x0:x1] = 0
        _wipe_shadow(self.mask)

    def share(self, box: Box) -> float:
        """Share of a box (page pixels) that is drawn on."""
        x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in box)
        part = self.mask[y0:y1, x0:x1]
        return float(np.count_nonzero(part)) / part.size if part.size else 0.0

    def bounds(self, box: Box) -> Box:
        """The box (page pixels) drawn in to the ink inside it; the box itself where there is none."""
        x0, y0, x1, y1 = (max(0, round(v * self.scale)) for v in box)
        part = self.mask[y0:y1, x0:x1]
        # a row or column with a speck or two is paper
        rows = np.flatnonzero(np.count_nonzero(part, axis=1) > 1)
        columns = np.flatnonzero(np.count_nonzero(part, axis=0) > 1)
        if not len(rows) or not len(columns):
            return box
        edges = x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1
        left, top, right, bottom = (float(v) / self.scale for v in edges)
        return max(left, box[0]), max(top, box[1]), min(right, box[2]), min(bottom, box[3])

    def patches(self) -> list[Box]:
        """Boxes (page pixels) of drawn ink that belongs together, large enough to be a figure."""
        reach = max(3, round(REACH * max(self.mask.shape)))
        joined = cv2.dilate(self.mask, np.ones((reach, reach), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        found = []
        for x, y, w, h, _ in stats[1:count].tolist():
            pad = reach // 2
            box = (x + pad, y + pad, x + w - pad, y + h - pad)
            if min(w, h) < LEAST_SIDE * max(self.mask.shape):
                continue
            on_page = tuple(v / self.scale for v in box)
            if self.share(on_page) > LEAST_INK:
                found.append(on_page)
        return found


def _ink(grey: Mask) -> Mask:
    """255 where the page is darker than the paper around it, or evenly dark."""
    paper = float(np.percentile(grey, 90))
    local = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 18)
    flat = (grey < 0.55 * paper).astype(np.uint8) * 255
    return np.asarray(cv2.bitwise_or(np.asarray(local), flat), dtype=np.uint8)


def _wipe_shadow(mask: Mask) -> None:
    """Dark margins that a scanner leaves: ink that touches the page's rim and is long and thin."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    for number, (x, y, w, h, size) in enumerate(stats[1:count].tolist(), start=1):
        at_rim = x <= 2 or y <= 2 or x + w >= width - 2 or y + h >= height - 2
        thin = min(w, h) < 0.06 * max(width, height) or size < 0.05 * w * h
        speck = max(w, h) <= 3
        if (at_rim and thin) or speck:
            mask[labels == number] = 0


# One scanned page, read: text in order, headings, tables, figures, and what is drawn as a `Drawing`.


ROLES = {"header": "header", "footer": "footer"}
SURE = 0.5  # detector's score from which a figure or table is believed
RUNNING = 60  # letters in a paragraph of running text
MATHS = frozenset("=<>≤≥≈≠∑∫√±×→∈∞")
LARGE = 1.35  # times the usual size: a lone line of it is a heading
RIM = 0.01  # of the page's longer side: so close to the edge means at it


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What was read on a page. `drawing` and `blocks` are in points of the page put upright by `turn`."""

    turn: Turn
    drawing: Drawing
    blocks: tuple[Block, ...]
    unread: int = 0  # lines of text in a script that nothing installed reads


def read_page(
    number: int,
    picture: Image.Image,
    size: tuple[float, float],
    layer: Sequence[Word],
    ocr: OcrSettings,
    is_upright: bool = False,
) -> ScannedPage | None:
    """The page `number` from its picture as shown; `size` and the words of its text layer in points.

    `is_upright` says that it was not scanned, so that it neither lies on its side nor leans.
    None where the page is one picture, or has nothing to read on it.
    """
    scale = size[0] / picture.width  # points per pixel
    found = Recognition(tuple(w.scaled(1 / scale) for w in layer)) if layer else recognise(picture, ocr)
    seen = found.words
    pixels = float(picture.width), float(picture.height)
    turn = Turn(*pixels) if is_upright else turn_of(seen, *pixels)
    words = [turn.word(w) for w in seen]
    upright = turn.picture(picture)
    ink = Ink(upright, [w.bbox for w in words])
    regions = find_regions(upright, threads=ocr.threads)
    figures, tables = _figures(regions, ink, words), _tables(upright, regions, words)
    figures = [f for f in figures if not any(inside(f, t, 0.7) for t in tables)]
    loose = [w for w in words if not any(inside(w.bbox, b) for b in (*figures, *tables))]
    if _one_picture(figures, loose, upright.size):
        return None
    blocks = _blocks(number, loose, figures, tables, regions)
    frame = turn.scaled(scale)
    width, height = frame.size
    images = tuple(
        PlacedImage(scaled(f, scale), (round(width_of(f)), round(height_of(f))), i)
        for i, f in enumerate(figures)
    )
    drawing = Drawing(width, height, tuple(w.scaled(scale) for w in words), images=images)
    return ScannedPage(frame, drawing, tuple(_in_points(b, scale) for b in blocks), len(found.unread))


def _figures(regions: Sequence[LayoutRegion], ink: Ink, words: Sequence[Word]) -> list[Box]:
    """Boxes that the detector calls figures and that are drawn on, and patches of ink that it passed over."""
    captions = [r.bbox for r in regions if r.label == "figure_caption" and r.score >= SURE]
    labels = [w.bbox for w in words if not any(inside(w.bbox, c) for c in captions)]
    found = [
        _tight(r.bbox, ink, labels)
        for r in regions
        if r.label == "figure" and r.score >= SURE and ink.share(r.bbox) > LEAST_INK
    ]
    taken = [r.bbox for r in regions if r.label in ("table", "equation") and r.score >= SURE]
    for patch in ink.patches():
        if any(inside(patch, b, 0.5) for b in taken) or _is_text(patch, words):
            continue
        touched = [f for f in found if overlap(f, patch) > 0.3 * min(area(f), area(patch))]
        for figure in touched:
            found.remove(figure)
        found.append(union([patch, *touched]))
    return [f for i, f in enumerate(found) if not any(inside(f, g, 0.8) for g in found[:i])]


def _tight(box: Box, ink: Ink, labels: Sequence[Box]) -> Box:
    """The box drawn in to its ink and the labels at it."""
    close = ink.bounds(box)
    at = [w for w in labels if inside(w, box) and overlap(grow(w, 0.5 * height_of(w)), close) > 0]
    x0, y0, x1, y1 = union([close, *at])
    rim = RIM * max(ink.size)  # what bleeds off the page keeps doing so
    return (
        min(x0, box[0]) if box[0] < rim else x0,
        min(y0, box[1]) if box[1] < rim else y0,
        max(x1, box[2]) if box[2] > ink.size[0] - rim else x1,
        max(y1, box[3]) if box[3] > ink.size[1] - rim else y1,
    )


def _is_text(patch: Box, words: Sequence[Word]) -> bool:
    """Whether a patch is mostly covered by words: the rest is a frame, or what the reader left over."""
    return sum(overlap(w.bbox, patch) for w in words) > 0.3 * area(patch)


def _tables(page: Image.Image, regions: Sequence[LayoutRegion], words: Sequence[Word]) -> dict[Box, Grid]:
    """Boxes that the detector calls tables and that hold rows of cells, with those cells."""
    found: dict[Box, Grid] = {}
    for region in regions:
        if region.label != "table" or region.score < SURE or any(iou(region.bbox, t) > 0.5 for t in found):
            continue
        grid = _cells(page, region.bbox, words)
        if grid is not None:
            found[region.bbox] = grid
    return found


def _cells(page: Image.Image, box: Box, words: Sequence[Word]) -> Grid | None:
    x0, y0, x1, y1 = (round(v) for v in box)
    held = [(w, w.bbox) for w in words if inside(w.bbox, box)]
    inner = [replace(w, bbox=(a - x0, b - y0, c - x0, d - y0)) for w, (a, b, c, d) in held]
    return read_table(page.crop((x0, y0, x1, y1)), inner)


def _one_picture(figures: Sequence[Box], loose: Sequence[Word], size: tuple[int, int]) -> bool:
    """Whether the page has nothing to read, or is filled by a figure with no running text beside it."""
    if not loose and not figures:
        return True
    covered = sum(area(f) for f in figures) > 0.5 * size[0] * size[1]
    running = any(len(joined(p)) > RUNNING and len(p) > 1 for p in paragraphs_of(lines_of(loose)))
    return covered and not running


def _blocks(
    page: int,
    loose: Sequence[Word],
    figures: Sequence[Box],
    tables: Mapping[Box, Grid],
    regions: Sequence[LayoutRegion],
) -> list[Block]:
    """Blocks in reading order, in pixels; page furniture first and last."""
    body: list[Block] = [Figure("", page, f, 0, hint=Hint("layout", "scanned_figure")) for f in figures]
    for box, grid in tables.items():
        table = Table("", page, box, 0, grid.to_html())
        body.append(replace(table, text=table.tabbed))
    head: list[Block] = []
    foot: list[Block] = []
    kinds = [r for r in regions if r.label not in ("figure", "table")]
    kinds = [r for i, r in enumerate(kinds) if not any(iou(r.bbox, k.bbox) > 0.5 for k in kinds[:i])]
    lines = lines_of(loose, areas=[r.bbox for r in kinds])
    tall = sorted(line[0].size for line in lines)
    usual = tall[len(tall) // 2] if tall else 10.0
    for region, mine in _grouped(lines, kinds):
        for block in _texts(page, region, mine, usual):
            role = block.role if isinstance(block, Text) else "body"
            (head if role == "header" else foot if role == "footer" else body).append(block)
    boxes = [b.bbox for b in body if b.bbox is not None]
    return [*head, *(body[i] for i in reading_order(boxes, usual / 0.75)), *foot]


def _grouped(lines: Sequence[Line], kinds: Sequence[LayoutRegion]) -> list[tuple[str, list[Line]]]:
    """Lines by the region they stand in, with its label; those in none by nearness."""
    mine: list[list[Line]] = [[] for _ in kinds]
    rest: list[Line] = []
    for line in lines:
        box = box_of(line)
        at = [i for i, r in enumerate(kinds) if inside(box, r.bbox)]
        if at:
            mine[max(at, key=lambda i: (overlap(box, kinds[i].bbox), kinds[i].score))].append(line)
        else:
            rest.append(line)
    found = [(k.label, m) for k, m in zip(kinds, mine, strict=True) if m]
    return found + [("text", group) for group in _near(rest)]


def _near(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand under one another, a group per column piece."""
    groups: list[list[Line]] = []
    for line in lines:
        box = box_of(line)
        for group in groups:
            above = box_of(group[-1])
            height = height_of(above)
            beside = shared_width(above, box)
            if beside > 0 and -0.5 * height < box[1] - above[3] < 1.2 * height:
                group.append(line)
                break
        else:
            groups.append([line])
    return groups


def _texts(page: int, label: str, lines: Sequence[Line], usual: float) -> list[Block]:
    box = union(box_of(line) for line in lines)
    tall = min(line[0].size for line in lines)
    if label == "title" or (len(lines) == 1 and tall > LARGE * usual and len(lines[0]) <= 12):
        level = 1 if max(line[0].size for line in lines) > 1.4 * usual else 2
        return [Heading("", page, box, 0, joined(lines), level)]
    if label == "equation" and any(c in MATHS for line in lines for w in line for c in w.text):
        return [Equation("", page, box, 0, "", joined(lines))]
    if label in ROLES:
        return [Text("", page, box, 0, joined(lines), ROLES[label])]
    return [Text("", page, union(box_of(line) for line in p), 0, joined(p)) for p in paragraphs_of(lines)]


def _in_points(block: Block, scale: float) -> Block:
    return replace(block, bbox=scaled(block.bbox, scale)) if block.bbox else block
