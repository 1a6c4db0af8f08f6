"""DICNodeParser: relations, ids, pictures, other readers' documents beside ours."""

from __future__ import annotations

import asyncio
import copy
import itertools
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from llama_index.core.schema import Document, ImageNode, NodeRelationship

from dic_ingest.llamaindex.document import DICDocument
from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader

Make = Callable[..., DICReader]
LONG = "Figure 3: Order handling. " + "Then the 'Clerk' passes order number 77 to the 'Warehouse'. " * 120


@pytest.fixture
def whole(make_reader: Make, folder: Path) -> DICDocument:
    """A file as one document."""
    (document,) = make_reader(emit="document").load_data(folder / "a.pdf")
    assert isinstance(document, DICDocument)
    return document


def test_nodes_come_in_order_with_source_and_neighbours(whole: DICDocument) -> None:
    nodes = DICNodeParser().get_nodes_from_documents([whole])
    assert [n.metadata["dic_order"] for n in nodes] == list(range(9))
    assert {n.ref_doc_id for n in nodes} == {whole.id_}
    assert nodes[0].prev_node is None
    assert nodes[-1].next_node is None
    for before, after in itertools.pairwise(nodes):
        assert before.next_node is not None and before.next_node.node_id == after.node_id
        assert after.prev_node is not None and after.prev_node.hash == before.hash


def test_figures_are_image_nodes_with_absolute_crops(whole: DICDocument) -> None:
    nodes = DICNodeParser().get_nodes_from_documents([whole])
    figures = [n for n in nodes if isinstance(n, ImageNode)]
    assert [f.metadata["figure_label"] for f in figures] == ["Figure 3", "Figure 7"]
    assert all(Path(f.image_path or "").is_file() for f in figures)
    assert figures[1].metadata["duplicate_of"] == figures[0].node_id
    assert figures[0].metadata["referenced_by"] == nodes[0].node_id
    assert nodes[0].metadata["refers_to"] == figures[0].node_id


def test_moved_crops_are_found_under_another_root(whole: DICDocument, tmp_path: Path) -> None:
    nodes = DICNodeParser(image_root=str(tmp_path / "moved")).get_nodes_from_documents([whole])
    figure = next(n for n in nodes if isinstance(n, ImageNode))
    assert figure.image_path == str(tmp_path / "moved" / "figures" / "flow.png")


def test_parts_of_a_long_figure_are_its_children(make_reader: Make, folder: Path) -> None:
    (folder / "a.pdf").write_text(LONG)
    nodes = DICNodeParser().get_nodes_from_documents(make_reader(emit="document").load_data(folder / "a.pdf"))
    parent = next(n for n in nodes if isinstance(n, ImageNode))
    children = [n for n in nodes if n.parent_node and n.parent_node.node_id == parent.node_id]
    assert children
    assert [c.node_id for c in parent.child_nodes or []] == [c.node_id for c in children]
    assert not any(isinstance(c, ImageNode) for c in children)


def test_relations_do_not_drag_metadata_along(whole: DICDocument) -> None:
    nodes = DICNodeParser().get_nodes_from_documents([whole])
    for node in nodes:
        for relation, info in node.relationships.items():
            if relation != NodeRelationship.SOURCE:
                assert "mermaid" not in str(info)
    assert all(len(n.to_json()) < 12_000 for n in nodes)


def test_ids_follow_the_documents_id_and_the_content(
    make_reader: Make, folder: Path, whole: DICDocument
) -> None:
    first = DICNodeParser().get_nodes_from_documents([whole])
    (again,) = make_reader(emit="document").load_data(folder / "a.pdf")
    assert again.id_ == whole.id_
    assert again.hash == whole.hash
    assert [n.node_id for n in DICNodeParser().get_nodes_from_documents([again])] == [
        n.node_id for n in first
    ]
    again.id_ = "another"
    other = DICNodeParser().get_nodes_from_documents([again])
    assert not {n.node_id for n in other} & {n.node_id for n in first}
    assert {n.metadata["dic_doc_id"] for n in other} == {"another"}


def test_the_document_id_stays_and_the_hash_goes_when_the_file_changes(
    make_reader: Make, folder: Path, whole: DICDocument
) -> None:
    (folder / "a.pdf").write_text("Another flow.")
    (changed,) = make_reader(emit="document").load_data(folder / "a.pdf")
    assert changed.id_ == whole.id_
    assert changed.hash != whole.hash


def test_a_whole_document_reads_well_and_holds_the_parse(whole: DICDocument) -> None:
    assert whole.text.startswith("Handbook of orders\n2 Orders\n\nOrders are handled")
    assert "Figure 3: Order handling" in whole.text
    assert "{" not in whole.text.replace(r"\frac{n}{r}", "")
    assert [f.label for f in whole.parsed.figures] == ["", "Figure 3", "", "Figure 7"]
    for other in (pickle.loads(pickle.dumps(whole)), copy.deepcopy(whole)):
        assert other.parsed == whole.parsed
        assert other.text == whole.text
        assert other.hash == whole.hash


def test_a_replaced_text_is_just_text(whole: DICDocument) -> None:
    whole.set_content("Nothing but words.")
    assert whole.text == "Nothing but words."
    with pytest.raises(ValueError, match="read the file again"):
        _ = whole.parsed
    (node,) = DICNodeParser().get_nodes_from_documents([whole])
    assert node.get_content() == "Nothing but words."


def test_documents_of_other_readers_are_split_by_sentences(whole: DICDocument) -> None:
    other = Document(id_="notes.txt", text="A note. " * 400, metadata={"file_name": "notes.txt"})
    parser = DICNodeParser(other_tokens=128)
    nodes = parser.get_nodes_from_documents([other, whole])
    notes = [n for n in nodes if n.ref_doc_id == "notes.txt"]
    assert len(nodes) - len(notes) == 9
    assert len(notes) > 5
    assert all(n.metadata["file_name"] == "notes.txt" for n in notes)
    assert [n.node_id for n in parser.get_nodes_from_documents([other])] == [n.node_id for n in notes]
    assert notes[0].next_node is not None and notes[0].next_node.node_id == notes[1].node_id


def test_json_of_other_origin_is_no_document_of_ours() -> None:
    for text in ('{"schema": "dic_ingest.document/1"}', '{"dic_ingest.document/1":', '{"a": 1}'):
        (node,) = DICNodeParser().get_nodes_from_documents([Document(text=text)])
        assert node.get_content() == text


def test_async_parsing_gives_the_same(whole: DICDocument) -> None:
    nodes = asyncio.run(DICNodeParser().acall([whole]))
    assert [n.node_id for n in nodes] == [n.node_id for n in DICNodeParser()([whole])]


def test_the_parser_travels_to_workers_and_back_from_json(whole: DICDocument) -> None:
    parser = DICNodeParser(text_tokens=64, include_prev_next_rel=False)
    copied = pickle.loads(pickle.dumps(parser))
    nodes = copied.get_nodes_from_documents([whole])
    assert copied.text_tokens == 64
    assert not any(n.prev_node or n.next_node for n in nodes)
    assert DICNodeParser.from_dict({"text_tokens": 64}).text_tokens == 64
    assert parser.to_dict()["class_name"] == "DICNodeParser"
