"""Lines that meet: at one arrowhead, at a junction, on a bus, over a crossing."""

from __future__ import annotations

from conventions.board import Board, edges


def test_curves_that_end_at_one_arrowhead_are_two_edges(board: Board) -> None:
    board.box("Mail", 100, 80)
    board.box("Chat", 100, 240)
    board.box("Gateway", 400, 160)
    board.curve((140, 80), (250, 80), (250, 160), (352, 160))
    board.curve((140, 240), (250, 240), (250, 160), (352, 160))
    board.line((340, 160), (360, 160), head=True)
    assert edges(board.read()) == {("Mail", "Gateway", ""), ("Chat", "Gateway", "")}


def test_lines_that_leave_one_point_are_two_edges(board: Board) -> None:
    board.box("Root", 300, 60)
    board.box("Left", 150, 200)
    board.box("Right", 450, 200)
    board.line((300, 77), (150, 185), head=True)
    board.line((300, 77), (450, 185), head=True)
    assert edges(board.read()) == {("Root", "Left", ""), ("Root", "Right", "")}


def test_a_line_drawn_behind_a_box_ends_at_it_on_both_sides(board: Board) -> None:
    board.line((80, 150), (500, 150))
    board.line((290, 150), (290, 300))
    board.solid("Modem", 80, 150, 90, 34)
    board.solid("Switch", 290, 150, 90, 34)
    board.solid("Server", 500, 150, 90, 34)
    board.solid("Logger", 290, 300, 90, 34)
    board.text("A1", 185, 142)
    board.text("A2", 395, 142)
    assert edges(board.read(), directed=False) == {
        ("Modem", "Switch", "A1"), ("Server", "Switch", "A2"), ("Logger", "Switch", ""),
    }  # fmt: skip


def test_an_arrow_that_passes_behind_a_box_goes_on(board: Board) -> None:
    board.line((120, 150), (455, 150), head=True)
    board.solid("First", 80, 150, 80, 34)
    board.solid("Between", 290, 150, 80, 34)
    board.solid("Last", 500, 150, 90, 34)
    board.box("Apart", 290, 300)
    board.line((80, 167), (250, 300), head=True)
    assert edges(board.read()) == {("First", "Last", ""), ("First", "Apart", "")}


def test_a_dot_joins_lines_and_a_bare_crossing_does_not(board: Board) -> None:
    for name, x, y in (("Uplink", 80, 100), ("Net", 500, 100), ("Edge", 290, 220), ("Media", 290, 40)):
        board.box(name, x, y, 80, 30)
    board.line((120, 100), (460, 100))
    board.line((290, 100), (290, 205))
    board.line((290, 100), (290, 55))
    board.disc(290, 100, 2.5)
    for name, x, y in (("West", 80, 300), ("East", 500, 300), ("North", 400, 240), ("South", 400, 360)):
        board.box(name, x, y, 70, 26)
    board.line((115, 300), (465, 300))
    board.line((400, 253), (400, 347))
    found = edges(board.read(), directed=False)
    assert ("East", "West", "") in found and ("North", "South", "") in found
    joined = {frozenset(e[:2]) for e in found} - {frozenset({"East", "West"}), frozenset({"North", "South"})}
    reached = {"Uplink"}
    for _ in range(4):
        reached |= {x for pair in joined if pair & reached for x in pair}
    assert {"Uplink", "Net", "Edge", "Media"} <= reached
    assert not reached & {"West", "East", "North", "South"}


def test_a_bus_is_a_node_of_its_own_and_each_branch_keeps_its_label(board: Board) -> None:
    above, below = ("Alpha", "Beta", "Gamma"), ("Delta", "Epsilon")
    board.line((60, 180), (540, 180))
    for n, name in enumerate(above):
        x = 120 + 170 * n
        board.box(name, x, 100, 80, 30)
        board.line((x, 115), (x, 180))
        board.text(f"i{name[0]}", x - 14, 150)
    for n, name in enumerate(below):
        x = 200 + 180 * n
        board.box(name, x, 270, 80, 30)
        board.line((x, 255), (x, 180))
        board.text(f"i{name[0]}", x - 14, 220)
    found = board.read()
    (bus,) = [n for n in found.nodes if n.shape == "bus"]
    assert bus.label == ""
    assert edges(found, directed=False) == {("", n, f"i{n[0]}") for n in (*above, *below)}


def test_a_trunk_leads_from_every_source_to_the_one_head(board: Board) -> None:
    for n, name in enumerate(("One", "Two", "Three")):
        board.box(name, 90, 80 + 90 * n)
        board.line((130, 80 + 90 * n), (250, 80 + 90 * n))
    board.line((250, 80), (250, 260))
    board.line((250, 170), (400, 170), head=True)
    board.box("Sink", 440, 170)
    assert edges(board.read()) == {(n, "Sink", "") for n in ("One", "Two", "Three")}


def test_a_gap_at_a_crossing_does_not_end_a_line(board: Board) -> None:
    for name, x, y in (("West", 80, 180), ("East", 500, 180), ("North", 290, 60), ("South", 290, 300)):
        board.box(name, x, y, 80, 30)
    board.line((120, 180), (285, 180))
    board.line((295, 180), (460, 180), head=True)
    board.line((290, 75), (290, 285), head=True)
    assert edges(board.read()) == {("West", "East", ""), ("North", "South", "")}


def test_a_label_of_two_lines_and_two_sizes_is_one_label(board: Board) -> None:
    board.box("Control", 100, 150, 90, 40)
    board.box("Radio", 470, 150, 90, 40)
    board.line((145, 150), (425, 150))
    board.text("S1-Link", 285, 138)
    board.text("SCTP: 36412", 285, 146, 5)
    assert edges(board.read(), directed=False) == {("Control", "Radio", "S1-Link SCTP: 36412")}
