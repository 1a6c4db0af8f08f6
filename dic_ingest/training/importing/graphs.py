"""A source of a drawing as a graph: diagram files, a graph as JSON, GraphML of topology collections.

In: bytes and a suffix, or a JSON value. Out: the one graph that is in it, or an InputError.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dic_ingest.errors import MALFORMED, FormatError, InputError
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.limits import SUFFIXES, DiagramLimits
from dic_ingest.sources.diagram_files.read import read_pages
from dic_ingest.sources.diagram_files.xml_tree import parse_xml

GRAPH_SUFFIXES = frozenset((SUFFIXES - {".svg"}) | {".json", ".graphml"})
LANGUAGES = {"mermaid": ".mmd", "plantuml": ".puml", "dot": ".dot", "graphviz": ".dot", "drawio": ".drawio",
             "excalidraw": ".excalidraw", "bpmn": ".bpmn", "graphml": ".graphml"}  # fmt: skip
NAME_KEYS = ("label", "Label", "name")  # of a GraphML node's printed name, the first that is there


def read_graph_file(data: bytes, name: str, suffix: str) -> Diagram:
    """The graph of a source file. Raises InputError or FormatError: damaged, none in it, or several pages."""
    if suffix == ".json":
        try:
            return graph_of_json(json.loads(data))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{name} is no JSON: {error}. Check the file.") from error
    if suffix == ".graphml":
        return _graphml(data, name)
    graphs = [p.diagram for p in read_pages(data, name, suffix, DiagramLimits()) if p.diagram]
    if len(graphs) != 1:
        raise InputError(f"{name} holds {len(graphs)} drawings, and its picture shows one. Part the file.")
    return graphs[0]


def graph_of_json(data: Any) -> Diagram:
    """A graph from `Diagram.to_dict`, or with `nodes` (id, label or name) and `edges` (source or from).

    Raises:
        FormatError: neither of them.
    """
    try:
        kind = Kind(str(data.get("kind") or Kind.FLOWCHART))
        frames = [dict(g) for g in data.get("groups") or ()]
        holder = _holders(frames)
        groups = tuple(_group(g, holder) for g in frames)
        held = {g.id for g in groups}  # a box that holds others is a frame, and no node beside it
        nodes = tuple(_node(n, holder) for n in data["nodes"] if str(n["id"]) not in held)
        edges = tuple(_edge(e, kind) for e in _first(data, "edges", "links"))
    except (*MALFORMED, AttributeError) as error:
        raise FormatError(
            f'no graph: {error!r}. It needs "nodes" with id and label, "edges" with source and target.'
        ) from error
    ids = {n.id for n in nodes} | {g.id for g in groups}
    if not nodes or len(ids) < len(nodes) + len(groups):
        raise FormatError("no graph: no node at all, or two of one id. Check the nodes.")
    known = tuple(e for e in edges if e.source in ids and e.target in ids)
    return Diagram(kind, nodes, known, groups, title=str(data.get("title") or ""))


def _first(data: Mapping[str, Any], *keys: str) -> Any:
    return next(data[k] for k in keys if k in data) if any(k in data for k in keys) else data[keys[0]]


def _holders(frames: list[dict[str, Any]]) -> dict[str, str]:
    """Node or frame -> the smallest frame that lists it among its members."""
    large_first = sorted(frames, key=lambda g: -len(g.get("members") or ()))
    return {str(m): str(g["id"]) for g in large_first for m in g.get("members") or () if m != g["id"]}


def _node(data: Mapping[str, Any], holder: Mapping[str, str]) -> Node:
    members = tuple(str(m) for m in data.get("members") or ())
    group = data.get("group") or holder.get(str(data["id"]))
    label, shape = str(_first(data, "label", "name", "text")), str(data.get("shape") or "rect")
    return Node(str(data["id"]), label, shape, members, str(group) if group else None)


def _group(data: Mapping[str, Any], holder: Mapping[str, str]) -> Group:
    parent = data.get("parent") or holder.get(str(data["id"]))
    return Group(str(data["id"]), str(data.get("label") or ""), str(parent) if parent else None)


def _edge(data: Mapping[str, Any], kind: Kind) -> Edge:
    directed = bool(data.get("directed", kind is not Kind.TOPOLOGY))
    return Edge(
        str(_first(data, "source", "from")), str(_first(data, "target", "to")), str(data.get("label") or ""),
        directed=directed, target_end=End.ARROW if directed else End.NONE,
    )  # fmt: skip


def _graphml(data: bytes, name: str) -> Diagram:
    """Nodes by their label, edges by theirs; everything else of GraphML is left out."""
    root = parse_xml(data, name, DiagramLimits())
    keys = {
        k.get("id", ""): (k.get("for", "all"), k.get("attr.name", "")) for k in _tagged(root.iter(), "key")
    }
    graph = next(_tagged(root.iter(), "graph"), None)
    if graph is None:
        raise FormatError(f"{name} holds no GraphML graph. Check the file.")
    directed = graph.get("edgedefault") == "directed"
    found: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for element in graph.iter():
        tag = element.tag.rpartition("}")[2]
        if tag not in ("node", "edge"):
            continue
        told = {
            keys.get(d.get("key", ""), ("", ""))[1]: (d.text or "").strip() for d in _tagged(element, "data")
        }
        if tag == "node":
            own = element.get("id", "")
            label = next((told[k] for k in NAME_KEYS if told.get(k)), own)
            found.append({"id": own, "label": label})
        else:
            label = next((told[k] for k in ("LinkLabel", "label") if told.get(k)), "")
            ends = {"source": element.get("source", ""), "target": element.get("target", "")}
            links.append({**ends, "label": label, "directed": directed})
    return graph_of_json({"kind": Kind.TOPOLOGY, "nodes": found, "edges": links})


def _tagged(elements: Iterable[Any], tag: str) -> Any:
    return (e for e in elements if e.tag.rpartition("}")[2] == tag)
