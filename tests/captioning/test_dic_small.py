"""What dic-small says where the router sees no diagram: axes and bars are no messages."""

from __future__ import annotations

import pytest
from PIL import Image

from dic_ingest.captioning import small
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.captioning.small import DicSmall
from dic_ingest.diagram import Diagram, Edge, Kind, Node
from dic_ingest.drawing import Word

NODES = (Node("a", "Order"), Node("b", "Invoice"), Node("c", "Cash"))
EDGES = (Edge("a", "b"), Edge("b", "c"))
FLOW = Diagram(Kind.FLOWCHART, NODES, EDGES)
BARE = Diagram(Kind.FLOWCHART, (Node("a", ""), Node("b", "40%"), Node("c", "")), EDGES)
LOOSE = Diagram(Kind.BLOCK, (*NODES, Node("d", "2020"), Node("e", "2021")), EDGES[:1])
MESSAGES = Diagram(Kind.SEQUENCE, NODES, EDGES)


@pytest.mark.parametrize(
    ("kind", "graph", "told"),
    [
        (Kind.CHART, FLOW, True),
        (Kind.OTHER, FLOW, True),
        (Kind.CHART, Diagram(Kind.CHART, NODES, ()), True),
        (Kind.CHART, MESSAGES, False),
        (Kind.CHART, BARE, False),
        (Kind.OTHER, LOOSE, False),
        (Kind.SEQUENCE, MESSAGES, True),
        (Kind.FLOWCHART, BARE, True),
    ],
)
def test_a_graph_that_the_router_doubts_has_to_be_whole(
    kind: Kind, graph: Diagram, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = (Word("Order", (5, 5, 40, 15)),)
    monkeypatch.setattr(small, "read_words", lambda crop: seen)
    monkeypatch.setattr(small, "read_picture", lambda crop, words: graph)
    (said,) = DicSmall().caption([FigureRequest(Image.new("RGB", (200, 100), "white"), kind=kind)])
    assert (said.diagram is not None) is told
    assert ("Sequence diagram" in said.caption) is (told and graph.kind is Kind.SEQUENCE)
    assert told or "Order" in said.caption
