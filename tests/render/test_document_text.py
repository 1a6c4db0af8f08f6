"""A document as Markdown and HTML: order, tables with spans, figures in place, no markup of the document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import (
    Code,
    Document,
    Equation,
    Figure,
    Heading,
    List,
    Page,
    Parser,
    Route,
    Table,
    Text,
)

GRAPH = Diagram(Kind.FLOWCHART, (Node("a", "Start"), Node("b", "Stop")), (Edge("a", "b"),))
SPANS = (
    "<table><tr><th rowspan=2>Name</th><th colspan=2>Size</th></tr>"
    "<tr><td>wide</td><td>high|x</td></tr><tr><td>Box</td><td>1</td><td>2</td></tr></table>"
)


def made() -> Document:
    said = Description("Figure 1: A flow. Start leads to Stop.", GRAPH, "dic-small")
    route = Route("diagram", Kind.FLOWCHART, 1, "")
    figure = Figure(
        "f", 1, None, 4, "Figure 1", "A flow", image="figures/f.png", route=route, description=said
    )
    blocks = (
        Heading("h", 1, None, 0, "The *title*", 2),
        Text("t", 1, None, 1, "One <b>bold</b> line\nand on.\n\nNext."),
        Text("p", 1, None, 2, "Page 1 of 9", "footer"),
        List("l", 1, None, 3, ("• first", "2) second")),
        figure,
        Table("x", 1, None, 5, SPANS, "", "Table 1"),
        Code("c", 1, None, 6, "if a:\n    ```b```", "python"),
        Equation("e", 1, None, 7, "a^2"),
        Figure(
            "g", 1, None, 8, "Figure 2", duplicate_of="f", route=Route("duplicate", Kind.FLOWCHART, 1, "")
        ),
        Figure("d", 1, None, 9, route=Route("decoration", Kind.DECORATION, 1, "")),
    )
    return Document("a/report.pdf", "0" * 64, Parser("mineru"), (Page(1, 600, 800),), blocks)


def test_markdown_holds_every_block_once_in_order() -> None:
    text = made().to_markdown()
    wanted = [
        "## The \\*title\\*",
        "One \\<b\\>bold\\</b\\> line and on.\n\nNext.",
        "- first\n- second",
        "![Figure 1: A flow](<figures/f.png>)",
        "**Figure 1: A flow**",
        "Start leads to Stop.",
        "```mermaid\nflowchart",
        "Table 1",
        "| Name | Size | Size |\n|---|---|---|\n| Name | wide | high\\|x |\n| Box | 1 | 2 |",
        "````python\nif a:\n    ```b```\n````",
        "$$\na^2\n$$",
        "**Figure 2**\n\nShows the same as Figure 1 on page 1.",
    ]
    places = [text.find(part) for part in wanted]
    assert -1 not in places and places == sorted(places), list(zip(places, wanted, strict=True))
    assert "Page 1 of 9" not in text and text.count("Figure 1: A flow") == 2


def test_html_escapes_what_a_document_holds() -> None:
    page = made().to_html()
    assert "<b>bold</b>" not in page and "&lt;b&gt;bold" in page and "<script" not in page
    assert '<img src="figures/f.png"' in page and "<td>high|x</td>" in page and page.count("<figure>") == 2


def test_html_keeps_the_spans_of_a_table_and_nothing_else_of_its_markup() -> None:
    html = SPANS.replace("<td>wide", "<td onclick=x() colspan='2\" id=y'>wide")
    table = replace(made().blocks[5], html=html)  # type: ignore[call-arg]
    page = replace(made(), blocks=(table,)).to_html()
    assert '<tr><th rowspan="2">Name</th><th colspan="2">Size</th></tr>' in page
    assert "<td>wide</td><td>high|x</td>" in page and "onclick" not in page


def test_a_table_gives_rows_and_a_data_frame() -> None:
    table = made().blocks[5]
    assert isinstance(table, Table)
    assert table.to_rows() == [["Name", "Size", "Size"], ["Name", "wide", "high|x"], ["Box", "1", "2"]]
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert table.to_dataframe().shape == (2, 3)


def test_spans_without_end_are_cut() -> None:
    row = "<tr>" + "<td colspan=99999 rowspan=99999>a</td>" * 50 + "</tr>"
    rows = Table("x", 1, None, 0, f"<table>{row * 50}</table>").to_rows()
    assert sum(map(len, rows)) <= 50 * 1000 and rows[0][0] == "a"
