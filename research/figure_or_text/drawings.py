"""Drawings with labels, as Typst: blocks, classes, states, sequences, charts, stacks, bit fields, trees.

In: a random source. Out: Typst source of one region that is a drawing. Labels may read like code.
"""

from __future__ import annotations

import random
from itertools import pairwise

from research.figure_or_text.grounds import colour, quoted
from research.figure_or_text.words import NOUNS, TYPES, label, name


def _put(x: float, y: float, content: str) -> str:
    return f"#place(dx: {x:.1f}pt, dy: {y:.1f}pt, {content})\n"


def _line(a: tuple[float, float], b: tuple[float, float], style: str = "0.8pt") -> str:
    return _put(
        0, 0, f"line(start: ({a[0]:.1f}pt, {a[1]:.1f}pt), end: ({b[0]:.1f}pt, {b[1]:.1f}pt), stroke: {style})"
    )


def _rect(width: float, height: float, rest: str) -> str:
    return f"rect(width: {width}pt, height: {height}pt, {rest})"


def _middle(text: str, size: int) -> str:
    return f"align(center + horizon, text(size: {size}pt, {quoted(text)}))"


def _head(x: float, y: float, dx: float, dy: float, fill: str = "black") -> str:
    """An arrowhead at a point, looking along (dx, dy), which is one of the four sides."""
    corners = [(x, y), (x - 6 * dx - 3 * dy, y - 6 * dy - 3 * dx), (x - 6 * dx + 3 * dy, y - 6 * dy + 3 * dx)]
    points = ", ".join(f"({a:.1f}pt, {b:.1f}pt)" for a, b in corners)
    return _put(0, 0, f"polygon(fill: {fill}, stroke: .5pt, {points})")


def _node(
    rng: random.Random, x: float, y: float, w: float, h: float, text: str, fill: str, mono: bool
) -> str:
    shape = rng.choice(("rect", "rect", "rect", "ellipse"))
    inner = f"raw({quoted(text)})" if mono else quoted(text)
    body = f"align(center + horizon, text(size: 8pt, {inner}))"
    return _put(
        x, y, f"{shape}(width: {w}pt, height: {h}pt, stroke: 0.8pt, fill: {fill}, inset: 1pt, {body})"
    )


def _canvas(w: float, h: float, body: str) -> str:
    return f"#box(width: {w:.0f}pt, height: {h:.0f}pt)[\n{body}]"


def blocks(rng: random.Random) -> str:
    """Boxes in rows and columns, joined by arrows."""
    columns, rows = rng.randint(2, 4), rng.randint(1, 4)
    w, h, gx, gy = rng.randint(70, 100), rng.choice((22, 30, 44)), rng.randint(18, 40), rng.randint(16, 40)
    fill, mono = rng.choice(("none", colour(rng))), rng.random() < 0.35
    out = ""
    if rng.random() < 0.3:
        out += _put(
            -8,
            -8,
            _rect(columns * (w + gx), rows * (h + gy), f"fill: {colour(rng)}, stroke: .5pt"),
        )
    for r in range(rows):
        for c in range(columns):
            x, y = c * (w + gx), r * (h + gy)
            if rng.random() < 0.1:
                continue
            text = "\n".join(label(rng) for _ in range(2 if h > 40 else 1))
            out += _node(rng, x, y, w, h, text, fill, mono)
            if c and rng.random() < 0.7:
                out += _line((x - gx, y + h / 2), (x, y + h / 2)) + _head(x, y + h / 2, 1, 0)
            if r and rng.random() < 0.7:
                out += _line((x + w / 2, y - gy), (x + w / 2, y)) + _head(x + w / 2, y, 0, 1)
    return _canvas(columns * (w + gx), rows * (h + gy), out)


def classes(rng: random.Random) -> str:
    """Boxes of a name, attributes and operations in fixed letters, joined by lines."""
    out, x, count = "", 0.0, rng.randint(2, 3)
    mono = rng.random() < 0.5
    for k in range(count):
        w = 120.0
        rows = [f"+ {name(rng)}: {rng.choice(TYPES)}" for _ in range(rng.randint(2, 6))]
        rows += [f"+ {name(rng)}()" for _ in range(rng.randint(1, 4))]
        set_in = "raw" if mono else "text"
        lines = ", ".join(f"text(size: 7pt, {set_in}({quoted(row)}))" for row in rows)
        h = 26 + 11 * len(rows)
        out += _put(
            x,
            0,
            f"rect(width: {w}pt, height: {h}pt, stroke: .8pt, fill: {rng.choice(('none', colour(rng)))})",
        )
        out += _put(x + 20, 4, f'text(size: 8pt, weight: "bold", {quoted(rng.choice(NOUNS).title())})')
        out += _line((x, 18), (x + w, 18)) + _put(x + 4, 23, f"stack(spacing: 4pt, {lines})")
        if k:
            out += _line((x - 40, 30), (x, 30)) + rng.choice((_head(x, 30, 1, 0, "white"), ""))
        x += w + 40
    return _canvas(x, 150, out)


