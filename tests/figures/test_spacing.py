"""Words that a parser ran together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from dic_ingest.figures.recovery import recover_figures
from dic_ingest.model.document import Document, Table
from dic_ingest.text.spacing import respaced
from tests.figures.drawn import parsed

WORDS = ("The", "members", "involved", "in", "audit", "were:", "a", "mem")


def test_runs_of_words_come_apart_and_all_else_stays() -> None:
    assert respaced("Themembersinvolved\tinauditwere:", WORDS) == "The members involved\tin audit were:"
    assert respaced("members unmembered Themembersof", WORDS) == "members unmembered Themembersof"
    assert respaced("<td>Themembers</td>", WORDS) == "<td>The members</td>"
    assert respaced("a" * 12, WORDS) == "a" * 12


def test_a_table_gets_its_blanks_back(make_pdf: Callable[..., Path]) -> None:
    def page(c: Canvas) -> None:
        for row, cells in enumerate((("Name of part", "Price per piece"), ("Long screw", "Two cents"))):
            for column, cell in enumerate(cells):
                c.drawString(75 + 150 * column, 686 - 20 * row, cell)

    document, drawings = parsed(make_pdf(page, size=(595, 842)))
    text = "Nameofpart\tPriceperpiece\nLongscrew\tTwocents"
    html = "<table><tr><td>Nameofpart</td><td>Priceperpiece</td></tr></table>"
    table = Table("t", 1, (70.0, 140.0, 400.0, 190.0), 0, html=html, text=text)
    bare = Document(document.source, document.sha256, document.parser, document.pages, (table,))
    (block,) = recover_figures(bare, lambda n: drawings[n - 1]).blocks
    assert isinstance(block, Table)
    assert block.text == "Name of part\tPrice per piece\nLong screw\tTwo cents"
    assert block.html == "<table><tr><td>Name of part</td><td>Price per piece</td></tr></table>"
