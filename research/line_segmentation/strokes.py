"""Connectors: routes between boxes, line ends of every style, block arrows, labels on lines."""

from __future__ import annotations

import math
import random

import skia

from dic_ingest.model.box import center
from research.line_segmentation.canvas import Canvas, Point, polyline, text_width, toward
from research.line_segmentation.shapes import Rect
from research.line_segmentation.style import Style, luminance, words

RARE = ("triangle", "diamond", "filled-diamond", "circle", "dot", "cross", "bar", "many", "zero-many")


def head(canvas: Canvas, tip: Point, back: Point, kind: str, size: float, color: tuple[int, int, int],
         width: float, paper: tuple[int, int, int]) -> float:  # fmt: skip
    """Paints a line end with its label; the return is how far before the tip the line should stop."""
    d = math.dist(tip, back) or 1.0
    ux, uy = (tip[0] - back[0]) / d, (tip[1] - back[1]) / d

    def at(along: float, across: float) -> Point:
        return tip[0] - ux * along * size - uy * across * size, tip[
            1
        ] - uy * along * size + ux * across * size

    if kind in ("filled", "slim", "open", "half"):
        half = {"filled": 0.42, "slim": 0.25, "open": 0.42, "half": 0.42}[kind]
        shape = polyline([at(1, half), tip, at(1, -half)], kind != "open")
        if kind == "half":
            shape = polyline([at(1, half), tip, at(1, 0)], True)
        canvas.mark("arrow", polyline([at(1, half), tip, at(1, -half)], True), 0)
        if kind == "open":
            canvas.stroke(shape, color, width)
            canvas.mark("arrow", shape, width + 1)
            return 0.0
        canvas.fill(shape, color)
        return size * 0.8
    shapes = {
        "triangle": ("triangle", [at(1.1, 0.55), tip, at(1.1, -0.55)], False),
        "diamond": ("diamond", [tip, at(0.7, 0.4), at(1.4, 0), at(0.7, -0.4)], False),
        "filled-diamond": ("diamond", [tip, at(0.7, 0.4), at(1.4, 0), at(0.7, -0.4)], True),
    }
    if kind in shapes:
        name, points, solid = shapes[kind]
        path = polyline(points, True)
        canvas.cover(path)
        canvas.fill(path, color if solid else paper)
        canvas.stroke(path, color, max(1.0, width))
        canvas.mark(name, path)
        canvas.mark(name, path, 2)
        return size * (1.1 if kind == "triangle" else 1.4)
    if kind in ("circle", "dot"):
        path = skia.Path()
        path.addCircle(*at(0.4, 0), size * 0.38)
        canvas.fill(path, color if kind == "dot" else paper)
        canvas.stroke(path, color, max(1.0, width))
        canvas.mark("mark", path)
        return size * 0.78
    strokes = {
        "cross": [[at(0.3, 0.4), at(1.1, -0.4)], [at(0.3, -0.4), at(1.1, 0.4)]],
        "bar": [[at(0.5, 0.5), at(0.5, -0.5)], [at(0.9, 0.5), at(0.9, -0.5)]],
        "many": [[at(0, 0.5), at(1.1, 0), at(0, -0.5)]],
        "zero-many": [[at(0, 0.5), at(1.1, 0), at(0, -0.5)]],
    }[kind]
    for s in strokes:
        canvas.stroke(polyline(s), color, max(1.0, width))
    if kind == "zero-many":
        path = skia.Path()
        path.addCircle(*at(1.5, 0), size * 0.38)
        canvas.fill(path, paper)
        canvas.stroke(path, color, max(1.0, width))
        canvas.mark("mark", path)
    points = [p for s in strokes for p in s]
    hull = polyline([points[0], points[-1]] if kind == "bar" else points, True)
    canvas.mark("mark", hull)
    canvas.mark("mark", hull, 3)
    return 0.0


def block_arrow(canvas: Canvas, a: Point, b: Point, style: Style, rng: random.Random) -> None:
    """A fat arrow: its body counts as line, its point as arrow."""
    w, size = rng.uniform(3, 9), rng.uniform(8, 16)
    d = math.dist(a, b) or 1.0
    ux, uy = (b[0] - a[0]) / d, (b[1] - a[1]) / d
    neck = toward(b, a, size)
    side = (-uy, ux)

    def off(p: Point, by: float) -> Point:
        return p[0] + side[0] * by, p[1] + side[1] * by

    body = [off(a, w / 2), off(neck, w / 2), off(neck, -w / 2), off(a, -w / 2)]
    point = [off(neck, w / 2 + size / 2), b, off(neck, -w / 2 - size / 2)]
    whole = polyline([body[0], body[1], *point, body[2], body[3]], True)
    canvas.fill(whole, rng.choice(style.palette) if rng.random() < 0.6 else style.paper)
    canvas.stroke(whole, style.line, rng.uniform(0.8, 2))
    canvas.mark("line", polyline(body, True))
    canvas.mark("arrow", polyline(point, True))


