"""How believable a graph is that was read from a scene: one calibrated probability.

In: a diagram, the scene that it was read from, how sure its kind is. Out: the probability that at least
half of its edges are right. Learnt on readings that were right and wrong; see `believability.json`.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from statistics import fmean, median

import networkx as nx
import numpy as np

from dic_ingest.diagrams.decisions.trees import load_trees
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.model.box import area, overlap
from dic_ingest.model.diagram import Diagram, Kind

RIGHT = 0  # its class among those of the model
MOST_PAIRS = 200  # nodes that are compared with one another
SIGNS = frozenset("{}()[];=<>_$#&|\\")  # that code has and names rarely have
KINDS = (
    Kind.FLOWCHART,
    Kind.BLOCK,
    Kind.TOPOLOGY,
    Kind.CLASS,
    Kind.ER,
    Kind.STATE,
    Kind.SEQUENCE,
    Kind.TIMING,
)
Row = dict[str, float]


def believability(diagram: Diagram, scene: Scene, kind_score: float) -> float:
    """Probability, 0..1, that at least half of the edges of a reading are right."""
    model = load_trees("believability")
    row = reading_features(diagram, scene, kind_score)
    return float(model.probabilities(np.array([[row[name] for name in model.features]]))[0, RIGHT])


def reading_features(diagram: Diagram, scene: Scene, kind_score: float) -> Row:
    """Named numbers of a reading; lengths in text heights, else counts and shares."""
    return {
        "kind score": kind_score,
        **{f"is {kind}": float(diagram.kind is kind) for kind in KINDS},
        **_graph_row(diagram),
        **_edge_row(diagram, scene),
        **_text_row(diagram, scene),
        **_place_row(diagram, scene),
    }


def _graph_row(diagram: Diagram) -> Row:
    graph = nx.Graph((e.source, e.target) for e in diagram.edges)
    graph.add_nodes_from(n.id for n in diagram.nodes)
    nodes = max(1, len(diagram.nodes))
    degrees = [d for _, d in graph.degree()]
    parts = list(nx.connected_components(graph))
    return {
        "nodes": len(diagram.nodes),
        "edges": len(diagram.edges),
        "groups": len(diagram.groups),
        "edges a node": len(diagram.edges) / nodes,
        "nodes without edges": sum(not graph.degree(n.id) for n in diagram.nodes) / nodes,
        "blank nodes": sum(not n.label.strip() for n in diagram.nodes) / nodes,
        "text nodes": sum(n.shape == "text" for n in diagram.nodes) / nodes,
        "icons": sum(n.shape == "icon" for n in diagram.nodes) / nodes,
        "largest component": max((len(p) for p in parts), default=0) / max(1, len(graph)),
        "components": len(parts),
        "largest degree": max(degrees, default=0),
        "notes": len(diagram.notes),
        "unread": len(diagram.unread),
        "empty groups": sum(all(n.group != g.id for n in diagram.nodes) for g in diagram.groups),
    }


def _edge_row(diagram: Diagram, scene: Scene) -> Row:
    edges = max(1, len(diagram.edges))
    scores = [e.score for e in diagram.edges] or [0.0]
    pairs = Counter(frozenset((e.source, e.target)) for e in diagram.edges)
    return {
        "edge score": fmean(scores),
        "least edge score": min(scores),
        "doubtful edges": sum(s < 0.7 for s in scores) / edges,
        "directed edges": sum(e.directed for e in diagram.edges) / edges,
        "labelled edges": sum(bool(e.label) for e in diagram.edges) / edges,
        "doubled edges": sum(n - 1 for n in pairs.values()) / edges,
        "loops": sum(len(p) == 1 for p in pairs) / edges,
        "scene lines": len(scene.lines),
        "edges a line": len(diagram.edges) / max(1, len(scene.lines)),
        "line score": fmean([x.score for x in scene.lines] or [0.0]),
    }


def _letters(texts: list[str]) -> int:
    return sum(c.isalnum() for t in texts for c in t)


def _text_row(diagram: Diagram, scene: Scene) -> Row:
    labels = [n.label for n in diagram.nodes if n.label.strip()]
    members = [m for n in diagram.nodes for m in n.members]
    said = [e.label for e in diagram.edges if e.label]
    written = max(1, _letters([t.text for t in scene.texts]))
    signs = sum(c in SIGNS for t in labels for c in t)
    sizes = [len(t) for t in labels] or [0]
    names = Counter(t.casefold() for t in labels)
    return {
        "letters in nodes": _letters(labels) / written,
        "letters in members": _letters(members) / written,
        "letters at edges": _letters(said) / written,
        "letters in notes": _letters(list(diagram.notes)) / written,
        "letters": written,
        "usual label": median(sizes),
        "longest label": max(sizes),
        "long labels": sum(s > 60 for s in sizes) / len(sizes),
        "signs of code": signs / max(1, sum(sizes)),
        "digits": sum(c.isdigit() for t in labels for c in t) / max(1, sum(sizes)),
        "repeated labels": sum(n - 1 for n in names.values()) / max(1, len(labels)),
        "word confidence": fmean([t.confidence for t in scene.texts] or [0.0]),
        "scene texts": len(scene.texts),
        "turned texts": sum(t.angle % 180 != 0 for t in scene.texts) / max(1, len(scene.texts)),
    }


def _place_row(diagram: Diagram, scene: Scene) -> Row:
    em = text_height(scene)
    boxes = [n.bbox for n in diagram.nodes if n.bbox is not None][:MOST_PAIRS]
    areas = [max(area(b), 1.0) for b in boxes]
    crossed = sum(
        overlap(a, b) > 0.3 * min(s, t) for (a, s), (b, t) in combinations(zip(boxes, areas, strict=True), 2)
    )
    return {
        "scene width": scene.width / em,
        "scene height": scene.height / em,
        "scene outlines": len(scene.shapes),
        "nodes an outline": len(diagram.nodes) / max(1, len(scene.shapes)),
        "node area": sum(areas) / max(1.0, scene.width * scene.height),
        "usual node": median(areas) ** 0.5 / em if areas else 0.0,
        "largest node": max(areas) ** 0.5 / em if areas else 0.0,
        "spread of sizes": float(np.std(np.log(areas))) if areas else 0.0,
        "nodes over nodes": crossed / max(1, len(boxes)),
    }
