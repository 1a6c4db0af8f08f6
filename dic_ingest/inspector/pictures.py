"""Pictures of a document's pages and figures, from its source file where that is still there and unchanged.

In: a document. Out: PIL pictures, page by page; a sentence where there are none. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from dic_ingest.errors import DICIngestError, InputError, SettingsError
from dic_ingest.figures.crops import crop_box, upright
from dic_ingest.figures.settings import CropSettings
from dic_ingest.image_files import open_picture
from dic_ingest.model.box import area
from dic_ingest.model.document import Document, Figure
from dic_ingest.pipeline import open_source
from dic_ingest.settings import Settings
from dic_ingest.sources.settings import PdfLimits
from dic_ingest.sources.source import Source


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How pages are pictured."""

    page_dpi: float = 120.0
    max_pages: int = 400  # later pages are shown as outlines
    max_pixels: int = 6_000_000  # of one page
    quality: int = 82  # of WebP

    def __post_init__(self) -> None:
        if not 18.0 <= self.page_dpi <= 400.0 or not 1 <= self.quality <= 100:
            raise SettingsError("PictureSettings needs page_dpi within 18..400 and quality within 1..100")
        if self.max_pages < 0 or self.max_pixels < 10_000:
            raise SettingsError("PictureSettings needs max_pages >= 0 and max_pixels >= 10000")


@dataclass(frozen=True, slots=True)
class Album:
    """The open source of a document, or why there is none."""

    source: Source | None
    note: str = ""


@contextmanager
def open_album(
    document: Document, near: tuple[Path, ...], settings: PictureSettings, password: str | None = None
) -> Iterator[Album]:
    """The document's source, opened; looked for as given, then relative to each folder of `near`."""
    path = find_source(document.source, near)
    if path is None:
        yield Album(None, f"The source file ({document.source}) is not there: crops only, no page pictures.")
        return
    limits = Settings(pdf=replace(PdfLimits(), max_pixels=settings.max_pixels))
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_source(path, limits, password))
        except (DICIngestError, OSError) as error:
            yield Album(None, f"The source file cannot be opened, so there are no page pictures: {error}")
            return
        if source.sha256 == document.sha256:
            yield Album(source)
        else:
            yield Album(None, "The source file has changed since it was read: no page pictures.")


def find_source(source: str, near: tuple[Path, ...] = ()) -> Path | None:
    """The file that `Document.source` names, if it is on this machine."""
    if not source or "\0" in source:
        return None
    for path in (Path(source), *(folder / source for folder in near)):
        try:
            if path.is_file():
                return path
        except OSError:  # a name too long for the file system
            continue
    return None


def page_picture(source: Source, number: int, dpi: float) -> Image.Image | None:
    """A page as shown; None where it cannot be drawn."""
    try:
        return source.render(number, dpi=dpi)
    except (DICIngestError, OSError, ValueError, IndexError, MemoryError):
        return None


def cut_figure(source: Source, figure: Figure, size: tuple[float, float], dpi: float) -> Image.Image | None:
    """A figure's crop, cut again from its source as `cut_crops` does; None where it has no place."""
    if figure.bbox is None:
        return None
    box = crop_box(figure.bbox, size, CropSettings())
    if area(box) < 1.0:
        return None
    try:
        return upright(source.render(figure.page, box, dpi), figure.rotation)
    except (DICIngestError, OSError, ValueError, IndexError, MemoryError):
        return None


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or WebP file in pixels, from its head; None for anything else."""
    try:
        with open_picture(path) as picture:
            return picture.size if picture.format in ("PNG", "JPEG", "WEBP") else None
    except InputError:
        return None
