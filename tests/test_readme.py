"""The README does what it says: its Python runs, its commands run, its settings load, all names are told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dic_ingest
from dic_ingest.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder with the samples in it, as in a fresh checkout."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    return tmp_path


@pytest.mark.parametrize("code", blocks("python"), ids=range(len(blocks("python"))))
def test_python_runs(code: str, place: Path) -> None:
    home = {**os.environ, "XDG_CACHE_HOME": str(place / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place,
        env=home,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_commands_run(place: Path) -> None:
    commands = [line for block in blocks("bash") for line in block.splitlines() if line.strip()]
    assert len(commands) >= 2
    for line in commands:
        program, *arguments = line.split()
        assert program == "dic-ingest"
        done = subprocess.run(
            [sys.executable, "-m", "dic_ingest", *arguments],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "Traceback" not in done.stderr


def test_settings_load(tmp_path: Path) -> None:
    from dic_ingest.batch.work import WorkSettings
    from dic_ingest.settings import from_toml

    (block,) = blocks("toml")
    path = tmp_path / "settings.toml"
    path.write_text(block, encoding="utf-8")
    assert from_toml(WorkSettings, path).ingest.parse.timeout == 600.0


def test_every_public_name_and_command_is_told() -> None:
    told = set(re.findall(r"\w+", TEXT))
    assert {n for n in dic_ingest.__all__ if n not in told} == set()
    assert {c for c in COMMANDS if f"dic-ingest {c}" not in TEXT} == set()
    assert {n for n in dic_ingest.__all__ if getattr(dic_ingest, n) is None} == set()
