"""What is drawn on a page, told apart from what serves the text, and joined into connected components.

In: a page's `Drawing`. Out: marks, components of marks that touch, and regions of components between text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.figures.text.lines import WordLine
from dic_ingest.model.box import Box, area, height_of, inside, intersection, overlap, size_of, union, width_of
from dic_ingest.model.drawing import Drawing, Path, PlacedImage, Word
from dic_ingest.model.grouping import DisjointSets

# What is drawn on a page, told apart: ink of drawings, and ink that serves the text or the page.


BACKGROUND = 0.8  # of the page's area
THIN = 2.6  # points: a stroke or a filled sliver up to here is a line
BAND = 0.12  # of the page's height, at the top and at the bottom
GOES_ON = 12  # elements in the middle of a page that the next one shows again: one drawing, built up
SHORT = 3  # pages on which a header repeats at least
MAX_SPLIT = 400  # outlines of one path that are looked at one by one
Key = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class PageMark:
    """One painted path or placed image that may be part of a figure."""

    bbox: Box
    path: Path | None = None
    image: PlacedImage | None = None

    @property
    def thin(self) -> bool:
        """Whether it is a straight horizontal or vertical line."""
        return self.image is None and min(size_of(self.bbox)) <= THIN

    @property
    def frame(self) -> bool:
        """Whether it encloses an area that text can stand in."""
        if self.path is None or min(size_of(self.bbox)) < LEAST_FRAME:
            return False
        return any(s.closed or len(s.points) > 3 for s in self.path.subpaths) and (
            self.path.fill is not None or any(s.closed for s in self.path.subpaths)
        )


def element_key(item: Path | PlacedImage | Word) -> Key:
    """What two pages must share for an element to repeat: its kind and place, to about 3 points."""
    if isinstance(item, Word):
        kind = f"word {re.sub(r'[0-9]', '0', item.text)}"  # page numbers count up
    else:
        kind = f"path {item.fill} {item.stroke}" if isinstance(item, Path) else f"image {item.pixels}"
    x0, y0, x1, y1 = (round(v / 3) for v in item.bbox)
    return kind, x0, y0, x1, y1


def repeated_elements(drawings: Iterable[Drawing], share: float = 0.6, least: int = 5) -> frozenset[Key]:
    """Elements in the page's margins that stand at one place on `share` of the pages and on `least` pages.

    In the bands of headers and footers 3 pages do, and words count as well: a letterhead. A drawing that is
    built up over several pages repeats too, and is none: a page that keeps what the last one shows and adds
    to it does not count for the bands.
    """
    count: Counter[Key] = Counter()
    banded: Counter[Key] = Counter()
    sides: tuple[Counter[Key], Counter[Key]] = (Counter(), Counter())  # headers of odd and even pages differ
    pages = 0
    last: set[Key] = set()
    for drawing in drawings:
        pages += 1
        items: list[Path | PlacedImage] = [*drawing.paths, *drawing.images]
        outer = {element_key(i) for i in items if in_margin(i.bbox, drawing.width, drawing.height)}
        count.update(outer)
        inner = {element_key(i) for i in items} - outer
        grown = len(inner & last) >= max(GOES_ON, SAME_AGAIN * len(last)) and not inner <= last
        if not grown:
            band = {element_key(i) for i in (*items, *drawing.words) if in_band(i.bbox, drawing.height)}
            banded.update(band)
            sides[pages % 2].update(band)
        last = inner
    found = _enough(count, max(least, share * pages)) | _enough(banded, max(SHORT, share * pages))
    # of a side's half of the pages most must agree
    return frozenset(found.union(*(_enough(side, max(SHORT, share * pages / 2)) for side in sides)))


def _enough(count: Counter[Key], least: float) -> set[Key]:
    return {key for key, n in count.items() if n >= least}


def in_band(box: Box, height: float) -> bool:
    """Whether a box lies in the strip of headers or footers."""
    return box[3] < BAND * height or box[1] > (1 - BAND) * height


def template_boxes(drawing: Drawing, template: frozenset[Key]) -> tuple[Box, ...]:
    """Boxes of what a page draws of its template in the strips of headers and footers."""
    items: list[Path | PlacedImage] = [*drawing.paths, *drawing.images]
    return tuple(i.bbox for i in items if in_band(i.bbox, drawing.height) and element_key(i) in template)


def in_margin(box: Box, width: float, height: float) -> bool:
    """Whether a box lies where headers, footers and side bars stand, or fills half of the page and more."""
    if area(box) > FILLS_PAGE * width * height:
        return True
    top, bottom, left, right = MARGINS
    return (
        box[3] < top * height or box[1] > bottom * height or box[2] < left * width or box[0] > right * width
    )


def marks_of(drawing: Drawing, lines: Sequence[WordLine], template: frozenset[Key]) -> tuple[PageMark, ...]:
    """Marks in painting order."""
    rows = _TextRows(lines)
    light = ground_is_light(drawing)
    out: list[PageMark] = []
    for path in drawing.paths:
        if element_key(path) in template or _unseen(path, drawing, light) or rows.serves_text(path):
            continue
        out.extend(_apart(path))
    for image in drawing.images:
        if element_key(image) in template or min(size_of(image.bbox)) < 1.0:
            continue
        if covers_page(image.bbox, drawing) or (drawing.words and _side_panel(image.bbox, drawing)):
            continue
        out.append(PageMark(image.bbox, image=image))
    return tuple(out)


def ground_is_light(drawing: Drawing) -> bool:
    """Whether white paint would not show on the page's ground."""
    grounds = [p for p in drawing.paths if p.fill is not None and covers_page(p.bbox, drawing)]
    pictures = [i for i in drawing.images if covers_page(i.bbox, drawing)]
    if pictures and (not grounds or pictures[-1].order > grounds[-1].order):
        return False
    fill = grounds[-1].fill if grounds else None
    return fill is None or min(fill) >= LIGHT


