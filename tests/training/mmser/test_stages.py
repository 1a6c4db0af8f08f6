"""Stages teach only their parts, batches line up, and a captioner learns a caption by heart."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("transformers", reason="the extra train is not installed")

from dic_ingest.errors import SettingsError  # noqa: E402
from dic_ingest.training.mmser.data import (  # noqa: E402
    IGNORED,
    batches,
    first_batch,
    presence_batch,
    scaled,
    second_batch,
    tokenised,
)
from dic_ingest.training.mmser.pack import read_pack  # noqa: E402
from dic_ingest.training.mmser.stages import (  # noqa: E402
    PAPER,
    SCRATCH,
    CaptionerSettings,
    TrainingStage,
    held_out_loss,
    train,
)


@pytest.fixture
def learnt(drawings: Path, untrained: tuple[Any, Any]) -> Any:
    pictures, records = read_pack(drawings / "pack")
    return tokenised(torch.from_numpy(pictures), records, untrained[1].tokenizer, "train", 200)


def test_the_paper_s_stages() -> None:
    assert [(s.rate, s.epochs, s.parts) for s in PAPER] == [
        (1e-4, 1, ("connector",)),
        (2e-5, 10, ("connector", "language")),
        (2e-5, 2, ("ser", "language")),
    ]
    assert [s.name for s in SCRATCH][3:] == [s.name for s in PAPER][1:]


def test_sight_pulls_what_is_seen_to_its_words(learnt: Any, untrained: tuple[Any, Any]) -> None:
    model, _ = untrained
    made = presence_batch(learnt, [0, 1], model.config, random.Random(0))
    assert made["present"].shape == (2, model.config.text_config.vocab_size)
    assert [set(row.nonzero().flatten().tolist()) for row in made["present"]] == [
        set(learnt.texts[i][:-1]) for i in (0, 1)
    ]
    few = replace(learnt, pictures=learnt.pictures[:4], texts=learnt.texts[:4], vary=False)
    before = held_out_loss(model, "presence", few, 4)
    train(
        model,
        [TrainingStage("sight", "presence", ("vision", "connector"), 3e-3, 20)],
        few,
        CaptionerSettings(4),
    )
    assert held_out_loss(model, "presence", few, 4) < 0.7 * before


def test_a_batch_asks_for_the_caption_alone(learnt: Any, untrained: tuple[Any, Any]) -> None:
    model, processor = untrained
    made = second_batch(learnt, [0, 1], model.config, random.Random(0))
    for row, ids in zip(made["labels"], made["input_ids"], strict=True):
        told = row[row != IGNORED]
        assert told[-1] == processor.tokenizer.eos_token_id
        start = int((ids == model.config.refine_token_id).nonzero()[0]) + 1
        assert torch.equal(ids[start : start + len(told)], told)
    whole = model(**{k: v for k, v in made.items() if k != "logits_to_keep"}).loss
    assert torch.isclose(model(**made).loss, whole, atol=1e-5)  # what is not kept is not needed


def test_an_epoch_sees_each_figure_once(learnt: Any) -> None:
    drawn = batches(learnt, 4, random.Random(1))
    seen = [i for _ in range(-(-len(learnt) // 4)) for i in next(drawn)]
    assert sorted(seen) == list(range(len(learnt)))


def test_a_stage_changes_its_parts_only(learnt: Any, untrained: tuple[Any, Any]) -> None:
    model, _ = untrained
    before = {k: v.clone() for k, v in model.state_dict().items()}
    train(model, [TrainingStage("x", "first", ("connector",), 1e-2, 1)], learnt, CaptionerSettings(8))
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed and all(k.startswith("model.connector.") for k in changed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_loss_falls_and_the_seed_decides(learnt: Any, untrained: tuple[Any, Any]) -> None:
    model, _ = untrained
    few = replace(
        learnt, pictures=learnt.pictures[:4], texts=learnt.texts[:4], pseudo=learnt.pseudo[:4], vary=False
    )
    stages = [replace(s, epochs=12, rate=3e-3, first_every=0) for s in SCRATCH]
    start = {k: v.clone() for k, v in model.state_dict().items()}
    rows = train(model, stages, few, CaptionerSettings(4), held_out=few)
    for stage in stages:
        losses = [r["loss"] for r in rows if r["stage"] == stage.name and "loss" in r]
        assert losses[-1] < losses[0], stage.name
    model.load_state_dict(start)
    assert train(model, stages, few, CaptionerSettings(4), held_out=few)[-1] == rows[-1]


def test_pictures_keep_their_sense(learnt: Any, untrained: tuple[Any, Any]) -> None:
    pixels = scaled(learnt.pictures[:3])
    assert pixels.shape == (3, 1, 128, 128) and float(pixels.min()) >= -1 and float(pixels.max()) <= 1
    made = first_batch(learnt, [0, 1, 2], untrained[0].config, random.Random(0))["pixel_values"]
    assert made.shape == pixels.shape and not torch.equal(made, pixels)
    assert abs(float((made > 0).float().mean() - (pixels > 0).float().mean())) < 0.05


def test_wrong_stages_are_refused() -> None:
    for wrong in ({"look": "third"}, {"parts": ("eyes",)}, {"rate": 0.0}):
        with pytest.raises(SettingsError, match="Stage"):
            TrainingStage(
                **({"name": "s", "look": "first", "parts": ("ser",), "rate": 1e-3, "epochs": 1} | wrong)
            )
