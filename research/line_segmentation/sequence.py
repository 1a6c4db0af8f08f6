"""Synthetic sequence drawings: heads, lifelines, messages, activations, notes, frames, dividers."""

from __future__ import annotations

import random

import skia

from research.line_segmentation import shapes
from research.line_segmentation.canvas import Canvas, polyline, text_width
from research.line_segmentation.strokes import head
from research.line_segmentation.style import Style, words


def paint_sequence(canvas: Canvas, style: Style, rng: random.Random) -> None:
    """Fills the canvas with one sequence drawing."""
    n = max(2, min(7, int(canvas.width / (style.size * rng.uniform(9, 15)))))
    xs = [canvas.width * (i + 0.5) / n + rng.uniform(-8, 8) for i in range(n)]
    top, h = rng.uniform(4, 30), style.size * rng.uniform(1.8, 3.2)
    actors = [rng.random() < 0.12 for _ in xs]
    low = canvas.height - h - 8
    foot = rng.random() < 0.6
    bottom = low if foot else canvas.height - 6
    dash = () if rng.random() < 0.35 else style.dash
    width = rng.choice([0.8, 1, 1, 1.5, 3])
    tone = style.line if rng.random() < 0.6 else (150, 150, 150)
    if rng.random() < 0.15:  # coloured grounds behind some participants
        for x in rng.sample(xs, rng.randint(1, n)):
            half = canvas.width / n * 0.45
            ground = skia.Path()
            ground.addRect(skia.Rect(x - half, max(0, top - 12), x + half, canvas.height - 2))
            canvas.fill(ground, rng.choice(style.palette))
            canvas.mark("frame", ground, 2.5)
    for x in xs:
        life = polyline([(x, top + h), (x, bottom)])
        canvas.stroke(life, tone, width, dash)
        canvas.mark("rule", life, max(2.0, width))
    frames = _body(canvas, xs, top + h + style.size * 2, bottom, style, rng)
    for box in frames:
        _frame(canvas, box, style, rng)
    for x, actor in zip(xs, actors, strict=True):
        for at in (top, low) if foot else (top,):
            _head(canvas, x, at, h, actor, canvas.width / n * 0.9, style, rng)


def _body(
    canvas: Canvas, xs: list[float], y: float, bottom: float, style: Style, rng: random.Random
) -> list[tuple[float, float, float, float]]:
    """Messages and all else down the lifelines; the boxes of the frames around some."""
    n = len(xs)
    frame_until, frame_at = 0.0, (0.0, 0.0, 0.0)
    frames: list[tuple[float, float, float, float]] = []
    while y < bottom - style.size * 2:
        roll = rng.random()
        if roll < 0.72:
            _message(canvas, xs, y, style, rng)
        elif roll < 0.8:
            _self_message(canvas, xs, y, style, rng)
            y += style.size * 1.2
        elif roll < 0.86:
            _box(canvas, xs, y, style, rng)
            y += style.size * 1.4
        elif roll < 0.88:
            _divider(canvas, y, style, rng)
        elif roll < 0.94 and y > frame_until:
            i, j = sorted(rng.sample(range(n), 2))
            frame_at = (xs[i] - rng.uniform(15, 50), y - style.size * 0.6, xs[j] + rng.uniform(15, 50))
            frame_until = y + style.size * rng.uniform(5, 12)
            frames.append((*frame_at, min(frame_until, bottom - 4)))
            y += style.size * 1.2
        else:
            _activation(canvas, rng.choice(xs), y, style, rng)
        y += style.size * rng.uniform(1.6, 2.8)
    return frames


