"""Page geometry of a PDF: from user space to the page as shown, and /UserUnit, which PDFium ignores."""

from __future__ import annotations

import io
import logging
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2.raw as raw

from dic_ingest.model.box import Box

# What pypdf says of damaged objects is for whoever set up logging, not for the terminal.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

# From PDF user space to the page as shown: crop box at the origin, /Rotate applied, y downwards.


Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as in the PDF specification 8.3.3


@dataclass(frozen=True, slots=True)
class PageFrame:
    """A page's size as shown and the matrix from user space to it."""

    width: float
    height: float
    matrix: Matrix
    rotation: int  # degrees clockwise
    unit: float = 1.0  # points per unit of user space

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle of user space, as shown."""
        ax, ay = apply(self.matrix, left, bottom)
        bx, by = apply(self.matrix, right, top)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies `first`, then `then`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """A point through a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def page_frame(page: Any, unit: float = 1.0) -> PageFrame:
    """The frame of a loaded page (raw PDFium handle) whose /UserUnit is `unit`."""
    rect = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, rect)  # crop box within media box
    left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
    turn = raw.FPDFPage_GetRotation(page) % 4
    turns: tuple[Matrix, ...] = (
        (1, 0, 0, -1, -left, top),
        (0, 1, 1, 0, -bottom, -left),
        (-1, 0, 0, 1, right, -bottom),
        (0, -1, -1, 0, top, right),
    )
    matrix = multiply(turns[turn], (unit, 0, 0, unit, 0, 0))
    width, height = raw.FPDF_GetPageWidthF(page) * unit, raw.FPDF_GetPageHeightF(page) * unit
    return PageFrame(width, height, matrix, turn * 90, unit)


def object_matrix(obj: Any) -> Matrix:
    """A page object's own matrix; identity where PDFium has none."""
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(obj, m):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return m.a, m.b, m.c, m.d, m.e, m.f


# /UserUnit of a PDF's pages (PDF 2.0, 14.11.1): points per unit of user space, which PDFium does not
# report.


NAME = b"/UserUnit"
MAX_SEARCHED = 64 << 20  # bytes; a larger file is searched up to here
MAX_STREAM = 1 << 20  # bytes of one decompressed object stream
OBJECT_STREAM = re.compile(rb"/ObjStm\b[^>]{0,400}>>\s*stream\r?\n")


def user_units(source: Path | bytes, password: str | None) -> dict[int, float]:
    """Units by page index (from 0); pages without one are absent. A file that pypdf cannot read gives {}."""
    if isinstance(source, bytes):
        data = source[:MAX_SEARCHED]
    else:
        with source.open("rb") as file:
            data = file.read(MAX_SEARCHED)
    if not _named(data):
        return {}
    try:
        reader = pypdf.PdfReader(
            io.BytesIO(source) if isinstance(source, bytes) else source, password=password
        )
        units = {i: float(page.get("/UserUnit", 1.0)) for i, page in enumerate(reader.pages)}
    except Exception:  # a damaged file that PDFium could repair; sizes are then in user space units
        return {}
    return {i: unit for i, unit in units.items() if 0 < unit <= 75_000 and unit != 1.0}


def _named(data: bytes) -> bool:
    if NAME in data:
        return True
    for match in OBJECT_STREAM.finditer(data):
        try:
            inside = zlib.decompressobj().decompress(data[match.end() : match.end() + MAX_STREAM], MAX_STREAM)
        except zlib.error:
            continue
        if NAME in inside:
            return True
    return False
