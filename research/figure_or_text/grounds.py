"""Text on drawn grounds, as Typst: listings, algorithms, notes, tables, forms, cards, title pages.

In: a random source. Out: Typst source of one region that is text.
"""

from __future__ import annotations

import json
import random

from research.figure_or_text.words import NOUNS, grammar, label, listing, name, prose


def quoted(text: str) -> str:
    """A Typst string."""
    return json.dumps(text.encode("ascii", "ignore").decode())


def shown(text: str, **style: str) -> str:
    """Typst content that shows a text."""
    options = "".join(f"{key}: {value}, " for key, value in style.items())
    return f"text({options}{quoted(text)})"


def colour(rng: random.Random, low: int = 200, high: int = 252) -> str:
    """A random colour between two levels."""
    return "rgb({}, {}, {})".format(*(rng.randint(low, high) for _ in range(3)))


def box_style(rng: random.Random) -> str:
    """Ground, outline, corners and room of a block."""
    fill = rng.choice(
        (f"fill: {colour(rng)}, ", f"fill: {colour(rng)}, ", "", f"fill: {colour(rng, 20, 60)}, ")
    )
    stroke = rng.choice((f"stroke: {rng.choice(('0.4pt', '1pt', '2pt'))} + {colour(rng, 0, 160)}, ", ""))
    if not fill and not stroke:
        stroke = "stroke: (left: 2pt + red, rest: 0.3pt), "
    return (
        f"{fill}{stroke}radius: {rng.choice((0, 0, 3, 6))}pt, inset: {rng.choice((3, 6, 10))}pt, width: 100%"
    )


def _ink(style: str) -> str:
    """Light letters on a dark ground."""
    return "white" if _is_dark(style) else "black"


def _is_dark(style: str) -> bool:
    start = style.find("fill: rgb(")
    if start < 0:
        return False
    return int(style[start + 10 :].split(",")[0]) < 100


def code(rng: random.Random) -> str:
    """A listing on a ground, with line numbers, stripes or a title bar at times."""
    lines = listing(rng)
    style = box_style(rng)
    size = rng.choice(("7pt", "8pt", "9pt", "10pt"))
    form = rng.randrange(5)
    if form == 0:
        lines = [f"{k:3d} {line}" for k, line in enumerate(lines, 1)]
    if form == 1:
        rows = ", ".join(
            f"box(width: 100%, inset: 2pt, fill: {colour(rng)}, raw({quoted(line)}))" for line in lines
        )
        return f"#text(size: {size}, stack({rows}))"
    lang = f", lang: {quoted(rng.choice(('python', 'c', 'json')))}" if rng.random() < 0.5 else ""
    body = f"text(size: {size}, fill: {_ink(style)}, raw({quoted(chr(10).join(lines))}, block: true{lang}))"
    if form == 2:
        head = (
            f"block(width: 100%, inset: 3pt, below: 0pt, fill: {colour(rng, 120, 200)}, {shown(name(rng))})"
        )
        return f"#stack({head}, block({style}, {body}))"
    if form == 3:
        half = ", ".join(f"block({style}, {body})" for _ in range(2))
        return f"#grid(columns: 2, gutter: 8pt, {half})"
    return f"#block({style}, {body})"


def algorithm(rng: random.Random) -> str:
    """Pseudo-code between rules or in a frame, keywords bold, steps indented."""
    rows, depth = [], 0
    for k in range(rng.randint(4, 14)):
        word = rng.choice(("for", "if", "while", "return", "set", "call"))
        text = f"#h({depth * 12}pt)#strong[{word}] {name(rng)} $arrow.l$ {name(rng)}({rng.choice(NOUNS)})"
        rows.append(
            f"[{k + 1}:], [{text.replace('_', ' ')}]"
            if rng.random() < 0.9
            else f"[], [{text.replace('_', ' ')}]"
        )
        depth = max(0, min(4, depth + rng.choice((-1, 0, 1))))
    grid = f"grid(columns: (auto, 1fr), gutter: 4pt, {', '.join(rows)})"
    named = label(rng).translate({ord("_"): " ", ord("{"): None, ord("}"): None})
    title = f"[#strong[Algorithm {rng.randint(1, 9)}] {named}]"
    if rng.random() < 0.5:
        rule = "line(length: 100%, stroke: .6pt)"
        return f"#stack(spacing: 4pt, {rule}, {title}, {rule}, {grid}, {rule})"
    return f"#block({box_style(rng)}, stack(spacing: 5pt, {title}, {grid}))"


def note(rng: random.Random) -> str:
    """A framed remark, with a heading, a bar or a sign."""
    body = shown(prose(rng, rng.choice((60, 140, 300, 700))))
    head = shown(rng.choice(("Note", "Warning", "Tip", "Summary", "Key findings")), weight='"bold"')
    style = box_style(rng)
    inner = f"text(fill: {_ink(style)}, stack(spacing: 6pt, {head}, {body}))"
    if rng.random() < 0.35:
        sign = f"circle(radius: 8pt, fill: {colour(rng, 60, 200)}, text(fill: white)[!])"
        inner = f"grid(columns: (24pt, 1fr), {sign}, {inner})"
    return f"#block({style}, {inner})"


