"""Graphs of several figures as one: names, acronyms, contradictions, stores and formats."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from click.testing import CliRunner
from llama_index.core.graph_stores import SimplePropertyGraphStore
from llama_index.core.indices.property_graph import PropertyGraphIndex
from llama_index.core.llms import MockLLM
from llama_index.core.schema import TextNode
from made_document import made, write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.remove import remove
from dic_ingest.batch.results import write_document
from dic_ingest.cli import group
from dic_ingest.errors import MissingFileError, NotOursError, SettingsError
from dic_ingest.index.acronyms import acronyms
from dic_ingest.index.graph_formats import FORMATS, to_cypher, to_graphml, to_jsonld
from dic_ingest.index.graph_store import (
    DICGraphTransform,
    graph_holders,
    graph_of_results,
    open_graph_store,
    simple_path,
    stored_occurrences,
    write_graph,
)
from dic_ingest.index.knowledge_graph import FigureGraph, KnowledgeGraph, knowledge_graph, normalised
from dic_ingest.model.diagram import Kind
from dic_ingest.nodes import NodeSettings

LONG = "Access and Mobility Management Function"


def figure(
    name: str,
    links: Sequence[tuple[str, str, str]],
    kind: Kind = Kind.BLOCK,
    document: str = "",
    directed: bool = False,
) -> FigureGraph:
    """A figure whose nodes are called as the ends of its links."""
    labels = list(dict.fromkeys(end for source, _, target in links for end in (source, target)))
    place = [10.0, 20.0, 110.0, 60.0]
    graph = {
        "nodes": [
            {"id": f"n{k}", "label": t, "shape": "rect", "bbox": place, "parent": None}
            for k, t in enumerate(labels)
        ],
        "edges": [
            {
                "source": f"n{labels.index(a)}",
                "target": f"n{labels.index(b)}",
                "label": text,
                "directed": directed,
                "source_label": "eth0",
                "target_label": "",
                "points": [[0, 5], [50, 5]],
            }
            for a, text, b in links
        ],
        "groups": [],
    }
    document = document or name
    return FigureGraph(name, document, f"{document}.pdf", 3, "Figure 1", kind, graph, "drawing")


def names(graph: KnowledgeGraph) -> set[tuple[str, str, str]]:
    return {(r.source, r.label, r.target) for r in graph.relations}


def test_an_acronym_is_what_a_document_says() -> None:
    assert acronyms([f"The {LONG} (AMF) serves SMF (Session Management Function)."]) == {
        "AMF": [LONG],
        "SMF": ["Session Management Function"],
    }
    assert acronyms(["UPF: User Plane Function\nRAN \u2013 Radio Access Network"]).keys() == {"UPF", "RAN"}
    assert acronyms(["some unrelated words (XYZ)", "AB (", "A-" * 9999, "a " * 9999 + "(AB)"]) == {}


def test_names_are_merged_across_documents() -> None:
    graph = knowledge_graph(
        [
            figure("a", [("gNB", "N2", "AMF")]),
            figure("b", [(LONG, "N11", "SMF")]),
            figure("c", [("amf", "", "UDM")]),
        ],
        {"b": [f"The {LONG} (AMF) knows."]},
    )
    (amf,) = graph.find("AMF")
    assert graph.find(LONG) == graph.find("  amf ") == [amf]
    assert {o.document for o in amf.occurrences} == {"a", "b", "c"} and LONG in amf.aliases
    assert {r.label for r in graph.relations_of("AMF")} == {"N2", "N11", "connected with"}
    where = graph.relations_of("gNB")[0].occurrences[0]
    assert (where.file, where.page, where.figure_label, where.box) == ("a.pdf", 3, "Figure 1", (0, 5, 50, 5))
    assert where.source_label == "eth0" and where.read_from == "drawing"


def test_a_way_leads_through_the_figures_that_show_the_same_name() -> None:
    graph = knowledge_graph(
        [
            figure("a", [("gNB", "N2", "AMF"), ("gNB", "Uu", "UE")]),
            figure("b", [("AMF", "N11", "SMF")], directed=True),
            figure("c", [("SMF", "N4", "UPF")], directed=True),
        ]
    )
    (way,) = graph.paths("ue", "UPF")
    steps = [(step.source, step.label, step.target, step.occurrences[0].document) for step in way]
    assert steps == [
        ("UE", "Uu", "gNB", "a"),  # drawn from gNB to UE, without a direction
        ("gNB", "N2", "AMF", "a"),
        ("AMF", "N11", "SMF", "b"),
        ("SMF", "N4", "UPF", "c"),
    ]
    assert graph.paths("UPF", "gNB") == []  # against the arrows
    assert graph.paths("UPF", "nobody") == []


def test_a_part_of_a_name_is_enough_where_only_one_name_has_it() -> None:
    graph = knowledge_graph(
        [figure("a", [("Core::Session Store", "", "Core::Cache"), ("Cache", "", "Disk")])]
    )
    (found,) = graph.find("session store")
    assert found.name == "Core::Session Store"
    assert [e.name for e in graph.find("cache")] == ["Cache"]  # an exact name comes first
    assert graph.find("core") == []  # two have it


def test_acronyms_that_documents_explain_differently_stay_apart() -> None:
    other = "Apache Messaging Framework"
    graph = knowledge_graph(
        [figure(n, [("AMF", n, "X")]) for n in "abc"], {"a": [f"{LONG} (AMF)"], "b": [f"{other} (AMF)"]}
    )
    found = graph.find("AMF")
    assert len(found) == 3 and len({e.name for e in found}) == 3
    unknown = next(e for e in found if e.occurrences[0].document == "c")
    assert unknown.other_meanings == [LONG, other]
    assert [e.occurrences[0].document for e in graph.find(other)] == ["b"]


def test_drawings_that_contradict_each_other_stand_side_by_side() -> None:
    graph = knowledge_graph(
        [
            figure("a", [("A one", "x", "B two")], directed=True),
            figure("b", [("B two", "x", "A one")], directed=True),
        ]
    )
    assert names(graph) == {("A one", "x", "B two"), ("B two", "x", "A one")}
    same = knowledge_graph([figure("a", [("A one", "x", "B two")]), figure("b", [("B two", "x", "A one")])])
    assert [len(r.occurrences) for r in same.relations] == [2]  # without direction it is one line


def test_steps_are_of_their_drawing_and_states_of_their_document() -> None:
    steps = knowledge_graph([figure(n, [("Start", "", "Check")], Kind.FLOWCHART) for n in "ab"])
    assert len(steps.entities) == 4 and len(steps.find("check")) == 2
    states = [
        figure(n, [("IDLE", "", "BUSY")], Kind.STATE, d) for n, d in (("f1", "a"), ("f2", "a"), ("f3", "b"))
    ]
    assert len(knowledge_graph(states).entities) == 4
    numbered = knowledge_graph([figure(n, [("1", "", "Parser")]) for n in "ab"])
    assert len(numbered.find("1")) == 2 and len(numbered.find("parser")) == 1
    broken = FigureGraph("x", "x", "x", 1, "", Kind.BLOCK, {"nodes": [{"id": "n"}], "edges": [{}]})
    assert knowledge_graph([broken]).relations == []
    assert normalised("  Redis-Server\n(1) ") == "redis server 1"


def test_formats_hold_everything() -> None:
    graph = knowledge_graph(
        [figure("a", [("it's \\ \x07", "N2\n'", "B <x>")]), figure("b", [("B <x>", "", "C c")])]
    )
    read = nx.parse_graphml(to_graphml(graph))
    assert read.number_of_nodes() == 3 and read.number_of_edges() == 2
    assert {d["page"] for *_, d in read.edges(data=True)} == {3}
    ElementTree.fromstring(to_graphml(graph))
    value = json.loads(to_jsonld(graph))["@graph"]
    ids = {v["@id"] for v in value if "@id" in v}
    statements = [v for v in value if v["@type"] == "relation"]
    assert len(statements) == 2 and all({v["subject"], v["object"]} <= ids for v in statements)
    assert all(v["drawnIn"][0]["figure"] in ("a", "b") for v in statements)
    cypher = to_cypher(graph)
    assert cypher.count("MERGE (e:Entity") == 3 and cypher.count("[r:RELATED") == 2
    assert "'it\\'s \\\\" in cypher and all(line.endswith(";") for line in cypher.strip().split("\n"))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two documents as a run leaves them."""
    out = tmp_path / "out"
    for name, sha in (("a", "aa" * 32), ("b", "bb" * 32)):
        (out / name).mkdir(parents=True)
        document = made(sha, source=f"docs/{name}.pdf")
        write_document(document, out / name, NodeSettings())
        write_crops(out / name)
        Manifest(out).add(Entry(f"docs/{name}.pdf", "ok", name=name, sha256=sha))
    return out


