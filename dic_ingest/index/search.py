"""A question in, nodes out: by vector and by words (BM25), put together by reciprocal rank fusion."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, NodeWithScore, TextNode

from dic_ingest.batch.cross_document_duplicates import shown_once
from dic_ingest.batch.manifest import NAME, NODES
from dic_ingest.errors import MissingFileError, SettingsError
from dic_ingest.index.embedding import make_embedding
from dic_ingest.index.hits import GraphPart, Hit, Passage, Ranked, make_hits
from dic_ingest.index.state import IndexState
from dic_ingest.index.update import IndexSettings, opened, read_words, with_embedding

__all__ = ["MODES", "GraphPart", "Hit", "Passage", "fused", "search", "search_modes"]

MODES = ("hybrid", "bm25", "vector")
# Of reciprocal rank fusion. With 60 and equal weights (Cormack, Clarke and Buettcher 2009) a general embedder
# took more questions about figures from the words than it added: 0.680 of 125 found among the first five,
# words alone 0.808, with these numbers 0.800.
RANK = 10
WEIGHTS = (1.0, 4.0)  # of vectors and of words
POOL = 50  # nodes taken from each side
FOUND_PARTS = 2  # of a figure that was cut into several nodes: those whose text a hit carries
RERANKED = 4  # times as many nodes as are asked for are given to a reranker


def search(
    out: Path | str,
    query: str,
    mode: str = "hybrid",
    top_k: int = 5,
    *,
    settings: IndexSettings | None = None,
    embedding: BaseEmbedding | None = None,
    reranker: BaseNodePostprocessor | None = None,
) -> list[Hit]:
    """The nodes of a results folder that answer best, best first.

    Args:
        out: the --out folder of a run.
        query: the question.
        mode: "hybrid" (vectors and BM25, joined by reciprocal rank fusion), "bm25" or "vector".
        top_k: hits at most. A figure that was cut into several nodes is one hit.
        settings: the store and the embedding that `dic-ingest index` was given.
        embedding: instead of the one that `settings` names.
        reranker: a LlamaIndex postprocessor that puts the best 4 * top_k in another order.

    "bm25" also works on results that were never indexed: then their words are counted anew at each change.

    Raises:
        MissingFileError: nothing was indexed from `out` into that store. SettingsError: no such mode.
    """
    if mode not in MODES:
        raise SettingsError(f"no search mode called {mode!r}. Choose one of: {', '.join(MODES)}.")
    out, settings, wanted = Path(out), settings or IndexSettings(), top_k
    if reranker is not None:
        top_k = RERANKED * top_k
    if mode == "bm25":
        hits = _by_words(out, query, settings, top_k)
    else:
        hits = _with_vectors(out, query, mode, settings, top_k, embedding)
    return hits[:wanted] if reranker is None else reranked(hits, query, reranker)[:wanted]


def search_modes(out: Path, settings: IndexSettings | None = None) -> tuple[str, ...]:
    """The modes that answer on these results: "bm25" alone where they were not indexed with vectors."""
    with _begun((settings or IndexSettings()).state(out)) as state:
        return MODES if state is not None else ("bm25",)


@contextmanager
def _begun(path: Path) -> Iterator[IndexState | None]:
    """An index that was filled, or that documents were taken out of; None for one that failed at once."""
    if not path.is_file():
        yield None
        return
    with closing(IndexState(path)) as state:
        yield state if state.any_node() or state.withheld() else None


def _with_vectors(
    out: Path, query: str, mode: str, settings: IndexSettings, top_k: int, embedding: BaseEmbedding | None
) -> list[Hit]:
    if not settings.state(out).is_file():
        raise MissingFileError(
            f"{out} has no {settings.store} index. Make it: dic-ingest index {out}; "
            "or search by words alone: --mode bm25."
        )
    settings = with_embedding(out, settings)
    embedding = embedding or make_embedding(settings.embedding, settings.model, dict(settings.options))
    with opened(out, settings, embedding) as (state, store):
        vector = embedding.get_query_embedding(query)
        near = [(_id(node), score) for node, score in store().nearest(vector, max(POOL, top_k))]
        worded = state.by_words(query, max(POOL, top_k)) if mode == "hybrid" else []
        return make_hits(_ranked(near, worded, state, out)[:top_k], query, state, out)


def _by_words(out: Path, query: str, settings: IndexSettings, top_k: int) -> list[Hit]:
    with _begun(settings.state(out)) as state:
        if state is not None:
            return _worded(state, out, query, top_k)
    if not (out / NAME).is_file():
        raise MissingFileError(f"{out} holds no {NAME}. Give the --out folder of a run.")
    return _worded(_counted(out.resolve(), results_stamp(out)), out, query, top_k)


def _worded(state: IndexState, out: Path, query: str, top_k: int) -> list[Hit]:
    worded = state.by_words(query, max(POOL, top_k))
    return make_hits(_ranked([], worded, state, out)[:top_k], query, state, out)


def results_stamp(out: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when results change."""
    files = [out / NAME, *sorted(out.glob(f"*/{NODES}"))]
    return tuple((str(f), s.st_mtime_ns, s.st_size) for f in files if (s := f.stat()))


@functools.lru_cache(maxsize=2)
def _counted(out: Path, stamp: object) -> IndexState:
    """The words of results that were never indexed, in memory."""
    return read_words(out)


def _id(node: BaseNode) -> str:
    return str(node.metadata.get("dic_node_id") or node.node_id)


def _ranked(
    near: Sequence[tuple[str, float]], worded: Sequence[tuple[str, float]], state: IndexState, out: Path
) -> list[Ranked]:
    """Figures and other nodes, best first; what shows the same as an earlier one is left out."""
    whole = state.figures_of([i for i, _ in (*near, *worded)])
    sides = [list(dict.fromkeys(whole.get(i, i) for i, _ in side)) for side in (near, worded)]
    found: dict[str, list[str]] = {}
    for i in [i for i, _ in fused([[i for i, _ in near], [i for i, _ in worded]], WEIGHTS)]:
        found.setdefault(whole.get(i, i), []).append(i)
    order = fused(sides, WEIGHTS)
    once = set(shown_once([i for i, _ in order], out))
    vector, words = _best(near, whole), _best(worded, whole)
    return [
        Ranked(i, score, vector.get(i), words.get(i), tuple(found[i][:FOUND_PARTS]))
        for i, score in order
        if i in once
    ]


def _best(side: Sequence[tuple[str, float]], whole: dict[str, str]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for i, score in side:
        scores.setdefault(whole.get(i, i), score)
    return scores


def fused(rankings: Sequence[Sequence[str]], weights: Sequence[float] = ()) -> list[tuple[str, float]]:
    """Ids with reciprocal rank scores, best first: the sum of weight / (10 + rank) over the rankings.

    Without `weights` all rankings count the same.
    """
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, name in enumerate(ranking, 1):
            scores[name] = scores.get(name, 0.0) + weight / (RANK + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def reranked(hits: Sequence[Hit], query: str, reranker: BaseNodePostprocessor) -> list[Hit]:
    """The hits in the order of a LlamaIndex reranker, with its scores; those it leaves out are gone."""
    by_id = {h.id: h for h in hits}
    nodes = [NodeWithScore(node=TextNode(id_=h.id, text=h.text), score=h.score) for h in hits]
    if not nodes:
        return []
    kept = reranker.postprocess_nodes(nodes, query_str=query)
    return [
        replace(by_id[n.node.node_id], score=n.score if n.score is not None else by_id[n.node.node_id].score)
        for n in kept
        if n.node.node_id in by_id
    ]
