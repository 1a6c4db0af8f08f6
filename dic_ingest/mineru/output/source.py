"""Saved MinerU output as a `Source`: its layout, and pixels of the PDF beside it or of its own pictures.

In: a folder, a zip or a JSON file that MinerU 1.x to 4.x wrote. Nothing is parsed again. Without the PDF,
figures are the pictures that MinerU cut out, on pages that are else blank.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PIL import Image

from dic_ingest.errors import InputError, MissingFileError
from dic_ingest.mineru.omissions import complete_pages, fill_empty
from dic_ingest.mineru.output.archive import BundleLimits, Opened, open_bundle, original_in_zip, richest_json
from dic_ingest.mineru.output.find import original_pdf
from dic_ingest.mineru.output.read import build
from dic_ingest.model.box import Box, size_of
from dic_ingest.model.document import Block, Document, Figure, Page, Text
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.office.pages import Picture, PlacedPages
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.scan.document import PdfSource
from dic_ingest.sources.settings import PdfLimits, PictureLimits, ScanSettings
from dic_ingest.sources.source import PdfParser, Source
from dic_ingest.sources.unchanged import unchanged

LETTER = 0.4  # width of a letter by the height of its line
MAX_WORDS = 20_000  # of one block
PICTURE_BYTES = 256 << 20  # of all pictures held open of one output without its PDF


class SavedOutput:
    """An opened output; use as a context manager.

    Raises:
        MissingFileError: no such path. BundleError: no MinerU output, several, or one over a limit.
        ChangedFileError: at the end, where the PDF beside it was written to meanwhile.
    """

    is_single_figure = False

    def __init__(
        self,
        path: Path,
        pdf_limits: PdfLimits | None = None,
        picture_limits: PictureLimits | None = None,
        password: str | None = None,
        limits: BundleLimits | None = None,
    ) -> None:
        if not path.exists():
            raise MissingFileError(f"{path} does not exist. Check the path.")
        self._limits = limits or BundleLimits()
        self._pdf_limits = pdf_limits or PdfLimits()
        self._picture_limits = picture_limits or PictureLimits()
        self._left = PICTURE_BYTES
        self._open = ExitStack()
        try:
            self._read(path, password)
        except BaseException:
            self._open.close()
            raise

    def _read(self, path: Path, password: str | None) -> None:
        scratch = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="dic-ingest-output-")))
        if path.is_dir():
            path = richest_json(path, self._limits)
        opened = self._open.enter_context(open_bundle(path, self._limits))
        opened.pictures.folder = scratch
        self.sha256 = opened.sha256
        if opened.pictures.archive is not None:
            with path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._pdf = self._original(path, opened.pictures.archive, scratch, password)
        self._document = self._built(opened, path)
        self.pages: tuple[Page, ...] = self._document.pages
        self.cuts: dict[int, tuple[str, ...]] = self._pdf.cuts if self._pdf else {}
        self._shown: PdfSource | PlacedPages = PdfSource(self._pdf) if self._pdf else self._from_pictures()

    def _original(
        self, path: Path, archive: zipfile.ZipFile | None, scratch: Path, password: str | None
    ) -> PdfFile | None:
        """The PDF that was parsed, opened; None where there is none that opens."""
        place = scratch / "original.pdf" if archive else original_pdf(path)
        if archive and place and not original_in_zip(archive, place, self._pdf_limits.max_bytes):
            return None
        if place is None:
            return None
        try:
            reading = self._open.enter_context(unchanged(place))
            pdf = self._open.enter_context(PdfFile(place, password, self._pdf_limits))
        except InputError:
            return None
        reading.sha256 = pdf.sha256
        return pdf

    def _built(self, opened: Opened, path: Path) -> Document:
        pages = self._pdf.pages if self._pdf else None
        bare = replace(opened, pdf=None)
        document = build(bare, pages=pages, sha256=self.sha256, name=str(path), tier="", limits=self._limits)
        if self._pdf is None:
            text = "the PDF that MinerU read is not beside its output; figures are the pictures saved with it"
            return _without_gaps(document, self._pdf_limits.max_pages).warn("no_original", text)
        known = len(self._pdf.pages)
        numbers = tuple(sorted({b.page for b in document.blocks if b.page <= known}))
        kept = document.replace_blocks(lambda b: b if b.page <= known else None)
        kept = replace(kept, pages=kept.pages[:known])
        return fill_empty(complete_pages(kept, self._pdf, numbers, False), self._pdf)

    def _from_pictures(self) -> PlacedPages:
        """Blank pages with the figures' pictures in their places; a figure without a picture is its text."""
        on: dict[int, list[tuple[Box, Picture]]] = {}
        places = _places(self._document)

        def shown(block: Block) -> Block | None:
            if not isinstance(block, Figure):
                return block
            place = places.get(block.id)
            picture = self._picture(block.image) if block.image and place else None
            if place is None or picture is None:
                text = block.content
                return Text(block.id, block.page, block.bbox, block.order, text) if text else None
            on.setdefault(block.page, []).append((_fitted(place, picture), picture))
            return replace(block, bbox=place, image="")

        self._document = self._document.replace_blocks(shown)
        return PlacedPages(self.pages, on)

    def _picture(self, path: str) -> Picture | None:
        try:
            self._left -= Path(path).stat().st_size
            if self._left < 0:
                return None
            file = self._open.enter_context(PictureFile(Path(path), self._picture_limits))
        except (InputError, OSError):
            return None
        page = file.pages[0]
        return Picture(file, 1, (0.0, 0.0, page.width, page.height))

    def __enter__(self) -> SavedOutput:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """MinerU's blocks as they were saved; `parse_pdf` is not asked."""
        return replace(self._document, source=name)

    def with_scans_read(self, document: Document, settings: ScanSettings) -> tuple[Document, Source]:
        """The document with the words of its scanned pages, where the PDF is there."""
        if isinstance(self._shown, PdfSource):
            return self._shown.with_scans_read(document, settings)
        return document, self

    def to_page_coordinates(self, document: Document) -> Document:
        """The document as it is."""
        return document

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page of the PDF; without it, the pictures' places and the blocks' words."""
        drawing = self._shown.drawing(number)
        if self._pdf is not None:
            return drawing
        blocks = (b for b in self._document.blocks if b.page == number and not isinstance(b, Figure))
        return replace(drawing, words=tuple(w for b in blocks for w in _words(b)))

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it (points)."""
        return self._shown.render(number, box, dpi)


