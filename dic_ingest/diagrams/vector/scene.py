"""A drawing's paths, words and images as a `Scene`: outlines, lines with their ends, lines of text.

The exact route: nothing is recognised from pixels. What the outlines and lines mean is decided by assembly.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from dic_ingest.diagrams.scene import Line, Scene, Shape
from dic_ingest.diagrams.settings import VectorSettings
from dic_ingest.diagrams.text_blocks import text_lines, usual_size, without_glyphs, without_underlines
from dic_ingest.diagrams.vector.block_arrows import pointer_rows, take_block_arrows
from dic_ingest.diagrams.vector.markers import EndFrame, VectorMarker, read_mark
from dic_ingest.diagrams.vector.outlines import (
    complete_boxes,
    drop_copies,
    find_frames,
    find_outlines,
    merge_twins,
    shape_of,
)
from dic_ingest.diagrams.vector.paths import Piece, pieces_from_paths, string_dashes
from dic_ingest.diagrams.vector.polylines import join_pieces
from dic_ingest.diagrams.vector.symbols import gather_icons, stick_figures
from dic_ingest.model.box import (
    Box,
    Point,
    area,
    center,
    corners,
    grow,
    height_of,
    holds,
    inside,
    intersection,
    union,
    width_of,
)
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.model.geometry import angle_between, distance, in_frame, length, outline_distance, outward

DEFAULTS = VectorSettings()
SAME_END = 0.2  # text heights between the ends of lines that share an arrowhead
SAME_SIDE = 40.0  # degrees between them
_BEFORE_AN_OUTLINE = (End.CIRCLE, End.DIAMOND, End.FILLED_DIAMOND, End.MANY, End.ZERO_OR_MANY)


def scene_from_drawing(drawing: Drawing, settings: VectorSettings = DEFAULTS) -> Scene:
    """Shapes, lines and text of a drawing, in its coordinates; paths beyond the settings' bound are left
    out.
    """
    words = drawing.words[: settings.max_words]
    em = usual_size(words)
    paths = without_glyphs(drawing.paths[: settings.max_paths], words, em)
    pieces = string_dashes(pieces_from_paths(paths, em), em)
    outlines = find_outlines(pieces, em)
    rest = _longest(outlines.rest, settings.max_lines)
    joined = join_pieces(rest, outlines.shapes, em)
    rings = [shape_of(p.points, replace(p, fill=None), em) for p in joined if p.closed]
    frames, open_ = find_frames([p for p in joined if not p.closed], em)
    drawn = [*outlines.shapes, *rings, *frames]
    completed, open_ = complete_boxes(open_, drawn, em)
    drawn += completed
    icons = [_icon(i.bbox, i.order) for i in drawing.images if not _is_shadow(i, drawn)]
    shapes = drop_copies(merge_twins(sorted([*drawn, *icons], key=lambda s: s.order)), em)
    shapes, arrows = take_block_arrows(shapes)
    texts = text_lines(words)
    shapes, open_ = stick_figures(shapes, open_, texts, em)
    shapes, lines = _MarkReader(shapes, open_, outlines.background, em, settings.largest_mark).read()
    shapes, lines = gather_icons(shapes, without_underlines(lines, texts, em), texts, em)
    return Scene(
        drawing.width,
        drawing.height,
        tuple(shapes),
        _once([*lines, *arrows, *pointer_rows(shapes, texts)], em),
        tuple(texts),
        outlines.background,
    )


def _longest(pieces: tuple[Piece, ...], count: int) -> list[Piece]:
    """The pieces, or where there are too many the longest of them, in painting order."""
    if len(pieces) <= count:
        return list(pieces)
    return sorted(sorted(pieces, key=lambda p: -p.size)[:count], key=lambda p: (p.order, p.path))


def _icon(box: Box, order: int) -> Shape:
    x0, y0, x1, y1 = box
    return Shape(box, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), "icon", order=order)


def _is_shadow(image: PlacedImage, shapes: list[Shape]) -> bool:
    """A picture under an outline of its own that fills most of it: a soft shadow, a painted background."""
    x, y = center(image.bbox)
    near = 0.2 * min(width_of(image.bbox), height_of(image.bbox))
    return any(
        s.order > image.order
        and distance(center(s.bbox), (x, y)) < near
        and area(s.bbox) > 0.15 * area(image.bbox)
        and inside(s.bbox, grow(image.bbox, 1.0), 0.98)
        for s in shapes
    )


def _once(lines: list[Line], em: float) -> tuple[Line, ...]:
    """Without lines that were drawn a second time at nearly the same place."""
    seen: dict[tuple[int, int], list[tuple[Line, list[tuple[Point, End]]]]] = defaultdict(list)
    kept = []
    for line in lines:
        ends = sorted(((line.points[0], line.start), (line.points[-1], line.end)))
        home = int(ends[0][0][0] // em), int(ends[0][0][1] // em)
        near = [o for dx in (-1, 0, 1) for dy in (-1, 0, 1) for o in seen[home[0] + dx, home[1] + dy]]
        if not any(
            abs(length(other.points) - length(line.points)) < 0.1 * em
            and all(
                distance(p, q) < 0.12 * em and m == n for (p, m), (q, n) in zip(ends, theirs, strict=True)
            )
            for other, theirs in near
        ):
            seen[home].append((line, ends))
            kept.append(line)
    return tuple(kept)


class _MarkReader:
    """Gives small shapes and strokes to the line ends that they mark; long lines choose first."""

    def __init__(self, shapes: list[Shape], pieces: list[Piece], background: tuple[int, int, int], em: float,
                 largest: float) -> None:  # fmt: skip
        self.shapes, self.pieces, self.background, self.em = shapes, pieces, background, em
        self.largest = largest * em
        self.used: set[int] = set()  # shapes count from 0, pieces on from there
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.given: list[tuple[Point, Point, VectorMarker]] = []  # end, direction there, its mark
        items: list[Shape | Piece] = [*shapes, *pieces]
        for i, item in enumerate(items):
            x0, y0, x1, y1 = item.bbox
            if max(x1 - x0, y1 - y0) <= self._limit(item):
                for cell in _cells(item.bbox, 2 * em):
                    self.cells[cell].append(i)

    def _limit(self, item: Shape | Piece) -> float:
        width = item.width if isinstance(item, Piece) else 0.0
        return max(self.largest, 7 * width)

    def read(self) -> tuple[list[Shape], list[Line]]:
        """Shapes that are no marks, and all lines with their ends."""
        first = len(self.shapes)
        by_length = sorted(range(len(self.pieces)), key=lambda i: -length(self.pieces[i].points))
        lines: list[tuple[int, Line]] = []
        for i in by_length:
            piece = self.pieces[i]
            if first + i in self.used:
                continue
            line = self._with_ends(i, piece)
            marked = line.start is not End.NONE or line.end is not End.NONE
            if length(piece.points) > (0.25 if marked else 0.6) * self.em:
                lines.append((piece.order, line))
        lines.sort(key=lambda k: k[0])
        kept = [s for i, s in enumerate(self.shapes) if i not in self.used]
        return kept, [line for _, line in lines]

    def _with_ends(self, i: int, piece: Piece) -> Line:
        start, end = self._mark(i, piece, True), self._mark(i, piece, False)
        if start is None or end is None:
            start, end = start or self._shared(piece, True, end), end or self._shared(piece, False, start)
        points = list(piece.points)
        for found, at_start in ((start, True), (end, False)):
            if found is not None:
                mark, (ux, uy) = found
                self._consume(mark)
                self.given.append((piece.points[0 if at_start else -1], (ux, uy), mark))
                if mark.tip > 0.05 * self.em:
                    x, y = piece.points[0 if at_start else -1]
                    points.insert(0 if at_start else len(points), (x + ux * mark.tip, y + uy * mark.tip))
        return Line(
            tuple(points), start[0].end if start else End.NONE, end[0].end if end else End.NONE,
            piece.dashed, piece.width, piece.color, piece.order,
        )  # fmt: skip

    def _mark(self, i: int, piece: Piece, at_start: bool) -> tuple[VectorMarker, Point] | None:
        """The mark at one end and the direction it was seen in: that of the last bit of line, long or
        short.
        """
        tip = piece.points[0 if at_start else -1]
        candidates = self._candidates(i, piece, tip)
        if not candidates:
            return None
        largest = max(self.largest, 7 * piece.width)
        for reach in (0.8 * self.em, 0.25 * self.em, 0.05 * self.em):
            axis = outward(piece.points, at_start, reach)
            if axis == (0.0, 0.0):
                continue
            mark = read_mark(EndFrame(tip, axis, piece.color, self.background, self.em, largest), candidates)
            if mark is not None and self._is_end_mark(mark, tip, axis):
                return mark, axis
        return None

    def _shared(
        self, piece: Piece, at_start: bool, other: tuple[VectorMarker, Point] | None
    ) -> tuple[VectorMarker, Point] | None:
        """The mark of another line that ends at this place from the same side: one head for both.

        A line with a mark at its `other` end shares none: it may begin where that one ends.
        """
        tip = piece.points[0 if at_start else -1]
        for place, toward, mark in self.given if other is None else ():
            if distance(place, tip) > SAME_END * self.em:
                continue
            for reach in (0.8 * self.em, 0.25 * self.em):
                axis = outward(piece.points, at_start, reach)
                if axis != (0.0, 0.0) and angle_between(axis, toward) < SAME_SIDE:
                    return mark, axis
        return None

    def _candidates(self, i: int, piece: Piece, tip: Point) -> list[tuple[int, Piece | Shape]]:
        """What lies near a line's end and is small beside the line."""
        around = grow((*tip, *tip), 2.6 * self.em)
        first = len(self.shapes)
        near = {k for cell in _cells(around, 2 * self.em) for k in self.cells.get(cell, ())}
        size = length(piece.points)
        found: list[tuple[int, Piece | Shape]] = []
        for k in sorted(near - self.used - {first + i}):
            item: Piece | Shape = self.shapes[k] if k < first else self.pieces[k - first]
            if not _meet(item.bbox, around) or holds(item.bbox, piece.bbox):
                continue
            if isinstance(item, Piece) and item.size > 0.6 * size:
                continue
            found.append((k, item))
        return found

    def _is_end_mark(self, mark: VectorMarker, tip: Point, axis: Point) -> bool:
        """A circle, diamond or fork at a free end is a thing of its own; before an outline it is a mark."""
        if mark.end not in _BEFORE_AN_OUTLINE:
            return True
        fork = mark.end in (End.MANY, End.ZERO_OR_MANY)
        made_of = union(self._box(k) for k in mark.parts)
        reach = max(mark.tip, 0.0)
        if fork:  # its toes go on where the line stops
            reach = max(reach, *(u for u, _ in in_frame(corners(made_of), tip, axis)))
        beyond = tip[0] + axis[0] * reach, tip[1] + axis[1] * reach
        return any(
            i not in mark.parts
            and _meet(s.bbox, grow((*beyond, *beyond), 0.5 * self.em))
            and max(width_of(s.bbox), height_of(s.bbox)) > 1.5 * self.em
            and min(outline_distance(s.polygon, at) for at in ((beyond, tip) if fork else (beyond,)))
            < 0.5 * self.em
            and not (fork and holds(s.bbox, made_of))  # a fork inside an outline is what is drawn in it
            for i, s in enumerate(self.shapes)
        )

    def _box(self, index: int) -> Box:
        first = len(self.shapes)
        return (self.shapes[index] if index < first else self.pieces[index - first]).bbox

    def _consume(self, mark: VectorMarker) -> None:
        """The mark's parts, and whatever small was painted over the same place."""
        self.used |= mark.parts
        first = len(self.shapes)
        for k in mark.parts:
            box = grow(self._box(k), 0.15 * self.em)
            for cell in _cells(box, 2 * self.em):
                for other in self.cells.get(cell, ()):
                    item = self.shapes[other] if other < first else self.pieces[other - first]
                    if holds(box, item.bbox):
                        self.used.add(other)


def _cells(box: Box, size: float) -> list[tuple[int, int]]:
    x0, y0, x1, y1 = (int(v // size) for v in box)
    return [(x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]


def _meet(a: Box, b: Box) -> bool:
    x0, y0, x1, y1 = intersection(a, b)
    return x0 <= x1 and y0 <= y1
