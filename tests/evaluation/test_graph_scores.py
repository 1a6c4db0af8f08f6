"""Graph F1: hand-counted graphs, properties, and the scorer of the corpus where that lies beside."""

from __future__ import annotations

import json
import runpy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.evaluation.graph_scores import compare_graphs, graph_measures, pair_labels
from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node

NAMES = ["Start", "Check_order", "Ship", "Reject", "Archive", "Router_1", "Router_2"]


@st.composite
def graphs(draw: st.DrawFn, kind: Kind | None = None) -> Diagram:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6))
    nodes = tuple(Node(f"n{i}", n) for i, n in enumerate(names))
    ids = st.sampled_from([n.id for n in nodes])
    edge = st.builds(Edge, ids, ids, st.sampled_from(["", "yes", "no", "attach request"]), st.booleans())
    chosen = kind or draw(st.sampled_from([Kind.FLOWCHART, Kind.SEQUENCE]))
    return Diagram(chosen, nodes, tuple(draw(st.lists(edge, max_size=6))))


TRUTH = Diagram(
    Kind.FLOWCHART,
    (Node("a", "Check order"), Node("b", "Ship parcel"), Node("c", "Reject")),
    (Edge("a", "b", "yes"), Edge("a", "c", "no")),
)


def test_a_slip_loses_no_node_and_a_flipped_edge_is_wrong() -> None:
    found = Diagram(
        Kind.FLOWCHART,
        (Node("1", "Check 0rder"), Node("2", "Ship <b>parcel</b>"), Node("3", "Refund")),
        (Edge("1", "2", "YES"), Edge("2", "1", "no")),
    )
    c = compare_graphs(TRUTH, found)
    assert (c.node_hit, c.nodes_true, c.nodes_found) == (2, 3, 3)
    assert (c.edge_hit, c.edges_true, c.edges_found, c.label_hit) == (1, 2, 2, 1)
    measures = {m.name: m.value for m in graph_measures(["x"], [c])}
    assert measures == {"node F1": pytest.approx(2 / 3), "edge F1": 0.5, "labelled-edge F1": 0.5}


def test_nothing_found_is_all_missed() -> None:
    c = compare_graphs(TRUTH, None)
    assert (c.node_hit, c.edge_hit, c.nodes_true, c.edges_true, c.nodes_found) == (0, 0, 3, 2, 0)


def test_the_direction_of_an_undirected_edge_does_not_count() -> None:
    nodes = (Node("a", "Hub"), Node("b", "Switch"))
    truth = Diagram(Kind.TOPOLOGY, nodes, (Edge("a", "b", directed=False),))
    turned = Diagram(Kind.TOPOLOGY, nodes, (Edge("b", "a"),))
    assert compare_graphs(truth, turned).edge_hit == 1


def test_an_arrow_both_ways_is_two_edges() -> None:
    nodes = (Node("a", "Hub"), Node("b", "Switch"))
    both = Diagram(Kind.BLOCK, nodes, (Edge("a", "b", source_end=End.ARROW),))
    assert compare_graphs(both, both).edges_true == 2


def test_messages_count_in_their_order() -> None:
    nodes = (Node("a", "UE"), Node("b", "MME"))
    told = (Edge("a", "b", "1"), Edge("b", "a", "2"), Edge("b", "a", "3"))
    truth = Diagram(Kind.SEQUENCE, nodes, told)
    c = compare_graphs(truth, Diagram(Kind.SEQUENCE, nodes, (told[1], told[2], told[0])))
    assert (c.edge_hit, c.order_hit, c.order_true) == (3, 2, 3)


def test_nodes_without_a_label_go_by_their_neighbours() -> None:
    truth = Diagram(
        Kind.STATE, (Node("root_start", "", "start"), Node("s", "Idle")), (Edge("root_start", "s"),)
    )
    found = Diagram(Kind.STATE, (Node("n7", "", "start"), Node("n8", "Idle")), (Edge("n7", "n8"),))
    counts = compare_graphs(truth, found)
    assert (counts.node_hit, counts.edge_hit) == (2, 1)
    alone = Diagram(Kind.STATE, found.nodes)
    assert compare_graphs(truth, alone).node_hit == 1


def test_the_most_similar_labels_pair_off_first() -> None:
    assert pair_labels(["router1", "router2"], ["router2", "routerl"]) == {0: 1, 1: 0}
    assert pair_labels(["abc"], ["xyz"]) == {}


@given(graphs())
def test_a_graph_equals_itself(graph: Diagram) -> None:
    c = compare_graphs(graph, graph)
    assert c.node_hit == c.nodes_true == c.nodes_found
    assert c.edge_hit == c.label_hit == c.edges_true == c.edges_found
    assert c.order_hit == c.order_true


@given(graphs(), graphs())
def test_hits_are_never_more_than_there_are(truth: Diagram, found: Diagram) -> None:
    c = compare_graphs(truth, found)
    assert c.node_hit <= min(c.nodes_true, c.nodes_found)
    assert c.label_hit <= c.edge_hit <= min(c.edges_true, c.edges_found)


def as_json(graph: Diagram) -> dict[str, Any]:
    return {
        "kind": str(graph.kind),
        "nodes": [{"id": n.id, "label": n.label} for n in graph.nodes],
        "edges": [
            {"source": e.source, "target": e.target, "label": e.label, "directed": e.directed}
            for e in graph.edges
        ],
    }


@pytest.mark.corpus
@given(truth=graphs(), found=graphs())
def test_it_counts_as_the_scorer_of_the_corpus(corpus: Path, truth: Diagram, found: Diagram) -> None:
    scorer = runpy.run_path(str(corpus.parent / "bench" / "score_diagrams.py"))
    theirs = scorer["compare"](as_json(truth), as_json(found))
    c = compare_graphs(truth, found)
    assert (c.node_hit, c.edge_hit, c.label_hit) == tuple(
        theirs[k] for k in ("node_hit", "edge_hit", "label_hit")
    )
    assert (c.order_hit, c.order_true) == (theirs["order_hit"], theirs["order_true"])


@pytest.mark.corpus
def test_it_counts_as_the_scorer_on_real_graphs(corpus: Path) -> None:
    scorer = runpy.run_path(str(corpus.parent / "bench" / "score_diagrams.py"))
    truths = [json.loads(t) for t in (corpus / "diagrams_truth.jsonl").read_text("utf-8").splitlines()]
    for truth, other in pairwise(truths):
        graphs = [Diagram.from_dict({k: t[k] for k in ("kind", "nodes", "edges")}) for t in (truth, other)]
        theirs, c = scorer["compare"](truth, other), compare_graphs(*graphs)
        assert (c.node_hit, c.edge_hit, c.label_hit) == tuple(
            theirs[k] for k in ("node_hit", "edge_hit", "label_hit")
        )
