"""`dic-ingest inspect` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dic_ingest.batch.results import write_document
from dic_ingest.cli.inspect import free_name
from dic_ingest.nodes import NodeSettings


def dic(*arguments: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dic_ingest", "inspect", *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **env},
        timeout=240,
        check=False,
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    from made_document import made, write_crops

    folder = tmp_path / "out" / "orders"
    folder.mkdir(parents=True)
    write_document(made(), folder, NodeSettings())
    write_crops(folder)
    return tmp_path / "out"


def test_a_folder(results: Path) -> None:
    failed = {"file": "in/torn.pdf", "status": "failed", "error": "torn.pdf is damaged."}
    (results / "manifest.jsonl").write_text(json.dumps(failed) + "\n")
    before = set(results.parent.rglob("*"))
    done = dic(results)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(results / "inspect" / "index.html")
    assert "torn.pdf is damaged." in (results / "inspect" / "index.html").read_text("utf-8")
    new = {p for p in results.parent.rglob("*") if p not in before and p.name != ".dic-ingest-work"}
    assert new and all((results / "inspect") in (p, *p.parents) for p in new)
    again = dic(results / "orders", "--single-file")
    assert again.stdout.strip() == str(results / "orders" / "inspect" / "documents" / "orders.html")


def test_a_picture_is_ingested_first(samples: Path, tmp_path: Path) -> None:
    done = dic(samples / "flowchart.png", "--out", tmp_path / "o", "--engine", "none")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "o" / "inspect" / "documents" / "flowchart.html"
    assert done.stdout.strip() == str(page) and page.is_file()
    assert (tmp_path / "o" / "flowchart" / "document.json").is_file()


def test_without_out_it_goes_to_a_folder_for_temporary_files(samples: Path, tmp_path: Path) -> None:
    done = dic(samples / "flowchart.png", "--engine", "none", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.strip())
    assert page.is_file() and page.parents[3] == tmp_path


@pytest.mark.parametrize(
    ("make", "arguments", "code", "said"),
    [
        (None, ("absent",), 1, "does not exist"),
        ("", (".",), 1, "holds no results"),
        ("{}", (".",), 1, "expected schema"),
        ("{", (".",), 1, "not readable JSON"),
        (None, ("bad.pdf",), 1, "is not a PDF"),
        ("{}", (".", "--out", "o"), 2, "--out is for a PDF"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path, make: str | None, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "bad.pdf").write_text("hello")
    if make:
        (tmp_path / "document.json").write_text(make)
    done = dic(*arguments, cwd=tmp_path)
    assert done.returncode == code and said in done.stderr
    assert "Traceback" not in done.stderr
    assert len([x for x in done.stderr.splitlines() if "rror" in x]) == 1
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".inspect")]


def test_a_document_called_inspect_keeps_its_folder(tmp_path: Path) -> None:
    assert free_name(tmp_path) == "inspect"
    (tmp_path / "inspect").mkdir()
    assert free_name(tmp_path) == "inspect"
    (tmp_path / "inspect" / "document.json").write_text("{}")
    assert free_name(tmp_path) == "inspect-1"
