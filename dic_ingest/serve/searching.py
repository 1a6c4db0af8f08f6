"""A question to a results folder: hits that name their document, figure and place on the page.

In: a question. Out: `FoundNode` values, best first. Vectors and words where the folder is indexed, words
alone where it is not. The embedding is loaded once and kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding

from dic_ingest.errors import MissingExtraError, SettingsError
from dic_ingest.index.embedding import make_embedding
from dic_ingest.index.hits import GraphPart, Hit
from dic_ingest.index.search import search, search_modes
from dic_ingest.index.update import IndexSettings, index, with_embedding
from dic_ingest.model.box import Box
from dic_ingest.serve.library import Library

Search = Callable[[str, int], list[Hit]]
PATIENCE = 30.0  # seconds that a question waits for an index that is being updated
CHIPS = 8  # of a hit on the page
PARTS = 40  # nodes and edges of a graph that a hit names
AROUND = 1000  # characters of a paragraph that speaks of a figure


@dataclass(frozen=True, slots=True)
class FoundNode:
    """A node that answers. `document` is a name in the library, `figure` an id, "" for text.

    `bbox` is its place, `page_size` the page in points; `support` are the nodes and edges of its graph
    that the question names, `chips` the same for people, each that reads the same once; `mentions` the
    paragraphs that speak of the figure.
    """

    document: str
    file: str
    page: int
    type: str
    score: float
    text: str
    section: str = ""
    figure: str = ""
    label: str = ""
    kind: str = ""
    bbox: Box | None = None
    page_size: tuple[float, float] | None = None
    anchor: str = ""  # of the document's page
    needs_review: bool = False
    support: tuple[dict[str, Any], ...] = ()
    chips: tuple[dict[str, Any], ...] = ()
    mentions: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for programs."""
        values = asdict(self)
        del values["chips"]
        return values


class Searcher:
    """Searches one library. `search` takes the place of the index in tests."""

    def __init__(
        self, library: Library, settings: IndexSettings | None = None, search: Search | None = None
    ) -> None:
        self.library, self.settings = library, settings or IndexSettings()
        self._search = search or self._in_index
        self._embedding: BaseEmbedding | None = None
        self._lock = threading.Lock()  # embedded stores want one reader of a process at a time

    @property
    def is_indexed(self) -> bool:
        """Whether the library is searched by meaning, too, and not by words alone."""
        return "hybrid" in search_modes(self.library.out, self.settings)

    def find(self, question: str, count: int) -> list[FoundNode]:
        """The nodes that answer best.

        Raises:
            SettingsError: the question is empty or too long. MissingFileError: there are no results.
            DICIngestError: the store.
        """
        limits = self.library.limits
        text = " ".join(question.split())
        if not text or len(text) > limits.question:
            raise SettingsError(f"a question has 1 to {limits.question} characters, got {len(text)}")
        wanted = max(1, min(count, limits.hits))
        if self._lock.acquire(timeout=PATIENCE):
            try:
                hits = self._search(text, wanted)
            finally:
                self._lock.release()
        else:  # a long update: words can be read meanwhile
            hits = self._by_words(text, wanted)
        return [found_of(hit, limits.text) for hit in hits]

    def update(self) -> int:
        """Index what is new; returns the number of nodes written. Raises as `index`."""
        with self._lock:
            return index(self.library.out, self.settings, embedding=self._model()).written

    def _in_index(self, question: str, count: int) -> list[Hit]:
        if self.is_indexed:
            try:
                model = self._model()
                return search(
                    self.library.out, question, "hybrid", count, settings=self.settings, embedding=model
                )
            except MissingExtraError:  # made elsewhere: its words can be searched here
                pass
        return self._by_words(question, count)

    def _by_words(self, question: str, count: int) -> list[Hit]:
        return search(self.library.out, question, "bm25", count, settings=self.settings)

    def _model(self) -> BaseEmbedding:
        if self._embedding is None:
            chosen = with_embedding(self.library.out, self.settings)
            self._embedding = make_embedding(chosen.embedding, chosen.model, dict(chosen.options))
        return self._embedding


def found_of(hit: Hit, most: int) -> FoundNode:
    """A hit as answers have it; `most` characters of its text."""
    known = hit.metadata
    width, height = (_length(known.get(k)) for k in ("page_width", "page_height"))
    support = [_part_values(p) for p in hit.support]
    chips = [{**_part_values(p), "times": times} for p, times in hit.named]
    return FoundNode(
        document=hit.document,
        file=str(known.get("file_name", "")),
        page=hit.page,
        type=hit.type,
        score=round(hit.score, 5),
        text=hit.text[:most],
        section=str(known.get("section", "")),
        figure=hit.id if hit.type == "figure" else "",
        label=hit.label,
        kind=str(known.get("figure_class", "")),
        bbox=hit.box,
        page_size=(width, height) if width and height else None,
        anchor=hit.anchor,
        needs_review=bool(known.get("needs_review")),
        support=tuple(support[:PARTS]),
        chips=tuple(chips[:CHIPS]),
        mentions=tuple({"page": m.page, "text": m.text[:AROUND]} for m in hit.mentions),
    )


def _part_values(part: GraphPart) -> dict[str, Any]:
    ends = {"from": part.source, "to": part.target}
    return {"type": part.type, "label": part.label, **ends, "bbox": part.box}


def _length(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0
