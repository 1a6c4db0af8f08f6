"""A PDF as the pixel source: pages, pictures of any box at any dpi, and everything that is drawn, as data."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from dic_ingest.errors import (
    BrokenFileError,
    EmptyFileError,
    EncryptedFileError,
    LimitError,
    MissingFileError,
    UnsupportedFileError,
)
from dic_ingest.model.box import Box
from dic_ingest.model.document import Page
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.annotations import merge_annotations
from dic_ingest.sources.pdf.hidden_text import hidden_layers, page_objects, split_hidden
from dic_ingest.sources.pdf.packed_drawing import PackedDrawing, pack, weight
from dic_ingest.sources.pdf.page import PageFrame, page_frame, user_units
from dic_ingest.sources.pdf.page_check import refused_pages
from dic_ingest.sources.pdf.paths import read_paths
from dic_ingest.sources.pdf.words import bare_glyphs, read_words
from dic_ingest.sources.settings import PdfLimits as PdfLimits

LOCK = threading.RLock()
WHOLE = 0.1  # of PdfLimits.cached_items: so many are kept unpacked, in up to six times the memory
DEFAULT_SIZE = (612.0, 792.0)  # US letter, for a page whose own size is unusable
SEEN_SCALE, SEEN_PIXELS = 1.4, 4_000_000  # pixels a point, and in all, to see whether text shows
CHECKED = 16  # pages checked at once; more than one asked for, so that a request is worth its time
HEADER_WITHIN = 1024  # bytes; readers accept rubbish before %PDF- up to here


class PdfFile:
    """An open PDF; use as a context manager.

    Raises:
        InputError: one of its kinds, see `dic_ingest.errors`.
    """

    def __init__(
        self,
        source: Path | str | bytes,
        password: str | None = None,
        limits: PdfLimits | None = None,
    ) -> None:
        self.limits = limits or PdfLimits()
        self.name = "PDF" if isinstance(source, bytes) else Path(source).name
        self.source = source if isinstance(source, bytes) else Path(source)
        self._password = password
        self._pid = os.getpid()
        self.cuts: dict[int, tuple[str, ...]] = {}
        self._last: tuple[int, Drawing] | None = None
        self._kept: dict[int, Drawing | PackedDrawing] = {}
        self._weight, self._full = 0, False
        self._refused: dict[int, str] = {}  # by page checked: why it is not loaded, "" where it is
        self.sha256 = _digest(self.source, self.name, self.limits)
        with LOCK:
            self._doc: Any = self._open()
            self._units = user_units(self.source, password)
            count = len(self._doc)
            if count == 0:
                self._doc.close()
                raise EmptyFileError(f"{self.name} has no pages. Check that the file was saved completely.")
            self.page_count = count
            self.pages = tuple(self._page_size(i) for i in range(min(count, self.limits.max_pages)))
            if all(p.width == 0 for p in self.pages):
                self._doc.close()
                raise BrokenFileError(
                    f"{self.name} has no readable page: its page tree is damaged. Fetch it again."
                )
            self.pages = tuple(p if p.width else Page(p.number, *DEFAULT_SIZE) for p in self.pages)

    def __enter__(self) -> PdfFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free PDFium's memory; the object is of no use afterwards."""
        with LOCK:
            self._last = None
            self._kept.clear()
            self._weight = 0
            if self._doc is not None and self._pid == os.getpid():
                self._doc.close()
            self._doc = None

    def drawing(self, number: int) -> Drawing:
        """Words, paths and images of page `number` (from 1), in points on the page as shown.

        A page that PDFium cannot load, or not within `limits`, gives an empty drawing with a note.
        """
        with LOCK:
            if self._last is not None and self._last[0] == number:
                return self._last[1]
            known = self._kept.get(number)
            if isinstance(known, PackedDrawing):
                known = known.drawing()
            drawing = self._read(number) if known is None else known
            self._last = number, drawing
            if known is None:
                if drawing.notes:
                    self.cuts[number] = drawing.notes
                # each stage goes over the pages in order: the first kept serve all stages, the last none
                wanted = self._weight + weight(drawing)
                self._full = wanted > self.limits.cached_items
                if not self._full:
                    whole = wanted <= WHOLE * self.limits.cached_items
                    self._kept[number], self._weight = drawing if whole else pack(drawing), wanted
            return drawing

    def refused(self, numbers: Sequence[int]) -> dict[int, str]:
        """Those of the pages that are not loaded, with the reason: what they need of memory or time."""
        if not self.limits.page_check:
            return {}
        with LOCK:
            new = [n for n in numbers if n not in self._refused]
            if new:
                found = refused_pages(self.source, self._password, new, self.limits)
                self._refused |= {n: found.get(n, "") for n in new}
            return {n: why for n in numbers if (why := self._refused[n])}

    @contextmanager
    def reading_ahead(self, numbers: Sequence[int]) -> Iterator[None]:
        """While the block waits for others, pages are read for those who ask next, as many as can be kept."""
        stop = threading.Event()

        def read() -> None:
            for number in numbers:
                if stop.is_set() or self._full:
                    return
                self.drawing(number)

        with ThreadPoolExecutor(1, thread_name_prefix="reading-ahead") as pool:
            pool.submit(read)  # what it fails of, whoever asks for that page meets again
            try:
                yield
            finally:
                stop.set()

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it (points, as shown); white outside the page.

        The dpi is lowered where the picture would have more than `PdfLimits.max_pixels`.
        """
        with LOCK:
            page = self._load(number)
            if page is None:
                size = self.pages[number - 1]
                return Image.new("RGB", (max(1, round(size.width)), max(1, round(size.height))), "white")
            try:
                frame = page_frame(page.raw, self._units.get(number - 1, 1.0))
                return _render(page, frame, box, dpi / 72.0, self.limits.max_pixels)
            finally:
                page.close()

    def _open(self) -> Any:
        try:
            return open_document(self.source, self._password)
        except pdfium.PdfiumError as error:
            raise _open_error(error, self.name, self._password) from error

    def _live(self) -> Any:
        if self._doc is None:
            raise ValueError("this PdfFile is closed")
        if self._pid != os.getpid():  # PDFium's handles do not survive a fork
            self._doc, self._pid = self._open(), os.getpid()
        return self._doc

    def _load(self, number: int) -> Any:
        if not 1 <= number <= len(self.pages):
            raise IndexError(f"page {number} of {self.name}, which has pages 1 to {len(self.pages)}")
        if self.refused([number] if number in self._refused else self._next(number)).get(number):
            return None
        try:
            page = self._live()[number - 1]
            if merge_annotations(page.raw):
                page.close()
                page = self._live()[number - 1]
            return page
        except pdfium.PdfiumError:
            return None

    def _next(self, number: int) -> range:
        """The page and those after it that are checked with it."""
        return range(number, min(number + CHECKED, len(self.pages) + 1))

    def _page_size(self, index: int) -> Page:
        """Size as shown; 0 x 0 for a page that cannot be reached."""
        size = raw.FS_SIZEF()
        if not raw.FPDF_GetPageSizeByIndexF(self._doc.raw, index, size):
            return Page(index + 1, 0.0, 0.0)
        if not (_sane(size.width) and _sane(size.height)):
            return Page(index + 1, *DEFAULT_SIZE)
        unit = self._units.get(index, 1.0)
        return Page(index + 1, float(size.width) * unit, float(size.height) * unit)

    def _read(self, number: int) -> Drawing:
        size = self.pages[number - 1]
        page = self._load(number)
        if page is None:
            why = self._refused.get(number)
            note = f"not read: {why}" if why else f"page {number} is damaged and could not be read"
            return Drawing(size.width, size.height, notes=(note,))
        try:
            frame = page_frame(page.raw, self._units.get(number - 1, 1.0))

            def small() -> Image.Image:
                return _render(page, frame, None, SEEN_SCALE, SEEN_PIXELS)

            off = frozenset() if self.limits.keep_hidden_text else hidden_layers(page.raw, small)
            paths, images, cut_paths = read_paths(
                page.raw, frame, self.limits.max_objects, self.limits.max_points, off
            )
            words, cut_words = read_words(page.raw, frame, self.limits.max_chars)
            words += bare_glyphs(page.raw, number, frame, self.source, self._password)
            notes = tuple(filter(None, (cut_paths, cut_words)))
            drawing = Drawing(size.width, size.height, words, paths, images, notes)
            if words and not self.limits.keep_hidden_text:
                seen, hidden = split_hidden(drawing, *page_objects(page.raw, frame), small)
                drawing = replace(drawing, words=seen, hidden=hidden)
            return drawing
        finally:
            page.close()


def open_document(source: Path | str | bytes, password: str | None) -> Any:
    """PDFium's document: with the password, else without, as a file opens that only its owner locked.

    Raises:
        PdfiumError: the first try's, where both fail.
    """
    try:
        return pdfium.PdfDocument(source, password=password)
    except pdfium.PdfiumError:
        if password:
            with suppress(pdfium.PdfiumError):
                return pdfium.PdfDocument(source)
        raise


def _sane(length: float) -> bool:
    return 1.0 <= length <= 1_000_000.0


def _digest(source: Path | bytes, name: str, limits: PdfLimits) -> str:
    """sha256 of the source; raises where the source cannot be a PDF, before PDFium sees it."""
    if isinstance(source, bytes):
        _check_head(source[:HEADER_WITHIN], len(source), name, limits)
        return hashlib.sha256(source).hexdigest()
    if source.is_dir():
        raise UnsupportedFileError(f"{source} is a folder. Give its files, or use `dic-ingest run` on it.")
    try:
        with source.open("rb") as file:
            _check_head(file.read(HEADER_WITHIN), source.stat().st_size, name, limits)
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise MissingFileError(f"{source} does not exist. Check the path.") from error
    except OSError as error:
        raise BrokenFileError(
            f"{source} cannot be read ({error.strerror}). Check its permissions."
        ) from error


def _check_head(head: bytes, size: int, name: str, limits: PdfLimits) -> None:
    if size == 0:
        raise EmptyFileError(f"{name} is empty (0 bytes). Fetch it again.")
    if size > limits.max_bytes:
        raise LimitError(
            f"{name} has {size} bytes, more than PdfLimits.max_bytes ({limits.max_bytes}). Raise it."
        )
    if b"%PDF-" not in head:
        raise UnsupportedFileError(f"{name} is not a PDF (no %PDF- header). Convert it, or check its name.")


def _open_error(error: pdfium.PdfiumError, name: str, password: str | None) -> Exception:
    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD:
        what = "the password given does not open it" if password else "it needs a password"
        return EncryptedFileError(f"{name} is encrypted: {what}. Give the right one with --password.")
    if code == raw.FPDF_ERR_SECURITY:
        return EncryptedFileError(f"{name} uses an encryption that is not supported. Save a decrypted copy.")
    return BrokenFileError(
        f"{name} is damaged and cannot be opened. Fetch it again, or repair it (qpdf, mutool)."
    )


def _render(page: Any, frame: PageFrame, box: Box | None, scale: float, max_pixels: int) -> Image.Image:
    x0, y0, x1, y1 = box or (0.0, 0.0, frame.width, frame.height)
    width, height = max(x1 - x0, 0.1), max(y1 - y0, 0.1)
    scale = min(scale, (max_pixels / (width * height)) ** 0.5, 20_000 / max(width, height))
    pixels = max(1, round(width * scale)), max(1, round(height * scale))
    bitmap = pdfium.PdfBitmap.new_native(pixels[0], pixels[1], raw.FPDFBitmap_BGR)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, pixels[0], pixels[1])
        # one matrix from the page as shown to the wanted window; clipping to the bitmap
        zoom = scale * frame.unit
        matrix = raw.FS_MATRIX(zoom, 0, 0, zoom, -x0 * scale, -y0 * scale)
        clip = raw.FS_RECTF(0, 0, pixels[0], pixels[1])
        raw.FPDF_RenderPageBitmapWithMatrix(bitmap.raw, page.raw, matrix, clip, raw.FPDF_ANNOT)
        picture: Image.Image = bitmap.to_pil().convert("RGB")
        return picture
    finally:
        bitmap.close()
