"""Diagrams: exact JSON round trip, networkx, what is a diagram at all."""

from __future__ import annotations

import json
import pickle

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import diagrams

from dic_ingest.model.diagram import DIAGRAM_KINDS, Diagram, Edge, End, Group, Kind, Node

PUMP = Diagram(
    Kind.FLOWCHART,
    (Node("a", "Start", "stadium", group="g"), Node("b", "Full?", "diamond"), Node("c", "Stop")),
    (
        Edge("a", "b"),
        Edge("b", "c", "yes", style="dashed"),
        Edge("b", "a", "no"),
        Edge("g", "c", directed=False, target_end=End.NONE),
    ),
    (Group("g", "Tank"), Group("empty", "Nothing leads here")),
    title="Pump",
)


@given(diagrams)
def test_json_round_trip_is_exact(diagram: Diagram) -> None:
    assert Diagram.from_dict(json.loads(json.dumps(diagram.to_dict()))) == diagram


@given(diagrams)
def test_diagrams_hash_and_pickle(diagram: Diagram) -> None:
    again = pickle.loads(pickle.dumps(diagram))
    assert again == diagram and hash(again) == hash(diagram)


def test_optional_fields_may_be_left_out() -> None:
    small = {
        "kind": "state",
        "nodes": [{"id": "a", "label": "A"}],
        "edges": [{"source": "a", "target": "a"}],
    }
    assert Diagram.from_dict(small) == Diagram(Kind.STATE, (Node("a", "A"),), (Edge("a", "a"),))


@pytest.mark.parametrize("data", [{}, {"kind": "poem"}, {"kind": "state", "nodes": [{"name": "a"}]}])
def test_other_input_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Diagram.from_dict(data)


def test_networkx_keeps_labels_order_and_groups_that_edges_touch() -> None:
    graph = PUMP.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.graph == {"kind": "flowchart", "title": "Pump"}
    assert dict(graph.nodes(data="label")) == {"a": "Start", "b": "Full?", "c": "Stop", "g": "Tank"}
    assert graph.nodes["a"]["group"] == "g" and graph.nodes["g"]["shape"] == "group"
    edges = sorted(graph.edges(data=True), key=lambda e: e[2]["order"])
    assert [(s, t, e["label"], e["directed"]) for s, t, e in edges] == [
        ("a", "b", "", True),
        ("b", "c", "yes", True),
        ("b", "a", "no", True),
        ("g", "c", "", False),
    ]
    assert nx.has_path(graph, "a", "c")


def test_networkx_keeps_both_of_two_equal_edges() -> None:
    twice = Diagram(
        Kind.SEQUENCE, (Node("a", "A"), Node("b", "B")), (Edge("a", "b", "1"), Edge("a", "b", "2"))
    )
    assert [e["label"] for _, _, e in twice.to_networkx().edges(data=True)] == ["1", "2"]


@given(diagrams)
def test_networkx_loses_no_edge(diagram: Diagram) -> None:
    graph = diagram.to_networkx()
    assert graph.number_of_edges() == len(diagram.edges)
    assert {n.id for n in diagram.nodes} <= set(graph)


@given(st.sampled_from(Kind))
def test_kinds_with_a_graph(kind: Kind) -> None:
    assert kind.is_diagram is (kind in DIAGRAM_KINDS)
    assert str(kind) == kind.value  # kinds are written into JSON and metadata as plain words


def test_photos_and_charts_are_no_diagrams() -> None:
    assert not any(k.is_diagram for k in (Kind.CHART, Kind.PHOTO, Kind.TABLE, Kind.DECORATION, Kind.OTHER))
