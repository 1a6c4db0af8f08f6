"""Words of a text layer: soft hyphens, titles with their letters apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PageObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.text.lines import join_lines, lines_of
from dic_ingest.model.drawing import Word
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.words import _without_width
from dic_ingest.text.spacing import joined_letters

Make = Callable[..., Path]


def letters(text: str, gap: float, blank: float, size: float = 20.0) -> list[Word]:
    words, x = [], 50.0
    for c in text:
        if c == " ":
            x += blank
            continue
        words.append(Word(c, (x, 100.0, x + 12.0, 120.0), size))
        x += 12.0 + gap
    return words


def test_letters_apart_are_words() -> None:
    found = joined_letters(letters("OUR PLATFORM", 6.0, 14.0))
    assert [w.text for w in found] == ["OUR", "PLATFORM"]
    assert found[1].bbox[2] > found[1].bbox[0] + 100


def test_columns_panels_and_formulas_stay_letters() -> None:
    assert len(joined_letters(letters("ABCDEF", 6.0, 0.0))) == 6  # counts up
    assert len(joined_letters(letters("xyab", 6.0, 0.0))) == 4  # too few
    assert len(joined_letters(letters("QWERTY", 40.0, 0.0))) == 6  # too far apart
    assert [w.text for w in joined_letters([Word("I", (0, 0, 5, 9), 9), Word("see", (8, 0, 20, 9), 9)])] == [
        "I",
        "see",
    ]


def soft(c: Canvas) -> None:
    c.setFont("Helvetica", 12)
    c.drawString(60, 200, "the visitors came to the con\u00ad")
    c.drawString(60, 185, "vention, the inter-")
    c.drawString(60, 170, "face was well-known")


def test_hyphens_at_the_end_of_a_line(make_pdf: Make) -> None:
    with PdfFile(make_pdf(soft)) as pdf:
        words = pdf.drawing(1).words
    said = join_lines([line.text for line in lines_of(words)])
    assert said == "the visitors came to the convention, the interface was well-known"


def test_a_letter_in_a_typeface_that_is_not_at_hand_is_a_word(make_pdf: Callable[..., Path]) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))

    def page(c: Canvas) -> None:
        c.setFont("HYSMyeongJo-Medium", 10)
        c.drawString(70, 700, "요청 수신")
        c.drawString(200, 600, "예")

    with PdfFile(make_pdf(page, size=(595, 842))) as pdf:
        words = pdf.drawing(1).words
    assert [w.text for w in words] == ["요청", "수신", "예"]
    assert words[-1].bbox == pytest.approx((200, 233.4, 210, 243.4), abs=2.5)
    assert words[-1].size == pytest.approx(10)


def test_a_page_of_simple_fonts_is_not_read_twice(
    make_pdf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object, **__: object) -> str:
        raise AssertionError("the content was read a second time")

    def page(c: Canvas) -> None:
        c.setFont("Helvetica", 10)
        c.drawString(70, 700, "Order received")
        c.drawString(200, 600, " ")  # without a glyph, as a letter whose typeface is not at hand

    path = make_pdf(page, size=(595, 842))
    with PdfFile(path) as pdf:
        loaded = pdf._load(1)
        assert len(_without_width(loaded.raw)) == 1
        loaded.close()
        monkeypatch.setattr(PageObject, "extract_text", again)
        assert [w.text for w in pdf.drawing(1).words] == ["Order", "received"]
        assert pdf.drawing(1).notes == ()
