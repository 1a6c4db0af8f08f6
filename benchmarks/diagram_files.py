"""How well diagram files are read: people's draw.io and Excalidraw drawings, and diagrams written as text.

    python benchmarks/diagram_files.py CORPUS [--worst N] [--strict]

CORPUS/real_sources holds `sources.jsonl` (id, format, source) and `truth.jsonl` (nodes and edges by the
file's ids, by an independent reader); CORPUS/diagram_sources.jsonl holds sources in Mermaid, PlantUML and
DOT; CORPUS/diagrams_truth.jsonl what Mermaid itself drew of some. Printed: F1 by label, beside what the truth
scores against itself; F1 by the file's ids; the share of the written sources that are read; milliseconds a
drawing, also apart for the fifth of the owners that rules are not set on. --strict leaves out drawings whose
truth left ends open.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dic_ingest.errors import InputError
from dic_ingest.evaluation.graph_scores import GraphCounts, compare_graphs
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.read import read_pages

LIMITS = DiagramLimits()
SUFFIXES = {
    "drawio": ".drawio",
    "excalidraw": ".excalidraw",
    "mermaid": ".mmd",
    "plantuml": ".puml",
    "dot": ".dot",
}


def main() -> None:
    """Read the sources, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--strict", action="store_true", help="leave out truth with unresolved ends")
    chosen = parser.parse_args()
    folder = chosen.corpus / "real_sources"
    for form, found in drawings(folder, chosen.strict).items():
        print(f"{form:11} {found.line()}")
        for name, part in (("of it, fifth", True), ("the rest", False)):
            print(f"  {name:9} {found.part(held_owners(folder), part).line()}")
        for name, counts in found.worst(chosen.worst):
            print(f"    {name}  {counts}")
    for language, (read, count) in sorted(written(chosen.corpus / "diagram_sources.jsonl").items()):
        print(f"{language:11} read {read} of {count}")
    mermaid = mermaid_scores(chosen.corpus)
    print(f"{'mermaid':11} {mermaid.line()}")


class Scores:
    """Counts over the drawings of one format."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.labels: list[GraphCounts] = []
        self.ceiling: list[GraphCounts] = []
        self.ids: dict[str, Counter[str]] = {}
        self.seconds: list[float] = []

    def add(self, name: str, truth: Diagram, found: Diagram | None, seconds: float = 0.0) -> None:
        """One drawing."""
        self.names.append(name)
        self.labels.append(compare_graphs(truth, found))
        self.ceiling.append(compare_graphs(truth, truth))
        self.ids[name] = by_ids(truth, found)
        self.seconds.append(seconds)

    def part(self, held: Mapping[str, bool], wanted: bool) -> Scores:
        """The drawings of the owners that are, or are not, in the fifth."""
        found = Scores()
        for at, name in enumerate(self.names):
            if held.get(name, False) is wanted:
                found.names.append(name)
                found.labels.append(self.labels[at])
                found.ceiling.append(self.ceiling[at])
                found.ids[name] = self.ids[name]
                found.seconds.append(self.seconds[at])
        return found

    def measure(self, counts: list[GraphCounts]) -> tuple[float, float]:
        """Node and edge F1 by label."""
        nodes = [(c.node_hit, c.nodes_true + c.nodes_found) for c in counts]
        edges = [(c.edge_hit, c.edges_true + c.edges_found) for c in counts]
        return _share(nodes), _share(edges)

    def by_ids(self) -> tuple[float, float]:
        """Node and edge F1 by the file's own ids."""
        total = sum(self.ids.values(), Counter[str]())
        return _f1(total, "node"), _f1(total, "edge")

    def line(self) -> str:
        """One row of the table."""
        label, best, ids = self.measure(self.labels), self.measure(self.ceiling), self.by_ids()
        spent = 1000 * sum(self.seconds) / max(len(self.seconds), 1)
        return (
            f"{len(self.names):4} drawings  by label: node F1 {label[0]:.3f} (of {best[0]:.3f}) "
            f"edge F1 {label[1]:.3f} (of {best[1]:.3f})  "
            f"by id: {ids[0]:.3f} {ids[1]:.3f}  {spent:.0f} ms each"
        )

    def worst(self, count: int) -> list[tuple[str, dict[str, int]]]:
        """Drawings with the most nodes and edges that differ."""

        def off(c: Counter[str]) -> int:
            return sum(c[f"{k} true"] + c[f"{k} found"] - 2 * c[f"{k} hit"] for k in ("node", "edge"))

        ordered = sorted(self.ids.items(), key=lambda item: -off(item[1]))
        return [(name, dict(c)) for name, c in ordered[:count]]


def held_owners(folder: Path) -> dict[str, bool]:
    """By drawing: whether its owner is in the fifth that rules are not set on (SHA-1, mod 5)."""
    found = {}
    for entry in lines_of(folder / "manifest.jsonl"):
        owner = entry.get("owner") or entry["repo"].split("/")[0]
        found[entry["id"]] = hashlib.sha1(owner.encode()).digest()[0] % 5 == 0
    return found


