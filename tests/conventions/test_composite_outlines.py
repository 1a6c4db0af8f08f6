"""Outlines drawn in parts: a box under its title bar, shadows, stacks of copies."""

from __future__ import annotations

import pytest
from conventions.board import Board, edges, labels
from reportlab.lib.colors import HexColor

from dic_ingest.model.diagram import Kind


def titled(board: Board, name: str, rows: str, x: float, y: float, w: float = 110, h: float = 70) -> None:
    """A title bar, closed, and below it the rest of the box as one stroke of three sides."""
    board.box("", x, y - h / 2 + 9, w, 18)
    board.text(name, x, y - h / 2 + 9)
    left, right, top, bottom = x - w / 2, x + w / 2, y - h / 2 + 18, y + h / 2
    board.line((left, top), (left, bottom), (right, bottom), (right, top))
    for n, row in enumerate(rows.split("\n")):
        board.text(row, x, top + 10 + 13 * n)


def test_a_class_drawn_as_title_bar_and_three_sides_is_one_box(board: Board) -> None:
    titled(board, "Order", "id: int\ntotal: int", 120, 100)
    titled(board, "Customer", "name: str\nmail: str", 420, 100)
    titled(board, "Item", "code: str", 120, 280)
    board.line((175, 115), (365, 115), head=True)
    board.line((120, 135), (120, 245), head=True)
    found = board.read(Kind.CLASS)
    assert labels(found) == ["Customer", "Item", "Order"]
    assert edges(found) == {("Order", "Customer", ""), ("Order", "Item", "")}
    assert {n.label: n.members for n in found.nodes}["Customer"] == ("name: str", "mail: str")


@pytest.mark.parametrize("depth", [1, 3])
def test_shadows_and_stacked_copies_are_one_node(board: Board, depth: int) -> None:
    for text, x, y in (("Reader", 100, 100), ("Writer", 380, 100), ("Store", 380, 260)):
        for n in range(depth, 0, -1):
            if depth == 1:
                board.box("", x + 4, y + 4, 90, 50, fill=HexColor("#b0b0b0"), stroke=False)
            else:
                board.solid("", x + 4 * n, y + 4 * n, 90, 50)
        board.solid(text, x, y, 90, 50)
    board.line((145, 100), (335, 100), head=True)
    board.line((380, 125), (380, 235), head=True)
    found = board.read()
    assert labels(found) == ["Reader", "Store", "Writer"]
    assert edges(found) == {("Reader", "Writer", ""), ("Writer", "Store", "")}