def _apart(path: Path) -> list[PageMark]:
    """One mark per outline where one path paints several far-apart things."""
    several = (
        1 < len(path.subpaths) <= MAX_SPLIT and min(size_of(path.bbox)) > LEAST_SPLIT and path.clip is None
    )
    if not several:
        return [PageMark(path.bbox, path=path)]
    out = []
    for sub in path.subpaths:
        xs, ys = [p[0] for p in sub.points], [p[1] for p in sub.points]
        box = intersection((min(xs), min(ys), max(xs), max(ys)), path.bbox)
        if box[0] <= box[2] and box[1] <= box[3]:
            out.append(PageMark(box, path=replace(path, subpaths=(sub,), bbox=box)))
    return out


def covers_page(box: Box, drawing: Drawing) -> bool:
    """Whether a box is so large that it is the page's ground."""
    page = (0.0, 0.0, drawing.width, drawing.height)
    return overlap(box, page) >= BACKGROUND * area(page)


def edges_touched(box: Box, width: float, height: float, slack: float = 3.0) -> int:
    """How many of the page's four edges a box reaches."""
    return (box[0] <= slack) + (box[1] <= slack) + (box[2] >= width - slack) + (box[3] >= height - slack)


def _unseen(path: Path, drawing: Drawing, light: bool) -> bool:
    """White paint on white, the page's ground, panels that bleed off edges of the page."""
    paints = [c for c in (path.stroke, path.fill) if c is not None]
    if light and all(min(c) >= WHITE for c in paints):
        return True
    if covers_page(path.bbox, drawing):
        return True
    return path.fill is not None and (_side_panel(path.bbox, drawing) or _bare_panel(path, drawing))


def _side_panel(box: Box, drawing: Drawing) -> bool:
    """Whether a box bleeds off three edges of the page, or is a band with words from side to side."""
    if edges_touched(box, drawing.width, drawing.height) >= 3:
        return True
    off, high = SIDE_PANEL
    across = box[0] <= off and box[2] >= drawing.width - off and height_of(box) < high * drawing.height
    return across and sum(inside(w.bbox, box, 0.8) for w in drawing.words[:5000]) >= SAID


def _bare_panel(path: Path, drawing: Drawing) -> bool:
    """Whether paint bleeds off two edges of the page, with no outline and nothing drawn in it: a design."""
    if path.stroke is not None or edges_touched(path.bbox, drawing.width, drawing.height) < 2:
        return False
    items: list[Path | PlacedImage] = [*drawing.paths, *drawing.images]
    return not any(i is not path and inside(i.bbox, path.bbox, 0.9) for i in items)


