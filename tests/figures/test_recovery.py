"""Whole figures from pages whose drawings a parser left in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.colors import Color, lightgrey
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.errors import SettingsError
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.settings import RecoverySettings
from dic_ingest.model.box import iou
from dic_ingest.model.document import Code, Document, Page, Parser, Table, Text, block_id
from dic_ingest.model.drawing import Drawing, Word
from tests.figures.drawn import PROSE, arrow, box, chain, parsed, prose

Make = Callable[..., Path]
A4 = (595, 842)


def recovered(path: Path, **more: object) -> Document:
    document, drawings = parsed(path, **more)  # type: ignore[arg-type]
    return recover_figures(document, lambda n: drawings[n - 1])


def text_of(document: Document) -> str:
    return "\n".join(b.content for b in document.blocks if b.type != "figure")


def page(c: Canvas) -> None:
    prose(c, 70, 780)
    chain(c, 70, 640)
    c.setFont("Helvetica", 9)
    c.drawString(70, 610, "Figure 3: How a message goes through")
    c.drawString(70, 599, "the service, from left to right.")
    prose(c, 70, 560)


def test_a_drawing_in_pieces_is_one_figure_with_its_words(make_pdf: Make) -> None:
    document = recovered(make_pdf(page, size=A4))
    (figure,) = document.figures
    assert [w.text for w in figure.embedded_words] == ["Read", "Check", "Store"]
    assert figure.bbox is not None
    assert iou(figure.bbox, (70, 172, 390, 202)) > 0.8
    assert "Check" not in text_of(document)


def test_caption_of_two_lines_is_bound_and_said_once(make_pdf: Make) -> None:
    document = recovered(make_pdf(page, size=A4))
    (figure,) = document.figures
    assert figure.label == "Figure 3"
    assert figure.printed_caption == "How a message goes through the service, from left to right."
    assert "How a message goes" not in text_of(document)
    assert text_of(document).count("goes back to the queue") == 2


def test_figure_stands_between_its_paragraphs(make_pdf: Make) -> None:
    document = recovered(make_pdf(page, size=A4))
    assert [b.type for b in document.blocks] == ["text", "figure", "text"]
    assert [b.order for b in document.blocks] == [0, 1, 2]


def test_two_columns_keep_their_figures_apart(make_pdf: Make) -> None:
    def columns(c: Canvas) -> None:
        short = [line[:44] for line in PROSE] * 2
        for x, label in ((60, "left"), (310, "right")):
            prose(c, x, 780, short)
            chain(c, x, 600, (f"{label} a", f"{label} b"))
            c.drawString(x, 580, f"Figure {1 if label == 'left' else 2}: The {label} one.")
            prose(c, x, 540, short)

    figures = recovered(make_pdf(columns, size=A4)).figures
    assert {(f.label, f.printed_caption) for f in figures} == {
        ("Figure 1", "The left one."),
        ("Figure 2", "The right one."),
    }
    assert all(
        {w.text for w in f.embedded_words} & {"left", "right"} == {f.printed_caption.split()[1]}
        for f in figures
    )


def test_text_furniture_is_no_figure(make_pdf: Make) -> None:
    def furniture(c: Canvas) -> None:
        c.line(70, 800, 525, 800)  # rule under the header
        prose(c, 70, 780)
        c.line(70, 777, 200, 777)  # underline
        c.setFillColor(lightgrey)
        c.rect(60, 560, 475, 80, fill=1, stroke=0)  # listing
        c.setFillColorRGB(0, 0, 0)
        prose(c, 70, 620, [f"for item in queue{k}.read(timeout=10): store(item)" for k in range(5)])
        for k in range(4):
            c.circle(75, 502 - 20 * k, 2, fill=1)
            c.drawString(85, 500 - 20 * k, "a point of the list that goes on for some words")

    assert recovered(make_pdf(furniture, size=A4)).figures == ()


def test_table_rules_are_no_figure(make_pdf: Make) -> None:
    def table(c: Canvas) -> None:
        for k in range(5):
            c.line(70, 700 - 20 * k, 370, 700 - 20 * k)
        for k in range(4):
            c.line(70 + 100 * k, 700, 70 + 100 * k, 620)
        for row in range(4):
            for column in range(3):
                c.drawString(75 + 100 * column, 686 - 20 * row, f"cell {row}{column}")

    assert recovered(make_pdf(table, size=A4)).figures == ()


def test_bar_chart_with_grid_lines_is_a_figure(make_pdf: Make) -> None:
    def chart(c: Canvas) -> None:
        for k in range(6):
            c.line(100, 500 + 40 * k, 400, 500 + 40 * k)
            c.drawRightString(95, 497 + 40 * k, str(20 * k))
        for k, height in enumerate((60, 150, 110, 190)):
            c.setFillColor(Color(0.1, 0.3 + 0.1 * k, 0.9))
            c.rect(120 + 70 * k, 500, 40, height, fill=1, stroke=0)

    (figure,) = recovered(make_pdf(chart, size=A4)).figures
    assert {"0", "20", "100"} <= {w.text for w in figure.embedded_words}


def test_what_repeats_in_the_margin_is_template(make_pdf: Make) -> None:
    def deck(k: int) -> Callable[[Canvas], None]:
        def one(c: Canvas) -> None:
            c.setFillColorRGB(0.2, 0.4, 0.8)
            c.rect(850, 490, 90, 40, fill=1)
            c.circle(880, 510, 12, fill=1)
            c.setFillColorRGB(0, 0, 0)
            if k == 2:
                chain(c, 200, 250)

        return one

    document = recovered(make_pdf(*map(deck, range(6)), size=(960, 540)))
    assert [(f.page, len(f.embedded_words)) for f in document.figures] == [(3, 3)]


def letterhead(k: int, above: float) -> Callable[[Canvas], None]:
    """A page with a mark, a name and a rule at its top, and a drawing right below or further down."""

    def one(c: Canvas) -> None:
        c.setFillColorRGB(0.6, 0.2, 0.1)
        c.circle(82, 800, 11, fill=1)
        c.setFillColorRGB(0, 0, 0)
        c.drawString(100, 796, "Harbour Works")
        c.drawRightString(525, 796, f"Sheet {k}")
        c.line(70, 782, 525, 782)
        chain(c, 90, above)
        prose(c, 70, above - 40)

    return one


def test_letterhead_of_a_short_document_is_in_no_figure(make_pdf: Make) -> None:
    document = recovered(make_pdf(*(letterhead(k, 720 + 10 * k) for k in range(1, 4)), size=A4))
    assert [(f.page, len(f.embedded_words)) for f in document.figures] == [(1, 3), (2, 3), (3, 3)]
    assert all(f.bbox is not None and f.bbox[1] > 60 for f in document.figures)
    assert [text_of(document).count(t) for t in ("Harbour Works", "Sheet 1", "Sheet 3")] == [3, 1, 1]


def test_headers_of_odd_and_even_pages_are_in_no_figure(make_pdf: Make) -> None:
    def page(k: int) -> Callable[[Canvas], None]:
        def one(c: Canvas) -> None:
            left = 70 if k % 2 else 420
            c.setFillColorRGB(0.6, 0.2, 0.1)
            c.circle(left + 12, 800, 11, fill=1)
            c.setFillColorRGB(0, 0, 0)
            c.drawString(left + 30, 796, "Harbour" if k % 2 else "Works")
            chain(c, 90, 700 + 5 * k)
            prose(c, 70, 660)

        return one

    document = recovered(make_pdf(*map(page, range(1, 9)), size=A4))
    assert [len(f.embedded_words) for f in document.figures] == [3] * 8
    assert all(f.bbox is not None and f.bbox[1] > 60 for f in document.figures)


def test_frame_around_a_page_of_text_is_no_part_of_its_drawing(make_pdf: Make) -> None:
    def framed(c: Canvas) -> None:
        c.rect(50, 50, 495, 740)
        for y in (760, 690, 500):
            prose(c, 70, y)
        chain(c, 100, 380)
        c.drawString(100, 350, "Figure 1: Steps.")
        prose(c, 70, 300)

    document = recovered(make_pdf(framed, size=A4))
    (figure,) = document.figures
    assert figure.label == "Figure 1" and figure.bbox is not None
    assert iou(figure.bbox, (100, 432, 420, 462)) > 0.8
    assert text_of(document).count("goes back to the queue") == 4


def test_drawing_repeated_on_pages_stays_a_figure(make_pdf: Make) -> None:
    document = recovered(make_pdf(*(lambda c: chain(c, 90, 400),) * 3, size=A4))
    assert [f.page for f in document.figures] == [1, 2, 3]


def test_drawing_built_up_over_pages_keeps_its_last_row(make_pdf: Make) -> None:
    def grown(rows: int) -> Callable[[Canvas], None]:
        def one(c: Canvas) -> None:
            for k in range(rows):
                chain(c, 90, 700 - 80 * k)
                c.line(130, 700 - 80 * k, 130, 650 - 80 * k)
            chain(c, 90, 700 - 80 * 8, ("Last", "Row", "Here"))
            c.line(130, 700 - 80 * 7, 130, 90)

        return one

    document = recovered(make_pdf(*(grown(n) for n in (6, 7, 8)), size=A4))
    last = [f for f in document.figures if "Last" in {w.text for w in f.embedded_words}]
    assert {f.page for f in last} == {1, 2, 3}


def test_forms_on_the_same_rules_keep_their_letterhead(make_pdf: Make) -> None:
    def form(k: int) -> Callable[[Canvas], None]:
        def one(c: Canvas) -> None:
            for row in range(14):
                c.line(80, 250 + 25 * row, 500, 250 + 25 * row)
            c.circle(82, 800, 11, fill=1)
            c.drawString(100, 796, "Harbour Works")
            chain(c, 90, 720)
            c.rect(100 + 10 * k, 200, 40, 20)

        return one

    document = recovered(make_pdf(*map(form, range(4)), size=A4))
    assert all("Harbour" not in {w.text for w in f.embedded_words} for f in document.figures)


def test_slide_title_stays_outside(make_pdf: Make) -> None:
    def slide(c: Canvas) -> None:
        c.setFont("Helvetica", 32)
        c.drawString(60, 480, "How messages travel")
        for k, label in enumerate(("Queue", "Worker", "Store")):
            box(c, 80 + 260 * k, 250, label, 160, 90)
            if k:
                arrow(c, 80 + 260 * k - 100, 80 + 260 * k, 295)

    document = recovered(make_pdf(slide, size=(960, 540)))
    (figure,) = document.figures
    assert {w.text for w in figure.embedded_words} == {"Queue", "Worker", "Store"}
    assert "How messages travel" in text_of(document)


def test_caption_without_drawing_is_a_warning(make_pdf: Make) -> None:
    def lonely(c: Canvas) -> None:
        prose(c, 70, 780)
        c.drawString(70, 700, "Figure 9: What was lost on the way.")

    document = recovered(make_pdf(lonely, size=A4))
    assert document.figures == ()
    assert [(w.code, w.page) for w in document.warnings] == [("figure_not_found", 1)]
    assert "What was lost on the way" in text_of(document)


def test_captioned_listing_is_hunted_down(make_pdf: Make) -> None:
    def listing(c: Canvas) -> None:
        prose(c, 70, 780)
        c.rect(65, 600, 300, 90)
        prose(c, 70, 670, [f"step {k}: take the next one and look at it" for k in range(5)])
        c.drawString(70, 580, "Figure 4. The loop in words.")

    (figure,) = recovered(make_pdf(listing, size=A4)).figures
    assert figure.label == "Figure 4"
    assert len(figure.embedded_words) == 50


def test_words_that_no_block_holds_are_not_lost(make_pdf: Make) -> None:
    document, drawings = parsed(make_pdf(page, size=A4))
    bare = recover_figures(
        Document(document.source, document.sha256, document.parser, document.pages, ()),
        lambda n: drawings[n - 1],
    )
    assert text_of(bare).count("goes back to the queue") == 2
    assert len(bare.figures) == 1


def test_drawing_that_was_taken_for_a_table_comes_back(make_pdf: Make) -> None:
    path = make_pdf(page, size=A4)
    document, drawings = parsed(path)
    table = Table(
        block_id("x", "table", 1, None), 1, (68.0, 170.0, 392.0, 205.0), 1, text="Read\tCheck\tStore"
    )
    blocks = (document.blocks[0], table, *(b for b in document.blocks[1:] if "Figure" in b.content))
    done = recover_figures(
        Document(document.source, document.sha256, document.parser, document.pages, blocks),
        lambda n: drawings[n - 1],
    )
    assert [f.label for f in done.figures] == ["Figure 3"]
    assert not any(isinstance(b, Table | Code) for b in done.blocks)


def test_rows_of_a_table_that_was_read_are_not_told_twice(make_pdf: Make) -> None:
    def table(c: Canvas) -> None:
        chain(c, 70, 640)
        c.setFont("Helvetica", 9)
        for row in range(8):
            c.drawString(75, 600 - 20 * row, f"part {row} of the table and what it costs")

    document, drawings = parsed(make_pdf(table, size=A4))
    text = "\n".join(
        ["Read\tCheck\tStore\tnow", *(b.content for b in document.blocks if "part" in b.content)]
    )
    whole = Table(block_id("x", "table", 1, None), 1, (60.0, 165.0, 400.0, 400.0), 0, text=text)
    more = replace(drawings[0], words=(*drawings[0].words, Word("now", (360, 180, 380, 190), 9.0)))
    done = recover_figures(replace(document, blocks=(whole,)), lambda n: more)
    assert [b.type for b in done.blocks] == ["table"]


def test_blocks_without_boxes_are_left_alone() -> None:
    text = Text("a", 1, None, 0, "words")
    document = Document("x", "0" * 64, parsed_parser(), (), (text,))
    assert recover_figures(document, lambda n: pytest.fail("no page asked for")).blocks == (text,)


def parsed_parser():  # type: ignore[no-untyped-def]
    from dic_ingest.model.document import Parser

    return Parser("made")


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match="reach"):
        RecoverySettings(reach=2.0)


def test_a_heading_that_the_header_repeats_is_not_lost() -> None:
    def word(text: str, x: float, y: float) -> Word:
        return Word(text, (x, y, x + 40, y + 12), 11.0)

    names = ("Resubmit", "Recirculate")
    words = [word(t, 90 + 45 * k, y) for y in (60.0, 290.0) for k, t in enumerate(names)]
    header = Text("1", 1, (90, 60, 175, 72), 0, "Resubmit Recirculate", "header")
    document = Document("x.pdf", "0" * 64, Parser("made"), (Page(1, 595, 842),), (header,))
    found = recover_figures(document, lambda _: Drawing(595, 842, tuple(words)))
    assert [b.content for b in found.blocks] == ["Resubmit Recirculate"] * 2


def test_paint_in_a_corner_of_the_page_is_no_part_of_the_drawing_beside_it(make_pdf: Make) -> None:
    def slide(c: Canvas) -> None:
        c.setFillColor(lightgrey)
        wave = c.beginPath()
        wave.moveTo(0, 540)
        wave.lineTo(0, 378)
        wave.curveTo(240, 380, 300, 430, 520, 460)
        wave.curveTo(640, 480, 800, 470, 927, 540)
        c.drawPath(wave, stroke=0, fill=1)
        c.setFillColor("black")
        c.setFont("Helvetica", 28)
        c.drawString(60, 460, "How it is kept")
        prose(c, 60, 360)
        c.drawInlineImage(Image.effect_noise((240, 180), 90), 529, 80, 377, 280)

    (figure,) = recovered(make_pdf(slide, size=(960, 540))).figures
    assert figure.bbox is not None
    assert iou(figure.bbox, (529, 180, 906, 460)) > 0.9
