"""Floors of reading, kind by kind, as vectors and as pixels: our own drawings, and samples of other people's.

Node and edge F1 over all drawings of a kind; each floor lies a few hundredths under what was reached when it
was set. A drawing whose graph is not believed counts as not read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dic_ingest.captioning.figure_reading import read_drawing, read_picture
from dic_ingest.diagrams.reader import is_believable
from dic_ingest.evaluation.graph_scores import compare_graphs
from dic_ingest.model.diagram import Diagram
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.read import read_pages
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.vision.ocr import read_words

KINDS = Path(__file__).resolve().parents[1] / "fixtures" / "kinds"
DRAWN = sorted(p for p in KINDS.iterdir() if p.suffix in (".mmd", ".puml", ".dot"))
DPI = 144.0  # of pixels painted from a PDF
VECTORS = 12  # drawings of a kind
PIXELS = 3  # reading one takes a second
Row = dict[str, Any]
Floor = tuple[float, float]  # of nodes, of edges

RENDERED_VECTORS: dict[str, Floor] = {
    "class": (0.97, 0.97),
    "er": (0.97, 0.97),
    "flowchart": (0.97, 0.97),
    "sequence": (0.97, 0.97),
    "state": (0.95, 0.97),
}
PEOPLES_VECTORS: dict[str, Floor] = {
    "block": (0.75, 0.61),
    "class": (0.96, 0.97),
    "er": (0.93, 0.94),
    "flowchart": (0.90, 0.89),
    "sequence": (0.81, 0.84),
    "state": (0.90, 0.92),
}
RENDERED_PIXELS: dict[str, Floor] = {
    "class": (0.94, 0.94),
    "er": (0.89, 0.64),
    "flowchart": (0.95, 0.95),
    "sequence": (0.85, 0.82),
    "state": (0.82, 0.74),
}
PEOPLES_PIXELS: dict[str, Floor] = {"block": (0.84, 0.77), "flowchart": (0.66, 0.58)}


def shown(read: object) -> Diagram | None:
    return read if isinstance(read, Diagram) and is_believable(read) else None


def as_vectors(path: Path) -> Diagram | None:
    with PdfFile(path) as pdf:
        return shown(read_drawing(pdf.drawing(1), pdf.render(1, dpi=100.0)))


def as_pixels(path: Path) -> Diagram | None:
    if path.suffix == ".pdf":
        with PdfFile(path) as pdf:
            picture = pdf.render(1, dpi=DPI)
    else:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    return shown(read_picture(picture, tuple(read_words(picture))))


def scores(pairs: Iterable[tuple[Diagram, Diagram | None]]) -> tuple[float, float]:
    """F1 of nodes and of edges, over all drawings together."""
    sums: Counter[str] = Counter()
    for truth, found in pairs:
        c = compare_graphs(truth, found)
        sums.update(node=c.node_hit, nodes=c.nodes_true, here=c.nodes_found)
        sums.update(edge=c.edge_hit, edges=c.edges_true, lines=c.edges_found)
    nodes, edges = sums["nodes"] + sums["here"], sums["edges"] + sums["lines"]
    return 2 * sums["node"] / max(nodes, 1), 2 * sums["edge"] / max(edges, 1)


def truth_of(source: Path) -> Diagram:
    """What the source itself says."""
    (page,) = read_pages(source.read_bytes(), source.name, source.suffix, DiagramLimits())
    assert page.diagram is not None
    return page.diagram


def chosen(rows: Iterable[Row], kind: str, most: int = VECTORS) -> list[Row]:
    """Drawings of a kind, the same in every run; block diagrams and topologies count as one kind."""
    own = [r for r in rows if r["kind"].replace("topology", "block") == kind]
    return sorted(own, key=lambda r: hashlib.sha256(r["id"].encode()).hexdigest())[:most]


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def graph_of(row: Row) -> Diagram:
    node, edge = ("id", "label"), ("source", "target", "label", "directed")
    nodes = [{k: n[k] for k in node} for n in row["nodes"]]
    return Diagram.from_dict(
        {"kind": row["kind"], "nodes": nodes, "edges": [{k: e[k] for k in edge} for e in row["edges"]]}
    )


def smallest(paths: Callable[[Row], Path], rows: list[Row]) -> list[Row]:
    """The pictures that are read the quickest."""

    def size(row: Row) -> int:
        with Image.open(paths(row)) as opened:
            return opened.width * opened.height

    return sorted(rows, key=size)[:PIXELS]


def reaches(found: tuple[float, float], floor: Floor) -> bool:
    return all(f >= least for f, least in zip(found, floor, strict=True))


@pytest.mark.parametrize("read", [as_vectors, as_pixels])
@pytest.mark.parametrize("source", DRAWN, ids=[p.name for p in DRAWN])
def test_our_own_drawings(source: Path, read: Callable[[Path], Diagram | None]) -> None:
    truth, found = truth_of(source), read(source.with_name(source.name.replace(".", "_") + ".pdf"))
    assert found is not None
    alike = {"block", "topology", "flowchart"}  # boxes and arrows: more than one word is right
    assert found.kind == truth.kind or {found.kind, truth.kind} <= alike
    assert reaches(scores([(truth, found)]), (0.95, 0.94))


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "floor"), RENDERED_VECTORS.items())
def test_rendered_sources_as_vectors(kind: str, floor: Floor, corpus: Path) -> None:
    rows = chosen(rows_of(corpus / "diagrams_truth.jsonl"), kind)
    pairs = ((graph_of(r), as_vectors(corpus / "diagrams" / f"{r['id']}.pdf")) for r in rows)
    assert reaches(found := scores(pairs), floor), found


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "floor"), PEOPLES_VECTORS.items())
def test_peoples_drawings_as_vectors(kind: str, floor: Floor, corpus: Path) -> None:
    place = corpus / "real_sources" / "pdf"
    rows = [
        r for r in rows_of(corpus / "real_sources" / "truth.jsonl") if (place / f"{r['id']}.pdf").is_file()
    ]
    pairs = ((graph_of(r), as_vectors(place / f"{r['id']}.pdf")) for r in chosen(rows, kind))
    assert reaches(found := scores(pairs), floor), found


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "floor"), RENDERED_PIXELS.items())
def test_rendered_sources_as_pixels(kind: str, floor: Floor, corpus: Path) -> None:
    def path(row: Row) -> Path:
        return corpus / "diagrams" / f"{row['id']}.png"

    rows = smallest(path, chosen(rows_of(corpus / "diagrams_truth.jsonl"), kind))
    assert reaches(found := scores((graph_of(r), as_pixels(path(r))) for r in rows), floor), found


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "floor"), PEOPLES_PIXELS.items())
def test_peoples_drawings_as_pixels(kind: str, floor: Floor, corpus: Path) -> None:
    def path(row: Row) -> Path:
        return corpus / "real_images" / "images" / row["file"]

    rows = smallest(path, chosen(rows_of(corpus / "real_images" / "graphs.jsonl"), kind))
    found = scores((graph_of(r), as_pixels(path(r))) for r in rows)
    assert reaches(found, floor), found
