"""A file written to while it is read: no document of two versions."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from dic_ingest import pipeline
from dic_ingest.batch.workers import work
from dic_ingest.errors import ChangedFileError
from dic_ingest.model.document import Document
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings
from dic_ingest.sources.unchanged import unchanged

MakePdf = Callable[..., Path]
QUIET = Settings(engine="none")


def page(words: str) -> Callable[[Canvas], None]:
    return lambda canvas: canvas.drawString(60, 700, words)


def overwrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def replace_by_rename(path: Path, data: bytes) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(data)
    other.replace(path)


def overwrite_with_the_old_time(path: Path, data: bytes) -> None:
    old = path.stat()
    path.write_bytes(data[: old.st_size].ljust(old.st_size, b"\n"))
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


@pytest.mark.parametrize("write", [overwrite, replace_by_rename, overwrite_with_the_old_time])
def test_a_pdf_written_to_before_the_parser_reads_it_fails(
    write: Callable[[Path, bytes], None], make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf(page("the first version of the text"), name="report.pdf")
    new = make_pdf(page("the second version"), name="other.pdf").read_bytes()
    parse_local = pipeline.parse_local

    def late(*arguments: object) -> Document:
        write(path, new)
        return parse_local(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "parse_local", late)
    with pytest.raises(ChangedFileError, match=r"report\.pdf changed while being read"):
        ingest(path, QUIET)


def test_a_run_tells_it_as_a_failure(
    make_pdf: MakePdf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf(page("the first version of the text"))
    parse = pipeline.parse_local

    def late(*arguments: object) -> Document:
        found = parse(*arguments)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + b"\n")
        return found

    monkeypatch.setattr(pipeline, "parse_local", late)
    (tmp_path / "out" / ".work").mkdir(parents=True)
    job = {"file": str(path), "out": str(tmp_path / "out"), "name": "report"}
    answer = work.work(job, work.WorkSettings(ingest=QUIET), None)
    assert answer["status"] == "failed" and "changed while being read" in answer["error"]
    assert not (tmp_path / "out" / "report").exists()


def test_a_picture_removed_while_it_is_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (200, 100), "white").save(path)
    cut = pipeline.cut_crops

    def late(document: Document, *arguments: object) -> Document:
        path.unlink()
        return cut(document, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "cut_crops", late)
    with pytest.raises(ChangedFileError):
        ingest(path, QUIET)


def test_a_file_left_alone_and_a_missing_one_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)
    with unchanged(path) as reading:
        reading.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with unchanged(tmp_path / "missing.pdf"):
        pass
