"""Texts at lines: names of interfaces at both ends, turned labels, numbers, labels of several lines."""

from __future__ import annotations

from conventions.board import Board, edges, labels, members


def test_a_turned_label_belongs_to_the_line_along_which_it_runs(board: Board) -> None:
    board.box("Top", 200, 60)
    board.box("Bottom", 200, 320)
    board.line((200, 75), (200, 305), head=True)
    board.text("control plane", 190, 190, turn=270)
    assert edges(board.read()) == {("Top", "Bottom", "control plane")}


def test_numbers_on_arrows_are_labels(board: Board) -> None:
    for name, x, y in (("Client", 80, 100), ("Server", 400, 100), ("Store", 400, 280)):
        board.box(name, x, y)
    board.line((120, 94), (360, 94), head=True)
    board.text("1", 240, 86)
    board.line((360, 108), (120, 108), head=True)
    board.text("3", 240, 117)
    board.line((400, 115), (400, 265), head=True)
    board.text("2", 410, 190)
    found = board.read()
    assert labels(found) == ["Client", "Server", "Store"]
    assert edges(found) == {("Client", "Server", "1"), ("Server", "Client", "3"), ("Server", "Store", "2")}


def test_an_arrow_that_crosses_a_frame_belongs_to_the_box_in_it(board: Board) -> None:
    board.box("", 400, 180, 260, 200)
    board.text("Cluster", 300, 92)
    board.box("Pod", 400, 180)
    board.box("Job", 470, 240)
    board.box("User", 100, 180)
    board.line((140, 180), (360, 180), head=True)
    found = board.read()
    assert edges(found) == {("User", "Pod", "")}
    assert members(found) == {"Cluster": ["Job", "Pod"]}


def test_an_arrow_that_ends_on_a_frame_belongs_to_the_frame(board: Board) -> None:
    board.box("", 400, 180, 260, 200)
    board.text("Cluster", 300, 92)
    board.box("Pod", 340, 200)
    board.box("Job", 460, 200)
    board.line((380, 200), (420, 200), head=True)
    board.box("User", 100, 180)
    board.line((140, 180), (270, 180), head=True)
    found = board.read()
    assert edges(found) == {("User", "Cluster", ""), ("Pod", "Job", "")}
    assert [v.label for v in found.linked_groups()] == ["Cluster"]


def test_a_line_from_a_box_to_itself(board: Board) -> None:
    board.box("Retry", 200, 150, 100, 40)
    board.box("Done", 420, 150)
    board.line((250, 150), (380, 150), head=True)
    board.line((180, 130), (180, 90), (220, 90), (220, 130), head=True)
    board.text("again", 200, 82)
    assert edges(board.read()) == {("Retry", "Done", ""), ("Retry", "Retry", "again")}


def test_boxes_that_lie_on_each_other_have_no_edges(board: Board) -> None:
    for n, name in enumerate(("Applications", "Kernel", "Hardware")):
        board.box(name, 250, 100 + 50 * n, 300, 50)
    found = board.read()
    assert labels(found) == ["Applications", "Hardware", "Kernel"] and not found.edges


def test_boxes_nested_three_deep_are_groups_with_parents(board: Board) -> None:
    board.box("", 300, 200, 520, 340)
    board.text("Region", 80, 42)
    board.box("", 300, 210, 400, 260)
    board.text("Zone", 125, 92)
    board.box("", 300, 220, 280, 160)
    board.text("Subnet", 190, 152)
    board.box("Host", 240, 230)
    board.box("Disk", 370, 230)
    board.line((280, 230), (330, 230), head=True)
    found = board.read()
    name = {g.id: g.label for g in found.groups}
    assert {g.label: name.get(g.parent or "") for g in found.groups} == {
        "Region": None, "Zone": "Region", "Subnet": "Zone",
    }  # fmt: skip
    assert members(found)["Subnet"] == ["Disk", "Host"]
    assert edges(found) == {("Host", "Disk", "")}


def test_a_remark_with_a_pointer_line_is_a_note_not_an_edge(board: Board) -> None:
    board.box("Client", 100, 150)
    board.box("Server", 350, 150)
    board.line((140, 150), (310, 150), head=True)
    board.text("runs on the edge\nof the network", 480, 60)
    board.line((450, 75), (385, 135))
    found = board.read()
    assert edges(found) == {("Client", "Server", "")} and labels(found) == ["Client", "Server"]
    assert found.notes == ("runs on the edge of the network",)
