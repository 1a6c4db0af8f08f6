"""Documents: exact JSON round trip, stable ids, replacing blocks, what a retriever sees of a block."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import boxes, documents, text

from dic_ingest.model import document as d
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import BLOCKS, block_from_dict


def figure(**changes: object) -> d.Figure:
    plain = d.Figure("f", 2, (10.0, 20.0, 110.0, 80.0), 1, label="Figure 1", printed_caption="A pump.")
    return replace(plain, **changes)


def a_document(*blocks: d.Block) -> d.Document:
    return d.Document("a.pdf", "0" * 64, d.Parser("mineru", "4.0", "flash"), (d.Page(1, 595, 842),), blocks)


@settings(max_examples=60)
@given(documents)
def test_json_round_trip_is_exact(document: d.Document) -> None:
    assert d.Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document


@settings(max_examples=30)
@given(documents)
def test_to_dict_is_already_json(document: d.Document) -> None:
    data = document.to_dict()
    once = json.loads(json.dumps(data))
    assert json.loads(json.dumps(d.Document.from_dict(data).to_dict())) == once


def test_every_block_type_has_a_way_back() -> None:
    # by name: a dataclass with slots leaves its slotless twin behind among the subclasses
    names = {c.__name__ for c in d.Block.__subclasses__() if c.__module__ == d.__name__}
    assert {c.__name__ for c in BLOCKS.values()} == names and all(
        BLOCKS[c.type] is c for c in BLOCKS.values()
    )


def test_unknown_fields_of_a_later_version_are_left_out() -> None:
    data = a_document(figure()).to_dict()
    data["blocks"][0]["mood"] = "cheerful"
    data["colour"] = "red"
    assert d.Document.from_dict(data) == a_document(figure())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "dic_ingest.document/0"}, "ingest the file again"),
        ({"schema": None}, "ingest the file again"),
        ({"blocks": [{"type": "poem"}]}, "poem"),
        ({"blocks": [{"type": "text"}]}, "not a document"),
        ({"blocks": 7}, "not a document"),
        ({"pages": [3]}, "not a document"),
    ],
)
def test_other_json_is_refused_with_a_sentence(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        d.Document.from_dict(a_document().to_dict() | change)


def test_nothing_can_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        figure().label = "Figure 2"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        a_document().blocks = ()  # type: ignore[misc]


def test_documents_pickle_and_copy() -> None:
    document = a_document(
        figure(description=d.Description("A pump.", Diagram(Kind.BLOCK, (Node("a", "A"),))))
    )
    assert pickle.loads(pickle.dumps(document)) == document == copy.deepcopy(document)


def test_replace_blocks_maps_drops_and_leaves_the_old_one_alone() -> None:
    before = a_document(
        d.Text("t", 1, None, 0, text="old"), figure(), d.Heading("h", 1, None, 2, text="keep")
    )

    def change(block: d.Block) -> d.Block | None:
        if isinstance(block, d.Figure):
            return None
        return replace(block, text="new") if isinstance(block, d.Text) else block

    after = before.replace_blocks(change)
    assert [b.content for b in after] == ["new", "keep"]
    assert [b.content for b in before] == ["old", "Figure 1: A pump.", "keep"]
    assert (after.pages, after.parser, after.sha256) == (before.pages, before.parser, before.sha256)


def test_replace_figures_touches_figures_alone_and_keeps_the_order() -> None:
    before = a_document(figure(id="a"), d.Text("t", 1, None, 1, text="between"), figure(id="b", order=2))
    after = before.replace_figures(lambda f: replace(f, image=f"{f.id}.png"))
    assert [f.image for f in after.figures] == ["a.png", "b.png"]
    assert after.blocks[1] is before.blocks[1]
    assert [b.id for b in after] == ["a", "t", "b"]


def test_warn_adds_one_and_keeps_the_rest() -> None:
    document = a_document().warn("limit", "Only 5 pages were read.").warn("figure", "No graph.", 3)
    assert document.warnings == (
        d.Warning("limit", "Only 5 pages were read."),
        d.Warning("figure", "No graph.", 3),
    )


@given(text, text, st.integers(1, 9), boxes | st.none(), text)
def test_ids_depend_on_content_alone(
    sha: str, kind: str, page: int, box: tuple[float, float, float, float] | None, content: str
) -> None:
    name = d.block_id(sha, kind, page, box, content)
    assert name == d.block_id(sha, kind, page, box, content)
    assert name != d.block_id(sha, kind, page + 1, box, content)
    assert name != d.block_id(sha, kind, page, box, content + "x")


def test_an_id_is_the_same_in_every_version() -> None:
    # written into vector stores: a change here makes every index out there start anew
    box = (10.0, 20.0, 110.0, 80.0)
    assert d.block_id("ab" * 32, "figure", 2, box, "A pump.") == "abababababab-0f8c3866c40a"
    assert d.block_id("ab" * 32, "figure", 2, (10.2, 19.9, 110.1, 80.4), "A pump.").endswith("0f8c3866c40a")


def test_a_figure_says_label_caption_and_description_once() -> None:
    assert figure().content == "Figure 1: A pump."
    said = d.Description("Figure 1: A pump. It moves water.")
    assert figure(description=said, footnotes=("Source: own",)).content == (
        "Figure 1: A pump. It moves water.\nSource: own"
    )
    assert figure(label="", printed_caption="", description=d.Description("A tank.")).content == "A tank."


def test_what_is_routed_away() -> None:
    away = {"table", "formula", "decoration", "duplicate", "skipped"}
    for name in (*away, "diagram", "chart", "photo", "screenshot", "other"):
        assert d.Route(name, Kind.OTHER, 1.0, "").kept is (name not in away)


def test_blocks_say_their_text() -> None:
    said = {
        "a\nb": d.List("l", 1, None, 0, items=("a", "b")),
        "T\n1\t2\nnote": d.Table("t", 1, None, 0, caption="T", text="1\t2", footnotes=("note",)),
        "x^2": d.Equation("e", 1, None, 0, latex="x^2", text="x2"),
        "Listing\nx = 1": d.Code("c", 1, None, 0, text="x = 1", caption="Listing"),
    }
    assert {block.content: block for block in said.values()} == said


def test_edges_of_a_figure_survive_the_file() -> None:
    graph = Diagram(Kind.FLOWCHART, (Node("a", "A"), Node("b", "B")), (Edge("a", "b", "yes"),))
    document = a_document(figure(description=d.Description("A to B.", graph)))
    back = d.Document.from_dict(json.loads(json.dumps(document.to_dict()))).figures[0]
    assert back.description is not None and back.description.diagram == graph
    assert {f.name for f in fields(back)} == {f.name for f in fields(d.Figure)}
    assert block_from_dict(document.to_dict()["blocks"][0]) == back
