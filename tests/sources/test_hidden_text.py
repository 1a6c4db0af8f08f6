"""What nobody sees on a page is no text of it; what only stands under a scan is."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdf
import pytest
from PIL import Image, ImageDraw
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.colors import Color, black, red, white
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.model.box import Box
from dic_ingest.model.document import Document, Heading, List, Parser, Table, Text
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.hidden_text import without_hidden
from dic_ingest.sources.settings import PdfLimits

Make = Callable[..., Path]
Draw = Callable[[Canvas], None]
A4 = (595, 842)


def written(c: Canvas, text: str, y: float, color: Color = black, size: float = 11, mode: int = 0) -> None:
    words = c.beginText(70, y)
    words.setFont("Helvetica", size)
    words.setFillColor(color)
    words.setTextRenderMode(mode)
    words.textOut(text)
    words.setTextRenderMode(0)
    c.drawText(words)


def noise() -> ImageReader:
    pixels = np.random.default_rng(7).integers(0, 255, (60, 200, 3), dtype=np.uint8)
    return ImageReader(Image.fromarray(pixels))


def white_on_white(c: Canvas) -> None:
    written(c, "HIDDEN one", 700, white)


def same_colour(c: Canvas) -> None:
    c.setFillColor(red)
    c.rect(60, 690, 200, 30, fill=1)
    written(c, "HIDDEN one", 700, red)


def covered_by_a_shape(c: Canvas) -> None:
    written(c, "HIDDEN one", 700)
    c.setFillColor(red)
    c.rect(60, 690, 200, 30, fill=1)


def covered_by_a_picture(c: Canvas) -> None:
    written(c, "HIDDEN one", 700)
    c.drawImage(noise(), 60, 690, 200, 30)


def not_painted(c: Canvas) -> None:
    written(c, "HIDDEN one", 700, mode=3)


def of_no_size(c: Canvas) -> None:
    written(c, "HIDDEN one", 700, size=0.5)


def in_a_form(c: Canvas) -> None:
    c.beginForm("part")
    written(c, "HIDDEN one", 700, white)
    c.endForm()
    c.doForm("part")


@pytest.mark.parametrize(
    "draw",
    [
        white_on_white,
        same_colour,
        covered_by_a_shape,
        covered_by_a_picture,
        not_painted,
        of_no_size,
        in_a_form,
    ],
)
def test_what_nobody_sees_is_no_word(make_pdf: Make, draw: Draw) -> None:
    def page(c: Canvas) -> None:
        written(c, "Seen text", 760)
        draw(c)
        written(c, "light grey", 400, Color(0.8, 0.8, 0.8))

    path = make_pdf(page, size=A4)
    with PdfFile(path) as pdf:
        drawing = pdf.drawing(1)
        assert [w.text for w in drawing.words] == ["Seen", "text", "light", "grey"]
        assert [w.text for w in drawing.hidden] == ["HIDDEN", "one"]
    with PdfFile(path, limits=PdfLimits(keep_hidden_text=True)) as pdf:
        assert "HIDDEN" in [w.text for w in pdf.drawing(1).words]
        assert pdf.drawing(1).hidden == ()


def test_text_over_pictures_and_fills_is_seen(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        c.drawImage(noise(), 60, 690, 200, 30)
        written(c, "over noise", 700, white)
        c.setFillColor(black)
        c.rect(60, 590, 200, 30, fill=1)
        written(c, "over black", 600, white)

    with PdfFile(make_pdf(page, size=A4)) as pdf:
        assert len(pdf.drawing(1).words) == 4


def picture_of(text: str) -> Image.Image:
    picture = Image.new("RGB", (1190, 1684), "white")
    ImageDraw.Draw(picture).text((140, 260), text, fill="black", font_size=26)
    return picture


def test_the_ocr_layer_of_a_scan_is_text(make_pdf: Make) -> None:
    def unpainted(c: Canvas) -> None:
        c.drawImage(ImageReader(picture_of("Scanned words")), 0, 0, *A4)
        written(c, "Scanned words", 700, mode=3, size=13)

    def painted_under(c: Canvas) -> None:
        written(c, "Scanned words", 700, size=13)
        c.drawImage(ImageReader(picture_of("Scanned words")), 0, 0, *A4)

    with PdfFile(make_pdf(unpainted, painted_under, size=A4)) as pdf:
        assert [[w.text for w in pdf.drawing(n).words] for n in (1, 2)] == [["Scanned", "words"]] * 2


def test_letters_drawn_as_outlines_keep_their_text_layer(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        for k in range(9):
            c.line(72 + 6 * k, 699, 75 + 6 * k, 707)
        written(c, "Outlined", 700, mode=3)

    with PdfFile(make_pdf(page, size=A4)) as pdf:
        assert [w.text for w in pdf.drawing(1).words] == ["Outlined"]


def with_layers(path: Path) -> bytes:
    """The PDF with its marked content /L0 a layer that is off, and /L1 one that is on."""
    writer = pypdf.PdfWriter(clone_from=path)
    groups = []
    for name in ("Old", "New"):
        group = DictionaryObject()
        group.update({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject(name)})
        groups.append(writer._add_object(group))
    resources = writer.pages[0]["/Resources"].get_object()
    named = {NameObject(f"/L{k}"): group for k, group in enumerate(groups)}
    resources[NameObject("/Properties")] = DictionaryObject(named)
    shown = DictionaryObject(
        {NameObject("/OFF"): ArrayObject(groups[:1]), NameObject("/ON"): ArrayObject(groups[1:])}
    )
    layers = {NameObject("/OCGs"): ArrayObject(groups), NameObject("/D"): shown}
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(layers)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_layer_that_is_off_is_neither_text_nor_drawing(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        for name, y, text in (("L0", 600, "Gone"), ("L1", 400, "Here")):
            c._code.append(f"/OC /{name} BDC")
            c.rect(60, y - 20, 200, 60)
            written(c, text, y)
            c._code.append("EMC")

    with PdfFile(with_layers(make_pdf(page, size=A4))) as pdf:
        drawing = pdf.drawing(1)
    assert [w.text for w in drawing.words] == ["Here"]
    assert [w.text for w in drawing.hidden] == ["Gone"]
    assert len(drawing.paths) == 1
    assert drawing.paths[0].bbox[1] > 300


def test_blocks_of_a_parser_lose_the_hidden_words_with_a_warning(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        written(c, "Seen text", 760)
        written(c, "HIDDEN order", 748, white)
        written(c, "HIDDEN title", 600, white)
        written(c, "a HIDDEN b", 500, white)
        written(c, "a", 500)
        written(c, "- item", 300)

    box: Box = (60, 60, 300, 110)
    with PdfFile(make_pdf(page, size=A4)) as pdf:
        blocks = (
            Text("1", 1, box, 0, "Seen text HIDDEN order"),
            Heading("2", 1, (60, 225, 300, 250), 1, "HIDDEN title"),
            Table("3", 1, (60, 325, 300, 350), 2, "<td>a HIDDEN b</td>", "a HIDDEN b"),
            List("4", 1, (60, 525, 300, 550), 3, ("- item",)),
        )
        document = Document("x.pdf", pdf.sha256, Parser("made"), pdf.pages, blocks)
        left = without_hidden(document, pdf)
    assert [b.content for b in left.blocks][:1] == ["Seen text"]
    assert "HIDDEN" not in " ".join(b.content for b in left.blocks)
    assert [b.id for b in left.blocks] == ["1", "3", "4"]
    (warning,) = left.warnings
    assert (warning.code, warning.page) == ("hidden_text", 1)
    assert "page 1 holds hidden text" in warning.message


def test_letters_that_no_typeface_here_can_draw_are_kept(make_pdf: Make) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))  # not embedded; few machines have it

    def page(c: Canvas) -> None:
        c.setFillColor(Color(0.8, 0.9, 1.0))
        c.rect(60, 690, 200, 30, fill=1)
        c.setFillColor(black)
        c.setFont("HYSMyeongJo-Medium", 11)
        c.drawString(70, 700, "요청 수신")
        written(c, "HIDDEN one", 500, white)

    with PdfFile(make_pdf(page, size=A4)) as pdf:
        assert [w.text for w in pdf.drawing(1).words] == ["요청", "수신"]
        assert [w.text for w in pdf.drawing(1).hidden] == ["HIDDEN", "one"]
