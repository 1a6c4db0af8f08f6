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
