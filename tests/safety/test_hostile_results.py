"""A results folder that somebody else prepared starts no program, shows no other file, and is written into
nowhere else."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from safety_tools import Dic, draw

# an endless program for Ghostscript, which Pillow starts for whatever begins like this
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n%%EndComments\n{ } loop\n%%EOF\n"


def crop_of(out: Path) -> str:
    document = json.loads((out / "a" / "document.json").read_text())
    return next(b["image"] for b in document["blocks"] if b["type"] == "figure")


def test_a_crop_that_is_a_program_is_not_run(out: Path, dic: Dic, tmp_path: Path) -> None:
    (out / "a" / crop_of(out)).write_bytes(EPS)
    (tmp_path / "a.png").unlink()  # so that crops are all there is
    (out / "same.json").unlink()
    draw(tmp_path / "b.png")
    started = time.monotonic()
    assert dic("compare", "out", "--out", "page.html", limit=60).returncode == 0
    assert "its crop is not there" in (tmp_path / "page.html").read_text()
    assert dic("inspect", "out", limit=60).returncode == 0
    assert dic("backfill", "out", limit=60).returncode == 1
    assert dic("run", "b.png", "--out", "out", "--engine", "none", limit=60).returncode == 0
    assert time.monotonic() - started < 120


@pytest.mark.parametrize("how", ["dots", "absolute", "link", "folder link"])
def test_crops_outside_of_the_folder_are_not_read(how: str, out: Path, dic: Dic, tmp_path: Path) -> None:
    secret = draw(tmp_path / "secret" / "secret.png", "SECRET")
    name = {"dots": "../../secret/secret.png", "absolute": str(secret), "link": "figures/l.png"}.get(
        how, "d/secret.png"
    )
    (out / "a" / "figures" / "l.png").symlink_to(secret)
    (out / "a" / "d").symlink_to(secret.parent)
    data = json.loads((out / "a" / "document.json").read_text())
    for block in data["blocks"]:
        if block["type"] == "figure":
            block["image"] = name
    (out / "a" / "document.json").write_text(json.dumps(data))
    lines = [json.loads(line) for line in (out / "a" / "nodes.jsonl").read_text().splitlines()]
    (out / "a" / "nodes.jsonl").write_text("".join(json.dumps({**n, "image": name}) + "\n" for n in lines))
    (tmp_path / "a.png").unlink()
    assert dic("compare", "out", "--out", "page.html").returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert "its crop is not there" in page and "data:image" not in page
    done = dic("backfill", "out")
    assert done.returncode == 1 and "described" in done.stdout and "1 failed" in done.stdout
    assert dic("inspect", "out", "--single-file").returncode == 0
    whole = "".join(p.read_text() for p in (out / "inspect").rglob("*.html"))
    assert base64.b64encode(secret.read_bytes()).decode()[:60] not in whole


@pytest.mark.parametrize("name", [".lock", "manifest.jsonl", "same.json", ".dic-ingest-work", ".index"])
def test_links_are_not_written_through(name: str, out: Path, dic: Dic, tmp_path: Path) -> None:
    target = tmp_path / "target"
    if name.startswith(".d") or name == ".index":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    else:
        target.write_text("mine\n")
    command = ["run", "a.png", "--out", "out", "--engine", "none"]
    if name == ".index":
        command = ["index", "out"]
    (out / name).unlink(missing_ok=True)
    (out / name).symlink_to(target)
    done = dic(*command)
    assert done.returncode != 0 and "error: " in done.stderr and "Traceback" not in done.stderr
    mine = target / "mine.txt" if target.is_dir() else target
    assert mine.read_text().strip() == "mine"
    assert sorted(os.listdir(target)) == ["mine.txt"] if target.is_dir() else True  # noqa: PTH208


def test_a_pipe_in_place_of_a_file_does_not_hold_the_run_up(out: Path, dic: Dic) -> None:
    (out / "same.json").unlink()
    os.mkfifo(out / "same.json")
    done = dic("run", "a.png", "--out", "out", "--engine", "none", limit=60)
    assert done.returncode == 3 and "no regular file" in done.stderr


DAMAGED = [
    ("same.json", b"{"),
    ("same.json", b"\xff\xfe\x00"),
    ("same.json", b'{"groups": [], "fingerprints": {"x": "0.0 2 AAAA", "y": "nan 2 AAAA"}}'),
    ("same.json", b'{"groups": [{}], "fingerprints": []}'),
    ("a/nodes.jsonl", b"{\n\xff\n[]\nnull\n"),
    ("a/document.json", b"\xff{"),
]


def test_damaged_files_are_made_anew(out: Path, run: Dic) -> None:
    for name, content in DAMAGED:
        good = (out / name).read_bytes()
        (out / name).write_bytes(content)
        status = "skipped" if name == "same.json" else "ok"
        assert run("a.png", out="out")["a.png"]["status"] == status
        assert (out / name).read_bytes() == good


def test_damaged_nodes_are_no_traceback_for_the_others(out: Path, run: Dic, dic: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "b.png", "two")
    (out / "a" / "nodes.jsonl").write_bytes(b'{\n\xff\n[]\nnull\n{"metadata": {"dic_type": "figure"}}\n')
    run("b.png", out="out")  # compares the figures of all results
    assert dic("inspect", "out").returncode == 0
    assert dic("backfill", "out", "--dry-run").returncode == 0


def test_names_in_a_manifest_stay_in_the_folder(run: Dic, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    out = tmp_path / "out"
    out.mkdir()
    names = [
        ".dic-ingest-work",
        "a\0b",
        "manifest.jsonl",
        "..",
        "../x",
        ".lock",
        "same.json",
        "SAME.JSON",
        "x" * 400,
        "",
    ]
    lines = [
        {"file": "a.png" if n == ".dic-ingest-work" else f"f{i}", "status": "ok", "seconds": 0, "pages": 1,
         "figures": 1, "name": n, "sha256": "", "settings": ""}
        for i, n in enumerate(names)
    ]  # fmt: skip
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("a.png", out="out")["a.png"]["name"] == "a"
    assert (out / "a" / "document.json").is_file()
