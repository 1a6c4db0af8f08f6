"""Drawings that office files hold as data: slides made with python-pptx, read back as exact graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dic_ingest.model.box import Box
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document, Figure, Heading, Text
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings
from dic_ingest.sources.pdf.document import PdfFile

pptx = pytest.importorskip("pptx", reason="the office extra is not installed")
from pptx.enum.dml import MSO_LINE  # noqa: E402
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE  # noqa: E402
from pptx.oxml.ns import qn  # noqa: E402
from pptx.util import Pt  # noqa: E402

ALONE = OfficeSettings(libreoffice="off")


class Slide:
    """A slide to draw on, in points."""

    def __init__(self, layout: int = 6) -> None:
        self.show = pptx.Presentation()
        self.slide = self.show.slides.add_slide(self.show.slide_layouts[layout])

    def box(
        self, text: str, x: float, y: float, w: float = 100, h: float = 40, shape: Any = MSO_SHAPE.RECTANGLE
    ) -> Any:
        made = self.slide.shapes.add_shape(shape, Pt(x), Pt(y), Pt(w), Pt(h))
        made.text_frame.text = text
        return made

    def text(self, text: str, x: float, y: float, w: float = 60, h: float = 20) -> Any:
        made = self.slide.shapes.add_textbox(Pt(x), Pt(y), Pt(w), Pt(h))
        made.text_frame.text = text
        made.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
        return made

    def line(self, x0: float, y0: float, x1: float, y1: float, start: bool = False, end: bool = True) -> Any:
        made = self.slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Pt(x0), Pt(y0), Pt(x1), Pt(y1))
        line = made.line._get_or_add_ln()
        for on, name in ((start, "a:headEnd"), (end, "a:tailEnd")):
            if on:
                line.append(line.makeelement(qn(name), {"type": "triangle"}))
        return made

    def joined(self, a: Any, b: Any, **heads: bool) -> Any:
        made = self.line(0, 0, 10, 10, **heads)
        made.begin_connect(a, 3)
        made.end_connect(b, 1)
        return made

    def saved(self, tmp_path: Path) -> Path:
        path = tmp_path / "talk.pptx"
        self.show.save(str(path))
        return path


def _no_pdf(path: Path, pdf: PdfFile) -> Document:
    raise AssertionError("office files are read without a PDF")


def read(path: Path) -> Document:
    with OfficeFile(path, ALONE) as opened:
        return opened.layout("", _no_pdf)


def graph(slide: Slide, tmp_path: Path) -> Diagram:
    """The graph of the only figure."""
    (figure,) = read(slide.saved(tmp_path)).figures
    assert figure.reading is not None
    return figure.reading


def told(diagram: Diagram) -> list[tuple[str, str, str, bool]]:
    names = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return sorted((names[e.source], names[e.target], e.label, e.directed) for e in diagram.edges)


def test_connectors_name_the_shapes_they_join(tmp_path: Path) -> None:
    s = Slide()
    a, b, c = (
        s.box("Read", 50, 50),
        s.box("Whole?", 250, 40, 120, 60, MSO_SHAPE.DIAMOND),
        s.box("Keep", 500, 50),
    )
    s.joined(a, b)
    s.joined(b, c)
    s.joined(c, a, start=True, end=False)  # an arrowhead at its start: it runs from Read to Keep
    found = graph(s, tmp_path)
    assert told(found) == [
        ("Read", "Keep", "", True),
        ("Read", "Whole?", "", True),
        ("Whole?", "Keep", "", True),
    ]
    assert found.kind is Kind.FLOWCHART and found.direction == "LR"
    assert {n.label: n.shape for n in found.nodes} == {"Read": "rect", "Whole?": "diamond", "Keep": "rect"}


def test_a_diamond_without_words_is_a_mark_of_aggregation_and_no_decision(tmp_path: Path) -> None:
    s = Slide()
    s.box("Order", 50, 50)
    mark = s.box("", 150, 62, 16, 16, MSO_SHAPE.DIAMOND)
    s.joined(mark, s.box("Item", 300, 50))
    assert graph(s, tmp_path).kind is Kind.BLOCK


def test_free_lines_end_at_the_shape_that_is_nearest(tmp_path: Path) -> None:
    s = Slide()
    s.box("A", 50, 50)
    s.box("B", 300, 50)
    s.box("C", 50, 200)
    s.line(152, 70, 298, 70)  # ends beside the outlines
    s.line(100, 92, 100, 185, end=False)  # stops 15 points short of C, and points at it
    s.line(400, 300, 480, 300)  # ends on nothing
    assert told(graph(s, tmp_path)) == [("A", "B", "", True), ("A", "C", "", False)]


def test_lines_that_meet_are_one_net(tmp_path: Path) -> None:
    s = Slide()
    for name, y in (("A", 50), ("B", 150)):
        s.box(name, 50, y)
        s.line(150, y + 20, 250, y + 20, end=False)
    s.line(250, 70, 250, 170, end=False)
    s.line(250, 120, 350, 120)
    s.box("C", 350, 100)
    assert told(graph(s, tmp_path)) == [("A", "C", "", True), ("B", "C", "", True)]


def test_text_beside_a_line_and_in_its_gap_is_its_label(tmp_path: Path) -> None:
    s = Slide()
    a, b = s.box("A", 50, 50), s.box("B", 350, 50)
    s.joined(a, b)
    s.text("sends", 220, 50)
    c, d = s.box("C", 50, 250), s.box("D", 400, 250)
    gap = s.text("asks", 250, 260)
    s.joined(c, gap, end=False)
    s.joined(gap, d)
    assert told(graph(s, tmp_path)) == [("A", "B", "sends", True), ("C", "D", "asks", True)]


def test_frames_hold_their_nodes_and_have_titles(tmp_path: Path) -> None:
    s = Slide()
    s.box("", 30, 30, 300, 150)
    s.text("Backend", 40, 34)
    a, b = s.box("A", 50, 80), s.box("B", 200, 80)
    c = s.box("C", 450, 80)
    s.joined(a, b)
    s.joined(b, c)
    found = graph(s, tmp_path)
    assert [g.label for g in found.groups] == ["Backend"]
    assert {n.label: n.group is not None for n in found.nodes} == {"A": True, "B": True, "C": False}


def test_groups_and_turns_are_applied(tmp_path: Path) -> None:
    s = Slide()
    group = s.slide.shapes.add_group_shape()
    inner = group.shapes.add_shape(MSO_SHAPE.RECTANGLE, Pt(100), Pt(100), Pt(100), Pt(40))
    inner.text_frame.text = "In"
    group.shapes.add_shape(MSO_SHAPE.OVAL, Pt(220), Pt(100), Pt(80), Pt(40)).text_frame.text = "Oval"
    group.left, group.top, group.width, group.height = Pt(300), Pt(200), Pt(400), Pt(80)  # twice as large
    turned = s.box("Turned", 50, 50, 100, 40)
    turned.rotation = 90
    s.joined(turned, inner)
    with OfficeFile(s.saved(tmp_path), ALONE) as opened:
        (figure,) = opened.layout("", _no_pdf).figures
    assert figure.reading is not None and figure.bbox is not None
    places = {n.label: n.bbox for n in figure.reading.moved(*figure.bbox[:2]).nodes}
    assert places["In"] == pytest.approx((300, 200, 500, 280), abs=0.1)
    assert places["Turned"] == pytest.approx((80, 20, 120, 120), abs=0.1)


def test_a_picture_with_its_name_below_is_one_node(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (40, 40), "navy").save(tmp_path / "icon.png")
    s = Slide()
    icon = s.slide.shapes.add_picture(str(tmp_path / "icon.png"), Pt(60), Pt(60), Pt(40), Pt(40))
    s.text("Gateway", 50, 102)
    s.joined(icon, s.box("Server", 300, 60))
    found = graph(s, tmp_path)
    assert told(found) == [("Gateway", "Server", "", True)]
    assert [n.shape for n in found.nodes] == ["icon", "rect"]


def test_pictures_of_a_deck_are_read_when_they_are_looked_at(tmp_path: Path) -> None:
    """A deck of 30 pictures of 1.4 MB each: opened, it holds none of them."""
    import random
    import tracemalloc

    from PIL import Image

    s = Slide()
    for number in range(30):
        noise = random.Random(number).randbytes(3 * 700 * 700)
        Image.frombytes("RGB", (700, 700), noise).save(tmp_path / "noise.png")
        slide = s.show.slides.add_slide(s.show.slide_layouts[6])
        slide.shapes.add_picture(str(tmp_path / "noise.png"), Pt(50), Pt(50), Pt(300), Pt(300))
    path = s.saved(tmp_path)
    assert path.stat().st_size > 40_000_000
    tracemalloc.start()
    try:
        with OfficeFile(path, ALONE) as opened:
            document = opened.layout("", _no_pdf)
            held, _ = tracemalloc.get_traced_memory()
            picture = opened.render(20, document.figures[18].bbox, 72.0)
    finally:
        tracemalloc.stop()
    assert len(document.figures) == 30 and picture.size == (300, 300)
    assert held < 8_000_000


def test_what_is_no_drawing_stays_text(tmp_path: Path) -> None:
    s = Slide(5)
    s.slide.shapes.title.text = "Agenda"
    s.text("First point", 50, 150, 300)
    s.box(
        "A note in a frame that says a good deal more than any box of a drawing ever would say", 50, 250, 400
    )
    document = read(s.saved(tmp_path))
    assert not document.figures
    assert [type(b) for b in document.blocks] == [Heading, Text, Text]


def test_a_drawing_stands_among_the_text_of_its_slide(tmp_path: Path) -> None:
    s = Slide(5)
    s.slide.shapes.title.text = "Overview"
    s.text("Words above the drawing", 50, 120, 300)
    a, b = s.box("A", 50, 200), s.box("B", 300, 200)
    s.joined(a, b).line.dash_style = MSO_LINE.DASH
    s.text("Words below the drawing", 50, 400, 300)
    document = read(s.saved(tmp_path))
    assert [b.type for b in document.blocks] == ["heading", "text", "figure", "text"]
    figure = document.blocks[2]
    assert isinstance(figure, Figure) and figure.reading is not None
    assert figure.reading.edges[0].style == "dashed" and not figure.reading.notes


def dark(path: Path, box: Box) -> int:
    with OfficeFile(path, ALONE) as opened:
        picture = opened.render(1, box, 72.0).convert("L")
    return sum(v < 160 for v in picture.tobytes())


def test_without_an_office_program_the_shapes_are_drawn_from_their_geometry(tmp_path: Path) -> None:
    s = Slide()
    a, b = s.box("A", 50, 50), s.box("B", 350, 50)
    s.joined(a, b)
    path = s.saved(tmp_path)
    assert dark(path, (160, 60, 340, 80)) >= 150  # the arrow
    assert dark(path, (160, 100, 340, 120)) == 0
    with OfficeFile(path, ALONE) as opened:
        assert [w.text for w in opened.drawing(1).words] == ["A", "B"]


def test_a_plain_line_from_text_to_a_line_leads_to_its_label(tmp_path: Path) -> None:
    s = Slide()
    a, b = s.box("A", 50, 50), s.box("B", 50, 300)
    line = s.line(100, 90, 100, 300)
    line.begin_connect(a, 2)
    line.end_connect(b, 0)
    s.text("asks every hour", 250, 180, 100)
    s.line(260, 190, 101, 190, end=False)
    assert told(graph(s, tmp_path)) == [("A", "B", "asks every hour", True)]


def test_marks_on_a_shape_are_its_members(tmp_path: Path) -> None:
    s = Slide()
    a, b = s.box("Switch", 50, 50, 150, 80), s.box("Host", 350, 50, 150, 80)
    s.box("eth0", 190, 55, 30, 15)  # over the border
    s.box("T", 60, 55, 12, 12)  # a badge inside
    s.joined(a, b)
    found = graph(s, tmp_path)
    assert [(n.label, n.members) for n in found.nodes] == [("Switch", ("eth0", "T")), ("Host", ())]
    assert not found.groups


def test_a_divider_inside_a_shape_is_no_edge(tmp_path: Path) -> None:
    s = Slide()
    a, b = s.box("A", 50, 50, 120, 80), s.box("B", 350, 50, 120, 80)
    s.line(50, 80, 170, 80, end=False)
    s.joined(a, b)
    assert told(graph(s, tmp_path)) == [("A", "B", "", True)]


def test_block_arrows_between_shapes_are_edges(tmp_path: Path) -> None:
    s = Slide()
    s.box("A", 50, 50, 100, 60)
    s.box("writes", 160, 60, 80, 40, MSO_SHAPE.RIGHT_ARROW)
    s.box("B", 250, 50, 100, 60)
    s.box("", 285, 120, 30, 60, MSO_SHAPE.UP_DOWN_ARROW)
    s.box("C", 250, 190, 100, 60)
    s.box("Alone", 500, 400, 100, 60, MSO_SHAPE.RIGHT_ARROW)  # points at nothing: a shape
    found = graph(s, tmp_path)
    assert told(found) == [("A", "B", "writes", True), ("B", "C", "", True)]
    assert len(found.arrows()) == 3  # the upright one has two heads
    assert [n.label for n in found.nodes] == ["A", "B", "C", "Alone"]


def test_a_block_arrow_that_is_turned_keeps_its_direction(tmp_path: Path) -> None:
    s = Slide()
    s.box("Up", 100, 50, 100, 60)
    s.box("Down", 100, 250, 100, 60)
    s.box("", 100, 160, 100, 40, MSO_SHAPE.RIGHT_ARROW).rotation = 270  # points up
    assert told(graph(s, tmp_path)) == [("Down", "Up", "", True)]


def test_chevrons_in_a_row_follow_each_other(tmp_path: Path) -> None:
    s = Slide()
    for number, name in enumerate(("Plan", "Build", "Ship")):
        s.box(name, 50 + 125 * number, 50, 120, 50, MSO_SHAPE.CHEVRON)
    s.box("Other row", 50, 200, 120, 50, MSO_SHAPE.CHEVRON)
    assert told(graph(s, tmp_path)) == [("Build", "Ship", "", True), ("Plan", "Build", "", True)]


def _pdf_of(colors: list[tuple[float, float, float]]) -> Any:
    """Stands for an office program: a PDF with a page of each colour."""

    def convert(source: Path, folder: Path, timeout: float) -> tuple[Path, str]:
        from reportlab.pdfgen.canvas import Canvas

        made = folder / "pdf" / f"{source.stem}.pdf"
        made.parent.mkdir(exist_ok=True)
        canvas = Canvas(str(made), pagesize=(720, 540))
        for color in colors:
            canvas.setFillColorRGB(*color)
            canvas.rect(0, 0, 720, 540, fill=1, stroke=0)
            canvas.showPage()
        canvas.save()
        return made, ""

    return convert


@pytest.mark.parametrize(("pages", "shown"), [(1, (255, 0, 0)), (2, (255, 255, 255))])
def test_an_office_program_shows_the_slides_if_it_gives_as_many(
    pages: int, shown: tuple[int, int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = Slide()
    s.joined(s.box("A", 50, 50), s.box("B", 350, 50))
    monkeypatch.setattr("dic_ingest.sources.office.file.to_pdf", _pdf_of([(1, 0, 0)] * pages))
    with OfficeFile(s.saved(tmp_path), OfficeSettings()) as opened:
        (figure,) = opened.layout("", _no_pdf).figures
        picture = opened.render(1, (200, 300, 210, 310), 72.0)  # where nothing is drawn
        words = [w.text for w in opened.drawing(1).words]
    assert figure.reading is not None and words == ["A", "B"]  # read from the file in both cases
    assert picture.getpixel((5, 5)) == shown


def test_a_title_may_stand_on_the_edge_of_its_frame(tmp_path: Path) -> None:
    s = Slide()
    s.box("", 30, 60, 300, 120)
    s.text("Pod", 140, 40)
    a, b = s.box("A", 50, 90), s.box("B", 200, 90)
    s.joined(a, b)
    found = graph(s, tmp_path)
    assert [g.label for g in found.groups] == ["Pod"]
    assert told(found) == [("A", "B", "", True)]


def test_lines_that_come_out_from_under_a_shape_begin_at_it(tmp_path: Path) -> None:
    slide = Slide()
    slide.box("One", 200, 100, 80, 30)
    slide.box("Two", 200, 200, 80, 30)
    slide.line(120, 60, 200, 115)
    slide.line(120, 60, 200, 215)
    slide.box("Server", 60, 20, 120, 80)
    found = graph(slide, tmp_path)
    assert {(a, b) for a, b, *_ in told(found)} == {("Server", "One"), ("Server", "Two")}