def _places(document: Document) -> dict[str, Box]:
    """Where each figure stands; those without a box are stacked on their page."""
    sizes = {p.number: p for p in document.pages}
    nowhere: dict[int, list[Figure]] = {}
    places: dict[str, Box] = {}
    for figure in document.figures:
        if figure.bbox is not None:
            places[figure.id] = figure.bbox
        elif figure.image and figure.page in sizes:
            nowhere.setdefault(figure.page, []).append(figure)
    for number, stacked in nowhere.items():
        height = sizes[number].height / len(stacked)
        for index, figure in enumerate(stacked):
            places[figure.id] = 0.0, index * height, sizes[number].width, (index + 1) * height
    return places


def _words(block: Block) -> Iterator[Word]:
    """The block's words in lines of equal length within its box: about where they stand on the page."""
    words = block.content.split()[:MAX_WORDS]
    if block.bbox is None or not words:
        return
    x0, y0, x1, y1 = block.bbox
    letters = sum(len(w) + 1 for w in words)
    lines = max(1, round((letters * LETTER * (y1 - y0) / max(x1 - x0, 1.0)) ** 0.5))
    height, width = (y1 - y0) / lines, (x1 - x0) * lines / letters
    at = 0
    for word in words:
        line, along = divmod(at * width, max(x1 - x0, 0.1))
        left, top = x0 + along, y0 + min(line, lines - 1) * height
        box = (left, top, min(x1, left + len(word) * width), top + height)
        yield Word(word, box, round(height * 0.8, 1))
        at += len(word) + 1


def _without_gaps(document: Document, most: int) -> Document:
    """The document with all pages up to its last one, those that it says nothing of blank."""
    kept = document.replace_blocks(lambda b: b if b.page <= most else None)
    known = {p.number: p for p in document.pages if p.number <= most}
    size = next(iter(known.values()), Page(1, 612.0, 792.0))
    pages = (known.get(n) or replace(size, number=n) for n in range(1, max(known, default=1) + 1))
    return replace(kept, pages=tuple(pages))


def _fitted(box: Box, picture: Picture) -> Box:
    """The largest place in `box` that keeps the picture's proportions."""
    width, height = size_of(box)
    scale = min(width / picture.size[0], height / picture.size[1])
    return box[0], box[1], box[0] + picture.size[0] * scale, box[1] + picture.size[1] * scale
