"""Damaged and hostile input, many cases in a bounded time: a document or a typed error."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import hostile_files as made
import pytest
from PIL import Image

from dic_ingest.batch.run import run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.errors import BrokenFileError
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.settings import PdfLimits

FUZZ = Path(__file__).with_name("fuzz.py")
CASES = int(os.environ.get("DIC_INGEST_FUZZ_CASES", "250"))
# found something once: control characters in a page, workbooks and decks that are damaged only where the
# libraries read on
KEPT_OFFICE = (1_000_050, 1_000_061, 1_000_137, 1_000_276)
PLAIN = WorkSettings(Settings(engine="none"))


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("cases", "first"), [(CASES, 0), (CASES, 100_000), (5, 1324)])
def test_mutated_files_end_in_a_document_or_a_typed_error(cases: int, first: int) -> None:
    all_are_typed(cases, first)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("cases", "firsts"), [(CASES, (1_000_000,)), (1, KEPT_OFFICE)])
def test_mutated_office_files_end_in_a_document_or_a_typed_error(cases: int, firsts: tuple[int, ...]) -> None:
    pytest.importorskip("unstructured", reason="the extra office is not installed")
    all_are_typed(cases, *firsts)


def all_are_typed(cases: int, *firsts: int) -> None:
    """Cases from some seeds on, in a process of their own: a crash of the process is a finding, too."""
    command = [sys.executable, str(FUZZ), str(cases), *map(str, firsts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["untyped"] == {} and found["cases"] == cases * len(firsts)
    assert found["peak_mib"] < 2000 and found["slowest_seconds"] < 30


def test_a_picture_damaged_behind_its_head(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((300, 300), 60).save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 50] = b"\0" * 50
    path.write_bytes(data)
    with pytest.raises(BrokenFileError, match="damaged"), PictureFile(path) as picture:
        picture.render(1)


def test_a_file_of_too_many_pages_is_read_as_far_as_allowed(samples: Path) -> None:
    settings = Settings(engine="none", pdf=PdfLimits(max_pages=1))
    document = ingest(samples / "telecom_report.pdf", settings)
    assert {b.page for b in document.blocks} == {1} and len(document.pages) == 1
    assert "page_limit" in {w.code for w in document.warnings}


def tree(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_folder_that_means_harm(samples: Path, tmp_path: Path, closed_network: dict[str, str]) -> None:
    office = importlib.util.find_spec("unstructured") is not None
    inbox, out = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    (tmp_path / "secret.txt").write_text("the secret words")
    (tmp_path / "secret.png").write_bytes((samples / "flowchart.png").read_bytes())
    made.bombs(inbox)
    made.links(inbox, tmp_path / "secret.txt")
    if office:
        made.office_bombs(inbox)
        made.entities(inbox, tmp_path / "secret.txt", "http://192.0.2.1")
    (inbox / "good.png").write_bytes((samples / "flowchart.png").read_bytes())
    out.mkdir()
    (out / "good").symlink_to(tmp_path / "elsewhere")  # where results would go
    (tmp_path / "elsewhere").mkdir()
    before = tree(tmp_path)

    command = [sys.executable, "-m", "dic_ingest", "run", str(inbox), "--out", str(out), "--json"]
    command += ["--engine", "none", "--timeout", "300", "--memory", "2000"]
    closed = {**os.environ, **closed_network}
    ran = subprocess.run(command, capture_output=True, text=True, env=closed, cwd=tmp_path, check=False)
    assert ran.returncode == 1, ran.stderr
    entries = {Path(e["file"]).name: e for e in map(json.loads, ran.stdout.splitlines())}

    assert entries["good.png"]["status"] == "ok"
    assert (out / entries["good.png"]["name"] / "document.json").is_file()
    assert not any((tmp_path / "elsewhere").iterdir())
    told = {name: e["error"] for name, e in entries.items()}
    assert not {n: t for n, t in told.items() if "unexpected" in t or "crashed" in t}
    assert "pixels" in told["bomb.png"] and told["link.pdf"] and told["$(touch x);`id`.pdf"]
    assert "socket.pdf" not in told and "gone.pdf" not in told
    after = tree(tmp_path)
    assert {p: after.get(p) for p in before} == before  # nothing is changed
    assert all(out in p.parents for p in after.keys() - before.keys())  # nothing outside --out
    assert not Path(closed_network["TOUCHED"]).exists()
    results = b"".join(data for path, data in after.items() if path.suffix in (".json", ".jsonl"))
    assert b"secret words" not in results and b"slipped<" not in results
    if office:
        assert entries["slip.docx"]["status"] == "ok" and entries["xxe.docx"]["status"] == "ok"
        assert "max_unpacked" in told["claimed-bomb.docx"] and "max_xml" in told["zip-bomb.docx"]


@pytest.mark.corpus
def test_every_broken_file_of_the_corpus_is_one_line(corpus: Path, tmp_path: Path) -> None:
    entries = run([corpus / "broken_pdf"], tmp_path / "out", PLAIN)
    assert len(entries) == len(list((corpus / "broken_pdf").glob("*.pdf")))
    assert all(e.status == "ok" or e.error or e.warnings for e in entries)
    assert all("unexpected" not in e.error and "crashed" not in e.error for e in entries)