def route(a: Rect, b: Rect, kind: str, rng: random.Random) -> list[Point]:
    """Corner points from the border of a to the border of b, going straight, by elbows or curved."""
    ca, cb = center(a), center(b)
    if kind == "straight" and rng.random() < 0.7:
        return [edge_point(a, cb), edge_point(b, ca)]
    dx, dy = cb[0] - ca[0], cb[1] - ca[1]
    across = abs(dx) * rng.uniform(0.6, 1.6) > abs(dy)

    def slot(low: float, high: float) -> float:
        return low + (high - low) * rng.choice([0.5, 0.5, 0.5, rng.uniform(0.15, 0.85)])

    if across:
        p = (a[2] if dx > 0 else a[0], slot(a[1], a[3]))
        q = (b[0] if dx > 0 else b[2], slot(b[1], b[3]))
        m = p[0] + (q[0] - p[0]) * rng.choice([0.5, 0.5, rng.uniform(0.2, 0.8)])
        middle = [(m, p[1]), (m, q[1])] if abs(p[1] - q[1]) > 2 else []
    else:
        p = (slot(a[0], a[2]), a[3] if dy > 0 else a[1])
        q = (slot(b[0], b[2]), b[1] if dy > 0 else b[3])
        m = p[1] + (q[1] - p[1]) * rng.choice([0.5, 0.5, rng.uniform(0.2, 0.8)])
        middle = [(p[0], m), (q[0], m)] if abs(p[0] - q[0]) > 2 else []
    if kind == "elbow" and middle and rng.random() < 0.25:  # one corner: leaves one side, enters another
        corner = (q[0], p[1]) if across else (p[0], q[1])
        q2 = (cb[0], b[1] if p[1] < cb[1] else b[3]) if across else (b[0] if p[0] < cb[0] else b[2], cb[1])
        corner = (q2[0], p[1]) if across else (p[0], q2[1])
        return [p, corner, q2]
    return [p, *middle, q] if kind != "straight" else [p, q]


def edge_point(box: Rect, to: Point) -> Point:
    """Where the ray from the centre of a box to a point leaves the box."""
    cx, cy = center(box)
    dx, dy = to[0] - cx, to[1] - cy
    t = min((box[2] - cx) / abs(dx) if dx else 9e9, (box[3] - cy) / abs(dy) if dy else 9e9, 1.0)
    return cx + dx * t, cy + dy * t


def path_of(points: list[Point], kind: str, rounded: float) -> skia.Path:
    """The drawn path: straight pieces, rounded corners, or one curve through the corners."""
    path = skia.Path()
    path.moveTo(*points[0])
    if kind == "curve" and len(points) == 4:
        path.cubicTo(*points[1], *points[2], *points[3])
    elif kind == "curve" and len(points) == 3:
        path.quadTo(*points[1], *points[2])
    else:
        for before, p, after in zip(points, points[1:-1], points[2:], strict=False):
            r = min(rounded, math.dist(before, p) / 2, math.dist(p, after) / 2)
            path.lineTo(*toward(p, before, r))
            path.quadTo(*p, *toward(p, after, r))
        path.lineTo(*points[-1])
    return path


def connect(canvas: Canvas, points: list[Point], kind: str, style: Style, rng: random.Random) -> None:
    """Paints one connector with its ends and perhaps a label."""
    color = (
        style.line if rng.random() < 0.85 else (rng.randint(0, 220), rng.randint(0, 220), rng.randint(0, 220))
    )
    width = style.width if rng.random() < 0.85 else rng.uniform(0.8, 4)
    size = max(5.0, style.size * 0.6 * style.head_size + width * 1.5)
    ends = [style.head if rng.random() < 0.9 else rng.choice(RARE), "none"]
    ends[1] = ends[0] if rng.random() < 0.12 else rng.choice(RARE) if rng.random() < 0.08 else "none"
    points = list(points)
    gap = rng.uniform(2, 6) if rng.random() < 0.15 else 0.0
    if gap:  # not all tools let lines touch
        points[0], points[-1] = toward(points[0], points[1], gap), toward(points[-1], points[-2], gap)
    tips = [(points[-1], points[-2]), (points[0], points[1])]
    drawn = list(points)
    path_full = path_of(points, kind, style.rounded)
    stops = [head(canvas, t, b, e, size, color, width, canvas.paper) if e != "none" else 0.0
             for (t, b), e in zip(tips, ends, strict=True)]  # fmt: skip
    drawn[-1], drawn[0] = toward(points[-1], points[-2], stops[0]), toward(points[0], points[1], stops[1])
    dash = style.dash if rng.random() < 0.2 else ()
    canvas.stroke(path_of(drawn, kind, style.rounded), color, width, dash)
    canvas.mark("line", path_full, width + 0.6)
    if rng.random() < 0.35:
        _label(canvas, path_full, style, rng)


def _label(canvas: Canvas, path: skia.Path, style: Style, rng: random.Random) -> None:
    measure = skia.PathMeasure(path, False)
    at, tangent = measure.getPosTan(measure.getLength() * rng.uniform(0.35, 0.65))
    text, face = words(rng, 3), style.face(rng)
    size = style.size * rng.uniform(0.75, 1.0)
    w = text_width(text, size, face)
    angle = math.degrees(math.atan2(tangent.y(), tangent.x()))
    place = rng.random()
    x, y = at.x(), at.y()
    if place < 0.3:  # beside the line
        x, y = (
            x + abs(math.sin(math.radians(angle))) * (w / 2 + 4),
            y - abs(math.cos(math.radians(angle))) * size * 0.8,
        )
        angle = 0.0
    elif place < 0.4:  # turned along the line
        angle = (angle + 90) % 180 - 90
        x, y = x + math.sin(math.radians(angle)) * size * 0.8, y - math.cos(math.radians(angle)) * size * 0.8
    else:
        angle = 0.0
        if place < 0.85:  # on the line, over a ground of its own
            box = skia.Path()
            box.addRect(skia.Rect(x - w / 2 - 3, y - size * 0.65, x + w / 2 + 3, y + size * 0.65))
            grey = (232, 232, 232) if luminance(canvas.paper) > 128 else (90, 90, 90)
            canvas.fill(box, canvas.paper if rng.random() < 0.75 else grey)
    ink = style.ink if abs(luminance(style.ink) - luminance(canvas.paper)) > 60 else style.line
    canvas.text(text, (x, y), size, ink, face, angle)
