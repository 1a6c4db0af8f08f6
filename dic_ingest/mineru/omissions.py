"""What MinerU's flash tier passes over: scanned pages and words it took for noise.

In: a document as it was laid out, and the PDF. Out: the document with one full-page figure per scanned page
in place of strips, and with the text layer wherever less than half of it was given. Nothing of a page is
lost.
"""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.model.box import grow, inside
from dic_ingest.model.document import Block, Document, Equation, Figure, Table, block_id
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.text_layer import paragraphs, scan_box, scan_figure, words_text

TOLD = 0.5  # of a page's words: below it the others are added
STRIPS = 4  # so many wide flat figures on a page are one picture cut up
MARGIN = 3.0  # points around a block within which its words may stand


def text_only(document: Document, pdf: PdfFile, numbers: tuple[int, ...]) -> Document:
    """The document from the text layer alone: paragraphs, and a figure where a page is a picture."""
    return _renumber(document, [b for n in numbers for b in _completed(n, pdf.drawing(n), [], True)])


def complete_pages(document: Document, pdf: PdfFile, numbers: tuple[int, ...], refused: bool) -> Document:
    """The document with scans and lost words mended on the pages `numbers`.

    `refused` says that MinerU took the file for a scan and was made to read its text layer: then its figures
    are strips of page pictures.
    """
    by_page: dict[int, list[Block]] = {n: [] for n in numbers}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    changed: dict[int, list[Block]] = {}
    damaged = [n for n in numbers if any("damaged" in note for note in pdf.drawing(n).notes)]
    if damaged:
        document = document.warn("damaged_page", f"pages that cannot be read in full: {_listed(damaged)}")
    for number in numbers:
        mended = _completed(number, pdf.drawing(number), by_page[number], refused)
        if mended != by_page[number]:
            changed[number] = mended
    if not changed:
        return document
    blocks = [b for n in sorted(by_page) for b in changed.get(n, by_page[n])]
    return _with_warnings(_renumber(document, blocks), changed)


def _with_warnings(document: Document, changed: dict[int, list[Block]]) -> Document:
    scanned = [n for n, found in changed.items() if any(_stands_for_scan(b) for b in found)]
    filled = [n for n in changed if n not in scanned]
    if scanned:
        message = (
            f"scans, given as full-page figures with what text layer they have: pages {_listed(scanned)}"
        )
        document = document.warn("scanned", message)
    if filled:
        message = f"words that MinerU passed over were taken from the text layer: pages {_listed(filled)}"
        document = document.warn("text_layer", message)
    return document


def _stands_for_scan(block: Block) -> bool:
    return isinstance(block, Figure) and block.hint is not None and block.hint.sub_type == "scanned_page"


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" ..." if len(numbers) > 20 else "")


def _completed(number: int, drawing: Drawing, found: list[Block], refused: bool) -> list[Block]:
    """The page's blocks, a scan's picture first, words that no block tells last."""
    box = scan_box(drawing) if refused or not found or _strips(found, drawing) >= STRIPS else None
    if box is not None:
        found = [scan_figure(number, box), *(b for b in found if not isinstance(b, Figure))]
    told = sum(len(_said(b).split()) for b in found)
    if told >= TOLD * len(drawing.words):
        return found
    boxes = [grow(b.bbox, MARGIN) for b in found if b.bbox and _said(b)]
    boxes += [grow(c, MARGIN) for b in found if isinstance(b, Figure) for c in b.caption_boxes]
    left = tuple(w for w in drawing.words if not any(inside(w.bbox, b) for b in boxes))
    return [*found, *paragraphs(number, replace(drawing, words=left))]


def _said(block: Block) -> str:
    hint = block.hint.content if isinstance(block, Figure) and block.hint else ""
    return f"{block.content} {hint}".strip()


def _strips(found: list[Block], drawing: Drawing) -> int:
    """Figures as wide as most of the page and flat."""
    boxes = [b.bbox for b in found if isinstance(b, Figure) and b.bbox]
    return sum(x1 - x0 > 0.6 * drawing.width and y1 - y0 < 0.12 * drawing.height for x0, y0, x1, y1 in boxes)


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
        return replace(block, text=words_text(pdf.drawing(block.page).within(block.bbox).words))

    return document.replace_blocks(fill)
