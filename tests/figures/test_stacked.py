"""Charts one under the other without captions are a figure each; one drawing with a title inside is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from dic_ingest.model.document import Document
from tests.figures.drawn import parsed, prose

Make = Callable[..., Path]
A4 = (595, 842)


def recovered(path: Path) -> Document:
    document, drawings = parsed(path)
    return recover_figures(document, lambda n: drawings[n - 1])


def chart(c: Canvas, bottom: float, title: str) -> None:
    c.setFont("Helvetica", 10)
    c.drawString(120, bottom + 128, title)
    c.setFont("Helvetica", 8)
    for i in range(5):
        c.setStrokeColorRGB(0.8, 0.8, 0.8)
        c.line(120, bottom + 30 * i, 420, bottom + 30 * i)
        c.drawRightString(114, bottom + 30 * i - 3, str(20 * i))
        c.setFillColorRGB(0.1, 0.4, 0.9)
        c.rect(140 + 55 * i, bottom, 30, 20 + 19 * i, stroke=0, fill=1)
        c.setFillColorRGB(0, 0, 0)
        c.drawCentredString(155 + 55 * i, bottom - 12, ("red", "blue", "green", "grey", "pink")[i])


def test_stacked_charts_are_told_apart(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 820)
        chart(c, 600, "Sales by colour")
        chart(c, 440, "Returns by colour")
        chart(c, 280, "Stock by colour")

    figures = recovered(make_pdf(page, size=A4)).figures
    assert len(figures) == 3
    for figure, title in zip(figures, ("Sales", "Returns", "Stock"), strict=True):
        words = [w.text for w in figure.embedded_words]
        assert title in words and words.count("80") == 1


def test_a_captioned_stack_stays_one_figure(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 820)
        chart(c, 600, "Sales by colour")
        chart(c, 440, "Returns by colour")
        c.drawString(120, 408, "Figure 1: Sales and returns.")

    assert [f.label for f in recovered(make_pdf(page, size=A4)).figures] == ["Figure 1"]


def test_boxes_under_a_title_are_no_charts(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 820)
        for y, title in ((600, "Front end"), (520, "Back end")):
            c.setFont("Helvetica", 10)
            c.drawString(120, y + 46, title)
            c.setFont("Helvetica", 8)
            for i, name in enumerate(("login", "search", "basket", "orders", "stock", "mail", "users")):
                c.rect(60 + 68 * i, y, 60, 40)
                c.drawString(66 + 68 * i, y + 18, f"{name} {i}")

    assert len(recovered(make_pdf(page, size=A4)).figures) == 1
