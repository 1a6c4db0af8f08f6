"""Questions to a figure's graph, or to those of many figures as one: what is next to a node, how one gets
from one to another, which messages come in which order.

In: a `Diagram` or a `KnowledgeGraph`, with labels as a person writes them. Out: plain JSON values. Ambiguous
and unknown labels are errors that name what there is.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import networkx as nx
from rapidfuzz import fuzz, process

from dic_ingest.errors import InputError, MissingFileError
from dic_ingest.figures.places import rounded
from dic_ingest.index.knowledge_graph import Entity, KnowledgeGraph, Relation
from dic_ingest.model.diagram import Diagram, Edge, Group, Node
from dic_ingest.text.tokens import plain

PATHS = 5  # shortest ones that are listed
STEPS = 200  # nodes of a graph in which further paths than the shortest are looked for
PLACES = 10  # drawings that show one relation
NEAR = 8  # labels that an error names


def neighbours(graph: Diagram, wanted: str) -> dict[str, Any]:
    """The edges at a node: `out` those that leave it, `into` those that enter it, `undirected` the others.

    Raises:
        InputError: no node, or more than one, is called that.
    """
    node = find_node(graph, wanted)
    names = labels(graph)
    sides: dict[str, list[dict[str, Any]]] = {"out": [], "into": [], "undirected": []}
    for edge in graph.arrows():
        if node.id not in (edge.source, edge.target):
            continue
        leaves = edge.source == node.id
        side = ("out" if leaves else "into") if edge.directed else "undirected"
        sides[side].append(
            {"node": names[edge.target if leaves else edge.source], **_edge_values(edge, names)}
        )
    return {"node": _node_values(node, names), **sides}


def paths(graph: Diagram, start: str, end: str) -> dict[str, Any]:
    """The shortest ways from one node to another along the arrows, each a list of edges; [] for none.

    Raises:
        InputError: no node, or more than one, is called that.
    """
    source, target = find_node(graph, start), find_node(graph, end)
    names = labels(graph)
    net: Any = nx.DiGraph()
    net.add_nodes_from(v.id for v in graph.vertices())
    between: dict[tuple[str, str], Edge] = {}
    for edge in graph.arrows():
        for a, b in [(edge.source, edge.target), *([] if edge.directed else [(edge.target, edge.source)])]:
            net.add_edge(a, b)
            between.setdefault((a, b), edge)
    ways = [] if source.id == target.id else _ways(net, source.id, target.id)
    return {
        "from": names[source.id],
        "to": names[target.id],
        "paths": [
            [{"from": names[a], "to": names[b], "label": between[a, b].label} for a, b in pairwise(way)]
            for way in ways
        ],
    }


def _ways(net: Any, source: str, target: str) -> list[list[str]]:
    try:
        if len(net) > STEPS:  # finding more than one takes time that grows with the cube of the nodes
            return [nx.shortest_path(net, source, target)]
        return list(islice(nx.shortest_simple_paths(net, source, target), PATHS))
    except nx.NetworkXNoPath:
        return []


def messages(graph: Diagram, most: int) -> dict[str, Any]:
    """The edges in their order, numbered: the messages of a sequence diagram; at most `most`."""
    names = labels(graph)
    arrows = graph.arrows()
    steps = [{"step": k, **_edge_values(e, names)} for k, e in enumerate(arrows[:most], 1)]
    return {"ordered": str(graph.kind) == "sequence", "messages": steps, "cut": len(arrows) > most}


def labels(graph: Diagram) -> dict[str, str]:
    """Ids of nodes and groups to what they are called; an id stands for an empty label."""
    vertices: list[Node | Group] = [*graph.groups, *graph.nodes]
    return {v.id: v.label.strip() or v.id for v in vertices}


def find_node(graph: Diagram, wanted: str) -> Node | Group:
    """The node that is meant: by id, by label, or by the words of a label.

    Raises:
        MissingFileError: no node is called that. InputError: several are.
    """
    vertices = graph.vertices()
    text = plain(wanted)
    words = set(text.split())
    tries: tuple[list[Node | Group], ...] = (
        [v for v in vertices if v.id == wanted],
        [v for v in vertices if text and plain(v.label) == text],
        [v for v in vertices if words and words <= set(plain(v.label).split())],
    )
    found: list[Node | Group] = next((t for t in tries if t), [])
    if len(found) == 1:
        return found[0]
    if found:
        known = ", ".join(f"{v.id} ({v.label[:60]})" for v in found[:NEAR])
        raise InputError(f"several nodes are called {wanted[:80]!r}. Give an id: {known}.")
    names = [v.label or v.id for v in vertices]
    near = [str(n[0])[:60] for n in process.extract(wanted[:200], names, scorer=fuzz.WRatio, limit=NEAR)]
    raise MissingFileError(f"no node is called {wanted[:80]!r}. There are: {', '.join(near) or 'none'}.")


def relations_across(graph: KnowledgeGraph, wanted: str, most: int) -> dict[str, Any]:
    """All relations of what is called so in any figure, each with the places where it is drawn.

    Raises:
        MissingFileError: nothing is called that.
    """
    called = _called(graph, wanted)
    relations = graph.relations_of(wanted)
    return {
        "node": called[0].name,
        "also_called": list(dict.fromkeys(a for e in called for a in e.aliases))[:NEAR],
        "relations": [_relation_values(r) for r in relations[:most]],
        "cut": len(relations) > most,
    }


def paths_across(graph: KnowledgeGraph, start: str, end: str) -> dict[str, Any]:
    """The shortest ways between two names through all figures; each step with the places where it is drawn.

    Raises:
        MissingFileError: nothing is called that.
    """
    first, last = _called(graph, start)[0], _called(graph, end)[0]
    ways = graph.paths(start, end, PATHS)
    return {
        "from": first.name,
        "to": last.name,
        "paths": [[_relation_values(step) for step in way] for way in ways],
    }


def _called(graph: KnowledgeGraph, wanted: str) -> list[Entity]:
    found = graph.find(wanted)
    if not found:
        near = process.extract(wanted[:200], list(graph.entities), scorer=fuzz.WRatio, limit=NEAR)
        known = ", ".join(str(n[0])[:60] for n in near) or "none"
        raise MissingFileError(f"nothing is called {wanted[:80]!r}. There are: {known}.")
    return found


def _relation_values(relation: Relation) -> dict[str, Any]:
    places = [
        {
            "document": o.document,
            "file": o.file,
            "page": o.page,
            "figure": o.figure,
            "figure_label": o.figure_label,
            "bbox": rounded(o.box),
            "needs_review": o.needs_review,
        }
        for o in relation.occurrences[:PLACES]
    ]
    return {
        "from": relation.source,
        "to": relation.target,
        "label": relation.label,
        "directed": relation.directed,
        "places": places,
    }


def _node_values(node: Node | Group, names: dict[str, str]) -> dict[str, Any]:
    shape = node.shape if isinstance(node, Node) else "group"
    members = list(node.members[:100]) if isinstance(node, Node) else []
    return {
        "id": node.id,
        "label": names[node.id],
        "shape": shape,
        "members": members,
        "bbox": rounded(node.bbox),
    }


def _edge_values(edge: Edge, names: dict[str, str]) -> dict[str, Any]:
    return {
        "from": names[edge.source],
        "to": names[edge.target],
        "label": edge.label,
        "directed": edge.directed,
        "points": [[round(x, 1), round(y, 1)] for x, y in edge.path[:50]],
    }
