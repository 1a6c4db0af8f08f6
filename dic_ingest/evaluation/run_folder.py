"""A folder of results of `dic-ingest run`, measured without labels: evidence, GRC and QIR of its figures.

In: the folder. Out: measures over its described figures, and its nodes for `figure_questions.py`. The gallery
are the folder's own figures, by their printed captions, the sentences that speak of them and their words:
texts that the captions were not made to match.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dic_ingest.errors import MALFORMED, InputError, MissingFileError
from dic_ingest.evaluation.embedding.image import Look, Rows, gradients_of
from dic_ingest.evaluation.leakage.check import MAX_PIXELS, Encode
from dic_ingest.evaluation.scoring import PictureGallery
from dic_ingest.evaluation.statistics import Measure, averaged, ratio
from dic_ingest.image_files import open_picture
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure

MAX_BYTES = 1 << 30  # of one file of results


@dataclass(frozen=True, slots=True)
class RunNode:
    """What of a line of nodes.jsonl is searched."""

    file: str
    page: int
    text: str
    kind: str  # dic_type: figure, text, table ...


@dataclass(frozen=True, slots=True)
class RunFolder:
    """All nodes of a folder, and its described figures with their crops."""

    folder: Path
    nodes: tuple[RunNode, ...]
    figures: tuple[tuple[Path, Figure], ...]


def is_run(folder: Path) -> bool:
    """Whether the folder holds results of `dic-ingest run`."""
    return any(folder.glob("*/nodes.jsonl")) or (folder / "nodes.jsonl").is_file()


def read_run(folder: Path) -> RunFolder:
    """All results below a folder.

    Raises:
        MissingFileError: there are none. InputError: a file of results that cannot be read.
    """
    paths = sorted([*folder.glob("*/nodes.jsonl"), *folder.glob("nodes.jsonl")])
    if not paths:
        raise MissingFileError(f"{folder} holds no results. Make some: dic-ingest run FILES --out {folder}")
    nodes: list[RunNode] = []
    figures: list[tuple[Path, Figure]] = []
    for path in paths:
        try:
            nodes += [_node(line) for line in _text(path).splitlines() if line.strip()]
            document = Document.from_dict(json.loads(_text(path.with_name("document.json"))))
        except (OSError, *MALFORMED) as error:
            raise InputError(f"{path.parent} holds no readable results: {error}") from error
        for figure in document.figures:
            crop = path.parent / figure.image
            kept = figure.route is None or figure.route.kept
            if kept and figure.description and figure.image and crop.is_file():
                figures.append((crop, figure))
    return RunFolder(folder, tuple(nodes), tuple(figures))


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has more than {MAX_BYTES} bytes")
    return path.read_text("utf-8")


def _node(line: str) -> RunNode:
    data = json.loads(line)
    known = data["metadata"]
    return RunNode(str(known["file_name"]), int(known["page"]), str(data["text"]), str(known["dic_type"]))


def run_measures(run: RunFolder, encode: Encode, look: Look = gradients_of, count: int = 5) -> list[Measure]:
    """Evidence recall and precision, lines read, share marked for review, GRC, QIR; nothing without a figure.

    What a reader did not read it does not claim, and what it claims its own graph supports. So precision
    counts each statement by the chance that the graph is right, and lines that were seen but not read count
    in `lines read`.
    """
    said = [(f.id, f.description) for _, f in run.figures if f.description is not None]
    weighed = [(own, d.evidence) for own, d in said if d.evidence is not None]
    if not said:
        return []
    ids = [own for own, _ in weighed]
    scored = [
        (own, d.evidence.recall, expected_precision(d))
        for own, d in said
        if d.evidence is not None and None not in (d.evidence.recall, d.evidence.precision)
    ]
    drawn = [(own, d.diagram) for own, d in said if d.diagram is not None and _lines(d.diagram)]
    counts = [[len(g.edges), _lines(g)] for _, g in drawn]
    measures = [
        averaged("evidence recall", [own for own, _, _ in scored], [r or 0.0 for _, r, _ in scored]),
        averaged("evidence precision", [own for own, _, _ in scored], [p for _, _, p in scored]),
        Measure("lines read", tuple(own for own, _ in drawn), np.array(counts, float).reshape(-1, 2), ratio),
        averaged("marked for review", ids, [float(e.needs_review) for _, e in weighed]),
    ]
    gallery = PictureGallery(
        encode([gallery_text(f) for _, f in run.figures]),
        np.concatenate([_looked(look, crop) for crop, _ in run.figures]),
    )
    queries = encode([own_words(f, d) for (_, f), (_, d) in zip(run.figures, said, strict=True)])
    return measures + gallery.measures([own for own, _ in said], queries, count)


def expected_precision(said: Description) -> float:
    """The share of a description's statements that are expected to be right.

    One that the graph supports counts by the graph's calibrated score, any other support in full. Where no
    statements are kept their share is taken at the same discount.
    """
    if said.evidence is None or said.evidence.precision is None:
        return 0.0
    graph = said.diagram
    sure = 1.0 if graph is None or said.graph_from == "file" else min(max(graph.score, 0.0), 1.0)
    statements = said.evidence.statements
    if not statements:
        return said.evidence.precision * sure
    worth = [sure if s.support == "graph" else float(bool(s.support)) for s in statements]
    return min(said.evidence.precision, sum(worth) / len(worth))


def _lines(graph: Diagram) -> int:
    """Lines seen: read as edges, or not."""
    return len(graph.edges) + graph.lines_unread


def gallery_text(figure: Figure) -> str:
    """What is known of a figure without its description."""
    words = figure.embedded_words or (figure.description.words if figure.description else ())
    sentences = (r.sentence for r in figure.references)
    return " ".join([figure.printed_caption, *sentences, *(w.text for w in words)])


def own_words(figure: Figure, said: Description) -> str:
    """The description without the printed caption at its head."""
    head = ": ".join(filter(None, (figure.label, figure.printed_caption)))
    return said.caption[len(head) :].lstrip(". :\n") if said.caption.startswith(head) else said.caption


def _looked(look: Look, crop: Path) -> Rows:
    try:
        with open_picture(crop) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError(f"more than {MAX_PIXELS} pixels")
            return look([picture.convert("RGB")])
    except (OSError, ValueError, SyntaxError, InputError) as error:
        raise InputError(f"{crop} cannot be read as a picture: {error}") from error


def shared_gallery_note(runs: Sequence[RunFolder]) -> str:
    """What must be told beside GRC and QIR of these runs."""
    sizes = " and ".join(str(len(r.figures)) for r in runs)
    return (
        f"GRC and QIR compare figures of one gallery ({sizes} figures); other galleries give other numbers."
    )
