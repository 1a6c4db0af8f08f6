"""Drawings that were made with a PDF editor: their annotations as part of the page.

In: a loaded page. Out: the page with the appearances of its annotations among its own objects, so that paths
and words are read alike. Only in memory; pages without drawn annotations stay as they are.
"""

from __future__ import annotations

from typing import Any

import pypdfium2.raw as raw

MAX_ANNOTATIONS = 20_000
DRAWN = frozenset(
    {
        raw.FPDF_ANNOT_FREETEXT,
        raw.FPDF_ANNOT_LINE,
        raw.FPDF_ANNOT_SQUARE,
        raw.FPDF_ANNOT_CIRCLE,
        raw.FPDF_ANNOT_POLYGON,
        raw.FPDF_ANNOT_POLYLINE,
        raw.FPDF_ANNOT_INK,
        raw.FPDF_ANNOT_STAMP,
    }
)


def merge_annotations(page: Any) -> bool:
    """Make the annotations part of the page's content; True where the page has to be loaded again."""
    count = raw.FPDFPage_GetAnnotCount(page)
    if not 0 < count <= MAX_ANNOTATIONS or not any(_is_drawn(page, i) for i in range(count)):
        return False
    done: int = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    return bool(done == raw.FLATTEN_SUCCESS)


def _is_drawn(page: Any, index: int) -> bool:
    annotation = raw.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return False
    try:
        kind: int = raw.FPDFAnnot_GetSubtype(annotation)
        return kind in DRAWN
    finally:
        raw.FPDFPage_CloseAnnot(annotation)
