"""Numbers in circles at lines: the order of steps, no nodes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conventions.board import Board, edges, labels
from reportlab.lib.colors import HexColor

BOXES = (
    ("Proxy", 100, 80),
    ("Query", 300, 80),
    ("Serving", 500, 80),
    ("Phone", 100, 220),
    ("Store", 500, 220),
)
STEPS = (("2", 200, 60), ("4", 400, 60), ("1", 100, 150), ("7", 482, 150), ("6", 518, 150))
READ = {
    ("Proxy", "Query", "2"), ("Query", "Serving", "4"), ("Phone", "Proxy", "1"), ("Proxy", "Phone", "1"),
    ("Serving", "Store", "7 6"), ("Store", "Serving", "7 6"),
}  # fmt: skip


def _draw(board: Board, style: str) -> None:
    for name, x, y in BOXES:
        board.box(name, x, y, 100, 40)
    board.line((150, 80), (250, 80), head=True)
    board.line((350, 80), (450, 80), head=True)
    board.line((100, 200), (100, 100), head=True, tail=True)
    board.line((500, 100), (500, 200), head=True, tail=True)
    for number, x, y in STEPS:
        board.canvas.setFillColor(HexColor("#3a6fb0") if style == "filled" else board.paper)
        board.canvas.setStrokeColor(board.ink)
        board.canvas.circle(x, board.height - y, 11, stroke=int(style == "open"), fill=1)
        board.text(number, x, y)


@pytest.mark.parametrize("style", ["filled", "open"])
def test_circled_numbers_are_labels_of_their_lines(board: Board, style: str) -> None:
    _draw(board, style)
    found = board.read()
    assert labels(found) == ["Phone", "Proxy", "Query", "Serving", "Store"]
    assert edges(found) == READ


def test_circled_numbers_that_the_detector_overlooks_are_read_in_pixels(tmp_path: Path) -> None:
    board = Board(tmp_path, "plain", height=260)
    _draw(board, "filled")
    found = board.read_pixels(ocr=True)
    assert labels(found) == ["Phone", "Proxy", "Query", "Serving", "Store"]
    assert edges(found) == READ


def test_numbered_circles_that_lines_lead_to_are_nodes(board: Board) -> None:
    board.box("Start", 80, 100)
    for number, x in (("1", 220), ("2", 340), ("3", 460)):
        board.disc(x, 100, 12, fill=False)
        board.text(number, x, 100)
    for a, b in ((120, 208), (232, 328), (352, 448)):
        board.line((a, 100), (b, 100), head=True)
    assert edges(board.read()) == {("Start", "1", ""), ("1", "2", ""), ("2", "3", "")}
