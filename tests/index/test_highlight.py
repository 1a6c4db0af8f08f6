"""Copies of PDFs with marks where a search found something: in the right place, never over anything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.errors import (
    BrokenFileError,
    ChangedFileError,
    MissingFileError,
    NotOursError,
    UnsupportedFileError,
)
from dic_ingest.index.highlight import highlight
from dic_ingest.index.hits import GraphPart, Hit
from dic_ingest.owned_files import sha256_of

BOX = (100.0, 50.0, 180.0, 90.0)  # of a black box on the page as shown


def drawn(path: Path, turn: int) -> Path:
    """A page of 300 by 200 points as shown, a filled box at BOX; turned, its crop box off the origin."""
    wide, high = (200, 300) if turn % 180 else (300, 200)
    canvas = Canvas(str(path), pagesize=(wide + 20, high + 30))
    x0, y0, x1, y1 = BOX
    places = {
        0: (x0, 200 - y1, x1, 200 - y0),
        90: (y0, x0, y1, x1),
        180: (300 - x1, y0, 300 - x0, y1),
        270: (200 - y1, 300 - x1, 200 - y0, 300 - x0),
    }
    a, b, c, d = places[turn]
    canvas.rect(a + 10, b + 20, c - a, d - b, fill=1)
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(path))
    writer.pages[0].cropbox = pypdf.generic.RectangleObject((10, 20, wide + 10, high + 20))
    writer.pages[0].rotate(turn)
    writer.write(path)
    return path


def hit(file: Path, **changed: object) -> Hit:
    node = GraphPart("node", 0, "Box", BOX, supports=True)
    edge = GraphPart("edge", 0, "", (0, 0, 9, 9), ((180.0, 70.0), (250.0, 70.0)), "Box", "Other", True)
    made = Hit(
        "i",
        0.5,
        None,
        1.0,
        "text",
        {},
        "",
        file.stem,
        str(file),
        "figure",
        1,
        BOX,
        "Figure 1",
        "i",
        (node, edge),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_marks_stand_where_the_page_shows_it(tmp_path: Path, turn: int) -> None:
    source = drawn(tmp_path / "a.pdf", turn)
    before = sha256_of(source)
    (copy,) = highlight([hit(source)], tmp_path / "marked.pdf")
    assert sha256_of(source) == before
    bare = pypdfium2.PdfDocument(source)[0].render(draw_annots=False).to_numpy().min(axis=2)
    page = pypdf.PdfReader(copy).pages[0]
    frame, around, line = (a.get_object() for a in page["/Annots"])
    assert frame["/Contents"] == "Figure 1: score 0.5000" and line["/Subtype"] == "/PolyLine"
    ys, xs = (bare < 128).nonzero()
    assert (xs.min(), ys.min()) == pytest.approx((BOX[0], BOX[1]), abs=2)  # the box is where BOX says
    shown = pypdfium2.PdfDocument(copy)[0]
    left, bottom = float(page.cropbox.left), float(page.cropbox.bottom)
    wide, high = float(page.cropbox.width), float(page.cropbox.height)
    x0, y0, x1, y1 = (float(v) for v in frame["/Rect"])
    assert left <= x0 < x1 <= left + wide and bottom <= y0 < y1 <= bottom + high
    inside = pypdfium2.PdfDocument(source)[0]
    inside.set_rotation(0)
    upright = inside.render(draw_annots=False).to_numpy().min(axis=2)
    ys, xs = (upright < 128).nonzero()
    assert (x0 - left, high - (y1 - bottom)) == pytest.approx((xs.min(), ys.min()), abs=2)
    assert shown.get_rotation() == turn and float(around["/Rect"][0]) < x0


def test_one_copy_a_document_and_nothing_of_others(tmp_path: Path) -> None:
    a, b = drawn(tmp_path / "a.pdf", 0), drawn(tmp_path / "b.pdf", 0)
    hits = [hit(b), hit(a), hit(b, page=9), hit(Path("c.docx"))]
    folder = tmp_path / "marked"
    assert highlight(hits, folder) == [folder / "b.pdf", folder / "a.pdf"]
    assert highlight(hits, folder) == [folder / "b.pdf", folder / "a.pdf"]  # our own are replaced
    with pytest.raises(NotOursError):
        highlight(hits, a)
    with pytest.raises(UnsupportedFileError):
        highlight(hits[3:], folder)
    with pytest.raises(ChangedFileError):
        highlight([hit(a, metadata={"dic_doc_id": "0" * 64})], folder)
    with pytest.raises(MissingFileError):
        highlight([hit(tmp_path / "gone.pdf")], folder)
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.4 and no more")
    with pytest.raises(BrokenFileError):
        highlight([hit(torn)], folder)
