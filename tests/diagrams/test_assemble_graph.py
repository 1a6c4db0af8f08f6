"""From drawings to graphs: nodes, groups, edges, labels, each phenomenon in a drawing of its own."""

from __future__ import annotations

from dataclasses import replace

from diagrams.drawn import BLACK, WHITE, Sheet, circle, labels, links

from dic_ingest.model.diagram import End, Kind
from dic_ingest.model.drawing import PlacedImage


def test_two_boxes_and_an_arrow() -> None:
    sheet = Sheet()
    sheet.box("Start here", 100, 100)
    sheet.box("End", 300, 100)
    sheet.line((140, 100), (260, 100), head=True)
    diagram = sheet.read()
    assert links(diagram) == [("Start here", "End", "")]
    edge = diagram.edges[0]
    assert edge.directed and edge.target_end is End.ARROW and edge.score > 0.9
    assert diagram.direction == "LR"


def test_no_arrowheads_is_undirected_and_two_are_both_ways() -> None:
    sheet = Sheet()
    sheet.box("a", 100, 100)
    sheet.box("b", 300, 100)
    sheet.box("c", 500, 100)
    sheet.line((140, 100), (260, 100))
    sheet.line((340, 100), (460, 100), head=True, tail=True)
    plain, both = sheet.read().edges
    assert not plain.directed
    assert both.source_end is End.ARROW and both.target_end is End.ARROW


def test_line_broken_under_its_label() -> None:
    sheet = Sheet()
    sheet.box("a", 100, 60)
    sheet.box("b", 100, 260)
    sheet.line((100, 75), (100, 150))
    sheet.line((100, 172), (100, 245), head=True)
    sheet.text("yes please", 100, 161)
    diagram = sheet.read()
    assert links(diagram) == [("a", "b", "yes please")]


def test_label_on_a_background_is_no_node() -> None:
    sheet = Sheet()
    sheet.box("a", 100, 60)
    sheet.box("b", 100, 260)
    sheet.line((100, 75), (100, 245), head=True)
    sheet.box("maybe", 100, 160, 34, 14, stroke=None, fill=(232, 232, 232))
    assert links(sheet.read()) == [("a", "b", "maybe")]


def test_crossing_is_no_junction() -> None:
    sheet = Sheet()
    for name, x, y in (("left", 60, 200), ("right", 460, 200), ("top", 260, 40), ("bottom", 260, 360)):
        sheet.box(name, x, y)
    sheet.line((100, 200), (420, 200), head=True)
    sheet.line((260, 55), (260, 345), head=True)
    assert links(sheet.read()) == [("left", "right", ""), ("top", "bottom", "")]


def test_lines_that_merge_into_one_arrow() -> None:
    sheet = Sheet()
    sheet.box("a", 60, 60)
    sheet.box("b", 60, 200)
    sheet.box("target", 400, 60)
    sheet.line((100, 60), (360, 60), head=True)
    sheet.line((100, 200), (230, 200), (230, 60))
    assert links(sheet.read()) == [("a", "target", ""), ("b", "target", "")]


def test_line_that_forks() -> None:
    sheet = Sheet()
    sheet.box("source", 60, 100)
    sheet.box("one", 400, 40)
    sheet.box("two", 400, 160)
    sheet.line((100, 100), (200, 100))
    sheet.line((200, 100), (200, 40), (360, 40), head=True)
    sheet.line((200, 100), (200, 160), (360, 160), head=True)
    assert links(sheet.read()) == [("source", "one", ""), ("source", "two", "")]


def test_tree_of_generalisations() -> None:
    sheet = Sheet()
    sheet.box("Base", 200, 60)
    for name, x in (("A", 80), ("B", 200), ("C", 320)):
        sheet.box(name, x, 260)
    sheet.path([(200, 85), (200, 160)])
    sheet.arrowhead((200, 90), (200, 75), 10, WHITE)
    sheet.path([(80, 160), (320, 160)])
    for x in (80, 200, 320):
        sheet.path([(x, 245), (x, 160)])
    diagram = sheet.read(Kind.CLASS)
    assert links(diagram) == [("A", "Base", ""), ("B", "Base", ""), ("C", "Base", "")]
    assert all(e.target_end is End.TRIANGLE and e.directed for e in diagram.edges)


