"""Chevrons in a row, boxes joined by block arrows."""

from __future__ import annotations

import itertools

from conventions.board import Board, edges, labels

STEPS = ("Plan", "Build", "Test", "Ship")


def chevron(board: Board, x: float, y: float, w: float, h: float, notch: bool) -> None:
    """Points to the right; without a notch its tail is straight."""
    d = 0.3 * h
    tail = [(x + d, y)] if notch else []
    board.outline(
        (x, y - h / 2), (x + w - d, y - h / 2), (x + w, y), (x + w - d, y + h / 2), (x, y + h / 2), *tail
    )


def block_arrow(board: Board, x0: float, x1: float, y: float, both: bool = False) -> None:
    """A hollow arrow from x0 to x1."""
    head, shaft, wing = 8.0, 4.0, 9.0
    right = [
        (x1 - head, y - shaft),
        (x1 - head, y - wing),
        (x1, y),
        (x1 - head, y + wing),
        (x1 - head, y + shaft),
    ]
    left = [
        (x0 + head, y + shaft),
        (x0 + head, y + wing),
        (x0, y),
        (x0 + head, y - wing),
        (x0 + head, y - shaft),
    ]
    board.outline(*right, *(left if both else [(x0, y + shaft), (x0, y - shaft)]))


def test_chevrons_in_a_row_are_steps_in_order(board: Board) -> None:
    for n, name in enumerate(STEPS):
        chevron(board, 40 + 125 * n, 120, 120, 50, notch=n > 0)
        board.text(name, 104 + 125 * n, 120)
    found = board.read()
    assert labels(found) == sorted(STEPS)
    assert edges(found) == {(a, b, "") for a, b in itertools.pairwise(STEPS)}


def test_chevrons_below_one_another_are_no_row(board: Board) -> None:
    for n, name in enumerate(("Left", "Right")):
        chevron(board, 60 + 300 * n, 90, 120, 50, notch=True)
        board.text(name, 124 + 300 * n, 90)
    chevron(board, 60, 300, 120, 50, notch=True)
    board.text("Under", 124, 300)
    assert edges(board.read()) == set()


def test_boxes_joined_by_short_block_arrows(board: Board) -> None:
    for n, name in enumerate(STEPS):
        board.box(name, 80 + 140 * n, 150, 90, 40)
        if n:
            block_arrow(board, 80 + 140 * n - 92, 80 + 140 * n - 48, 150, both=n == 3)
    pairs = {(a, b, "") for a, b in itertools.pairwise(STEPS)}
    assert edges(board.read()) == pairs | {("Ship", "Test", "")}
