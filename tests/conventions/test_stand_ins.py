"""What stands for something else: labelled ports, connectors, bent block arrows, trunks in pixels."""

from __future__ import annotations

from pathlib import Path

import pytest
from conventions.board import Board, edges, labels


def test_a_line_between_labelled_ports_joins_their_owners(board: Board) -> None:
    board.box("", 150, 180, 180, 200)
    board.text("Order Service", 150, 120)
    board.box("", 470, 120, 140, 80)
    board.text("Ledger", 480, 110)
    board.box("", 470, 260, 140, 80)
    board.text("Queue", 480, 260)
    for name, x, y in (("http", 240, 140), ("amqp", 240, 220), ("api", 400, 140), ("in", 400, 240)):
        board.solid(name, x, y, 40, 20)
    board.line((260, 140), (380, 140), head=True)
    board.line((260, 220), (320, 220), (320, 240), (380, 240), head=True)
    found = board.read()
    assert labels(found) == ["Ledger", "Order Service", "Queue"]
    assert edges(found) == {
        ("Order Service", "Ledger", "", "http", "api"), ("Order Service", "Queue", "", "amqp", "in"),
    }  # fmt: skip


def test_a_port_without_a_line_is_a_member(board: Board) -> None:
    board.box("", 150, 150, 160, 120)
    board.text("Server", 150, 120)
    board.solid("usb", 230, 170, 40, 20)
    board.box("Client", 450, 130)
    board.line((230, 130), (410, 130), head=True)
    found = board.read()
    assert edges(found) == {("Server", "Client", "")}
    (server,) = [n for n in found.nodes if n.label == "Server"]
    assert labels(found) == ["Client", "Server"] and server.members == ("usb",)


def _connectors(board: Board) -> None:
    for name, x, y in (("Start", 100, 60), ("Check", 100, 150), ("Save", 400, 150), ("End", 400, 240)):
        board.box(name, x, y)
    for x, y in ((100, 220), (400, 70)):
        board.disc(x, y, 11, fill=False)
        board.text("A", x, y)
    board.line((100, 75), (100, 135), head=True)
    board.line((100, 165), (100, 209), head=True)
    board.line((400, 81), (400, 135), head=True)
    board.line((400, 165), (400, 225), head=True)


CONNECTED = {("Start", "Check", ""), ("Check", "Save", ""), ("Save", "End", "")}


def test_two_connectors_of_one_name_are_one_line(board: Board) -> None:
    _connectors(board)
    assert edges(board.read()) == CONNECTED


def test_two_connectors_of_one_name_are_one_line_in_pixels(tmp_path: Path) -> None:
    board = Board(tmp_path, "plain", 480, 280)
    _connectors(board)
    assert edges(board.read_pixels()) == CONNECTED


@pytest.mark.parametrize("fill", [False, True])
def test_a_bent_block_arrow_is_an_edge(board: Board, fill: bool) -> None:
    board.box("Input", 100, 100, 90, 40)
    board.box("Output", 320, 280, 90, 40)
    board.outline(
        (150, 90), (330, 90), (330, 235), (342, 235), (320, 258), (298, 235), (310, 235), (310, 110),
        (150, 110), fill=fill,
    )  # fmt: skip
    assert edges(board.read()) == {("Input", "Output", "")}


def test_a_bar_that_runs_past_all_its_lines_is_a_bus_though_one_side_has_one_line(board: Board) -> None:
    board.line((70, 180), (530, 180), width=2)
    for name, x, y in (("A1", 150, 90), ("B2", 300, 90), ("C3", 450, 90), ("D4", 220, 270)):
        board.box(name, x, y, 70, 30)
        board.line((x, y + 15 if y < 180 else y - 15), (x, 180))
    assert edges(board.read(), directed=False) == {("", n, "") for n in ("A1", "B2", "C3", "D4")}


@pytest.mark.parametrize("fork", [False, True])
def test_trunks_in_pixels_are_no_crossings(tmp_path: Path, fork: bool) -> None:
    board = Board(tmp_path, "plain", 540, 320)
    stem, arms = (440, 90) if not fork else (90, 440)
    board.box("Stem", stem, 170)
    near, far = (stem - 40, arms + 40) if not fork else (stem + 40, arms - 40)
    board.line((250, 80), (250, 260))
    board.line(*(((250, 170), (near, 170)) if not fork else ((near, 170), (250, 170))), head=not fork)
    for n, name in enumerate(("One", "Two", "Three")):
        y = 80 + 90 * n
        board.box(name, arms, y)
        board.line(*(((250, y), (far, y)) if fork else ((far, y), (250, y))), head=fork)
    pairs = {("Stem", n, "") if fork else (n, "Stem", "") for n in ("One", "Two", "Three")}
    assert edges(board.read_pixels()) == pairs
