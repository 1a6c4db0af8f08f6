"""Drawings that consist of annotations: boxes, lines and texts drawn with a PDF editor."""

from __future__ import annotations

import pytest

from dic_ingest.captioning.figure_reading import read_drawing
from dic_ingest.model.diagram import Kind
from dic_ingest.sources.pdf.document import PdfFile

HIDDEN = 2  # annotation flag of the PDF specification, table 165
PRINT = 4


def annotated(flags: int = PRINT) -> bytes:
    """A page of 400 x 300 points with two boxes, an arrow and two texts, all of them annotations."""
    box = b"1 w 0 0 0 RG 1 1 98 38 re S"
    looks = [
        (b"Square", (40, 130, 140, 170), box),
        (b"Square", (260, 130, 360, 170), box),
        (b"Line", (140, 140, 262, 160), b"0 0 0 RG 0 0 0 rg 0 10 m 120 10 l S 112 14 m 120 10 l 112 6 l h f"),
        (b"FreeText", (60, 140, 130, 160), b"BT /F 10 Tf 0 g 5 6 Td (Pump) Tj ET"),
        (b"FreeText", (280, 140, 350, 160), b"BT /F 10 Tf 0 g 5 6 Td (Tank) Tj ET"),
    ]
    first = 5
    annots = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(looks)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Annots [" + annots + b"] >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, (kind, (x0, y0, x1, y1), stream) in enumerate(looks):
        objects.append(
            b"<< /Type /Annot /Subtype /%s /Rect [%d %d %d %d] /F %d /AP << /N %d 0 R >> >>"
            % (kind, x0, y0, x1, y1, flags, first + 2 * n + 1)
        )
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 %d %d] /Resources << /Font << /F 4 0 R >> >> "
            b"/Length %d >>\nstream\n%s\nendstream" % (x1 - x0, y1 - y0, len(stream), stream)
        )
    out, places = b"%PDF-1.7\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    size = len(objects) + 1
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + tail


def test_annotations_are_read_as_what_they_draw() -> None:
    with PdfFile(annotated()) as pdf:
        drawing = pdf.drawing(1)
        again = pdf.drawing(1)
        assert pdf.render(1).convert("L").getextrema()[0] < 50
    assert drawing == again
    assert [w.text for w in drawing.words] == ["Pump", "Tank"]
    found = read_drawing(drawing, kind=Kind.BLOCK)
    assert found is not None
    name = {n.id: n.label for n in found.nodes}
    assert [(name[e.source], name[e.target], e.directed) for e in found.edges] == [("Pump", "Tank", True)]


@pytest.mark.parametrize("flags", [HIDDEN, HIDDEN | PRINT])
def test_hidden_annotations_are_not_read(flags: int) -> None:
    with PdfFile(annotated(flags)) as pdf:
        drawing = pdf.drawing(1)
    assert not drawing.words and not drawing.paths