def test_groups_hold_nodes_and_take_edges() -> None:
    sheet = Sheet()
    sheet.path([(40, 40), (240, 40), (240, 200), (40, 200)], closed=True, stroke=BLACK)
    sheet.text("Cluster", 140, 52)
    sheet.box("inner", 140, 130)
    sheet.box("other", 140, 170, 60, 20)
    sheet.box("outside", 440, 120)
    sheet.line((400, 120), (240, 120), head=True)
    diagram = sheet.read()
    (group,) = diagram.groups
    assert group.label == "Cluster"
    assert {n.label: n.group for n in diagram.nodes} == {"inner": "g1", "other": "g1", "outside": None}
    assert links(diagram) == [("outside", "[Cluster]", "")]


def test_frame_tab_names_its_frame() -> None:
    sheet = Sheet()
    sheet.path([(40, 40), (340, 40), (340, 240), (40, 240)], closed=True)
    sheet.path([(40, 40), (110, 40), (110, 56), (40, 56)], closed=True)
    sheet.text("Loop", 70, 48)
    sheet.box("a", 120, 140)
    sheet.box("b", 280, 140)
    sheet.line((160, 140), (240, 140), head=True)
    diagram = sheet.read()
    assert [g.label for g in diagram.groups] == ["Loop"]
    assert labels(diagram) == ["a", "b"]


def test_labels_go_to_their_lines_all_at_once() -> None:
    sheet = Sheet()
    sheet.box("a", 60, 100, 60)
    sheet.box("b", 400, 80, 60, 90)
    sheet.line((90, 95), (370, 95), head=True)
    sheet.line((370, 112), (90, 112), head=True)
    sheet.text("request", 230, 88)
    sheet.text("answer", 230, 120)
    assert links(sheet.read()) == [("a", "b", "request"), ("b", "a", "answer")]


def test_free_text_and_icons_are_nodes() -> None:
    sheet = Sheet()
    sheet.text("plain text", 80, 100)
    sheet.images.append(PlacedImage((280, 80, 320, 120), (64, 64), 1))
    sheet.text("Database", 300, 130)
    sheet.line((112, 100), (278, 100), head=True)
    diagram = sheet.read(Kind.TOPOLOGY)
    assert links(diagram) == [("plain text", "Database", "")]


def test_multi_line_labels_read_on() -> None:
    sheet = Sheet()
    sheet.box("", 100, 100, 100, 50)
    sheet.text("first line", 100, 92)
    sheet.text("second", 100, 106)
    sheet.box("b", 300, 100)
    sheet.line((150, 100), (260, 100), head=True)
    assert "first line second" in labels(sheet.read())


def test_class_boxes_have_names_and_members() -> None:
    sheet = Sheet()
    for x, name in ((100, "Order"), (400, "Item")):
        sheet.path([(x - 60, 40), (x + 60, 40), (x + 60, 120), (x - 60, 120)], closed=True)
        sheet.path([(x - 60, 70), (x + 60, 70)])
        sheet.text("«entity»", x, 48)
        sheet.text(name, x, 60)
        sheet.text("+id: int", x, 80)
        sheet.text("+total()", x, 94)
    sheet.path([(172, 80), (340, 80)])
    sheet.path([(160, 80), (166, 76), (172, 80), (166, 84)], closed=True, fill=BLACK)
    sheet.text("1", 178, 72)
    sheet.text("0..*", 328, 72)
    diagram = sheet.read(Kind.CLASS)
    assert {n.label: n.members for n in diagram.nodes} == {
        "Order": ("+id: int", "+total()"),
        "Item": ("+id: int", "+total()"),
    }
    (edge,) = diagram.edges
    ends = {
        edge.source: (edge.source_end, edge.source_label),
        edge.target: (edge.target_end, edge.target_label),
    }
    order = next(n.id for n in diagram.nodes if n.label == "Order")
    assert ends.pop(order) == (End.FILLED_DIAMOND, "1")
    assert list(ends.values()) == [(End.NONE, "0..*")]
    assert not edge.directed


def test_start_and_end_dots_and_notes_of_state_diagrams() -> None:
    sheet = Sheet()
    sheet.path(circle(100, 40, 6), closed=True, curved=True, fill=BLACK)
    sheet.box("Idle", 100, 120)
    sheet.path(circle(100, 220, 7), closed=True, curved=True, fill=WHITE)
    sheet.path(circle(100, 220, 4), closed=True, curved=True, fill=BLACK)
    sheet.line((100, 46), (100, 105), head=True)
    sheet.line((100, 135), (100, 213), head=True)
    sheet.box("a remark", 300, 120, fill=(255, 255, 200))
    sheet.path([(140, 120), (260, 120)], dashed=True)
    diagram = sheet.read(Kind.STATE)
    assert [(n.id, n.label, n.shape) for n in diagram.nodes if not n.label] == [
        ("root_start", "", "start"),
        ("root_end", "", "end"),
    ]
    assert labels(diagram) == ["", "", "Idle"]
    assert diagram.notes == ("a remark",)


