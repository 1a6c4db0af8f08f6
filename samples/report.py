"""telecom_report.pdf: a technical report with four drawings, a table and a logo on each page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layout import CAPTION, Truth, document, flow, one_frame
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

FILE = "telecom_report.pdf"
RESULTS = [
    ["Procedure", "Runs", "Median (ms)", "95th percentile (ms)", "Failures"],
    ["Initial registration", "400", "412", "655", "3"],
    ["Periodic registration", "400", "148", "201", "0"],
    ["Session set-up", "800", "236", "490", "11"],
    ["Session release", "800", "61", "88", "0"],
    ["Handover between gNB 1 and gNB 2", "250", "39", "72", "4"],
]


def letterhead(canvas: Canvas, _: Any) -> None:
    """Mast logo and name at the top, rule, footer with the page number."""
    canvas.saveState()
    x, y = 25 * mm, A4[1] - 17 * mm
    canvas.setFillColor(HexColor("#922b21"))
    canvas.roundRect(x, y - 5, 20, 20, 4, stroke=0, fill=1)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(1.4)
    canvas.line(x + 5, y - 1, x + 10, y + 9)
    canvas.line(x + 15, y - 1, x + 10, y + 9)
    canvas.arc(x + 5, y + 5, x + 15, y + 14, 20, 140)
    canvas.setFillColor(HexColor("#1b2631"))
    canvas.setFont("VeraBd", 10)
    canvas.drawString(x + 27, y + 2, "Fjordlink Radio Laboratory")
    canvas.setFont("Vera", 7.5)
    canvas.drawRightString(A4[0] - 25 * mm, y + 2, "Report FR-118, issue 2")
    canvas.setStrokeColor(HexColor("#922b21"))
    canvas.setLineWidth(0.8)
    canvas.line(25 * mm, y - 10, A4[0] - 25 * mm, y - 10)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, f"Page {canvas.getPageNumber()}")
    canvas.restoreState()


def results() -> KeepTogether:
    """Table 1 with its caption above."""
    table = Table(RESULTS, colWidths=[168, 44, 72, 108, 56])
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8.5),
                ("FONT", (0, 1), (-1, -1), "Helvetica", 8.5),
                ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#85929e")),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eaecee")),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
            ]
        )
    )
    return KeepTogether(
        [Paragraph("Table 1: Times measured in the test network.", CAPTION), table, Spacer(1, 10)]
    )


def write_report(out: Path, truth: Truth) -> None:
    """Write the report into folder `out` and its four graphs into `truth`."""
    doc = document(out / FILE, "Registration and session management", one_frame(32 * mm), letterhead)
    doc.build(flow(FILE, truth, table=results))
