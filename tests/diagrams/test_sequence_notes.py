"""Notes on lifelines keep their participant and place; a label goes on below its arrow."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.captioning.figure_reading import read_drawing
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.pdf.document import PdfFile

HEIGHT = 300


def drawn(second_line: bool) -> Diagram:
    data = io.BytesIO()
    sheet = Canvas(data, (420, HEIGHT))
    sheet.setFont("Helvetica", 9)

    def box(x: float, y: float, w: float, h: float, text: str) -> None:
        sheet.setFillColorRGB(1, 1, 1)
        sheet.rect(x - w / 2, HEIGHT - y - h, w, h, fill=1)
        sheet.setFillColorRGB(0, 0, 0)
        sheet.drawCentredString(x, HEIGHT - y - h / 2 - 3, text)

    def arrow(x0: float, x1: float, y: float, text: str, below: str = "") -> None:
        step = 5 if x1 > x0 else -5
        sheet.line(x0, HEIGHT - y, x1, HEIGHT - y)
        path = sheet.beginPath()
        path.moveTo(x1, HEIGHT - y)
        path.lineTo(x1 - step, HEIGHT - y + 3)
        path.lineTo(x1 - step, HEIGHT - y - 3)
        path.close()
        sheet.drawPath(path, fill=1)
        sheet.drawCentredString((x0 + x1) / 2, HEIGHT - y + 3, text)
        if below:
            sheet.drawCentredString((x0 + x1) / 2, HEIGHT - y - 10, below)

    for x in (60, 210, 360):
        sheet.line(x, HEIGHT - 30, x, 20)
    for x, name in ((60, "Phone"), (210, "Edge"), (360, "Vault")):
        box(x, 10, 70, 22, name)
    box(360, 55, 90, 18, "Make vector")
    arrow(360, 210, 105, "Vector", "(AV, key)" if second_line else "")
    box(210, 135, 90, 18, "Store token")
    arrow(210, 60, 190, "Challenge")
    arrow(60, 210, 230, "Answer")
    sheet.save()
    with PdfFile(data.getvalue()) as pdf:
        read = read_drawing(pdf.drawing(1), kind=Kind.SEQUENCE)
    assert isinstance(read, Diagram)
    return read


@pytest.mark.parametrize("second_line", [False, True])
def test_actions_stand_at_their_participant_between_the_messages(second_line: bool) -> None:
    read = drawn(second_line)
    names = {n.id: n.label for n in read.nodes}
    assert [(n.text, [names[p] for p in n.over], n.at) for n in read.placed_notes] == [
        ("Make vector", ["Vault"], 0),
        ("Store token", ["Edge"], 1),
    ]
    labels = [(names[e.source], names[e.target], e.label) for e in read.edges]
    first = "Vector (AV, key)" if second_line else "Vector"
    assert labels == [("Vault", "Edge", first), ("Edge", "Phone", "Challenge"), ("Phone", "Edge", "Answer")]
    assert read.free_notes() == ()
    assert 'Note at "Edge": "Store token".' in read.to_text()
    lines = [line.strip() for line in read.to_mermaid().splitlines()]
    sent = next(i for i, line in enumerate(lines) if line.startswith("p3->>p2: Vector"))
    assert lines[sent + 1] == "Note over p2: Store token"
    assert Diagram.from_dict(read.to_dict()) == read
