"""Readers whose files are parsed by hand, and two files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handmade import FakeIngest
from llama_index.core import Settings
from llama_index.core.embeddings import MockEmbedding
from made_document import FLOW_TEXT

from dic_ingest.llamaindex import reader as reader_module
from dic_ingest.llamaindex.reader import DICReader


@pytest.fixture
def fake_ingest(monkeypatch: pytest.MonkeyPatch) -> FakeIngest:
    """Every reader of the test parses by hand."""
    fake = FakeIngest()
    monkeypatch.setattr(reader_module, "ingest", fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files."""
    place = tmp_path / "papers"
    place.mkdir()
    for name in ("a", "b"):
        (place / f"{name}.pdf").write_text(f"{FLOW_TEXT} This is paper {name}.")
    return place


@pytest.fixture
def make_reader(tmp_path: Path, fake_ingest: FakeIngest) -> Callable[..., DICReader]:
    """Readers that keep crops under tmp_path and need no engine."""

    def make(**fields: Any) -> DICReader:
        return DICReader(**{"engine": "fake", "image_dir": str(tmp_path / "crops"), **fields})

    return make


@pytest.fixture(autouse=True)
def _mock_embedding() -> None:
    Settings.embed_model = MockEmbedding(embed_dim=8)
