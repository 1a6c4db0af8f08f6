"""Names around icons, knobs, frames that one box fills, lists in boxes, lines cut at a label in a corner."""

from __future__ import annotations

from collections.abc import Sequence

from diagrams.drawn import Sheet, circle, labels, links

from dic_ingest.diagrams.graph.containment import place_texts
from dic_ingest.diagrams.graph.icon_names import name_icons
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.diagram import Kind
from dic_ingest.model.drawing import PlacedImage


def icon(sheet: Sheet, x: float, y: float, half: float = 20) -> None:
    box = (x - half, y - half, x + half, y + half)
    sheet.images.append(PlacedImage(box, (64, 64), len(sheet.images) + len(sheet.paths) + 1))


def named(*things: tuple[float, float], texts: Sequence[tuple[str, float, float]]) -> list[list[str]]:
    """The texts that icons at these places get, without any line's help."""
    sheet = Sheet()
    for x, y in things:
        icon(sheet, x, y)
    for text, x, y in texts:
        sheet.text(text, x, y)
    parts, outside = place_texts(scene_from_drawing(sheet.drawing()), 10.0)
    name_icons(parts, outside, 10.0)
    return [[t.text for t in p.texts] for p in parts]


def test_names_over_icons_where_most_stand_there() -> None:
    over = [("User", 100, 120), ("Gateway", 260, 120), ("Store", 420, 120)]
    places = [(100, 150), (260, 150), (420, 150)]
    assert named(*places, texts=over) == [["User"], ["Gateway"], ["Store"]]
    # a title under one of them is not its name, one right under it and with nothing over it is
    assert named(*places, texts=[*over, ("Our network", 260, 180)]) == [["User"], ["Gateway"], ["Store"]]
    assert named(*places, texts=[*over[:2], ("Store", 420, 178)]) == [["User"], ["Gateway"], ["Store"]]


def test_names_under_icons_where_most_stand_there() -> None:
    under = [("User", 100, 180), ("Gateway", 260, 180)]
    rival = ("Our network", 260, 121)
    assert named((100, 150), (260, 150), texts=[*under, rival]) == [["User"], ["Gateway"]]


def test_line_lost_under_a_label_goes_on_to_what_is_behind_it() -> None:
    sheet = Sheet()
    sheet.box("a", 60, 100)
    sheet.box("b", 340, 100)
    sheet.line((100, 100), (205, 100), tail=True)
    sheet.text("endorses the chain", 240, 100)
    assert links(sheet.read()) == [("b", "a", "endorses the chain")]


def test_line_beside_an_icons_wide_name_is_no_part_of_it() -> None:
    sheet = Sheet()
    icon(sheet, 120, 150, 10)
    sheet.text("a name much wider than it", 120, 170)
    sheet.box("check", 330, 150)
    sheet.line((290, 150), (185, 150))
    sheet.line((165, 150), (130, 150), head=True)
    sheet.text("No", 175, 150)
    assert links(sheet.read()) == [("check", "a name much wider than it", "No")]


def test_line_that_turns_under_its_label() -> None:
    sheet = Sheet()
    sheet.path(circle(60, 60, 8), closed=True, curved=True, fill=(0, 0, 0))
    sheet.line((60, 68), (60, 120), (75, 120))
    sheet.text("user asks", 97.5, 120)
    sheet.line((110, 125), (110, 165), head=True)
    sheet.box("handle", 110, 180)
    diagram = sheet.read()
    assert [(e.label, n.label) for e in diagram.edges for n in diagram.nodes if n.id == e.target] == [
        ("user asks", "handle")
    ]
    assert [n.shape for n in diagram.nodes if not n.label] == ["start"]


def test_small_names_under_the_icons_of_a_box_are_what_it_holds() -> None:
    sheet = Sheet()
    sheet.box("", 200, 100, 240, 80)
    sheet.text("Bindings", 120, 85, 14)
    for name, x in (("kafka", 200), ("redis", 280)):
        icon(sheet, x, 90, 12)
        sheet.text(name, x, 112, 7)
    sheet.box("App", 200, 260)
    sheet.line((200, 245), (200, 140), head=True)
    diagram = sheet.read(Kind.BLOCK)
    assert links(diagram) == [("App", "Bindings", "")]
    assert [n.members for n in diagram.nodes if n.label == "Bindings"] == [("kafka", "redis")]
    assert '"Bindings" holds "kafka" and "redis"' in diagram.to_text()


