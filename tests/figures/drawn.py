"""Pages drawn for tests, and the documents that a parser could make of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.text.lines import lines_of, paragraphs_of
from dic_ingest.model.box import Box
from dic_ingest.model.document import Block, Document, Figure, Heading, Page, Parser, Text, block_id
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile

PROSE = (
    "The service reads every message from the queue and keeps it until the",
    "worker has told that it is done with it. A message that no worker takes",
    "within ten minutes goes back to the queue and is offered to another one",
    "so that nothing is lost when a machine goes away in the middle of work.",
)


def prose(c: Canvas, x: float, y: float, lines: Sequence[str] = PROSE, size: float = 10) -> None:
    """Running text from a top left corner downwards (reportlab's y, upwards)."""
    c.setFont("Helvetica", size)
    for k, line in enumerate(lines):
        c.drawString(x, y - 1.2 * size * k, line)


def box(c: Canvas, x: float, y: float, label: str, w: float = 80, h: float = 30) -> None:
    """A node with its label in the middle."""
    c.setFont("Helvetica", 9)
    c.rect(x, y, w, h)
    c.drawCentredString(x + w / 2, y + h / 2 - 3, label)


def arrow(c: Canvas, x0: float, x1: float, y: float) -> None:
    """A level arrow with a filled head at its right end."""
    c.line(x0, y, x1 - 5, y)
    head = c.beginPath()
    head.moveTo(x1, y)
    head.lineTo(x1 - 6, y + 3)
    head.lineTo(x1 - 6, y - 3)
    head.close()
    c.drawPath(head, fill=1, stroke=0)


def chain(c: Canvas, x: float, y: float, labels: Sequence[str] = ("Read", "Check", "Store")) -> None:
    """Boxes joined by arrows from left to right."""
    for k, label in enumerate(labels):
        box(c, x + 120 * k, y, label)
        if k:
            arrow(c, x + 120 * k - 40, x + 120 * k, y + 15)


def parsed(path: Path, figures: Sequence[tuple[int, Box]] = ()) -> tuple[Document, list[Drawing]]:
    """A document with every paragraph as a block, labels of drawings too, as weightless parsers give it."""
    with PdfFile(path) as pdf:
        drawings = [pdf.drawing(p.number) for p in pdf.pages]
        sha = pdf.sha256
    blocks: list[Block] = []
    for number, drawing in enumerate(drawings, 1):
        for paragraph in paragraphs_of(lines_of(drawing.words)):
            identity = block_id(sha, "text", number, paragraph.bbox, paragraph.text)
            kind = Heading if paragraph.size > 13 else Text
            blocks.append(kind(identity, number, paragraph.bbox, len(blocks), paragraph.text))
        for page, place in figures:
            if page == number:
                blocks.append(Figure(block_id(sha, "figure", page, place), page, place, len(blocks)))
    pages = tuple(Page(n, d.width, d.height) for n, d in enumerate(drawings, 1))
    return Document(str(path), sha, Parser("made"), pages, tuple(blocks)), drawings
