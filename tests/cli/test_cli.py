"""The command line as a user meets it: the commands' contracts, errors in one line, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

KEYS = {
    "id", "file", "page", "bbox", "label", "printed_caption", "kind", "route", "caption", "words",
    "mermaid", "nodes", "edges", "groups", "chart", "table", "kind_score", "read_from", "evidence", "engine",
    "seconds",
}  # fmt: skip


def dic(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dic_ingest", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=240, check=False)


def test_describe_prints_the_contract(samples: Path, tmp_path: Path) -> None:
    done = dic("describe", samples / "flowchart.pdf", samples / "flowchart.png", "--overlay", tmp_path)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(f) >= KEYS for f in found)
    vector = next(f for f in found if f["route"] == "diagram" and f["file"].endswith(".pdf"))
    assert vector["label"] == "Figure 1" and vector["kind"] == "flowchart"
    assert len(vector["nodes"]) >= 8 and len(vector["edges"]) >= 8 and vector["mermaid"]
    ids = {n["id"] for n in vector["nodes"]}
    ends = {"source", "target", "label", "directed", "source_label", "target_label", "points"}
    assert all(ends <= set(e) for e in vector["edges"]) and vector["read_from"] == "vector"
    left, top, right, bottom = vector["bbox"]
    for node in vector["nodes"]:
        x0, y0, x1, y1 = node["bbox"]
        assert left - 4 <= x0 < x1 <= right + 4 and top - 4 <= y0 < y1 <= bottom + 4
    assert any(e["source"] in ids and e["target"] in ids for e in vector["edges"])
    picture = [f for f in found if f["file"].endswith(".png")]
    assert len(picture) == 1 and picture[0]["id"] == "flowchart" and picture[0]["words"]
    with Image.open(samples / "flowchart.png") as image:
        assert picture[0]["bbox"] == [0, 0, *image.size] and picture[0]["read_from"] == "pixels"
        assert any(n["bbox"][2] > 0.75 * image.width for n in picture[0]["nodes"])
    assert list(tmp_path.glob("flowchart-p001.png"))


def test_run_json_and_exit_codes(samples: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_text("hello")
    done = dic("run", samples / "flowchart.pdf", bad, "--out", tmp_path / "o", "--json", "--engine", "none")
    assert done.returncode == 1
    statuses = {Path(e["file"]).name: e["status"] for e in map(json.loads, done.stdout.splitlines())}
    assert statuses == {"flowchart.pdf": "ok", "bad.pdf": "failed"}
    empty = tmp_path / "empty"
    empty.mkdir()
    assert dic("run", empty, "--out", tmp_path / "o2").returncode == 3
    dry = dic("run", samples / "flowchart.pdf", "--out", tmp_path / "o3", "--dry-run")
    assert dry.returncode == 0 and "flowchart" in dry.stdout and not (tmp_path / "o3").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("describe", "absent.pdf"), 1, "does not exist"),
        (("run", "absent.pdf", "--out", "o"), 3, "does not exist"),
        (("run", ".", "--out", "o", "--engine", "nonsense"), 2, "no engine called"),
        (("run", ".", "--out", "o", "--settings", "absent.toml"), 2, "does not exist"),
        (("run", ".", "--out", "o", "--settings", "bad.toml"), 2, "no setting"),
        (("run",), 2, "Missing argument"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "bad.toml").write_text("[ingest.recovery]\nno_such_key = 1\n")
    done = dic(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_doctor(tmp_path: Path) -> None:
    done = dic("doctor", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["problems"] == []
    assert report["packages"]["mineru"] and {t["tier"] for t in report["tiers"]} >= {"flash", "basic"}
    assert next(t for t in report["tiers"] if t["tier"] == "flash")["ready"]
    assert "No problems" in dic("doctor").stdout


def test_help_teaches() -> None:
    for command in ((), ("run",), ("describe",), ("doctor",)):
        done = dic(*command, "--help")
        assert done.returncode == 0 and "Usage:" in done.stdout
    assert "nodes.jsonl" in dic("run", "--help").stdout


@pytest.mark.corpus
def test_every_broken_file_ends_in_one_line(corpus: Path) -> None:
    files = sorted((corpus / "broken_pdf").glob("*.pdf"))
    done = dic("describe", "--engine", "none", *files)
    assert "Traceback" not in done.stderr
    failed = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert done.returncode == 1 and 8 <= len(failed) < len(files)