def test_self_loop() -> None:
    sheet = Sheet()
    sheet.box("again", 100, 100)
    sheet.box("b", 300, 100)
    sheet.line((140, 100), (260, 100), head=True)
    sheet.line((90, 85), (90, 50), (115, 50), (115, 85), head=True)
    sheet.text("retry", 103, 42)
    assert ("again", "again", "retry") in links(sheet.read())


def test_title_and_unread_lines_are_told() -> None:
    sheet = Sheet()
    sheet.text("The whole story", 200, 20, size=14)
    sheet.box("a", 100, 100)
    sheet.box("b", 300, 100)
    sheet.line((140, 100), (260, 100), head=True)
    sheet.line((150, 300), (300, 340))
    diagram = sheet.read()
    assert diagram.title == "The whole story"
    assert diagram.unread == ("1 lines whose ends were not found",)


def test_empty_drawing_gives_an_empty_diagram() -> None:
    diagram = Sheet().read()
    assert diagram.nodes == () and diagram.edges == ()


def test_line_that_jogs_under_its_label() -> None:
    sheet = Sheet()
    sheet.box("a", 100, 60)
    sheet.box("b", 112, 260)
    sheet.line((100, 75), (100, 150))
    sheet.line((112, 172), (112, 245), head=True)
    sheet.text("perhaps", 106, 161)
    assert links(sheet.read()) == [("a", "b", "perhaps")]


def test_soft_shadow_below_a_box_is_no_icon() -> None:
    sheet = Sheet()
    sheet.images.append(PlacedImage((50, 75, 158, 133), (80, 40), 0))
    sheet.box("a", 100, 100)
    sheet.box("b", 300, 100)
    sheet.line((140, 100), (260, 100), head=True)
    diagram = sheet.read()
    assert links(diagram) == [("a", "b", "")]
    assert {n.shape for n in diagram.nodes} == {"rect"}


def test_table_beside_a_graph_is_a_legend() -> None:
    sheet = Sheet()
    for k, name in enumerate(("a", "b", "c", "d")):
        sheet.box(name, 60 + 130 * k, 60)
        if k:
            sheet.line((130 * k - 30, 60), (20 + 130 * k, 60), head=True)
    for k, row in enumerate(("Status", "open", "closed")):
        fill = (200, 255, 200) if k == 0 else WHITE
        sheet.box(row, 100, 250 + 20 * k, 120, 20, fill=fill)
    sheet.path([(40, 240), (160, 240), (160, 300), (40, 300)], closed=True)
    diagram = sheet.read()
    assert labels(diagram) == ["a", "b", "c", "d"]
    assert set(diagram.notes) == {"Status", "open", "closed"}


def test_colour_tells_which_line_a_label_belongs_to() -> None:
    sheet = Sheet()
    sheet.box("a", 60, 60)
    sheet.box("b", 400, 60)
    sheet.box("c", 60, 100)
    sheet.box("d", 400, 100)
    sheet.line((100, 60), (360, 60), head=True)
    sheet.line((100, 100), (360, 100), head=True, stroke=(0, 0, 255))
    sheet.text("one", 140, 48)
    sheet.text("two", 230, 80)
    sheet.words[-1] = replace(sheet.words[-1], color=(0, 0, 255))
    sheet.text("three", 300, 300)
    found = links(sheet.read())
    assert found == [("a", "b", "one"), ("c", "d", "two")]


def test_header_over_an_open_body_is_one_class() -> None:
    """Its body is drawn as a line of three sides that hangs under the header."""
    sheet = Sheet()
    for x, name in ((40, "Order"), (300, "Customer")):
        sheet.box(name, x + 60, 60, 120, 20)
        sheet.path([(x, 70), (x, 150), (x + 120, 150), (x + 120, 70)])
        sheet.text(f"+ id{x}: int", x + 50, 90)
        sheet.text(f"+ load{x}(): void", x + 60, 130)
        sheet.path([(x, 110), (x + 120, 110)])
    sheet.line((160, 100), (300, 100), head=True)
    diagram = sheet.read()
    assert links(diagram) == [("Order", "Customer", "")]
    assert sorted(n.label for n in diagram.nodes) == ["Customer", "Order"]
    assert [n.members for n in diagram.nodes if n.label == "Order"] == [("+ id40: int", "+ load40(): void")]
