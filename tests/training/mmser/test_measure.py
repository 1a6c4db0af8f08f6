"""Captions are scored by what they say of the true graph; a figure without a caption is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sacrebleu", reason="the extra train is not installed")
pytest.importorskip("nltk", reason="the extra train is not installed")

from dic_ingest.errors import InputError
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.training.mmser.measure import measured, table


def test_the_truth_scores_full_and_a_turned_line_less(drawings: Path) -> None:
    pairs = read_pairs(drawings / "pairs.jsonl")[:6]
    true = measured(pairs, {p.id: p.diagram.to_text() for p in pairs})
    assert true["edge F1"].value == true["node F1"].value == 1.0
    assert true["BLEU-4"].value == pytest.approx(100)
    other = {p.id: 'Flowchart. "Kafka" leads to "Redis".' for p in pairs}
    wrong = measured(pairs, other)
    assert wrong["edge F1"].value == 0.0 and wrong["BLEU-4"].value < 50
    shown = table({"true": true, "wrong": wrong}).splitlines()
    assert len(shown) == 4 and shown[2].startswith("| true |") and "1.000" in shown[2]


def test_a_missing_caption_is_told(drawings: Path) -> None:
    pairs = read_pairs(drawings / "pairs.jsonl")[:2]
    with pytest.raises(InputError, match="1 of 2 figures have no caption"):
        measured(pairs, {pairs[0].id: "x"})
    with pytest.raises(InputError, match="0 of 0"):
        measured([], {})
