"""Labels of a graph that is drawn again: in their boxes, whatever their length."""

from __future__ import annotations

import pytest

from dic_ingest.model.box import inside
from dic_ingest.model.diagram import Diagram, Group, Kind, Node
from dic_ingest.render.draw import NOTE, SIZE, drawing_of
from dic_ingest.render.layout import CHAR

LONG = "Capture value from customers to create profit and customer equity"


@pytest.mark.parametrize(
    "box", [(10.0, 10.0, 90.0, 80.0), (10.0, 10.0, 210.0, 40.0), (10.0, 10.0, 60.0, 150.0)]
)
def test_a_long_label_stays_in_its_box(box: tuple[float, float, float, float]) -> None:
    drawn = drawing_of(Diagram(Kind.BLOCK, (Node("a", LONG, bbox=box),)))
    assert [w.text for w in drawn.words] == LONG.split()
    assert all(inside(w.bbox, box, 0.99) for w in drawn.words)


def test_a_label_that_has_room_keeps_its_size_and_lines() -> None:
    drawn = drawing_of(Diagram(Kind.BLOCK, (Node("a", "Order\nbook", bbox=(0.0, 0.0, 100.0, 60.0)),)))
    assert [(w.text, w.size) for w in drawn.words] == [("Order", SIZE), ("book", SIZE)]
    assert drawn.words[0].bbox[3] < drawn.words[1].bbox[3]


def test_names_of_groups_and_notes_do_not_widen_the_page() -> None:
    group = Group("g", LONG, bbox=(0.0, 0.0, 120.0, 90.0))
    drawn = drawing_of(Diagram(Kind.BLOCK, groups=(group,), notes=(" ".join([LONG] * 9),)))
    assert drawn.width < (NOTE + 10) * CHAR
    named = drawn.words[: len(LONG.split())]
    assert all(w.bbox[2] <= 122.0 for w in named)
