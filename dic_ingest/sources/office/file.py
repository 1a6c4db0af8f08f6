"""An office file, web page or e-book as a document, with the doors of `PdfFile` and `PictureFile`.

Slides are read as data and shown by LibreOffice, where it is installed. Old formats become a PDF by it
and go the way of a PDF. Word, Excel, HTML, EPUB and Markdown are read as flowing text; what only LibreOffice
can render there is rendered by it and put in place.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PIL import Image

from dic_ingest.errors import (
    BrokenFileError,
    EmptyFileError,
    InputError,
    LimitError,
    MissingFileError,
    UnsupportedFileError,
)
from dic_ingest.model.box import Box
from dic_ingest.model.document import Block, Document, Page, Parser, Warning
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.office.deck import with_notes
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.excel import charts_only, read_workbook
from dic_ingest.sources.office.flow import Flow, identified
from dic_ingest.sources.office.libreoffice import to_pdf
from dic_ingest.sources.office.markup.asciidoc import read_asciidoc
from dic_ingest.sources.office.markup.epub import Beside, read_epub, read_markdown
from dic_ingest.sources.office.markup.html import read_html
from dic_ingest.sources.office.markup.notebook import read_notebook
from dic_ingest.sources.office.markup.restructured import read_restructured
from dic_ingest.sources.office.opendocument import read_odf_deck, read_odf_text
from dic_ingest.sources.office.opendocument_sheets import read_ods
from dic_ingest.sources.office.package import Package
from dic_ingest.sources.office.pages import PlacedPages, drawn_on
from dic_ingest.sources.office.powerpoint import read_deck
from dic_ingest.sources.office.settings import FOREIGN, SLIDES, SUFFIXES, OfficeSettings
from dic_ingest.sources.office.word import WordFile
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.source import PageSource, PdfParser


class OfficeFile(PageSource):
    """An open office file; close it, or use it as a context manager, to remove what was made for it.

    Raises:
        InputError: one of its kinds. MissingExtraError: the format needs the extra `office`.
    """

    def __init__(self, path: Path | str, settings: OfficeSettings | None = None) -> None:
        self.path = Path(path)
        self.settings = settings or OfficeSettings()
        self.suffix = self.path.suffix.lower()
        self.sha256 = _checked(self.path, self.settings)
        self.cuts: dict[int, tuple[str, ...]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="dic-ingest-office-")
        self._open: list[PdfFile | Package] = []
        self._blocks: tuple[Block, ...] = ()
        self._warnings: list[Warning] = []
        self._pdf: PdfFile | None = None
        try:
            self._pages = self._read()
        except BaseException:
            self.close()
            raise
        self.pages: tuple[Page, ...] = self._pages.pages

    def __enter__(self) -> OfficeFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open and remove the temporary folder."""
        for opened in self._open:
            opened.close()
        self._open.clear()
        self._folder.cleanup()

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page: of a slide everything, of flowing text its pictures."""
        return self._pages.drawing(number)

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it (points)."""
        return self._pages.render(number, box, dpi)

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """The file's blocks in reading order; what LibreOffice made a PDF of is laid out by `parse_pdf`."""
        source = name or str(self.path)
        if self._pdf is None:
            parser = Parser("office", "", self.suffix.lstrip("."))
            return Document(source, self.sha256, parser, self.pages, self._blocks, tuple(self._warnings))
        found = parse_pdf(self._folder_path / "pdf" / self._pdf.name, self._pdf)
        warnings = (*found.warnings, *self._warnings)
        return replace(
            found,
            source=source,
            sha256=self.sha256,
            blocks=identified(found.blocks, self.sha256),
            warnings=warnings,
        )

    @property
    def _folder_path(self) -> Path:
        return Path(self._folder.name)

    def _read(self) -> PdfFile | PlacedPages | SlidePages:
        if self.suffix in SLIDES:
            return self._slides()
        if self.suffix in FOREIGN:
            made, problem = self._converted(self.path)
            if made is None:
                raise _foreign_error(self.path.name, self.suffix, problem)
            return made
        flow = Flow(self.path.name, self.settings.max_pictures)
        _READERS[self.suffix](self, flow)
        flow.by_page()
        pages, self._blocks = flow.laid_out(self.sha256)
        self._warnings += flow.warnings
        return pages

    def _slides(self) -> SlidePages:
        package = self._package()
        deck = read_deck(self.path, package) if self.suffix in POWERPOINT else read_odf_deck(package)
        bare = Document("", self.sha256, Parser("office"), deck.pages, tuple(deck.blocks))
        self._blocks = identified(with_notes(bare, deck.notes), self.sha256)
        pdf, problem = None, ""
        if deck.drawings or deck.undrawn:
            closed = self._folder_path / f"slides{self.suffix}"
            package.copy_closed(closed)
            pdf, problem = self._converted(closed)
        if pdf is not None and len(pdf.pages) != len(deck.pages):
            pdf, problem = None, "LibreOffice made another number of slides"
        if deck.undrawn and pdf is None:
            self._warn_undrawn(f"pictures and objects of {len(set(deck.undrawn))} slides", problem)
        return SlidePages(deck.pages, deck.shapes, deck.pictures, pdf)

    def _converted(self, source: Path) -> tuple[PdfFile | None, str]:
        """The PDF that LibreOffice makes of `source`, opened, or why there is none."""
        if self.settings.libreoffice == "off":
            return None, "LibreOffice is switched off in the settings"
        made, problem = to_pdf(source, self._folder_path, self.settings.timeout)
        if made is None:
            return None, problem
        try:
            pdf = PdfFile(made)
        except InputError as error:
            return None, str(error)
        self._open.append(pdf)
        if self.suffix in FOREIGN:
            self._pdf, self.cuts = pdf, pdf.cuts
        return pdf, ""

    def _package(self) -> Package:
        package = Package(self.path, self.settings)
        self._open.append(package)
        return package

    def _word(self, flow: Flow) -> None:
        word = WordFile(self._package(), flow)
        word.read()
        if not word.drawn:
            return
        alone = self._folder_path / "drawings.docx"
        word.drawings_only(alone)
        pdf, problem = self._converted(alone)
        pictures = [drawn_on(pdf, n) for n in range(1, len(word.drawn) + 1)]
        lost = word.place(pictures)
        if lost:
            self._warn_undrawn(f"{lost} drawings", problem or "LibreOffice gave nothing for them")

    def _workbook(self, flow: Flow) -> None:
        charts = read_workbook(self.path, self._package(), flow, self.settings)
        if not charts or self.settings.libreoffice == "off":
            return
        alone = self._folder_path / "charts.xlsx"
        try:
            made = charts_only(self.path, alone)
        except (KeyError, ValueError, TypeError, AttributeError, OSError):
            return  # the numbers are read, and shown from themselves
        pdf, _ = self._converted(alone) if made == len(charts) else (None, "")
        for number, sketch in enumerate(charts, start=1):
            sketch.shown = drawn_on(pdf, number)

    def _odf(self, flow: Flow) -> None:
        read_odf_text(self._package(), flow)

    def _sheets(self, flow: Flow) -> None:
        read_ods(self._package(), flow, self.settings)

    def _html(self, flow: Flow) -> None:
        beside = Beside(self.path.parent, self.settings)
        read_html(self.path.read_bytes(), flow, beside, 1, self.settings.max_nesting)

    def _epub(self, flow: Flow) -> None:
        read_epub(self._package(), flow, self.settings)

    def _markdown(self, flow: Flow) -> None:
        text = self.path.read_text(encoding="utf-8-sig", errors="replace")
        read_markdown(text, flow, self.path.parent, self.settings)

    def _written(self, flow: Flow) -> None:
        """Text with marks: reStructuredText, AsciiDoc, notebooks."""
        readers = {".rst": read_restructured, ".ipynb": read_notebook}
        text = self.path.read_text(encoding="utf-8-sig", errors="replace")
        readers.get(self.suffix, read_asciidoc)(text, flow, self.path.parent, self.settings)

    def _warn_undrawn(self, what: str, problem: str) -> None:
        message = f"{what} are not in the result: {problem}. Install LibreOffice to have them rendered."
        self._warnings.append(Warning("not_rendered", message))


