"""Scanned pages of a PDF, read without MinerU's weights: by OCR, a layout detector and the ink itself.

In: a PDF and its document from tier flash. Out: the document with those pages read, and the file as a
`PdfSource` whose scanned pages stand upright and carry words; it turns boxes back to the page as shown.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from dic_ingest.model.box import Box, area, inside, width_of
from dic_ingest.model.document import Block, Document, Figure, Heading, Page, Text, block_id
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.text_layer import scan_box, words_text
from dic_ingest.sources.scan.broken_text import MOSTLY, TRUSTED, agrees, broken_share, repaired
from dic_ingest.sources.scan.page import ScannedPage, read_page
from dic_ingest.sources.settings import ScanSettings as ScanSettings
from dic_ingest.sources.source import PdfParser
from dic_ingest.vision.ocr import OcrSettings
from dic_ingest.vision.scripts import SCRIPT_NOT_READ, advice

WEIGHTLESS = ("flash", "text")  # tiers of `Parser` that read no scans
FEW_PATHS = 2  # a page with more that is drawn was not scanned
FEW_WORDS = 3  # of a text layer: a page of pixels with no more has no text


class PdfSource:
    """An open PDF as a source; scanned pages that were read stand upright and carry their words."""

    is_single_figure = False

    def __init__(self, pdf: PdfFile, read: dict[int, ScannedPage] | None = None) -> None:
        self.pdf = pdf
        self.read = read = read or {}
        self.sha256 = pdf.sha256
        self.cuts = pdf.cuts
        self.pages = tuple(
            Page(p.number, *read[p.number].turn.size) if p.number in read else p for p in pdf.pages
        )

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """Blocks in reading order, by the parser given; a PDF that came as bytes is written out for it."""
        if isinstance(self.pdf.source, Path):
            return parse_pdf(self.pdf.source, self.pdf)
        with tempfile.TemporaryDirectory(prefix="dic-ingest-") as place:
            path = Path(place) / "document.pdf"
            path.write_bytes(self.pdf.source)
            return replace(parse_pdf(path, self.pdf), source=name)

    def with_scans_read(self, document: Document, settings: ScanSettings) -> tuple[Document, PdfSource]:
        """The document with its scanned pages read, and the source with those pages upright."""
        document, opened = read_scans(document, self.pdf, settings)
        return read_broken_text(document, opened, settings)

    def to_page_coordinates(self, document: Document) -> Document:
        """Boxes back on the pages as the file shows them; figures tell how they were turned."""
        return restored(document, self)

    def drawing(self, number: int) -> Drawing:
        """Words, paths and images of a page, in points of the page put upright."""
        return self.read[number].drawing if number in self.read else self.pdf.drawing(number)

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it, upright."""
        page = self.read.get(number)
        if page is None or page.turn.still:
            return self.pdf.render(number, box, dpi)
        whole = page.turn.picture(self.pdf.render(number, None, dpi))
        if box is None:
            return whole
        scale = whole.width / page.turn.size[0]
        x0, y0, x1, y1 = (round(v * scale) for v in box)
        ground = Image.new("RGB", (max(1, x1 - x0), max(1, y1 - y0)), "white")
        ground.paste(whole, (-x0, -y0))
        return ground


def read_scans(
    document: Document, pdf: PdfFile, settings: ScanSettings | None = None
) -> tuple[Document, PdfSource]:
    """The document with its scanned pages read, and the file to take their words and pixels from.

    Documents from a parser that reads scans itself come back as they are.
    """
    settings = settings or ScanSettings()
    wanted = _scanned(document, pdf) if document.parser.tier in WEIGHTLESS else []
    if settings.ocr == "off" or not wanted:
        return document, PdfSource(pdf, {})
    read: dict[int, ScannedPage] = {}
    for number in wanted[: settings.max_pages]:
        page = _read(number, pdf, settings)
        if page is not None:
            read[number] = page
    opened = PdfSource(pdf, read)
    kept = {p.number for p in document.pages}
    pages = tuple(p for p in opened.pages if p.number in kept)
    document = replace(_with_scan_warnings(_with_pages(document, read), set(read)), pages=pages)
    for number, page in sorted(read.items()):
        if page.unread:
            document = document.warn(SCRIPT_NOT_READ, f"page {number}: {advice(page.unread)}.", number)
    left = len(wanted) - settings.max_pages
    if left > 0:
        message = f"{left} scanned pages were not read. Raise ScanSettings.max_pages ({settings.max_pages})."
        document = document.warn("scan_limit", message)
    return document, opened


