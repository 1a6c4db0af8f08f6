"""Results, or LlamaIndex nodes, as a LlamaIndex property graph: what is drawn, without a model.

Every relation carries figure, page, box and evidence of each drawing that shows it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llama_index.core.graph_stores import SimplePropertyGraphStore
from llama_index.core.graph_stores.types import (
    KG_NODES_KEY,
    KG_RELATIONS_KEY,
    TRIPLET_SOURCE_KEY,
    EntityNode,
    PropertyGraphStore,
)
from llama_index.core.graph_stores.types import Relation as StoredRelation
from llama_index.core.schema import BaseNode, TransformComponent

from dic_ingest.batch.manifest import NAME
from dic_ingest.errors import MALFORMED, DICIngestError, MissingFileError, SettingsError
from dic_ingest.index.embedding import make_by_path
from dic_ingest.index.hits import figure_graph
from dic_ingest.index.knowledge_graph import (
    Entity,
    FigureGraph,
    KnowledgeGraph,
    Occurrence,
    Relation,
    knowledge_graph,
)
from dic_ingest.index.update import FOLDER, read_nodes
from dic_ingest.llamaindex.convert import to_node
from dic_ingest.model.diagram import Kind
from dic_ingest.nodes import NodeRecord
from dic_ingest.owned_files import write_file

FILE = "property_graph_store.json"  # in the index's folder: the default store
NEO4J = "llama_index.graph_stores.neo4j.Neo4jPropertyGraphStore"
BEGIN = b'{"nodes":'  # of that file
OF = "dic_graph"  # property: which results an entity or a relation in a shared store comes from
MAX_OCCURRENCES = 100  # of one relation that are stored


def graph_of_results(out: Path, without: Sequence[str] = (), only: str = "") -> KnowledgeGraph:
    """The graphs of all figures in a results folder as one.

    Documents named in `without` are left out; with `only`, all but that one.

    Raises:
        MissingFileError: `out` holds no results. DICIngestError: damaged ones.
    """
    return _merged(out, without, only)[0]


def _merged(
    out: Path, without: Sequence[str] = (), only: str = ""
) -> tuple[KnowledgeGraph, list[NodeRecord]]:
    """The graph, and the figures' nodes that it was made of."""
    if not (out / NAME).is_file():
        raise MissingFileError(f"{out} holds no {NAME}. Give the --out folder of a run.")
    figures, sources = [], []
    texts: dict[str, list[str]] = {}
    for name, records in read_nodes(out):
        if name in without or (only and name != only):
            continue
        texts[name] = [r.text for r in records if r.type in ("text", "table")]
        for record in records:
            if record.type == "figure" and not record.metadata.get("part"):
                found = _figure(record.metadata, name, record.id, out / name)
                if found is not None:
                    figures.append(found)
                    sources.append(record)
    return knowledge_graph(figures, texts), sources


def _figure(known: Mapping[str, Any], document: str, node_id: str, folder: Path | None) -> FigureGraph | None:
    """A figure's graph; None where it has none, or shows what another one shows."""
    if known.get("duplicate_of"):
        return None
    graph = figure_graph(known, folder, node_id)
    if not (graph.get("nodes") or graph.get("groups")):
        return None
    kind = str(known.get("figure_class", ""))
    page = known.get("page")
    return FigureGraph(
        node_id,
        document,
        str(known.get("file_name", "")),
        page if isinstance(page, int) else 0,
        str(known.get("figure_label", "")),
        Kind(kind) if kind in set(Kind) else Kind.OTHER,
        graph,
        str(known.get("graph_from", "")),
        bool(known.get("needs_review", False)),
    )


# As LlamaIndex has it.


def entity_node(entity: Entity, of: str = "") -> EntityNode:
    """The entity with its names, and where it is drawn."""
    properties: dict[str, Any] = {
        "aliases": list(entity.aliases),
        "documents": sorted({o.file for o in entity.occurrences}),
        **_evidence(entity.occurrences),
        OF: of,
    }
    if entity.other_meanings:
        properties["other_meanings"] = list(entity.other_meanings)
    return EntityNode(name=entity.name, label=entity.type, properties=properties)


def stored_relation(relation: Relation, ids: Mapping[str, str], of: str = "") -> StoredRelation:
    """The relation with figure, page, box and evidence of every drawing that shows it."""
    properties = {"directed": relation.directed, **_evidence(relation.occurrences), OF: of}
    return StoredRelation(
        label=relation.label,
        source_id=ids[relation.source],
        target_id=ids[relation.target],
        properties=properties,
    )


def _evidence(occurrences: Sequence[Occurrence]) -> dict[str, Any]:
    """The first drawing's place as flat values, all of them as JSON."""
    first = occurrences[0]
    every = [
        {k: v for k, v in asdict(o).items() if v not in ("", None, 0, (), False)}
        for o in occurrences[:MAX_OCCURRENCES]
    ]
    return {
        "file": first.file,
        "page": first.page,
        "figure": first.figure,
        "figure_label": first.figure_label,
        "bbox": ",".join(f"{v:.1f}" for v in first.box) if first.box else "",
        "needs_review": all(o.needs_review for o in occurrences),
        "evidence": json.dumps(every, ensure_ascii=False, separators=(",", ":")),
        TRIPLET_SOURCE_KEY: first.figure,
    }


