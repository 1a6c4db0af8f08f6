"""The title of an axis belongs to its chart, also where it stands between two of the labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from tests.figures.drawn import parsed, prose


@pytest.mark.parametrize("years", [4, 5])
def test_the_title_under_a_row_of_labels_is_in_the_figure(tmp_path: Path, years: int) -> None:
    path = tmp_path / "chart.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842))
    prose(canvas, 72, 790)
    canvas.setFont("Helvetica", 9)
    canvas.line(170, 530, 430, 530)
    canvas.line(170, 530, 170, 690)
    for n in range(6):
        canvas.drawRightString(164, 527 + 30 * n, str(5 * n))
        canvas.line(167, 530 + 30 * n, 170, 530 + 30 * n)
    step = 260 / years
    for n in range(years):
        canvas.setFillColorRGB(0.2, 0.4, 0.7)
        canvas.rect(180 + step * n, 530, 30, 40 + 25 * n, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawCentredString(195 + step * n, 518, str(2019 + n))
    canvas.drawCentredString(195 + step * (years - 1) / 2, 507, "Year")
    canvas.drawCentredString(300, 485, "Figure 5: Measured values")
    prose(canvas, 72, 440)
    canvas.save()
    document, drawings = parsed(path)
    (figure,) = recover_figures(document, lambda n: drawings[n - 1]).figures
    assert "Year" in [w.text for w in figure.embedded_words]
