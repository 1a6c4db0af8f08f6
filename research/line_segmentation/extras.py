"""Less common habits of drawings: swim lanes, tables of many rows, one trunk that forks to several goals."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import skia

from dic_ingest.model.box import center
from research.line_segmentation import shapes
from research.line_segmentation.canvas import Canvas, Point, polyline, text_width
from research.line_segmentation.shapes import Rect
from research.line_segmentation.strokes import head
from research.line_segmentation.style import Style, luminance, words


def lanes(
    plan: Any, box: Rect, canvas: Canvas, style: Style, rng: random.Random, cut: Callable[..., None]
) -> None:
    """Parallel lanes with a title bar each; every lane is filled like a drawing of its own."""
    x0, y0, x1, y1 = box
    flat, count = rng.random() < 0.5, rng.randint(2, 4)
    bar = style.size * rng.uniform(1.6, 2.4)
    for k in range(count):
        a, b = k / count, (k + 1) / count
        lane = (
            (x0, y0 + (y1 - y0) * a, x1, y0 + (y1 - y0) * b)
            if flat
            else (x0 + (x1 - x0) * a, y0, x0 + (x1 - x0) * b, y1)
        )
        path, title = skia.Path(), skia.Path()
        path.addRect(skia.Rect(*lane))
        strip = (
            (lane[0], lane[1], lane[0] + bar, lane[3]) if flat else (lane[0], lane[1], lane[2], lane[1] + bar)
        )
        title.addRect(skia.Rect(*strip))
        ground = rng.choice(style.palette)
        canvas.fill(title, ground)
        for p in (path, title):
            canvas.stroke(p, style.line, max(1.0, style.border))
        canvas.mark("frame", path, 2.5)
        side = polyline(
            [(strip[2], lane[1]), (strip[2], lane[3])] if flat else [(lane[0], strip[3]), (lane[2], strip[3])]
        )
        canvas.mark("frame", side, 2.0)
        ink = (20, 20, 20) if luminance(ground) > 130 else (245, 245, 245)
        canvas.text(words(rng, 2), center(strip), style.size, ink,
                    style.faces[1], -90.0 if flat else 0.0)  # fmt: skip
        inner = (strip[2], lane[1], lane[2], lane[3]) if flat else (lane[0], strip[3], lane[2], lane[3])
        cut(plan, inner, 2, style, rng)


def table(canvas: Canvas, box: Rect, style: Style, rng: random.Random) -> None:
    """A class or entity: title, rules, rows of left-aligned text, at times with a small sign before each."""
    x0, y0, x1, y1 = box
    pitch = style.size * rng.uniform(1.15, 1.6)
    rows = max(2, int((y1 - y0) / pitch))
    y1 = y0 + rows * pitch
    path = shapes.outline("rounded" if style.rounded and rng.random() < 0.4 else "rect", (x0, y0, x1, y1), 5)
    if style.shadow:
        canvas.shadow(path)
    canvas.cover(path)
    body = canvas.paper if rng.random() < 0.5 else rng.choice(style.palette)
    canvas.fill(path, body)
    if rng.random() < 0.5:
        title = skia.Path()
        title.addRect(skia.Rect(x0, y0, x1, y0 + pitch))
        body = rng.choice(style.palette)
        canvas.fill(title, body)
    ink = (20, 20, 20) if luminance(body) > 120 else (245, 245, 245)
    every, signs = rng.random() < 0.25, rng.random() < 0.3
    for i in range(rows):
        text = words(rng, 2)
        while text_width(text, style.size, style.faces[0]) > (x1 - x0) * 0.9 and " " in text:
            text = text.rsplit(" ", 1)[0]
        w, y = text_width(text, style.size, style.faces[0]), y0 + (i + 0.5) * pitch
        left = x0 + 6 + (style.size if signs else 0)
        canvas.text(
            text,
            ((x0 + x1) / 2 if i == 0 else left + w / 2, y),
            style.size,
            ink,
            style.faces[1 if i == 0 else 0],
        )
        if signs and i:
            sign = skia.Path()
            sign.addCircle(x0 + 6 + style.size * 0.3, y, style.size * 0.3)
            canvas.fill(sign, style.line)
        if i == 1 or (every and i) or (i > 1 and rng.random() < 0.08):
            rule = polyline([(x0, y0 + i * pitch), (x1, y0 + i * pitch)])
            canvas.stroke(rule, style.line, max(0.8, style.border))
            canvas.mark("rule", rule, 2)
    canvas.stroke(path, style.line, max(1.0, style.border))
    canvas.mark("inside", path)
    canvas.mark("outline", path, max(2.0, style.border))


def fan(canvas: Canvas, nodes: list[Rect], style: Style, rng: random.Random,
        clear: Callable[[list[Point], list[Rect], tuple[Rect, Rect]], bool]) -> None:  # fmt: skip
    """One trunk from a node that forks to several others below or to its right."""
    a = rng.choice(nodes)
    down = rng.random() < 0.6
    i = 1 if down else 0
    goals = [b for b in nodes if b[i] > a[i + 2] + 3 * style.size]
    if len(goals) < 2:
        return
    first = min(goals, key=lambda b: b[i])
    goals = [b for b in goals if abs(b[i] - first[i]) < 2 * style.size][:4]
    level = a[i + 2] + (first[i] - a[i + 2]) * rng.uniform(0.3, 0.6)
    size = max(5.0, style.size * 0.6 * style.head_size + style.width * 1.5)
    start = ((a[0] + a[2]) / 2, a[3]) if down else (a[2], (a[1] + a[3]) / 2)
    reverse = rng.random() < 0.25  # several lines that join before one arrow
    for b in goals:
        end = ((b[0] + b[2]) / 2, b[1]) if down else (b[0], (b[1] + b[3]) / 2)
        points = (
            [start, (start[0], level), (end[0], level), end]
            if down
            else [start, (level, start[1]), (level, end[1]), end]
        )
        if not clear(points, nodes, (a, b)):
            continue
        canvas.stroke(polyline(points), style.line, style.width)
        canvas.mark("line", polyline(points), style.width + 0.6)
        if style.head != "none" and not reverse:
            head(canvas, end, points[2], style.head, size, style.line, style.width, canvas.paper)
    if reverse and style.head != "none":
        head(
            canvas,
            start,
            (start[0], level) if down else (level, start[1]),
            style.head,
            size,
            style.line,
            style.width,
            canvas.paper,
        )
