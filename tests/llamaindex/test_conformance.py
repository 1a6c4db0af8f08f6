"""LlamaIndex conformance: what is known to go wrong between a reader and LlamaIndex's splitters and stores.

Each test runs the real classes of llama-index-core.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
from llama_index.core.embeddings import MockEmbedding, MockMultiModalEmbedding
from llama_index.core.indices.multi_modal import MultiModalVectorStoreIndex
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, Document, ImageDocument, ImageNode, MetadataMode, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.core.vector_stores.utils import node_to_metadata_dict
from made_document import FLOW_TEXT

from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader

Make = Callable[..., DICReader]


def images(nodes: Any) -> list[Any]:
    return [n for n in nodes if isinstance(n, ImageNode | ImageDocument)]


class Shelf:
    """A pipeline with docstore and vector store over a folder, run again and again."""

    def __init__(
        self, folder: Path, make: Make, *steps: Any, strategy: str = "upserts", **fields: Any
    ) -> None:
        self.folder, self.make, self.fields = folder, make, fields
        self.store = SimpleVectorStore()
        self.pipeline = IngestionPipeline(
            transformations=[*steps, MockEmbedding(embed_dim=4)],
            docstore=SimpleDocumentStore(),
            vector_store=self.store,
            docstore_strategy=DocstoreStrategy(strategy),
        )

    def run(self) -> list[BaseNode]:
        # the size and dates that the directory reader adds by itself would re-ingest a file that was touched
        loader = SimpleDirectoryReader(
            str(self.folder),
            file_extractor={".pdf": self.make(**self.fields)},
            file_metadata=lambda p: {"file_path": p},
        )
        return list(self.pipeline.run(documents=loader.load_data()))

    @property
    def vectors(self) -> int:
        return len(self.store.data.embedding_dict)


def test_figures_survive_a_splitter_as_image_nodes(make_reader: Make, folder: Path) -> None:
    nodes = SentenceSplitter().get_nodes_from_documents(make_reader().load_data(folder / "a.pdf"))
    assert len(nodes) == 9
    figures = images(nodes)
    assert len(figures) == 2
    for figure in figures:
        assert Path(figure.image_path).is_file()
        assert figure.image_mimetype == "image/png"
        assert "'Check stock'" in figure.text
        assert figure.metadata["figure_label"] in ("Figure 3", "Figure 7")


def test_a_long_figure_is_not_copied_by_the_splitter(make_reader: Make, folder: Path) -> None:
    (folder / "a.pdf").write_text(
        "Figure 3: Order handling. " + "Then S1-AP 'UE-Context Release' goes to MME-1. " * 300
    )
    documents = make_reader().load_data(folder / "a.pdf")
    nodes = SentenceSplitter().get_nodes_from_documents(documents)
    assert len(images(nodes)) == 2
    assert len(nodes) == len(documents)


def test_small_chunks_are_possible_in_spite_of_long_metadata(make_reader: Make, folder: Path) -> None:
    for caption in (
        "The user equipment asks. " * 40,
        "终端向基站发送注册请求，" * 60,
        "S1-AP UE-CONTEXT " * 80,
    ):
        (folder / "a.pdf").write_text(caption)
        documents = make_reader().load_data(folder / "a.pdf")
        nodes = SentenceSplitter(chunk_size=128, chunk_overlap=0).get_nodes_from_documents(documents)
        assert len(nodes) > 9


def test_only_the_text_is_embedded(make_reader: Make, folder: Path) -> None:
    loader = SimpleDirectoryReader(
        str(folder), file_extractor={".pdf": make_reader()}, file_metadata=lambda p: {"file_path": p}
    )
    for document in loader.load_data():
        assert document.get_content(MetadataMode.EMBED) == document.get_content(MetadataMode.NONE)


def test_a_language_model_sees_caption_label_and_page_of_a_figure(make_reader: Make, folder: Path) -> None:
    documents = make_reader().load_data(folder / "a.pdf")
    (figure, *_) = images(SentenceSplitter().get_nodes_from_documents(documents))
    shown = figure.get_content(metadata_mode=MetadataMode.LLM)
    assert "Ship parcel" in shown and shown.count(str(figure.metadata["printed_caption"])) == 1
    about, picture = figure.get_content_blocks(MetadataMode.LLM)  # LlamaIndex leaves an ImageNode's text out
    assert {line.split(":")[0] for line in about.text.splitlines()} == {"page", "figure_label"}
    assert Path(picture.path).is_file()


def test_excluded_keys_of_the_directory_reader_are_kept(make_reader: Make, folder: Path) -> None:
    for document in SimpleDirectoryReader(str(folder), file_extractor={".pdf": make_reader()}).load_data():
        assert {"file_size", "last_modified_date", "bbox"} <= set(document.excluded_embed_metadata_keys)
        assert {"file_size", "last_modified_date", "bbox"} <= set(document.excluded_llm_metadata_keys)
        assert "page" not in document.excluded_llm_metadata_keys


@pytest.mark.parametrize("emit", ["blocks", "document"])
def test_metadata_goes_into_flat_stores(make_reader: Make, folder: Path, emit: str) -> None:
    documents = make_reader(emit=emit).load_data(folder / "a.pdf")
    for node in DICNodeParser().get_nodes_from_documents(documents):
        node_to_metadata_dict(node, remove_text=True, flat_metadata=True)


def test_no_picture_bytes_and_no_url_travel_in_a_node(make_reader: Make, folder: Path) -> None:
    for document in images(make_reader().load_data(folder / "a.pdf")):
        assert document.image is None
        assert document.image_url is None
        assert len(document.to_json()) < 10_000


@pytest.mark.parametrize("emit", ["blocks", "document"])
def test_docstores_give_back_what_they_were_given(
    make_reader: Make, folder: Path, tmp_path: Path, emit: str
) -> None:
    documents = make_reader(emit=emit).load_data(folder / "a.pdf")
    nodes = DICNodeParser().get_nodes_from_documents(documents)
    store = SimpleDocumentStore()
    store.add_documents([*documents, *nodes])
    store.persist(str(tmp_path / "docstore.json"))
    loaded = SimpleDocumentStore.from_persist_path(str(tmp_path / "docstore.json"))
    for item in (*documents, *nodes):
        back = loaded.get_document(item.node_id)
        assert back is not None
        assert back.hash == item.hash
        assert back.metadata == item.metadata
        assert getattr(back, "image_path", None) == getattr(item, "image_path", None)
    again = DICNodeParser().get_nodes_from_documents([loaded.get_document(d.id_) for d in documents])
    assert [n.node_id for n in again] == [n.node_id for n in nodes]
    assert [n.get_content() for n in again] == [n.get_content() for n in nodes]


def test_block_documents_have_no_source_but_know_their_neighbours(make_reader: Make, folder: Path) -> None:
    documents = make_reader().load_data(folder / "a.pdf")
    assert not any(d.relationships for d in documents)
    nodes = SentenceSplitter().get_nodes_from_documents(documents)
    order = sorted(nodes, key=lambda n: n.metadata["dic_order"])
    for before, after in itertools.pairwise(order):
        assert before.metadata["dic_next_id"] == after.metadata["dic_node_id"]
        assert after.metadata["dic_prev_id"] == before.metadata["dic_node_id"]


def test_filename_as_id_leaves_our_ids_in_the_metadata(make_reader: Make, folder: Path) -> None:
    loader = SimpleDirectoryReader(str(folder), file_extractor={".pdf": make_reader()}, filename_as_id=True)
    documents = loader.load_data()
    assert documents[0].id_.endswith("a.pdf_part_0")
    named = {d.metadata["dic_node_id"] for d in documents}
    assert len(named) == len(documents)
    assert {d.metadata["dic_next_id"] for d in documents} - {""} <= named


def test_upserts_of_blocks(make_reader: Make, folder: Path) -> None:
    shelf = Shelf(folder, make_reader, SentenceSplitter())
    assert len(shelf.run()) == 18
    assert shelf.run() == []
    assert shelf.vectors == 18
    (folder / "a.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    changed = shelf.run()
    assert {Path(n.metadata["file_path"]).name for n in changed} == {"a.pdf"}


def test_upserts_and_delete_of_blocks_leave_no_old_version(make_reader: Make, folder: Path) -> None:
    shelf = Shelf(folder, make_reader, SentenceSplitter(), strategy="upserts_and_delete")
    shelf.run()
    (folder / "a.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    assert len(shelf.run()) == 9
    assert shelf.vectors == 18
    assert shelf.run() == []


def test_with_ids_by_path_only_the_changed_figure_is_ingested_again(make_reader: Make, folder: Path) -> None:
    shelf = Shelf(folder, make_reader, SentenceSplitter(), ids="path")
    shelf.run()
    (folder / "a.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    assert {n.metadata["dic_type"] for n in shelf.run()} == {"figure"}
    assert shelf.vectors == 18


def test_with_ids_by_path_copies_of_a_file_live_side_by_side(make_reader: Make, folder: Path) -> None:
    shutil.copy(folder / "a.pdf", folder / "copy.pdf")
    shelf = Shelf(folder, make_reader, SentenceSplitter(), ids="path")
    assert len(shelf.run()) == 27
    assert shelf.vectors == 27
    assert shelf.run() == []


def test_upserts_of_whole_documents(make_reader: Make, folder: Path) -> None:
    shutil.copy(folder / "a.pdf", folder / "copy.pdf")
    shelf = Shelf(folder, make_reader, DICNodeParser(), emit="document")
    first = shelf.run()
    assert len(first) == shelf.vectors == 27
    assert shelf.run() == []
    (folder / "a.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    changed = shelf.run()
    assert len(changed) == 9
    assert {Path(n.metadata["file_path"]).name for n in changed} == {"a.pdf"}
    assert shelf.vectors == 27
    figures = {n.node_id for n in images(first) if n.metadata["file_path"].endswith("a.pdf")}
    assert figures == {n.node_id for n in images(changed)}


def test_a_persisted_pipeline_knows_what_it_has_ingested(
    make_reader: Make, folder: Path, tmp_path: Path
) -> None:
    shelf = Shelf(folder, make_reader, DICNodeParser(), emit="document")
    assert len(shelf.run()) == 18
    shelf.pipeline.persist(str(tmp_path / "storage"))
    later = Shelf(folder, make_reader, DICNodeParser(), emit="document")
    later.pipeline.load(str(tmp_path / "storage"))
    assert later.run() == []
    (folder / "b.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    assert len(later.run()) == 9


def test_upserts_without_a_vector_store_fall_back_with_a_warning(make_reader: Make, folder: Path) -> None:
    pipeline = IngestionPipeline(transformations=[DICNodeParser()], docstore=SimpleDocumentStore())
    documents = make_reader(emit="document").load_data(folder / "a.pdf")
    with pytest.warns(UserWarning, match="requires a vector store"):
        assert len(pipeline.run(documents=documents)) == 9
    with pytest.warns(UserWarning, match="requires a vector store"):
        assert pipeline.run(documents=documents) == []


def test_an_index_from_documents_keeps_pictures_and_deletes_by_file(make_reader: Make, folder: Path) -> None:
    reader = make_reader(emit="document")
    documents = reader.load_data([folder / "a.pdf", folder / "b.pdf"])
    index = VectorStoreIndex.from_documents(
        documents, transformations=[DICNodeParser()], storage_context=StorageContext.from_defaults()
    )
    found = index.as_retriever(similarity_top_k=18).retrieve("order")
    assert len(found) == 18
    assert len(images(n.node for n in found)) == 4
    index.delete_ref_doc(documents[0].id_, delete_from_docstore=True)
    left = index.as_retriever(similarity_top_k=18).retrieve("order")
    assert {Path(n.node.metadata["file_path"]).name for n in left} == {"b.pdf"}


def test_refresh_replaces_a_changed_file(make_reader: Make, folder: Path) -> None:
    reader = make_reader(emit="document")
    files = [folder / "a.pdf", folder / "b.pdf"]
    index = VectorStoreIndex.from_documents(reader.load_data(files), transformations=[DICNodeParser()])
    assert index.refresh_ref_docs(reader.load_data(files)) == [False, False]
    (folder / "a.pdf").write_text(FLOW_TEXT + " The flow has changed.")
    assert index.refresh_ref_docs(reader.load_data(files)) == [True, False]
    texts = [n.node.get_content() for n in index.as_retriever(similarity_top_k=50).retrieve("order")]
    assert len(texts) == 18
    assert sum("has changed" in t for t in texts) == 2


def test_an_index_from_blocks_keeps_pictures(make_reader: Make, folder: Path) -> None:
    index = VectorStoreIndex.from_documents(make_reader().load_data(folder / "a.pdf"))
    found = index.as_retriever(similarity_top_k=9).retrieve("order")
    assert len(images(n.node for n in found)) == 2


def test_a_multimodal_index_stores_the_caption_and_the_picture(make_reader: Make, folder: Path) -> None:
    images_store = SimpleVectorStore(stores_text=False)
    index = MultiModalVectorStoreIndex.from_documents(
        make_reader().load_data(folder / "a.pdf"),
        image_vector_store=images_store,
        image_embed_model=MockMultiModalEmbedding(embed_dim=4),
    )
    assert len(images_store.data.embedding_dict) == 2
    found = index.as_retriever(similarity_top_k=9).text_retrieve("order")
    assert len(images(n.node for n in found)) == 2


def test_an_index_is_persisted_and_loaded_with_its_pictures(
    make_reader: Make, folder: Path, tmp_path: Path
) -> None:
    from llama_index.core import load_index_from_storage

    documents = make_reader(emit="document").load_data(folder / "a.pdf")
    VectorStoreIndex.from_documents(documents, transformations=[DICNodeParser()]).storage_context.persist(
        str(tmp_path / "store")
    )
    index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(tmp_path / "store")))
    found = index.as_retriever(similarity_top_k=9).retrieve("order")
    pictures = images(n.node for n in found)
    assert len(pictures) == 2
    assert all(Path(p.image_path).is_file() for p in pictures)


def test_documents_are_documents_for_every_other_transformation(make_reader: Make, folder: Path) -> None:
    (whole,) = make_reader(emit="document").load_data(folder / "a.pdf")
    assert isinstance(whole, Document)
    nodes = SentenceSplitter(chunk_size=256, chunk_overlap=0).get_nodes_from_documents([whole])
    assert all(isinstance(n, TextNode) for n in nodes)
    text = " ".join(n.get_content() for n in nodes)
    assert "After the flow comes the invoice." in text
    assert "{" not in text.replace(r"\frac{n}{r}", "")
