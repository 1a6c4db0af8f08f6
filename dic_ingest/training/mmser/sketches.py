"""Many sketches at once, drawn by all cores for one training run: graphs of the synthesis grammars.

In: how many, a seed, captions to leave out. Out: pictures and records as a pack holds them, split train. They
teach reading; what is measured on are drawings of real tools, none of whose graphs is among these.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
import random
import textwrap
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node
from dic_ingest.training.mmser.pack import Packed
from dic_ingest.training.mmser.perturb import Perturber
from dic_ingest.training.mmser.pictures import letterbox
from dic_ingest.training.synthesise.domains import DOMAINS, difficulty, draw_diagram

Point = tuple[float, float]
MOST = 2600  # pixels of a side; a larger drawing gives None
_PLAIN = (End.NONE, End.ARROW)


@dataclass(frozen=True)
class SketchStyle:
    """How one sketch looks."""

    font: ImageFont.FreeTypeFont | ImageFont.ImageFont
    size: int
    wrap: int
    gap: float
    sideways: bool
    fill: int
    pen: int

    @classmethod
    def chosen(cls, source: random.Random, sideways: bool) -> SketchStyle:
        """A look at random."""
        size = source.choice((11, 12, 13, 14, 16))
        return cls(
            ImageFont.load_default(size), size, source.choice((14, 18, 30)), source.uniform(2.2, 3.6),
            sideways != (source.random() < 0.2), source.choice((255, 255, 240, 225)),
            source.choice((1, 1, 2)),
        )  # fmt: skip


def sketch(diagram: Diagram, source: random.Random) -> Image.Image | None:
    """The drawing, or None for what is not drawn here: groups, other line ends, charts, very large ones."""
    ends = {end for e in diagram.edges for end in (e.source_end, e.target_end)}
    if diagram.groups or not diagram.nodes or not ends <= set(_PLAIN):
        return None
    look = SketchStyle.chosen(source, diagram.direction in ("LR", "RL"))
    if diagram.kind is Kind.SEQUENCE:
        return _sequence(diagram, look)
    return _layered(diagram, look)


def _layers(diagram: Diagram) -> list[list[Node]]:
    """Nodes by their distance from the first; in a layer near those that lead to them."""
    out: defaultdict[str, list[str]] = defaultdict(list)
    into: defaultdict[str, int] = defaultdict(int)
    for e in diagram.edges:
        out[e.source].append(e.target)
        into[e.target] += 1
    depth: dict[str, int] = {}
    for root in [n.id for n in diagram.nodes if not into[n.id]] + [n.id for n in diagram.nodes]:
        line = [] if root in depth else [root]
        depth.setdefault(root, 0)
        for own in line:
            for target in out[own]:
                if target not in depth:
                    depth[target] = depth[own] + 1
                    line.append(target)
    rows: defaultdict[int, list[Node]] = defaultdict(list)
    for n in diagram.nodes:
        rows[depth[n.id]].append(n)
    return [rows[d] for d in sorted(rows)]


def _layered(diagram: Diagram, look: SketchStyle) -> Image.Image | None:
    texts = {n.id: _lines(n, look) for n in diagram.nodes}
    sizes = {i: _box(t, look) for i, t in texts.items()}
    labels = max((_wide(e.label, look) for e in diagram.edges), default=0.0)
    layers, places, along, across = _layers(diagram), dict[str, Point](), 0.0, 0.0
    for layer in layers:
        thick = max(sizes[n.id][0 if look.sideways else 1] for n in layer)
        at = 0.0
        for n in layer:
            own = sizes[n.id][1 if look.sideways else 0]
            places[n.id] = (along + thick / 2, at + own / 2)
            at += own + look.size * look.gap
        across = max(across, at)
        along += thick + look.size * look.gap + (labels if look.sideways else look.size)
    for layer in layers:  # each layer in the middle
        last = layer[-1]
        space = across - places[last.id][1] - sizes[last.id][1 if look.sideways else 0] / 2
        for n in layer:
            places[n.id] = (places[n.id][0], places[n.id][1] + space / 2)
    turned = {i: (p if look.sideways else (p[1], p[0])) for i, p in places.items()}
    return _drawn(diagram, look, turned, sizes, texts)


def _drawn(
    diagram: Diagram,
    look: SketchStyle,
    places: dict[str, Point],
    sizes: dict[str, Point],
    texts: dict[str, list[str]],
) -> Image.Image | None:
    edge = 12 + look.size
    right = max(places[i][0] + sizes[i][0] / 2 for i in places)
    low = max(places[i][1] + sizes[i][1] / 2 for i in places)
    size = (round(right + 2 * edge + look.size * 4), round(low + 2 * edge))
    if max(size) > MOST:
        return None
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    at = {i: (x + edge, y + edge) for i, (x, y) in places.items()}
    several: defaultdict[frozenset[str], int] = defaultdict(int)
    for e in diagram.edges:
        both = frozenset((e.source, e.target))
        _edge(pen, e, at, sizes, look, several[both])
        several[both] += 1
    for n in diagram.nodes:
        _node(pen, n, at[n.id], sizes[n.id], texts[n.id], look)
    if diagram.title:
        pen.text((edge, 2), diagram.title, fill=0, font=look.font)
    return image


def _edge(
    pen: ImageDraw.ImageDraw,
    e: Edge,
    at: dict[str, Point],
    sizes: dict[str, Point],
    look: SketchStyle,
    nth: int,
) -> None:
    if e.source not in at or e.target not in at:
        return
    (x0, y0), (x1, y1) = at[e.source], at[e.target]
    if e.source == e.target:
        w, h = sizes[e.source]
        x, y = x0 + w / 2, y0
        pen.arc((x - 8, y - h / 2, x + 16, y + h / 2), -110, 110, fill=0, width=look.pen)
        _head(pen, (x, y + h / 3), (x + 9, y + h / 3))
        pen.text((x + 18, y), e.label, fill=0, font=look.font, anchor="lm")
        return
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    aside = 16 * nth / length  # a second line beside the first
    shift = (abs(y1 - y0) * aside, abs(x1 - x0) * aside)
    start = _border((x0, y0), (x1, y1), sizes[e.source])
    end = _border((x1, y1), (x0, y0), sizes[e.target])
    start, end = (start[0] + shift[0], start[1] + shift[1]), (end[0] + shift[0], end[1] + shift[1])
    _stroke(pen, start, end, e.style == "dashed", look.pen + (e.style == "thick"))
    back = ((x0 - x1) / length, (y0 - y1) / length)
    if e.target_end is End.ARROW and e.directed:
        _head(pen, end, (end[0] + 9 * back[0], end[1] + 9 * back[1]))
    if e.source_end is End.ARROW:
        _head(pen, start, (start[0] - 9 * back[0], start[1] - 9 * back[1]))
    share = (0.4, 0.66, 0.25)[nth % 3]
    _label(
        pen, (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share), e.label, look
    )
    for text, near, far in ((e.source_label, start, end), (e.target_label, end, start)):
        _label(pen, (near[0] + (far[0] - near[0]) * 0.15, near[1] + (far[1] - near[1]) * 0.15), text, look)


def _sequence(diagram: Diagram, look: SketchStyle) -> Image.Image | None:
    """Heads in a row, their lines down, messages one below the other."""
    heads = {n.id: _lines(n, look) for n in diagram.nodes}
    wide = max(_box(t, look)[0] for t in heads.values())
    told = max((_wide(e.label, look) for e in diagram.edges), default=0.0)
    step, row = max(wide + 20, told * 0.75 + 24), look.size * 2.2
    top = 20 + max(_box(t, look)[1] for t in heads.values()) + (look.size * 1.5 if diagram.title else 0)
    size = (round(step * len(heads) + told * 0.5 + 40), round(top + row * (len(diagram.edges) + 2)))
    if max(size) > MOST:
        return None
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    x = {n.id: 20 + step * (i + 0.5) for i, n in enumerate(diagram.nodes)}
    for n in diagram.nodes:
        _stroke(pen, (x[n.id], top), (x[n.id], size[1] - 8.0), look.fill == 255, 1)
        box = _box(heads[n.id], look)
        _node(pen, n, (x[n.id], top - box[1] / 2), box, heads[n.id], look)
    for i, e in enumerate(diagram.edges):
        if e.source in x and e.target in x:
            _message(pen, e, x, top + row * (i + 1.2), look)
    if diagram.title:
        pen.text((20, 2), diagram.title, fill=0, font=look.font)
    return image


def _message(pen: ImageDraw.ImageDraw, e: Edge, x: dict[str, float], y: float, look: SketchStyle) -> None:
    a, b = x[e.source], x[e.target]
    if e.source == e.target:
        pen.line([(a, y - 5), (a + 22, y - 5), (a + 22, y + 5), (a, y + 5)], fill=0, width=look.pen)
        _head(pen, (a, y + 5), (a + 9, y + 5))
        pen.text((a + 27, y), e.label, fill=0, font=look.font, anchor="lm")
        return
    way = 1 if b > a else -1
    _stroke(pen, (a, y), (b, y), e.style == "dashed", look.pen)
    _head(pen, (b, y), (b - 9 * way, y))
    pen.text(((a + b) / 2, y - 3), e.label, fill=0, font=look.font, anchor="mb")


def _lines(node: Node, look: SketchStyle) -> list[str]:
    label = textwrap.wrap(node.label, look.wrap, break_long_words=False) or [""]
    return [*label, *node.members]


def _wide(text: str, look: SketchStyle) -> float:
    return look.font.getlength(text) if text else 0.0


def _box(lines: list[str], look: SketchStyle) -> Point:
    """Width and height of a box around lines of text."""
    if lines == [""]:
        return (16.0, 16.0)
    return (max(_wide(t, look) for t in lines) + look.size * 1.6, len(lines) * look.size * 1.3 + look.size)


def _node(
    pen: ImageDraw.ImageDraw, node: Node, at: Point, size: Point, lines: list[str], look: SketchStyle
) -> None:
    (x, y), (w, h) = at, size
    box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    if lines == [""]:
        pen.ellipse(
            box, fill=0 if node.shape == "start" else 255, outline=0, width=2 + 2 * (node.shape == "end")
        )
        return
    if node.shape in ("diamond", "choice"):
        pen.polygon([(x, box[1] - h * 0.4), (box[2] + 14, y), (x, box[3] + h * 0.4), (box[0] - 14, y)],
                    fill=look.fill, outline=0, width=look.pen)  # fmt: skip
    elif node.shape in ("rounded", "stadium"):
        pen.rounded_rectangle(box, min(h / 2, 14), fill=look.fill, outline=0, width=look.pen)
    elif node.shape == "circle":
        pen.ellipse(
            (box[0] - 6, box[1] - 4, box[2] + 6, box[3] + 4), fill=look.fill, outline=0, width=look.pen
        )
    else:
        pen.rectangle(box, fill=look.fill, outline=0, width=look.pen)
    head = len(lines) - len(node.members)
    line = look.size * 1.3
    for i, text in enumerate(lines):
        middle = box[1] + look.size * 0.5 + line * (i + 0.5)
        if i < head:
            pen.text((x, middle), text, fill=0, font=look.font, anchor="mm")
        else:
            pen.text((box[0] + look.size * 0.5, middle), text, fill=0, font=look.font, anchor="lm")
    if node.members:
        pen.line(
            (box[0], box[1] + line * head + look.size * 0.4, box[2], box[1] + line * head + look.size * 0.4)
        )


def _border(own: Point, other: Point, size: Point) -> Point:
    """Where the line to `other` leaves the box around `own`."""
    dx, dy = other[0] - own[0], other[1] - own[1]
    shares = [size[k] / 2 / abs(d) for k, d in enumerate((dx, dy)) if abs(d) > 1e-6]
    share = min([*shares, 1.0])
    return (own[0] + dx * share, own[1] + dy * share)


def _stroke(pen: ImageDraw.ImageDraw, start: Point, end: Point, dashed: bool, width: int) -> None:
    if not dashed:
        pen.line((*start, *end), fill=0, width=width)
        return
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    for i in range(0, int(length), 9):
        a, b = i / length, min(1.0, (i + 5) / length)
        ends = [(start[0] + (end[0] - start[0]) * s, start[1] + (end[1] - start[1]) * s) for s in (a, b)]
        pen.line([*ends[0], *ends[1]], fill=0, width=width)


def _head(pen: ImageDraw.ImageDraw, tip: Point, back: Point) -> None:
    """A filled arrowhead from `back` to `tip`."""
    dx, dy = (back[0] - tip[0]) * 0.45, (back[1] - tip[1]) * 0.45
    pen.polygon([tip, (back[0] - dy, back[1] + dx), (back[0] + dy, back[1] - dx)], fill=0)


def _label(pen: ImageDraw.ImageDraw, at: Point, text: str, look: SketchStyle) -> None:
    if text:
        box = pen.textbbox(at, text, font=look.font, anchor="mm")
        pen.rectangle(box, fill=255)
        pen.text(at, text, fill=0, font=look.font, anchor="mm")


SIZES = (3, 10)  # nodes, in call flows messages
PART = 50
Drawn = list[tuple[npt.NDArray[np.uint8], Packed]]


def sketches(
    count: int, side: int, seed: int, without: Collection[str], processes: int, seconds: float = 60.0
) -> tuple[npt.NDArray[np.uint8], list[Packed]]:
    """At most `count` different sketches, fewer where `seconds` are over; none says a text of `without`."""
    words = _words(seed)
    parts = range(-(-count * 5 // (2 * PART)))  # more than half of all graphs are drawn
    seen, pictures, records = set(without), list[npt.NDArray[np.uint8]](), list[Packed]()
    began = time.monotonic()
    # forked: a spawned worker would first load torch with the caller's module
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for made in pool.imap_unordered(partial(_part, side=side, seed=seed, words=words), parts):
            for picture, record in made:
                if record.text not in seen and len(records) < count:
                    seen.add(record.text)
                    pictures.append(picture)
                    records.append(record)
            if len(records) >= count or time.monotonic() - began > seconds:
                break
        pool.terminate()
    return np.stack(pictures) if pictures else np.zeros((0, side, side), np.uint8), records


def _words(seed: int) -> Perturber:
    source = random.Random(f"words {seed}")
    graphs = [_graph(source) for _ in range(400)]
    labels = sorted({n.label for g in graphs for n in g.nodes if n.label.strip()})
    return Perturber(labels, sorted({e.label for g in graphs for e in g.edges if e.label.strip()}))


def _graph(source: random.Random) -> Diagram:
    domain = source.choices(list(DOMAINS), [d.weight for d in DOMAINS.values()])[0]
    return draw_diagram(source, domain, SIZES)[1]


def _part(number: int, side: int, seed: int, words: Perturber) -> Drawn:
    """`PART` graphs, those drawn that `sketch` can."""
    source, made = random.Random(f"{seed} {number}"), []
    for _ in range(PART):
        graph = _graph(source)
        image = sketch(graph, source)
        if image is None and source.random() < 0.7:  # without its frames it can be drawn
            graph = replace(graph, groups=(), nodes=tuple(replace(n, group=None) for n in graph.nodes))
            image = sketch(graph, source)
        if image is None:
            continue
        text = graph.to_text()
        own = hashlib.sha256(text.encode()).hexdigest()[:16]
        record = Packed(
            own, "train", text, text, tuple(words.pseudo(graph, source)), str(graph.kind), difficulty(graph)
        )
        made.append((np.asarray(letterbox(image, side)), record))
    return made
