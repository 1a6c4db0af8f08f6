"""The whole chain small: every part runs, every loss falls, the trained model beats its untrained self."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the train extra is not installed: no trl")
pytest.importorskip("sacrebleu", reason="the train extra is not installed: no sacrebleu")
if shutil.which("dot") is None:
    pytest.skip("Graphviz is not installed", allow_module_level=True)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.filterwarnings("default"),
]

from dic_ingest.captioning.engines.trained import read_trained  # noqa: E402
from dic_ingest.errors import SettingsError  # noqa: E402
from dic_ingest.training.demo.chain import demo  # noqa: E402
from dic_ingest.training.demo.settings import DemoSettings  # noqa: E402

SMALL = DemoSettings(
    figures=60, questions=24, epochs=30.0, width=96, pixels=112, tokens=90, scored=12, tiny=48,
    refine_epochs=24.0, cim_steps=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("demo") / "first"
    return out, demo(out, SMALL)


def test_every_loss_falls_and_the_paired_test_confirms_the_gain(run: tuple[Path, dict[str, Any]]) -> None:
    out, found = run
    learnt = {"stage1", "stage2", "stage3", "preference", "critic", "refinement 1 captions"}
    assert learnt <= found["losses"].keys()
    assert found["every loss fell"], found["losses"]
    assert found["better than untrained"], found["comparison"]
    assert found["comparison"]["ROUGE-L"]["trained"] > found["comparison"]["ROUGE-L"]["untrained"]
    assert found["critic"]["statements"] > 8
    stages = found["by stage"]
    assert list(stages)[:2] == ["untrained", "stage1"] and len(stages) == 6
    assert stages["trained"]["ROUGE-L"] == found["comparison"]["ROUGE-L"]["trained"]
    steps = [row["step"] for row in found["cim"]]  # a text where CIM was left out
    assert steps[0] == 0 and steps[-1] == SMALL.cim_steps and all(row["reward"] > 0 for row in found["cim"])
    assert json.loads((out / "demo.json").read_text()) == json.loads(json.dumps(found))


def test_the_exported_model_tells_where_it_comes_from(run: tuple[Path, dict[str, Any]]) -> None:
    out, found = run
    record = read_trained(out / "exported")
    assert record is not None
    assert [s["stage"] for s in record.stages] == ["stage1", "stage2", "stage3", "preference"]
    assert record.scores["ROUGE-L"] == found["comparison"]["ROUGE-L"]["trained"]
    assert (out / "exported" / "data_card.md").is_file()


def test_the_same_seed_gives_the_same_numbers(run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    out, found = run
    again = demo(tmp_path / "again", SMALL)
    assert again["losses"] == found["losses"]
    assert again["comparison"] == found["comparison"]
    assert (tmp_path / "again" / "trained.jsonl").read_text() == (out / "trained.jsonl").read_text()


def test_sizes_are_checked() -> None:
    wrong: list[dict[str, Any]] = [{"figures": 5}, {"epochs": 0.0}, {"cim_steps": 0}]
    for options in wrong:
        with pytest.raises(SettingsError):
            DemoSettings(**options)
