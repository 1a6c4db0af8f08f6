"""A placed `Diagram` -> a `Drawing`: outlines, lines, arrowheads and words, as they would be printed."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from dic_ingest.model.box import Box, Point, height_of, width_of
from dic_ingest.model.drawing import Drawing, Path, Subpath, Word
from dic_ingest.render.layout import CHAR, LINE, MARGIN, page_size

if TYPE_CHECKING:
    from dic_ingest.model.diagram import Diagram, Edge, Node

INK = (40, 40, 40)
FILL = (255, 255, 255)
FRAME = (150, 150, 150)
SIZE = 11.0  # of letters, points
HEAD = 9.0  # of an arrowhead, points
SMALLER = (1.0, 0.85, 0.7, 0.55, 0.4, 0.3)  # of `SIZE`: what is tried, until a label has room in its box
RIM = 3.0  # points that a label stays away from the sides of its box
NOTE = 90  # characters of a note after which it goes on in the next line


def drawing_of(diagram: Diagram) -> Drawing:
    """What a placed diagram shows (see `layout.placed`)."""
    width, height = page_size(diagram)
    pen = _Pen()
    for g in sorted((g for g in diagram.groups if g.bbox), key=lambda g: -_area(g.bbox)):
        assert g.bbox is not None
        pen.outline(g.bbox, "rect", FRAME, None)
        lines, scale = _fitted(g.label, width_of(g.bbox) - 2 * RIM, height_of(g.bbox))
        pen.lines(lines, (g.bbox[0] + 4, g.bbox[1] + 2), 0.0, scale)
    if diagram.kind == "sequence":
        bottom = height - 10
        for n in diagram.nodes:
            if n.bbox is not None:
                x = (n.bbox[0] + n.bbox[2]) / 2
                pen.line(((x, n.bbox[3]), (x, max(bottom, n.bbox[3]))), FRAME, dashed=True)
    for n in sorted((n for n in diagram.nodes if n.bbox), key=lambda n: -_area(n.bbox)):
        assert n.bbox is not None
        _node(pen, n, n.bbox)  # the large ones first: none hides another
    for e in diagram.edges:
        _edge(pen, e)
    for e in diagram.edges:
        _edge_words(pen, e)
    for note in diagram.notes:
        lines = [part for line in note.split("\n") for part in _wrapped(line, max(width, NOTE * CHAR))]
        pen.lines(lines, (MARGIN, height - MARGIN / 2), 0.0)
        height += LINE * len(lines)
    width = max(width, max((w.bbox[2] for w in pen.words), default=0.0) + MARGIN / 2)
    return Drawing(width, height, tuple(pen.words), tuple(pen.paths))


def _area(box: Box | None) -> float:
    return width_of(box) * height_of(box) if box else 0.0


class _Pen:
    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.words: list[Word] = []

    def line(
        self,
        points: tuple[Point, ...],
        ink: tuple[int, int, int] = INK,
        dashed: bool = False,
        wide: float = 1.0,
    ) -> None:
        self._add(points, False, ink, None, dashed, wide)

    def shape(
        self,
        points: tuple[Point, ...],
        fill: tuple[int, int, int] | None = FILL,
        ink: tuple[int, int, int] = INK,
    ) -> None:
        self._add(points, True, ink, fill, False, 1.0)

    def outline(
        self, box: Box, form: str, ink: tuple[int, int, int], fill: tuple[int, int, int] | None
    ) -> None:
        self.shape(_corners(box, form), fill, ink)

    def _add(
        self, points: tuple[Point, ...], closed: bool, ink: tuple[int, int, int],
        fill: tuple[int, int, int] | None, dashed: bool, wide: float,
    ) -> None:  # fmt: skip
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        order = len(self.paths)
        self.paths.append(Path((Subpath(points, closed),), box, ink, fill, wide, dashed, None, order))

    def lines(self, lines: list[str], at: Point, centred: float, scale: float = 1.0) -> None:
        """Words of lines from `at` downwards; `centred` is the width to centre in, 0 for the left."""
        for k, line in enumerate(lines):
            wide = scale * _length(line)
            x = at[0] + (max(centred - wide, 0.0) / 2 if centred else 0.0)
            y = at[1] + k * LINE * scale
            for word in line.split(" "):
                w = scale * _length(word)
                if word:
                    box = (x, y, x + w, y + (LINE - 3) * scale)
                    self.words.append(Word(word, box, SIZE * scale))
                x += w + 0.6 * CHAR * scale


def _length(text: str) -> float:
    """Points that a line of text takes at `SIZE`."""
    return sum(map(_wide, text))


def _wrapped(line: str, width: float) -> list[str]:
    """A line as several, none wider than `width` but for single words."""
    out = [""]
    for word in line.split(" "):
        longer = f"{out[-1]} {word}" if out[-1] else word
        if out[-1] and _length(longer) > width:
            out.append(word)
        else:
            out[-1] = longer
    return out


def _fitted(label: str, width: float, height: float) -> tuple[list[str], float]:
    """Lines of a label and the share of `SIZE` at which they have room; as they are where they have it."""
    given = label.split("\n") if label else []
    for scale in SMALLER:
        wide, high = width / scale, height / scale
        for lines in (given, [part for line in given for part in _wrapped(line, wide)]):
            if all(_length(line) <= wide for line in lines) and LINE * len(lines) <= high:
                return lines, scale
    return [part for line in given for part in _wrapped(line, width / SMALLER[-1])], SMALLER[-1]


def _wide(char: str) -> float:
    return 2 * CHAR if ord(char) > 0x2E7F else CHAR


def _node(pen: _Pen, node: Node, box: Box) -> None:
    if node.shape == "start" or (node.shape == "end" and not node.label):
        pen.shape(_corners(box, "circle"), INK if node.shape == "start" else FILL)
        if node.shape == "end":
            inner = (box[0] + 4, box[1] + 4, box[2] - 4, box[3] - 4)
            pen.shape(_corners(inner, "circle"), INK)
        return
    pen.outline(box, node.shape, INK, FILL)
    lines = node.label.split("\n") if node.label else []
    width = width_of(box)
    if node.members:
        rule = min(box[1] + 6 + LINE * max(len(lines), 1), box[3])
        pen.line(((box[0], rule), (box[2], rule)))
        pen.lines(lines, (box[0], box[1] + 4), width)
        pen.lines(list(node.members), (box[0] + 5, rule + 3), 0.0)
        return
    if node.shape in ("icon", "actor") and max(map(_length, lines), default=0.0) > width:
        for k, line in enumerate(lines):  # the name of a picture stands below it
            pen.lines([line], (box[0] + (width - _length(line)) / 2, box[3] + 2 + k * LINE), 0.0)
        return
    lines, scale = _fitted(node.label, width - 2 * RIM, height_of(box))
    for k, line in enumerate(lines):
        top = (box[1] + box[3] + LINE * scale * (2 * k - len(lines))) / 2
        pen.lines([line], (box[0] + (width - scale * _length(line)) / 2, top), 0.0, scale)


def _corners(box: Box, form: str) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    cx, cy, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
    if form in ("diamond", "choice"):
        return (cx, y0), (x1, cy), (cx, y1), (x0, cy)
    if form in ("circle", "start", "end"):
        turns = [math.tau * k / 32 for k in range(32)]
        return tuple((cx + w / 2 * math.cos(t), cy + h / 2 * math.sin(t)) for t in turns)
    if form in ("rounded", "stadium", "cylinder"):
        r = min(w, h) / 2 if form == "stadium" else min(8.0, w / 2, h / 2)
        return _rounded(box, r)
    if form == "hexagon":
        d = min(w / 4, h / 2)
        return (x0 + d, y0), (x1 - d, y0), (x1, cy), (x1 - d, y1), (x0 + d, y1), (x0, cy)
    if form == "parallelogram":
        d = min(w / 5, h / 2)
        return (x0 + d, y0), (x1, y0), (x1 - d, y1), (x0, y1)
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _rounded(box: Box, r: float) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    found = []
    for cx, cy, start in (
        (x1 - r, y0 + r, -90),
        (x1 - r, y1 - r, 0),
        (x0 + r, y1 - r, 90),
        (x0 + r, y0 + r, 180),
    ):
        for k in range(7):
            t = math.radians(start + 15 * k)
            found.append((cx + r * math.cos(t), cy + r * math.sin(t)))
    return tuple(found)


def _edge(pen: _Pen, edge: Edge) -> None:
    if len(edge.path) < 2:
        return
    pen.line(edge.path, INK, edge.style == "dashed", 2.0 if edge.style == "thick" else 1.0)
    _end(pen, str(edge.target_end), edge.path[-2], edge.path[-1])
    _end(pen, str(edge.source_end), edge.path[1], edge.path[0])


def _end(pen: _Pen, end: str, before: Point, tip: Point) -> None:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = math.hypot(dx, dy)
    if length < 1e-6 or end == "none":
        return
    ux, uy = dx / length, dy / length

    def at(back: float, side: float) -> Point:
        return tip[0] - ux * back - uy * side, tip[1] - uy * back + ux * side

    if end in ("arrow", "triangle"):
        pen.shape((tip, at(HEAD, HEAD / 2), at(HEAD, -HEAD / 2)), INK if end == "arrow" else FILL)
    elif end in ("diamond", "filled-diamond"):
        corners = (tip, at(HEAD, HEAD / 2), at(2 * HEAD, 0), at(HEAD, -HEAD / 2))
        pen.shape(corners, INK if end == "filled-diamond" else FILL)
    elif end == "circle":
        c, r = at(HEAD / 2, 0), HEAD / 2
        pen.shape(_corners((c[0] - r, c[1] - r, c[0] + r, c[1] + r), "circle"))
    elif end == "cross":
        pen.line((at(2, 5), at(10, -5)))
        pen.line((at(2, -5), at(10, 5)))
    else:
        if end in ("many", "zero-or-many"):
            pen.line((at(0, 5), at(10, 0), at(0, -5)))
        if end in ("one", "zero-or-one"):
            pen.line((at(7, 5), at(7, -5)))
        if end.startswith("zero"):
            c = at(15, 0)
            pen.shape(_corners((c[0] - 4, c[1] - 4, c[0] + 4, c[1] + 4), "circle"))


def _edge_words(pen: _Pen, edge: Edge) -> None:
    if len(edge.path) < 2:
        return
    if edge.label:
        lines = edge.label.split("\n")
        (ax, ay), (bx, by) = _middle(edge.path)
        flat = abs(by - ay) <= abs(bx - ax)
        wide = max(map(_length, lines))
        x = (ax + bx) / 2 - (wide / 2 if flat else -4)
        pen.lines(lines, (x, (ay + by) / 2 - (LINE * len(lines) if flat else LINE / 2)), wide)
    for text, place in ((edge.source_label, edge.path[0]), (edge.target_label, edge.path[-1])):
        if text:
            pen.lines(text.split("\n"), (place[0] + 4, place[1] - LINE), 0.0)


def _middle(path: tuple[Point, ...]) -> tuple[Point, Point]:
    """The longest stretch of a line."""
    pairs = list(pairwise(path))
    return max(pairs, key=lambda p: math.dist(*p))