def read_broken_text(
    document: Document, opened: PdfSource, settings: ScanSettings
) -> tuple[Document, PdfSource]:
    """The document and the source with text by OCR where the fonts do not say which characters they show.

    Of a page that is mostly such text all is read anew, of others the words concerned, those in figures
    too. Paths stay those of the file. Where OCR reads the same as the text layer, nothing is changed.
    """
    pdf = opened.pdf
    numbers = [p.number for p in document.pages if 1 <= p.number <= len(pdf.pages)]
    broken = [n for n in numbers if n not in opened.read and broken_share(pdf.drawing(n).words)]
    if not broken:
        return document, opened
    if settings.ocr == "off":
        message = f"fonts that do not say what they show: text of pages {_listed(broken)} is unreadable"
        return document.warn("broken_text_left", message), opened
    whole: dict[int, ScannedPage] = {}
    parts: dict[int, ScannedPage] = {}
    agreed, left = 0, broken[settings.max_pages :]
    for number in broken[: settings.max_pages]:
        if agreed >= TRUSTED:
            break
        drawing, page = pdf.drawing(number), _read(number, pdf, settings, upright=True)
        if page is None or agrees(drawing.words, page.drawing.words):
            agreed += page is not None
            continue
        words = repaired(drawing.words, page.drawing.words)
        page = replace(page, drawing=replace(drawing, words=words))
        mostly = document.parser.tier in WEIGHTLESS and broken_share(drawing.words) >= MOSTLY
        (whole if mostly else parts)[number] = page
    return _with_repaired(document, pdf, whole, parts, left), PdfSource(
        pdf, {**opened.read, **whole, **parts}
    )


def _with_repaired(
    document: Document,
    pdf: PdfFile,
    whole: dict[int, ScannedPage],
    parts: dict[int, ScannedPage],
    left: Sequence[int],
) -> Document:
    def repair(block: Block) -> Block:
        page = parts.get(block.page)
        if page is None or block.bbox is None or not isinstance(block, Text | Heading):
            return block
        layer = [w for w in pdf.drawing(block.page).words if inside(w.bbox, block.bbox)]
        if broken_share(layer) < MOSTLY:
            return block
        return replace(block, text=words_text(page.drawing.within(block.bbox).words))

    document = _with_pages(document.replace_blocks(repair), whole)
    if whole or parts:
        listed = _listed(sorted({*whole, *parts}))
        message = f"fonts that do not say what they show: text read by OCR on pages {listed}"
        document = document.warn("broken_text", message)
    if left:
        message = (
            f"{len(left)} pages with unreadable text were not read by OCR. Raise ScanSettings.max_pages."
        )
        document = document.warn("broken_text_left", message)
    return document


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" ..." if len(numbers) > 20 else "")


def restored(document: Document, opened: PdfSource) -> Document:
    """The document with all boxes on the pages as the file shows them; figures tell how they were turned."""
    turned = {n: p.turn for n, p in opened.read.items() if not p.turn.still}
    if not turned:
        return document

    def back(block: Block) -> Block:
        turn = turned.get(block.page)
        if turn is None:
            return block
        box = turn.back(block.bbox) if block.bbox else None
        if not isinstance(block, Figure):
            return replace(block, bbox=box)
        return replace(
            block,
            bbox=box,
            caption_boxes=tuple(turn.back(b) for b in block.caption_boxes),
            embedded_words=tuple(
                replace(w, bbox=turn.back(w.bbox), angle=(w.angle + turn.quarter + turn.skew) % 360.0)
                for w in block.embedded_words
            ),
            rotation=(block.rotation - turn.quarter) % 360,
        )

    return replace(document.replace_blocks(back), pages=_shown(document, opened.pdf))


