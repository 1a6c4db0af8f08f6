"""The usual size of a drawing's words, by which arrowheads and gaps are measured."""

from __future__ import annotations

import pytest

from dic_ingest.diagrams.text_blocks import usual_size
from dic_ingest.model.drawing import Word


def words(*sizes: float) -> tuple[Word, ...]:
    return tuple(Word("word", (0, 0, 2 * s, s), s) for s in sizes)


@pytest.mark.parametrize(
    ("sizes", "usual"),
    [
        ((9, 9, *[1] * 8), 9),  # one line of tiny print under two labels
        ((9, 9, 9, 1), 9),
        ((40, 9, 9, 9, 9, 9), 9),  # a title
        ((7, 7, 7, 9, 9), 7),
        ((), 10),
    ],
)
def test_tiny_print_does_not_set_the_scale(sizes: tuple[float, ...], usual: float) -> None:
    assert usual_size(words(*sizes)) == usual
