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

from dic_ingest.captioning.engines import local_quantisation as quantisation  # noqa: E402
from dic_ingest.captioning.engines.dicmodel import DICModel  # noqa: E402
from dic_ingest.captioning.engines.local_quantisation import packs_on_cpu  # noqa: E402
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
from dic_ingest.training.sft.model import find_start  # noqa: E402
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
    place = tmp_path / "model"
    try:
        export(adapter, place, quantize)
    except SettingsError as error:  # told before a weight is loaded
        assert quantize == "nf4" and packs_on_cpu() and not place.exists()
        pytest.skip(str(error))
    model = DICModel.from_pretrained(place, **SHORT)
    kind = {"nf4": "Linear4bit", "int8": "Linear8bitLt"}[quantize]
    small = [n for n, m in model.local.loaded.model.named_modules() if type(m).__name__ == kind]
    assert any("language_model" in n for n in small)
    assert not any("visual" in n or "lm_head" in n for n in small)  # small print needs them whole
    said(model, figures)


def test_nf4_on_a_cpu_that_packs_it_is_refused_before_loading(
    adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("bitsandbytes")
    monkeypatch.setattr(quantisation, "packs_on_cpu", lambda: True)
    monkeypatch.setattr(quantisation, "PACKED_ROWS", 1000)
    with pytest.raises(SettingsError, match=r"AVX512-BF16.*language_model.*Take int8"):
        export(adapter, tmp_path / "out", "nf4")
    with pytest.raises(SettingsError, match="AVX512-BF16"):
        DICModel.from_pretrained(find_start(adapter).base, quantize="nf4", settings=ASKS, **SHORT)
    assert not (tmp_path / "out").exists()


def test_layers_that_cannot_be_packed_are_named() -> None:
    sizes = [("mlp.down_proj", 1280, 3420), ("mlp.up_proj", 3420, 1280), ("q_proj", 3584, 3584)]
    assert [name for name, *_ in quantisation.unpackable(sizes)] == ["mlp.down_proj", "mlp.up_proj"]


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
