"""Single letters that PDFium leaves out of a text layer, because no typeface at hand gives them a width.

In: a loaded page and its source. Out: words for text objects of one letter in a CJK font that is not embedded
("예" at the branch of a decision). Read by pypdf, found again by their place; other text is left to PDFium.
"""

from __future__ import annotations

import ctypes
import io
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2.raw as raw

from dic_ingest.model.drawing import Word
from dic_ingest.sources.pdf.page import PageFrame, object_matrix

MOST_OBJECTS = 20_000  # looked at on one page
MOST = 500  # letters without a width on one page
NARROW = 0.01  # units: PDFium passes over text objects of less width
SAME = 0.6  # units between the places that the two readers give for one object
LONGEST = 2  # letters: longer texts have a width
ASCENT, DESCENT = 0.86, 0.14  # of a CJK letter's square, above and under its base line


def bare_glyphs(
    page: Any, number: int, frame: PageFrame, source: Path | bytes, password: str | None
) -> tuple[Word, ...]:
    """Words of the letters that have no width here; none on nearly every page, at the cost of a look."""
    places = _without_width(page)
    if not places:
        return ()
    words = []
    for text, x, y, size in _texts(source, password, number):
        if len(text) <= LONGEST and any(abs(x - a) < SAME and abs(y - b) < SAME for a, b in places):
            box = frame.box(x, y - DESCENT * size, x + size * len(text), y + ASCENT * size)
            words.append(Word(text, box, round(size * frame.unit, 2)))
    return tuple(words)


def _without_width(page: Any) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    edges = [ctypes.c_float() for _ in range(4)]
    for i in range(min(max(0, raw.FPDFPage_CountObjects(page)), MOST_OBJECTS)):
        obj = raw.FPDFPage_GetObject(page, i)
        if raw.FPDFPageObj_GetType(obj) != raw.FPDF_PAGEOBJ_TEXT:
            continue
        if not raw.FPDFPageObj_GetBounds(obj, *edges) or edges[2].value - edges[0].value >= NARROW:
            continue
        *_, x, y = object_matrix(obj)
        found.append((x, y))
        if len(found) >= MOST:
            break
    return found


def _texts(source: Path | bytes, password: str | None, number: int) -> list[tuple[str, float, float, float]]:
    """Texts of a page with their places and sizes in user space; none where pypdf cannot read it."""
    found: list[tuple[str, float, float, float]] = []

    def see(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((text.strip(), x, y, abs(size * tm[3] * cm[3]) or size))

    try:
        opened = io.BytesIO(source) if isinstance(source, bytes) else source
        pypdf.PdfReader(opened, password=password).pages[number - 1].extract_text(visitor_text=see)
    except Exception:  # a damaged file that PDFium could repair: nothing is added
        return []
    return found
