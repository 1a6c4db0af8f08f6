"""Search over results as a LlamaIndex retriever: nodes with crop, page and box, also of a figure's graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from dic_ingest.index.embedding import make_embedding
from dic_ingest.index.hits import Hit
from dic_ingest.index.search import search
from dic_ingest.index.update import IndexSettings, with_embedding
from dic_ingest.llamaindex.convert import to_node
from dic_ingest.nodes import NodeRecord


class DICRetriever(BaseRetriever):  # type: ignore[misc,unused-ignore]
    """Finds nodes of a results folder that `dic-ingest index` has indexed.

    Each node has the metadata of nodes.jsonl and `dic_document` (folder of its document), `dic_anchor` (where
    the inspector shows it) and, for figures, `dic_support`: JSON of the nodes and edges that the question
    names, with their boxes on the page in points.

    Args:
        out: the --out folder of a run.
        mode: "hybrid", "bm25" (needs no index) or "vector".
        top_k: hits at most.
        mentions: whether paragraphs that speak of a figure found come after it, as further nodes.
        settings: the store and the embedding that `dic-ingest index` was given.
        embedding: instead of the one that `settings` names.
        reranker: a LlamaIndex postprocessor that puts the best in another order.
    """

    def __init__(
        self,
        out: str | Path,
        mode: str = "hybrid",
        top_k: int = 5,
        *,
        mentions: bool = True,
        settings: IndexSettings | None = None,
        embedding: BaseEmbedding | None = None,
        reranker: BaseNodePostprocessor | None = None,
        **kwargs: Any,
    ) -> None:
        self.out, self.mode, self.top_k, self.mentions = Path(out), mode, top_k, mentions
        self.settings, self.embedding, self.reranker = settings or IndexSettings(), embedding, reranker
        super().__init__(**kwargs)

    def search(self, question: str) -> list[Hit]:
        """The best nodes for `question` as typed hits; errors as for `dic_ingest.index.search.search`."""
        if self.embedding is None and self.mode != "bm25":  # once: it keeps its weights in memory
            chosen = with_embedding(self.out, self.settings)
            self.embedding = make_embedding(chosen.embedding, chosen.model, dict(chosen.options))
        return search(
            self.out,
            question,
            self.mode,
            self.top_k,
            settings=self.settings,
            embedding=self.embedding,
            reranker=self.reranker,
        )

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self.search(query_bundle.query_str)
        found: dict[str, NodeWithScore] = {}
        for hit in hits:
            found.setdefault(hit.id, NodeWithScore(node=_node(hit), score=hit.score))
        if self.mentions:
            for hit in hits:
                for node in _mentions(hit):
                    found.setdefault(node.node.node_id, node)
        return list(found.values())


def _node(hit: Hit) -> Any:
    added = {"dic_document": hit.document, "dic_anchor": hit.anchor}
    if hit.type == "figure":
        support = [asdict(p) for p in hit.support]
        added["dic_support"] = json.dumps(support, ensure_ascii=False, separators=(",", ":"))
    metadata = {**hit.metadata, **added}
    if hit.image:
        metadata["image_path"] = hit.image
    return to_node(NodeRecord(hit.id, hit.text, metadata, hit.type, hit.image))


def _mentions(hit: Hit) -> Iterator[NodeWithScore]:
    """The paragraphs that speak of a figure, with its score."""
    for passage in hit.mentions:
        metadata = {
            "file_path": hit.metadata.get("file_path", ""),
            "file_name": hit.metadata.get("file_name", ""),
            "page": passage.page,
            "bbox": ",".join(f"{v:.1f}" for v in passage.box) if passage.box else "",
            "dic_type": "text",
            "dic_node_id": passage.id,
            "dic_document": hit.document,
            "dic_anchor": passage.id,
            "dic_relation": f"mentions {hit.id}",
        }
        yield NodeWithScore(node=to_node(NodeRecord(passage.id, passage.text, metadata)), score=hit.score)
