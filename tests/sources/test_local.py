"""MinerU in its worker process: the real thing, tier flash, offline."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.errors import EncryptedFileError, ModelsMissingError, ParserError, SettingsError
from dic_ingest.mineru import local
from dic_ingest.mineru import worker_process as mineru_process
from dic_ingest.mineru.local import LocalSettings, parse_local
from dic_ingest.model.document import Document, Figure, Text
from dic_ingest.sources.page_range import selected_pages
from dic_ingest.sources.pdf.document import PdfFile

MakePdf = Callable[..., Path]
SENTENCE = "The valve opens when the pump has run for ten seconds and the tank is full of water."


@pytest.fixture(scope="module", autouse=True)
def no_worker_left() -> Iterator[None]:
    yield
    mineru_process.stop()
    assert mineru_process._workers == []


def article(canvas: Canvas) -> None:
    canvas.drawString(60, 700, "1 Introduction")
    for i in range(6):
        canvas.drawString(60, 660 - 14 * i, SENTENCE)
    for i, name in enumerate(("Start", "Check", "Stop")):
        canvas.rect(100 + 140 * i, 430, 90, 40)
        canvas.drawString(120 + 140 * i, 446, name)
        if i:
            canvas.line(50 + 140 * i, 450, 100 + 140 * i, 450)
    canvas.drawString(60, 400, "Figure 1: How the plant starts.")
    for i in range(6):
        canvas.drawString(60, 370 - 14 * i, SENTENCE)


def scan(canvas: Canvas) -> None:
    """A page picture in twelve strips, as some scanners write them, without any text."""
    for i in range(12):
        strip = Image.new("L", (600, 66), 255)
        ImageDraw.Draw(strip).text((20, 20), f"scanned line {i} of the letter", fill=0)
        canvas.drawInlineImage(strip, 0, 792 - 66 * (i + 1), 612, 66)


def said(document: Document) -> str:
    return "\n".join(b.content for b in document.blocks)


def test_a_text_page_and_its_figure(make_pdf: MakePdf) -> None:
    path = make_pdf(article, size=(612, 792))
    document = parse_local(path)
    assert document.parser.name == "mineru" and document.parser.tier == "flash"
    assert document.source == str(path) and document.warnings == ()
    with PdfFile(path) as pdf:
        assert document.sha256 == pdf.sha256 and document.pages == pdf.pages
    assert SENTENCE in said(document) and document.figures
    assert "How the plant starts." in said(document)
    assert said(document).count("Figure 1") == 1
    assert all(f.image == "" for f in document.figures)  # crops come from the PDF
    assert [b.order for b in document.blocks] == list(range(len(document.blocks)))
    assert parse_local(path) == document


def test_a_page_range_is_checked_here(make_pdf: MakePdf) -> None:
    path = make_pdf(article, article, article, size=(612, 792))
    document = parse_local(path, page_range="2-r1")
    assert {b.page for b in document.blocks} == {2, 3} and len(document.pages) == 3
    for wrong in ("x", "9", "1-"):
        with pytest.raises(SettingsError, match="page range"):
            parse_local(path, page_range=wrong)


def test_many_pages_in_parts_give_every_page_once(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = samples / "telecom_report.pdf"
    whole, some = parse_local(source), parse_local(source, page_range="1,3-4")

    def told(document: Document) -> list[tuple[int, str]]:
        return [(b.page, " ".join(b.content.split())) for b in document.blocks if not isinstance(b, Figure)]

    asked: list[str] = []
    run = local._run

    def watched(source: Path, settings: LocalSettings, page_range: str) -> local.RunOutcome:
        asked.append(page_range)
        return run(source, settings, page_range)

    monkeypatch.setattr(local, "PART", 2)
    monkeypatch.setattr(local, "_run", watched)
    assert told(parse_local(source)) == told(whole)
    assert told(parse_local(source, page_range="1,3-4")) == told(some)
    assert asked == ["1,2", "3,4", "1,3", "4"]


def test_a_scan_gives_pages_and_a_figure_each(make_pdf: MakePdf) -> None:
    path = make_pdf(scan, scan, size=(612, 792))
    document = parse_local(path)
    assert [(f.page, f.bbox) for f in document.figures] == [(1, (0, 0, 612, 792)), (2, (0, 0, 612, 792))]
    assert all(f.hint and f.hint.sub_type == "scanned_page" for f in document.figures)
    assert [w.code for w in document.warnings] == ["scanned"]


def test_a_scan_with_a_text_layer_keeps_both(make_pdf: MakePdf) -> None:
    def with_text(canvas: Canvas) -> None:
        scan(canvas)
        text = canvas.beginText(60, 700)
        text.setTextRenderMode(3)  # invisible, as OCR programs write it
        for _ in range(8):
            text.textLine(SENTENCE)
        canvas.drawText(text)

    document = parse_local(make_pdf(with_text, size=(612, 792)))
    assert len(document.figures) <= 1 and said(document).count("The valve opens") == 8


def test_a_tier_asked_for_never_falls_back(make_pdf: MakePdf) -> None:
    for tier in ("basic", "standard", "advanced"):
        with pytest.raises(ModelsMissingError, match="models download"):
            parse_local(make_pdf(article), LocalSettings(tier=tier))


def test_a_password_opens_the_file(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792), encrypt=StandardEncryption("sesame", canPrint=0))
    article(canvas)
    canvas.save()
    with pytest.raises(EncryptedFileError):
        parse_local(path)
    with pytest.raises(EncryptedFileError):
        parse_local(path, password="wrong")
    document = parse_local(path, password="sesame")
    assert SENTENCE in said(document) and document.source == str(path)
    assert document.parser.tier == "flash" and document.warnings == ()


def test_a_hanging_parse_is_killed_and_the_text_stays(make_pdf: MakePdf) -> None:
    path = make_pdf(article, size=(612, 792))
    began = time.monotonic()
    document = parse_local(path, LocalSettings(timeout=0.001))
    assert time.monotonic() - began < 10
    assert [w.code for w in document.warnings] == ["parser_failed"] and document.parser.tier == "text"
    assert SENTENCE in said(document) and "Figure 1: How the plant starts." in said(document)
    with pytest.raises(ParserError, match="timeout"):
        parse_local(path, LocalSettings(tier="basic", timeout=0.001))
    assert parse_local(path).parser.tier == "flash"  # a fresh worker serves the next one


def test_a_crash_of_mineru_costs_the_layout_alone(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    real = mineru_process._exchange

    def die(worker: mineru_process.MineruProcess, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        worker.process.kill()
        return real(worker, request, timeout)

    monkeypatch.setattr(mineru_process, "_exchange", die)
    document = parse_local(make_pdf(article, size=(612, 792)))
    assert document.warnings[0].code == "parser_failed" and "ended with code" in document.warnings[0].message
    assert SENTENCE in said(document)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "SegmentError", "message": "boom"},
        {"tier": "flash", "middle": {"schema": "docvortex.middle", "schema_version": "9"}},
        {"tier": "flash", "middle": 7},
    ],
)
def test_no_foreign_error_leaks(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(mineru_process, "ask", lambda *_: answer)
    path = make_pdf(article, size=(612, 792))
    assert parse_local(path).warnings[0].code == "parser_failed"
    with pytest.raises(ParserError, match="Try tier flash"):
        parse_local(path, LocalSettings(tier="basic"))


def test_one_page_that_cannot_be_loaded_costs_only_itself(make_pdf: MakePdf, tmp_path: Path) -> None:
    raw = make_pdf(article, size=(612, 792)).read_bytes()
    path = tmp_path / "count.pdf"
    path.write_bytes(raw.replace(b"/Count 1", b"/Count 3"))
    with PdfFile(path) as pdf:
        if len(pdf.pages) != 3:
            pytest.skip("this PDFium counts the pages itself")
    document = parse_local(path)
    assert document.parser.tier == "flash" and SENTENCE in said(document)
    assert "damaged_page" in {w.code for w in document.warnings}


def test_words_that_flash_takes_for_noise_are_kept(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = {"schema": "docvortex.middle", "schema_version": "2.0", "pages": [{"page_idx": 0}]}
    monkeypatch.setattr(mineru_process, "ask", lambda *_: {"tier": "flash", "middle": empty})
    document = parse_local(make_pdf(article, size=(612, 792)))
    assert said(document).count("The valve opens") == 12 and "Start" in said(document)
    assert [w.code for w in document.warnings] == ["text_layer"]
    assert all(isinstance(b, Text) and b.id for b in document.blocks)


def test_no_guard_no_noise_nothing_in_the_home(make_pdf: MakePdf, tmp_path: Path) -> None:
    """A script without `if __name__ == "__main__"`, with a mineru.py beside it that is not MinerU."""
    place = tmp_path / "user"
    place.mkdir()
    (place / "mineru.py").write_text("raise SystemExit('the wrong mineru')")
    path = make_pdf(article, scan, size=(612, 792))
    script = place / "script.py"
    script.write_text(
        "from dic_ingest.mineru.local import parse_local\n"
        f"document = parse_local({str(path)!r})\n"
        "print(document.parser.tier, len(document.figures))\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    root = str(Path(local.__file__).parents[2])
    env = {**os.environ, "HOME": str(home), "TMPDIR": str(scratch), "PYTHONPATH": root}
    run = subprocess.run(
        [sys.executable, "script.py"], cwd=place, env=env, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("flash") and run.stderr == ""
    assert not list(home.rglob(".mineru*")) and list(scratch.iterdir()) == []


def test_threads_share_the_worker(make_pdf: MakePdf) -> None:
    path = make_pdf(article, size=(612, 792))
    found: list[Document] = []
    threads = [threading.Thread(target=lambda: found.append(parse_local(path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 3 and found[0] == found[1] == found[2]


def test_bytes_are_a_source_too(make_pdf: MakePdf) -> None:
    raw = make_pdf(article, size=(612, 792)).read_bytes()
    document = parse_local(raw)
    assert document.source == "" and SENTENCE in said(document)


@pytest.mark.parametrize(
    "wrong", [{"tier": "best"}, {"ocr": "yes"}, {"timeout": 0.0}, {"timeout": float("nan")}]
)
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        LocalSettings(**wrong)


@pytest.mark.corpus
def test_documents_by_others(corpus: Path) -> None:
    """Scans, slides, papers: every page told, no error; encrypted and broken ones give typed errors."""
    for name in ("*small_ocr.pdf", "*aap.pdf", "*expansion_flow.pdf", "*Sample_OCR.pdf"):
        (path,) = (corpus / "pdf").glob(name)
        document = parse_local(path)
        told = {b.page for b in document.blocks}
        assert told == {p.number for p in document.pages}
        assert len({b.id for b in document.blocks}) == len(document.blocks)
        assert all(isinstance(f, Figure) and f.bbox for f in document.figures)


def test_the_pdf_is_really_encrypted(tmp_path: Path) -> None:
    """Guards the password test against a reportlab that writes plain files."""
    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("sesame"))
    canvas.drawString(10, 10, "x")
    canvas.save()
    with pytest.raises(pdfium.PdfiumError):
        pdfium.PdfDocument(path)


BAD = 5


@pytest.fixture
def bad_page(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """MinerU fails wherever page `BAD` of six is among the pages asked for; the ranges that it was given."""
    ask, asked = mineru_process.ask, []

    def failing(request: dict[str, Any], timeout: float, offline: bool = True) -> dict[str, Any]:
        asked.append(request["page_range"])
        if BAD in selected_pages(request["page_range"], 6):
            return {"error": "ValueError", "message": "native lane inference rejected normalized geometry"}
        return ask(request, timeout, offline)

    monkeypatch.setattr(mineru_process, "ask", failing)
    return asked


def test_one_page_that_mineru_fails_on_loses_its_layout_alone(make_pdf: MakePdf, bad_page: list[str]) -> None:
    path = make_pdf(*[article] * 6, size=(612, 792))
    document = parse_local(path)
    assert document.parser.tier == "flash"
    warnings = [w for w in document.warnings if w.code == "parser_failed"]
    assert [w.page for w in warnings] == [BAD]
    assert f"page {BAD} (ValueError: native lane" in warnings[0].message
    assert [b.page for b in document.blocks] == sorted(b.page for b in document.blocks)
    assert {f.page for f in document.figures} == {1, 2, 3, 4, 6}  # found by the layout alone
    for page in range(1, 7):
        assert SENTENCE in "\n".join(b.content for b in document.blocks if b.page == page)
    assert len(bad_page) <= 7  # all, halves of six, three and two


def test_where_every_page_fails_the_text_layer_stands_in(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def failing(request: dict[str, Any], timeout: float, offline: bool = True) -> dict[str, Any]:
        asked.append(request["page_range"])
        return {"error": "ValueError", "message": "no"}

    monkeypatch.setattr(mineru_process, "ask", failing)
    monkeypatch.setattr(local, "MAX_RUNS", 5)
    document = parse_local(make_pdf(*[article] * 8, size=(612, 792)))
    assert document.parser.name == "pdfium" and SENTENCE in said(document)
    assert [w.code for w in document.warnings] == ["parser_failed"]
    assert len(asked) == 6