def sequence(rng: random.Random) -> str:
    """Lifelines with messages."""
    count, out = rng.randint(2, 5), ""
    rows = rng.randint(2, 9)
    for k in range(count):
        out += _put(
            k * 95,
            0,
            _rect(70, 20, f"stroke: .7pt, {_middle(rng.choice(NOUNS).title(), 8)}"),
        )
        out += _line((k * 95 + 35, 20), (k * 95 + 35, 30 + 20 * rows), '(paint: gray, dash: "dashed")')
    for r in range(rows):
        a, b = rng.sample(range(count), 2)
        y = 42 + 20 * r
        out += _line((a * 95 + 35, y), (b * 95 + 35, y)) + _head(b * 95 + 35, y, 1 if b > a else -1, 0)
        out += _put(min(a, b) * 95 + 45, y - 10, f"text(size: 7pt, {quoted(label(rng))})")
    return _canvas(count * 95, 50 + 20 * rows, out)


def stack(rng: random.Random) -> str:
    """Layers of an architecture, boxes in boxes without a line between them."""
    out, y, width = "", 0.0, rng.choice((260.0, 340.0, 420.0))
    for _ in range(rng.randint(2, 5)):
        count = rng.randint(1, 5)
        out += _put(0, y, f"rect(width: {width}pt, height: 52pt, fill: {colour(rng)}, stroke: .5pt)")
        out += _put(6, y + 4, f'text(size: 8pt, weight: "bold", {quoted(label(rng))})')
        w = (width - 10) / count
        for k in range(count):
            out += _node(
                rng, 8 + k * w, y + 18, w - 8, 26, label(rng), rng.choice(("white", colour(rng))), False
            )
        y += rng.choice((52.0, 60.0))
    return _canvas(width, y, out)


def bits(rng: random.Random) -> str:
    """A header of a message: rows of fields in frames with bit numbers over them."""
    out, unit = "", 12.0
    for k in range(0, 32, rng.choice((1, 4, 8))):
        out += _put(k * unit, 0, f"text(size: 6pt, {quoted(str(k))})")
    rows = rng.randint(2, 6)
    for r in range(rows):
        left = 0
        while left < 32:
            wide = min(rng.choice((4, 8, 16, 32)), 32 - left)
            out += _put(
                left * unit,
                10 + 22 * r,
                _rect(wide * unit, 22, f"stroke: .7pt, {_middle(rng.choice(NOUNS).title(), 7)}"),
            )
            left += wide
    return _canvas(32 * unit, 12 + 22 * rows, out)


def states(rng: random.Random) -> str:
    """Rounded boxes with slanting arrows and words at them."""
    spots = [(rng.uniform(0, 330), rng.uniform(0, 170)) for _ in range(rng.randint(3, 7))]
    out = ""
    for a, b in pairwise(spots):
        out += _line((a[0] + 35, a[1] + 12), (b[0] + 35, b[1] + 12)) + _head(b[0] + 35, b[1] + 12, 1, 0)
        out += _put((a[0] + b[0]) / 2 + 35, (a[1] + b[1]) / 2, f"text(size: 7pt, {quoted(label(rng))})")
    for x, y in spots:
        body = f"align(center + horizon, text(size: 8pt, {quoted(rng.choice(NOUNS))}))"
        out += _put(x, y, f"rect(width: 70pt, height: 24pt, radius: 10pt, fill: white, stroke: .8pt, {body})")
    return _canvas(410, 200, out)


def chart(rng: random.Random) -> str:
    """Axes with numbers, bars or a line."""
    out = _line((30, 150), (300, 150)) + _line((30, 0), (30, 150))
    for k in range(6):
        out += _put(8, 145 - 28 * k, f"text(size: 7pt, {quoted(str(20 * k))})") + _line(
            (27, 150 - 28 * k), (30, 150 - 28 * k)
        )
        if rng.random() < 0.5:
            out += _line((30, 150 - 28 * k), (300, 150 - 28 * k), "0.3pt + gray")
    points = [(50 + 40 * k, rng.uniform(10, 140)) for k in range(6)]
    bars = rng.random() < 0.5
    for k, (x, y) in enumerate(points):
        out += _put(x - 8, 154, f"text(size: 7pt, {quoted(rng.choice(NOUNS)[:6])})")
        if bars:
            out += _put(x - 8, y, f"rect(width: 16pt, height: {150 - y:.0f}pt, fill: {colour(rng, 40, 220)})")
        elif k:
            out += _line(points[k - 1], (x, y), f"1.2pt + {colour(rng, 0, 200)}")
    return _canvas(310, 170, out)


