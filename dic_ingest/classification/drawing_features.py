"""What a figure's paths and words show, counted: the ground that routing decides on.

In: what the PDF draws in the figure's box. Out: `Features`. Decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dic_ingest.model.box import Box, area, height_of, overlap, size_of, width_of
from dic_ingest.model.drawing import Drawing, Path, Subpath

NUMBER = re.compile(r"^[-+−–]?[$€£]?\d[\d.,:]*\s?(?:%|[kKmMbB]|ms|s)?$|^10[\d−-]+$")

TIME = re.compile(
    r"^(?:v?\d+\.\d+(?:\.\w+)*|\d{4}|Q[1-4]|(?:19|20)\d\d-\d\d.*|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*|"
    r"weeks?|days?|months?|release\S*|branch|sprint|phase)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Features:
    """Counts and shares of one figure; lengths in points."""

    width: float
    height: float
    page_share: float
    edges: int  # page edges that the figure reaches
    words: int
    letters: int
    numbers: int  # words that are numbers
    big_words: int  # words larger than 20 points
    boxes: int  # closed rectangles, rounded ones too, large enough for a word
    round_boxes: int
    diamonds: int
    circles: int
    connectors: int  # open lines long enough to join two shapes
    diagonals: int
    curves: int
    arrowheads: int
    paths: int
    image_share: float  # of the figure's area under placed images
    images: int
    flat_images: int  # as high as two lines of text at most
    colours: int  # of paints
    outlines: int  # closed paths that are no boxes, circles or arrowheads
    time_words: int  # dates, months, quarters, releases
    cover: bool  # the page holds next to no text beside it


def features_of(drawing: Drawing, box: Box) -> Features:
    """Features of what stands in `box` of a page's drawing."""
    part = drawing.within(box, 0.5)
    shapes = [(p, s) for p in part.paths for s in p.subpaths]
    closed = [(p, s, _bounds(s)) for p, s in shapes if s.closed or p.fill is not None]
    opened = [(s, _bounds(s)) for p, s in shapes if not s.closed and p.fill is None]
    rects = [b for p, s, b in closed if is_box(s) and width_of(b) > 14 and height_of(b) > 8]
    w, h = size_of(box)
    return Features(
        width=w,
        height=h,
        page_share=area(box) / max(drawing.width * drawing.height, 1.0),
        edges=_edges(box, drawing),
        words=len(part.words),
        letters=sum(len(x.text) for x in part.words),
        numbers=sum(bool(NUMBER.match(x.text)) for x in part.words),
        big_words=sum(x.size > 20 for x in part.words),
        boxes=len(_distinct(rects)),
        round_boxes=sum(
            s.curved and is_box(s) for _, s, b in closed if width_of(b) > 14 and height_of(b) > 8
        ),
        diamonds=sum(is_diamond(s) for _, s, b in closed if width_of(b) > 14),
        circles=sum(is_circle(s) for _, s, b in closed if width_of(b) > 8),
        connectors=sum(max(width_of(b), height_of(b)) > 10 for _, b in opened),
        diagonals=sum(_diagonal(s) for s, _ in opened),
        curves=sum(s.curved for s, _ in opened),
        arrowheads=sum(is_arrowhead(p, s, b) for p, s, b in closed),
        paths=len(part.paths),
        image_share=min(1.0, sum(overlap(i.bbox, box) for i in drawing.images) / max(area(box), 1.0)),
        images=len(part.images),
        flat_images=sum(height_of(i.bbox) < _two_lines(drawing) for i in part.images),
        outlines=sum(not (is_box(s) or is_circle(s) or is_arrowhead(p, s, b)) for p, s, b in closed),
        time_words=sum(bool(TIME.search(x.text)) for x in part.words),
        cover=len(drawing.words) - len(part.words) < 25,
        colours=len({p.fill for p in part.paths} | {p.stroke for p in part.paths}),
    )


def _two_lines(drawing: Drawing) -> float:
    heights = sorted(height_of(w.bbox) for w in drawing.words)
    return 2.4 * heights[len(heights) // 2] if heights else 0.0


def _bounds(sub: Subpath) -> Box:
    xs, ys = [p[0] for p in sub.points], [p[1] for p in sub.points]
    return min(xs), min(ys), max(xs), max(ys)


def is_box(sub: Subpath) -> bool:
    """Whether an outline fills its bounding box: a rectangle, also with rounded corners."""
    b = _bounds(sub)
    whole = area(b)
    return whole > 0 and abs(_signed(sub)) > 0.9 * whole


def _signed(sub: Subpath) -> float:
    pts = sub.points
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(pts, (*pts[1:], pts[0]), strict=True)) / 2


def is_diamond(sub: Subpath) -> bool:
    """Whether an outline has its corners at the middles of its box's sides."""
    x0, y0, x1, y1 = _bounds(sub)
    whole = (x1 - x0) * (y1 - y0)
    if (
        sub.curved
        or not 4 <= len(sub.points) <= 9
        or whole <= 0
        or not 0.42 < abs(_signed(sub)) / whole < 0.58
    ):
        return False
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    slack_x, slack_y = 0.12 * (x1 - x0), 0.12 * (y1 - y0)
    return all(abs(x - mx) < slack_x or abs(y - my) < slack_y for x, y in sub.points)


def is_circle(sub: Subpath) -> bool:
    """Whether an outline is a circle."""
    x0, y0, x1, y1 = _bounds(sub)
    whole = (x1 - x0) * (y1 - y0)
    round_ = 0.72 < abs(_signed(sub)) / max(whole, 1e-6) < 0.82
    return sub.curved and round_ and 0.9 < (x1 - x0) / max(y1 - y0, 1e-6) < 1.1


def is_arrowhead(path: Path, sub: Subpath, box: Box) -> bool:
    """Whether an outline is a small filled triangle or dart."""
    w, h = size_of(box)
    if path.fill is None or not 1.5 < max(w, h) < 22 or len(sub.points) > 8 or is_box(sub):
        return False
    return min(w, h) > 0.2 * max(w, h) and abs(_signed(sub)) < 0.62 * area(box)


def _diagonal(sub: Subpath) -> bool:
    (ax, ay), (bx, by) = sub.points[0], sub.points[-1]
    return not sub.curved and len(sub.points) == 2 and min(abs(ax - bx), abs(ay - by)) > 6


def _distinct(boxes: list[Box]) -> set[tuple[int, ...]]:
    return {tuple(round(v / 3) for v in b) for b in boxes}


def _edges(box: Box, drawing: Drawing) -> int:
    return (box[0] <= 3) + (box[1] <= 3) + (box[2] >= drawing.width - 3) + (box[3] >= drawing.height - 3)
