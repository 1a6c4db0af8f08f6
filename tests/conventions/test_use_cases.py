"""Use cases: stick figures with a name under them, ovals in a frame, fans of lines from one point."""

from __future__ import annotations

from pathlib import Path

from conventions.board import Board, edges, members

FAN = {("Browse", "Guest", ""), ("Guest", "Pay", ""), ("Guest", "Return", "")}


def _draw(board: Board) -> None:
    board.disc(80, 120, 8, fill=False)
    board.line((80, 128), (80, 155))
    board.line((66, 138), (94, 138))
    board.line((80, 155), (68, 175))
    board.line((80, 155), (92, 175))
    board.text("Guest", 80, 188)
    board.box("", 340, 180, 280, 260)
    board.text("Shop", 340, 62)
    for n, name in enumerate(("Browse", "Pay", "Return")):
        y = 100 + 75 * n
        board.canvas.ellipse(270, board.height - y - 20, 410, board.height - y + 20)
        board.text(name, 340, y)
        board.line((96, 145), (271, y))


def test_each_line_of_a_fan_joins_the_actor_and_a_use_case(board: Board) -> None:
    _draw(board)
    found = board.read()
    assert edges(found, directed=False) == FAN
    assert members(found) == {"Shop": ["Browse", "Pay", "Return"]}


def test_each_line_of_a_fan_joins_the_actor_and_a_use_case_in_pixels(tmp_path: Path) -> None:
    board = Board(tmp_path, "plain", 520, 340)
    _draw(board)
    assert edges(board.read_pixels(), directed=False) == FAN
