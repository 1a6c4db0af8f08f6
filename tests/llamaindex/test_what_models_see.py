"""What a language model and an embedder get of a node: nothing empty, nothing twice, no bookkeeping."""

from __future__ import annotations

from llama_index.core.schema import MetadataMode
from made_document import made

from dic_ingest.llamaindex.convert import to_document, to_node
from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes


def figure_nodes(figure_tokens: int = 800) -> list[NodeRecord]:
    return [n for n in to_nodes(made(), NodeSettings(figure_tokens=figure_tokens)) if n.type == "figure"]


def test_a_caption_that_the_text_says_is_not_said_twice() -> None:
    for record in figure_nodes():
        node = to_node(record)
        seen = node.get_content(metadata_mode=MetadataMode.LLM)
        printed = str(record.metadata["printed_caption"])
        assert not printed or seen.casefold().count(printed.casefold()) == 1, seen
        assert record.text in seen and f"page: {record.metadata['page']}" in seen


def test_a_continuation_brings_the_caption_that_its_text_lacks() -> None:
    figures = figure_nodes(figure_tokens=64)
    last = max(figures, key=lambda n: int(n.metadata.get("part", 1)))
    shown = to_node(last).get_content(metadata_mode=MetadataMode.LLM)
    assert "part" in last.metadata and f"caption: {last.metadata['caption']}" in shown


def test_empty_values_are_not_shown() -> None:
    record = NodeRecord("n", "A mast.", {"figure_label": "", "caption": "", "page": 3, "bbox": ""}, "figure")
    for node in (to_node(record), to_document(record)):
        assert node.get_content(metadata_mode=MetadataMode.LLM) == "page: 3\n\nA mast."


def test_no_metadata_is_embedded() -> None:
    for record in to_nodes(made()):
        assert to_node(record).get_content(metadata_mode=MetadataMode.EMBED) == record.text
