"""The command line from outside, in a folder of its own, and small pictures to ingest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

Dic = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]


def call_in(folder: Path, *arguments: str, limit: float = 120.0) -> subprocess.CompletedProcess[str]:
    """The command, started in a folder; it never ends in a traceback."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "dic_ingest", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=limit,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def dic(tmp_path: Path) -> Dic:
    """`dic("run", "a.png", "--out", "results")`: the command, started in the test's folder."""
    return partial(call_in, tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the picture a.png and its results in `out`, described by no engine."""
    folder = tmp_path_factory.mktemp("made")
    draw(folder / "a.png")
    done = call_in(folder, "run", "a.png", "--out", "out", "--engine", "none")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of these results; the picture lies beside them, in the test's folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "out"


@pytest.fixture
def run(dic: Dic) -> Dic:
    """`run("a.png", out="results")`: ingest without an engine; gives the manifest's entries by file."""

    def call(*paths: str, out: str, more: tuple[str, ...] = (), code: int = 0) -> Any:
        done = dic("run", *paths, "--out", out, "--engine", "none", "--json", *more)
        assert done.returncode == code, done.stderr
        return {e["file"]: e for e in map(json.loads, done.stdout.splitlines())}

    return call


def draw(path: Path, word: str = "box") -> Path:
    """A small picture with a word in a frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (160, 90), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, 140, 70), outline="black", width=2)
    pen.text((40, 38), word, fill="black")
    picture.save(path)
    return path
