"""Small sets of drawn figures with truth, captions and questions, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from dic_ingest.evaluation.figure_set import Pair, PairQuestion, write_lines
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.text.tokens import tokens

NAMES = """
router switch firewall gateway broker ledger sensor probe queue cache proxy vault relay beacon
hub mixer parser loader buffer signer ticket order parcel invoice refund stock basket courier
depot
"""
WORDS = NAMES.split()


def graph(number: int) -> Diagram:
    """Three boxes in a row, other names for every number."""
    names = [f"{WORDS[(3 * number + i) % len(WORDS)]} {number}" for i in range(3)]
    nodes = tuple(Node(f"n{i}", name) for i, name in enumerate(names))
    kind = Kind.FLOWCHART if number % 2 else Kind.TOPOLOGY
    return Diagram(kind, nodes, (Edge("n0", "n1", f"step {number}"), Edge("n1", "n2")))


def picture(number: int, scale: float = 1.0) -> Image.Image:
    """Boxes whose places depend on the number."""
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (320, 240), "white")
    pen = ImageDraw.Draw(image)
    for i in range(3):
        x, y = int(rng.integers(0, 220)), int(rng.integers(0, 180))
        pen.rectangle((x, y, x + 90, y + 40), outline="black", width=3)
        pen.text((x + 8, y + 12), graph(number).nodes[i].label, fill="black")
    return image.resize((round(320 * scale), round(240 * scale)), Image.Resampling.LANCZOS)


def make_pair(folder: Path, number: int, split: str = "test") -> Pair:
    """One figure, its picture written below `folder`."""
    image = f"images/p{number}.png"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    picture(number).save(folder / image)
    difficulty = ("easy", "medium", "hard")[number % 3]
    return Pair(
        f"p{number}", image, graph(number), graph(number).to_text(), split, difficulty, "made", "drawn"
    )


def make_question(pair: Pair) -> PairQuestion:
    """What follows the first box? Four options."""
    first, second, third = (n.label for n in pair.diagram.nodes)
    options = (third, second, first, "none of them")
    asked = f"What does {first} lead to?"
    return PairQuestion(
        f"q-{pair.id}",
        pair.id,
        pair.image,
        "detailed",
        asked,
        second,
        options,
        "next step",
        "easy",
        pair.split,
    )


def make_set(folder: Path, numbers: Sequence[int], split: str = "test") -> list[Pair]:
    """pairs.jsonl, questions.jsonl and pictures in `folder`."""
    pairs = [make_pair(folder, n, split) for n in numbers]
    write_lines(folder / "pairs.jsonl", pairs)
    write_lines(folder / "questions.jsonl", [make_question(p) for p in pairs])
    return pairs


def bag_of_words(texts: Sequence[str]) -> np.ndarray:
    """A text encoder without weights: words hashed into unit vectors."""
    rows = np.zeros((len(texts), 256), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in tokens(text):
            row[sum(ord(c) * 31**i for i, c in enumerate(word)) % 256] += 1
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
