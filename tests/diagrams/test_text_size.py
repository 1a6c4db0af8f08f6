"""The usual size of a drawing's words, by which arrowheads and gaps are measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from conventions.board import Board, edges

from dic_ingest.diagrams.text_blocks import typical_height, usual_size
from dic_ingest.model.diagram import End

TERMS = "Copyright of somebody who has his terms of use printed in very small letters under the drawing"


@pytest.mark.parametrize(
    ("heights", "usual"),
    [
        ((9, 9, *[1] * 8), 9),  # tiny print under two labels
        ((9, 9, 9, 1), 9),
        ((40, 9, 9, 9, 9, 9), 9),  # a title
        ((40, 9, 9), 9),
        ((7, 7, 7, 9, 9), 7),
        ((60, 9, 9, 9, 1, 1, 1, 1), 9),
        ((), 0),
    ],
)
def test_neither_tiny_print_nor_a_title_sets_the_scale(heights: tuple[float, ...], usual: float) -> None:
    assert typical_height(heights) == usual


def test_a_drawing_without_words_has_a_scale() -> None:
    assert usual_size(()) == 10


@pytest.mark.parametrize("width", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("size", [7.0, 18.0])
@pytest.mark.parametrize(("tiny", "count"), [(0.5, 1), (1.0, 1), (1.0, 4), (2.0, 1), (2.0, 4), (3.0, 2)])
def test_tiny_print_takes_no_arrowhead(
    tmp_path: Path, tiny: float, count: int, size: float, width: float
) -> None:
    board = Board(tmp_path, "plain")
    board.size = size
    for name, x in (("Alpha", 100), ("Beta", 300), ("Gamma", 500)):
        board.box(name, x, 100, 90, 40)
    board.line((145, 100), (255, 100), head=True, tail=True, width=width)
    board.line((345, 100), (455, 100), head=True, width=width)
    for n in range(count):
        board.text(TERMS, 300, 350 + 4 * n, tiny)
    found = board.read()
    assert edges(found) == {("Alpha", "Beta", ""), ("Beta", "Alpha", ""), ("Beta", "Gamma", "")}
    assert all(e.target_end is End.ARROW for e in found.edges)
