"""Figures cut out of the page as PNG files, large enough to read, small enough to keep.

In: a document and a callable that renders a box of a page. Out: the document with `image`, `dpi` and
`crop_sha256`; files under `folder/figures`, and under `folder/pages` where pages are asked for, each written
whole or not at all, in place of no other.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from PIL import Image

from dic_ingest.errors import InputError
from dic_ingest.figures.settings import CropSettings as CropSettings
from dic_ingest.model.box import Box, area, grow, height_of, intersection, width_of
from dic_ingest.model.document import Document, Figure
from dic_ingest.owned_files import write_file

Render = Callable[[int, Box | None, float], Image.Image]
Turn = Image.Transpose
TURNS = {90: Turn.ROTATE_270, 180: Turn.ROTATE_180, 270: Turn.ROTATE_90}  # PIL turns counter-clockwise


def cut_crops(
    document: Document, render: Render, folder: Path | None, settings: CropSettings | None = None
) -> Document:
    """The document with kept figures cut into `folder/figures/*.png`; without a folder, with their dpi.

    Panels of a kept figure are cut too: they are told with the whole, and shown apart.
    """
    settings = settings or CropSettings()
    used: set[str] = set()
    sizes = {p.number: (p.width, p.height) for p in document.pages}
    kept = {f.id for f in document.figures if f.route is None or f.route.kept}

    def cut(figure: Figure) -> Figure:
        page = sizes.get(figure.page)
        if (
            figure.bbox is None
            or page is None
            or not (settings.all_routes or {figure.id, figure.parent} & kept)
        ):
            return figure
        box = crop_box(figure.bbox, page, settings)
        if area(box) <= 0:
            return figure
        dpi = crop_dpi(figure, settings)
        if folder is None:
            return replace(figure, dpi=dpi, crop_bbox=box)
        picture = upright(render(figure.page, box, dpi), figure.rotation)
        name = _write(picture, folder / "figures", figure, used)
        digest = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest()
        return replace(figure, image=f"figures/{name}", dpi=dpi, crop_sha256=digest, crop_bbox=box)

    return document.replace_figures(cut)


def picture_pages(
    document: Document, render: Render, folder: Path | None, settings: CropSettings
) -> Document:
    """The document with every page drawn as `folder/pages/0001.png` where `settings` ask for it.

    Of `settings.min_dpi`, less where a page would have more than `settings.max_pixels`. A page that cannot be
    drawn is left out with a warning.
    """
    if folder is None or not settings.pages:
        return document
    pages = []
    for page in document.pages:
        inches = max(page.width * page.height / 72.0**2, 1e-3)
        dpi = min(settings.min_dpi, math.sqrt(settings.max_pixels / inches))
        try:
            data = _png(render(page.number, None, dpi))
        except (InputError, ValueError, MemoryError) as error:  # one bad page, not the document
            document = document.warn("page_failed", f"page {page.number} was not drawn: {error}", page.number)
            pages.append(page)
            continue
        name = f"pages/{page.number:04d}.png"
        (folder / "pages").mkdir(parents=True, exist_ok=True)
        if not _holds(folder / name, data):
            write_file(folder / name, data)
        pages.append(replace(page, image=name))
    return replace(document, pages=tuple(pages))


def crop_box(box: Box, page: tuple[float, float], settings: CropSettings) -> Box:
    """The figure's box with its margin, on the page."""
    return intersection(grow(box, settings.margin), (0.0, 0.0, *page))


def crop_dpi(figure: Figure, settings: CropSettings) -> float:
    """Dots per inch at which the figure's small words are legible, within the limits."""
    sizes = sorted(min(height_of(w.bbox), width_of(w.bbox) + w.size) for w in figure.embedded_words)
    small = sizes[len(sizes) // 10] if sizes else 9.0
    dpi = min(max(72.0 * settings.text_pixels / max(small, 1.0), settings.min_dpi), settings.max_dpi)
    inches = area(figure.bbox or (0, 0, 1, 1)) / 72.0**2
    return round(min(dpi, math.sqrt(settings.max_pixels / max(inches, 1e-3))), 1)


def upright(picture: Image.Image, rotation: int) -> Image.Image:
    """The picture turned clockwise by `rotation`, a multiple of 90 degrees."""
    turn = TURNS.get(rotation % 360)
    return picture if turn is None else picture.transpose(turn)


def _write(picture: Image.Image, folder: Path, figure: Figure, used: set[str]) -> str:
    """Write a crop under the first name that is free, or that holds the same picture; returns the name."""
    folder.mkdir(parents=True, exist_ok=True)
    data = _png(picture)
    for name in _names(figure):
        path = folder / name
        if name in used or (os.path.lexists(path) and not _holds(path, data)):
            continue
        used.add(name)
        if not path.is_file():
            write_file(path, data)
        return name
    raise AssertionError("names do not end")


def _png(picture: Image.Image) -> bytes:
    held = io.BytesIO()
    picture.save(held, "PNG", compress_level=2)  # the default costs four times the time for a tenth
    return held.getvalue()


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _names(figure: Figure) -> Iterator[str]:
    """File names from the label, else from the id; safe on every system."""
    stem = re.sub(r"[^\w\-]+", "-", figure.label, flags=re.ASCII).strip("-_").lower()[:60]
    stem = stem or re.sub(r"[^\w\-]+", "-", figure.id, flags=re.ASCII)[:60] or "figure"
    if not figure.label.isascii():
        stem = f"{stem}-{hashlib.sha256(figure.label.encode()).hexdigest()[:6]}"
    yield f"{stem}.png"
    for number in count(2):
        yield f"{stem}-{number}.png"
