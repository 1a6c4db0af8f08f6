"""Pages that are pictures: MinerU's strips give way to one figure per page, and the text layer stays.

In: a document as flash laid it out and the PDF. Out: the document with every scanned page mended, each with
its full-page figure before the text that the scan's own text layer has.
"""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.document import Block, Document, Equation, Figure, Table, block_id
from dic_ingest.drawing import area
from dic_ingest.parsing.pdf import PdfFile
from dic_ingest.parsing.text_layer import paragraphs, scan_box, scan_figure, words_text

SUSPECT = 0.4  # of the page under figures and nothing read: worth a look


def text_only(document: Document, pdf: PdfFile, numbers: tuple[int, ...]) -> Document:
    """The document from the text layer alone: paragraphs, and a figure where a page is a picture."""
    blocks: list[Block] = []
    for number in numbers:
        blocks += _page(number, pdf, [])
    return _renumber(document, blocks)


def mend_scans(document: Document, pdf: PdfFile, numbers: tuple[int, ...], refused: bool) -> Document:
    """The document with scanned pages mended; `refused` looks at every page, not the suspect ones alone."""
    by_page: dict[int, list[Block]] = {n: [] for n in numbers}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    blocks: list[Block] = []
    scanned: list[int] = []
    for number, found in sorted(by_page.items()):
        known = 1 <= number <= len(pdf.pages)
        if known and (refused or _suspect(found, pdf.pages[number - 1].width * pdf.pages[number - 1].height)):
            mended = _page(number, pdf, found)
            if any(isinstance(b, Figure) and b.hint and b.hint.sub_type == "scanned_page" for b in mended):
                scanned.append(number)
            found = mended
        blocks += found
    if not scanned:
        return document if not refused else _renumber(document, blocks)
    listed = ", ".join(map(str, scanned[:20])) + (" ..." if len(scanned) > 20 else "")
    message = (
        f"{len(scanned)} pages are scans, given as full-page figures with what text layer they have: {listed}"
    )
    return _renumber(document, blocks).warn("scanned", message)


def _suspect(blocks: list[Block], page_area: float) -> bool:
    """Figures over much of the page, and no paragraph read."""
    figures = sum(area(b.bbox) for b in blocks if isinstance(b, Figure) and b.bbox)
    read = any(not isinstance(b, Figure) and len(b.content) > 60 for b in blocks)
    return figures > SUSPECT * page_area and not read


def _page(number: int, pdf: PdfFile, found: list[Block]) -> list[Block]:
    """A page's blocks: on a scan one figure and the text; elsewhere what was found, else its text layer."""
    drawing = pdf.drawing(number)
    box = scan_box(drawing)
    texts = [b for b in found if not isinstance(b, Figure)]
    said = sum(len(b.content.split()) for b in texts)
    if said < 0.5 * len(drawing.words):  # the parser passed over most of the text layer
        texts = list(paragraphs(number, drawing))
    elif box is None:
        return found
    return (
        [scan_figure(number, box), *texts] if box else [*(b for b in found if isinstance(b, Figure)), *texts]
    )


def _renumber(document: Document, blocks: list[Block]) -> Document:
    """Order, and ids for the blocks that have none; ids stay unique."""
    seen: set[str] = set()
    done: list[Block] = []
    for order, block in enumerate(blocks):
        content = "" if isinstance(block, Figure) else block.content
        base = block.id or block_id(document.sha256, block.type, block.page, block.bbox, content)
        name, count = base, 1
        while name in seen:
            count += 1
            name = f"{base}-{count}"
        seen.add(name)
        done.append(replace(block, id=name, order=order))
    return replace(document, blocks=tuple(done))


def fill_empty(document: Document, pdf: PdfFile) -> Document:
    """Formulas and tables that the parser gave as a box alone get the words printed there."""

    def fill(block: Block) -> Block:
        if not isinstance(block, Equation | Table) or block.bbox is None or block.content.strip():
            return block
        if not 1 <= block.page <= len(pdf.pages):
            return block
        said = words_text(pdf.drawing(block.page).within(block.bbox).words)
        return replace(block, text=said)

    return document.replace_blocks(fill)