def test_the_default_store_answers_and_forgets(results: Path) -> None:
    graph = write_graph(results)
    store = open_graph_store(results)
    assert len(store.get()) >= len(graph.entities) > 0
    triplets = store.get_triplets(entity_names=[next(iter(graph.entities))])
    places = list(stored_occurrences(triplets[0][1].properties))
    assert places and places[0]["figure_label"] and places[0]["page"] and places[0]["document"] in "ab"
    index = PropertyGraphIndex.from_existing(property_graph_store=store, llm=MockLLM(), embed_kg_nodes=False)
    assert index.property_graph_store is store
    (holder,) = graph_holders(results)
    assert holder.remove(["a"], dry_run=True)["a"] > 0
    assert len(open_graph_store(results).get()) == len(store.get())  # only counted
    (one,) = remove(["docs/a.pdf"], results, [holder])
    assert one.held["the graph store"] > 0
    left = open_graph_store(results)
    assert {d for n in left.get() for d in n.properties.get("documents", [])} == {"b.pdf"}
    simple_path(results).write_text("something else")
    with pytest.raises(NotOursError):
        write_graph(results)


class Shared(SimplePropertyGraphStore):
    """A store that other programs write to, too."""

    held: Any = None

    def __init__(self, url: str = "") -> None:
        super().__init__(graph=Shared.held)
        Shared.held = self.graph


