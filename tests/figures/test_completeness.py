"""Every word of a page stands in exactly one block: code, tables and figures included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.text.lines import text_key
from dic_ingest.model.document import Document, Figure
from dic_ingest.model.drawing import Word
from dic_ingest.pipeline import open_source, parse
from dic_ingest.settings import Settings
from tests.figures.drawn import PROSE, chain, parsed, prose
from tests.figures.test_listings import ART, LOOP, code

Make = Callable[..., Path]
SHARE = 0.999  # of a set of documents' letters that must stand once


def told(document: Document, page: int) -> Counter[str]:
    """Letters of a page's blocks; panels of a figure repeat what the whole holds."""
    texts: list[str] = []
    for block in document.blocks:
        if block.page != page or (isinstance(block, Figure) and block.parent):
            continue
        if isinstance(block, Figure):
            texts += [block.label, block.printed_caption, *(w.text for w in block.embedded_words)]
        else:
            texts.append(block.content)
    return Counter(text_key(" ".join(texts)))


def printed(words: Iterable[Word]) -> Counter[str]:
    return Counter(text_key(" ".join(w.text for w in words)))


def table(c: Canvas, x: float, y: float) -> None:
    for k in range(5):
        c.line(x, y - 16 * k, x + 240, y - 16 * k)
        c.line(x + 60 * k, y, x + 60 * k, y - 64)
    c.setFont("Helvetica", 8)
    for row in range(4):
        for column in range(4):
            c.drawString(x + 60 * column + 4, y - 16 * row - 11, f"cell {row}{column}")


def listing(c: Canvas) -> None:
    c.setFillColor(Color(0.9, 0.95, 1))
    c.rect(70, 300, 450, 100, fill=1)
    c.setFillColorRGB(0, 0, 0)
    code(c, 74, 388)


def captioned(c: Canvas) -> None:
    listing(c)
    c.setFont("Helvetica", 9)
    c.drawString(70, 285, "Figure 2: A parser.")


def art(c: Canvas) -> None:
    code(c, 90, 390, ART)


def framed_table(c: Canvas) -> None:
    c.rect(60, 300, 470, 100)
    table(c, 70, 390)


def code_beside_code(c: Canvas) -> None:
    for x in (70, 300):
        c.setFillColor(Color(1, 0.95, 0.9))
        c.rect(x, 300, 220, 100, fill=1, stroke=0)
        c.setFillColorRGB(0, 0, 0)
        code(c, x + 4, 388, LOOP, 7)


def drawing(c: Canvas) -> None:
    chain(c, 70, 350, ("main()", "run(queue);", "exit(0);"))


def note(c: Canvas) -> None:
    c.roundRect(65, 300, 460, 90, 5)
    prose(c, 75, 370, PROSE)


@pytest.mark.parametrize(
    "region", [table, listing, captioned, art, framed_table, code_beside_code, drawing, note]
)
def test_every_word_stands_once(make_pdf: Make, region: Callable[..., None]) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        region(c, 70, 390) if region is table else region(c)
        prose(c, 70, 240)

    document, drawings = parsed(make_pdf(page, size=(595, 842)))
    recovered = recover_figures(document, lambda n: drawings[n - 1])
    assert told(recovered, 1) == printed(drawings[0].words)


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("folder", ["pdf", "pdf2"])
def test_words_of_other_peoples_documents_stand_once(corpus: Path, folder: str) -> None:
    settings, letters, wrong = Settings(), 0, Counter[str]()
    for path in sorted((corpus / folder).glob("*.pdf")):
        with open_source(path, settings) as pdf:
            document = recover_figures(parse(path, pdf, settings), pdf.drawing)
            for page in document.pages:
                here, there = printed(pdf.drawing(page.number).words), told(document, page.number)
                letters += here.total()
                wrong[path.name] += (here - there).total() + (there - here).total()
    assert letters > 100_000
    assert wrong.total() <= (1 - SHARE) * letters, wrong.most_common(8)