def stacked_bars(rng: random.Random) -> str:
    """Bars of several colours, lying or standing, with a grid, numbers in them and a legend over them."""
    lying, count, parts = rng.random() < 0.5, rng.randint(3, 9), rng.randint(1, 5)
    colours = [colour(rng, 40, 230) for _ in range(parts)]
    long, step = rng.choice((180.0, 260.0, 340.0)), rng.choice((16.0, 24.0, 34.0))
    out = ""
    for k in range(6):  # the grid with its numbers
        at = 60 + long * k / 5
        ends = ((at, 20), (at, 20 + step * count)) if lying else ((60, at), (60 + step * count, at))
        out += _line(*ends, "0.4pt + gray")
        where = (at - 8, 24 + step * count) if lying else (34, at - 4)
        out += _put(*where, f"text(size: 7pt, {quoted(str(20 * (k if lying else 5 - k)) + '%')})")
    for r in range(count):
        shares = [rng.uniform(0.2, 1) for _ in range(parts)]
        scale = long / sum(shares) * rng.choice((1.0, rng.uniform(0.3, 1)))
        at = 60.0 if lying else 60 + long
        for share, fill in zip(shares, colours, strict=True):
            size = share * scale
            x, y = (at, 22 + r * step) if lying else (62 + r * step, at - size)
            w, h = (size, step - 4) if lying else (step - 4, size)
            out += _put(x, y, _rect(round(w, 1), round(h, 1), f"fill: {fill}"))
            if rng.random() < 0.5:
                out += _put(
                    x + w / 2 - 3, y + h / 2 - 3, f"text(size: 6pt, {quoted(str(rng.randrange(60)))})"
                )
            at += size if lying else -size
        place = (2, 24 + r * step) if lying else (62 + r * step, 64 + long)
        out += _put(*place, f"text(size: 7pt, {quoted(rng.choice(NOUNS)[:7])})")
    for k, fill in enumerate(colours if rng.random() < 0.8 else ()):
        out += _put(60 + 70 * k, 2, _rect(8, 8, f"fill: {fill}"))
        out += _put(71 + 70 * k, 2, f"text(size: 7pt, {quoted(label(rng)[:12])})")
    return _canvas(long + 90, long + 90 if not lying else step * count + 40, out)


def curves(rng: random.Random) -> str:
    """Two to four panels of curves in frames with ticks and numbers."""
    out, panels = "", rng.randint(1, 3)
    for p in range(panels):
        x0 = 150 * p + 24
        out += _put(x0, 0, _rect(110, 90, "stroke: .6pt"))
        out += _put(x0 + 30, 104, f"text(size: 7pt, {quoted(label(rng)[:14])})")
        for k in range(5):
            out += _put(x0 + 24 * k, 94, f"text(size: 6pt, {quoted(str(k))})")
            out += _put(x0 - 16, 84 - 21 * k, f"text(size: 6pt, {quoted(str(k / 4))})")
            out += _line((x0 - 3, 88 - 21 * k), (x0, 88 - 21 * k), ".5pt")
        for _ in range(rng.randint(1, 4)):
            ys = [rng.uniform(6, 84) for _ in range(9)]
            style = f"1pt + {colour(rng, 0, 200)}"
            for k, (a, b) in enumerate(pairwise(ys)):
                out += _line((x0 + 13 * k, a), (x0 + 13 * k + 13, b), style)
    return _canvas(150 * panels, 116, out)


def tree(rng: random.Random) -> str:
    """A root with children under it, joined by lines with corners."""
    count = rng.randint(2, 5)
    out = _node(rng, 45 * count - 45, 0, 90, 24, label(rng), "none", rng.random() < 0.4)
    middle = 45 * count
    out += _line((middle, 24), (middle, 40)) + _line((45, 40), (90 * count - 45, 40))
    for k in range(count):
        out += _line((90 * k + 45, 40), (90 * k + 45, 56)) + _node(
            rng, 90 * k + 4, 56, 82, 24, label(rng), colour(rng), False
        )
    return _canvas(90 * count, 84, out)


DRAWINGS = (
    blocks,
    blocks,
    blocks,
    classes,
    classes,
    sequence,
    stack,
    stack,
    bits,
    states,
    chart,
    tree,
    stacked_bars,
    stacked_bars,
    curves,
)