def test_any_store_class_by_its_path(results: Path) -> None:
    graph = write_graph(results, f"{__name__}.Shared", "bolt://host")
    again = write_graph(results, f"{__name__}.Shared")
    entities = [n for n in Shared().get() if "aliases" in n.properties]
    assert len(entities) == len(graph.entities) == len(again.entities)
    with pytest.raises(SettingsError, match="no PropertyGraphStore"):
        write_graph(results, "collections.Counter")
    with pytest.raises(SettingsError, match="bolt://"):
        write_graph(results, "neo4j")
    with pytest.raises(MissingFileError):
        graph_of_results(results / "absent")
    with pytest.raises(MissingFileError, match="dic-ingest graph"):
        open_graph_store(results)


def test_the_transform_gives_what_a_property_graph_index_takes(results: Path) -> None:
    lines = (results / "a" / "nodes.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    nodes = [TextNode(id_=r["id"], text=r["text"], metadata=r["metadata"]) for r in records]
    index = PropertyGraphIndex(
        nodes, llm=MockLLM(), kg_extractors=[DICGraphTransform()], embed_kg_nodes=False, use_async=False
    )
    wanted = graph_of_results(results)
    found = index.property_graph_store.get_triplets(entity_names=list(wanted.entities))
    assert {r.label for _, r, _ in found} == {r.label for r in wanted.relations}
    assert all(
        next(stored_occurrences(r.properties))["figure"] in {n.node_id for n in nodes} for _, r, _ in found
    )


def test_the_command(results: Path) -> None:
    said = CliRunner().invoke(group, ["graph", str(results)])
    assert said.exit_code == 0 and "relations written" in said.output
    asked = CliRunner().invoke(group, ["graph", str(results), "--ask", "ship parcel", "--json"])
    first = json.loads(asked.output.splitlines()[0])
    assert "Ship parcel" in first["source"] + first["target"] and first["occurrences"][0]["figure_label"]
    assert (
        "page 1, Figure 3"
        in CliRunner().invoke(group, ["graph", str(results), "--ask", "Ship parcel"]).output
    )
    assert (
        "nothing is called" in CliRunner().invoke(group, ["graph", str(results), "--ask", "zeppelin"]).output
    )
    ways = ["graph", str(results), "--ask", "receive order", "--to", "ship parcel"]
    way = json.loads(CliRunner().invoke(group, [*ways, "--json"]).output.splitlines()[0])["way"]
    assert [step["target"].split(" (")[0] for step in way] == ["Check stock", "Ship parcel"]
    assert "page 1, Figure 3" in CliRunner().invoke(group, ways).output
    assert (
        "no way leads"
        in CliRunner().invoke(group, [*ways[:3], "ship parcel", "--to", "receive order"]).output
    )
    for form in FORMATS:
        assert "Ship parcel" in CliRunner().invoke(group, ["graph", str(results), "--format", form]).output
