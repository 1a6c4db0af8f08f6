"""draw.io files: what the cells say is what the graph says; hostile files are typed errors."""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.cli import group
from dic_ingest.errors import BrokenFileError, InputError, LimitError
from dic_ingest.model.diagram import End, Kind
from dic_ingest.sources.diagram_files.editors.drawio import read_drawio
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()


def vertex(
    own: str, label: str, box: tuple[float, float, float, float], style: str = "", parent: str = "1"
) -> str:
    x, y, w, h = box
    return (
        f'<mxCell id="{own}" value="{label}" style="{style}" vertex="1" parent="{parent}">'
        f'<mxGeometry x="{x}" y="{y}" width="{w}" height="{h}" as="geometry"/></mxCell>'
    )


def edge(own: str, source: str, target: str, label: str = "", style: str = "", inner: str = "") -> str:
    ends = (f' source="{source}"' if source else "") + (f' target="{target}"' if target else "")
    return (
        f'<mxCell id="{own}" value="{label}" style="{style}" edge="1" parent="1"{ends}>'
        f'<mxGeometry relative="1" as="geometry">{inner}</mxGeometry></mxCell>'
    )


def model(*cells: str) -> str:
    head = '<mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>'
    return f"{head}{''.join(cells)}</root></mxGraphModel>"


def packed(text: str) -> str:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(quote(text, safe="").encode()) + deflate.flush()
    return f'<mxfile><diagram name="P">{base64.b64encode(data).decode()}</diagram></mxfile>'


def read(*cells: str):
    return read_drawio(model(*cells), "a.drawio", LIMITS)[0][1]


