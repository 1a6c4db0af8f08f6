"""What search by words counts of a figure: the paragraphs around it, too."""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.index.state import AROUND, Indexed, IndexState, searched_texts
from dic_ingest.nodes import NodeRecord


def node(name: str, text: str, kind: str = "text", page: int = 1, **more: object) -> NodeRecord:
    return NodeRecord(name, text, {"page": page, **more}, kind)  # type: ignore[dict-item]


def in_order(*nodes: NodeRecord) -> list[NodeRecord]:
    ids = ["", *(n.id for n in nodes), ""]
    return [replace(n, prev=ids[k], next=ids[k + 2]) for k, n in enumerate(nodes)]


def a_document() -> list[NodeRecord]:
    return in_order(
        node("before", "The cooling loop of the reactor. " + "filler " * 200 + "unreached"),
        node("drawn", '"Pump" connects to "Valve".', "figure", referenced_by="far"),
        replace(node("drawn-2", '"Valve" connects to "Tank".', "figure", part=2), parent="drawn"),
        node("after", "Operators check it weekly."),
        node("other", '"Fan" connects to "Duct".', "figure"),
        node("far", "Figure 1 explains how heat leaves the core.", page=9),
    )


def test_a_figure_counts_the_paragraphs_around_it_and_those_that_speak_of_it() -> None:
    texts = searched_texts(a_document())
    assert "cooling loop" in texts["drawn"] and "check it weekly" in texts["drawn"]
    assert "heat leaves the core" in texts["drawn"]
    assert "unreached" not in texts["drawn"] and texts["drawn"].count("filler") < AROUND
    assert texts["drawn-2"] == '"Valve" connects to "Tank".'
    assert "heat leaves" not in texts["other"]  # the next node stands on another page
    assert texts["before"].endswith("unreached") and "Pump" not in texts["before"]


def test_a_question_in_the_words_of_the_text_finds_the_drawing() -> None:
    records = a_document()
    texts = searched_texts(records)
    state = IndexState(None)
    lines = [(r.id, "", "{}", texts[r.id]) for r in records]
    state.begin(Indexed("plant", "plant.pdf", "", "", True), [], lines)
    state.end("plant", [])
    assert state.by_words("which part follows the pump in the cooling loop?", 1)[0][0] == "drawn"
