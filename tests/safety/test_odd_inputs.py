"""Pipes, devices, second names of files, text of the user under our names, manifests with wrong types."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from safety_tools import Dic, draw

from dic_ingest.errors import SettingsError, UnsupportedFileError
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings

NOTHING = Settings(engine="none")


@pytest.mark.parametrize("suffix", [".pdf", ".png", ".svg", ".docx", ".mmd", ".md", ".json", ".zip"])
def test_pipes_and_devices_are_refused_before_they_are_opened(suffix: str, tmp_path: Path) -> None:
    pipe, device = tmp_path / f"pipe{suffix}", tmp_path / f"endless{suffix}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(UnsupportedFileError, match="Name regular files"):
            ingest(path, NOTHING)


def test_describe_goes_on_after_a_pipe(dic: Dic, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    draw(tmp_path / "a.png")
    done = dic("describe", "pipe.pdf", "a.png", "--engine", "none")
    assert done.returncode == 1 and "pipe.pdf is neither a file nor a folder" in done.stderr
    assert json.loads(done.stdout)["file"] == "a.png"
    os.mkfifo(tmp_path / "settings.toml")
    with pytest.raises(SettingsError, match="no regular file"):
        Settings.from_toml(tmp_path / "settings.toml")


def test_files_under_a_second_name_and_texts_of_the_user_are_kept(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "log").touch()
    os.link(tmp_path / "log", out / "manifest.jsonl")
    (out / "same.json").write_text("my own notes")
    os.link(out / "same.json", tmp_path / "notes")
    run("a.png", out="out")
    assert (tmp_path / "log").read_text() == "" and (tmp_path / "notes").read_text() == "my own notes"
    assert (out / "same-1.json").read_text() == "my own notes"
    assert "groups" in json.loads((out / "same.json").read_text())
    os.link(out / "manifest.jsonl", tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    draw(tmp_path / "b.png")
    assert [e["status"] for e in run("a.png", "b.png", out="out").values()] == ["skipped", "ok"]
    assert (tmp_path / "backup").read_bytes() == before


def test_numbers_in_a_manifest_that_are_none_are_not_added_up(out: Path, run: Dic, dic: Dic) -> None:
    manifest = out / "manifest.jsonl"
    entry = json.loads(manifest.read_text().splitlines()[-1])
    for wrong in ({"pages": "x"}, {"described": "many"}, {"figures": [1]}, {"seconds": float("nan")}):
        manifest.write_text(json.dumps(entry | wrong) + "\n")
        done = dic("run", "a.png", "--out", "out", "--engine", "none", "--dry-run")
        assert done.returncode == 0
    assert run("a.png", out="out")["a.png"]["status"] == "ok"
