"""Words into lines along the text: who continues whom, and which lines are still open."""

from __future__ import annotations

from dic_ingest.model.box import Box, shared_height
from dic_ingest.model.drawing import Word
from dic_ingest.model.word_lines import Placed, lines_along


def word(text: str, box: Box) -> Placed:
    return box, Word(text, box)


def misfit(last: Placed, new: Placed) -> float | None:
    gap = new[0][0] - last[0][2]
    return gap if shared_height(last[0], new[0]) > 0 and gap < 20 else None


def texts(lines: list[list[Word]]) -> list[str]:
    return [" ".join(w.text for w in line) for line in lines]


UPPER = [word("a", (0, 0, 10, 10)), word("b", (15, 1, 25, 11)), word("c", (60, 0, 70, 10))]
LOWER = [word("d", (2, 30, 12, 40)), word("e", (16, 29, 26, 39))]


def test_words_join_the_line_that_they_continue_and_a_wide_gap_starts_another() -> None:
    placed = sorted(UPPER + LOWER, key=lambda p: p[0][0])
    assert texts(lines_along(placed, misfit)) == ["a b", "d e", "c"]


def test_the_nearer_of_two_lines_takes_a_word_of_both() -> None:
    tall = word("tall", (30, 0, 40, 40))
    placed = sorted([*UPPER[:2], *LOWER, tall], key=lambda p: p[0][0])
    assert texts(lines_along(placed, misfit)) == ["a b", "d e tall"]


def test_a_line_that_ended_before_the_reach_of_a_word_is_complete() -> None:
    assert texts(lines_along(UPPER[:2], misfit, reach=lambda w: 4)) == ["a", "b"]
    assert texts(lines_along(UPPER[:2], misfit, reach=lambda w: 6)) == ["a b"]


def test_lines_are_searched_in_the_bands_around_a_word_alone() -> None:
    tall, low = word("tall", (0, 0, 10, 100)), word("low", (12, 90, 22, 100))
    assert texts(lines_along([tall, low], misfit, band=40)) == ["tall low"]
    assert texts(lines_along([tall, low], misfit, band=10)) == ["tall", "low"]
