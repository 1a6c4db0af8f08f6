"""Captions wherever they stand: beside the figure, on the next page, turned with it, after a glyph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.references import link_references
from dic_ingest.model.document import Document, Page, Parser, Text, block_id
from dic_ingest.model.drawing import Drawing, Word
from tests.figures.drawn import chain, parsed, prose

Make = Callable[..., Path]
A4 = (595, 842)


def recovered(path: Path) -> Document:
    document, drawings = parsed(path)
    return recover_figures(document, lambda n: drawings[n - 1])


def caption(c: Canvas, x: float, y: float, *lines: str) -> None:
    c.setFont("Helvetica", 9)
    for k, line in enumerate(lines):
        c.drawString(x, y - 11 * k, line)


@pytest.mark.parametrize("right", [False, True])
def test_a_caption_in_the_margin_is_bound(make_pdf: Make, right: bool) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        chain(c, 70 if right else 180, 600, ("Read", "Check"))
        caption(c, 320 if right else 60, 625, "Figure 5.4", "Handling of one", "session request")
        prose(c, 70, 520)

    document = recovered(make_pdf(page, size=A4))
    (figure,) = document.figures
    assert (figure.label, figure.printed_caption) == ("Figure 5.4", "Handling of one session request")
    assert not document.warnings


@pytest.mark.parametrize("before", [False, True])
def test_a_caption_over_the_page_break_is_bound(make_pdf: Make, before: bool) -> None:
    def first(c: Canvas) -> None:
        prose(c, 70, 780)
        if before:
            caption(c, 70, 90, "Figure 5.4: Handling of a request")
        else:
            chain(c, 70, 90)

    def second(c: Canvas) -> None:
        if before:
            chain(c, 70, 740)
        else:
            caption(c, 70, 780, "Figure 5.4: Handling of a request")
        prose(c, 70, 600)

    document = recovered(make_pdf(first, second, size=A4))
    (figure,) = document.figures
    assert (figure.label, figure.printed_caption) == ("Figure 5.4", "Handling of a request")
    assert not any("Handling" in b.content for b in document.blocks if b is not figure)
    assert not document.warnings


def test_a_caption_without_any_drawing_is_still_a_warning(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        caption(c, 70, 780, "Figure 5.4: Handling of a request")
        prose(c, 70, 600)

    document = recovered(make_pdf(lambda c: prose(c, 70, 780), page, size=A4))
    assert [w.code for w in document.warnings] == ["figure_not_found"]
    assert "Handling of a request" in document.blocks[1].content


@pytest.mark.parametrize("turn", [90, -90])
def test_a_caption_turned_with_its_figure_is_bound(make_pdf: Make, turn: int) -> None:
    def page(c: Canvas) -> None:
        c.saveState()
        c.translate(300, 420)
        c.rotate(turn)
        chain(c, -160, 20)
        caption(c, -160, -10, "Figure 7: How a message goes through")
        c.restoreState()

    (figure,) = recovered(make_pdf(page, size=A4)).figures
    assert (figure.label, figure.printed_caption) == ("Figure 7", "How a message goes through")
    assert sorted(w.text for w in figure.embedded_words) == ["Check", "Read", "Store"]
    assert figure.rotation == turn % 360  # clockwise, where reportlab turns the other way


@pytest.mark.parametrize("label", ["Figure 4.2.2.2.2-1", "Figure A.3-2a", "Fig. B-12", "Figure 5.3.1-1bis"])
def test_deep_labels_get_their_own_mentions(make_pdf: Make, label: str) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 790, [f"The flow is shown in {label} and was agreed upon by all parties."])
        prose(c, 70, 770, ["The older flow of Figure 4.2.2.2-1 is no longer in use anywhere at all."])
        chain(c, 70, 700)
        caption(c, 70, 685, "Figure 4.2.2.2-1: The older flow")
        prose(c, 70, 650)
        chain(c, 70, 500, ("Ask", "Answer"))
        caption(c, 70, 485, f"{label}: The newer flow")

    older, newer = link_references(recovered(make_pdf(page, size=A4))).figures
    assert (newer.label, newer.printed_caption) == (label, "The newer flow")
    assert ["newer" in r.sentence or label in r.sentence for r in newer.references] == [True]
    assert ["older flow of" in r.sentence for r in older.references] == [True]


def test_full_width_characters_are_said_once() -> None:
    line = "ＡＰＩ（第２版）は要求を受け取り、結果を返す。"
    word = Word(line, (70, 100, 400, 112), 11.0)
    drawing = Drawing(595, 842, (word,))
    text = "API(第2版)は要求を受け取り、結果を返す。"  # as a parser that folds widths gives it
    block = Text(block_id("0" * 64, "text", 1, (70, 98, 400, 113), text), 1, (70, 98, 400, 113), 0, text)
    document = Document("x.pdf", "0" * 64, Parser("made"), (Page(1, 595, 842),), (block,))
    assert recover_figures(document, lambda _: drawing).blocks == (block,)
    apart = replace(block, bbox=(70, 300, 400, 315))  # and where the boxes disagree as well
    assert recover_figures(replace(document, blocks=(apart,)), lambda _: drawing).blocks == (apart,)
