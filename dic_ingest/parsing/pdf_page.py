"""From PDF user space to the page as shown: crop box at the origin, /Rotate applied, y downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as raw

from dic_ingest.drawing import Box

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as in the PDF specification 8.3.3


@dataclass(frozen=True, slots=True)
class Frame:
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


def page_frame(page: Any, unit: float = 1.0) -> Frame:
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
    return Frame(width, height, matrix, turn * 90, unit)


def object_matrix(obj: Any) -> Matrix:
    """A page object's own matrix; identity where PDFium has none."""
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(obj, m):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return m.a, m.b, m.c, m.d, m.e, m.f
