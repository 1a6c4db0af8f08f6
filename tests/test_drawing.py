"""Boxes, and drawings moved and turned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.model.box import Box, area, grow, inside, intersection, iou, overlap, union
from dic_ingest.model.drawing import Drawing, Path, PlacedImage, Subpath, Word

numbers = st.floats(-1000, 1000).map(lambda v: round(v, 2))
boxes = st.tuples(numbers, numbers, numbers, numbers).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@given(boxes, boxes)
def test_boxes(a: Box, b: Box) -> None:
    both = union([a, b])
    assert overlap(a, b) == overlap(b, a) <= min(area(a), area(b)) + 1e-9
    assert 0.0 <= iou(a, b) <= 1.0 + 1e-9
    assert inside(a, both) and inside(b, both)
    assert area(intersection(a, both)) == pytest.approx(area(a))
    assert area(grow(a, 1.0)) >= area(a)


def test_union_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError):
        union([])


def page() -> Drawing:
    return Drawing(
        100.0,
        50.0,
        words=(Word("here", (10, 5, 30, 15), 10.0),),
        paths=(
            Path((Subpath(((10.0, 20.0), (40.0, 20.0))),), (10, 19, 40, 21), stroke=(0, 0, 0), width=2.0),
        ),
        images=(PlacedImage((80, 30, 100, 50), (40, 40)),),
    )


def test_within_and_cut_move_the_part_to_its_own_corner() -> None:
    part = page().within((0, 0, 60, 30)).cut((5, 5, 60, 30))
    assert (part.width, part.height) == (55, 25)
    assert part.words[0].bbox == (5, 0, 25, 10)
    assert part.paths[0].subpaths[0].points == ((5.0, 15.0), (35.0, 15.0))
    assert part.images == ()


def test_a_quarter_turn() -> None:
    turned = page().turned(90)
    assert (turned.width, turned.height) == (50.0, 100.0)
    assert turned.words[0].bbox == (35, 10, 45, 30) and turned.words[0].angle == 90
    assert turned.images[0].bbox == (0, 80, 20, 100)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turning_back_gives_the_drawing_again(degrees: int) -> None:
    assert page().turned(degrees).turned(360 - degrees) == page()
    assert page().turned(0) == page()
