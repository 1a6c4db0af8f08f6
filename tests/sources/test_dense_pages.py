"""Pages of tens of thousands of drawn objects: what they cost is bounded, and what else they hold is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.mineru.local import LocalSettings, parse_local
from dic_ingest.mineru.worker import MOST_IMAGES, MOST_PATHS, largest
from dic_ingest.model.box import width_of
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.settings import PdfLimits

MakePdf = Callable[..., Path]
SIZE = (600, 840)


def boxes_below(canvas: Canvas) -> None:
    """A small flow, drawn after everything else of the page."""
    for i, name in enumerate(("Start", "Check", "Stop")):
        canvas.rect(100 + 140 * i, 130, 90, 40)
        canvas.drawString(120 + 140 * i, 146, name)
    canvas.line(190, 150, 240, 150)
    canvas.line(330, 150, 380, 150)
    canvas.drawString(60, 100, "Figure 2: How the plant starts.")


def curves(canvas: Canvas, pieces: int = 30_000) -> None:
    """Ten curves plotted as pieces of a tenth of a point."""
    canvas.rect(80, 420, 440, 260)
    for curve in range(10):
        points = [
            (80 + 440 * i * 10 / pieces, 550 + 100 * math.sin(i / pieces * 150 + curve))
            for i in range(pieces // 10)
        ]
        for start, end in pairwise(points):
            canvas.line(*start, *end)
    canvas.drawString(60, 395, "Figure 1: Curves plotted as pieces.")
    boxes_below(canvas)


def marks(canvas: Canvas, count: int = 30_000) -> None:
    """A scatter of dots."""
    for i in range(count):
        canvas.circle(80 + i * 37 % 440, 420 + i * 91 % 260 + i % 7 * 0.13, 0.6, fill=1, stroke=0)
    canvas.drawString(60, 395, "Figure 1: A scatter of many points.")
    boxes_below(canvas)


def tiles(canvas: Canvas, side: int = 60) -> None:
    """A map of small pictures."""
    pictures = [ImageReader(Image.new("RGB", (8, 8), (j * 15, 100, 255 - j * 15))) for j in range(16)]
    for a in range(side):
        for b in range(side):
            canvas.drawImage(pictures[(a * 7 + b * 3) % 16], 80 + 6 * a, 250 + 6 * b, 6, 6)
    canvas.drawString(60, 230, "Figure 1: A map of tiles.")
    boxes_below(canvas)


def flow_boxes(drawing: Drawing) -> int:
    return sum(abs(width_of(p.bbox) - 91) < 1 and abs(p.bbox[1] - 669.5) < 1 for p in drawing.paths)


def test_pieces_of_a_curve_are_one_path(make_pdf: MakePdf) -> None:
    with PdfFile(make_pdf(curves, size=SIZE)) as pdf:
        drawing = pdf.drawing(1)
    assert drawing.notes == () and flow_boxes(drawing) == 3
    long = [p for p in drawing.paths if len(p.subpaths[0].points) == 3000]
    assert len(long) == 10 and len(drawing.paths) < 20
    assert all(width_of(p.bbox) == pytest.approx(440, abs=2) for p in long)


def test_pieces_of_another_colour_or_place_begin_a_curve_of_their_own(make_pdf: MakePdf) -> None:
    def draw(canvas: Canvas) -> None:
        for i in range(10):
            if i == 5:
                canvas.setStrokeColorRGB(1, 0, 0)
            canvas.line(100 + i, 100, 101 + i, 100)
        canvas.line(150, 100, 151, 100)
        canvas.line(151, 100, 190, 100)  # a line of its own, not a piece
        for start, end in ((0, 1), (1, 2), (2, 3), (3, 0)):  # a small square as four lines
            corners = [(200, 100), (201.5, 100), (201.5, 101.5), (200, 101.5)]
            canvas.line(*corners[start], *corners[end])

    with PdfFile(make_pdf(draw)) as pdf:
        shapes = [p.subpaths[0] for p in pdf.drawing(1).paths]
    assert [len(s.points) for s in shapes] == [6, 6, 2, 2, 4]
    assert [s.closed for s in shapes] == [False, False, False, False, True]


def test_marks_over_the_limit_leave_room_for_what_is_drawn_after_them(make_pdf: MakePdf) -> None:
    with PdfFile(make_pdf(marks, size=SIZE), limits=PdfLimits(max_objects=5000)) as pdf:
        drawing = pdf.drawing(1)
    assert flow_boxes(drawing) == 3
    assert len(drawing.paths) < 2600
    assert len(drawing.notes) == 1 and "none over 4 points, were left out" in drawing.notes[0]


def test_objects_that_are_looked_at_are_bounded(make_pdf: MakePdf) -> None:
    with PdfFile(make_pdf(lambda c: marks(c, 8000)), limits=PdfLimits(max_objects=100)) as pdf:
        assert "only the first 1000 drawn objects" in pdf.drawing(1).notes[0]


@dataclass
class Item:
    bbox: tuple[float, float, float, float]


def test_mineru_is_given_the_largest_objects_in_their_order() -> None:
    items = [Item((0, 0, i % 5, i / 1000)) for i in range(50)]
    kept = largest(items, 20)
    assert len(kept) == 20 and all(i.bbox[2] >= 3 for i in kept)
    assert [items.index(i) for i in kept] == sorted(items.index(i) for i in kept)
    assert largest(items, 50) == items
    assert MOST_PATHS**2 < 10**7 and MOST_IMAGES**2 < 10**6  # comparisons of MinerU for one page


@pytest.mark.parametrize("draw", [curves, marks, tiles])
def test_mineru_lays_such_pages_out_in_time(draw: Callable[[Canvas], None], make_pdf: MakePdf) -> None:
    document = parse_local(make_pdf(draw, size=SIZE), LocalSettings(timeout=120))
    assert "parser_failed" not in {w.code for w in document.warnings}
    assert document.parser.tier == "flash" and document.figures
