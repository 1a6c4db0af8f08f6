"""A one-page file that is one drawing gives one figure; text or captions beside it keep figures apart."""

from __future__ import annotations

from dic_ingest.figures.recovery import as_one_drawing
from dic_ingest.model.document import Block, Figure, Text
from dic_ingest.model.drawing import Word


def figure(name: str, x: float, label: str = "") -> Figure:
    box = (x, 10.0, x + 50.0, 60.0)
    return Figure(name, 1, box, 0, label=label, embedded_words=(Word(name, box),))


def test_parts_far_apart_are_one_drawing() -> None:
    (whole,) = as_one_drawing([figure("a", 0), figure("b", 300)], "0" * 64)
    assert isinstance(whole, Figure) and whole.bbox == (0, 10, 350, 60)
    assert [w.text for w in whole.embedded_words] == ["a", "b"]


def test_text_labels_and_single_figures_are_left_alone() -> None:
    text = Text("t", 1, (0, 100, 50, 110), 1, text="Two drawings:")
    kept: tuple[list[Block], ...] = (
        [figure("a", 0), figure("b", 300), text],
        [figure("a", 0, "Figure 1"), figure("b", 300, "Figure 2")],
        [figure("a", 0)],
        [],
    )
    for blocks in kept:
        assert as_one_drawing(blocks, "0" * 64) == blocks
