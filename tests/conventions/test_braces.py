"""Braces and brackets beside boxes are groups, with the text at their back as the name."""

from __future__ import annotations

from pathlib import Path

import pytest
from conventions.board import Board, edges, labels, members

CHAIN = {("Parser", "Checker", ""), ("Checker", "Printer", "")}


def _draw(board: Board, form: str) -> None:
    for n, name in enumerate(("Parser", "Checker", "Printer")):
        board.box(name, 120, 80 + 60 * n, 90, 36)
    board.line((120, 98), (120, 122), head=True)
    board.line((120, 158), (120, 182), head=True)
    if form == "brace":
        board.curve((180, 62), (200, 62), (190, 140), (205, 140))
        board.curve((180, 218), (200, 218), (190, 140), (205, 140))
    else:
        board.line((185, 62), (195, 62), (195, 218), (185, 218))
    board.text("front end", 240, 140)


@pytest.mark.parametrize("form", ["brace", "bracket"])
def test_a_brace_is_a_group(board: Board, form: str) -> None:
    _draw(board, form)
    found = board.read()
    assert edges(found) == CHAIN and labels(found) == ["Checker", "Parser", "Printer"]
    assert members(found) == {"front end": ["Checker", "Parser", "Printer"]}


def test_a_brace_is_a_group_in_pixels(tmp_path: Path) -> None:
    board = Board(tmp_path, "plain", 300, 260)
    _draw(board, "brace")
    found = board.read_pixels()
    assert edges(found) == CHAIN
    assert members(found) == {"front end": ["Checker", "Parser", "Printer"]}


def test_a_line_around_a_box_between_two_others_is_an_edge(board: Board) -> None:
    for n, name in enumerate(("First", "Second", "Third")):
        board.box(name, 120, 80 + 60 * n, 90, 36)
    board.line((120, 98), (120, 122), head=True)
    board.line((165, 80), (195, 80), (195, 200), (165, 200))
    board.text("shortcut", 225, 140)
    assert edges(board.read()) in (
        {("First", "Second", ""), ("First", "Third", "shortcut")},
        {("First", "Second", ""), ("Third", "First", "shortcut")},
    )
