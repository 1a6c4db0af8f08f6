"""Sequences in several manners, as vectors and as pixels: who tells what to whom, in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conventions.board import LOOKS, Board

from dic_ingest.model.diagram import Diagram, Kind

Told = list[tuple[str, str, str]]
XS = (90, 250, 410, 560)


def _heads(board: Board, *names: str, solid: bool = False) -> None:
    for name, x in zip(names, XS, strict=False):
        board.line((x, 50), (x, 380), dashed=not solid)
        board.solid(name, x, 35, 90, 30)


def _message(
    board: Board, a: int, b: int, y: float, text: str, dashed: bool = False, fall: float = 0
) -> None:
    board.line((XS[a], y), (XS[b], y + fall), head=True, dashed=dashed)
    lines = text.count("\n") + 1
    board.text(text, (XS[a] + XS[b]) / 2, y + fall / 2 - 7 * lines)


def _slanted(board: Board) -> Told:
    """Messages take time, as radio protocols draw them."""
    _heads(board, "Phone", "Tower", "Core", solid=True)
    _message(board, 0, 1, 90, "attach", fall=22)
    _message(board, 1, 2, 130, "forward", fall=22)
    _message(board, 2, 1, 180, "accept", fall=22)
    _message(board, 1, 0, 240, "accept", fall=45)
    return [
        ("Phone", "Tower", "attach"), ("Tower", "Core", "forward"), ("Core", "Tower", "accept"),
        ("Tower", "Phone", "accept"),
    ]  # fmt: skip


def _actions(board: Board) -> Told:
    """Boxes with steps on lifelines, one right under a head."""
    _heads(board, "Phone", "Edge", "Auth", solid=True)
    board.solid("1. measure", XS[0], 85, 90, 26)
    _message(board, 0, 1, 125, "2. report")
    board.solid("3. decide", XS[1], 155, 90, 26)
    _message(board, 1, 2, 195, "4. request")
    _message(board, 2, 1, 230, "5. reply")
    board.solid("6. done", XS[2], 265, 90, 26)
    return [("Phone", "Edge", "2. report"), ("Edge", "Auth", "4. request"), ("Auth", "Edge", "5. reply")]


def _bars(board: Board) -> Told:
    """Activation bars, a message to oneself, labels of two lines."""
    _heads(board, "Client", "Server", "Store")
    for x, y, high in ((XS[0], 200, 260), (XS[1], 205, 210), (XS[2], 180, 60)):
        board.solid("", x, y, 8, high)
    board.line((94, 115), (246, 115), head=True)
    board.text("get\n(id, cause)", 170, 101)
    board.line((254, 160), (406, 160), head=True)
    board.text("query", 330, 153)
    board.line((406, 205), (254, 205), head=True, dashed=True)
    board.text("rows", 330, 198)
    board.line((254, 235), (294, 235), (294, 255), (254, 255), head=True)
    board.text("sort", 318, 245)
    board.line((246, 300), (94, 300), head=True, dashed=True)
    board.text("page", 170, 293)
    return [
        ("Client", "Server", "get (id, cause)"), ("Server", "Store", "query"), ("Store", "Server", "rows"),
        ("Server", "Server", "sort"), ("Server", "Client", "page"),
    ]  # fmt: skip


def _fragments(board: Board) -> Told:
    """An alternative with its two conditions."""
    _heads(board, "User", "Shop", "Bank")
    _message(board, 0, 1, 80, "pay")
    _message(board, 1, 2, 110, "charge")
    board.box("", 250, 205, 420, 150)
    board.solid("alt", 60, 140, 36, 18)
    board.text("[funds]", 105, 142)
    _message(board, 2, 1, 175, "paid", dashed=True)
    board.line((40, 210), (460, 210), dashed=True)
    board.text("[else]", 75, 220)
    _message(board, 2, 1, 245, "declined", dashed=True)
    _message(board, 1, 0, 310, "result", dashed=True)
    return [
        ("User", "Shop", "pay"), ("Shop", "Bank", "charge"), ("Bank", "Shop", "paid"),
        ("Bank", "Shop", "declined"), ("Shop", "User", "result"),
    ]  # fmt: skip


MANNERS: dict[str, Callable[[Board], Told]] = {
    "slanted": _slanted, "actions": _actions, "bars": _bars, "fragments": _fragments,
}  # fmt: skip


def _told(found: Diagram) -> Told:
    name = {n.id: n.label for n in found.nodes}
    return [(name[e.source], name[e.target], e.label) for e in found.edges]


@pytest.mark.parametrize("look", list(LOOKS))
@pytest.mark.parametrize("manner", list(MANNERS))
def test_messages_in_order(tmp_path: Path, manner: str, look: str) -> None:
    board = Board(tmp_path, look, 640)
    wanted = MANNERS[manner](board)
    found = board.read()
    assert found.kind == Kind.SEQUENCE and _told(found) == wanted


@pytest.mark.parametrize("manner", list(MANNERS))
def test_messages_in_order_in_pixels(tmp_path: Path, manner: str) -> None:
    board = Board(tmp_path, "plain", 640)
    wanted = MANNERS[manner](board)
    found = board.read_pixels()
    assert found.kind == Kind.SEQUENCE and _told(found) == wanted
    if manner == "actions":
        name = {n.id: n.label for n in found.nodes}
        placed = [(n.text, [name[p] for p in n.over]) for n in found.placed_notes]
        assert placed == [("1. measure", ["Phone"]), ("3. decide", ["Edge"]), ("6. done", ["Auth"])]
    if manner == "fragments":
        assert next((g.kind, g.label) for g in found.groups) == ("alt", "funds")


def test_lost_and_found_messages_are_told_apart_from_the_others(board: Board) -> None:
    _heads(board, "Client", "Server", solid=True)
    board.disc(20, 90, 4)
    board.line((24, 90), (90, 90), head=True)
    board.text("wake", 55, 82)
    _message(board, 0, 1, 130, "ping")
    _message(board, 1, 0, 170, "pong", dashed=True)
    board.line((250, 220), (340, 220), head=True)
    board.disc(344, 220, 4)
    board.text("log", 300, 212)
    found = board.read()
    assert _told(found) == [("Client", "Server", "ping"), ("Server", "Client", "pong")]
    assert found.notes == ("wake (from outside to Client)", "log (from Server to outside)")
