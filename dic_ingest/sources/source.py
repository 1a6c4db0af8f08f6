"""What every open file gives the pipeline, whatever its format: the `Source` protocol.

No stage after opening asks what type a source has. A format that is one figure says so, one that is laid out
by the PDF parser is handed that parser, one whose pages are scans reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PIL import Image

from dic_ingest.model.box import Box
from dic_ingest.model.document import Document, Page
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.settings import ScanSettings

# Lays out a PDF: its path, the file opened -> blocks in reading order. MinerU here or on a server.
PdfParser = Callable[[Path, PdfFile], Document]


class Source(Protocol):
    """An open file that gives its layout, and its pages as pixels and as data."""

    sha256: str
    pages: tuple[Page, ...]
    cuts: dict[int, tuple[str, ...]]  # by page: what was left unread so far, in words

    @property
    def is_single_figure(self) -> bool:
        """Whether every page is one figure as it stands, so that none is looked for on it."""
        ...

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """Blocks in reading order. `name` is how the document is called where the file has no path."""
        ...

    def with_scans_read(self, document: Document, settings: ScanSettings) -> tuple[Document, Source]:
        """The document with the words of its scanned pages, and the source with those pages upright."""
        ...

    def to_page_coordinates(self, document: Document) -> Document:
        """The document with every box on the pages as the file shows them."""
        ...

    def drawing(self, number: int) -> Drawing:
        """What is drawn on page `number` (from 1), as data, in points."""
        ...

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it (points)."""
        ...


class PageSource:
    """Base of sources without scans, whose pages stand as the file shows them."""

    is_single_figure = False

    def with_scans_read(self, document: Document, settings: ScanSettings) -> tuple[Document, Source]:
        """The document and the source as they are."""
        return document, self  # type: ignore[return-value]  # subclasses are whole sources

    def to_page_coordinates(self, document: Document) -> Document:
        """The document as it is."""
        return document
