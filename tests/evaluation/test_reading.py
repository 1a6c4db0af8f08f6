"""The graph of a reply: its Mermaid, else the claims of its prose."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dic_ingest.evaluation.graph_scores import compare_graphs
from dic_ingest.evaluation.reading import graph_of_caption, read_prediction
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node

TRUTH = Diagram(
    Kind.FLOWCHART,
    (Node("a", "Check order"), Node("b", "Ship parcel"), Node("c", "Reject"), Node("d", "Archive")),
    (Edge("a", "b", "yes"), Edge("a", "c", "no"), Edge("b", "d")),
)


def test_mermaid_in_the_reply_is_the_graph() -> None:
    reply = "An order is checked.\n```mermaid\nflowchart TD\na[Check order] -->|yes| b[Ship parcel]\n```"
    read = read_prediction(reply, "", TRUTH)
    assert read.how == "mermaid" and read.caption == "An order is checked."
    assert compare_graphs(TRUTH, read.diagram).label_hit == 1


def test_prose_counts_by_what_it_claims() -> None:
    said = '"Check order" leads to "Ship parcel" on "yes". "Reject" leads to "Check order". "Refund" follows.'
    read = read_prediction(said, "", TRUTH)
    c = compare_graphs(TRUTH, read.diagram)
    assert read.how == "prose"
    assert (c.node_hit, c.nodes_found) == (3, 4)  # "Refund" is invented
    assert (c.edge_hit, c.edges_found, c.label_hit) == (1, 2, 1)  # the flipped one is wrong


def test_a_line_told_without_its_label_is_no_labelled_edge() -> None:
    c = compare_graphs(TRUTH, graph_of_caption('"Check order" leads to "Ship parcel".', TRUTH))
    assert (c.edge_hit, c.label_hit) == (1, 0)


def test_nothing_and_refusals_are_no_graph() -> None:
    assert read_prediction(" ", "", TRUTH).how == "empty"
    refused = read_prediction("I'm sorry, I cannot see the image.", "", TRUTH)
    assert (refused.caption, refused.diagram, refused.how) == ("", None, "refused")
    assert read_prediction("", "flowchart TD\na[Reject]", TRUTH).how == "mermaid"


def test_a_list_of_words_tells_no_edge() -> None:
    """Names and labels beside each other, in whatever form, are no statement about a line."""
    words = [n.label for n in TRUTH.nodes] + [e.label for e in TRUTH.edges if e.label]
    quoted = [f'"{w}"' for w in words]
    few = f"Words in it: {quoted[0]}, {quoted[-1]}"
    for text in (
        few,
        " ".join(words),
        ", ".join(words),
        ", ".join(quoted),
        f"Words in it: {' '.join(quoted)}",
    ):
        c = compare_graphs(TRUTH, read_prediction(text, "", TRUTH).diagram)
        assert c.edges_found == 0, text
    first = next(e for e in TRUTH.edges if e.label)
    names = {n.id: n.label for n in TRUTH.nodes}
    told = graph_of_caption(
        f'The branch "{first.label}" belongs to "{names[first.source]}". "{names[first.target]}" is a step.',
        TRUTH,
    )
    assert compare_graphs(TRUTH, told).edge_hit == 1  # a sentence that names its label and one end


def test_the_verbaliser_tells_the_whole_graph() -> None:
    c = compare_graphs(TRUTH, graph_of_caption(TRUTH.to_text(), TRUTH))
    assert c.edge_hit == c.label_hit == c.edges_true == c.edges_found == 3
    assert c.node_hit == c.nodes_true == c.nodes_found == 4


@pytest.mark.corpus
def test_prose_of_real_graphs_is_read_back(corpus: Path) -> None:
    hits = true = found = 0
    for line in (corpus / "diagrams_truth.jsonl").read_text("utf-8").splitlines():
        data = json.loads(line)
        truth = Diagram.from_dict({k: data[k] for k in ("kind", "nodes", "edges")})
        c = compare_graphs(truth, graph_of_caption(truth.to_text(), truth))
        hits, true, found = hits + c.edge_hit, true + c.edges_true, found + c.edges_found
    assert 2 * hits / (true + found) > 0.95


def test_a_wrong_name_is_a_wrong_node() -> None:
    other = replace(TRUTH, nodes=(Node("a", "Check invoice"), *TRUTH.nodes[1:]))
    c = compare_graphs(TRUTH, graph_of_caption(other.to_text(), TRUTH))
    assert c.node_hit == 3 and c.nodes_found > 3 and c.edge_hit < 3
