"""Small flowcharts drawn with PIL, with their graphs and true captions, for the tests of training."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw

from dic_ingest.evaluation.figure_set import Pair, PairQuestion, write_lines
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node

NAMES = ("Attach request", "Check quota", "Open bearer", "Reject call", "Notify user", "Store record")
LABELS = ("yes", "no", "timeout")


def graph(source: random.Random) -> Diagram:
    """Four boxes, the second of which branches."""
    names = source.sample(NAMES, 4)
    nodes = tuple(Node(f"n{i}", t, bbox=(20, 12 + 50 * i, 150, 42 + 50 * i)) for i, t in enumerate(names))
    one, two = source.sample(LABELS, 2)
    return Diagram(Kind.FLOWCHART, nodes, (Edge("n0", "n1"), Edge("n1", "n2", one), Edge("n1", "n3", two)))


def drawn(diagram: Diagram) -> Image.Image:
    """The boxes one below the other, lines at their right."""
    picture = Image.new("RGB", (224, 224), "white")
    pen = ImageDraw.Draw(picture)
    places = {n.id: n.bbox for n in diagram.nodes}
    for node in diagram.nodes:
        assert node.bbox is not None
        pen.rectangle(node.bbox, outline="black", width=2)
        pen.text((node.bbox[0] + 6, node.bbox[1] + 9), node.label, fill="black")
    for at, edge in enumerate(diagram.edges):
        a, b = places[edge.source], places[edge.target]
        assert a is not None and b is not None
        x = 160 + 15 * at
        pen.line([(a[2], a[3] - 8), (x, a[3] - 8), (x, b[1] + 8), (b[2], b[1] + 8)], fill="black", width=2)
        pen.polygon([(b[2], b[1] + 8), (b[2] + 7, b[1] + 4), (b[2] + 7, b[1] + 12)], fill="black")
        pen.text((x + 2, (a[3] + b[1]) / 2), edge.label, fill="black")
    return picture


def make_set(folder: Path, train: int = 6, test: int = 2, seed: int = 0) -> Path:
    """A folder with pairs.jsonl, questions.jsonl and images; returns it."""
    source = random.Random(seed)
    (folder / "images").mkdir(parents=True)
    pairs, questions = [], []
    for at in range(train + test):
        diagram = graph(source)
        split = "train" if at < train else "test"
        image = f"images/p{at}.png"
        drawn(diagram).save(folder / image)
        pairs.append(Pair(f"p{at}", image, diagram, diagram.to_text(), split, domain="calls", source="drawn"))
        names = [n.label for n in diagram.nodes]
        questions.append(
            PairQuestion(
                f"q{at}", f"p{at}", image, "partial", f'What follows "{names[0]}"?', names[1],
                tuple(source.sample(names, 4)), "next step", split=split,
            )
        )  # fmt: skip
    write_lines(folder / "pairs.jsonl", pairs)
    write_lines(folder / "questions.jsonl", questions)
    return folder
