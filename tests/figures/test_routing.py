"""Kinds and routes of figures drawn for the test, each with a reason."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.classification.analysis import FigureAnalyses, FigureEvidence
from dic_ingest.classification.classifier import Scales, decoration, weigh
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.kind_decision import calibrated, decide_kind, with_words
from dic_ingest.classification.router import route_figures
from dic_ingest.classification.text_cues import TextCues
from dic_ingest.diagrams.kind_traits import Traits
from dic_ingest.errors import SettingsError
from dic_ingest.figures.settings import RoutingSettings
from dic_ingest.inspector.overlay import draw_overlay
from dic_ingest.model.box import Box
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Hint, Page, Parser, Route
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.sources.pdf.document import PdfFile
from tests.figures.drawn import arrow, box, chain

Make = Callable[..., Path]
CLASSES = ("block", "decoration", "er")
WHOLE = (40.0, 40.0, 360.0, 260.0)


def routed(path: Path, settings: RoutingSettings | None = None, **more: object) -> Route:
    with PdfFile(path) as pdf:
        figure = Figure("f", 1, WHOLE, 0, **more)  # type: ignore[arg-type]
        document = Document("x", pdf.sha256, Parser("made"), pdf.pages, (figure,))
        analyses = FigureAnalyses(pdf.drawing, lambda f: pdf.render(f.page, f.bbox, 100.0))
        done = route_figures(document, analyses, settings)
    route = done.figures[0].route
    assert route is not None
    assert route.reason
    assert 0.0 <= route.score <= 1.0
    return route


def pictured(picture: Image.Image, where: Box = WHOLE, **more: object) -> Route:
    """Route of a figure that is one placed picture among text."""
    drawing = Drawing(600, 800, images=(PlacedImage(where, picture.size),))
    figure = Figure("f", 2, where, 0, **more)  # type: ignore[arg-type]
    pages = tuple(Page(n, 600, 800) for n in (1, 2, 3))
    document = Document("x", "0" * 64, Parser("made"), pages, (figure,))
    route = route_figures(document, FigureAnalyses(lambda n: drawing, lambda f: picture)).figures[0].route
    assert route is not None
    return route


def flow(c: Canvas) -> None:
    chain(c, 45, 180)
    c.saveState()
    c.translate(210, 100)
    c.rotate(45)
    c.rect(-20, -20, 40, 40)
    c.restoreState()
    arrow(c, 90, 180, 100)


def lanes(c: Canvas) -> None:
    for k, name in enumerate(("Client", "Server", "Store")):
        c.rect(50 + 120 * k, 230, 60, 24)
        c.drawString(58 + 120 * k, 238, name)
        c.line(80 + 120 * k, 230, 80 + 120 * k, 50)
    for k, text in enumerate(("ask", "read", "answer")):
        c.drawString(100 + 120 * (k % 2), 194 - 40 * k, text)
        arrow(c, 80 + 120 * (k % 2), 200 + 120 * (k % 2), 190 - 40 * k)


def test_boxes_and_decisions_are_a_flowchart(make_pdf: Make) -> None:
    assert routed(make_pdf(flow)).kind == Kind.FLOWCHART


def test_lifelines_with_messages_are_a_sequence(make_pdf: Make) -> None:
    route = routed(make_pdf(lanes))
    assert (route.route, route.kind) == ("diagram", Kind.SEQUENCE)


def test_numbers_along_an_axis_are_a_chart(make_pdf: Make) -> None:
    def chart(c: Canvas) -> None:
        c.line(80, 60, 80, 240)
        c.line(80, 60, 350, 60)
        for k in range(6):
            c.drawRightString(76, 57 + 30 * k, str(10 * k))
            c.drawCentredString(100 + 45 * k, 46, str(2015 + k))
        c.lines([(100 + 45 * k, 80 + 20 * k, 145 + 45 * k, 100 + 20 * k) for k in range(5)])

    assert routed(make_pdf(chart)).route == "chart"


def test_a_grainy_picture_is_a_photo() -> None:
    rng = random.Random(3)
    cells = Image.frombytes("RGB", (48, 32), rng.randbytes(48 * 32 * 3))
    assert pictured(cells.resize((480, 320), Image.Resampling.BICUBIC)).route == "photo"


def test_drawn_axes_in_pixels_are_a_chart() -> None:
    plot = Image.new("RGB", (480, 320), "white")
    pen = ImageDraw.Draw(plot)
    pen.line((60, 20, 60, 280), fill="black", width=2)
    pen.line((60, 280, 450, 280), fill="black", width=2)
    pen.line([(60 + 13 * k, 260 - 7 * k) for k in range(30)], fill="blue", width=2)
    for k in range(6):
        pen.text((62 + 75 * k, 288), str(2019 + k), fill="black")
        pen.text((30, 266 - 48 * k), str(20 * k), fill="black")
    assert pictured(plot).kind == Kind.CHART


def test_the_caption_tips_what_pixels_leave_open() -> None:
    form = Image.new("RGB", (480, 320), (240, 240, 240))
    pen = ImageDraw.Draw(form)
    pen.rectangle((60, 60, 420, 260), fill="white", outline="grey")
    pen.rectangle((60, 60, 420, 84), fill="#d0d4da", outline="grey")
    for y in range(100, 196, 24):
        pen.text((80, y), "Name of the entry", fill="black")
        pen.rectangle((220, y - 2, 400, y + 14), outline="grey")
    said = {
        "Screenshot of the dialog": Kind.SCREENSHOT,
        "Class diagram of entries": Kind.CLASS,
    }
    for caption, kind in said.items():
        assert pictured(form, label="Figure 1", printed_caption=caption).kind == kind
    grey = Image.new("RGB", (480, 320), (240, 240, 240))
    ImageDraw.Draw(grey).rectangle((100, 100, 300, 200), outline="black")
    assert (
        pictured(grey, label="Figure 1", printed_caption="Screenshot of the dialog").kind == Kind.SCREENSHOT
    )
    assert (
        pictured(grey, label="Figure 1", printed_caption="Sequence diagram of a login").kind == Kind.SEQUENCE
    )


def test_what_the_parser_knew_counts() -> None:
    grey = Image.new("RGB", (480, 320), (240, 240, 240))
    assert pictured(grey, hint=Hint("mineru_vlm", "natural_image")).kind == Kind.PHOTO


def test_a_sliver_is_decoration_unless_it_is_captioned(make_pdf: Make) -> None:
    path = make_pdf(lambda c: c.rect(40, 100, 300, 10))
    with PdfFile(path) as pdf:
        pages, sha = pdf.pages, pdf.sha256
        boxes = (
            Figure("a", 1, (40.0, 190.0, 340.0, 200.0), 0),
            Figure("b", 1, (40.0, 190.0, 340.0, 200.0), 1, "Figure 1"),
        )
        document = Document("x", sha, Parser("made"), pages, boxes)
        done = route_figures(document, FigureAnalyses(pdf.drawing, lambda f: pdf.render(1, f.bbox, 72.0)))
    assert [f.route.route == "decoration" for f in done.figures if f.route] == [True, False]


def test_a_picture_in_a_corner_is_decoration_unless_a_drawing_is_seen_in_it() -> None:
    corner = (200.0, 0.0, 600.0, 300.0)
    shades = np.random.default_rng(1).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    photo = Image.fromarray(shades).resize((400, 300), Image.Resampling.BICUBIC)
    assert pictured(photo, corner).route == "decoration"
    drawn = Image.open(Path(__file__).parents[2] / "samples" / "flowchart.png").convert("RGB")
    assert pictured(drawn, corner).route == "diagram"


def test_kinds_may_be_denied_or_chosen(make_pdf: Make) -> None:
    path = make_pdf(lanes)
    assert routed(path, RoutingSettings(deny=frozenset({"sequence"}))).route == "skipped"
    assert routed(path, RoutingSettings(allow=frozenset({"photo"}))).route == "skipped"
    assert routed(path, RoutingSettings(allow=frozenset({"sequence"}))).route == "diagram"
    with pytest.raises(SettingsError, match="unicorn"):
        RoutingSettings(deny=frozenset({"unicorn"}))


def test_a_budget_skips_and_says_so(make_pdf: Make) -> None:
    with PdfFile(make_pdf(lanes)) as pdf:
        figures = tuple(Figure(f"f{i}", 1, WHOLE, i) for i in range(3))
        document = Document("x", pdf.sha256, Parser("made"), pdf.pages, figures)
        analyses = FigureAnalyses(pdf.drawing, lambda f: pdf.render(1, f.bbox))
        done = route_figures(document, analyses, RoutingSettings(max_per_page=2))
    routes = [f.route for f in done.figures if f.route]
    assert [r.route for r in routes] == ["diagram", "diagram", "skipped"]
    assert routes[2].reason.startswith("budget")


def test_overlay_draws_boxes_of_its_page_only() -> None:
    route = Route("diagram", Kind.BLOCK, 0.9, "boxes")
    figures = (
        Figure("a", 1, (20.0, 40.0, 80.0, 90.0), 0, label="图 1", route=route),
        Figure("b", 2, (0.0, 0.0, 9.0, 9.0), 1),
    )
    document = Document("x", "0" * 64, Parser("made"), (), figures)
    page = Image.new("RGB", (200, 200), "white")
    drawn = draw_overlay(page, 72.0, document, 1)
    assert drawn.getpixel((20, 70)) == (200, 30, 30)
    assert drawn.getpixel((4, 4)) == (255, 255, 255)
    assert page.getpixel((20, 70)) == (255, 255, 255)


def test_words_for_a_network_speak_for_a_block_diagram_too() -> None:
    # what tells the two apart is pictures alone; marks at lines must not outweigh a caption
    drawn = Features(**dict.fromkeys(Features.__dataclass_fields__, 0))  # type: ignore[arg-type]
    seen = FigureEvidence(drawn, None, {}, Traits(boxes=6, connectors=8, feet=6, undirected=1.0), False)
    assert weigh(seen).verdict().kind is Kind.ER
    share = {
        name: with_words(np.array([0.3, 0.1, 0.6]), Scales(), CLASSES, TextCues(hints))[0]
        for name, hints in (("plain", {}), ("called", {Kind.TOPOLOGY: (0.9, "network")}))
    }
    assert share["called"] > share["plain"] + 0.2
    boxes = replace(seen, traits=Traits(boxes=8, connectors=7, undirected=1.0))
    assert (
        decide_kind(boxes, TextCues({Kind.TOPOLOGY: (0.9, "Topology")})).kind is Kind.TOPOLOGY
    )  # its author calls it so


def test_a_title_on_a_coloured_shape_is_decoration_with_a_logo_on_it_too() -> None:
    none = Features(**dict.fromkeys(Features.__dataclass_fields__, 0))  # type: ignore[arg-type]
    slide = replace(none, page_share=0.75, words=2, big_words=2, boxes=1, paths=2, images=1, image_share=0.06)
    found = decoration(slide, False)
    assert found is not None and found.kind is Kind.DECORATION
    assert decoration(replace(slide, connectors=3), False) is None
    assert decoration(replace(slide, image_share=0.6), False) is None


def test_a_drawing_in_a_document_is_a_block_diagram_where_nothing_else_decides(make_pdf: Make) -> None:
    def hub(c: Canvas) -> None:
        box(c, 160, 130, "Middle", 80, 80)
        for turn, (x, y, name) in enumerate(
            ((300, 155, "North"), (170, 270, "East"), (40, 155, "South"), (170, 40, "West"))
        ):
            box(c, x, y, name, 60, 30)
            c.saveState()
            c.translate(200, 170)
            c.rotate(90 * turn)
            arrow(c, 40, 100, 0)
            c.restoreState()

    found = routed(make_pdf(hub, size=(400, 340)))
    assert found.kind is Kind.BLOCK


def test_what_is_captioned_is_no_decoration_and_doubtful_decoration_is_none() -> None:
    def share(trees: float, captioned: bool) -> float:
        shares = np.array([0.5 * (1 - trees), trees, 0.5 * (1 - trees)])
        return float(with_words(shares, Scales(), CLASSES, TextCues(captioned=captioned))[1])

    assert share(0.99, False) > 0.5
    assert share(0.99, True) == 0.0
    assert share(0.2, False) == 0.0


def test_a_score_says_how_often_such_answers_are_right() -> None:
    scores = [calibrated(n / 20) for n in range(21)]
    assert scores == sorted(scores)
    assert 0.2 < scores[0] < scores[-1] < 1.0