def table(rng: random.Random) -> str:
    """A table in one of many styles."""
    columns, rows = rng.randint(2, 6), rng.randint(2, 12)
    long = rng.random() < 0.3
    cells = []
    for r in range(rows):
        for c in range(columns):
            text = name(rng) if c == 0 else (str(rng.randrange(9999)) if rng.random() < 0.4 else label(rng))
            if long and r and c == columns - 1:
                text = prose(rng, 90)
            cells.append(shown(text, weight='"bold"' if r == 0 else '"regular"', size="8pt"))
    stroke = rng.choice(
        ("0.5pt", "none", "(x, y) => (bottom: 0.4pt)", "(x, y) => (top: .5pt, bottom: .5pt)", "1pt + gray")
    )
    fill = rng.choice(
        (
            "none",
            f"(x, y) => if y == 0 {{ {colour(rng)} }}",
            f"(x, y) => if calc.odd(y) {{ {colour(rng)} }}",
            f"(x, y) => if x == 0 {{ {colour(rng)} }}",
        )
    )
    wide = (
        ", ".join("1fr" for _ in range(columns))
        if rng.random() < 0.6
        else ", ".join("auto" for _ in range(columns))
    )
    return f"#table(columns: ({wide}), stroke: {stroke}, fill: {fill}, {', '.join(cells)})"


def form(rng: random.Random) -> str:
    """Fields to fill in: names with lines or boxes behind them, squares to tick."""
    rows = []
    for _ in range(rng.randint(3, 9)):
        made = rng.randrange(3)
        field = shown(label(rng) + ":")
        if made == 0:
            rows.append(
                f"grid(columns: (90pt, 1fr), {field}, line(start: (0pt, 9pt), length: 100%, stroke: .5pt))"
            )
        elif made == 1:
            rows.append(f"grid(columns: (90pt, 1fr), {field}, rect(width: 100%, height: 13pt, stroke: .5pt))")
        else:
            ticks = ", ".join(
                f"rect(width: 8pt, height: 8pt, stroke: .5pt), {shown(label(rng))}" for _ in range(3)
            )
            rows.append(f"grid(columns: 6, gutter: 6pt, {ticks})")
    body = f"stack(spacing: 8pt, {', '.join(rows)})"
    return f"#{body}" if rng.random() < 0.4 else f"#block({box_style(rng)}, {body})"


def cards(rng: random.Random) -> str:
    """Cards of keys and values, or of short texts, beside one another."""
    columns = rng.randint(1, 4)
    made = []
    for _ in range(columns * rng.randint(1, 2)):
        style = box_style(rng)
        if rng.random() < 0.5:
            rows = ", ".join(
                f"{shown(label(rng), weight=quoted('bold'))}, {shown(name(rng))}"
                for _ in range(rng.randint(2, 6))
            )
            body = f"grid(columns: 2, gutter: 5pt, {rows})"
        else:
            head, text = (
                shown(label(rng), weight=quoted("bold")),
                shown(prose(rng, rng.choice((70, 120, 220)))),
            )
            body = f"stack(spacing: 5pt, {head}, {text})"
        made.append(f"block({style}, text(size: 8pt, fill: {_ink(style)}, {body}))")
    wide = ", ".join("1fr" for _ in range(columns))
    return f"#grid(columns: ({wide}), gutter: 8pt, {', '.join(made)})"


def syntax(rng: random.Random) -> str:
    """A grammar in proportional or fixed letters on a ground."""
    lines = grammar(rng, rng.choice((3, 6, 12, 20)))
    style = box_style(rng)
    if rng.random() < 0.5:
        body = f"raw({quoted(chr(10).join(lines))}, block: true)"
    else:
        rows = ", ".join(
            f"pad(left: {12 if line.startswith(' ') else 0}pt, {shown(line.strip())})" for line in lines
        )
        body = f"stack(spacing: 4pt, {rows})"
    return f"#block({style}, text(size: 9pt, fill: {_ink(style)}, {body}))"


def formula(rng: random.Random) -> str:
    """Formulas in a frame."""
    made = rng.choice(
        ("sum_(i=1)^n x_i / n", "integral_0^1 f(x) dif x", "a^2 + b^2 = c^2", "mat(1, 2; 3, 4) v = lambda v")
    )
    return (
        f"#block({box_style(rng)}, stack(spacing: 6pt, [$ {made} $], {shown(prose(rng, 80))}, [$ {made} $]))"
    )


def title_page(rng: random.Random) -> str:
    """A title in bands and frames, an address under it."""
    bands = f"rect(width: 100%, height: {rng.randint(8, 60)}pt, fill: {colour(rng, 40, 220)})"
    texts = [shown(label(rng) + " " + label(rng), size="22pt", weight='"bold"')]
    texts += [shown(prose(rng, rng.choice((30, 60)))) for _ in range(rng.randint(2, 5))]
    return f"#block({box_style(rng)}, stack(spacing: 14pt, {bands}, {', '.join(texts)}, {bands}))"


GROUNDS = (code, code, code, algorithm, note, note, table, table, form, cards, syntax, formula, title_page)