def _head(
    canvas: Canvas, x: float, y: float, h: float, actor: bool, room: float, style: Style, rng: random.Random
) -> None:
    text = words(rng, 2)
    w = min(room, text_width(text, style.size, style.faces[0]) + 16)
    if actor:
        side = h * 0.75
        clean = skia.Path()
        clean.addRect(skia.Rect(x - w / 2, y - 2, x + w / 2, y + h))
        canvas.fill(clean, canvas.paper)
        canvas.cover(clean)
        shapes.icon(canvas, (x - side * 0.4, y, x + side * 0.4, y + side), style, rng)
        canvas.text(text.split(" ")[0], (x, y + h - style.size * 0.2), style.size, style.ink, style.faces[0])
        return
    path = shapes.outline("rounded" if style.rounded else "rect", (x - w / 2, y, x + w / 2, y + h), 5)
    if style.shadow:
        canvas.shadow(path)
    canvas.cover(path)
    canvas.fill(path, rng.choice(style.palette) if style.fill != "none" else canvas.paper)
    if style.border or style.fill == "none":
        canvas.stroke(path, style.line, max(1.0, style.border))
    canvas.mark("inside", path)
    canvas.mark("outline", path, max(2.0, style.border))
    if text_width(text, style.size, style.faces[0]) > w:
        text = text.split(" ")[0]
    canvas.text(text, (x, y + h / 2), style.size, style.ink, style.faces[0])


def _message(canvas: Canvas, xs: list[float], y: float, style: Style, rng: random.Random) -> None:
    i, j = rng.sample(range(len(xs)), 2)
    if rng.random() < 0.6:
        j = min(len(xs) - 1, i + 1) if i + 1 < len(xs) else i - 1
    a, b = xs[i], xs[j]
    drop = rng.uniform(3, 15) if rng.random() < 0.04 else 0.0
    line = polyline([(a, y), (b, y + drop)])
    color = (
        style.line if rng.random() < 0.9 else (rng.randint(0, 200), rng.randint(0, 200), rng.randint(0, 200))
    )
    kind = rng.choice(["filled", "open", "slim", "half"]) if rng.random() < 0.15 else style.head
    size = max(5.0, style.size * 0.6 * style.head_size + style.width)
    canvas.stroke(line, color, style.width, style.dash if rng.random() < 0.3 else ())
    if kind != "none":
        head(canvas, (b, y + drop), (a, y), kind, size, color, style.width, canvas.paper)
        if rng.random() < 0.05:
            head(canvas, (a, y), (b, y + drop), kind, size, color, style.width, canvas.paper)
    canvas.mark("line", line, style.width + 0.6)
    text, face, fsize = words(rng, 4), style.face(rng), style.size * rng.uniform(0.8, 1)
    w = text_width(text, fsize, face)
    x = (a + b) / 2 if rng.random() < 0.7 else min(a, b) + w / 2 + 6
    on = rng.random() < 0.06
    if on:
        ground = skia.Path()
        ground.addRect(skia.Rect(x - w / 2 - 2, y - fsize * 0.6, x + w / 2 + 2, y + fsize * 0.6))
        canvas.fill(ground, canvas.paper)
    canvas.text(text, (x, y + drop / 2 if on else y - fsize * 0.65), fsize, style.ink, face)


