"""An index that could not be made leaves the results to be searched by their words."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="pip install '.[serve]'")

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.index import search as searching
from dic_ingest.index.update import IndexSettings


def test_words_are_found_after_an_index_failed(results: Path) -> None:
    Manifest(results).add(Entry("orders.pdf", "ok", pages=2, figures=1, name="orders", sha256="ab" * 32))

    state = IndexSettings().state(results)
    state.parent.mkdir()
    searching.IndexState(state).close()  # what is left of one that failed at once
    assert state.is_file() and searching.search_modes(results) == ("bm25",)
    hits = searching.search(results, "ship parcel", "bm25", 5)
    assert any(hit.metadata["dic_type"] == "figure" for hit in hits)
