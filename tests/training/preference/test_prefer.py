"""DPO with the mixed loss on a tiny model: margins grow, rewards and repetition are logged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the train extra is not installed: no trl")
pytest.importorskip("peft", reason="the train extra is not installed: no peft")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

from dic_ingest.captioning.engines.local import LocalModel  # noqa: E402
from dic_ingest.captioning.engines.settings import GroundingSettings, LocalModelSettings  # noqa: E402
from dic_ingest.captioning.prompts import PromptSettings  # noqa: E402
from dic_ingest.errors import EmptyFileError  # noqa: E402
from dic_ingest.evaluation.figure_set import read_pairs  # noqa: E402
from dic_ingest.training.preference.pairs import faulted  # noqa: E402
from dic_ingest.training.preference.run import PairCollator, prefer  # noqa: E402
from dic_ingest.training.preference.settings import PreferenceSettings  # noqa: E402
from dic_ingest.training.sft.collate import Encoder  # noqa: E402
from dic_ingest.training.sft.settings import SftSettings  # noqa: E402

RUN = SftSettings(
    stage="preference", parts="all", learning_rate=1e-3, batch=2, device_batch=2, epochs=3, warmup=0.0,
    checkpointing=False,
    grounding=GroundingSettings(prompt=PromptSettings(reading=False, questions=0), max_side=112, tiles=0),
)  # fmt: skip
FAST = PreferenceSettings(probes=1, probe_every=5, probe_tokens=12, run=RUN)


def test_chosen_come_first_and_only_answers_count(figures: Path, tiny: Path) -> None:
    pairs = read_pairs(figures / "pairs.jsonl")[:2]
    preferred = faulted(pairs, figures, RUN.grounding, 0)
    model = LocalModel(LocalModelSettings(str(tiny), device="cpu"))
    encoder = Encoder(model.loaded.processor, RUN.grounding)
    batch = PairCollator(encoder, preferred)([{"at": 0}, {"at": 1}])
    said = [
        encoder.tokenizer.decode(ids[mask == 1]).removesuffix("<|im_end|>\n")
        for ids, mask in zip(batch["input_ids"], batch["completion_mask"], strict=True)
    ]
    assert said == [*(p.better.answer for p in preferred), *(p.worse for p in preferred)]
    assert batch["image_grid_thw"].shape[0] == 4 and "labels" not in batch


@pytest.mark.parametrize("method", ["full", "lora"])
def test_margins_grow_and_everything_is_logged(
    figures: Path, tiny: Path, tmp_path: Path, method: str
) -> None:
    pairs = [p for p in read_pairs(figures / "pairs.jsonl") if p.split == "train"]
    run = replace(RUN, method=method, learning_rate=1e-2 if method == "lora" else 1e-3, rank=4)
    preferred = faulted(pairs, figures, run.grounding, 0)
    record = prefer(preferred, tiny, tmp_path / "out", replace(FAST, run=run))
    stage = record.stages[-1]
    assert stage["losses"] == ["sigmoid", "sft", "bco_pair"] and stage["steps"] == 9
    assert stage["loss_last"] < stage["loss_first"]
    log = json.loads((tmp_path / "out" / "curves.json").read_text())
    margins = [e["rewards/margins"] for e in log if "rewards/margins" in e]
    assert margins[0] == pytest.approx(0.0, abs=1e-4)  # the reference is the model itself
    assert margins[-1] > margins[0]
    assert {e["step"] for e in log if "repetition" in e} == {0, 5, 9}
    assert stage["rewards/chosen_last"] != 0 and "preference" in (tmp_path / "out" / "README.md").read_text()


def test_nothing_preferred_is_told(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError, match="none of 0 preferred captions"):
        prefer([], tiny, tmp_path / "out", FAST)
