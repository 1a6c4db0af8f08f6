"""Vector paths and placed images of a PDF page, nested forms included.

Every point goes through the object's matrix, those of the forms around it and the page's frame; Béziers are
flattened. What a clip hides is left out; what it cuts keeps its points and carries the clip's box.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pypdfium2.raw as raw

from dic_ingest.model.box import Box, Point, area, height_of, intersection, width_of
from dic_ingest.model.drawing import Color, Path, PlacedImage, Subpath
from dic_ingest.sources.pdf.hidden_text import layer_names
from dic_ingest.sources.pdf.page import Matrix, PageFrame, apply, multiply, object_matrix

MAX_DEPTH = 16  # nested forms
SEEN = 10  # times the objects kept that are looked at
SMALL = 4.0  # points: longest side of a mark
PIECE = 2.0  # points: a line of this length that begins where the last one ended is a piece of one curve
JOINT = 0.05  # points between their ends
CURVE_STEPS = 8  # line segments for one Bézier
Found = tuple[tuple[Path, ...], tuple[PlacedImage, ...], str]


def read_paths(
    page: Any, frame: PageFrame, max_objects: int, max_points: int, off: Collection[str] = ()
) -> Found:
    """Paths and images in painting order, and a note ("" where nothing was cut).

    `off`: names of optional content that is not shown.
    """
    reader = _PathReader(frame, max_points)
    # each entry: iterator over the objects of a page or form, its matrix, its clip
    everything = (0.0, 0.0, frame.width, frame.height)
    stack = [(_objects(page, None), frame.matrix, everything)]
    seen = left_out = 0
    while stack:
        objects, matrix, clip = stack[-1]
        obj = next(objects, None)
        if obj is None:
            stack.pop()
            continue
        seen += 1
        if seen > SEEN * max_objects or reader.count >= max_objects or reader.points > max_points:
            return (*reader.found(), f"only the first {seen - 1} drawn objects of the page were read")
        if off and any(name in off for name in layer_names(obj)):
            continue
        if raw.FPDFPageObj_GetType(obj) == raw.FPDF_PAGEOBJ_FORM:
            if len(stack) < MAX_DEPTH:
                inner = intersection(clip, _clip_box(obj, matrix, clip))
                stack.append((_objects(None, obj), multiply(object_matrix(obj), matrix), inner))
        elif reader.count > max_objects // 2 and _is_small(obj, matrix):
            left_out += 1  # what comes after a map of marks is read, the rest of the marks is not
        else:
            reader.read(obj, matrix, clip)
    note = f"{left_out} of {seen} drawn objects, none over {SMALL:g} points, were left out"
    return (*reader.found(), note if left_out else "")


def _is_small(obj: Any, matrix: Matrix) -> bool:
    """Whether an object is a mark: no side over `SMALL`, as shown."""
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(obj, x0, y0, x1, y1):
        return False
    box = _bounds([apply(matrix, x, y) for x in (x0.value, x1.value) for y in (y0.value, y1.value)])
    return max(width_of(box), height_of(box)) <= SMALL


def _objects(page: Any, form: Any) -> Any:
    if form is None:
        for i in range(raw.FPDFPage_CountObjects(page)):
            yield raw.FPDFPage_GetObject(page, i)
    else:
        for i in range(max(0, raw.FPDFFormObj_CountObjects(form))):
            yield raw.FPDFFormObj_GetObject(form, i)


class _PathReader:
    def __init__(self, frame: PageFrame, max_points: int) -> None:
        self.frame, self.max_points = frame, max_points
        self.paths: list[Path] = []
        self.images: list[PlacedImage] = []
        self.points = 0
        self.order = 0
        self._first: Path | None = None  # of the pieces in `_curve`
        self._curve: list[Point] = []

    @property
    def count(self) -> int:
        """Paths and images kept so far."""
        return len(self.paths) + len(self.images)

    def found(self) -> tuple[tuple[Path, ...], tuple[PlacedImage, ...]]:
        self._end_curve()
        return tuple(self.paths), tuple(self.images)

    def read(self, obj: Any, matrix: Matrix, clip: Box) -> None:
        kind = raw.FPDFPageObj_GetType(obj)
        if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
            return
        self.order += 1
        clip = intersection(clip, _clip_box(obj, matrix, clip))
        if kind == raw.FPDF_PAGEOBJ_PATH:
            self._path(obj, matrix, clip)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            self._image(obj, matrix, clip)
        else:
            self._shading(obj, matrix, clip)

    def _path(self, obj: Any, matrix: Matrix, clip: Box) -> None:
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDFPath_GetDrawMode(obj, mode, stroked):
            return
        fill = _color(raw.FPDFPageObj_GetFillColor, obj) if mode.value else None
        stroke = _color(raw.FPDFPageObj_GetStrokeColor, obj) if stroked.value else None
        if fill is None and stroke is None:
            return
        full = multiply(object_matrix(obj), matrix)
        subpaths = _subpaths(obj, full, self.max_points - self.points)
        self.points += sum(len(s.points) for s in subpaths)
        if not subpaths:
            return
        width = _width(obj, full) if stroke is not None else 0.0
        bbox = _ink(subpaths, width, clip)
        if bbox is None:
            return
        cut = clip if not _covers(clip, (0.0, 0.0, self.frame.width, self.frame.height)) else None
        dashed = stroke is not None and raw.FPDFPageObj_GetDashCount(obj) > 0
        self._add(Path(subpaths, bbox, stroke, fill, width, dashed, cut, self.order))

    def _add(self, path: Path) -> None:
        """Keep a path; a short line that goes on where the last one ended becomes part of it."""
        piece = _piece(path)
        if piece and self._first is not None and _same_pen(self._first, path):
            (x0, y0), (x1, y1) = self._curve[-1], piece[0]
            if abs(x0 - x1) <= JOINT and abs(y0 - y1) <= JOINT:
                self._curve.append(piece[1])
                return
        self._end_curve()
        if piece:
            self._first, self._curve = path, list(piece)
        else:
            self.paths.append(path)

    def _end_curve(self) -> None:
        first, points = self._first, self._curve
        self._first, self._curve = None, []
        if first is None:
            return
        if len(points) > 2:
            closed = len(points) > 3 and math.dist(points[0], points[-1]) <= JOINT
            shape = Subpath(tuple(points[:-1] if closed else points), closed)
            around = first.clip or (0.0, 0.0, self.frame.width, self.frame.height)
            box = _ink((shape,), first.width, around) or first.bbox
            first = replace(first, subpaths=(shape,), bbox=box)
        self.paths.append(first)

    def _image(self, obj: Any, matrix: Matrix, clip: Box) -> None:
        full = multiply(object_matrix(obj), matrix)
        corners = [apply(full, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
        box = intersection(_bounds(corners), clip)
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        w, h = ctypes.c_uint(), ctypes.c_uint()
        raw.FPDFImageObj_GetImagePixelSize(obj, w, h)
        self.images.append(PlacedImage(box, (w.value, h.value), self.order))

    def _shading(self, obj: Any, matrix: Matrix, clip: Box) -> None:
        box = clip  # a shading fills its clip
        if area(box) <= 0:
            return
        corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
        grey = (200, 200, 200)  # its colours vary; only that it fills matters here
        self.paths.append(Path((Subpath(corners, True),), box, None, grey, 0.0, False, None, self.order))


def _piece(path: Path) -> tuple[Point, ...]:
    """The two ends of a short plain line; () for any other path."""
    if path.fill is not None or path.dashed or len(path.subpaths) != 1:
        return ()
    shape = path.subpaths[0]
    if shape.closed or len(shape.points) != 2 or math.dist(*shape.points) > PIECE:
        return ()
    return shape.points


def _same_pen(a: Path, b: Path) -> bool:
    return a.stroke == b.stroke and a.width == b.width and a.clip == b.clip


def _color(getter: Any, obj: Any) -> Color | None:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not getter(obj, r, g, b, a):
        return 128, 128, 128  # a pattern: painted, colour unknown
    return None if a.value < 8 else (r.value, g.value, b.value)


def _width(obj: Any, matrix: Matrix) -> float:
    """Stroke width as shown; PDF width 0 is the thinnest line a device can draw."""
    w = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(obj, w)
    a, b, c, d, _, _ = matrix
    scale: float = abs(a * d - b * c) ** 0.5
    return max(w.value * scale, 0.1)


def _subpaths(obj: Any, matrix: Matrix, budget: int) -> tuple[Subpath, ...]:
    count = raw.FPDFPath_CountSegments(obj)
    return _walk(lambda i: raw.FPDFPath_GetPathSegment(obj, i), min(count, max(budget, 0)), matrix)


def _walk(segment_at: Any, count: int, matrix: Matrix) -> tuple[Subpath, ...]:
    x, y = ctypes.c_float(), ctypes.c_float()
    done: list[Subpath] = []
    points: list[Point] = []
    bezier: list[Point] = []
    closed = curved = False

    def finish() -> None:
        nonlocal points, closed, curved
        if len(points) > 1:
            if len(points) > 2 and points[0] == points[-1]:
                points.pop()
                closed = True
            done.append(Subpath(tuple(points), closed, curved))
        points, closed, curved = [], False, False

    for i in range(count):
        segment = segment_at(i)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = apply(matrix, x.value, y.value)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            finish()
            points.append(point)
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            bezier.append(point)
            if len(bezier) == 3:
                if points:
                    points.extend(_flatten(points[-1], bezier))
                    curved = True
                bezier = []
        else:
            points.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            start = points[0] if points else point
            closed = True
            finish()
            points.append(start)  # drawing goes on from the start point after a close
    finish()
    return tuple(done)


def _flatten(start: Point, control: list[Point]) -> list[Point]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = start, *control
    out = []
    for k in range(1, CURVE_STEPS + 1):
        t = k / CURVE_STEPS
        u = 1.0 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        out.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return out


def _clip_box(obj: Any, matrix: Matrix, around: Box) -> Box:
    """Box of the clip in force on an object; `around` where there is none."""
    clip = raw.FPDFPageObj_GetClipPath(obj)
    count = raw.FPDFClipPath_CountPaths(clip) if clip else -1
    box = around
    for i in range(min(count, 32)):
        segments = raw.FPDFClipPath_CountPathSegments(clip, i)
        subpaths = _walk(
            lambda k, i=i: raw.FPDFClipPath_GetPathSegment(clip, i, k), min(segments, 2000), matrix
        )
        points = [p for s in subpaths for p in s.points]
        if points:
            box = intersection(box, _bounds(points))
    return box


def _bounds(points: list[Point]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _ink(subpaths: tuple[Subpath, ...], width: float, clip: Box) -> Box | None:
    """Box of what shows, or None where the clip hides it all."""
    x0, y0, x1, y1 = _bounds([p for s in subpaths for p in s.points])
    half = width / 2
    box = intersection((x0 - half, y0 - half, x1 + half, y1 + half), clip)
    return box if box[0] <= box[2] and box[1] <= box[3] else None


def _covers(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + 1
        and outer[1] <= inner[1] + 1
        and outer[2] >= inner[2] - 1
        and outer[3] >= inner[3] - 1
    )
