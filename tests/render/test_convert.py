"""Graphs written for other programs: what is written and read again is the same graph."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.cli import group
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.editors.drawio import read_drawio
from dic_ingest.sources.diagram_files.languages.dot import read_dot
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()
LETTERS = "abcXYZ019<>&\"'%|{}\\ éß中文"
TEXT = st.text(LETTERS, min_size=1, max_size=14).map(lambda t: " ".join(t.split())).filter(bool)
COUNT = st.sampled_from(["", "1", "0..*", "n"])
POINTED = [End.ARROW, End.NONE, End.FILLED_DIAMOND, End.DIAMOND, End.CIRCLE]
SHAPES = st.sampled_from(["rect", "rounded", "diamond", "circle", "cylinder", "hexagon", "actor"])


@st.composite
def graphs(draw: st.DrawFn, member: st.SearchStrategy[str] = TEXT) -> Diagram:
    labels = draw(st.lists(TEXT, min_size=2, max_size=7, unique_by=str.casefold))
    depth = draw(st.integers(0, min(3, len(labels))))  # none of the frames is empty
    groups = tuple(Group(f"g{k}", f"Frame {k}", f"g{k - 1}" if k else None) for k in range(depth))
    nodes = []
    for k, text in enumerate(labels):
        inside = f"g{k}" if k < depth else draw(st.sampled_from([None, *(g.id for g in groups)]))
        members = tuple(draw(st.lists(member, max_size=3))) if draw(st.booleans()) else ()
        nodes.append(Node(f"n {k}", text, "rect" if members else draw(SHAPES), members, inside))
    ends = st.sampled_from([*(n.id for n in nodes), *(g.id for g in groups)])
    edges = []
    for _ in range(draw(st.integers(0, 6))):
        a, b = draw(ends), draw(ends)
        if a != b and not ({a, b} & {g.id for g in groups}):
            head = draw(st.sampled_from(POINTED))
            tail = draw(st.sampled_from([End.NONE, End.ARROW if head is End.ARROW else End.CIRCLE]))
            directed = End.ARROW in (head, tail)
            said = draw(st.one_of(st.just(""), TEXT))
            style = draw(st.sampled_from(["solid", "dashed", "thick"]))
            edges.append(Edge(a, b, said, directed, style, tail, head, draw(COUNT), draw(COUNT)))
        elif a != b:
            edges.append(Edge(a, b))
    return Diagram(Kind.BLOCK, tuple(nodes), tuple(edges), groups)


def told(diagram: Diagram) -> tuple[Counter[object], Counter[object], Counter[object]]:
    """What a graph says, whatever its ids: nodes, groups, edges."""
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    nodes = Counter((n.label, n.shape, n.members, name.get(n.group or "")) for n in diagram.nodes)
    groups = Counter((g.label, name.get(g.parent or "")) for g in diagram.groups)
    edges = Counter(
        (
            name[e.source],
            name[e.target],
            e.label,
            e.directed,
            e.style,
            e.source_end,
            e.target_end,
            e.source_label,
            e.target_label,
        )
        for e in diagram.edges
    )
    return nodes, groups, edges


@settings(max_examples=150, deadline=None)
@given(graphs(st.one_of(TEXT, st.just(""))))
def test_drawio_and_back(diagram: Diagram) -> None:
    found = read_drawio(diagram.to_drawio(), "a.drawio", LIMITS)[0][1]
    assert told(found) == told(diagram)


def test_drawio_keeps_what_no_frame_holds() -> None:
    """A node over a frame that does not hold it stays outside; one that was moved into it is held."""
    frame = Group("g", "Frame", bbox=(0, 0, 400, 300))
    inside = Node("a", "A", group="g", bbox=(20, 40, 100, 80))
    over = Node("b", "B", bbox=(200, 40, 280, 80))
    graph = Diagram(Kind.BLOCK, (inside, over), (Edge("a", "b"),), (frame,))
    written = graph.to_drawio()
    assert told(read_drawio(written, "a.drawio", LIMITS)[0][1]) == told(graph)
    cell = written.index('value="B"')
    moved = written[:cell] + written[cell:].replace('parent="1"', 'parent="c1"', 1)
    found = read_drawio(moved, "a.drawio", LIMITS)[0][1]
    assert {n.label: n.group for n in found.nodes} == {"A": "c1", "B": "c1"}


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_dot_and_back(diagram: Diagram) -> None:
    """Edges at frames end on a node in them: DOT has no other."""
    found = read_dot(diagram.to_dot(), "a.dot", LIMITS)[0]
    assert Counter((n.label, n.members) for n in found.nodes) == Counter(
        (n.label, n.members) for n in diagram.nodes
    )
    plain = {n.id for n in diagram.nodes}
    kept = [e for e in diagram.edges if {e.source, e.target} <= plain]
    named = {n.id: n.label for n in diagram.nodes}
    again = Counter((e.source, e.target, e.label, e.source_label, e.target_label) for e in found.edges)
    assert len(found.edges) == len(diagram.edges)
    for e in kept:
        assert again[e.source, e.target, e.label, e.source_label, e.target_label] > 0, named


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_svg_is_well_formed_and_holds_the_words(diagram: Diagram) -> None:
    words = "".join(ElementTree.fromstring(diagram.to_svg()).itertext()).split()
    assert set(diagram.nodes[0].label.split()) <= set(words)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_json_is_exact(diagram: Diagram) -> None:
    assert Diagram.from_dict(json.loads(diagram.to_json())) == diagram


def test_messages_keep_their_order_in_drawio() -> None:
    people = (Node("a", "Ann"), Node("b", "Bob"), Node("c", "Cy"))
    sent = (
        Edge("a", "b", "one"),
        Edge("b", "c", "two"),
        Edge("c", "a", "three", style="dashed"),
        Edge("a", "a", "four"),
    )
    frame = Group("f", "no answer", kind="loop", edges=(1, 2))
    written = Diagram(Kind.SEQUENCE, people, sent, (frame,), direction="LR").to_drawio()
    found = read_drawio(written, "a.drawio", LIMITS)[0][1]
    name = {n.id: n.label for n in found.nodes}
    assert found.kind is Kind.SEQUENCE
    assert [(g.kind, g.label, g.edges) for g in found.groups] == [("loop", "no answer", (1, 2))]
    assert [(name[e.source], name[e.target], e.label) for e in found.edges] == [
        ("Ann", "Bob", "one"), ("Bob", "Cy", "two"), ("Cy", "Ann", "three"), ("Ann", "Ann", "four")
    ]  # fmt: skip


def test_places_that_were_read_stay() -> None:
    nodes = (Node("a", "Ann", bbox=(100, 50, 180, 90)), Node("b", "Bob", bbox=(300, 50, 380, 90)))
    found = read_drawio(Diagram(Kind.BLOCK, nodes, (Edge("a", "b"),)).to_drawio(), "a.drawio", LIMITS)[0][1]
    first, second = found.nodes[0].bbox, found.nodes[1].bbox
    assert first and second and (second[0] - first[0], second[1] - first[1]) == (200, 0)


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    file = tmp_path / "flow.mmd"
    file.write_text("flowchart TD\n  A[Mix] -->|well| B{Smooth?}\n  B --> C[Bake]\n")
    return file


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("drawio", "<mxfile"),
        ("mermaid", "flowchart TD"),
        ("dot", "digraph {"),
        ("json", "{"),
        ("svg", "<svg"),
    ],
)
def test_convert_writes_every_format(flow: Path, form: str, begins: str) -> None:
    done = CliRunner().invoke(group, ["convert", str(flow), "--to", form])
    assert done.exit_code == 0 and done.output.startswith(begins) and "Smooth?" in done.output


def test_convert_writes_a_file_and_replaces_none(flow: Path, tmp_path: Path) -> None:
    out = tmp_path / "flow.drawio"
    assert (
        CliRunner().invoke(group, ["convert", str(flow), "--to", "drawio", "--out", str(out)]).exit_code == 0
    )
    assert len(read_drawio(out.read_bytes(), out.name, LIMITS)[0][1].edges) == 2
    out.write_text("mine")
    again = CliRunner().invoke(group, ["convert", str(flow), "--to", "drawio", "--out", str(out)])
    assert again.exit_code != 0 and out.read_text() == "mine"
    forced = ["convert", str(flow), "--to", "drawio", "--out", str(out), "--force"]
    assert CliRunner().invoke(group, forced).exit_code == 0 and out.read_text() != "mine"


def test_convert_chooses_a_figure(tmp_path: Path) -> None:
    file = tmp_path / "two.puml"
    file.write_text("@startuml\nA -> B : x\n@enduml\n@startuml\n[C] --> [D]\n@enduml\n")
    two = CliRunner().invoke(group, ["convert", str(file), "--to", "drawio"])
    assert len(read_drawio(two.output, "x.drawio", LIMITS)) == 2
    assert CliRunner().invoke(group, ["convert", str(file), "--to", "svg"]).exit_code != 0
    second = CliRunner().invoke(group, ["convert", str(file), "--to", "json", "--figure", "2"])
    assert [n["label"] for n in json.loads(second.output)["nodes"]] == ["C", "D"]
