"""Outlines of nodes as Skia paths, and icon art of random primitives."""

from __future__ import annotations

import math
import random

import skia

from research.line_segmentation.canvas import Canvas, Point, Rgb, polyline
from research.line_segmentation.style import Style, hsv

Rect = tuple[float, float, float, float]
KINDS = ("rect",) * 8 + ("rounded",) * 6 + (
    "stadium", "diamond", "diamond", "diamond", "ellipse", "circle", "cylinder", "cylinder", "hexagon",
    "parallelogram", "note", "document", "cloud", "snipped", "stack", "house", "trapezoid",
)  # fmt: skip


def outline(kind: str, box: Rect, rounded: float) -> skia.Path:
    """The outer contour of a node of that kind in the box."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    cx, cy, cut = (x0 + x1) / 2, (y0 + y1) / 2, min(w, h) * 0.22
    path, rect = skia.Path(), skia.Rect(x0, y0, x1, y1)
    corners: dict[str, list[Point]] = {
        "diamond": [(cx, y0), (x1, cy), (cx, y1), (x0, cy)],
        "hexagon": [(x0 + cut, y0), (x1 - cut, y0), (x1, cy), (x1 - cut, y1), (x0 + cut, y1), (x0, cy)],
        "parallelogram": [(x0 + cut, y0), (x1, y0), (x1 - cut, y1), (x0, y1)],
        "note": [(x0, y0), (x1 - cut, y0), (x1, y0 + cut), (x1, y1), (x0, y1)],
        "snipped": [(x0 + cut, y0), (x1 - cut, y0), (x1, y0 + cut), (x1, y1), (x0, y1), (x0, y0 + cut)],
        "house": [(cx, y0), (x1, y0 + cut), (x1, y1), (x0, y1), (x0, y0 + cut)],
        "trapezoid": [(x0 + cut, y0), (x1 - cut, y0), (x1, y1), (x0, y1)],
        "stack": [(x0, y0 + 6), (x0 + 6, y0 + 6), (x0 + 6, y0), (x1, y0), (x1, y1 - 6), (x1 - 6, y1 - 6),
                  (x1 - 6, y1), (x0, y1)],
    }  # fmt: skip
    if kind in corners:
        return polyline(corners[kind], True)
    if kind in ("rounded", "stadium"):
        r = min(h / 2, rounded or 7.0) if kind == "rounded" else h / 2
        path.addRoundRect(rect, r, r)
    elif kind in ("ellipse", "circle"):
        path.addOval(rect)
    elif kind == "cylinder":
        e = min(h * 0.16, 14)
        path.moveTo(x0, y0 + e)
        path.cubicTo(x0, y0 - e / 3, x1, y0 - e / 3, x1, y0 + e)
        path.lineTo(x1, y1 - e)
        path.cubicTo(x1, y1 + e / 3, x0, y1 + e / 3, x0, y1 - e)
        path.close()
    elif kind == "document":
        path.moveTo(x0, y0)
        path.lineTo(x1, y0)
        path.lineTo(x1, y1 - cut / 2)
        path.cubicTo(cx + w / 5, y1 - 1.6 * cut, cx - w / 5, y1 + cut, x0, y1 - cut / 2)
        path.close()
    elif kind == "cloud":
        for k in range(7):
            a = k * math.tau / 7
            px, py = cx + math.cos(a) * w * 0.3, cy + math.sin(a) * h * 0.25
            one = skia.Path()
            one.addOval(skia.Rect(px - w * 0.2, py - h * 0.25, px + w * 0.2, py + h * 0.25))
            path = skia.Op(path, one, skia.PathOp.kUnion_PathOp) if k else one
        middle = skia.Path()
        middle.addOval(skia.Rect(cx - w * 0.3, cy - h * 0.25, cx + w * 0.3, cy + h * 0.25))
        path = skia.Op(path, middle, skia.PathOp.kUnion_PathOp)
    else:
        path.addRect(rect)
    return path


def details(canvas: Canvas, kind: str, box: Rect, ink: Rgb, width: float) -> None:
    """Strokes inside a node that belong to its kind: the lid of a cylinder, the fold of a note."""
    x0, y0, x1, y1 = box
    cut = min(x1 - x0, y1 - y0) * 0.22
    path = skia.Path()
    if kind == "cylinder":
        e = min((y1 - y0) * 0.16, 14)
        path.moveTo(x0, y0 + e)
        path.cubicTo(x0, y0 + 2.2 * e, x1, y0 + 2.2 * e, x1, y0 + e)
    elif kind == "note":
        path = polyline([(x1 - cut, y0), (x1 - cut, y0 + cut), (x1, y0 + cut)])
    elif kind == "stack":
        path = polyline([(x0, y0 + 6), (x1 - 6, y0 + 6), (x1 - 6, y1)])
    if not path.isEmpty():
        canvas.stroke(path, ink, width)


def icon(canvas: Canvas, box: Rect, style: Style, rng: random.Random) -> None:
    """Art of random primitives; its rounded area is labelled as icon and inside."""
    x0, y0, x1, y1 = box
    area, w, h = skia.Path(), x1 - x0, y1 - y0
    canvas.canvas.save()
    if rng.random() < 0.2:
        _actor(canvas, box, style)
    else:
        hue = rng.random()
        for k in range(rng.randint(2, 9)):
            size = rng.uniform(0.9, 1.0) if k == 0 else rng.uniform(0.15, 0.7)
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            if k:
                cx, cy = (
                    rng.uniform(x0 + size * w / 2, x1 - size * w / 2),
                    rng.uniform(y0 + size * h / 2, y1 - size * h / 2),
                )
            sub = (cx - size * w / 2, cy - size * h / 2, cx + size * w / 2, cy + size * h / 2)
            path = outline(rng.choice([*KINDS, "circle", "circle", "hexagon"]), sub, 4)
            color = hsv(hue + rng.uniform(-0.1, 0.1), rng.uniform(0, 1), rng.uniform(0.2, 1))
            if rng.random() < 0.7:
                canvas.fill(path, color, hsv(hue, rng.random(), rng.random()) if rng.random() < 0.3 else None)
            if rng.random() < 0.5:
                canvas.stroke(path, style.ink if rng.random() < 0.5 else color, rng.uniform(0.8, 3))
    canvas.canvas.restore()
    area.addRoundRect(skia.Rect(*box), min(w, h) * 0.2, min(w, h) * 0.2)
    canvas.cover(area)
    canvas.mark("icon", area)
    canvas.mark("inside", area)


def _actor(canvas: Canvas, box: Rect, style: Style) -> None:
    x0, y0, x1, y1 = box
    w, h, cx = x1 - x0, y1 - y0, (x0 + x1) / 2
    head = skia.Path()
    head.addCircle(cx, y0 + h * 0.16, h * 0.15)
    body = polyline([(cx, y0 + h * 0.31), (cx, y0 + h * 0.66)])
    for a, b in (
        ((x0 + w * 0.15, 0.44), (x1 - w * 0.15, 0.44)),
        ((cx, 0.66), (x0 + w * 0.2, 1.0)),
        ((cx, 0.66), (x1 - w * 0.2, 1.0)),
    ):
        body.addPath(polyline([(a[0], y0 + h * a[1]), (b[0], y0 + h * b[1])]))
    if style.fill != "none":
        canvas.fill(head, style.palette[0])
    for path in (head, body):
        canvas.stroke(path, style.line, max(1.0, style.width))
