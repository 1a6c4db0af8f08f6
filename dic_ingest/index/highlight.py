"""PDFs with what a search found marked in them by annotations: hits, and nodes and lines of figures.

The source stays as it is; a copy is written. Places are points on the page as shown.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdf
from pypdf.annotations import AnnotationDictionary, PolyLine, Rectangle
from pypdf.constants import AnnotationFlag
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

from dic_ingest.errors import BrokenFileError, ChangedFileError, MissingFileError, UnsupportedFileError
from dic_ingest.index.hits import Hit
from dic_ingest.model.box import Box, Point
from dic_ingest.owned_files import sha256_of, write_file

PRODUCER = "dic_ingest, what a search found"  # by this, a copy is known as ours and may be replaced
HIT, PART = "d64500", "1866a8"  # colours: around a hit, around what the question names in it
WIDE = 2.0  # points, of a line
AROUND = 2.0  # points between a node and its frame


def highlight(hits: Sequence[Hit], to: Path) -> list[Path]:
    """Write copies of the hits' PDFs with their places marked.

    Args:
        hits: of one search.
        to: a name ending in .pdf takes the document of the best hit; a folder takes one PDF a document, named
            as its results.

    Returns:
        The files written, the best hit's first.

    Raises:
        MissingFileError, ChangedFileError: a source is not there any more, or is another one.
        UnsupportedFileError: none of the hits is in a PDF. BrokenFileError: a PDF that cannot be copied.
        NotOursError: a file that this function did not write is in the place of a copy.
    """
    documents: dict[str, list[Hit]] = {}
    for hit in hits:
        if Path(hit.file).suffix.lower() == ".pdf":
            documents.setdefault(hit.document, []).append(hit)
    if not documents:
        raise UnsupportedFileError("None of the hits is in a PDF, so there is no page to mark.")
    if to.suffix.lower() == ".pdf":
        first = next(iter(documents))
        return [_write(documents[first], to)]
    to.mkdir(parents=True, exist_ok=True)
    return [_write(own, to / f"{name}.pdf") for name, own in documents.items()]


def _write(hits: Sequence[Hit], to: Path) -> Path:
    source = Path(hits[0].file)
    if not source.is_file():
        raise MissingFileError(f"{source} is not there any more, so nothing can be marked in it.")
    known = str(hits[0].metadata.get("dic_doc_id", ""))
    if len(known) == 64 and sha256_of(source) != known:
        raise ChangedFileError(f"{source} is not the file that was ingested. Run on it again.")
    try:
        writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(source))
        for hit in hits:
            if 0 < hit.page <= len(writer.pages):
                for mark in _marks(hit, writer.pages[hit.page - 1]):
                    writer.add_annotation(hit.page - 1, mark)
        writer.add_metadata({"/Producer": PRODUCER})
        data = io.BytesIO()
        writer.write(data)
    except Exception as error:  # the library has many, for files damaged in many ways
        raise BrokenFileError(f"{source} cannot be copied: {str(error)[:200]}.") from error
    write_file(to, data.getvalue(), ours=_is_ours)
    return to


def _is_ours(path: Path) -> bool:
    try:
        known = pypdf.PdfReader(path).metadata
    except Exception:  # no PDF, then
        return False
    return known is not None and known.producer == PRODUCER


def _marks(hit: Hit, page: pypdf.PageObject) -> Iterator[AnnotationDictionary]:
    """A frame around the hit, and around or along what the question names in it."""
    if hit.box is not None:
        yield _frame(page, hit.box, HIT, f"{hit.label or hit.type}: score {hit.score:.4f}")
    for part in hit.support:
        if part.points:
            named = part.label or f"{part.source} to {part.target}"
            yield _line(page, part.points, named)
        elif part.box is not None:
            x0, y0, x1, y1 = part.box
            yield _frame(page, (x0 - AROUND, y0 - AROUND, x1 + AROUND, y1 + AROUND), PART, part.label)


def _frame(page: pypdf.PageObject, box: Box, colour: str, text: str) -> AnnotationDictionary:
    ends = [_in_file(page, box[0], box[1]), _in_file(page, box[2], box[3])]
    xs, ys = sorted(x for x, _ in ends), sorted(y for _, y in ends)
    made = Rectangle(rect=(xs[0], ys[0], xs[1], ys[1]))
    return _styled(made, colour, text)


def _line(page: pypdf.PageObject, points: Sequence[Point], text: str) -> AnnotationDictionary:
    return _styled(PolyLine(vertices=[_in_file(page, x, y) for x, y in points]), PART, text)


def _styled(made: AnnotationDictionary, colour: str, text: str) -> AnnotationDictionary:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    made[NameObject("/C")] = ArrayObject([FloatObject(v) for v in parts])
    made[NameObject("/BS")] = DictionaryObject({NameObject("/W"): FloatObject(WIDE)})
    made[NameObject("/Contents")] = TextStringObject(text)
    made.flags = AnnotationFlag.PRINT
    return made


def _in_file(page: pypdf.PageObject, x: float, y: float) -> Point:
    """A point on the page as shown (origin top left) in the file's own coordinates (before its turn)."""
    box = page.cropbox
    left, bottom, width, height = float(box.left), float(box.bottom), float(box.width), float(box.height)
    turned = {
        90: (y, x),
        180: (width - x, y),
        270: (width - y, height - x),
    }
    u, v = turned.get(page.rotation % 360, (x, height - y))
    return left + u, bottom + v
