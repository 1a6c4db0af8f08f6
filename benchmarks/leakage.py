"""Planted leaks, by kind: how many the leakage check finds, and how often it cries out at other figures.

    python benchmarks/leakage.py [--figures 200] [--seed 0] [--pairs FOLDER]

In: drawings of the synthesis grammars, or a folder of pairs. Half are training figures, the others are of
other plots; copies of the first are planted: cropped by 1 % at each side, recoloured, at half size, with one
node renamed (drawn anew in another style). Out: recall of each kind, and the share of the other half that is
said to leak.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from dic_ingest.evaluation.figure_set import PAIRS, Pair, read_pairs
from dic_ingest.evaluation.leakage.check import find_leakage
from dic_ingest.evaluation.leakage.graphs import LEAST
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.mmser.sketches import SIZES, sketch
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram

Figures = list[tuple[Path, Pair]]
CROP = 0.01  # of each side
NEW_NAME = "Renamed part"  # no grammar knows it


def cropped(image: Image.Image) -> Image.Image:
    """Without 1 % at each side."""
    x, y = max(1, round(image.width * CROP)), max(1, round(image.height * CROP))
    return image.crop((x, y, image.width - x, image.height - y))


def recoloured(image: Image.Image) -> Image.Image:
    """Blue lines on sand."""
    return ImageOps.colorize(image.convert("L"), black=(20, 40, 140), white=(250, 240, 215))


def inverted(image: Image.Image) -> Image.Image:
    """Light on dark."""
    return ImageOps.invert(image.convert("RGB"))


def half(image: Image.Image) -> Image.Image:
    """At half size."""
    return image.resize((max(8, image.width // 2), max(8, image.height // 2)), Image.Resampling.LANCZOS)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "crop of 1 %": cropped,
    "recoloured": recoloured,
    "light on dark": inverted,
    "half size": half,
    "half size, cropped, recoloured": lambda image: half(cropped(recoloured(image))),
}


def without_words(texts: list[str]) -> np.ndarray:
    """No caption is like another: only picture and graph are asked."""
    return np.eye(len(texts), len(texts) + 1, dtype=np.float32)[:, :1] * 0


def renamed(diagram: Diagram, source: random.Random) -> Diagram:
    """One node bears another name."""
    own = source.choice([n for n in diagram.nodes if n.label.strip()])
    nodes = tuple(replace(n, label=NEW_NAME) if n is own else n for n in diagram.nodes)
    return replace(diagram, nodes=nodes)


def drawings(count: int, seed: int) -> list[tuple[Diagram, Image.Image]]:
    """Different graphs of all grammars, drawn with pillow; no plot is in both halves."""
    source, seen = random.Random(seed), dict[str, tuple[str, Diagram, Image.Image]]()
    while len(seen) < count:
        domain = source.choice(sorted(DOMAINS))
        plot, diagram = draw_diagram(source, domain, SIZES)
        image = sketch(diagram, source) if len(diagram.edges) >= LEAST else None
        if image is not None:
            seen.setdefault(diagram.to_text(), (plot, diagram, image))
    plots = sorted({plot for plot, _, _ in seen.values()})
    source.shuffle(plots)
    place = {plot: i for i, plot in enumerate(plots)}
    ranked = sorted(seen.values(), key=lambda row: place[row[0]])
    middle = place[ranked[count // 2][0]]  # the plot that the cut runs through is left out of the second half
    first = ranked[: count // 2]
    second = [row for row in ranked if place[row[0]] > middle]
    return [(diagram, image) for _, diagram, image in (*first, *second)]


def placed(folder: Path, name: str, diagram: Diagram, image: Image.Image, caption: str) -> tuple[Path, Pair]:
    """A pair whose picture lies in a folder."""
    image.save(folder / f"{name}.png")
    return folder, Pair(name, f"{name}.png", diagram, caption)


def main() -> None:
    """Prints recall by kind and false alarms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=Path)
    asked = parser.parse_args()
    source = random.Random(asked.seed)
    if asked.pairs:  # of different owners, in this order
        pairs = read_pairs(asked.pairs / PAIRS)[: asked.figures]
        made = [(p.diagram, Image.open(asked.pairs / p.image).convert("RGB")) for p in pairs]
    else:
        made = drawings(asked.figures, asked.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = [placed(folder, f"f{i}", d, image, f"own {i}") for i, (d, image) in enumerate(made)]
        half_of = min(asked.figures, len(made)) // 2
        train, others = every[:half_of], every[half_of:]
        alarms = {leak.test for leak in find_leakage(others, train, without_words).leaks}
        print(json.dumps({"false alarms": round(len(alarms) / len(others), 4), "of": len(others)}))
        bare = Diagram(made[0][0].kind)
        for kind, change in CHANGES.items():  # the graph is not given: pictures alone decide
            planted = [
                placed(folder, f"t{i}", bare, change(image), f"test {i}")
                for i, (_, image) in enumerate(made[: len(train)])
            ]
            print(json.dumps({"planted": kind, "recall": recall(planted, train)}))
        planted = []
        for i, (diagram, _) in enumerate(made[: len(train)]):
            graph = renamed(diagram, source)
            image = None if asked.pairs else sketch(graph, source)
            image = image or Image.new("RGB", (64, 64), "white")
            planted.append(placed(folder, f"t{i}", graph, image, f"test {i}"))
        print(json.dumps({"planted": "one node renamed, drawn anew", "recall": recall(planted, train)}))


def recall(planted: Figures, train: Figures) -> float:
    """The share of planted figures that are said to be the training figure they were made of."""
    found = {(leak.test, leak.train) for leak in find_leakage(planted, train, without_words).leaks}
    return round(sum((f"t{i}", f"f{i}") in found for i in range(len(planted))) / len(planted), 4)


if __name__ == "__main__":
    main()
