"""Draw the sample documents into a folder (default: this one). Same versions, same bytes.

Everything in them is made up for this project. `truth.jsonl` beside them holds the graph of every figure,
recorded while drawing: {"id", "file", "page", "label", "caption", "kind", "bbox", "nodes", "edges"}, boxes in
points from the page's top-left corner (pixels for a picture).

    python samples/make_samples.py [FOLDER]
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from figures import UPDATE
from layout import Truth, document, figure, flow, one_frame
from PIL import Image, ImageFilter
from report import write_report
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate


def flowcharts(out: Path, truth: Truth) -> None:
    """flowchart.pdf as vectors, flowchart.png and flowchart_raster.pdf as pixels."""
    document(out / "flowchart.pdf", "Firmware update", one_frame()).build(
        [figure(UPDATE, "flowchart.pdf", truth)]
    )
    x0, y0, x1, y1 = truth.lines[-1]["bbox"]
    page = pypdfium2.PdfDocument(out / "flowchart.pdf")[0].render(scale=2).to_pil().convert("RGB")
    picture = page.crop((int(2 * x0) - 8, int(2 * y0) - 4, int(2 * x1) + 8, int(2 * y1) + 4))
    picture.quantize(64).save(out / "flowchart.png", optimize=True)
    w, h = picture.width / 2, picture.height / 2
    canvas = Canvas(str(out / "flowchart_raster.pdf"), pagesize=A4, invariant=1)
    canvas.setTitle("Firmware update")
    left, low = (A4[0] - w) / 2, A4[1] - 80 - h
    canvas.drawImage(ImageReader(out / "flowchart.png"), left, low, w, h)
    canvas.setFont("Times-Italic", 9)
    canvas.drawCentredString(A4[0] / 2, low - 14, f"{UPDATE.label}: {UPDATE.caption}")
    canvas.save()
    truth.same_as("flowchart_raster.pdf", "flowchart.pdf", (left, 80, left + w, 80 + h))
    truth.same_as("flowchart.png", "flowchart.pdf", (0, 0, *picture.size), label=False)


def two_columns(out: Path, truth: Truth) -> None:
    """A page in two columns with a figure in each."""
    width, gap = (A4[0] - 40 * mm - 7 * mm) / 2, 7 * mm
    frames = [
        Frame(20 * mm + k * (width + gap), 20 * mm, width, A4[1] - 42 * mm, 0, 0, 0, 0) for k in range(2)
    ]
    doc = document(out / "two_columns.pdf", "Readings from a branch office", frames)
    doc.build(flow("two_columns.pdf", truth))


def logo(canvas: Canvas, _: Any) -> None:
    """Letterhead: a mark, a name, a rule; page number below."""
    canvas.saveState()
    y = A4[1] - 18 * mm
    for k, fill in enumerate(("#1f618d", "#2e86c1", "#85c1e9")):
        canvas.setFillColor(fill)
        canvas.circle(25 * mm + 6 + 7 * k, y + 4, 6, stroke=0, fill=1)
    canvas.setFillColor("#1b2631")
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(25 * mm + 36, y, "Brightwell Controls")
    canvas.setStrokeColor("#2e86c1")
    canvas.line(25 * mm, y - 8, A4[0] - 25 * mm, y - 8)
    canvas.setFont("Helvetica", 8)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, str(canvas.getPageNumber()))
    canvas.restoreState()


def letterhead(out: Path, truth: Truth) -> None:
    """Three pages that repeat a logo and a rule, and one real figure."""
    doc = document(out / "logo.pdf", "Controller manual", one_frame(32 * mm), logo)
    doc.build(flow("logo.pdf", truth))


def chart(out: Path, truth: Truth) -> None:
    """A page with a bar chart out of vectors."""
    doc = document(out / "chart.pdf", "Set-up times", one_frame())
    doc.build(flow("chart.pdf", truth))


def scan(out: Path, truth: Truth) -> None:
    """A page as a scanner would give it: grey, skewed, speckled, no text layer."""
    clean = io.BytesIO()
    own = Truth()
    doc = BaseDocTemplate(clean, pagesize=A4, invariant=1)
    doc.addPageTemplates(PageTemplate(frames=one_frame()))
    doc.build(flow("scan.pdf", own))
    page = pypdfium2.PdfDocument(clean.getvalue())[0].render(scale=150 / 72, grayscale=True).to_pil()
    page = page.convert("L").rotate(0.7, Image.Resampling.BICUBIC, fillcolor=255)
    page = page.filter(ImageFilter.GaussianBlur(0.6))
    dice = np.random.default_rng(7)
    shade = np.linspace(232, 246, page.width)[None, :] / 255
    grey = np.asarray(page) * shade + dice.normal(0, 5, (page.height, page.width))
    bytes_ = io.BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(bytes_, "JPEG", quality=55)
    canvas = Canvas(str(out / "scan.pdf"), pagesize=A4, invariant=1)
    canvas.setTitle("Scan")
    canvas.drawImage(ImageReader(bytes_), 0, 0, *A4)
    canvas.save()
    truth.lines += own.lines


def main(out: Path) -> None:
    """Write every sample and truth.jsonl into `out`."""
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    out.mkdir(parents=True, exist_ok=True)
    truth = Truth()
    for make in (flowcharts, two_columns, letterhead, scan, chart):
        make(out, truth)
    write_report(out, truth)
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in truth.lines)
    (out / "truth.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
