"""A checkpoint becomes a folder that DICModel loads: merged, quantised, asked as it was taught."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the train extra is not installed: no trl")
pytest.importorskip("peft", reason="the train extra is not installed: no peft")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

import torch  # noqa: E402
from PIL import Image  # noqa: E402

from dic_ingest.captioning.engines.dicmodel import DICModel  # noqa: E402
from dic_ingest.captioning.engines.registry import make_captioner  # noqa: E402
from dic_ingest.captioning.engines.settings import GroundingSettings  # noqa: E402
from dic_ingest.captioning.engines.trained import read_trained, write_trained  # noqa: E402
from dic_ingest.captioning.prompts import PromptSettings  # noqa: E402
from dic_ingest.errors import InputError, SettingsError  # noqa: E402
from dic_ingest.evaluation.figure_set import read_pairs  # noqa: E402
from dic_ingest.training.export import export  # noqa: E402
from dic_ingest.training.sft.collate import AnswerCollator, Encoder  # noqa: E402
from dic_ingest.training.sft.data import stage_data  # noqa: E402
from dic_ingest.training.sft.examples import asked, caption_examples  # noqa: E402
from dic_ingest.training.sft.run import fine_tune  # noqa: E402
from dic_ingest.training.sft.settings import SftSettings  # noqa: E402

ASKS = GroundingSettings(
    prompt=PromptSettings(reading=False, questions=0), max_side=112, tiles=0, looks=0, critic=False
)
TRAIN = SftSettings(
    method="lora", rank=8, learning_rate=1e-2, batch=2, device_batch=2, epochs=4, warmup=0.0,
    checkpointing=False, grounding=ASKS,
)  # fmt: skip
SHORT = {"max_tokens": 24, "device": "cpu"}


@pytest.fixture(scope="module")
def base(figures: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All weights trained a little first: an adapter on random weights finds no words."""
    out = tmp_path_factory.mktemp("runs") / "base"
    first = replace(TRAIN, method="full", parts="all", learning_rate=3e-3, epochs=8.0)
    fine_tune(stage_data([figures / "pairs.jsonl"], first).examples, tiny, out, first)
    return out


@pytest.fixture(scope="module")
def adapter(figures: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "adapter"
    fine_tune(stage_data([figures / "pairs.jsonl"], TRAIN).examples, base, out, TRAIN)
    return out


def said(model: DICModel, figures: Path) -> list[str]:
    examples = caption_examples(read_pairs(figures / "pairs.jsonl")[:2], figures, ASKS)
    answers = model.local.answer([asked(e, ASKS) for e in examples])
    assert [a.error for a in answers] == ["", ""] and all(a.written for a in answers)
    return [a.text for a in answers]


def taught_loss(model: DICModel, figures: Path) -> float:
    """How unlikely the model holds the true captions, per token."""
    examples = caption_examples(read_pairs(figures / "pairs.jsonl")[:2], figures, ASKS)
    encoder = Encoder(model.local.loaded.processor, ASKS)
    with torch.inference_mode():
        batch = AnswerCollator(encoder, examples)([{"at": 0}, {"at": 1}])
        return float(model.local.loaded.model(**batch).loss)


def test_an_adapter_trained_here_captions_and_so_does_its_merged_export(
    figures: Path, base: Path, adapter: Path, tmp_path: Path
) -> None:
    (tmp_path / "card.md").write_text("# Data card\nSix flowcharts.\n")
    (tmp_path / "scores.json").write_text('{"bleu": 12.5}')
    export(adapter, tmp_path / "model", "", tmp_path / "scores.json", tmp_path / "card.md")
    assert not (tmp_path / "model" / "adapter_config.json").exists()
    plain = DICModel.from_pretrained(base, settings=ASKS, **SHORT)
    on_top = DICModel.from_pretrained(base, adapter=adapter, **SHORT)
    merged = DICModel.from_pretrained(tmp_path / "model", **SHORT)
    assert on_top.settings == merged.settings == ASKS  # asked as it was taught
    first = said(merged, figures)
    assert first == said(on_top, figures)
    own = taught_loss(merged, figures)
    assert own == pytest.approx(taught_loss(on_top, figures), abs=1e-4)
    assert own < taught_loss(plain, figures) - 1e-3  # what the adapter learnt
    description = merged.caption([Image.open(figures / "images" / "p0.png")])[0]
    assert description.caption
    record = read_trained(tmp_path / "model")
    assert record is not None and record.scores == {"bleu": 12.5}
    card = (tmp_path / "model" / "README.md").read_text()
    assert "bleu: 12.5" in card and "lora" in card
    assert "Six flowcharts" in (tmp_path / "model" / "data_card.md").read_text()
    engine = make_captioner("local", model=str(tmp_path / "model"), looks=1, **SHORT)
    assert engine is not None and engine.settings == replace(ASKS, looks=1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("quantize", ["nf4", "int8"])
def test_quantised_after_merging(figures: Path, adapter: Path, tmp_path: Path, quantize: str) -> None:
    pytest.importorskip("bitsandbytes")
    cpu = Path("/proc/cpuinfo")
    if quantize == "nf4" and cpu.is_file() and "avx512_bf16" in cpu.read_text():
        pytest.skip("bitsandbytes' NF4 kernel for AVX512-BF16 fails on layers of these sizes")
    export(adapter, tmp_path / "model", quantize)
    model = DICModel.from_pretrained(tmp_path / "model", **SHORT)
    kinds = {type(m).__name__ for m in model.local.loaded.model.modules()}
    assert {"nf4": "Linear4bit", "int8": "Linear8bitLt"}[quantize] in kinds
    said(model, figures)


def test_what_cannot_be_exported_is_told(adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no model"):
        export(tmp_path, tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    with pytest.raises(SettingsError, match="not empty"):
        export(adapter, tmp_path / "full")
    with pytest.raises(InputError, match="no JSON"):
        export(adapter, tmp_path / "out", scores=tmp_path / "full" / "file")
    with pytest.raises(InputError, match="data card"):
        export(adapter, tmp_path / "out", data_card=tmp_path / "absent.md")
    assert not (tmp_path / "out").exists()


def test_a_model_taught_with_other_prompts_warns(adapter: Path, tmp_path: Path) -> None:
    export(adapter, tmp_path / "model")
    record = read_trained(tmp_path / "model")
    assert record is not None
    write_trained(tmp_path / "model", replace(record, prompts={**record.prompts, "flowchart": "other"}))
    with pytest.warns(UserWarning, match="other prompts for flowchart"):
        DICModel.from_pretrained(tmp_path / "model", **SHORT)
    (tmp_path / "model" / "dic_model.json").write_text(json.dumps([1]))
    with pytest.raises(SettingsError, match="no record"):
        DICModel.from_pretrained(tmp_path / "model", **SHORT)
