"""Diagrams inside documents: fenced Mermaid, drawings in HTML, pictures that carry their source."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dic_ingest.errors import BrokenFileError
from dic_ingest.model.document import Code, Document, Figure, Heading, Text
from dic_ingest.pipeline import ingest

pytest.importorskip("unstructured")
pytest.importorskip("markdown")

FENCE = "```mermaid\nflowchart TD\n    A[Order] --> B{In stock?}\n    B -->|yes| C[Ship]\n```"
SVG = (
    '<svg width="340" height="100" viewBox="0 0 340 100"><style>rect{fill:none;stroke:black}</style>'
    '<defs><marker id="m" markerWidth="8" markerHeight="8" refX="8" refY="4" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z"/></marker></defs><rect x="10" y="30" width="100" height="40"/>'
    '<rect x="220" y="30" width="100" height="40"/><line x1="110" y1="50" x2="218" y2="50" stroke="black" '
    'marker-end="url(#m)"/><text x="40" y="54">Soil</text><text x="250" y="54">Leaf</text></svg>'
)


def read(file: Path, content: str) -> Document:
    file.write_text(content)
    return ingest(file)


def edges(document: Document) -> set[tuple[str, str, str]]:
    said = document.figures[0].description
    assert said is not None and said.diagram is not None
    name = {n.id: n.label for n in said.diagram.nodes}
    return {(name[e.source], name[e.target], e.label) for e in said.diagram.edges}


def test_a_mermaid_fence_is_a_figure_with_its_caption(tmp_path: Path) -> None:
    found = read(tmp_path / "a.md", f"# Orders\n\nFirst.\n\n{FENCE}\n\n*Figure 1: An order*\n\nLast.\n")
    figure = found.figures[0]
    assert (figure.label, figure.printed_caption) == ("Figure 1", "An order")
    assert edges(found) == {("Order", "In stock?", ""), ("In stock?", "Ship", "yes")}
    assert figure.description is not None and figure.description.graph_from == "file"
    assert [type(b) for b in found.blocks if not b.content.startswith("Figure 1")] == [Heading, Text, Text]


def test_other_fences_stay_code(tmp_path: Path) -> None:
    found = read(tmp_path / "a.md", "Text.\n\n```python\nx --> y\n```\n\n```mermaid\nnothing of it\n```\n")
    assert not found.figures and [b.text.strip() for b in found.blocks if isinstance(b, Code)] == [
        "x --> y",
        "nothing of it",
    ]


@pytest.mark.parametrize("inside", ['<pre class="mermaid">{}</pre>', '<div class="mermaid">{}</div>'])
def test_mermaid_in_html(tmp_path: Path, inside: str) -> None:
    source = FENCE.removeprefix("```mermaid\n").removesuffix("\n```").replace(">", "&gt;")
    found = read(tmp_path / "a.html", f"<html><body><p>First.</p>{inside.format(source)}</body></html>")
    assert edges(found) == {("Order", "In stock?", ""), ("In stock?", "Ship", "yes")}


def test_a_drawing_in_html_is_read(tmp_path: Path) -> None:
    figure = f"<figure>{SVG}<figcaption>Figure 2: Water</figcaption></figure>"
    found = read(tmp_path / "a.html", f"<html><body><p>First.</p>{figure}<p>Last.</p></body></html>")
    assert found.figures[0].label == "Figure 2" and not found.warnings
    assert edges(found) == {("Soil", "Leaf", "")}


def test_a_picture_beside_the_text_that_carries_its_source(tmp_path: Path) -> None:
    info = PngInfo()
    cell = 'vertex="1" parent="1"><mxGeometry width="100" height="40" as="geometry"'
    cells = (
        f'<mxCell id="a" value="Soil" {cell}/></mxCell><mxCell id="b" value="Leaf" {cell} y="90"/></mxCell>'
    )
    edge = '<mxCell id="e" edge="1" source="a" target="b"/>'
    root = f'<root><mxCell id="0"/><mxCell id="1" parent="0"/>{cells}{edge}'
    info.add_text("mxfile", f"<mxGraphModel>{root}</root></mxGraphModel>")
    Image.new("RGB", (200, 260), "white").save(tmp_path / "water.png", pnginfo=info)
    assert edges(read(tmp_path / "a.md", "Text.\n\n![](water.png)\n")) == {("Soil", "Leaf", "")}


MERMAID = "flowchart TD\n    A[Order] --> B{In stock?}\n    B -->|yes| C[Ship]"
SHIPPED = {("Order", "In stock?", ""), ("In stock?", "Ship", "yes")}


def test_a_notebook_is_text_code_and_figures(tmp_path: Path) -> None:
    picture = base64.b64encode(SVG.encode()).decode()
    cells = [
        {"cell_type": "markdown", "source": ["# Orders\n", "\n", f"```mermaid\n{MERMAID}\n```\n"]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [{"text": ["1\n"]}, {"data": {"image/svg+xml": SVG}}],
        },
        {
            "cell_type": "markdown",
            "source": "![](attachment:w.svg)",
            "attachments": {"w.svg": {"image/svg+xml": picture}},
        },
        {"cell_type": "code", "source": 3, "outputs": 4},
    ]
    found = read(tmp_path / "a.ipynb", json.dumps({"cells": cells, "metadata": {}}))
    assert edges(found) == SHIPPED and len(found.figures) == 3
    assert [b.text for b in found.blocks if isinstance(b, Code)] == ["print(1)", "3"]
    with pytest.raises(BrokenFileError):
        read(tmp_path / "b.ipynb", "{}")


def test_asciidoc(tmp_path: Path) -> None:
    source = (
        "= Orders\n:toc:\n\nFirst *bold* https://example.org[link].\n\n* one\n* two\n\n.An order\n"
        f"[mermaid]\n....\n{MERMAID}\n....\n\n[source,python]\n----\nx = 1\n----\n\n"
        "|===\n|a |b\n|===\n\ninclude::/etc/passwd[]\n"
    )
    found = read(tmp_path / "a.adoc", source)
    assert edges(found) == SHIPPED and found.figures[0].printed_caption == "An order"
    assert [b.content for b in found.blocks if not isinstance(b, Figure)] == [
        "Orders", "First bold link.", "one\ntwo", "x = 1", "a\tb"
    ]  # fmt: skip


def test_restructured_text(tmp_path: Path) -> None:
    pytest.importorskip("docutils")
    inner = MERMAID.replace("\n", "\n   ")
    unsafe = ".. include:: /etc/passwd\n\n.. raw:: html\n\n   <b>x</b>\n"
    source = f"Orders\n======\n\nSee :ref:`this <x>`.\n\n.. mermaid::\n\n   {inner}\n\n{unsafe}"
    found = read(tmp_path / "a.rst", source)
    assert edges(found) == SHIPPED
    assert [b.content for b in found.blocks if not isinstance(b, Figure)] == ["Orders", "See this."]
