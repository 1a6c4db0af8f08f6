"""/UserUnit of a PDF's pages (PDF 2.0, 14.11.1): points per unit of user space, which PDFium does not report.

Nearly no file has one, so the file is searched for the name first and only then read by pypdf.
"""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import pypdf

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