def _self_message(canvas: Canvas, xs: list[float], y: float, style: Style, rng: random.Random) -> None:
    x, w, h = rng.choice(xs), style.size * rng.uniform(1.2, 4), style.size * rng.uniform(0.7, 1.6)
    line = polyline([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    canvas.stroke(line, style.line, style.width)
    kind = style.head if style.head != "none" else "filled"
    head(
        canvas,
        (x, y + h),
        (x + w, y + h),
        kind,
        max(5.0, style.size * 0.6),
        style.line,
        style.width,
        canvas.paper,
    )
    canvas.mark("line", line, style.width + 0.6)
    text = words(rng, 3)
    canvas.text(
        text,
        (x + w + 6 + text_width(text, style.size, style.faces[0]) / 2, y + h / 2),
        style.size,
        style.ink,
        style.faces[0],
    )


def _box(canvas: Canvas, xs: list[float], y: float, style: Style, rng: random.Random) -> None:
    text = words(rng, 4)
    w = text_width(text, style.size, style.faces[0]) + 14
    x = rng.choice(xs) + rng.uniform(-20, 20)
    path = shapes.outline(
        rng.choice(["rect", "note", "rounded"]), (x - w / 2, y - style.size, x + w / 2, y + style.size), 4
    )
    canvas.cover(path)
    canvas.fill(path, rng.choice([*style.palette, (255, 250, 200)]) if not style.dark else canvas.paper)
    canvas.stroke(path, style.line, max(0.8, style.border))
    canvas.mark("inside", path)
    canvas.mark("outline", path, max(2.0, style.border))
    canvas.text(text, (x, y), style.size, (20, 20, 20) if not style.dark else style.ink, style.faces[0])


def _divider(canvas: Canvas, y: float, style: Style, rng: random.Random) -> None:
    for at in (y - 1.5, y + 1.5) if rng.random() < 0.7 else (y,):
        line = polyline([(2, at), (canvas.width - 2, at)])
        canvas.stroke(line, style.line, 1)
        canvas.mark("rule", line, 2)
    text = words(rng, 2)
    w = text_width(text, style.size, style.faces[1]) + 12
    box = skia.Path()
    box.addRect(
        skia.Rect(
            canvas.width / 2 - w / 2, y - style.size * 0.8, canvas.width / 2 + w / 2, y + style.size * 0.8
        )
    )
    canvas.cover(box)
    canvas.fill(box, canvas.paper)
    canvas.stroke(box, style.line, 1)
    canvas.mark("inside", box)
    canvas.mark("outline", box, 2)
    canvas.text(text, (canvas.width / 2, y), style.size, style.ink, style.faces[1])


def _activation(canvas: Canvas, x: float, y: float, style: Style, rng: random.Random) -> None:
    w, h = rng.uniform(5, 12), style.size * rng.uniform(2, 6)
    if rng.random() < 0.3:
        h = canvas.height
    path = shapes.outline("rect", (x - w / 2, y, x + w / 2, min(y + h, canvas.height - 30)), 0)
    canvas.cover(path)
    bare = rng.random() < 0.3
    grey = (205, 205, 205) if not style.dark else (90, 90, 90)
    canvas.fill(path, grey if bare else rng.choice(style.palette) if rng.random() < 0.5 else canvas.paper)
    if not bare:
        canvas.stroke(path, style.line, max(0.8, style.border))
    canvas.mark("inside", path)
    canvas.mark("outline", path, max(2.0, style.border))


def _frame(canvas: Canvas, box: tuple[float, float, float, float], style: Style, rng: random.Random) -> None:
    x0, y0, x1, y1 = box
    path = shapes.outline("rect", (x0, y0, x1, y1), 0)
    width = rng.choice([0.8, 1, 1.5, 2.5])
    canvas.stroke(path, style.line, width, style.dash if rng.random() < 0.35 else ())
    canvas.mark("frame", path, max(2.5, width))
    text = rng.choice(["loop", "alt", "opt", "par", "group", "critical", "break"])
    w, h = text_width(text, style.size, style.faces[1]) + 16, style.size * 1.4
    tab = polyline([(x0, y0), (x0 + w, y0), (x0 + w, y0 + h * 0.7), (x0 + w - 6, y0 + h), (x0, y0 + h)], True)
    canvas.fill(tab, rng.choice(style.palette) if rng.random() < 0.5 else canvas.paper)
    canvas.stroke(tab, style.line, width)
    canvas.text(text, (x0 + w / 2 - 3, y0 + h / 2), style.size * 0.95, style.ink, style.faces[1])
    canvas.text(f"[{words(rng, 3)}]", (x0 + w + 60, y0 + h / 2), style.size * 0.9, style.ink, style.faces[0])
    if rng.random() < 0.35 and y1 - y0 > 60:
        rule = polyline([(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)])
        canvas.stroke(rule, style.line, width, (4, 3))
        canvas.mark("rule", rule, 2)
