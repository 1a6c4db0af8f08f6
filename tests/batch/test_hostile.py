"""Damaged and hostile input, many cases in a bounded time: a document or a typed error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from dic_ingest.batch.run import run
from dic_ingest.batch.work import WorkSettings
from dic_ingest.errors import BrokenFileError
from dic_ingest.parsing.image import PictureFile
from dic_ingest.parsing.pdf import PdfLimits
from dic_ingest.pipeline import Settings, ingest

FUZZ = Path(__file__).with_name("fuzz.py")
SECONDS = os.environ.get("DIC_INGEST_FUZZ_SECONDS", "8")
KEPT = (1324,)  # found something once: a picture damaged behind its head
PLAIN = WorkSettings(Settings(engine="none"))


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", [0, 100_000, 1_000_000, *KEPT])
def test_mutated_files_end_in_a_document_or_a_typed_error(first: int) -> None:
    if first >= 1_000_000:
        pytest.importorskip("unstructured", reason="the extra office is not installed")
    seconds = SECONDS if first not in KEPT else "1"
    # a process of its own: a crash of the process is a finding, too
    done = subprocess.run(
        [sys.executable, str(FUZZ), seconds, str(first)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["untyped"] == {}
    assert found["cases"] >= 5 and found["peak_mib"] < 2000 and found["slowest_seconds"] < 30


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


def test_bombs_and_boxes(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    Image.new("1", (20000, 20000)).save(inbox / "bomb.png")  # 50 kB, 400 million pixels
    page = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>"
    page += b"endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 2147483648 2147483648]>>endobj\n"
    (inbox / "box.pdf").write_bytes(page + b"trailer<</Root 1 0 R>>")
    (inbox / "$(touch x);`id`.pdf").write_bytes(b"%PDF-1.7\n" + b"[" * 100_000)
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    entries = {Path(e.file).name: e for e in run([inbox], tmp_path / "out", PLAIN)}
    assert entries["bomb.png"].status == "failed" and "pixels" in entries["bomb.png"].error
    assert entries["$(touch x);`id`.pdf"].status == "failed"
    assert all("unexpected" not in e.error for e in entries.values())
    assert all(e.memory < 1500 for e in entries.values())
    after = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    assert all((tmp_path / "out") in p.parents for p in after)  # nothing outside --out


@pytest.mark.corpus
def test_every_broken_file_of_the_corpus_is_one_line(corpus: Path, tmp_path: Path) -> None:
    entries = run([corpus / "broken_pdf"], tmp_path / "out", PLAIN)
    assert len(entries) == len(list((corpus / "broken_pdf").glob("*.pdf")))
    assert all(e.status == "ok" or e.error or e.warnings for e in entries)
    assert all("unexpected" not in e.error and "crashed" not in e.error for e in entries)
