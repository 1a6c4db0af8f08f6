"""PDFs whose pages would take PDFium any memory or time, drawn here; a plain page stands before them."""

from __future__ import annotations

import zlib


def pdf_of(pages: list[tuple[str, str]], extra: dict[int, bytes]) -> bytes:
    """A PDF with a page for each (content, page entries); Helvetica is /F1. `extra`: objects from 100 on."""
    objects: dict[int, bytes] = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    objects[5] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    kids = []
    for index, (content, entries) in enumerate(pages):
        number = 10 + 2 * index
        kids.append(f"{number} 0 R")
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 5 0 R >> {entries} >> >>"
        ).encode()
        objects[number + 1] = stream(content.encode())
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>".encode()
    out, offsets = b"%PDF-1.7\n", {}
    for number, body in sorted((objects | extra).items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(offsets) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(
        b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(1, size)
    )
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def stream(content: bytes, entries: str = "") -> bytes:
    """A compressed stream object."""
    packed = zlib.compress(content, 9)
    return (
        f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
        + packed
        + b"\nendstream"
    )


def form(content: str, entries: str) -> bytes:
    """A form XObject with these resources."""
    return stream(
        content.encode(), f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << {entries} >>"
    )


PLAIN = (
    "BT /F1 12 Tf 60 700 Td (A plain paragraph of some words stands on the first page.) Tj ET "
    "BT /F1 12 Tf 60 680 Td (Its second line says as much as the first one says.) Tj ET",
    "",
)


def calls_itself() -> bytes:
    """Page 2 calls a form that calls itself twice."""
    entries = "/XObject << /A 100 0 R >>"
    return pdf_of([PLAIN, ("/A Do", entries)], {100: form("/A Do /A Do 0 0 1 1 re f", entries)})


def doubles(levels: int = 30) -> bytes:
    """Page 2 calls a form that calls another one twice, and so on: 2 ** levels objects."""
    forms = {
        100 + i: form("/A Do /A Do", f"/XObject << /A {101 + i} 0 R >>" if i < levels else "")
        for i in range(levels)
    }
    forms[100 + levels] = form("0 0 1 1 re f", "")
    return pdf_of([PLAIN, ("/A Do", "/XObject << /A 100 0 R >>")], forms)


def bomb(megabytes: int = 400) -> bytes:
    """Page 2 has a content stream of many megabytes of rectangles, compressed to a thousandth."""
    unit = b"0 0 1 1 re f\n"
    content = unit * (megabytes * (1 << 20) // len(unit))
    data = pdf_of([PLAIN, ("", "/XObject << >>")], {})
    packed = stream(content)
    start = data.index(b"13 0 obj")
    end = data.index(b"endobj", start)
    return data[:start] + b"13 0 obj\n" + packed + b"\n" + data[end:]


def patterns(levels: int = 30) -> bytes:
    """Page 2 is filled with a pattern whose cell is filled with a pattern, and so on."""
    fill = "/Pattern cs /P scn 0 0 300 400 re f /P scn 300 400 300 400 re f"
    cells = {
        100 + i: stream(
            fill.encode() if i < levels else b"0 0 1 1 re f",
            "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 600 800] /XStep 3 /YStep 4 "
            f"/Resources << /Pattern << /P {101 + i} 0 R >> >>",
        )
        for i in range(levels + 1)
    }
    return pdf_of([PLAIN, (fill, "/Pattern << /P 100 0 R >>")], cells)