def drawings(folder: Path, strict: bool = False) -> dict[str, Scores]:
    """Scores by format of the drawings that people made."""
    truth = {t["id"]: t for t in lines_of(folder / "truth.jsonl")}
    found: dict[str, Scores] = defaultdict(Scores)
    for source in lines_of(folder / "sources.jsonl"):
        suffix = SUFFIXES.get(source["format"])
        true = truth[source["id"]]
        if suffix is None or (strict and true["stats"]["unresolved"]):
            continue
        start = time.perf_counter()
        graph = read(source["source"], suffix)
        found[source["format"]].add(source["id"], diagram_of(true), graph, time.perf_counter() - start)
    return found


def read(source: str, suffix: str) -> Diagram | None:
    """The first page's graph, None where the source is not read."""
    try:
        pages = read_pages(source.encode("utf-8", "replace"), "drawing", suffix, LIMITS)
    except InputError:
        return None
    return shown(pages[0].diagram) if pages and pages[0].diagram else None


def shown(graph: Diagram) -> Diagram:
    """The graph with frames that an edge ends on among the nodes."""
    ends = {x for e in graph.edges for x in (e.source, e.target)}
    frames = tuple(Node(g.id, g.label) for g in graph.groups if g.id in ends)
    return replace(graph, nodes=(*graph.nodes, *frames), groups=())


def diagram_of(true: dict[str, Any]) -> Diagram:
    """A line of truth as a graph."""
    nodes = tuple(Node(n["id"], n.get("label", n["id"])) for n in true["nodes"])
    edges = tuple(
        Edge(e["source"], e["target"], e.get("label", ""), e.get("directed", True)) for e in true["edges"]
    )
    return Diagram(Kind(true["kind"]), nodes, edges)


def by_ids(truth: Diagram, found: Diagram | None) -> Counter[str]:
    """Hits, truths and findings of nodes and of edges, whatever their labels and directions."""
    counts: Counter[str] = Counter()
    pairs = (truth, found or replace(truth, nodes=(), edges=()))
    nodes = [{_grouped(n.id) for n in d.nodes} for d in pairs]
    edges = [Counter(frozenset((_grouped(e.source), _grouped(e.target))) for e in d.arrows()) for d in pairs]
    counts["node hit"], counts["edge hit"] = len(nodes[0] & nodes[1]), (edges[0] & edges[1]).total()
    counts["node true"], counts["node found"] = len(nodes[0]), len(nodes[1])
    counts["edge true"], counts["edge found"] = edges[0].total(), edges[1].total()
    return counts


def _grouped(name: str) -> str:
    """The id of an Excalidraw group, which the truth and the reader prefix each in its own way."""
    return name.removeprefix("group-").removeprefix("g_")


def _share(parts: list[tuple[int, int]]) -> float:
    total = sum(count for _, count in parts)
    return 2 * sum(hit for hit, _ in parts) / total if total else 1.0


def _f1(counts: Counter[str], what: str) -> float:
    total = counts[f"{what} true"] + counts[f"{what} found"]
    return 2 * counts[f"{what} hit"] / total if total else 1.0


def written(path: Path) -> dict[str, tuple[int, int]]:
    """By language and kind: how many sources are read, of how many."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for source in lines_of(path):
        suffix = SUFFIXES.get(source["lang"])
        if suffix is None or _is_no_dot(source):
            continue
        name = source["kind"] if source["lang"] != "mermaid" else f"mermaid {source['kind']}"
        counts[name][1] += 1
        counts[name][0] += _is_read(source["code"], suffix)
    return {name: (a, b) for name, (a, b) in counts.items()}


def _is_read(code: str, suffix: str) -> bool:
    """Whether a page with a graph or a chart comes out of a source."""
    try:
        return bool(read_pages(code.encode("utf-8", "replace"), "source", suffix, LIMITS))
    except InputError:
        return False


def _is_no_dot(source: dict[str, Any]) -> bool:
    """Listings that were taken for DOT because their language begins alike (dotnet)."""
    return source["lang"] == "dot" and "graph" not in source["code"].lower()


def mermaid_scores(corpus: Path) -> Scores:
    """Against what Mermaid itself drew."""
    found = Scores()
    for true in lines_of(corpus / "diagrams_truth.jsonl"):
        beside = corpus / "diagrams" / f"{true['id']}.json"
        source = json.loads(beside.read_text("utf-8"))
        code = source.get("code") or source["source"]
        code = code if isinstance(code, str) else code["code"]
        found.add(true["id"], diagram_of(true), read(code, ".mmd"))
    return found


def lines_of(path: Path) -> Iterator[Any]:
    """The values of a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, filter(str.strip, file))


def floors(corpus: Path) -> Iterable[tuple[str, float]]:
    """The numbers that a test guards, by name."""
    for form, scores in drawings(corpus / "real_sources").items():
        nodes, edges = scores.by_ids()
        yield f"{form} nodes by id", nodes
        yield f"{form} edges by id", edges
        label, best = scores.measure(scores.labels), scores.measure(scores.ceiling)
        yield f"{form} nodes by label", label[0] / best[0]
        yield f"{form} edges by label", label[1] / best[1]
    mermaid = mermaid_scores(corpus)
    nodes, edges = mermaid.measure(mermaid.labels)
    yield "mermaid nodes", nodes
    yield "mermaid edges", edges


if __name__ == "__main__":
    main()
