"""`train captioner` and `train cim`: help without torch, errors before training, a run on a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dic_ingest.errors import InputError


@pytest.mark.parametrize("name", ["captioner", "cim"])
def test_help_loads_no_torch(name: str) -> None:
    code = (
        f"import sys\nfrom dic_ingest.cli.training.{name} import command\n"
        "command(['--help'], standalone_mode=False)\nassert 'torch' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "PAIRS" in ran.stdout


def test_a_folder_without_pairs_is_refused_before_training(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra train is not installed")
    from dic_ingest.cli.training.captioner import command

    (tmp_path / "pairs.jsonl").write_text("{}\n")
    ran = CliRunner().invoke(command, [str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(ran.exception, InputError) and "no pair" in str(ran.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_folder_becomes_a_captioner(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra train is not installed")
    from dic_ingest.cli.training.captioner import command
    from dic_ingest.training.mmser.tiny import tiny_pairs
    from dic_ingest.training.mmser.train import load

    tests = [p.id for p in tiny_pairs(tmp_path / "set", 16, seed=2) if p.split == "test"]
    out = tmp_path / "out"
    shape = [
        "--side",
        "128",
        "--width",
        "64",
        "--depth",
        "2",
        "--batch",
        "4",
        "--seconds",
        "4",
        "--device",
        "cpu",
    ]
    ran = CliRunner().invoke(command, [str(tmp_path / "set"), "--out", str(out), *shape])
    assert ran.exception is None, ran.exception
    samples = [json.loads(line) for line in (out / "samples.jsonl").read_text("utf-8").splitlines()]
    assert tests and [s["id"] for s in samples] == tests
    assert {"first", "refined", "again", "reference"} <= set(samples[0])
    curves = json.loads((out / "curves.json").read_text("utf-8"))
    assert [c["stage"] for c in curves if "held-out loss" in c][-1] == "2 refinement"
    model, processor = load(out / "model")
    assert model.config.image_tokens == processor.image_tokens == 16
