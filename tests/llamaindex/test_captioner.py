"""DICCaptioner: captions put in later, under the same ids, without breaking what hangs on them."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import BaseNode, ImageDocument, ImageNode, MetadataMode

from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import SettingsError
from dic_ingest.llamaindex import captioner as engine_module
from dic_ingest.llamaindex.captioner import DICCaptioner
from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader
from dic_ingest.model.description import Description
from dic_ingest.sources.pdf.document import PdfFile

Make = Callable[..., DICReader]


class Teller:
    """An engine that says one text and remembers what it was asked."""

    name = "teller"

    def __init__(self, says: str = "The 'Gate' opens.") -> None:
        self.says = says
        self.requests: list[FigureRequest] = []

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        self.requests += requests
        return [Description(self.says, None, self.name, "teller/2") for _ in requests]


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Teller:
    """The engine of every captioner."""
    engine = Teller()
    monkeypatch.setattr(engine_module, "make_captioner", lambda name, **options: engine)
    return engine


@pytest.fixture
def nodes(make_reader: Make, folder: Path) -> list[BaseNode]:
    """Nodes of a file that was read without an engine."""
    documents = make_reader(engine="none", emit="document").load_data(folder / "a.pdf")
    return DICNodeParser().get_nodes_from_documents(documents)


def figures(nodes: Sequence[BaseNode]) -> list[Any]:
    return [n for n in nodes if isinstance(n, ImageNode | ImageDocument)]


def assert_chained(nodes: Sequence[BaseNode]) -> None:
    assert nodes[0].prev_node is None
    assert nodes[-1].next_node is None
    for before, after in pairwise(nodes):
        assert before.next_node is not None and before.next_node.node_id == after.node_id
        assert after.prev_node is not None and after.prev_node.node_id == before.node_id
        assert before.next_node.hash == after.hash
        assert before.metadata["dic_next_id"] == after.metadata["dic_node_id"]
        assert after.metadata["dic_prev_id"] == before.metadata["dic_node_id"]


def test_missing_captions_are_filled_in_under_the_same_ids(nodes: list[BaseNode], teller: Teller) -> None:
    before = [(n.node_id, n.ref_doc_id) for n in nodes]
    texts = [n.get_content() for n in nodes if not isinstance(n, ImageNode)]
    done = DICCaptioner()(nodes)
    assert [(n.node_id, n.ref_doc_id) for n in done] == before
    assert [n.get_content() for n in done if not isinstance(n, ImageNode)] == texts
    flow = figures(done)[0]
    assert flow.text.startswith(
        "Figure 3: Order handling\nSection: 2 Orders. Document: Handbook of orders\nThe 'Gate'"
    )
    assert "Words in the figure: Receive order" in flow.text
    assert flow.metadata["caption_source"] == "dic"
    assert flow.metadata["model_id"] == "teller/2"
    assert flow.metadata["caption"] == "Figure 3: Order handling. The 'Gate' opens."
    assert flow.image_path and Path(flow.image_path).is_file()
    assert_chained(done)


def test_the_engine_is_asked_with_what_the_node_knows(nodes: list[BaseNode], teller: Teller) -> None:
    DICCaptioner()(nodes)
    request = teller.requests[0]
    assert (request.label, request.printed_caption, request.section) == (
        "Figure 3",
        "Order handling",
        "2 Orders",
    )
    assert request.kind == "flowchart"
    assert request.crop.size == (200, 200)
    assert request.references == ("Orders are handled as Figure 3 shows.",)


def test_captions_that_exist_are_left_alone(make_reader: Make, folder: Path, teller: Teller) -> None:
    documents = make_reader(emit="document").load_data(folder / "a.pdf")
    nodes = DICNodeParser().get_nodes_from_documents(documents)
    hashes = [n.hash for n in nodes]
    assert [n.hash for n in DICCaptioner()(nodes)] == hashes
    assert teller.requests == []
    figures(nodes)[0].metadata["needs_review"] = True
    DICCaptioner(only="review")(nodes)
    assert len(teller.requests) == 1
    DICCaptioner(only="all")(nodes)
    assert len(teller.requests) == 3


def test_a_second_pass_has_nothing_to_do(nodes: list[BaseNode], teller: Teller) -> None:
    once = DICCaptioner()(nodes)
    DICCaptioner()(once)
    assert len(teller.requests) == 2


def test_long_captions_go_on_in_siblings_and_shrink_again(nodes: list[BaseNode], teller: Teller) -> None:
    short = [n.node_id for n in nodes]
    teller.says = "Then the 'Clerk' passes order number 77 to the 'Warehouse'. " * 120
    long = DICCaptioner()(nodes)
    assert len(long) > len(nodes)
    assert len({n.node_id for n in long}) == len(long)
    assert_chained(long)
    flow = figures(long)[0]
    parts = [n for n in long if n.parent_node and n.parent_node.node_id == flow.node_id]
    assert [c.node_id for c in flow.child_nodes or []] == [p.node_id for p in parts]
    assert flow.metadata["parts"] == len(parts) + 1
    assert {p.ref_doc_id for p in parts} == {flow.ref_doc_id}
    assert all(not p.metadata["mermaid"] and p.metadata["file_name"] == "a.pdf" for p in parts)
    assert all(set(p.metadata) == set(flow.metadata) | {"part"} for p in parts)
    teller.says = "The 'Gate' opens."
    again = DICCaptioner(only="all")(long)
    assert [n.node_id for n in again] == short
    assert_chained(again)
    assert figures(again)[0].child_nodes is None


def test_documents_are_captioned_before_a_splitter(make_reader: Make, folder: Path, teller: Teller) -> None:
    documents = make_reader(engine="none").load_data(folder / "a.pdf")
    ids = [d.id_ for d in documents]
    done = DICCaptioner()(documents)
    assert [d.node_id for d in done] == ids
    assert all(isinstance(d, ImageDocument) and "The 'Gate' opens." in d.text for d in figures(done))
    shown = figures(done)[0].get_content(metadata_mode=MetadataMode.LLM)
    assert shown.count("The 'Gate' opens.") == 1


def test_in_a_pipeline_between_parser_and_embedding(make_reader: Make, folder: Path, teller: Teller) -> None:
    pipeline = IngestionPipeline(
        transformations=[DICNodeParser(), DICCaptioner(), MockEmbedding(embed_dim=4)]
    )
    documents = make_reader(engine="none", emit="document").load_data(folder / "a.pdf")
    made = asyncio.run(pipeline.arun(documents=documents))
    assert all(n.embedding for n in made)
    assert sum("The 'Gate' opens." in n.get_content() for n in made) == 2
    pipeline.run(documents=documents)
    assert len(teller.requests) == 2  # the second run came from the pipeline's cache


def test_an_old_embedding_does_not_outlive_its_text(nodes: list[BaseNode], teller: Teller) -> None:
    for node in nodes:
        node.embedding = [1.0]
    done = DICCaptioner()(nodes)
    assert {n.embedding is None for n in figures(done)} == {True}
    assert done[0].embedding == [1.0]


def test_a_lost_crop_leaves_the_figure_as_it_is(
    nodes: list[BaseNode], teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    before = [n.hash for n in nodes]
    for figure in figures(nodes):
        Path(figure.image_path).unlink(missing_ok=True)
    assert [n.hash for n in DICCaptioner()(nodes)] == before
    assert "cannot be read" in caplog.text
    assert teller.requests == []


def test_an_engine_that_says_nothing_changes_nothing(nodes: list[BaseNode], teller: Teller) -> None:
    before = [n.hash for n in nodes]
    teller.says = "  "
    assert [n.hash for n in DICCaptioner()(nodes)] == before


def test_it_travels_without_its_engine(nodes: list[BaseNode], caplog: pytest.LogCaptureFixture) -> None:
    captioner = DICCaptioner(engine="fake", batch_size=1)
    with caplog.at_level(logging.WARNING):
        captioner(nodes)
        other = pickle.loads(pickle.dumps(captioner))
    assert "npickl" not in caplog.text
    assert other.batch_size == 1
    assert other.to_dict() == captioner.to_dict()
    assert other(nodes)
    assert DICCaptioner.from_json(captioner.to_json()).engine == "fake"


def test_an_unknown_engine_is_told(nodes: list[BaseNode]) -> None:
    with pytest.raises(SettingsError, match="no engine called 'magic'"):
        DICCaptioner(engine="magic")(nodes)


def test_a_file_that_is_still_there_is_read_again_for_its_drawing(
    teller: Teller, make_pdf: Callable[..., Path], nodes: list[BaseNode]
) -> None:
    def draw(canvas: Any) -> None:
        canvas.rect(110, 110, 80, 30)
        canvas.drawString(120, 120, "Gate")

    path = make_pdf(draw)
    with PdfFile(path) as pdf:
        sha = pdf.sha256
    flow = figures(nodes)[0]
    flow.metadata.update(file_path=str(path), dic_doc_id=sha, bbox="100.0,150.0,200.0,200.0", image_dpi=72.0)
    DICCaptioner()([flow])
    drawing = teller.requests[0].drawing
    assert drawing is not None
    assert [w.text for w in drawing.words] == ["Gate"]
    flow.metadata.update(dic_doc_id="0" * 64, dic_file_sha256="0" * 64)
    DICCaptioner(only="all")([flow])
    assert teller.requests[1].drawing is None
    path.write_bytes(b"no pdf any more")
    DICCaptioner(only="all")([flow])
    assert teller.requests[2].crop.size == (200, 200)
