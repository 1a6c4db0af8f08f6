"""The same picture shown twice in a document, found by what it looks like.

In: a document and a callable that gives a figure's pixels. Out: the document with `duplicate_of` set on
copies, which keep their own route, and small art that comes back again and again routed to decoration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from dic_ingest.figures.settings import DuplicateSettings as DuplicateSettings
from dic_ingest.model.box import area
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Route

SIDE = 16  # cells a side of the fingerprint
ASPECT = 0.03  # by which two aspect ratios may differ
CropOf = Callable[[Figure], Image.Image]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A picture's gradients and its grey cells, coarse enough to survive another resolution."""

    bits: bytes
    greys: bytes
    aspect: float


def mark_duplicates(
    document: Document, crop_of: CropOf, settings: DuplicateSettings | None = None
) -> Document:
    """The document with copies pointing at the first of their kind."""
    settings = settings or DuplicateSettings()
    kept = [f for f in document.figures if f.bbox is not None and (f.route is None or f.route.kept)]
    first: list[tuple[Figure, Fingerprint]] = []
    copies: dict[str, list[str]] = {}
    for figure in kept:
        mark = fingerprint(crop_of(figure))
        same = next((f for f, known in first if _same(figure, mark, f, known, settings)), None)
        if same is None:
            first.append((figure, mark))
        else:
            copies.setdefault(same.id, []).append(figure.id)
    original = {copy: first_id for first_id, ids in copies.items() for copy in ids}
    page_area = {p.number: p.width * p.height for p in document.pages}

    def mark_one(figure: Figure) -> Figure:
        source = original.get(figure.id, figure.id)
        times = 1 + len(copies.get(source, ()))
        small = area(figure.bbox or (0, 0, 0, 0)) <= settings.logo_share * page_area.get(figure.page, 0.0)
        if times >= settings.logo_times and small and not figure.label:
            reason = f"small art that stands {times} times in the document"
            return replace(figure, route=Route("decoration", Kind.DECORATION, 0.9, reason))
        return replace(figure, duplicate_of=original[figure.id]) if figure.id in original else figure

    return document.replace_figures(mark_one)


def fingerprint(picture: Image.Image) -> Fingerprint:
    """Fingerprint of a picture of any size."""
    import numpy as np  # not loaded by a run that finds everything done

    grey = picture.convert("L").resize((SIDE + 1, SIDE + 1), Image.Resampling.BOX)
    cells = np.asarray(grey, dtype=np.int16)
    across = cells[:SIDE, 1:] - cells[:SIDE, :-1] > 2
    down = cells[1:, :SIDE] - cells[:-1, :SIDE] > 2
    bits = np.packbits(np.concatenate([across.ravel(), down.ravel()])).tobytes()
    coarse = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return Fingerprint(bits, coarse.tobytes(), picture.width / max(picture.height, 1))


def _same(a: Figure, mark: Fingerprint, b: Figure, known: Fingerprint, settings: DuplicateSettings) -> bool:
    if a.reading != b.reading or a.chart != b.chart:
        return False
    if bool(a.embedded_words) and bool(b.embedded_words) and _text(a) != _text(b):
        return False
    return alike(mark, known, settings)


def alike(mark: Fingerprint, known: Fingerprint, settings: DuplicateSettings) -> bool:
    """Whether two pictures show the same, at whatever resolution."""
    import numpy as np

    if abs(mark.aspect / known.aspect - 1.0) > ASPECT:
        return False
    x, y = np.frombuffer(mark.bits, np.uint8), np.frombuffer(known.bits, np.uint8)
    apart = int(np.unpackbits(x ^ y).sum()) / (8 * len(x))
    if apart > settings.max_distance:
        return False
    p, q = np.frombuffer(mark.greys, np.uint8), np.frombuffer(known.greys, np.uint8)
    return int(np.abs(p.astype(np.int16) - q.astype(np.int16)).max()) <= 24


def _text(figure: Figure) -> str:
    return " ".join(sorted(w.text for w in figure.embedded_words))