class DICGraphTransform(TransformComponent):  # type: ignore[misc,unused-ignore]
    """Entities and relations of figures for `PropertyGraphIndex(kg_extractors=[...])`, without a model.

    Nodes that are transformed in one call are merged: the same name is one entity.
    """

    @classmethod
    def class_name(cls) -> str:
        """The name that LlamaIndex serialises."""
        return "DICGraphTransform"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """The nodes; figures have what is drawn in their metadata, as LlamaIndex's extractors put it."""
        figures: list[FigureGraph] = []
        texts: dict[str, list[str]] = {}
        for node in nodes:
            known = node.metadata
            document = str(known.get("dic_doc_id") or known.get("file_path", ""))
            if known.get("dic_type") == "figure":
                found = None if known.get("part") else _figure(known, document, node.node_id, None)
                figures += [found] if found is not None else []
            else:
                texts.setdefault(document, []).append(node.get_content())
        graph = knowledge_graph(figures, texts)
        entities: dict[str, list[EntityNode]] = {}
        ids = {}
        for entity in graph.entities.values():
            made = entity_node(entity)
            ids[entity.name] = made.id
            entities.setdefault(entity.occurrences[0].figure, []).append(made)
        relations: dict[str, list[StoredRelation]] = {}
        for relation in graph.relations:
            made_relation = stored_relation(relation, ids)
            relations.setdefault(relation.occurrences[0].figure, []).append(made_relation)
        for node in nodes:
            for key, table in ((KG_NODES_KEY, entities), (KG_RELATIONS_KEY, relations)):
                before = node.metadata.get(key) or []
                node.metadata[key] = [*before, *table.get(node.node_id, ())]
        return nodes


# Stores.


def write_graph(
    out: Path,
    store: str = "simple",
    uri: str = "",
    options: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> KnowledgeGraph:
    """Write the graph of a results folder into a store, in place of what it held of them.

    Args:
        out: the --out folder of a run.
        store: "simple" (LlamaIndex's SimplePropertyGraphStore, a file), "neo4j", or the path of a LlamaIndex
            PropertyGraphStore class.
        uri: the file of "simple" (by default below the results), the URL of "neo4j".
        options: further arguments of the class.
        without: results folders of documents that are left out.

    Raises:
        MissingFileError: `out` holds no results. SettingsError: no such store.
        DICIngestError: the store failed.
    """
    graph, sources = _merged(out, without)
    of = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:12]
    if store == "simple":
        held = SimplePropertyGraphStore()
        _fill(held, graph, sources, of)
        path = simple_path(out, uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, held.graph.model_dump_json().encode(), ours=_is_graph)
        return graph
    opened = open_graph_store(out, store, uri, options)
    try:
        opened.delete(properties={OF: of})
        _fill(opened, graph, sources, of)
    except Exception as error:  # each client has errors of its own
        raise DICIngestError(f"{store} could not be written: {str(error)[:300]}. Check --uri.") from error
    return graph


def _fill(store: PropertyGraphStore, graph: KnowledgeGraph, sources: Sequence[NodeRecord], of: str) -> None:
    nodes = [entity_node(e, of) for e in graph.entities.values()]
    ids = {n.name: n.id for n in nodes}
    store.upsert_llama_nodes([to_node(r) for r in sources])
    store.upsert_nodes(nodes)
    store.upsert_relations([stored_relation(r, ids, of) for r in graph.relations])


def open_graph_store(
    out: Path, store: str = "simple", uri: str = "", options: Mapping[str, str] | None = None
) -> PropertyGraphStore:
    """The store that `write_graph` wrote, for `PropertyGraphIndex.from_existing`.

    Raises:
        MissingFileError: "simple" was not written. SettingsError: no such store, or it cannot be opened.
    """
    if store == "simple":
        path = simple_path(out, uri)
        if not path.is_file():
            raise MissingFileError(f"{path} is not there. Make it: dic-ingest graph {out}")
        return SimplePropertyGraphStore.from_persist_path(str(path))
    arguments = dict(options or {})
    if store == "neo4j":
        if not uri:
            raise SettingsError("neo4j needs --uri bolt://host:7687, and NEO4J_USERNAME and NEO4J_PASSWORD.")
        user, password = os.environ.get("NEO4J_USERNAME", "neo4j"), os.environ.get("NEO4J_PASSWORD", "")
        arguments = {"url": uri, "username": user, "password": password, **arguments}
    elif uri:
        arguments = {"url": uri, **arguments}
    path_of = NEO4J if store == "neo4j" else store
    made: PropertyGraphStore = make_by_path(path_of, PropertyGraphStore, arguments)
    return made


def simple_path(out: Path, uri: str = "") -> Path:
    """Where the default store lies."""
    return Path(uri) if uri else out / FOLDER / FILE


def _is_graph(path: Path) -> bool:
    """Whether a file looks like a property graph of LlamaIndex's."""
    with path.open("rb") as file:
        return file.read(len(BEGIN)) == BEGIN


class GraphHolder:
    """The default graph store of a results folder: `batch.remove.Holder`."""

    def __init__(self, out: Path) -> None:
        self.out = out

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return "the graph store"

    def remove(self, names: Sequence[str], dry_run: bool = False) -> Mapping[str, int]:
        """Write the graph again without these documents; see `batch.remove.Holder`."""
        graph = graph_of_results(self.out)
        counts = {n: sum(any(o.document == n for o in r.occurrences) for r in graph.relations) for n in names}
        if not dry_run:
            write_graph(self.out, without=names)
        return counts


def graph_holders(out: Path) -> list[GraphHolder]:
    """The graph store of these results, if there is one."""
    return [GraphHolder(out)] if simple_path(out).is_file() else []


def stored_occurrences(properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The drawings that show an entity or a relation of a store, as values; damaged ones are left out."""
    try:
        found = json.loads(str(properties.get("evidence", "[]")))
    except MALFORMED:
        return
    yield from (v for v in found if isinstance(v, dict))
