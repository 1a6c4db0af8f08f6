"""Fixtures of the training tests: a set of drawn figures and a tiny model that knows its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pairs_made import make_set


@pytest.fixture(scope="session")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pairs, questions and pictures: 6 to learn from, 2 to test on."""
    return make_set(tmp_path_factory.mktemp("set") / "made")


@pytest.fixture(scope="session")
def tiny(figures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the Qwen2.5-VL family with random weights."""
    pytest.importorskip("trl", reason="the train extra is not installed: no trl")
    from dic_ingest.evaluation.pairs import read_pairs
    from dic_ingest.training.tiny import TinyShape, make_tiny

    texts = [p.caption for p in read_pairs(figures / "pairs.jsonl")]
    shape = TinyShape(width=64, depth=2, heads=4, vision_width=32, pixels=112 * 112, words=600)
    return make_tiny(tmp_path_factory.mktemp("tiny") / "base", texts, shape)
