"""What dic-small says where the router sees no diagram: axes and bars are no messages."""

from __future__ import annotations

import pytest
from PIL import Image

from dic_ingest.captioning.engines import small
from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.figure_reading import FigureReading
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.drawing import Drawing, Path, Subpath, Word
from dic_ingest.vision.ocr import Recognition

NODES = (Node("a", "Order"), Node("b", "Invoice"), Node("c", "Cash"))
EDGES = (Edge("a", "b"), Edge("b", "c"))
FLOW = Diagram(Kind.FLOWCHART, NODES, EDGES)
BARE = Diagram(Kind.FLOWCHART, (Node("a", ""), Node("b", "40%"), Node("c", "")), EDGES)
LOOSE = Diagram(Kind.BLOCK, (*NODES, Node("d", "2020"), Node("e", "2021")), EDGES[:1])
MESSAGES = Diagram(Kind.SEQUENCE, NODES, EDGES)
TALK = Diagram(Kind.SEQUENCE, NODES, (Edge("a", "b", "ask"), Edge("b", "c", "read"), Edge("c", "b", "rows")))


@pytest.mark.parametrize(
    ("kind", "graph", "told"),
    [
        (Kind.CHART, FLOW, True),
        (Kind.OTHER, FLOW, True),
        (Kind.SCREENSHOT, FLOW, True),
        (Kind.SCREENSHOT, BARE, False),
        (Kind.PHOTO, FLOW, False),
        (Kind.CHART, MESSAGES, False),
        (Kind.SCREENSHOT, TALK, True),
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
    monkeypatch.setattr(small, "recognise", lambda crop: Recognition(seen))
    monkeypatch.setattr(small, "read_pixels", lambda *_: FigureReading(graph))
    (said,) = DicSmall().caption([FigureRequest(Image.new("RGB", (200, 100), "white"), kind=kind)])
    assert (said.diagram is not None) is told
    assert ("Sequence diagram" in said.caption) is (told and graph.kind is Kind.SEQUENCE)
    assert told or "Order" in said.caption


def test_a_word_drawn_as_outlines_is_read_where_a_node_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def box(x: float) -> Path:
        corners = ((x, 20.0), (x + 60, 20.0), (x + 60, 50.0), (x, 50.0))
        return Path((Subpath(corners, True),), (x, 20.0, x + 60, 50.0), (0, 0, 0))

    line = Path((Subpath(((70.0, 35.0), (120.0, 35.0))),), (70.0, 35.0, 120.0, 35.0), (0, 0, 0))
    drawing = Drawing(200, 70, (Word("Order", (20, 30, 50, 40), 10),), (box(10.0), box(120.0), line))
    asked: list[tuple[int, int]] = []

    def recognise(crop: Image.Image) -> Recognition:
        asked.append(crop.size)
        return Recognition((Word("dapr", (40, 10, 80, 40), 20, confidence=0.9),))

    monkeypatch.setattr(small, "recognise", recognise)
    crop = Image.new("RGB", (400, 140), "white")
    (said,) = DicSmall().caption([FigureRequest(crop, 144.0, drawing, Kind.BLOCK)])
    assert said.diagram is not None and sorted(n.label for n in said.diagram.nodes) == ["Order", "dapr"]
    assert asked == [(120, 60)]  # the empty box alone, at the crop's scale
    assert [w.bbox for w in said.words if w.text == "dapr"] == [(140.0, 25.0, 160.0, 40.0)]
