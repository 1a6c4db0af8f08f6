"""A board to draw on for the tests of drawing conventions: a page of a PDF, in several sizes, light or dark.

Coordinates are points from the top left at scale 1; `read` gives what the vector route makes of the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.classification.analysis import analyse_alone
from dic_ingest.classification.kind_decision import decide_kind
from dic_ingest.classification.text_cues import TextCues
from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.diagrams.reader import graph_of
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.box import scaled
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.vision.ocr import read_words

Point = tuple[float, float]
LOOKS = {"plain": (1.0, False), "small": (0.55, False), "large": (1.9, False), "dark": (1.0, True)}


class Board:
    """One page; `look` is a key of `LOOKS`. Boxes and texts are placed by their middle."""

    def __init__(self, folder: Path, look: str = "plain", width: float = 600, height: float = 400) -> None:
        self.scale, self.dark = LOOKS[look]
        self.size = 10.0
        self.file = folder / f"{look}.pdf"
        self.height = height
        self.canvas = Canvas(str(self.file), (width * self.scale, height * self.scale))
        self.canvas.scale(self.scale, self.scale)
        self.ink, self.paper = HexColor("#000000"), HexColor("#ffffff")
        if self.dark:
            self.ink, self.paper = HexColor("#f0f0f0"), HexColor("#202428")
            self.canvas.setFillColor(self.paper)
            self.canvas.rect(0, 0, width, height, stroke=0, fill=1)

    def text(self, text: str, x: float, y: float, size: float = 0.0, turn: float = 0.0) -> None:
        """Lines of text around (x, y); `turn` in degrees clockwise."""
        size = size or self.size
        c = self.canvas
        c.saveState()
        c.translate(x, self.height - y)
        c.rotate(-turn)
        c.setFillColor(self.ink)
        c.setFont("Helvetica", size)
        lines = text.split("\n")
        for n, line in enumerate(lines):
            c.drawCentredString(0, ((len(lines) - 1) / 2 - n) * 1.2 * size - 0.35 * size, line)
        c.restoreState()

    def box(
        self, text: str, x: float, y: float, w: float = 80, h: float = 30, fill: Color | None = None,
        stroke: bool = True, dashed: bool = False,
    ) -> None:  # fmt: skip
        """A rectangle with its text; without `fill` it is open, so that what lies behind shows."""
        c = self.canvas
        c.setStrokeColor(self.ink)
        c.setDash([4, 3] if dashed else [])
        if fill is not None:
            c.setFillColor(fill)
        c.rect(x - w / 2, self.height - y - h / 2, w, h, stroke=int(stroke), fill=int(fill is not None))
        c.setDash([])
        if text:
            self.text(text, x, y)

    def solid(self, text: str, x: float, y: float, w: float = 80, h: float = 30) -> None:
        """A box that covers what was drawn before."""
        self.box(text, x, y, w, h, fill=self.paper)

    def disc(self, x: float, y: float, r: float, fill: bool = True) -> None:
        """A circle, filled with ink or open."""
        self.canvas.setStrokeColor(self.ink)
        self.canvas.setFillColor(self.ink)
        self.canvas.circle(x, self.height - y, r, stroke=1, fill=int(fill))

    def line(
        self, *points: Point, head: bool = False, tail: bool = False, dashed: bool = False, width: float = 1.0
    ) -> None:
        """A polyline, with filled arrowheads at its last and first point where wanted."""
        c = self.canvas
        c.setStrokeColor(self.ink)
        c.setLineWidth(width)
        c.setDash([4, 3] if dashed else [])
        path = c.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        c.drawPath(path)
        c.setDash([])
        c.setLineWidth(1.0)
        if head:
            self._head(points[-2], points[-1])
        if tail:
            self._head(points[1], points[0])

    def curve(self, a: Point, b: Point, c: Point, d: Point) -> None:
        """A Bezier curve from a to d."""
        self.canvas.setStrokeColor(self.ink)
        flat = [v for x, y in (a, b, c, d) for v in (x, self.height - y)]
        self.canvas.bezier(*flat)

    def outline(self, *points: Point, fill: bool = False) -> None:
        """A closed outline, open or filled with ink."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        path.close()
        self.canvas.setStrokeColor(self.ink)
        self.canvas.setFillColor(self.ink)
        self.canvas.drawPath(path, stroke=1, fill=int(fill))

    def _head(self, back: Point, tip: Point) -> None:
        turn = math.atan2(tip[1] - back[1], tip[0] - back[0])
        wings = [(tip[0] - 7 * math.cos(turn + s), tip[1] - 7 * math.sin(turn + s)) for s in (0.4, -0.4)]
        self.outline(tip, *wings, fill=True)

    def read(self, kind: Kind = Kind.BLOCK) -> Diagram:
        """The page's graph, however believable; `kind` is what is taken where the drawing does not tell."""
        self.canvas.save()
        with PdfFile(self.file) as pdf:
            drawing, shown = pdf.drawing(1), pdf.render(1, dpi=100.0)
        analysis = analyse_alone(shown, 100.0, drawing, TextCues())
        decided = decide_kind(analysis.evidence, analysis.cues).drawn_as
        found = graph_of(analysis.scene or scene_from_drawing(drawing), decided, least=0.0)
        assert found is not None, "no graph was read"
        return found

    def read_pixels(self, kind: Kind = Kind.BLOCK, zoom: float = 2.0, ocr: bool = False) -> Diagram:
        """The same from the page's pixels, at `zoom` pixels a point; its words as printed, or by OCR."""
        self.canvas.save()
        with PdfFile(self.file) as pdf:
            image = pdf.render(1, dpi=72 * zoom / self.scale)
            words = tuple(
                replace(w, bbox=scaled(w.bbox, zoom / self.scale), size=w.size * zoom / self.scale)
                for w in pdf.drawing(1).words
            )
        scene = scene_from_picture(image, read_words(image) if ocr else words, mirrored=True)
        analysis = analyse_alone(image, 72.0 * zoom, None, TextCues()).read_as(scene)
        found = graph_of(scene, decide_kind(analysis.evidence, analysis.cues).drawn_as, least=0.0)
        assert found is not None, "no graph was read"
        return found


def labels(diagram: Diagram) -> list[str]:
    """Labels of the nodes, sorted."""
    return sorted(n.label for n in diagram.nodes)


def edges(diagram: Diagram, directed: bool = True) -> set[tuple[str, ...]]:
    """(source, target, label), and the end labels where there are any; ends sorted if undirected."""
    name = {v.id: v.label for v in diagram.vertices()}
    found: set[tuple[str, ...]] = set()
    for e in diagram.arrows():
        ends: Sequence[str] = (name[e.source], name[e.target])
        if not directed:
            ends = sorted(ends)
        more = (e.source_label, e.target_label) if e.source_label or e.target_label else ()
        found.add((*ends, e.label, *more))
    return found


def members(diagram: Diagram) -> dict[str, list[str]]:
    """For each group's label the sorted labels of the nodes right in it."""
    return {g.label: sorted(n.label for n in diagram.nodes if n.group == g.id) for g in diagram.groups}
