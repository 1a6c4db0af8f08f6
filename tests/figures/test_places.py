"""Where nodes and edges stand on the page: what the crop's corner and turn do to places, groups as ends."""

from __future__ import annotations

import pytest

from dic_ingest.figures.places import graph_values, on_page
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Drawing, Word


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_node_is_where_its_word_stood_on_the_page(turn: int) -> None:
    box = (100.0, 200.0, 220.0, 260.0)
    word = (110.0, 205.0, 150.0, 215.0)
    page = Drawing(600, 800, words=(Word("Pump", word),))
    seen = page.within(box).cut(box).turned(turn)  # what the reader is given
    graph = Diagram(Kind.BLOCK, (Node("n1", "Pump", bbox=seen.words[0].bbox),))
    figure = Figure("f1", 1, box, 0, rotation=turn, crop_bbox=box, description=Description("", graph))
    placed = on_page(figure)
    assert placed is not None and placed.nodes[0].bbox == pytest.approx(word)


def test_a_group_with_an_edge_is_printed_among_the_nodes() -> None:
    nodes = (Node("n1", "Source", bbox=(0, 0, 20, 10)), Node("n2", "Filter", group="g1"))
    groups = (Group("g1", "Chain", bbox=(40, 0, 90, 50)), Group("g2", "Unlinked"))
    edge = Edge("n1", "g1", "raw", source_label="out", path=((20.0, 5.04), (40.0, 5.0)))
    values = graph_values(Diagram(Kind.BLOCK, nodes, (edge,), groups))
    assert [n["label"] for n in values["nodes"]] == ["Source", "Filter", "Chain"]
    assert values["nodes"][2]["group"] is True and "group" not in values["nodes"][0]
    assert values["nodes"][1]["parent"] == "g1"
    assert values["edges"] == [
        {
            "source": "n1", "target": "g1", "label": "raw", "directed": True,
            "source_label": "out", "target_label": "", "points": [[20.0, 5.0], [40.0, 5.0]],
        }
    ]  # fmt: skip
    assert [g["id"] for g in values["groups"]] == ["g1", "g2"]


def test_heads_at_both_ends_are_two_edges_with_their_end_labels() -> None:
    edge = Edge(
        "a", "b", "sync", source_end=End.ARROW, source_label="1", target_label="n", path=((0, 0), (9, 0))
    )
    there, back = graph_values(Diagram(Kind.BLOCK, (Node("a", "A"), Node("b", "B")), (edge,)))["edges"]
    assert (there["source"], there["target"], there["target_label"]) == ("a", "b", "n")
    assert (back["source"], back["target"], back["target_label"]) == ("b", "a", "1")
    assert back["points"] == [[9, 0], [0, 0]]