def test_knob_at_a_bare_line_is_no_node_and_a_start_dot_is() -> None:
    for head in (False, True):
        sheet = Sheet()
        sheet.path(circle(60, 100, 5), closed=True, curved=True, fill=(0, 0, 0))
        sheet.box("Redis", 200, 100)
        sheet.box("App", 200, 200)
        sheet.line((65, 100), (160, 100), head=head)
        sheet.line((200, 185), (200, 115), head=True)
        diagram = sheet.read()
        assert len(diagram.nodes) == 2 + head
        assert len(diagram.edges) == 1 + head


def test_a_dot_with_a_name_beside_it_is_a_node() -> None:
    sheet = Sheet()
    sheet.box("hub", 100, 100)
    for k, name in enumerate(("alpha", "beta")):
        y = 80 + 40 * k
        sheet.path(circle(250, y, 5), closed=True, curved=True, fill=(0, 0, 0))
        sheet.text(name, 280, y)
        sheet.line((140, y if k == 0 else 112), (245, y))
    assert labels(sheet.read(Kind.TOPOLOGY)) == ["alpha", "beta", "hub"]


def test_small_texts_in_a_frame_stay_labels() -> None:
    sheet = Sheet()
    sheet.path([(20, 20), (560, 20), (560, 200), (20, 200)], closed=True)
    sheet.text("Cluster", 290, 40, 16)
    for name, x in (("User", 80), ("Gateway", 280), ("Store", 480)):
        icon(sheet, x, 110)
        sheet.text(name, x, 140)
    for label, x in (("asks", 180), ("writes", 380)):
        sheet.line((x - 80, 110), (x + 80, 110), head=True)
        sheet.text(label, x, 100)
    assert links(sheet.read(Kind.BLOCK)) == [("Gateway", "Store", "writes"), ("User", "Gateway", "asks")]


def test_line_to_a_frame_that_one_box_fills_leads_to_the_box() -> None:
    for high, end in ((90, "App"), (260, "[Container]")):
        sheet = Sheet()
        left, top = 40, 60
        sheet.path([(left, top), (240, top), (240, top + high), (left, top + high)], closed=True)
        sheet.text("Container", 140, top + 10)
        sheet.box("App", 140, top + 52, 180, 66)
        sheet.box("Sidecar", 400, top + 45)
        sheet.line((360, top + 45), (240, top + 45), head=True)
        assert links(sheet.read(Kind.BLOCK)) == [("Sidecar", end, "")]


def test_list_under_a_boxs_name_is_what_it_holds() -> None:
    sheet = Sheet()
    sheet.box("", 200, 150, 180, 120)
    for k, line in enumerate(("Components", "- state", "- secrets", "- actors")):
        sheet.text(line, 180, 110 + 20 * k)
    sheet.box("App", 450, 150)
    sheet.line((410, 150), (290, 150), head=True)
    diagram = sheet.read(Kind.BLOCK)
    assert labels(diagram) == ["App", "Components"]
    assert [n.members for n in diagram.nodes if n.label == "Components"] == [
        ("- state", "- secrets", "- actors")
    ]


def test_ports_outside_a_boxs_border_are_its_own() -> None:
    """Small squares that touch a box from outside: lines between them join the boxes."""
    sheet = Sheet(420, 260)
    sheet.box("Sender", 90, 120, 140, 200)
    sheet.box("Link", 340, 55, 120, 70)
    sheet.box("Pool", 340, 190, 120, 80)
    for x, y in ((160, 50), (160, 180), (268, 50), (268, 180)):
        sheet.path([(x, y), (x + 12, y), (x + 12, y + 12), (x, y + 12)], closed=True)
    sheet.line((172, 56), (268, 56), head=True)
    sheet.line((172, 186), (268, 186), head=True)
    graph = sheet.read(Kind.BLOCK)
    assert labels(graph) == ["Link", "Pool", "Sender"]
    assert links(graph) == [("Sender", "Link", ""), ("Sender", "Pool", "")]
