"""What is to be skipped is looked at first: results that are damaged or gone are made anew."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from safety_tools import Dic, draw

DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty document.json": lambda a: (a / "document.json").write_text(""),
    "another letter in document.json": lambda a: _swap(a / "document.json"),
    "nodes.jsonl is gone": lambda a: (a / "nodes.jsonl").unlink(),
    "a crop is gone": lambda a: next((a / "figures").iterdir()).unlink(),
    "a crop is cut short": lambda a: _cut(next((a / "figures").iterdir())),
}


def _swap(path: Path) -> None:
    path.write_text(path.read_text().replace('"figure"', '"figurf"', 1))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def test_damaged_results_are_made_anew_and_whole_ones_skipped(run: Dic, tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(len(DAMAGE))]
    for name in [*names, "whole"]:
        draw(tmp_path / f"{name}.png", name)
    files = [f"{n}.png" for n in [*names, "whole"]]
    run(*files, out="out")
    good = {
        p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file() and p.name != "manifest.jsonl"
    }
    for name, damage in zip(names, DAMAGE.values(), strict=True):
        damage(tmp_path / "out" / name)
    again = run(*files, out="out")
    assert {f: e["status"] for f, e in again.items()} == {f: "ok" for f in files[:-1]} | {
        "whole.png": "skipped"
    }
    assert {p: p.read_bytes() for p in good} == good
    assert {e["status"] for e in run(*files, out="out").values()} == {"skipped"}


def test_a_clock_that_goes_back_leaves_nothing_stale(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    run("a.png", out="out")
    before = json.loads((tmp_path / "out" / "same.json").read_text())
    assert not before["groups"]
    os.utime(tmp_path / "out" / "same.json", (4e9, 4e9))  # written in what is the future by now
    draw(tmp_path / "b.png")
    run("a.png", "b.png", out="out")
    assert len(json.loads((tmp_path / "out" / "same.json").read_text())["groups"]) == 1


@pytest.mark.parametrize("mask", [0o022, 0o027])
def test_every_file_has_the_permissions_of_the_umask(mask: int, run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    before = os.umask(mask)
    try:
        run("a.png", out="out")
    finally:
        os.umask(before)
    for path in (tmp_path / "out").rglob("*"):
        wanted = (0o777 if path.is_dir() else 0o666) & ~mask
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_names_of_three_files_do_not_meet(run: Dic, tmp_path: Path) -> None:
    first = draw(tmp_path / "one" / "a.png", "one")
    draw(tmp_path / "two" / "a.png", "two")
    run("one", "two", out="probe")
    taken = sorted(p.name for p in (tmp_path / "probe").iterdir() if p.name.startswith("a-"))
    draw(tmp_path / "three" / f"{taken[0]}.png", "three")  # called as another's results would be
    draw(tmp_path / "three" / "A.png", "four")
    entries = run("one", "two", "three", out="out")
    assert len(entries) == 4 and {e["status"] for e in entries.values()} == {"ok"}
    assert len({e["name"].casefold() for e in entries.values()}) == 4
    for file, entry in entries.items():
        document = json.loads((tmp_path / "out" / entry["name"] / "document.json").read_text())
        assert document["source"].endswith(file)
    assert first.is_file()
