"""Panels of a figure, and figures that go on over a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.classification.analysis import FigureAnalyses
from dic_ingest.classification.router import route_figures
from dic_ingest.figures.labels import opens_caption, split_label
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.references import link_references
from dic_ingest.model.box import inside
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Route
from dic_ingest.nodes import to_nodes
from tests.figures.drawn import chain, parsed, prose

Make = Callable[..., Path]
A4 = (595, 842)


def recovered(path: Path) -> Document:
    document, drawings = parsed(path)
    document = link_references(recover_figures(document, lambda n: drawings[n - 1]))
    blank = Image.new("RGB", (200, 100), "white")
    return route_figures(document, FigureAnalyses(lambda n: drawings[n - 1], lambda f: blank))


def text_of(document: Document) -> str:
    return "\n".join(b.content for b in document.blocks if b.type != "figure")


def side_by_side(c: Canvas) -> None:
    prose(c, 70, 780)
    c.drawString(70, 725, "It fills up as Figure 2b has it.")
    chain(c, 60, 640, ("Read", "Wait"))
    chain(c, 320, 640, ("Queue", "Store"))
    c.setFont("Helvetica", 9)
    c.drawCentredString(160, 622, "(a) Before the change was made")
    c.drawCentredString(420, 622, "(b) After the change was made")
    c.drawString(70, 598, "Figure 2: Two ways through the service.")
    prose(c, 70, 560)


def stacked(c: Canvas) -> None:
    prose(c, 70, 780)
    for letter, y in (("a", 660), ("b", 590), ("c", 520)):
        chain(c, 150, y, (f"In {letter}", f"Out {letter}"))
        c.drawCentredString(250, y - 13, f"({letter})")
    c.drawString(70, 480, "Figure 5. Routes: (a) direct, (b) by way of a cache and (c) by hand.")
    prose(c, 70, 440)


def test_panels_are_children_of_one_whole_figure(make_pdf: Make) -> None:
    document = recovered(make_pdf(side_by_side, size=A4))
    whole, *parts = document.figures
    assert whole.label == "Figure 2" and not whole.parent and whole.route is not None and whole.route.kept
    assert {"Read", "Wait", "Queue", "Store", "Before", "After"} <= {w.text for w in whole.embedded_words}
    assert [(p.label, p.printed_caption, p.parent) for p in parts] == [
        ("Figure 2 (a)", "Before the change was made", whole.id),
        ("Figure 2 (b)", "After the change was made", whole.id),
    ]
    assert [[w.text for w in p.embedded_words] for p in parts] == [["Read", "Wait"], ["Queue", "Store"]]
    assert all(p.bbox and whole.bbox and inside(p.bbox, whole.bbox, 0.99) for p in parts)
    assert "Before the change" not in text_of(document)


def test_only_the_whole_figure_is_kept_and_panels_say_why_not(make_pdf: Make) -> None:
    _, *parts = recovered(make_pdf(side_by_side, size=A4)).figures
    assert [p.route and (p.route.kept, p.route.reason) for p in parts] == [(False, "part of Figure 2")] * 2


def test_panels_one_above_the_other_take_their_text_from_the_caption(make_pdf: Make) -> None:
    _, *parts = recovered(make_pdf(stacked, size=A4)).figures
    assert [(p.label, p.printed_caption) for p in parts] == [
        ("Figure 5 (a)", "direct"),
        ("Figure 5 (b)", "by way of a cache and"),
        ("Figure 5 (c)", "by hand"),
    ]
    assert [[w.text for w in p.embedded_words] for p in parts] == [["In", x, "Out", x] for x in "abc"]


def test_nodes_of_a_figure_and_of_its_panels_keep_their_words(make_pdf: Make) -> None:
    document = recovered(make_pdf(side_by_side, size=A4))
    whole, first, second = [n for n in to_nodes(document) if n.type == "figure"]
    assert first.parent == second.parent == whole.id
    assert all(word in whole.text for word in ("Read", "Wait", "Queue", "Store"))
    assert "Queue" in second.text and "Queue" not in first.text
    assert "Part of Figure 2: Two ways through the service" in first.text
    speaking = [n for n in to_nodes(document) if "Figure 2b has it" in n.text and n.type != "figure"]
    assert speaking and set(str(speaking[0].metadata["refers_to"]).split(",")) == {whole.id, second.id}


def test_panels_of_what_is_left_out_are_no_nodes(make_pdf: Make) -> None:
    document = recovered(make_pdf(side_by_side, size=A4))
    table = Route("table", Kind.TABLE, 1.0, "rows")
    document = document.replace_figures(lambda f: f if f.parent else replace(f, route=table))
    assert "figure" not in {n.type for n in to_nodes(document)}


def test_a_list_with_letters_beside_a_drawing_is_no_row_of_panels(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        chain(c, 70, 700)
        c.drawString(70, 680, "Figure 1: How it goes.")
        for k, letter in enumerate("abc"):
            c.drawString(70, 600 - 16 * k, f"({letter}) a point of the list that goes on for some words more")

    document = recovered(make_pdf(page, size=A4))
    assert [f.label for f in document.figures] == ["Figure 1"]
    assert text_of(document).count("a point of the list") == 3


def two_pages(second: str) -> tuple[Callable[[Canvas], None], Callable[[Canvas], None]]:
    def one(c: Canvas) -> None:
        prose(c, 70, 780)
        chain(c, 70, 160)
        c.drawString(70, 130, "Figure 7: All steps of the service.")

    def two(c: Canvas) -> None:
        chain(c, 70, 740, ("Sort", "Pack", "Send"))
        c.drawString(70, 710, second)
        prose(c, 70, 660)

    return one, two


@pytest.mark.parametrize(
    "second",
    ["Figure 7 (continued)", "Figure 7 (cont'd): The last steps.", "Figure 7: All steps of the service."],
)
def test_a_figure_that_goes_on_over_a_page_is_tied(make_pdf: Make, second: str) -> None:
    first, rest = recovered(make_pdf(*two_pages(second), size=A4)).figures
    assert (first.continues, rest.continues) == ("", first.id)
    assert first.label == rest.label == "Figure 7"


def test_one_number_twice_is_not_one_figure(make_pdf: Make) -> None:
    figures = recovered(make_pdf(*two_pages("Figure 7: Something else."), size=A4)).figures
    assert [f.continues for f in figures] == ["", ""]


def test_a_drawing_cut_at_the_bottom_goes_on_at_the_top(make_pdf: Make) -> None:
    def one(c: Canvas) -> None:
        prose(c, 70, 780)
        c.drawString(70, 200, "Figure 7: All steps of the service.")
        chain(c, 70, 150)

    def two(c: Canvas) -> None:
        c.drawString(70, 790, "(continued)")
        chain(c, 70, 700, ("Sort", "Pack", "Send"))
        prose(c, 70, 600)

    first, rest = recovered(make_pdf(one, two, size=A4)).figures
    assert rest.continues == first.id and rest.label == "Figure 7"


def test_captions_that_say_continued() -> None:
    assert split_label("Figure 7 (continued)") == ("Figure 7", "(continued)")
    assert opens_caption("Figure 7 (continued)") and opens_caption("Abbildung 3 (Fortsetzung): Der Rest")
    assert opens_caption("Figure 7 Continuation of the pipe")
    assert not opens_caption("Figure 7 continued to puzzle the readers")
    assert not opens_caption("Figure 7 (see above) shows")
