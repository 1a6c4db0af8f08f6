"""Text layers whose fonts do not say what they show: read by OCR, words of figures too, with a warning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.batch.workers.work import entry_fields
from dic_ingest.model.drawing import Word
from dic_ingest.pipeline import ingest, is_partial
from dic_ingest.settings import Settings
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.scan.broken_text import agrees, broken_share, repaired
from dic_ingest.sources.settings import ScanSettings

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
SIZE = (600.0, 800.0)
SENTENCE = "The pump starts when the valve of the tank is open and water flows"


def without_characters(path: Path, font: str) -> Path:
    """The file with the map from glyphs to characters taken out of the embedded fonts."""
    writer = pypdf.PdfWriter(clone_from=path)
    for page in writer.pages:
        for each in page["/Resources"]["/Font"].values():  # type: ignore[index]
            found = each.get_object()
            if font in found["/BaseFont"]:
                found.pop("/ToUnicode", None)
    writer.write(path)
    return path


def drawn(path: Path, draw: Callable[[Canvas, str], None], pages: int = 1) -> Path:
    # codes in the order of use, as many writers of subsets have them
    pdfmetrics.registerFont(TTFont("Coded", VERA, asciiReadable=0))
    canvas = Canvas(str(path), pagesize=SIZE)
    for _ in range(pages):
        draw(canvas, "Coded")
        canvas.showPage()
    canvas.save()
    return without_characters(path, "Vera")


def prose(canvas: Canvas, font: str) -> None:
    canvas.setFont(font, 12)
    for line in range(12):
        canvas.drawString(60, 700 - 18 * line, SENTENCE + ".")


def figure(canvas: Canvas, font: str) -> None:
    canvas.setFont("Helvetica", 11)
    for line in range(12):
        canvas.drawString(60, 740 - 16 * line, SENTENCE + ".")
    canvas.setFont(font, 13)
    for i, name in enumerate(("Start", "Check", "Report")):
        canvas.rect(80 + 160 * i, 400, 110, 50)
        canvas.drawString(100 + 160 * i, 420, name)
        if i:
            canvas.line(30 + 160 * i, 425, 80 + 160 * i, 425)
            head = canvas.beginPath()
            head.moveTo(80 + 160 * i, 425)
            head.lineTo(70 + 160 * i, 429)
            head.lineTo(70 + 160 * i, 421)
            head.close()
            canvas.drawPath(head, fill=1)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(60, 370, "Figure 1: How the plant starts.")


def test_a_page_of_such_text_is_read_by_ocr(tmp_path: Path) -> None:
    path = drawn(tmp_path / "standard.pdf", prose)
    with PdfFile(path) as pdf:
        assert broken_share(pdf.drawing(1).words) == 1.0
    document = ingest(path, Settings(engine="none"))
    text = " ".join(b.content for b in document.blocks)
    assert text.count("pump starts when the valve") >= 10
    assert not any(c in text for c in '!"#$%&\ufffd')
    assert "broken_text" in {w.code for w in document.warnings}
    assert any("read by OCR on pages 1" in w for w in entry_fields(document)["warnings"])
    assert not is_partial(document)


def test_words_of_a_figure_are_read_by_ocr_and_the_text_stays(tmp_path: Path) -> None:
    path = drawn(tmp_path / "report.pdf", figure)
    with PdfFile(path) as pdf:
        assert 0 < broken_share(pdf.drawing(1).words) < 0.1
    document = ingest(path, Settings())
    assert sum(b.content.count(SENTENCE) for b in document.blocks) == 12
    (found,) = document.figures
    assert found.label == "Figure 1"
    diagram = found.description.diagram if found.description else None
    assert diagram is not None and [n.label for n in diagram.nodes] == ["Start", "Check", "Report"]
    assert len(diagram.edges) == 2


def test_without_ocr_the_loss_is_told(tmp_path: Path) -> None:
    path = drawn(tmp_path / "standard.pdf", prose)
    document = ingest(path, Settings(engine="none", scans=ScanSettings(ocr="off")))
    assert "broken_text_left" in {w.code for w in document.warnings} and is_partial(document)


def test_more_pages_than_allowed_are_told(tmp_path: Path) -> None:
    path = drawn(tmp_path / "standard.pdf", prose, pages=3)
    document = ingest(path, Settings(engine="none", scans=replace(ScanSettings(), max_pages=1)))
    assert [w.message[:7] for w in document.warnings if w.code == "broken_text_left"] == ["2 pages"]


def test_text_that_means_something_is_left_alone(make_pdf: Callable[..., Path]) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for line in range(20):
            canvas.drawString(40, 280 - 12 * line, f"{line} ...... 12.5 % (+/- 3) = {line} / 100 ; --")
        canvas.setFont("ZapfDingbats", 9)
        canvas.drawString(40, 20, "l n u")

    with PdfFile(make_pdf(draw)) as pdf:
        assert broken_share(pdf.drawing(1).words) == 0.0


def word(text: str, x: float, confidence: float = 1.0) -> Word:
    return Word(text, (x, 0.0, x + 10.0 * len(text), 10.0), confidence=confidence)


@pytest.mark.parametrize(("seen", "same"), [("start", True), ("stort", True), ("where", False), ("", True)])
def test_the_layer_is_believed_where_ocr_reads_the_same(seen: str, same: bool) -> None:
    layer = [word("start", 0, 0.0), word("of", 80)]
    assert agrees(layer, [word(seen, 0)] if seen else []) is same


def test_only_broken_words_are_replaced() -> None:
    layer = [word("!#$", 0, 0.0), word("water", 50), *(word("flows", 110 + 60 * i) for i in range(5))]
    seen = [word("the", 0, 0.9), word("wafer", 50, 0.9)]
    assert [w.text for w in repaired(layer, seen)] == ["water", *["flows"] * 5, "the"]


def test_a_paragraph_of_such_text_among_others_is_read_and_the_others_stay(tmp_path: Path) -> None:
    def draw(canvas: Canvas, font: str) -> None:
        canvas.setFont("Helvetica", 11)
        for line in range(20):
            canvas.drawString(60, 740 - 16 * line, SENTENCE + ".")
        canvas.setFont(font, 11)
        canvas.drawString(60, 370, "The last test of the season was made in the harbour of Bremen.")

    document = ingest(drawn(tmp_path / "report.pdf", draw), Settings(engine="none"))
    text = " ".join(b.content for b in document.blocks)
    assert text.count(SENTENCE) == 20
    assert "harbour of Bremen" in text
