"""Names of interfaces, ports on borders, bars with a name that many lines end on."""

from __future__ import annotations

import itertools

from conventions.board import Board, edges, labels


def test_names_at_both_ends_of_a_link_are_its_end_labels(board: Board) -> None:
    board.box("Core", 120, 120, 90, 40)
    board.box("Edge", 430, 120, 90, 40)
    board.box("Host", 430, 280, 90, 40)
    board.line((165, 120), (385, 120))
    board.text("eth0", 182, 112)
    board.text("eth1", 368, 112)
    board.line((430, 140), (430, 260))
    board.text("p2", 442, 150)
    board.text("p1", 442, 250)
    found = board.read()
    assert labels(found) == ["Core", "Edge", "Host"]
    ends = {(name, e.source_label, e.target_label) for e in found.edges for name in [e.label]}
    assert {frozenset(x[1:]) for x in ends} == {frozenset({"eth0", "eth1"}), frozenset({"p1", "p2"})}


def test_unlabelled_squares_on_a_border_are_ports(board: Board) -> None:
    for name, x in (("Sensor", 120), ("Filter", 320), ("Motor", 520)):
        board.box(name, x, 150, 100, 60)
    for x in (170, 270, 370, 470):
        board.solid("", x, 150, 8, 8)
    board.line((174, 150), (266, 150), head=True)
    board.line((374, 150), (466, 150), head=True)
    found = board.read()
    assert labels(found) == ["Filter", "Motor", "Sensor"]
    assert edges(found) == {("Sensor", "Filter", ""), ("Filter", "Motor", "")}


def test_a_long_bar_with_a_name_is_a_node(board: Board) -> None:
    board.box("System bus", 300, 180, 500, 20)
    for n, name in enumerate(("CPU", "RAM", "DMA")):
        board.box(name, 120 + 170 * n, 90, 80, 34)
        board.line((120 + 170 * n, 107), (120 + 170 * n, 170), head=True, tail=True)
    found = board.read()
    assert labels(found) == ["CPU", "DMA", "RAM", "System bus"]
    ends = {frozenset(e[:2]) for e in edges(found)}
    assert ends == {frozenset({"System bus", n}) for n in ("CPU", "RAM", "DMA")}


def test_a_mind_map_with_curved_branches(board: Board) -> None:
    board.box("Topic", 300, 200, 100, 40)
    for name, x, y in (("Past", 90, 80), ("Present", 90, 320), ("Future", 510, 80), ("Never", 510, 320)):
        board.box(name, x, y, 90, 30)
        inner, outer = (250, 135) if x < 300 else (350, 465)
        board.curve((inner, 200), ((inner + outer) / 2, 200), ((inner + outer) / 2, y), (outer, y))
    found = board.read()
    ends = {frozenset(e[:2]) for e in edges(found)}
    assert ends == {frozenset({"Topic", n}) for n in ("Past", "Present", "Future", "Never")}


def test_two_graphs_in_one_figure_stay_apart(board: Board) -> None:
    for k, names in enumerate((("Before", "Old", "Slow"), ("After", "New", "Fast"))):
        x = 130 + 300 * k
        board.text(names[0], x, 40, 12)
        board.box(names[1], x, 100)
        board.box(names[2], x, 220)
        board.line((x, 115), (x, 205), head=True)
    assert edges(board.read()) == {("Old", "Slow", ""), ("New", "Fast", "")}


def test_a_route_over_a_link_is_an_edge_of_its_own(board: Board) -> None:
    for name, x in (("Left", 100), ("Middle", 300), ("Right", 500)):
        board.box(name, x, 150, 80, 60)
    board.line((140, 140), (260, 140))
    board.line((340, 140), (460, 140))
    board.line((140, 165), (260, 165), head=True, dashed=True)
    found = board.read()
    assert sorted((e.directed, e.style) for e in found.edges) == [
        (False, "solid"), (False, "solid"), (True, "dashed"),
    ]  # fmt: skip


def test_dots_on_a_line_are_nodes_in_order(board: Board) -> None:
    names = ("init", "draft", "review", "release")
    board.line((80, 150), (520, 150))
    for n, name in enumerate(names):
        board.disc(100 + 130 * n, 150, 6)
        board.text(name, 100 + 130 * n, 130)
    found = board.read()
    assert labels(found) == sorted(names)
    ends = {tuple(sorted(e[:2])) for e in edges(found)}
    assert ends == {tuple(sorted(p)) for p in itertools.pairwise(names)}


def test_a_name_under_a_plain_disc_is_its_name(board: Board) -> None:
    for name, x, y in (("h1\n(10.0.0.1)", 100, 120), ("h2\n(10.0.0.2)", 400, 120), ("s1", 250, 260)):
        board.disc(x, y, 14, fill=False)
        board.text(name, x, y + 32)
    board.line((114, 120), (386, 120))
    board.line((110, 130), (240, 250))
    found = board.read()
    assert labels(found) == ["h1 (10.0.0.1)", "h2 (10.0.0.2)", "s1"]
