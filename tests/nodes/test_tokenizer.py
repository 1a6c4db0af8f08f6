"""Chunk sizes by the tokenizer that the settings name: tiktoken, a tokenizer.json, a function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.utils import get_tokenizer

from dic_ingest.batch.settings import WorkSettings, nodes_digest
from dic_ingest.errors import SettingsError
from dic_ingest.llamaindex.node_parser import DICNodeParser
from dic_ingest.llamaindex.reader import DICReader
from dic_ingest.model.document import Document, Page, Parser, Text
from dic_ingest.nodes import NodeSettings, to_nodes
from dic_ingest.nodes import tokenizer as module
from dic_ingest.nodes.splitting import split_text, tokens
from dic_ingest.nodes.tokenizer import counter

WORDS = "Der Verbindungsaufbau zwischen Endgerät und Kernnetz wird abgebrochen. "


def letters(text: str) -> int:
    """A tokenizer to which every letter is a token."""
    return len(text)


@pytest.fixture
def document() -> Document:
    text = Text("b1", 1, (0.0, 0.0, 100.0, 100.0), 0, text=WORDS * 20)
    return Document("a.pdf", "0" * 64, Parser("test"), (Page(1, 600.0, 800.0),), (text,))


@pytest.fixture
def words_file(tmp_path: Path) -> Path:
    """A tokenizer.json that takes words apart at blanks, and would cut a text at four of them."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.enable_truncation(4)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def sizes(document: Document, settings: NodeSettings, count: Callable[[str], int]) -> list[int]:
    return [count(n.text) for n in to_nodes(document, settings)]


def test_the_default_is_the_estimate(document: Document) -> None:
    assert counter("") is tokens
    assert to_nodes(document) == to_nodes(document, NodeSettings(tokenizer=tokens))


def test_tiktoken_counts_as_llamaindex_does(document: Document) -> None:
    count = counter("tiktoken:cl100k_base")
    assert count(WORDS) == len(get_tokenizer()(WORDS))
    assert count("<|endoftext|> \ud800") > 1  # no special token, no crash
    found = sizes(document, NodeSettings(text_tokens=80, tokenizer="tiktoken:cl100k_base"), count)
    assert len(found) > 2 and max(found) <= 100
    assert found != sizes(document, NodeSettings(text_tokens=80), count)


def test_a_tokenizer_file_counts_whole_texts(words_file: Path, document: Document) -> None:
    count = counter(f"hf:{words_file}")
    assert count(WORDS * 3) == 3 * len(WORDS.split())
    found = sizes(document, NodeSettings(text_tokens=40, tokenizer=f"hf:{words_file}"), count)
    assert max(found) <= 50 and sum(found) == 20 * len(WORDS.split())


def test_the_digest_follows_the_file(words_file: Path) -> None:
    settings = NodeSettings(tokenizer=f"hf:{words_file}")
    before = nodes_digest(settings)
    words_file.write_bytes(words_file.read_bytes() + b"\n")
    assert nodes_digest(settings) != before


def test_a_function_counts_in_reader_parser_and_to_nodes(document: Document) -> None:
    settings = {"text_tokens": 200, "tokenizer": letters}
    found = sizes(document, NodeSettings(**settings), letters)  # type: ignore[arg-type]
    assert max(found) <= 250 and len(found) > 5
    assert DICReader(nodes=settings).nodes["tokenizer"] is letters
    parser = DICNodeParser(text_tokens=200, tokenizer=letters)
    assert parser._settings().count("four") == 4
    assert "letters" in parser.to_dict()["tokenizer"]  # a cache tells it from the default
    assert parser.get_nodes_from_documents([LlamaDocument(text="of another reader")])


def test_a_run_refuses_a_function() -> None:
    with pytest.raises(SettingsError, match="processes of their own"):
        nodes_digest(WorkSettings(nodes=NodeSettings(tokenizer=letters)).nodes)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bert", "must be"),
        ("hf:", "must be"),
        ("hf:/nowhere/tokenizer.json", "none is fetched"),
        ("tiktoken:cl100k", "cl100k_base"),
    ],
)
def test_names_that_cannot_be_used(name: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        _ = NodeSettings(tokenizer=name).count


def test_a_file_that_is_no_tokenizer(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"is no tokenizer\.json"):
        counter(f"hf:{tmp_path / 'tokenizer.json'}")


def test_a_file_of_tiktoken_that_is_missing_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(module.CACHE, str(tmp_path))
    with pytest.raises(SettingsError, match="not on this machine"):
        counter("tiktoken:p50k_edit")
    assert not list(tmp_path.iterdir())


def test_a_count_that_is_none() -> None:
    with pytest.raises(SettingsError, match="number of tokens"):
        NodeSettings(tokenizer=lambda text: -1).count("text")


@given(st.text(max_size=200), st.integers(1, 20))
def test_pieces_fit_where_a_letter_is_several_tokens(text: str, limit: int) -> None:
    def count(part: str) -> int:
        return len(part.encode("utf-8", "replace"))

    pieces = split_text(text, limit, count)
    assert all(count(p) <= limit or len(p) == 1 for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
