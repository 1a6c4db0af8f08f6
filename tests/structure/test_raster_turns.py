"""Trails that turn back are two lines, lines that pass over a box are one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dic_ingest.drawing import Point
from dic_ingest.structure.raster_paths import Trail
from dic_ingest.structure.raster_turns import over_boxes, without_hairpins
from dic_ingest.structure.scene import Shape

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
    parts = without_hairpins([Trail(HAIRPIN, (True, False))], lambda p: p[0] > 90, EM)
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
    assert len(without_hairpins([Trail(points)], lambda p: there, EM)) == 1


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
