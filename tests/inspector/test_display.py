"""What notebooks get: well-formed HTML without scripts, the graph in place, everything escaped."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from made_document import FLOW, FLOW_TEXT, made, write_crops
from results_made import EVIDENCE, PLACED, weighed

from dic_ingest.inspector import display
from dic_ingest.inspector.drawing import diagram_svg
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.sources.pdf.document import PdfFile

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&"
VOID = {"img"}


class Tags(HTMLParser):
    """Names of all elements and attributes; fails where they are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(autouse=True)
def no_folders() -> Iterator[None]:
    display.look_in()
    yield
    display.look_in()


def test_a_figure_shows_its_crop_beside_its_graph(tmp_path: Path) -> None:
    write_crops(tmp_path)
    figure = next(f for f in weighed(made()).figures if f.description)
    assert "<img" not in figure._repr_html_()
    display.look_in(tmp_path)
    text = figure._repr_html_()
    tags = Tags(text)
    assert tags.names.count("img") == 1 and "svg" in tags.names
    assert "data:image/webp;base64," in text and "Figure 3" in text and "needs review" in text
    assert text.count('title="supported: graph"') == 3 and text.count("nothing supports this") == 1


def test_a_document_shows_pages_with_boxes() -> None:
    text = weighed(made())._repr_html_()
    tags = Tags(text)
    assert tags.names.count("svg") == 3  # two pages and a graph
    assert "decoration: small and repeated" in text
    assert "2 pages, 1 figures, 3 left out" in text


def test_pages_are_pictured_while_the_source_is_there(samples: Path) -> None:
    source = samples / "flowchart.pdf"
    with PdfFile(source) as pdf:
        document = replace(weighed(made(pdf.sha256, source=str(source))), pages=pdf.pages)
    tags = Tags(document._repr_html_())
    assert "image" in tags.names and "img" in tags.names  # the page, and the crop cut from it


def test_without_places_the_graph_is_text() -> None:
    assert diagram_svg(FLOW) == ""
    text = FLOW._repr_html_()
    assert "<svg" not in text and "flowchart TD" in text and "Check stock" in text
    assert set(FLOW._repr_mimebundle_()) == {"text/html", "text/plain", "text/vnd.mermaid"}


def test_a_placed_graph_is_drawn_where_it_stands() -> None:
    bundle = PLACED._repr_mimebundle_()
    assert bundle["text/vnd.mermaid"].startswith("flowchart TD")
    root = ElementTree.fromstring(bundle["image/svg+xml"])
    texts = "".join(root.itertext())
    assert all(label in texts for label in ("Receive order", "Check stock", "Ship parcel", "in stock"))
    xmlns = "{http://www.w3.org/2000/svg}"
    boxes = root.findall(f".//{xmlns}rect")
    assert [(b.get("x"), b.get("y")) for b in boxes] == [("10.0", "10.0"), ("10.0", "80.0")]
    ways = [p.get("d") for p in root.findall(f".//{xmlns}path")]
    assert "M50.0 30.0L50.0 45.0" in ways


def test_a_name_too_long_for_its_icon_stands_below() -> None:
    icon = Node("a", "Handset A", "icon", bbox=(0.0, 0.0, 12.0, 20.0))
    other = Node("b", "", "end", bbox=(60.0, 0.0, 70.0, 10.0))
    svg = diagram_svg(Diagram(Kind.TOPOLOGY, (icon, other), (Edge("a", "b"),)))
    rows = [float(t.get("y") or 0) for t in ElementTree.fromstring(svg).iter() if t.tag.endswith("tspan")]
    assert rows == [28.0]


@pytest.mark.parametrize("kind", [Kind.FLOWCHART, Kind.SEQUENCE, Kind.CLASS])
def test_hostile_strings_stay_text(kind: Kind) -> None:
    nodes = tuple(
        Node(f"{EVIL}{k}", EVIL, shape, (EVIL,), bbox=(10, 10.0 + 40 * k, 300, 40.0 + 40 * k))
        for k, shape in enumerate((EVIL, "diamond", "start"))
    )
    group = Group(EVIL, EVIL, bbox=(0, 0, 400, 400))
    edges = (Edge(nodes[0].id, nodes[1].id, EVIL, style=EVIL),)
    graph = Diagram(kind, nodes, edges, (group,), EVIL, (EVIL,), unread=(EVIL,))
    said = Description(EVIL, graph, EVIL, EVIL, "", replace(EVIDENCE, statements=()))
    figure = replace(made().figures[1], label=EVIL, printed_caption=EVIL, description=said, image=EVIL)
    document = replace(made(), source=EVIL).replace_figures(lambda f: figure)
    for shown in (graph, said, figure, document):
        tags = Tags(shown._repr_html_())
        assert not {"script", "iframe", "object", "style", "link"} & set(tags.names)
        assert not [name for name, _ in tags.attributes if name.startswith("on")]
        assert not [
            v for name, v in tags.attributes if name in ("src", "href") and not str(v).startswith("data:")
        ]
    ElementTree.fromstring(diagram_svg(graph))


@pytest.mark.parametrize(
    "box",
    [(0.0, 0.0, 0.0, 0.0), (1e308, 0.0, -1e308, 5.0), (float("inf"), 0.0, 1.0, 1.0), (-5.0, -5.0, 1e6, 3.0)],
)
def test_odd_places_do_not_break(box: Any) -> None:
    nodes = (Node("a", "A", bbox=box), Node("b", "B " * 4000, "stadium", bbox=(5, 5, 6, 6)))
    edges = (Edge("a", "b", path=((1.0, 1.0), (1.0, 1.0))), Edge("a", "c"), Edge("b", "b"))
    svg = diagram_svg(Diagram(Kind.FLOWCHART, nodes, edges))
    if svg:
        ElementTree.fromstring(svg)
        assert len(svg) < 20_000


def test_plain_text_is_short() -> None:
    document = weighed(made())
    assert display.plain(document) == "<Document /papers/orders.pdf: 2 pages, 4 figures>"
    figure = document.figures[1]
    assert figure._repr_mimebundle_()["text/plain"] == "<Figure Figure 3 on page 1>"
    assert figure.description is not None
    assert figure.description._repr_mimebundle_()["text/plain"] == FLOW_TEXT


def test_nothing_of_it_is_loaded_before_a_notebook_asks() -> None:
    code = "import sys, dic_ingest.model.document; sys.exit('dic_ingest.inspector.display' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
