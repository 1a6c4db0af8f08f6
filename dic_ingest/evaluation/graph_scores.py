"""How much of a figure's graph was read: node, edge and labelled-edge F1, and the order of messages.

In: the true graph and the one that was read. Out: counts per figure, and measures over many.
Labels compare by letters and digits, case folded; two are one from a similarity of 0.8 on, so that a single
slip of a recogniser loses no node. Nodes pair off one to one, the most similar first; nodes without a label
by the neighbours that are paired already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from rapidfuzz.distance import LCSseq

from dic_ingest.evaluation.statistics import Measure, f1, ratio
from dic_ingest.model.diagram import Diagram, Edge, Kind

SAME = 0.8
SHORTER = 0.6  # of two labels, the shorter must have such a share of the longer's letters
Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """What of one figure was hit, what is true and what was found."""

    node_hit: int = 0
    nodes_true: int = 0
    nodes_found: int = 0
    edge_hit: int = 0
    edges_true: int = 0
    edges_found: int = 0
    label_hit: int = 0  # edges of which the label is right too
    order_hit: int = 0  # of a sequence: messages in their order
    order_true: int = 0


def plain(label: str) -> str:
    """Letters and digits of a label, case folded; mark-up and entities away."""
    return re.sub(r"[\W_]+", "", re.sub(r"<[^>]*>|&\w+;|#\w+;", " ", label).casefold())


def likeness(a: str, b: str) -> float:
    """Similarity of two plain labels where they count as the same, else 0."""
    if a == b:
        return 1.0
    if not a or not b or min(len(a), len(b)) / max(len(a), len(b)) < SHORTER:
        return 0.0
    found = SequenceMatcher(None, a, b, autojunk=False).ratio()
    return found if found >= SAME else 0.0


def pair_labels(true: Sequence[str], found: Sequence[str]) -> dict[int, int]:
    """One-to-one pairing of plain labels, index of found to index of true, the most similar first."""
    alike = [(likeness(t, f), i, j) for j, f in enumerate(found) for i, t in enumerate(true)]
    taken: set[int] = set()
    pairs: dict[int, int] = {}
    for score, i, j in sorted(alike, key=lambda p: (-p[0], p[1], p[2])):
        if score and true[i] and i not in taken and j not in pairs:
            taken.add(i)
            pairs[j] = i
    return pairs


def compare_graphs(truth: Diagram, found: Diagram | None) -> GraphCounts:
    """Counts for one figure; no graph found is a graph with nothing in it."""
    found = found or Diagram(truth.kind)
    there, here = truth.vertices(), found.vertices()
    wanted, given = [plain(n.label) for n in there], [plain(n.label) for n in here]
    pairs = pair_labels(wanted, given)
    # every node goes by the label of its counterpart, so that nodes with equal labels stay interchangeable
    true_names = {n.id: wanted[i] or f"?true{i}" for i, n in enumerate(there)}
    names = {
        n.id: true_names[there[pairs[j]].id] if j in pairs else f"?{j}:{given[j]}" for j, n in enumerate(here)
    }
    for j, i in _blank_pairs(truth, found, true_names, names).items():
        pairs[j] = i
        names[here[j].id] = true_names[there[i].id]
    undirected = [e for e in truth.arrows() if not e.directed]
    loose = {frozenset((true_names[e.source], true_names[e.target])) for e in undirected}
    true_edges = [_named(e, true_names, loose) for e in truth.arrows()]
    edges = [_named(e, names, loose) for e in found.arrows()]
    hit = sum((Counter(p for p, _ in true_edges) & Counter(p for p, _ in edges)).values())
    ordered = (0, 0)
    if truth.kind is Kind.SEQUENCE:
        told = [p for p, _ in true_edges], [p for p, _ in edges]
        ordered = LCSseq.similarity(*told), max(map(len, told))
    return GraphCounts(
        len(pairs), len(wanted), len(given), hit, len(true_edges), len(edges), _labelled(true_edges, edges),
        *ordered,
    )  # fmt: skip


def _blank_pairs(
    truth: Diagram, found: Diagram, true_names: dict[str, str], names: dict[str, str]
) -> dict[int, int]:
    """Nodes without a label, index of found to index of true: the pair with most named neighbours in common
    first, since it names a neighbour of the next."""
    there, here, now = truth.vertices(), found.vertices(), dict(names)
    left = {i for i, n in enumerate(there) if not plain(n.label)}
    open_ = {j for j, n in enumerate(here) if not plain(n.label)}
    pairs: dict[int, int] = {}
    while left and open_:
        best = max(
            (_in_common(_around(there[i].id, truth, true_names), _around(here[j].id, found, now)), -i, -j)
            for i in left
            for j in open_
        )
        if best[0] <= 0:
            break
        i, j = -best[1], -best[2]
        left.discard(i)
        open_.discard(j)
        pairs[j], now[here[j].id] = i, true_names[there[i].id]
    return pairs


def _around(node: str, graph: Diagram, names: dict[str, str]) -> Counter[tuple[str, str]]:
    """The names of a node's neighbours, with the side that each is on."""
    arrows = graph.arrows()
    return Counter(("in", names[e.source]) for e in arrows if e.target == node) + Counter(
        ("out", names[e.target]) for e in arrows if e.source == node
    )


def _in_common(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> float:
    """Neighbours on the same side count once and a half, on the other side half."""
    whichever = Counter(n for _, n in one.elements()) & Counter(n for _, n in other.elements())
    return sum((one & other).values()) + 0.5 * sum(whichever.values())


def _named(edge: Edge, names: dict[str, str], loose: set[frozenset[str]]) -> tuple[Ends, str]:
    """An edge's ends, sorted where the truth has no direction between them, and its label."""
    ends = names[edge.source], names[edge.target]
    if frozenset(ends) in loose:
        ends = min(ends), max(ends)
    return ends, plain(edge.label)


def _labelled(true_edges: list[tuple[Ends, str]], edges: list[tuple[Ends, str]]) -> int:
    left = list(true_edges)
    for ends, label in edges:
        own = next((k for k, (p, t) in enumerate(left) if p == ends and likeness(t, label)), None)
        if own is not None:
            del left[own]
    return len(true_edges) - len(left)


def graph_measures(ids: Sequence[str], counts: Sequence[GraphCounts]) -> list[Measure]:
    """Node, edge and labelled-edge F1, summed over figures (micro-averaged); message order of sequences."""
    own = tuple(ids)
    columns = {
        "node F1": ("node_hit", "nodes_true", "nodes_found"),
        "edge F1": ("edge_hit", "edges_true", "edges_found"),
        "labelled-edge F1": ("label_hit", "edges_true", "edges_found"),
    }
    made = [
        Measure(name, own, np.array([[getattr(c, k) for k in keys] for c in counts], float), f1)
        for name, keys in columns.items()
    ]
    sequences = [(i, c) for i, c in zip(own, counts, strict=True) if c.order_true]
    if sequences:
        rows = np.array([[c.order_hit, c.order_true] for _, c in sequences], float)
        made.append(Measure("message order", tuple(i for i, _ in sequences), rows, ratio))
    return made
