"""A model's graphs and captions are taken where they hold, and only there."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.synthesise.captions.checked import faults
from dic_ingest.training.synthesise.captions.rewrite import Caption
from dic_ingest.training.synthesise.captions.written import CAPTIONS, read_graph, written
from dic_ingest.training.synthesise.drawing.render_style import Look
from dic_ingest.training.synthesise.hashes import graph_hash
from dic_ingest.training.synthesise.plan import Draft

LIKE = Diagram(Kind.FLOWCHART, (Node("a", "Read"), Node("b", "Write")), (Edge("a", "b"),))
GRAPH = {
    "nodes": [{"id": "x", "label": "Weigh parcel"}, {"id": "y", "label": "Print label", "shape": "odd"}],
    "edges": [{"from": "x", "to": "y", "label": None}],
}


class Written:
    """A model with fixed answers: one for graphs, one for captions."""

    name = model = "fixed"

    def __init__(self, graph: str, told: str) -> None:
        self.graph, self.told = graph, told

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        return [ChatAnswer(self.told if q.system == CAPTIONS else self.graph) for q in questions]


def drafts(count: int = 12) -> list[Draft]:
    told = Caption(LIKE.to_text(), "plain")
    return [Draft(i, "process", "p", LIKE, Look("graphviz"), told, graph_hash(LIKE)) for i in range(count)]


def test_what_holds_is_taken() -> None:
    told = 'First "Weigh parcel" is done. "Weigh parcel" leads to "Print label".'
    made = written(drafts(), Written(f"Here: {json.dumps(GRAPH)}", told), seed=1)
    by_model = [d for d in made if d.written == "llm"]
    assert 2 <= len(by_model) <= 10, "about half of the graphs"
    for own in made:
        assert own.graph == graph_hash(own.diagram) and not faults(own.caption.text, own.diagram)
        assert own.caption.made == ("llm" if own in by_model else "plain")
    assert [n.shape for n in by_model[0].diagram.nodes] == ["rect", "rect"]


def test_what_does_not_hold_is_not() -> None:
    wrong = '"Write" leads to "Read".'
    assert written(drafts(), Written("I cannot do that.", wrong), seed=1) == drafts()
    assert written(drafts(), Written("", ""), seed=1) == drafts()


@pytest.mark.parametrize(
    "change",
    [
        {"nodes": []},
        {"nodes": GRAPH["nodes"][:1]},
        {"nodes": [{"id": "x", "label": "A"}, {"id": "y", "label": "a"}]},
        {"nodes": [{"id": "x", "label": "A"}, {"id": "y", "label": "B" * 80}]},
        {"nodes": [{"id": "x", "label": "A"}, {"id": "y", "label": ""}]},
        {"nodes": [{"id": "x", "label": "A"}, {"id": "y", "label": 'say "B"'}]},
        {"nodes": [{"id": str(i), "label": str(i)} for i in range(50)]},
        {"nodes": "many"},
        {"edges": []},
        {"edges": [{"from": "x", "to": "z"}]},
        {"edges": [{"from": "x"}]},
    ],
)
def test_no_graph(change: dict[str, object]) -> None:
    assert read_graph(json.dumps(GRAPH), LIKE) is not None
    assert read_graph(json.dumps(GRAPH | change), LIKE) is None