def _shown(document: Document, pdf: PdfFile) -> tuple[Page, ...]:
    wanted = {p.number for p in document.pages}
    return tuple(p for p in pdf.pages if p.number in wanted)


def _scanned(document: Document, pdf: PdfFile) -> list[int]:
    """Pages that stand as one picture for want of text, by what the parser left on them."""
    by_page: dict[int, list[Block]] = {p.number: [] for p in document.pages}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    return [n for n, found in sorted(by_page.items()) if 1 <= n <= len(pdf.pages) and _is_scan(n, found, pdf)]


def _is_scan(number: int, found: Sequence[Block], pdf: PdfFile) -> bool:
    if any(isinstance(b, Figure) and b.hint and b.hint.sub_type == "scanned_page" for b in found):
        return True
    if any(b.content.strip() for b in found if not isinstance(b, Figure)):
        return False
    drawing = pdf.drawing(number)
    few = len(drawing.words) <= FEW_WORDS and len(drawing.paths) <= FEW_PATHS
    return few and scan_box(drawing) is not None


def _read(number: int, pdf: PdfFile, settings: ScanSettings, upright: bool = False) -> ScannedPage | None:
    page = pdf.pages[number - 1]
    drawing = pdf.drawing(number)
    pixels = settings.megapixels * 1e6
    own = max((i.pixels[0] / max(width_of(i.bbox), 1.0) for i in drawing.images), default=4.0)
    per_point = min((pixels / max(area((0.0, 0.0, page.width, page.height)), 1.0)) ** 0.5, 2 * own)
    picture = pdf.render(number, None, 72.0 * per_point)
    megapixels = max(picture.width * picture.height / 1e6, 0.01)
    ocr = OcrSettings(threads=settings.threads, first_area=megapixels, total_area=megapixels)
    known = [w for w in drawing.words if w.confidence > 0]
    layer = known if len(known) > FEW_WORDS and not broken_share(drawing.words) else ()
    return read_page(number, picture, (page.width, page.height), layer, ocr, upright)


def _with_pages(document: Document, read: dict[int, ScannedPage]) -> Document:
    """The document with the blocks of read pages in place of what stood there."""
    blocks: list[Block] = []
    placed: set[int] = set()
    for block in document.blocks:
        if block.page not in read:
            blocks.append(block)
        elif block.page not in placed:
            placed.add(block.page)
            blocks += read[block.page].blocks
    for number in sorted(set(read) - placed):  # a page the parser gave nothing for
        at = next((i for i, b in enumerate(blocks) if b.page > number), len(blocks))
        blocks[at:at] = read[number].blocks
    numbered = [
        replace(b, order=i, id=b.id or f"{block_id(document.sha256, b.type, b.page, b.bbox, b.content)}")
        for i, b in enumerate(blocks)
    ]
    return replace(document, blocks=tuple(numbered))


def _with_scan_warnings(document: Document, read: set[int]) -> Document:
    """Pages that were read are no longer told of as pictures."""
    left = [w for w in document.warnings if w.code != "scanned"]
    told = [
        b.page
        for b in document.blocks
        if isinstance(b, Figure) and b.hint and b.hint.sub_type == "scanned_page" and b.page not in read
    ]
    document = replace(document, warnings=tuple(left))
    listed = sorted(read)
    if listed:
        message = f"scanned pages read by OCR or from their text layer: {_listed(listed)}"
        document = document.warn("scans_read", message)
    if told:
        document = document.warn("scanned", f"scans, given as full-page figures: pages {_listed(told)}")
    return document
