"""Masks to lines: thinning, junctions, crossings, gaps. No network."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from dic_ingest.diagrams.raster.lines import ink_along
from dic_ingest.diagrams.raster.markers import RasterMarker, kind_of_mark
from dic_ingest.diagrams.raster.skeleton import skeleton_graph, thin
from dic_ingest.diagrams.raster.tracing import Trail, bridge, gathered, heading, link, straightened
from dic_ingest.model.diagram import End

EM = 13.0


def _mask(*lines: tuple[tuple[int, int], ...], width: int = 3) -> np.ndarray:
    mask = np.zeros((220, 320), np.uint8)
    for points in lines:
        cv2.polylines(mask, [np.array(points, np.int32).reshape(-1, 1, 2)], False, 1, width)
    return mask > 0


def _trails(*lines: tuple[tuple[int, int], ...]) -> list[Trail]:
    return link(skeleton_graph(_mask(*lines)), EM)


def _ends(trail: Trail) -> set[tuple[int, int]]:
    return {(round(p[0] / 10), round(p[1] / 10)) for p in (trail.points[0], trail.points[-1])}


def test_thinning_keeps_what_is_connected() -> None:
    mask = _mask(((20, 20), (200, 20), (200, 150)), width=5)
    lines = thin(mask)
    assert lines.sum() < mask.sum() / 3 and not (lines & ~mask).any()
    assert cv2.connectedComponents(lines.astype(np.uint8), connectivity=8)[0] == 2


def test_an_elbow_is_one_line() -> None:
    trails = _trails(((20, 20), (200, 20), (200, 150)))
    assert len(trails) == 1 and _ends(trails[0]) == {(2, 2), (20, 15)}


@pytest.mark.parametrize("low", [40, 100, 180])
def test_crossing_lines_stay_apart(low: int) -> None:
    slant = ((100, 200 - low // 2), (220, 10))
    trails = _trails(((20, 100), (300, 100)), slant)
    assert len(trails) == 2
    for wanted in (((20, 100), (300, 100)), slant):
        tips = [(t.points[0], t.points[-1]) for t in trails]
        gaps = [sum(min(math.dist(w, a), math.dist(w, b)) for w in wanted) for a, b in tips]
        assert min(gaps) < 12


def test_a_side_branch_ends_on_the_trunk() -> None:
    trails = _trails(((20, 100), (300, 100)), ((150, 100), (150, 200)))
    assert len(trails) == 2
    branch = min(trails, key=lambda t: t.size)
    assert sorted(branch.joined) == [False, True]
    assert min(math.dist(p, (150, 100)) for p in (branch.points[0], branch.points[-1])) < 5


def test_gaps_under_words_are_bridged_and_others_not() -> None:
    trails = _trails(((20, 100), (120, 100)), ((200, 100), (300, 100)))
    free = {"arrived": lambda points, at_start: False, "parted": lambda p, q: False}
    assert len(bridge(trails, [(122, 90, 198, 110)], [], EM, **free)) == 1
    assert len(bridge(trails, [], [], EM, **free)) == 2
    assert len(bridge(trails, [(122, 90, 198, 110)], [], EM, **{**free, "parted": lambda p, q: True})) == 2


def test_dashes_become_one_line_and_are_seen_as_dashes() -> None:
    dashes = [((x, 100), (x + 8, 100)) for x in range(20, 290, 16)]
    free = {"arrived": lambda points, at_start: False, "parted": lambda p, q: False}
    trails = bridge(_trails(*dashes), [], [], EM, **free)
    assert len(trails) == 1
    picture = np.full((220, 320, 3), 255, np.uint8)
    picture[_mask(*dashes, width=2)] = (200, 0, 0)
    look = ink_along(picture, trails[0].points, ())
    assert look.dashed and look.color == (200, 0, 0)
    picture[_mask(((20, 100), (290, 100)), width=2)] = (200, 0, 0)
    assert not ink_along(picture, trails[0].points, ()).dashed


def test_heading_and_straightening() -> None:
    assert heading([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)], False, 15) == pytest.approx((1, 0))
    assert heading([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)], True, 15) == pytest.approx((-1, 0))
    assert straightened([(0, 0), (100, 1), (101, 80)], EM) == ((0, 0.5), (100.5, 0.5), (100.5, 80))


def test_lines_on_both_sides_of_a_label_are_one_and_those_on_one_side_are_not() -> None:
    free = {"arrived": lambda points, at_start: False, "parted": lambda p, q: False}
    label = [(130, 92, 190, 108)]
    bent = _trails(((20, 60), (124, 96)), ((196, 104), (230, 200)))
    assert len(bridge(bent, [], label, EM, **free)) == 1
    assert len(bridge(bent, [], [], EM, **free)) == 2
    below = _trails(((60, 200), (140, 112)), ((260, 200), (180, 112)))  # both end at the name of an icon, say
    assert len(bridge(below, [], label, EM, **free)) == 2


def test_words_that_stand_together_are_one_label() -> None:
    words = [(0, 0, 20, 10), (24, 0, 50, 10), (0, 14, 30, 24), (200, 0, 220, 10)]
    assert sorted(gathered(words, EM)) == [(0, 0, 50, 24), (200, 0, 220, 10)]
    assert gathered([], EM) == []


@pytest.mark.parametrize(
    ("role", "size", "end"),
    [
        ("mark", (20, 12), End.MANY),
        ("mark", (4, 16), End.ONE),
        ("mark", (10, 10), End.CIRCLE),
        ("arrow", (12, 10), End.ARROW),
    ],
)
def test_marks_stand_for_ends(role: str, size: tuple[int, int], end: End) -> None:
    """On a level line; `size` is along and across it."""
    pixels = np.array([(x, y) for x in range(size[0]) for y in range(size[1])], float)
    assert kind_of_mark(RasterMarker(pixels, role, True), (1.0, 0.0), EM) is end
