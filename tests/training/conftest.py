"""Fixtures of the training tests: a set of drawn figures and a tiny model that knows its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    from dic_ingest.evaluation.figure_set import read_pairs
    from dic_ingest.training.tiny import TinyShape, make_tiny

    texts = [p.caption for p in read_pairs(figures / "pairs.jsonl")]
    shape = TinyShape(width=64, depth=2, heads=4, vision_width=32, pixels=112 * 112, words=600)
    return make_tiny(tmp_path_factory.mktemp("tiny") / "base", texts, shape)


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 tiny pairs, and their pack beside them."""
    from dic_ingest.evaluation.figure_set import read_pairs
    from dic_ingest.training.mmser.pack import write_pack
    from dic_ingest.training.mmser.tiny import tiny_pairs

    folder = tmp_path_factory.mktemp("tiny")
    tiny_pairs(folder, 24, seed=3)
    write_pack(read_pairs(folder / "pairs.jsonl"), folder, folder / "pack", 128)
    return folder


@pytest.fixture
def untrained() -> tuple[Any, Any]:
    """Captioner of 64 numbers a token and its processor."""
    pytest.importorskip("transformers", reason="the extra train is not installed")
    import torch

    from dic_ingest.training.mmser.config import small
    from dic_ingest.training.mmser.model import MMSeRForCaptioning
    from dic_ingest.training.mmser.processor import (
        MMSeRImageProcessor,
        MMSeRProcessor,
        token_ids,
        train_tokenizer,
    )

    torch.manual_seed(0)
    words = train_tokenizer(['Flowchart. "UE" leads to "AMF" ("N1").'] * 2, 300)
    config = small(len(words), token_ids(words), size=128, width=64, depth=4)
    model = MMSeRForCaptioning(config).eval()
    return model, MMSeRProcessor(MMSeRImageProcessor(128), words, config.image_tokens)
