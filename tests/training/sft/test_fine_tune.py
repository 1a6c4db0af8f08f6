"""The stages on a tiny model: losses fall, each begins where the last ended, runs resume, seeds repeat."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the train extra is not installed: no trl")
pytest.importorskip("peft", reason="the train extra is not installed: no peft")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from dic_ingest.captioning.engines.settings import GroundingSettings  # noqa: E402
from dic_ingest.captioning.engines.trained import Trained, read_trained  # noqa: E402
from dic_ingest.captioning.prompts import PromptSettings  # noqa: E402
from dic_ingest.errors import SettingsError  # noqa: E402
from dic_ingest.training.sft.data import stage_data  # noqa: E402
from dic_ingest.training.sft.run import fine_tune  # noqa: E402
from dic_ingest.training.sft.settings import SftSettings  # noqa: E402

FAST = SftSettings(
    method="full", parts="all", learning_rate=3e-3, batch=2, device_batch=2, epochs=3, warmup=0.1,
    checkpointing=False, save_every=4,
    grounding=GroundingSettings(prompt=PromptSettings(reading=False, questions=0), max_side=112, tiles=0),
)  # fmt: skip


def run(figures: Path, model: Path, out: Path, settings: SftSettings, **options: Any) -> Trained:
    source = figures / ("questions.jsonl" if settings.task == "questions" else "pairs.jsonl")
    taught = stage_data([source], settings)
    return fine_tune(taught.examples, model, out, settings, data=taught.card, **options)


@pytest.fixture(scope="module")
def first(figures: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "stage1"
    run(figures, tiny, out, FAST)
    return out


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(next(folder.glob("*.safetensors")))


def test_the_loss_falls_and_all_is_written(first: Path, tiny: Path) -> None:
    record = read_trained(first)
    assert record is not None and len(record.stages) == 1
    stage = record.stages[0]
    assert stage["examples"] == 6 and stage["steps"] == 9
    assert stage["loss_last"] < 0.8 * stage["loss_first"]
    log = json.loads((first / "curves.json").read_text())
    assert [e["step"] for e in log if "loss" in e] == list(range(1, 10))
    card = (first / "README.md").read_text()
    assert "stage1" in card and "calls 6" in card and "base" in card
    if (first / "curves.png").exists():
        assert (first / "curves.png").stat().st_size > 5000
    before, after = weights(tiny), weights(first)
    assert before.keys() == after.keys()
    assert sum(not torch.equal(before[k], after[k]) for k in before) > 0.9 * len(before)


def test_the_same_seed_gives_the_same_weights(figures: Path, tiny: Path, first: Path, tmp_path: Path) -> None:
    run(figures, tiny, tmp_path / "again", FAST)
    one, two = weights(first), weights(tmp_path / "again")
    assert all(torch.equal(one[k], two[k]) for k in one)


def test_a_stopped_run_goes_on_to_the_same_end(
    figures: Path, tiny: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl import SFTTrainer

    step, seen = SFTTrainer.training_step, []

    def stops(self: Any, *args: Any, **options: Any) -> Any:
        seen.append(1)
        if len(seen) == 7:
            raise KeyboardInterrupt
        return step(self, *args, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(SFTTrainer, "training_step", stops)
        run(figures, tiny, tmp_path / "cut", FAST)
    with pytest.raises(SettingsError, match="not empty"):
        run(figures, tiny, tmp_path / "cut", FAST)
    with pytest.raises(SettingsError, match="another model, set or settings"):
        run(figures, tiny, tmp_path / "cut", replace(FAST, learning_rate=1e-3), resume=True)
    run(figures, tiny, tmp_path / "cut", FAST, resume=True)
    one, two = weights(first), weights(tmp_path / "cut")
    assert all(torch.allclose(one[k], two[k], atol=1e-5) for k in one)


def test_only_the_language_model_learns_unless_told(figures: Path, first: Path, tmp_path: Path) -> None:
    third = replace(FAST, stage="stage3", task="questions", parts="language", epochs=1.0, learning_rate=1e-3)
    record = run(figures, first, tmp_path / "stage3", third)
    assert [s["stage"] for s in record.stages] == ["stage1", "stage3"]
    assert record.data.keys() == {"stage1", "stage3"} and record.data["stage3"]["questions"] == 6
    before, after = weights(first), weights(tmp_path / "stage3")
    moved = {k for k in before if not torch.equal(before[k], after[k])}
    assert moved and not any("visual" in k for k in moved)


@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_adapters_go_on_from_stage_to_stage(figures: Path, tiny: Path, tmp_path: Path, method: str) -> None:
    if method == "qlora":
        pytest.importorskip("bitsandbytes")
    settings = replace(FAST, method=method, rank=4, learning_rate=1e-2, epochs=2.0)
    one = run(figures, tiny, tmp_path / "one", settings)
    assert one.stages[0]["loss_last"] < one.stages[0]["loss_first"]
    assert not list((tmp_path / "one").glob("model*.safetensors"))
    two = run(figures, tmp_path / "one", tmp_path / "two", replace(settings, stage="stage2", epochs=1.0))
    assert two.stages[1]["loss_first"] < one.stages[0]["loss_first"]  # it begins where the first ended
    names = weights(tmp_path / "one").keys()
    assert names == weights(tmp_path / "two").keys()
    assert all("language_model" in n and "lora_" in n for n in names)
    if method == "lora":  # a rank that would be ignored is refused before anything is loaded
        other = replace(settings, rank=8, stage="stage3")
        with pytest.raises(SettingsError, match=r"rank 4.*rank 8 was asked"):
            run(figures, tmp_path / "two", tmp_path / "three", other)


def test_a_checkpoint_of_another_model_is_refused(
    figures: Path, tiny: Path, first: Path, tmp_path: Path
) -> None:
    from dic_ingest.training.tiny import TinyShape, make_tiny

    other = make_tiny(
        tmp_path / "other", ["other words"], TinyShape(width=96, heads=4, vision_width=32, words=400)
    )
    (other / "dic_model.json").write_text((first / "dic_model.json").read_text())
    with pytest.raises(SettingsError, match="trained on another model"):
        run(figures, other, tmp_path / "out", FAST)
    assert not (tmp_path / "out").exists()


def test_four_bit_weights_learn_after_they_were_evaluated(figures: Path, tiny: Path, tmp_path: Path) -> None:
    """bitsandbytes packs what it evaluates on some CPUs, and packed weights cannot learn."""
    pytest.importorskip("bitsandbytes")
    settings = replace(FAST, method="qlora", rank=4, learning_rate=1e-2, epochs=1.0)
    learnt = stage_data([figures / "pairs.jsonl"], settings).examples
    last = fine_tune(learnt, tiny, tmp_path / "out", settings, held_out=learnt[:2]).stages[-1]
    assert last["validation_last"] < last["validation_first"]


def test_the_loss_on_held_out_figures_is_watched(figures: Path, tiny: Path, tmp_path: Path) -> None:
    settings = replace(FAST, epochs=2.0, device_batch=2, batch=2)
    learnt = stage_data([figures / "pairs.jsonl"], settings).examples
    watched = stage_data([figures / "pairs.jsonl"], settings, "test").examples
    last = fine_tune(learnt, tiny, tmp_path / "out", settings, held_out=watched).stages[-1]
    log = json.loads((tmp_path / "out" / "curves.json").read_text())
    seen = [e["eval_loss"] for e in log if "eval_loss" in e]
    assert len(seen) == 3  # before, and after each epoch
    assert (last["validation_first"], last["validation_last"]) == (seen[0], seen[-1])
    assert seen[-1] < seen[0]
    assert "validation_last" in (tmp_path / "out" / "README.md").read_text()
