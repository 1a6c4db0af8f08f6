"""Synthetic boxes-and-lines drawings: nested frames, nodes of every outline, icons, connectors."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

import skia

from dic_ingest.model.box import height_of, width_of
from research.line_segmentation import shapes
from research.line_segmentation.canvas import Canvas, Point, polyline, text_width
from research.line_segmentation.extras import fan, lanes, table
from research.line_segmentation.shapes import Rect
from research.line_segmentation.strokes import block_arrow, connect, route
from research.line_segmentation.style import Style, luminance, words


@dataclass
class Plan:
    """Boxes of the drawing before it is painted."""

    frames: list[tuple[Rect, int]] = field(default_factory=list)  # box, depth
    nodes: list[Rect] = field(default_factory=list)


def _cut(plan: Plan, box: Rect, depth: int, style: Style, rng: random.Random) -> None:
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    need_w, need_h = style.size * 9, style.size * 4.5
    frame = depth > 0 and w > need_w * 1.3 and h > need_h * 1.5 and rng.random() < 0.35
    if frame:
        p = rng.uniform(4, 14)
        x0, y0, x1, y1 = x0 + p, y0 + p, x1 - p, y1 - p
        plan.frames.append(((x0, y0, x1, y1), depth))
        y0, x0, x1, y1 = y0 + style.size * 1.7, x0 + p, x1 - p, y1 - p
        w, h = x1 - x0, y1 - y0
    split_w, split_h = w > need_w * 2, h > need_h * 2
    if depth < 6 and (split_w or split_h) and rng.random() < 0.93:
        parts = rng.choice([2, 2, 3])
        if split_w and (not split_h or rng.random() * w / need_w > rng.random() * h / need_h):
            for i in range(parts):
                _cut(plan, (x0 + w * i / parts, y0, x0 + w * (i + 1) / parts, y1), depth + 1, style, rng)
        else:
            for i in range(parts):
                _cut(plan, (x0, y0 + h * i / parts, x1, y0 + h * (i + 1) / parts), depth + 1, style, rng)
        return
    if rng.random() < 0.86 and w > 24 and h > 18:
        nw = min(w * rng.uniform(0.45, 0.85), style.size * rng.uniform(7, 20))
        nh = min(h * rng.uniform(0.35, 0.8), style.size * rng.uniform(2, 7))
        cx, cy = x0 + w * rng.uniform(0.45, 0.55), y0 + h * rng.uniform(0.45, 0.55)
        plan.nodes.append((cx - nw / 2, cy - nh / 2, cx + nw / 2, cy + nh / 2))


def paint_flow(canvas: Canvas, style: Style, rng: random.Random) -> None:
    """Fills the canvas with one drawing."""
    plan = Plan()
    top = style.size * 2.2 if rng.random() < 0.3 else 4
    if top > 4:
        _title(canvas, top, style, rng)
    if rng.random() < 0.06:
        _grid(canvas, rng)
    if rng.random() < 0.1:
        lanes(plan, (6, top, canvas.width - 6, canvas.height - 6), canvas, style, rng, _cut)
    else:
        _cut(plan, (6, top, canvas.width - 6, canvas.height - 6), rng.choice([0, 1, 1]), style, rng)
    for box, depth in plan.frames:
        _frame(canvas, box, depth, style, rng)
    late = rng.random() < 0.5
    kinds = [rng.choice(shapes.KINDS) for _ in plan.nodes]
    icons = rng.random() < 0.2
    tables = rng.random() < 0.1
    one = rng.choice(shapes.KINDS) if rng.random() < 0.3 else ""
    if late:
        _connections(canvas, plan, style, rng)
    for box, kind in zip(plan.nodes, kinds, strict=True):
        _any_node(canvas, box, one or kind, (0.6 if icons else 0.06, 0.8 if tables else 0.0), style, rng)
    if not late:
        _connections(canvas, plan, style, rng)
    if rng.random() < 0.2:
        _loose_text(canvas, plan, style, rng)


def _title(canvas: Canvas, height: float, style: Style, rng: random.Random) -> None:
    size = style.size * rng.uniform(1, 1.6)
    canvas.text(
        words(rng, 6), (canvas.width / 2, height / 2), size, _ink(canvas.paper, style), style.faces[1]
    )


def _any_node(
    canvas: Canvas, box: Rect, kind: str, odds: tuple[float, float], style: Style, rng: random.Random
) -> None:
    """A node; `odds` of an icon and of a table."""
    if rng.random() < odds[1]:
        table(canvas, box, style, rng)
        return
    roll = rng.random()
    if roll < odds[0]:
        _icon_node(canvas, box, style, rng)
    elif roll > 0.95:  # bare words that lines lead to: nothing to outline
        _content(canvas, box, canvas.paper, style, rng)
    else:
        _node(canvas, box, kind, style, rng)


def _ink(ground: tuple[int, int, int], style: Style) -> tuple[int, int, int]:
    if abs(luminance(ground) - luminance(style.ink)) > 90:
        return style.ink
    return (20, 20, 20) if luminance(ground) > 130 else (245, 245, 245)


def _grid(canvas: Canvas, rng: random.Random) -> None:
    step, tone = rng.randint(10, 30), 18 if luminance(canvas.paper) < 128 else -14
    color = tuple(max(0, min(255, c + tone)) for c in canvas.paper)
    for x in range(0, canvas.width, step):
        canvas.stroke(polyline([(x, 0), (x, canvas.height)]), color, 1)  # type: ignore[arg-type]
    for y in range(0, canvas.height, step):
        canvas.stroke(polyline([(0, y), (canvas.width, y)]), color, 1)  # type: ignore[arg-type]


def _frame(canvas: Canvas, box: Rect, depth: int, style: Style, rng: random.Random) -> None:
    rounded = style.rounded * rng.uniform(0.5, 2) if rng.random() < 0.5 else 0.0
    path = shapes.outline("rounded" if rounded > 1 else "rect", box, rounded)
    filled = rng.random() < 0.5
    if style.shadow and filled and rng.random() < 0.5:
        canvas.shadow(path)
    ground = canvas.paper
    if filled:
        shift = rng.choice([-14, -8, -22]) if not style.dark else rng.choice([14, 24])
        r, g, b = (max(0, min(255, c + shift)) for c in canvas.paper)
        ground = rng.choice(style.palette) if rng.random() < 0.4 else (r, g, b)
        canvas.fill(path, ground)
    if not filled or rng.random() < 0.6:
        dash = style.dash if rng.random() < 0.35 else ()
        color = (
            style.line
            if rng.random() < 0.5
            else (rng.randint(0, 200), rng.randint(0, 200), rng.randint(0, 200))
        )
        canvas.stroke(path, color, rng.choice([0.8, 1, 1, 1.5, 2, 3]), dash)
    canvas.mark("frame", path, 2.5)
    text, face, size = words(rng, 3), style.faces[rng.randint(0, 1)], style.size * rng.uniform(0.9, 1.2)
    half = text_width(text, size, face) / 2 + 6
    x = rng.choice([box[0] + half, (box[0] + box[2]) / 2, box[2] - half])
    y = box[1] + size * 0.85 if rng.random() < 0.85 else box[3] - size * 0.8
    if rng.random() < 0.12:  # a tab or title bar
        bar = skia.Path()
        bar.addRect(
            skia.Rect(
                box[0], box[1], box[2] if rng.random() < 0.5 else box[0] + 2 * half, box[1] + size * 1.6
            )
        )
        canvas.fill(bar, rng.choice(style.palette))
        canvas.stroke(bar, style.line, 1)
        x = box[0] + half
    canvas.text(text, (x, y), size, _ink(ground, style), face)


def _node(canvas: Canvas, box: Rect, kind: str, style: Style, rng: random.Random) -> None:
    x0, y0, x1, y1 = box
    if kind == "circle":
        r = min(x1 - x0, y1 - y0) / 2 * (0.3 if rng.random() < 0.2 else 1)
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        box = x0, y0, x1, y1 = cx - r, cy - r, cx + r, cy + r
    path = shapes.outline(kind, box, style.rounded)
    color = rng.choice(style.palette)
    mode = rng.choice(["none", "flat", "gradient"]) if style.fill == "mixed" else style.fill
    if style.shadow and mode != "none":
        canvas.shadow(path)
    ground = canvas.paper
    canvas.cover(path)
    if mode in ("flat", "gradient"):
        lighter = tuple(min(255, c + 45) for c in color)
        canvas.fill(path, color, lighter if mode == "gradient" else None)  # type: ignore[arg-type]
        ground = color
    else:
        canvas.fill(path, canvas.paper if rng.random() < 0.8 else (255, 255, 255))
        ground = canvas.paper
        if mode == "hatch":
            canvas.hatch(path, color)
    border = max(style.border, 1.0 if mode in ("none", "hatch") else 0.0)
    line = (
        style.ink
        if rng.random() < 0.6
        else tuple(int(c * 0.6) for c in color)
        if not style.dark
        else style.line
    )
    if border:
        dash = style.dash if rng.random() < 0.07 else ()
        canvas.stroke(path, line, border, dash)  # type: ignore[arg-type]
    shapes.details(canvas, kind, box, line if border else _ink(ground, style), max(1, border))  # type: ignore[arg-type]
    canvas.mark("inside", path)
    canvas.mark("outline", path, max(2.0, border))
    _content(canvas, box, ground, style, rng)


def _content(
    canvas: Canvas, box: Rect, ground: tuple[int, int, int], style: Style, rng: random.Random
) -> None:
    x0, y0, x1, y1 = box
    h, face, ink = y1 - y0, style.face(rng), _ink(ground, style)
    rows = max(1, int(h / (style.size * 1.35)) - 1)
    rows = rng.randint(1, rows) if rng.random() < 0.4 else min(rows, 2)
    table = rows >= 2 and rng.random() < 0.2
    cy = (y0 + y1) / 2 - (rows - 1) * style.size * 0.62
    if table:
        cy = y0 + style.size * 0.9
        rule = polyline([(x0, y0 + style.size * 1.6), (x1, y0 + style.size * 1.6)])
        canvas.stroke(rule, ink, max(1.0, style.border))
        canvas.mark("rule", rule, max(2.0, style.border))
    for i in range(rows):
        text = words(rng, 3)
        size = style.size
        wide = text_width(text, size, face)
        if wide > (x1 - x0) * 0.92:
            text, wide = text.split(" ")[0], text_width(text.split(" ")[0], size, face)
        x = (x0 + x1) / 2 if not table or i == 0 else x0 + wide / 2 + 5
        canvas.text(text, (x, cy + i * size * 1.25 + (size * 0.6 if table and i else 0)), size, ink, face)


def _icon_node(canvas: Canvas, box: Rect, style: Style, rng: random.Random) -> None:
    side = min(width_of(box), height_of(box)) * rng.uniform(0.6, 1.0)
    cx = (box[0] + box[2]) / 2
    shapes.icon(canvas, (cx - side / 2, box[1], cx + side / 2, box[1] + side), style, rng)
    canvas.text(
        words(rng, 2),
        (cx, box[1] + side + style.size * 0.8),
        style.size,
        _ink(canvas.paper, style),
        style.face(rng),
    )


def _loose_text(canvas: Canvas, plan: Plan, style: Style, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 5)):
        at = (rng.uniform(40, canvas.width - 40), rng.uniform(20, canvas.height - 10))
        if not any(b[0] - 60 < at[0] < b[2] + 60 and b[1] - 10 < at[1] < b[3] + 10 for b in plan.nodes):
            size = style.size * (
                rng.uniform(1.8, 3.5) if rng.random() < 0.25 else 1.0
            )  # word marks are no drawing
            turn = rng.choice([90.0, -90.0, rng.uniform(-70, 70)]) if rng.random() < 0.3 else 0.0
            ink = _ink(canvas.paper, style) if rng.random() < 0.7 else rng.choice(style.palette)
            canvas.text(words(rng, 4), at, size, ink, style.face(rng), turn)


def _clear(points: list[Point], boxes: list[Rect], skip: tuple[Rect, Rect]) -> bool:
    for p, q in pairwise(points):
        for k in range(13):
            x, y = p[0] + (q[0] - p[0]) * k / 12, p[1] + (q[1] - p[1]) * k / 12
            if any(b not in skip and b[0] - 5 < x < b[2] + 5 and b[1] - 5 < y < b[3] + 5 for b in boxes):
                return False
    return True


def _connections(canvas: Canvas, plan: Plan, style: Style, rng: random.Random) -> None:
    if len(plan.nodes) < 2:
        return
    kind = rng.choice(["straight", "elbow", "elbow", "curve", "mixed"])
    blocks = rng.random() < 0.07
    frames = [f for f, _ in plan.frames]
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            fan(canvas, plan.nodes, style, rng, _clear)
    for _ in range(int(len(plan.nodes) * rng.uniform(0.7, 1.8))):
        a = rng.choice(plan.nodes if rng.random() < 0.92 or not frames else frames)
        others = sorted((b for b in plan.nodes if b != a), key=lambda b: abs(b[0] - a[0]) + abs(b[1] - a[1]))
        b = rng.choice(others[:4] if rng.random() < 0.7 else others)
        if a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]:
            continue
        for _ in range(4):
            k = rng.choice(["straight", "elbow", "curve"]) if kind == "mixed" else kind
            points = route(a, b, k, rng)
            if _clear(points, plan.nodes, (a, b)):
                if (
                    blocks
                    and len(points) == 2
                    and abs(points[0][0] - points[1][0]) + abs(points[0][1] - points[1][1]) > 40
                ):
                    block_arrow(canvas, points[0], points[1], style, rng)
                else:
                    connect(canvas, points, k, style, rng)
                break
