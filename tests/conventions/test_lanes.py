"""Swimlanes and titled frames: in rows and columns, with upright and turned titles."""

from __future__ import annotations

import pytest
from conventions.board import Board, edges, labels, members

LANES = {"Buyer": ("Order", "Receive"), "Sales": ("Check", "Refuse"), "Stock": ("Pack", "Send")}


@pytest.mark.parametrize("bar", ["box", "rule"])
def test_lanes_in_rows_with_turned_titles(board: Board, bar: str) -> None:
    for n, (name, steps) in enumerate(LANES.items()):
        y = 90 + 90 * n
        board.box("", 300, y, 500, 90)
        if bar == "box":
            board.box("", 64, y, 28, 90)
        else:
            board.line((78, y - 45), (78, y + 45))
        board.text(name, 64, y, turn=270)
        for k, step in enumerate(steps):
            board.box(step, 180 + 200 * k, y, 90, 34)
    board.line((180, 107), (180, 163), head=True)
    board.line((225, 180), (335, 180), head=True)
    board.text("no", 280, 174)
    board.line((180, 197), (180, 253), head=True)
    board.text("yes", 194, 226)
    board.line((380, 163), (380, 107), head=True)
    found = board.read()
    assert members(found) == {k: sorted(v) for k, v in LANES.items()}
    assert edges(found) == {
        ("Order", "Check", ""), ("Check", "Refuse", "no"), ("Check", "Pack", "yes"),
        ("Refuse", "Receive", ""),
    }  # fmt: skip


def test_lanes_in_columns_with_titles_on_top(board: Board) -> None:
    for n, (name, steps) in enumerate(LANES.items()):
        x = 110 + 180 * n
        board.box("", x, 200, 180, 340)
        board.box(name, x, 42, 180, 24)
        for k, step in enumerate(steps):
            board.box(step, x, 130 + 110 * k, 90, 34)
    board.line((155, 130), (245, 130), head=True)
    board.line((335, 130), (425, 130), head=True)
    board.line((290, 147), (290, 223), head=True)
    found = board.read()
    assert members(found) == {k: sorted(v) for k, v in LANES.items()}
    assert edges(found) == {("Order", "Check", ""), ("Check", "Pack", ""), ("Check", "Refuse", "")}


def test_a_titled_frame_is_no_node_beside_its_own_title(board: Board) -> None:
    board.box("", 200, 180, 300, 200)
    board.box("Backend", 200, 92, 300, 24)
    board.box("Queue", 130, 180)
    board.box("Worker", 280, 180)
    board.box("Client", 500, 180)
    board.line((170, 180), (240, 180), head=True)
    board.line((460, 180), (350, 180), head=True)
    found = board.read()
    assert labels(found) == ["Client", "Queue", "Worker"]
    assert edges(found) == {("Queue", "Worker", ""), ("Client", "Backend", "")}
