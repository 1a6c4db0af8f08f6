"""Diagrams inside documents: fenced Mermaid, drawings in HTML, pictures that carry their source."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dic_ingest.model.document import Code, Document, Heading, Text
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
