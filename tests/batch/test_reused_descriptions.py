"""Figures that show the same in a whole folder are described once: across workers, and across runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_server import seen, serving
from click.testing import CliRunner
from PIL import Image, ImageDraw

from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.cli.run import command
from dic_ingest.settings import Settings


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Three files, no two with the same bytes; two of them show the same."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, width in enumerate((140, 140, 180)):
        picture = Image.new("RGB", (420, 240), "white")
        pen = ImageDraw.Draw(picture)
        for at, word in ((20, "Pump"), (width + 90, "Valve")):
            pen.rectangle((at, 70, at + 130, 150), outline="black", width=2)
            pen.text((at + 30, 95), word, fill="black", font_size=24)
        pen.line((150, 110, width + 90, 110), fill="black", width=2)
        picture.save(folder / f"p{number}.png", compress_level=number)
    return sorted(folder.iterdir())


def descriptions(out: Path) -> list[str]:
    """What is said of each document's figure, the words and boxes too."""
    found = []
    for path in sorted(out.glob("*/document.json")):
        figures = [b for b in json.loads(path.read_text())["blocks"] if b.get("description")]
        found += [json.dumps(f["description"], sort_keys=True) for f in figures]
    return found


def test_two_workers_read_each_figure_once_as_one_does(pictures: list[Path], tmp_path: Path) -> None:
    two = run(pictures, tmp_path / "two", WorkSettings(), RunSettings(workers=2))
    assert [e.status for e in two] == ["ok"] * 3
    assert (sum(e.described for e in two), sum(e.reused for e in two)) == (2, 1)
    off = WorkSettings(Settings(engine_options={"reuse": False}))
    alone = run(pictures[1:], tmp_path / "alone", off)
    assert (sum(e.described for e in alone), sum(e.reused for e in alone)) == (2, 0)
    assert descriptions(tmp_path / "two")[1:] == descriptions(tmp_path / "alone")
    assert descriptions(tmp_path / "two")[0] == descriptions(tmp_path / "alone")[0]


def test_a_second_run_reads_nothing_again_and_says_so(pictures: list[Path], tmp_path: Path) -> None:
    options = ["--engine-option", f"cache={tmp_path / 'cache'}", "--quiet"]
    first = CliRunner().invoke(command, [str(pictures[0]), "--out", str(tmp_path / "one"), *options])
    assert "1 figures described, 0 reused" in first.output
    rest = [str(p) for p in pictures[1:]]
    second = CliRunner().invoke(command, [*rest, "--out", str(tmp_path / "other"), *options])
    assert "1 figures described, 1 reused" in second.output
    lines = (tmp_path / "other" / "manifest.jsonl").read_text().splitlines()
    assert [json.loads(line)["reused"] for line in lines] == [1, 0]
    again = CliRunner().invoke(command, [*rest, "--out", str(tmp_path / "other"), *options])
    assert "skipped" in again.output and "reused" not in again.output


def test_a_server_is_asked_once_about_each_figure(pictures: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="the endpoint extra is not installed")
    with serving("echo") as url:
        options = {"url": url, "model": "tiny-vl", "concurrency": 3, "looks": 0, "critic": False}
        kept = {"cache": str(tmp_path / "cache")}
        settings = WorkSettings(Settings(engine="endpoint", engine_options=options | kept))
        two = run(pictures, tmp_path / "two", settings, RunSettings(workers=2))
        assert len(seen(url)) == 2
        assert (sum(e.described for e in two), sum(e.reused for e in two)) == (2, 1)
        run(pictures[1:2], tmp_path / "later", settings)
        assert len(seen(url)) == 2