class _TextRows:
    """Lines of text by their height on the page, to ask what stands at a given y."""

    STEP = 20.0

    def __init__(self, lines: Sequence[WordLine]) -> None:
        self.rows: dict[int, list[WordLine]] = {}
        for line in lines:
            if line.upright:
                for k in range(int(line.bbox[1] // self.STEP), int(line.bbox[3] // self.STEP) + 1):
                    self.rows.setdefault(k, []).append(line)

    def near(self, y: float) -> list[WordLine]:
        k = int(y // self.STEP)
        return [line for i in (k - 1, k, k + 1) for line in self.rows.get(i, ())]

    def serves_text(self, path: Path) -> bool:
        """Whether a path underlines, strikes or highlights words: it begins and ends where words do."""
        width, height = size_of(path.bbox)
        if height > DECORATION[0] or width < DECORATION[1] or (path.stroke is not None and height > THIN):
            return False
        middle = (path.bbox[1] + path.bbox[3]) / 2
        return any(_marks_words(path.bbox, height, line) for line in self.near(middle))


def _marks_words(box: Box, height: float, line: WordLine) -> bool:
    slack = 0.3 * line.size + 1.0
    if height <= THIN:
        if not line.bbox[1] < box[1] < line.bbox[3] + UNDERLINE * line.size:
            return False
    elif height > HIGHLIGHT[0] * line.size or overlap(box, line.bbox) < HIGHLIGHT[1] * height * min(
        width_of(box), width_of(line.bbox)
    ):
        return False
    starts = any(abs(w.bbox[0] - box[0]) <= slack for w in line.words)
    ends = any(abs(w.bbox[2] - box[2]) <= slack for w in line.words)
    snug = height > THIN and height <= BADGE * line.size and box[0] < line.bbox[2] and box[2] > line.bbox[0]
    return (starts and ends) or (snug and (starts or ends))


# Marks that touch become pieces; pieces between the same walls of text become regions.


PIXELS = 1100  # longer side of the bitmap
LEAST_FRAME = 12  # points of the shorter side of an outline that holds something
SAME_AGAIN = 0.8  # share of the page before that the next one shows again where a drawing is built up
FILLS_PAGE = 0.5  # of the page's area: no header or footer
MARGINS = (0.25, 0.82, 0.1, 0.9)  # top, bottom of the page's height; left, right of its width
LIGHT = 225  # of each channel of a light ground
LEAST_SPLIT = 24  # points of the shorter side of a path that is taken apart
WHITE = 250  # of each channel of what is not seen on a light ground
SIDE_PANEL = (3, 0.6)  # points off the page's edges; of its height, a panel across it
SAID = 3  # words on a panel, at least
DECORATION = (40, 3)  # points: a text's decoration is no higher, and no narrower
UNDERLINE = 0.25  # of the text size below a line's box
HIGHLIGHT = (2.0, 0.6)  # times the text size, at most; share of its height on the line, at least
BADGE = 1.5  # times the text size: a filled ground beside words, at most
FRAME_AREA = (400, 0.8)  # square points, and of the page's area, of what encloses other marks
Bitmap = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Component:
    """Marks that touch one another, or stand in a frame among them."""

    bbox: Box
    marks: tuple[PageMark, ...]


class InkBitmap:
    """A bitmap of a page to draw boxes and paths on; x and y in points."""

    def __init__(self, width: float, height: float) -> None:
        self.scale = min(max(PIXELS / max(width, height, 1.0), 0.05), 2.0)
        self.shape = max(2, round(height * self.scale) + 2), max(2, round(width * self.scale) + 2)
        self.bits: Bitmap = np.zeros(self.shape, np.uint8)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        h, w = self.shape
        return min(max(round(x * self.scale), 0), w - 1), min(max(round(y * self.scale), 0), h - 1)

    def box(self, box: Box, value: int = 255) -> None:
        """Fill a box."""
        cv2.rectangle(self.bits, self._pixel(box[0], box[1]), self._pixel(box[2], box[3]), value, -1)

    def mark(self, mark: PageMark) -> None:
        """Draw a mark as it shows: outlines as lines, paint as areas."""
        if mark.path is None or mark.path.clip is not None:
            self.box(mark.bbox)
            return
        for sub in mark.path.subpaths:
            points = np.array([self._pixel(x, y) for x, y in sub.points], np.int32).reshape(-1, 1, 2)
            if mark.path.fill is not None:
                cv2.fillPoly(self.bits, [points], 255)
            cv2.polylines(self.bits, [points], sub.closed, 255, 1)

    def grown(self, gap: float) -> Bitmap:
        """The bitmap with everything `gap` points apart or less joined."""
        size = max(1, round(gap * self.scale / 2)) * 2 + 1
        return cv2.dilate(self.bits, np.ones((size, size), np.uint8)).astype(np.uint8)

    def at(self, labels: NDArray[np.int32], mark: PageMark) -> int:
        """Label under a mark; 0 where nothing is."""
        x, y = self._pixel((mark.bbox[0] + mark.bbox[2]) / 2, (mark.bbox[1] + mark.bbox[3]) / 2)
        if mark.path is not None and mark.path.clip is None:
            x, y = self._pixel(*mark.path.subpaths[0].points[0])
        return int(labels[y, x])


def components(bits: Bitmap) -> NDArray[np.int32]:
    """Connected areas numbered from 1."""
    return cv2.connectedComponents(bits, connectivity=8)[1].astype(np.int32)


def pieces_of(marks: Sequence[PageMark], width: float, height: float, gap: float) -> tuple[Component, ...]:
    """Pieces: marks within `gap` points of one another, and what stands inside their frames."""
    if not marks:
        return ()
    canvas = InkBitmap(width, height)
    for mark in marks:
        canvas.mark(mark)
    labels = components(canvas.grown(gap))
    groups: dict[int, list[PageMark]] = {}
    for mark in marks:
        groups.setdefault(canvas.at(labels, mark), []).append(mark)
    parts = [Component(union(m.bbox for m in g), tuple(g)) for g in groups.values()]
    return _enclosed(parts, width * height)


def _enclosed(parts: list[Component], page: float) -> tuple[Component, ...]:
    """Pieces that stand in a frame of another one become part of it."""
    frames = [
        (m.bbox, i)
        for i, p in enumerate(parts)
        for m in p.marks
        if m.frame and FRAME_AREA[0] < area(m.bbox) < FRAME_AREA[1] * page
    ]
    joined = DisjointSets(len(parts))
    for box, owner in frames:
        for i, part in enumerate(parts):
            if i != owner and area(part.bbox) < area(box) and inside(part.bbox, box, 0.9):
                joined.join(owner, i)
    return tuple(
        Component(union(parts[i].bbox for i in g), tuple(m for i in g for m in parts[i].marks))
        for g in joined.groups()
    )
