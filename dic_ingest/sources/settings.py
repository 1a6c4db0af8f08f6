"""Settings of PDFs, picture files and scanned pages; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"})


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """Bounds on what one PDF may cost. What goes over is cut, with a note on the `Drawing`.

    With `page_check` a child process loads each page first: one that needs more than `page_memory` (MiB) or
    `page_seconds` there is left out, with a warning. Without it PDFium may take any memory and time.
    """

    max_bytes: int = 2 << 30  # of the file
    max_pages: int = 5000  # pages that are read
    max_pixels: int = 40_000_000  # of one rendered picture; the dpi is lowered to fit
    max_objects: int = 20_000  # page objects read on one page
    max_points: int = 400_000  # path points read on one page
    max_chars: int = 200_000  # characters read on one page
    cached_items: int = 200_000  # words, paths and path points kept over all pages, about 50 MiB
    keep_hidden_text: bool = False  # text that nobody sees: white on white, covered, on a layer that is off
    page_check: bool = True  # pages are tried in a process of their own before PDFium loads them here
    page_memory: int = 1024  # MiB that PDFium may take for one page
    page_seconds: float = 20.0  # that PDFium may take for one page

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name not in ("page_check", "keep_hidden_text") and not getattr(self, name) >= 1:
                raise SettingsError(f"PdfLimits.{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """Bounds on what one picture file may cost."""

    max_bytes: int = 200 << 20  # of the file
    max_pixels: int = 120_000_000  # of one frame
    max_frames: int = 100  # frames of one file that are read

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_pixels, self.max_frames) < 1:
            raise SettingsError("every one of PictureLimits must be at least 1")


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How scanned pages are read. `ocr`: "auto" reads pages that carry no text, "off" leaves them figures.

    `max_pages` bounds the time a document may cost (a page takes one to some seconds), `megapixels` what is
    looked at of a page, `threads` the CPU cores used.
    """

    ocr: str = "auto"  # auto or off: whether scanned pages are read
    max_pages: int = 200  # pages that are read
    megapixels: float = 2.2  # of a scanned page as OCR sees it
    threads: int = 2  # CPU threads of the networks

    def __post_init__(self) -> None:
        if self.ocr not in ("auto", "off"):
            raise SettingsError(f'ScanSettings.ocr must be "auto" or "off", got {self.ocr!r}')
        if self.max_pages < 0 or self.threads < 1 or not 0.2 <= self.megapixels <= 40:
            raise SettingsError("ScanSettings: max_pages from 0, threads from 1, megapixels within 0.2 to 40")


@dataclass(frozen=True, slots=True)
class InputSettings:
    """What a caller may name beside files of this machine, and what fetching it may cost.

    Only what is named in a call or on the command line is fetched, never an address inside a document.
    """

    urls: bool = True  # whether URLs that the caller names are read: http, https, and those of fsspec
    max_bytes: int = 1 << 30  # of a download, a file on another file system, an open file
    timeout: float = 300.0  # seconds for one download
    connect: float = 10.0  # seconds until a server must answer at all
    redirects: int = 5  # that one download follows

    def __post_init__(self) -> None:
        if (
            self.max_bytes < 1
            or self.redirects < 0
            or not (0 < self.timeout <= 1e9 and 0 < self.connect <= 1e9)
        ):
            raise SettingsError("InputSettings: max_bytes from 1, redirects from 0, seconds above 0")
