"""How well drawings on slides are read from the file itself: against graphs that an independent reader took.

    python benchmarks/office_diagrams.py CORPUS [--predictions OUT.jsonl] [--worst N]

CORPUS holds `sources.jsonl` (id, format, pptx, slide) and `truth.jsonl` (nodes and edges by the file's ids).
Nodes and edges are compared by those ids, so this counts which shapes and lines were taken, not how they were
labelled; `--predictions` writes the form that the label-based scorer takes, which counts the labels too.
Drawings whose connectors all name their shapes are counted apart from those with free lines; --strict leaves
out those whose truth left ends open.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dic_ingest.model.diagram import Diagram
from dic_ingest.sources.office.deck import Deck
from dic_ingest.sources.office.drawing.graph.build import read_graph
from dic_ingest.sources.office.drawing.shapes import FRAME, OfficeShape
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.powerpoint import read_deck
from dic_ingest.sources.office.settings import OfficeSettings

Pair = tuple[str, str]


def main() -> None:
    """Read the slides, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--strict", action="store_true", help="leave out truth with unresolved ends")
    chosen = parser.parse_args()
    truth = {t["id"]: t for t in _lines(chosen.corpus / "truth.jsonl")}
    counts: dict[str, Counter[str]] = {"all": Counter(), "connectors": Counter(), "free lines": Counter()}
    found, seconds, scores = [], [], []
    for name, shapes in _slides(chosen.corpus):
        true = truth[name]
        if chosen.strict and true["stats"]["unresolved"]:
            continue
        start = time.perf_counter()
        diagram = read_graph(shapes)
        seconds.append(time.perf_counter() - start)
        found.append({"id": name, "kind": str(diagram.kind), "seconds": seconds[-1], **_plain(diagram)})
        counted = _compare(true, diagram)
        sort = "free lines" if _has_free_lines(shapes) else "connectors"
        counts["all"] += counted
        counts[sort] += counted
        scores.append((_f1(counted, "edges"), _f1(counted, "nodes"), name, sort))
    for sort, counted in counts.items():
        print(f"{sort:11} drawings {counted['drawings']:3}  node F1 {_f1(counted, 'nodes'):.3f}", end="  ")
        print(f"edge F1 {_f1(counted, 'edges'):.3f}")
    print(f"{1000 * sum(seconds) / max(len(seconds), 1):.1f} ms a drawing")
    for edges, nodes, name, sort in sorted(scores)[: chosen.worst]:
        print(f"  {name}  nodes {nodes:.2f}  edges {edges:.2f}  {sort}")
    if chosen.predictions:
        chosen.predictions.write_text("".join(json.dumps(f) + "\n" for f in found), "utf-8")


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _slides(corpus: Path) -> Iterator[tuple[str, list[OfficeShape]]]:
    """Shapes of every slide of the list that may draw."""
    decks: dict[str, Any] = {}
    for source in _lines(corpus / "sources.jsonl"):
        if source["format"] != "pptx":
            continue
        if source["pptx"] not in decks:
            decks = {source["pptx"]: _deck(corpus / source["pptx"])}
        shapes = decks[source["pptx"]].shapes[source["slide"]]
        linked = {name for s in shapes for name in (s.start, s.end) if name}
        yield (
            source["id"],
            [s for s in shapes if s.id in linked or not (s.placeholder or s.kind == FRAME)],
        )


def _deck(path: Path) -> Deck:
    package = Package(path, OfficeSettings())
    try:
        return read_deck(path, package)
    finally:
        package.close()


def _has_free_lines(shapes: list[OfficeShape]) -> bool:
    return any(s.is_line and not (s.start and s.end) for s in shapes)


def _plain(diagram: Diagram) -> dict[str, Any]:
    used = {i for e in diagram.edges for i in (e.source, e.target)}
    nodes = [{"id": n.id, "label": n.label} for n in diagram.nodes]
    nodes += [{"id": g.id, "label": g.label} for g in diagram.groups if g.id in used]
    edges = [
        {"source": e.source, "target": e.target, "label": e.label, "directed": e.directed}
        for e in diagram.arrows()
    ]
    return {"nodes": nodes, "edges": edges}


def _compare(true: dict[str, Any], diagram: Diagram) -> Counter[str]:
    plain = _plain(diagram)
    counted: Counter[str] = Counter(drawings=1)
    ends = {e[k] for e in true["edges"] for k in ("source", "target")}
    sides = (Counter(_edges(true["edges"])), Counter(_edges(plain["edges"])))
    names = ({n["id"] for n in true["nodes"]} | ends, {n["id"] for n in plain["nodes"]})
    counted["nodes hit"] = len(names[0] & names[1])
    counted["nodes true"], counted["nodes found"] = len(names[0]), len(names[1])
    counted["edges hit"] = sum((sides[0] & sides[1]).values())
    counted["edges true"], counted["edges found"] = sides[0].total(), sides[1].total()
    return counted


def _edges(edges: list[dict[str, Any]]) -> Iterator[tuple[Pair, bool]]:
    for e in edges:
        pair = e["source"], e["target"]
        yield (pair if e["directed"] else (min(pair), max(pair))), bool(e["directed"])


def _f1(counted: Counter[str], what: str) -> float:
    both = counted[f"{what} true"] + counted[f"{what} found"]
    return 2 * counted[f"{what} hit"] / both if both else 1.0


if __name__ == "__main__":
    main()
