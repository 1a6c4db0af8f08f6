"""Trails that turn back are two lines, lines that pass over a box are one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dic_ingest.diagrams.raster.tracing import (
    Trail,
    over_boxes,
    without_label_backgrounds,
    without_turn_backs,
)
from dic_ingest.diagrams.scene import Line, Shape
from dic_ingest.model.box import Point
from dic_ingest.model.diagram import End

EM = 10.0


def chain(*corners: Point) -> list[Point]:
    """Points a pixel apart through the corners."""
    out: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        n = round(max(abs(x1 - x0), abs(y1 - y0)))
        out += [(x0 + (x1 - x0) * k / n, y0 + (y1 - y0) * k / n) for k in range(n)]
    return [*out, corners[-1]]


HAIRPIN = chain((0.0, 0.0), (100.0, 10.0), (0.0, 20.0))


def test_a_hairpin_at_a_goal_is_two_lines() -> None:
    parts = without_turn_backs([Trail(HAIRPIN, (True, False))], lambda p: p[0] > 90, EM)
    assert [(p.points[0], p.points[-1]) for p in parts] == [
        ((0.0, 0.0), pytest.approx((100, 10), abs=2)),
        (pytest.approx((100, 10), abs=2), (0.0, 20.0)),
    ]
    assert [p.joined for p in parts] == [(True, False), (False, False)]


@pytest.mark.parametrize(
    "points",
    [HAIRPIN, chain((0.0, 0.0), (100.0, 0.0), (100.0, 80.0)), chain((0.0, 0.0), (9.0, 0.0))],
    ids=["turn in the open", "corner", "too short"],
)
def test_other_lines_stay_whole(points: list[Point]) -> None:
    there = points is not HAIRPIN
    assert len(without_turn_backs([Trail(points)], lambda p: there, EM)) == 1


def box(x0: float, y0: float, x1: float, y1: float) -> Shape:
    return Shape((x0, y0, x1, y1), ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def crossing(seen: bool, marked: bool = False, bent: bool = False) -> int:
    """How many trails are left of two that end at both sides of a box."""
    line = np.zeros((100, 300), np.float32)
    if seen:
        line[50, 100:201] = 0.9
    left = Trail(chain((10.0, 50.0), (100.0, 50.0)))
    right = Trail(chain((200.0, 50.0), (200.0, 95.0)) if bent else chain((200.0, 50.0), (290.0, 50.0)))
    return len(over_boxes([left, right], [box(100, 30, 200, 70)], line, lambda *_: marked, EM))


def test_a_line_seen_inside_a_box_goes_on_behind_it() -> None:
    assert crossing(seen=True) == 1


@pytest.mark.parametrize(
    ("seen", "marked", "bent"), [(False, False, False), (True, True, False), (True, False, True)]
)
def test_lines_that_end_at_a_box_stay_two(seen: bool, marked: bool, bent: bool) -> None:
    assert crossing(seen, marked, bent) == 2


def flow(ground: Shape, last_is_headed: bool = True) -> tuple[int, int]:
    """How many shapes and lines are left of three nodes, a label's ground between two, and their lines."""
    nodes = [box(0, 0, 60, 30), box(300, 0, 360, 30), box(300, 200, 360, 230)]
    last = End.ARROW if last_is_headed else End.NONE
    lines = [
        Line(((60, 15), (120, 15)), End.NONE, End.NONE),  # to the ground
        Line(((220, 15), (300, 15)), End.NONE, last),  # on from it
        Line(((330, 30), (330, 200)), End.NONE, End.ARROW),
        Line(((300, 215), (30, 30)), End.NONE, End.ARROW),
        Line(((360, 215), (360, 15)), End.NONE, End.ARROW),
    ]
    shapes, left = without_label_backgrounds([*nodes, ground], lines, [(125, 5, 215, 25)], EM)
    return len(shapes), len(left)


def test_the_ground_of_a_label_is_no_node() -> None:
    pale = replace(box(120, 0, 220, 30), score=0.7)
    assert flow(pale) == (3, 4)


def test_boxes_that_may_be_nodes_stay() -> None:
    pale = replace(box(120, 0, 220, 30), score=0.7)
    assert flow(replace(pale, score=0.95)) == (4, 5)  # surely seen
    assert flow(replace(pale, stroke=(0, 0, 0))) == (4, 5)  # with a border
    assert flow(replace(pale, kind="icon")) == (4, 5)
    assert flow(pale, last_is_headed=False) == (4, 5)  # nothing tells which way it flows
