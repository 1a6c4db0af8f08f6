"""Scanned pages read without weights: upright, in order, figures cut out, boxes back on the page as shown."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.errors import SettingsError
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.mineru.local import LocalSettings, parse_local
from dic_ingest.model.box import Box, iou
from dic_ingest.model.document import Document, Figure, Heading, Parser, Table
from dic_ingest.model.drawing import Word
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.scan.deskew import Turn, turn_of
from dic_ingest.sources.scan.document import PdfSource, read_scans, restored
from dic_ingest.sources.scan.lines import joined, lines_of, paragraphs_of, reading_order
from dic_ingest.sources.scan.page import Ink
from dic_ingest.sources.settings import ScanSettings

SIZE = (827, 1170)  # A4 at 100 dpi
PER_POINT = 100 / 72
FIGURE = (200, 466, 626, 666)  # pixels
BODY = (
    "Every parcel is weighed at the counter before it",
    "goes into the sorting hall. Figure 1 shows its way",
    "through the house from the counter to the van.",
)
LATER = ("Parcels that nobody wants are kept for two weeks", "and then go back to where they came from.")


def page_picture() -> Image.Image:
    """A page with a title, two paragraphs, and between them a drawing with its caption."""
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.text((130, 130), "Sorting parcels", fill="black", font=ImageFont.load_default(36))
    font = ImageFont.load_default(20)
    for number, line in enumerate(BODY):
        draw.text((130, 250 + 28 * number), line, fill="black", font=font)
    x0, y0, x1, y1 = FIGURE
    for box, word in (((x0, y0, x0 + 160, y0 + 74), "Counter"), ((x1 - 160, y1 - 74, x1, y1), "Delivery")):
        draw.rectangle(box, outline="black", width=3)
        draw.text((box[0] + 40, box[1] + 24), word, fill="black", font=font)
    draw.line((x0 + 80, y0 + 74, x0 + 80, y1 - 37, x1 - 160, y1 - 37), fill="black", width=3)
    draw.polygon(((x1 - 160, y1 - 37), (x1 - 178, y1 - 46), (x1 - 178, y1 - 28)), fill="black")
    draw.text((260, 700), "Figure 1: Way through the house.", fill="black", font=ImageFont.load_default(18))
    for number, line in enumerate(LATER):
        draw.text((130, 800 + 28 * number), line, fill="black", font=font)
    return image


def scan_of(path: Path, *pictures: Image.Image, layer: bool = False) -> Path:
    """A PDF of page pictures; with `layer`, the words of the first paragraph lie invisible on them."""
    canvas = Canvas(str(path), invariant=True)
    for picture in pictures:
        width, height = (v / PER_POINT for v in picture.size)
        canvas.setPageSize((width, height))
        data = io.BytesIO()
        picture.save(data, "PNG")
        data.seek(0)
        canvas.drawImage(ImageReader(data), 0, 0, width, height)
        if layer:
            text = canvas.beginText()
            text.setTextRenderMode(3)
            text.setFont("Helvetica", 14)
            for number, line in enumerate((*BODY, *LATER)):
                text.setTextOrigin(96, height - (268 + 28 * number + (466 if number > 2 else 0)) / PER_POINT)
                text.textOut(line.replace("parcel", "PARCEL"))
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def bare(pdf: PdfFile) -> Document:
    return Document("scan.pdf", pdf.sha256, Parser("mineru", "4", "flash"), pdf.pages, ())


def read(path: Path, settings: ScanSettings | None = None) -> tuple[Document, PdfSource]:
    with PdfFile(path) as pdf:
        document, opened = read_scans(bare(pdf), pdf, settings)
        document = recover_figures(document, opened.drawing)
        crops = [opened.render(f.page, f.bbox, 75) for f in document.figures]
        assert all(c.size[0] > 10 for c in crops)
        return restored(document, opened), opened


def is_right(document: Document) -> Figure:
    """The page of `page_picture`, read; gives its figure."""
    assert [b.type for b in document.blocks] == ["heading", "text", "figure", "text"]
    heading, text, figure, later = document.blocks
    assert isinstance(heading, Heading) and heading.text == "Sorting parcels"
    assert text.content == " ".join(BODY) and later.content == " ".join(LATER)
    assert isinstance(figure, Figure)
    assert (figure.label, figure.printed_caption) == ("Figure 1", "Way through the house.")
    assert sorted(w.text for w in figure.embedded_words) == ["Counter", "Delivery"]
    assert all(0.5 < w.confidence <= 1.0 for w in figure.embedded_words)
    return figure


def test_a_page_is_read_whole(tmp_path: Path) -> None:
    document, _ = read(scan_of(tmp_path / "scan.pdf", page_picture()))
    figure = is_right(document)
    assert figure.bbox is not None and figure.rotation == 0
    assert iou(figure.bbox, tuple(v / PER_POINT for v in FIGURE)) > 0.9  # type: ignore[arg-type]
    assert [w.code for w in document.warnings] == ["scans_read"]
    assert len({b.id for b in document.blocks}) == 4


@pytest.mark.parametrize(
    ("turn", "rotation"),
    [(Image.Transpose.ROTATE_90, 90), (Image.Transpose.ROTATE_180, 180), (Image.Transpose.ROTATE_270, 270)],
)
def test_turned_pages_are_put_upright(tmp_path: Path, turn: Image.Transpose, rotation: int) -> None:
    picture = page_picture().transpose(turn)
    document, opened = read(scan_of(tmp_path / "scan.pdf", picture))
    figure = is_right(document)
    assert figure.rotation == rotation  # clockwise, and PIL turns counter-clockwise
    assert opened.pages[0].width == pytest.approx(SIZE[0] / PER_POINT, abs=1)
    assert document.pages[0].width == pytest.approx(picture.width / PER_POINT, abs=1)
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).rectangle(FIGURE, fill=255)
    shown = mask.transpose(turn).getbbox()
    assert shown is not None and figure.bbox is not None
    assert iou(figure.bbox, tuple(v / PER_POINT for v in shown)) > 0.9  # type: ignore[arg-type]


def test_skewed_pages_are_put_upright(tmp_path: Path) -> None:
    picture = page_picture().rotate(2.5, Image.Resampling.BICUBIC, fillcolor="white")
    document, opened = read(scan_of(tmp_path / "scan.pdf", picture))
    is_right(document)
    assert opened.read[1].turn.skew == pytest.approx(-2.5, abs=0.4)


def test_a_text_layer_that_was_set_aside_is_used(tmp_path: Path) -> None:
    from dic_ingest.sources.pdf.text_layer import scan_figure

    with PdfFile(scan_of(tmp_path / "scan.pdf", page_picture(), layer=True)) as pdf:
        page = pdf.pages[0]
        stand_in = scan_figure(1, (0.0, 0.0, page.width, page.height))
        start = Document("", pdf.sha256, Parser("mineru", "4", "flash"), pdf.pages, (stand_in,))
        document, _ = read_scans(start, pdf)
    assert " ".join(BODY).replace("parcel", "PARCEL") in [b.content for b in document.blocks]
    assert [b for b in document.blocks if isinstance(b, Figure)]


def test_one_scan_among_other_pages(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", 12)
    for number in range(12):
        canvas.drawString(
            72, 760 - 16 * number, f"Line {number} of the first page, which is written, not scanned."
        )
    canvas.showPage()
    data = io.BytesIO()
    page_picture().save(data, "PNG")
    data.seek(0)
    canvas.drawImage(ImageReader(data), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    with PdfFile(path) as pdf:
        document = parse_local(path, LocalSettings(tier="flash"), pdf=pdf)
        first = [b for b in document.blocks if b.page == 1]
        document, opened = read_scans(document, pdf)
        document = recover_figures(document, opened.drawing)
    assert list(opened.read) == [2]
    assert [b.content for b in document.blocks if b.page == 1] == [b.content for b in first]
    assert [b.type for b in document.blocks if b.page == 2] == ["heading", "text", "figure", "text"]
    assert [b.order for b in document.blocks] == list(range(len(document.blocks)))


def test_a_page_that_is_one_drawing_stays_one_figure(tmp_path: Path) -> None:
    drawing = page_picture().crop((FIGURE[0] - 30, FIGURE[1] - 30, FIGURE[2] + 30, FIGURE[3] + 30))
    path = scan_of(tmp_path / "scan.pdf", drawing)
    with PdfFile(path) as pdf:
        document, opened = read_scans(parse_local(path, LocalSettings(tier="flash"), pdf=pdf), pdf)
    assert not opened.read and [b.type for b in document.blocks] == ["figure"]


def test_it_can_be_switched_off_and_bounded(tmp_path: Path) -> None:
    path = scan_of(tmp_path / "scan.pdf", page_picture(), page_picture())
    with PdfFile(path) as pdf:
        document, opened = read_scans(bare(pdf), pdf, ScanSettings(ocr="off"))
        assert document == bare(pdf) and not opened.read
        document, opened = read_scans(bare(pdf), pdf, ScanSettings(max_pages=0))
        assert not opened.read and [w.code for w in document.warnings] == ["scan_limit"]


def test_parsers_that_read_scans_keep_precedence(tmp_path: Path) -> None:
    with PdfFile(scan_of(tmp_path / "scan.pdf", page_picture())) as pdf:
        other = Document("", pdf.sha256, Parser("mineru", "4", "standard"), pdf.pages, ())
        document, opened = read_scans(other, pdf)
    assert document is other and not opened.read


@pytest.mark.parametrize("wrong", [{"ocr": "yes"}, {"max_pages": -1}, {"megapixels": 0.0}, {"threads": 0}])
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        ScanSettings(**wrong)  # type: ignore[arg-type]


# --- the parts


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from((0, 90, 180, 270)), st.floats(-5, 5), st.floats(0, 90), st.floats(0, 190))
def test_a_turn_goes_forward_and_back(quarter: int, skew: float, x: float, y: float) -> None:
    turn = Turn(100.0, 200.0, quarter, skew)
    px, py = turn.forward((x, y))
    box = turn.back((px, py, px, py))
    assert box == pytest.approx((x, y, x, y), abs=1e-6)


def test_a_turn_of_points_is_the_turn_of_pixels() -> None:
    picture = Image.new("L", (100, 200))
    picture.putpixel((10, 20), 255)
    for quarter in (90, 180, 270):
        turn = Turn(100.0, 200.0, quarter)
        place = turn.picture(picture).getbbox()
        assert place is not None
        assert turn.forward((10.5, 20.5)) == pytest.approx((place[0] + 0.5, place[1] + 0.5))


def test_the_turn_is_what_most_letters_say() -> None:
    upright = Word("short", (0, 0, 40, 10), 7.5, 0.0)
    down = [Word("much longer text", (50, 0, 60, 100), 7.5, 91.0)] * 3
    turn = turn_of([upright, *down], 200, 300)
    assert (turn.quarter, turn.skew) == (90, 1.0)
    assert turn_of([], 200, 300).still
    assert turn.word(down[0]).angle == 0.0
    x0, y0, x1, y1 = turn.word(down[0]).bbox
    assert x1 - x0 > 8 * (y1 - y0)


def words_at(*placed: tuple[str, float, float]) -> list[Word]:
    return [Word(t, (x, y, x + 6.0 * len(t), y + 10.0), 7.5) for t, x, y in placed]


def test_lines_do_not_cross_the_areas_of_columns() -> None:
    words = words_at(("left", 0, 0), ("right", 30, 0), ("more", 0, 14), ("here", 30, 14))
    assert len(lines_of(words)) == 2
    assert len(lines_of(words, areas=[(0, 0, 27, 30), (28, 0, 90, 30)])) == 4


def test_paragraphs_end_early_or_begin_set_in() -> None:
    words = words_at(
        ("a_long_line_that_is_full", 0, 0),
        ("ends", 0, 12),
        ("b_long_line_that_is_full", 0, 24),
        ("c_long_line_set_in_here", 12, 36),
    )
    assert [joined(p) for p in paragraphs_of(lines_of(words))] == [
        "a_long_line_that_is_full ends",
        "b_long_line_that_is_full",
        "c_long_line_set_in_here",
    ]


def test_joining_dissolves_hyphens_and_spaces_no_ideographs() -> None:
    assert joined([words_at(("a", 0, 0), ("com-", 10, 0)), words_at(("puter", 0, 12))]) == "a computer"
    assert joined([words_at(("商品", 0, 0)), words_at(("货币", 0, 12), ("GDP", 20, 12))]) == "商品货币 GDP"


ORDERS: list[tuple[list[Box], list[int]]] = [
    # a title over two columns, a figure across both, two columns again
    (
        [
            (0, 0, 100, 8),
            (0, 10, 45, 40),
            (55, 10, 100, 30),
            (0, 50, 100, 70),
            (0, 80, 45, 99),
            (55, 80, 100, 99),
        ],
        [0, 1, 2, 3, 4, 5],
    ),
    # columns whose paragraphs happen to end level, a page number below in the middle
    (
        [(0, 0, 45, 20), (55, 0, 100, 20), (0, 30, 45, 50), (55, 30, 100, 50), (40, 60, 60, 65)],
        [0, 2, 1, 3, 4],
    ),
    ([(0, 20, 100, 30), (0, 0, 100, 10)], [1, 0]),
    ([], []),
]


@pytest.mark.parametrize(("boxes", "expected"), ORDERS)
def test_reading_order(boxes: list[Box], expected: list[int]) -> None:
    assert reading_order(boxes, 8.0) == expected


def test_ink_leaves_words_and_shadows_out() -> None:
    picture = page_picture()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 9, SIZE[1]), fill=(60, 60, 60))  # the lid of the scanner
    text = [(120.0, 120.0, 740.0, 350.0), (120.0, 690.0, 740.0, 870.0)]
    patches = Ink(picture, text).patches()
    assert len(patches) == 1 and iou(patches[0], FIGURE) > 0.9


@pytest.mark.corpus
def test_real_scans_turned_four_ways(corpus: Path) -> None:
    path = next((corpus / "pdf").glob("*nemotron_multipage.pdf"))
    with PdfFile(path) as pdf:
        document, opened = read_scans(bare(pdf), pdf)
    said = [b.content for b in document.blocks]
    assert len(said) == 4 and len(set(said)) == 1 and len(said[0].split()) > 10
    assert [opened.read[n].turn.quarter for n in range(1, 5)] == [0, 180, 90, 270]


@pytest.mark.corpus
def test_real_scan_with_engravings_beside_the_text(corpus: Path) -> None:
    path = next((corpus / "pdf").glob("*Vicksburg*.pdf"))
    with PdfFile(path) as pdf:
        document, opened = read_scans(parse_local(path, LocalSettings(tier="flash"), pdf=pdf), pdf)
        document = recover_figures(document, opened.drawing)
    assert [len([f for f in document.figures if f.page == n]) for n in (1, 2, 3, 4)] == [1, 1, 3, 0]
    assert not any(isinstance(b, Table) for b in document.blocks)
    assert sum(len(b.content.split()) for b in document.blocks) > 2000
