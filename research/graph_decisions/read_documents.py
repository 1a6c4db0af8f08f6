"""Read the drawings of annotated documents, and what is no drawing on their pages, and store their scenes.

    python read_documents.py CORPUS SCENES

In: the corpus with documents, their figures and graphs annotated by hand. Out: a file for every region,
SCENES/documents-vector-<n>.json, with a scene, its owner, and its graph; no graph where the region holds
none: tables, listings, text, photographs, charts.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import SCENE, lines_of

from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.box import Box, overlap
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile

GRAPHLESS = {"decoration", "table", "other", "screenshot", "photo", "chart", "formula"}
SETS = (("annotations", "pdf"), ("annotations2", "pdf2"))
LEAST = 20.0  # points; smaller regions are no figures
TRIES = 3  # regions of a page that are no figure


def main(corpus: Path, scenes: Path) -> None:
    scenes.mkdir(parents=True, exist_ok=True)
    count = 0
    for notes, folder in SETS:
        figures = _by_file(corpus / notes / "figures.jsonl")
        graphs = _by_file(corpus / notes / "graphs.jsonl")
        covered = json.loads((corpus / notes / "covered.json").read_text("utf-8"))
        for name, pages in covered.items():
            path = corpus / folder / name
            if not path.exists():
                continue
            for item in _regions(path, pages, figures[name], graphs[name]):
                item["owner"] = name.split("+")[0]
                (scenes / f"documents-vector-{count}.json").write_text(json.dumps(item), "utf-8")
                count += 1


def _by_file(path: Path) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for item in lines_of(path):
        found[item["file"]].append(item)
    return found


def _regions(
    path: Path, pages: list[int], figures: list[dict[str, Any]], graphs: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    with PdfFile(path) as file:
        for number in pages:
            drawing = file.drawing(number)
            here = [f for f in figures if f["page"] == number]
            for graph in graphs:
                if graph["page"] == number:
                    yield _stored(drawing, tuple(graph["bbox"]), graph)
            for figure in here:
                if figure["kind"] in GRAPHLESS:
                    yield _stored(drawing, tuple(figure["bbox"]), None)
            for box in _elsewhere(drawing, [tuple(f["bbox"]) for f in here], f"{path.name} {number}"):
                yield _stored(drawing, box, None)


def _elsewhere(drawing: Drawing, taken: list[Box], seed: str) -> Iterator[Box]:
    """Regions of the page that touch no figure."""
    dice = random.Random(seed)
    for _ in range(TRIES):
        w, h = dice.uniform(0.3, 1.0) * drawing.width, dice.uniform(0.1, 0.6) * drawing.height
        x, y = dice.uniform(0, drawing.width - w), dice.uniform(0, drawing.height - h)
        box = (x, y, x + w, y + h)
        if not any(overlap(box, t) for t in taken):
            yield box


def _stored(drawing: Drawing, box: Box, graph: dict[str, Any] | None) -> dict[str, Any]:
    scene = scene_from_drawing(drawing.within(box).cut(box))
    return {"scene": SCENE.dump_python(scene, mode="json"), "graph": graph, "looks": {}}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
