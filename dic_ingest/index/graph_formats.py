"""A knowledge graph as text: GraphML for graph programs, Cypher for Neo4j, JSON-LD for the semantic web."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO
from typing import Any
from urllib.parse import quote

import networkx as nx

from dic_ingest.index.knowledge_graph import Entity, KnowledgeGraph, Occurrence, Relation

VOCABULARY = "urn:dic-ingest:vocabulary#"
ENTITY = "urn:dic-ingest:entity:"


def to_graphml(graph: KnowledgeGraph) -> str:
    """GraphML: a node an entity, an edge a drawing of a relation, all values as text or numbers."""
    drawn = nx.MultiDiGraph()
    for entity in graph.entities.values():
        drawn.add_node(
            _xml(entity.name),
            type=entity.type,
            aliases=_xml("\n".join(entity.aliases)),
            documents=_xml("\n".join(sorted({o.file for o in entity.occurrences}))),
        )
    for relation in graph.relations:
        for place in relation.occurrences:
            drawn.add_edge(
                _xml(relation.source),
                _xml(relation.target),
                label=_xml(relation.label),
                directed=relation.directed,
                **{k: _xml(v) if isinstance(v, str) else v for k, v in _flat(place).items()},
            )
    buffer = BytesIO()
    nx.write_graphml(drawn, buffer)
    return buffer.getvalue().decode("utf-8")


def to_cypher(graph: KnowledgeGraph) -> str:
    """Statements for Neo4j that may be run again: entities and relations are merged, not repeated."""
    lines = []
    for entity in graph.entities.values():
        values = {"type": entity.type, "aliases": list(entity.aliases)}
        lines.append(f"MERGE (e:Entity {{name: {_cypher(entity.name)}}}) SET e += {_cypher(values)};")
    for relation in graph.relations:
        for place in relation.occurrences:
            found = _flat(place)
            key = {"label": relation.label, "figure": found["figure"], "bbox": found["bbox"]}
            rest = {k: v for k, v in found.items() if k not in key}
            lines.append(
                f"MATCH (a:Entity {{name: {_cypher(relation.source)}}}), "
                f"(b:Entity {{name: {_cypher(relation.target)}}}) "
                f"MERGE (a)-[r:RELATED {_cypher(key)}]->(b) "
                f"SET r += {_cypher({'directed': relation.directed, **rest})};"
            )
    return "\n".join(lines) + "\n"


def to_jsonld(graph: KnowledgeGraph) -> str:
    """JSON-LD: entities, and each relation as a statement of its own with where it is drawn."""
    entities = [
        {
            "@id": ENTITY + quote(e.name, safe=""),
            "@type": e.type,
            "name": e.name,
            "alternateName": list(e.aliases),
        }
        for e in graph.entities.values()
    ]
    relations = [_statement(r) for r in graph.relations]
    context = {
        "@vocab": VOCABULARY,
        "name": "https://schema.org/name",
        "alternateName": "https://schema.org/alternateName",
        "subject": {"@id": "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject", "@type": "@id"},
        "object": {"@id": "http://www.w3.org/1999/02/22-rdf-syntax-ns#object", "@type": "@id"},
    }
    value = {"@context": context, "@graph": [*entities, *relations]}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _statement(relation: Relation) -> dict[str, Any]:
    return {
        "@type": "relation",
        "subject": ENTITY + quote(relation.source, safe=""),
        "label": relation.label,
        "object": ENTITY + quote(relation.target, safe=""),
        "directed": relation.directed,
        "drawnIn": [
            {"@type": "drawing", **{k: v for k, v in asdict(o).items() if v not in ("", None, ())}}
            for o in relation.occurrences
        ],
    }


def _flat(place: Occurrence) -> dict[str, str | int | bool]:
    """Where something is drawn, as flat values."""
    return {
        "document": place.document,
        "file": place.file,
        "page": place.page,
        "figure": place.figure,
        "figure_label": place.figure_label,
        "bbox": ",".join(f"{v:.1f}" for v in place.box) if place.box else "",
        "order": place.order,
        "source_label": place.source_label,
        "target_label": place.target_label,
        "read_from": place.read_from,
        "needs_review": place.needs_review,
    }


def _xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _cypher(value: Any) -> str:
    """A literal of Cypher."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_cypher(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_cypher, value)) + "]"
    if isinstance(value, bool) or not isinstance(value, str):
        return json.dumps(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r") + "'"


FORMATS: dict[str, Callable[[KnowledgeGraph], str]] = {
    "graphml": to_graphml,
    "cypher": to_cypher,
    "json-ld": to_jsonld,
}


def described(relation: Relation, entities: dict[str, Entity]) -> str:
    """A relation as one line: both ends, its label, and how it points."""
    arrow = "->" if relation.directed else "--"
    return (
        f"{entities[relation.source].name} {arrow}[{relation.label}]{arrow} {entities[relation.target].name}"
    )
