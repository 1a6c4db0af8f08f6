"""A question in, nodes out: by vector and by words (BM25), put together by reciprocal rank fusion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import BaseNode

from dic_ingest.batch.cross_document_duplicates import shown_once
from dic_ingest.errors import MissingFileError
from dic_ingest.index.embedding import make_embedding
from dic_ingest.index.state import IndexState
from dic_ingest.index.update import IndexSettings, opened
from dic_ingest.owned_files import file_inside

RANK = 60  # of Cormack, Clarke and Buettcher 2009
POOL = 50  # taken from each side


@dataclass(frozen=True, slots=True)
class Hit:
    """A node found. `vector` and `words` are its scores on each side, None where not among the best."""

    id: str
    score: float
    vector: float | None
    words: float | None
    text: str
    metadata: dict[str, Any]
    image: str  # path of the crop, "" for none


def search(
    question: str,
    out: Path,
    settings: IndexSettings | None = None,
    count: int = 5,
    embedding: BaseEmbedding | None = None,
) -> list[Hit]:
    """The nodes that answer best, best first.

    Raises:
        MissingFileError: nothing was indexed from `out` into that store.
    """
    settings = settings or IndexSettings()
    if not settings.state(out).is_file():
        raise MissingFileError(f"{out} has no {settings.store} index. Make it: dic-ingest index {out}")
    embedding = embedding or make_embedding(settings.embedding, settings.model)
    with opened(out, settings, embedding) as (state, store):
        vector = embedding.get_query_embedding(question)
        near = [(_id(node), score) for node, score in store().nearest(vector, max(POOL, count))]
        worded = state.by_words(question, max(POOL, count))
        ranked = fused([[i for i, _ in near], [i for i, _ in worded]])
        once = set(shown_once([i for i, _ in ranked], out))
        order = [found for found in ranked if found[0] in once][:count]
        return _hits(order, dict(near), dict(worded), state, out)


def fused(rankings: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Ids with reciprocal rank scores, best first: the sum of 1 / (60 + rank) over the rankings."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, name in enumerate(ranking, 1):
            scores[name] = scores.get(name, 0.0) + 1 / (RANK + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _id(node: BaseNode) -> str:
    return str(node.metadata.get("dic_node_id") or node.node_id)


def _hits(
    order: list[tuple[str, float]],
    near: dict[str, float],
    worded: dict[str, float],
    state: IndexState,
    out: Path,
) -> list[Hit]:
    records = state.records([i for i, _ in order])
    hits = []
    for name, score in order:
        if name not in records:  # another folder's, in a shared store
            continue
        line, document = records[name]
        record = json.loads(line)
        crop = file_inside(out / document, str(record["image"])) if record.get("image") else None
        image = str(crop) if crop else ""
        hits.append(
            Hit(name, score, near.get(name), worded.get(name), record["text"], record["metadata"], image)
        )
    return hits
