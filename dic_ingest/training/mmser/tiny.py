"""Drawings of two to four boxes, to try a training on a CPU in minutes; real figures are larger.

In: a folder, a count and a seed. Out: `pairs.jsonl` and pictures of 128 pixels, each graph drawn once. The
words are few, so a network can learn to tell them apart from some hundred pictures.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.figure_set import Pair, write_lines
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node

WORDS = ("UE", "gNB", "AMF", "SMF", "UPF", "UDM", "PCF", "NRF")
LABELS = ("N1", "N2", "N4", "N6")
SIDE = 128
MOST = 10_000  # there are some hundred thousand
_CELLS = ((32, 32), (96, 32), (32, 96), (96, 96))
_HALF = (19, 11)  # of a box


def tiny_pairs(folder: Path, count: int, seed: int = 0, test: float = 0.2) -> list[Pair]:
    """Draws `count` pairs of different graphs; a graph's split follows from its hash.

    Raises:
        SettingsError: too many are asked for.
    """
    if not 1 <= count <= MOST:
        raise SettingsError(f"tiny drawings are made by 1 to {MOST}, not {count}.")
    (folder / "images").mkdir(parents=True, exist_ok=True)
    source, made = random.Random(seed), dict[str, Pair]()
    while len(made) < count:
        diagram, cells = _graph(source)
        own = hashlib.sha256(json.dumps([diagram.to_dict(), cells]).encode()).hexdigest()[:16]
        if own in made:
            continue
        share = int(own[:8], 16) / 16**8
        split = "test" if share < test else "validation" if share < test + 0.1 else "train"
        name = f"images/{own}.png"
        _draw(diagram, cells).save(folder / name)
        made[own] = Pair(own, name, diagram, diagram.to_text(), split, "easy", "tiny", "tiny")
    write_lines(folder / "pairs.jsonl", made.values())
    return list(made.values())


def _graph(source: random.Random) -> tuple[Diagram, list[int]]:
    """A connected graph of 2 to 4 nodes whose lines run between neighbouring cells of a square."""
    count = source.choice((2, 3, 3, 4))
    ring = [0, 1, 3, 2]  # neighbours in this order
    start = source.randrange(4)
    cells = [ring[(start + i) % 4] for i in range(count)]
    nodes = tuple(Node(f"n{i}", word) for i, word in enumerate(source.sample(WORDS, count)))
    edges = []
    for i in range(count - 1 + (count == 4 and source.random() < 0.5)):
        start_id, end_id = source.sample((f"n{i}", f"n{(i + 1) % count}"), 2)
        edges.append(Edge(start_id, end_id, source.choice(("", *LABELS))))
    return Diagram(Kind.FLOWCHART, nodes, tuple(edges)), cells


def _draw(diagram: Diagram, cells: list[int]) -> Image.Image:
    image = Image.new("L", (SIDE, SIDE), 255)
    pen = ImageDraw.Draw(image)
    middle = {n.id: _CELLS[c] for n, c in zip(diagram.nodes, cells, strict=True)}
    for edge in diagram.edges:
        _line(pen, middle[edge.source], middle[edge.target], edge.label)
    for node in diagram.nodes:
        x, y = middle[node.id]
        box = (x - _HALF[0], y - _HALF[1], x + _HALF[0], y + _HALF[1])
        pen.rectangle(box, fill=255, outline=0)
        pen.text((x, y), node.label, fill=0, anchor="mm", font_size=13)
    return image


def _line(pen: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int], label: str) -> None:
    """An arrow from box to box along a row or a column, with its label above or beside it."""
    dx, dy = (end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1])
    tip = (end[0] - dx * _HALF[0], end[1] - dy * _HALF[1])
    pen.line((*start, *tip), fill=0)
    back = (tip[0] - 5 * dx, tip[1] - 5 * dy)
    pen.polygon([tip, (back[0] - 4 * dy, back[1] - 4 * dx), (back[0] + 4 * dy, back[1] + 4 * dx)], fill=0)
    if label:
        x, y = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
        pen.text((x + 11 * abs(dy), y - 9 * abs(dx)), label, fill=0, anchor="mm", font_size=11)
