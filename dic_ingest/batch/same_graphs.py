"""Figures whose graph is that of an editable source in the same folder: `flow.drawio` beside the PDF drawn
from it.

In: figures of a run's results, as their nodes describe them. Out: pairs of places that show the same graph. A
reading of pixels may lack a little; too small a graph is like many others and is not compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dic_ingest.errors import MALFORMED

LEAST_NODES, LEAST_EDGES = 3, 2  # with words
LABELS = 0.8  # share of the labels of both together that both have
EDGES = 0.6  # the same of the connections, whichever way they run
MAX_NODES = 2_000
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class DrawnGraph:
    """A figure's graph as it is compared; `exact` where the file itself held it."""

    labels: frozenset[str]
    edges: Counter[frozenset[str]]
    exact: bool


def drawn_graph(metadata: Mapping[str, Any]) -> DrawnGraph | None:
    """The graph in a figure node's metadata; None where there is none, or too small a one."""
    text = metadata.get("graph")
    if not text:
        return None
    try:
        graph = json.loads(str(text))
        names = {n["id"]: _SIGNS.sub("", str(n["label"]).casefold()) for n in graph["nodes"][:MAX_NODES]}
        pairs = [(names.get(e["source"], ""), names.get(e["target"], "")) for e in graph["edges"][:MAX_NODES]]
    except MALFORMED:
        return None
    labels = frozenset(filter(None, names.values()))
    edges = Counter(frozenset(p) for p in pairs if all(p))
    if len(labels) < LEAST_NODES or edges.total() < LEAST_EDGES:
        return None
    return DrawnGraph(labels, edges, metadata.get("graph_from") == "file")


def is_same_graph(a: DrawnGraph, b: DrawnGraph) -> bool:
    """Whether two readings are of one graph."""
    labels = len(a.labels & b.labels) / len(a.labels | b.labels)
    edges = (a.edges & b.edges).total() / (a.edges | b.edges).total()
    return labels >= LABELS and edges >= EDGES


def same_graphs(figures: Sequence[tuple[str, DrawnGraph | None]]) -> list[tuple[int, int]]:
    """Pairs (source, drawn from it) of places in `figures`, each a document and its figure's graph.

    Only other documents than the source's own are looked at; each figure is drawn from one source at most.
    """
    holding: dict[str, list[int]] = defaultdict(list)
    for k, (_, graph) in enumerate(figures):
        for label in graph.labels if graph is not None else ():
            holding[label].append(k)
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    for k, (document, graph) in enumerate(figures):
        if graph is None or not graph.exact or k in taken:
            continue
        shared = Counter(i for label in graph.labels for i in holding[label][:MAX_NODES])
        for i, count in shared.items():
            other_document, other = figures[i]
            if i == k or i in taken or other is None or other_document == document:
                continue
            if count >= LABELS * len(graph.labels) and is_same_graph(graph, other):
                found.append((k, i))
                taken.add(i)
    return found
