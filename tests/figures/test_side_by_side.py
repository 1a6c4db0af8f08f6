"""Charts of outlined bars side by side over one caption are one figure; a table with spans stays a table."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from tests.figures.drawn import PROSE, parsed, prose

HEIGHTS = ((30, 22, 38, 12), (14, 35, 27, 19))


def plot(c: Canvas, x: float, y: float, letter: str) -> None:
    c.setFont("Helvetica", 7)
    c.setLineWidth(0.4)
    for i in range(5):
        c.setStrokeColorRGB(0.8, 0.8, 0.8)
        c.line(x, y + 12 * i, x + 200, y + 12 * i)
        c.drawRightString(x - 4, y + 12 * i - 2, str(25 * i))
    c.setStrokeColorRGB(0, 0, 0)
    for k, row in enumerate(HEIGHTS):
        c.setFillColorRGB(*((0.5, 0.4, 0.9), (0.5, 0.9, 0.5))[k])
        for i, high in enumerate(row):
            c.rect(x + 8 + 48 * i + 16 * k, y, 14, high, stroke=1, fill=1)
    c.setFillColorRGB(0, 0, 0)
    for i, name in enumerate(("line above", "prefix", "same line", "suffix")):
        c.drawCentredString(x + 23 + 48 * i, y - 10, name)
    c.setFont("Helvetica", 8)
    c.drawCentredString(x + 100, y - 26, letter)


def test_two_charts_over_one_caption(tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    c = Canvas(str(path), pagesize=(595, 842))
    plot(c, 80, 700, "(a) By place.")
    plot(c, 330, 700, "(b) By type.")
    c.setFont("Helvetica", 9)
    c.drawString(60, 650, "Figure 4: Rates (a) by the place of a change and (b) by its type.")
    prose(c, 60, 600, PROSE)
    c.save()
    document, drawings = parsed(path)
    document = recover_figures(document, lambda number: drawings[number - 1])
    whole = [f for f in document.figures if not f.parent]
    assert [f.label for f in whole] == ["Figure 4"]
    x0, y0, x1, y1 = whole[0].bbox or (0, 0, 0, 0)
    assert x0 < 80 and x1 > 525 and y0 < 100 and y1 > 155
    said = " ".join(b.content for b in document if b not in document.figures)
    assert "line above" not in said and "prefix" not in said