POWERPOINT = (".pptx", ".pptm")
_READERS: dict[str, Callable[[OfficeFile, Flow], None]] = {
    **dict.fromkeys((".docx", ".docm"), OfficeFile._word),
    **dict.fromkeys((".xlsx", ".xlsm"), OfficeFile._workbook),
    **dict.fromkeys((".html", ".htm", ".xhtml"), OfficeFile._html),
    **dict.fromkeys((".md", ".markdown"), OfficeFile._markdown),
    **dict.fromkeys((".rst", ".adoc", ".asciidoc", ".ipynb"), OfficeFile._written),
    ".epub": OfficeFile._epub,
    ".odt": OfficeFile._odf,
    ".ods": OfficeFile._sheets,
}


def _checked(path: Path, settings: OfficeSettings) -> str:
    """sha256 of the file's bytes; raises where it cannot be one that is read here."""
    if path.suffix.lower() not in SUFFIXES:
        listed = ", ".join(sorted(SUFFIXES))
        raise UnsupportedFileError(f"{path.name} is not an office file that is read here ({listed}).")
    try:
        size = path.stat().st_size
        if size == 0:
            raise EmptyFileError(f"{path.name} is empty (0 bytes). Fetch it again.")
        if size > settings.max_bytes:
            raise LimitError(
                f"{path.name} is over OfficeSettings.max_bytes ({settings.max_bytes}). Raise it."
            )
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} does not exist. Check the path.") from error
    except OSError as error:
        raise BrokenFileError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error


def _foreign_error(name: str, suffix: str, problem: str) -> InputError:
    if "could not read" in problem:
        return BrokenFileError(f"{name}: {problem}. Open it and save it again.")
    return UnsupportedFileError(
        f"{suffix} files need LibreOffice: {problem}. Install it, or save {name} in another format."
    )