def arrows(diagram) -> set[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return {(name[e.source], name[e.target], e.label) for e in diagram.edges}


A, B = vertex("a", "Pump", (0, 0, 100, 40)), vertex("b", "Tank", (0, 120, 100, 40))


def test_cells_and_their_connector() -> None:
    found = read(A, B, edge("e", "a", "b", "fills"))
    assert arrows(found) == {("Pump", "Tank", "fills")}
    assert found.nodes[1].bbox == (0, 120, 100, 160) and found.edges[0].directed


def test_a_compressed_page_is_the_same() -> None:
    plain = model(A, B, edge("e", "a", "b"))
    title, found = read_drawio(packed(plain), "a.drawio", LIMITS)[0]
    assert title == "P" and found == read_drawio(plain, "a.drawio", LIMITS)[0][1]


def test_loose_ends_are_joined_by_place() -> None:
    ends = '<mxPoint x="50" y="43" as="sourcePoint"/><mxPoint x="50" y="119" as="targetPoint"/>'
    assert arrows(read(A, B, edge("e", "", "", "drips", inner=ends))) == {("Pump", "Tank", "drips")}
    far = '<mxPoint x="400" y="43" as="sourcePoint"/><mxPoint x="50" y="119" as="targetPoint"/>'
    assert arrows(read(A, B, edge("e", "", "", inner=far))) == set()


def test_html_labels_and_labels_on_edges() -> None:
    label = "&lt;b&gt;Main&lt;/b&gt;&lt;br&gt;pump &amp;amp; motor"
    hung = (
        '<mxCell id="l" value="1..*" style="edgeLabel" vertex="1" parent="e">'
        '<mxGeometry x="0.8" relative="1" as="geometry"/></mxCell>'
    )
    found = read(vertex("a", label, (0, 0, 100, 40)), B, edge("e", "a", "b", "fills"), hung)
    assert found.nodes[0].label == "Main\npump & motor"
    assert (found.edges[0].label, found.edges[0].target_label) == ("fills", "1..*")


def test_a_frame_is_a_group_and_an_edge_may_end_on_it() -> None:
    frame = vertex("f", "Plant", (0, 0, 300, 300), "swimlane;container=1")
    inner = vertex("a", "Pump", (20, 40, 100, 40), parent="f")
    found = read(frame, inner, vertex("o", "Office", (500, 0, 100, 40)), edge("e", "o", "f"))
    assert [(g.label, g.id) for g in found.groups] == [("Plant", "f")]
    assert found.nodes[0].group == "f" and found.nodes[0].bbox == (20, 40, 120, 80)
    assert arrows(found) == {("Office", "Plant", "")}


def test_a_frame_drawn_around_without_being_a_parent() -> None:
    frame = vertex("f", "Plant", (-20, -20, 300, 300))
    found = read(frame, A, B, edge("e", "a", "b"))
    assert [g.id for g in found.groups] == ["f"] and {n.group for n in found.nodes} == {"f"}


def test_a_class_has_its_rows_as_members() -> None:
    style = "swimlane;childLayout=stackLayout;"
    cells = [
        vertex("c", "Valve", (0, 0, 160, 90), style),
        vertex("r", "+ open(): void", (0, 30, 160, 26), "text", "c"),
    ]
    general = edge("e", "c", "a", style="endArrow=block;endFill=0")
    found = read(*cells, vertex("a", "Part", (0, 300, 100, 40)), general)
    assert found.nodes[0].members == ("+ open(): void",) and found.kind is Kind.CLASS
    assert found.edges[0].target_end is End.TRIANGLE
    ruled = vertex("c", "&lt;b&gt;Valve&lt;/b&gt;&lt;hr&gt;+ open(): void&lt;hr&gt;- shut()", (0, 0, 160, 90))
    assert read(ruled).nodes[0].members == ("+ open(): void", "- shut()")


def test_a_row_of_a_table_stands_for_the_table() -> None:
    table = vertex("t", "orders", (0, 0, 180, 90), "shape=table;childLayout=tableLayout")
    row = vertex("r", "", (0, 30, 180, 30), "shape=tableRow", "t")
    cell = vertex("k", "id", (0, 0, 180, 30), "shape=partialRectangle", "r")
    found = read(table, row, cell, B, edge("e", "b", "r"))
    assert found.nodes[0].members == ("id",) and arrows(found) == {("Tank", "orders", "")}


def test_lines_through_a_junction_join_what_is_beyond_it() -> None:
    dot = vertex("w", "", (200, 60, 20, 20), "shape=waypoint")
    c = vertex("c", "Drain", (400, 120, 100, 40))
    plain = "endArrow=none"
    found = read(A, B, c, dot, edge("e1", "a", "w", style=plain), edge("e2", "w", "b"), edge("e3", "w", "c"))
    assert arrows(found) == {("Pump", "Tank", ""), ("Pump", "Drain", "")}


def test_words_between_two_lines_are_one_lines_label() -> None:
    word = vertex("t", "&amp;lt;&amp;lt;include&amp;gt;&amp;gt;", (20, 70, 60, 20), "text")
    found = read(A, B, word, edge("e1", "a", "t", style="endArrow=none"), edge("e2", "t", "b"))
    assert arrows(found) == {("Pump", "Tank", "<<include>>")}


def test_hidden_layers_are_left_out() -> None:
    layer = '<mxCell id="2" parent="0" visible="0"/>'
    assert [n.label for n in read(A, layer, vertex("x", "Secret", (0, 300, 90, 40), parent="2")).nodes] == [
        "Pump"
    ]


def test_messages_between_lifelines_come_in_order() -> None:
    life = "shape=umlLifeline"
    at = '<mxPoint x="50" y="{0}" as="sourcePoint"/><mxPoint x="250" y="{0}" as="targetPoint"/>'
    found = read(
        vertex("a", "Client", (0, 0, 100, 300), life),
        vertex("b", "Server", (200, 0, 100, 300), life),
        edge("e2", "", "", "second", inner=at.format(200)),
        edge("e1", "", "", "first", inner=at.format(100)),
    )
    assert found.kind is Kind.SEQUENCE and [e.label for e in found.edges] == ["first", "second"]


def test_groups_in_a_circle_and_missing_targets_are_survived() -> None:
    loop = vertex("x", "X", (0, 0, 90, 40), parent="y") + vertex("y", "Y", (0, 0, 200, 200), parent="x")
    assert {n.label for n in read(loop, A, edge("e", "a", "nowhere")).nodes} >= {"Pump"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><mxfile>&a;</mxfile>', BrokenFileError),
        ("<mxfile><diagram>!!!</diagram></mxfile>", BrokenFileError),
        (packed(model(A))[:80] + "</diagram></mxfile>", BrokenFileError),
        ("<html></html>", BrokenFileError),
        ("<mxfile>" + "<a>" * 5000, InputError),
        (model(*(vertex(f"v{i}", "x", (i, 0, 9, 9)) for i in range(300))), LimitError),
        (packed(" " * 3_000_000), LimitError),
    ],
)
def test_hostile_files_are_typed_errors(text: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        read_drawio(text, "a.drawio", DiagramLimits(max_cells=200, max_unpacked=1 << 20))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_read_or_a_typed_error(data: st.DataObject) -> None:
    whole = model(A, B, edge("e", "a", "b", "fills"))
    at = data.draw(st.integers(0, len(whole) - 1))
    piece = data.draw(st.text(max_size=6))
    with contextlib.suppress(InputError):
        read_drawio(whole[:at] + piece + whole[at + data.draw(st.integers(0, 30)) :], "a.drawio", LIMITS)


def test_describe_gives_one_object_a_page(tmp_path: Path) -> None:
    pages = "".join(
        f'<diagram name="{n}">{model(A, B, edge("e", "a", "b", n))}</diagram>' for n in ("One", "Two")
    )
    file = tmp_path / "plant.drawio"
    file.write_text(f"<mxfile>{pages}</mxfile>")
    lines = CliRunner().invoke(group, ["describe", str(file)]).output.splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    assert [f["printed_caption"] for f in found] == ["One", "Two"]
    assert found[0]["evidence"]["precision"] == found[0]["evidence"]["recall"] == 1.0
    assert [(e["source"], e["target"], e["label"]) for e in found[1]["edges"]] == [("a", "b", "Two")]


def test_a_dot_with_words_is_a_node_and_no_junction() -> None:
    dot = vertex("t", "12:30", (0, 0, 10, 10), "shape=waypoint;labelPosition=left;")
    found = read(dot, vertex("b", "Incident", (100, 0, 100, 40)), edge("e", "t", "b", "", "endArrow=none;"))
    assert arrows(found) == {("12:30", "Incident", "")}


def test_a_press_on_a_connection_point_is_no_loop() -> None:
    pressed = edge("e", "a", "a", "", "exitX=0.5;exitY=1;")
    loop = edge("f", "b", "b", "again", "exitX=1;exitY=0.5;entryX=1;entryY=0.2;")
    assert arrows(read(A, B, pressed, loop)) == {("Tank", "Tank", "again")}


def test_a_frame_without_words_is_the_one_thing_that_it_holds() -> None:
    frame, icon = (
        vertex("f", "", (300, 0, 200, 100)),
        vertex("i", "Identity", (350, 10, 60, 60), "shape=image;"),
    )
    found = read(A, frame, icon, edge("e", "a", "f"))
    assert arrows(found) == {("Pump", "Identity", "")}
    assert len(found.nodes) == 2 and not found.groups
    two = read(A, frame, icon, vertex("j", "Mail", (430, 10, 60, 60)), edge("e", "a", "f"))
    assert arrows(two) == {("Pump", "", "")} and len(two.groups) == 1
