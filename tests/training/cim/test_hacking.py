"""Signs of a gamed reward, each alone, and none where the captions got better."""

from __future__ import annotations

import pytest

from dic_ingest.errors import SettingsError
from dic_ingest.training.cim.hacking import GuardSettings, best, signs

START = {"reward": 1.0, "edge_f1": 0.5, "distinct": 0.9, "loops": 0.0, "words": 30.0}


def after(**changed: float) -> list[str]:
    return signs([START, START | {"reward": 1.4} | changed])


def test_better_captions_are_no_hacking() -> None:
    assert after(edge_f1=0.6, distinct=1.0, words=35.0) == []
    assert after(edge_f1=0.48) == []  # within the noise that is allowed


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"edge_f1": 0.4}, "edge F1 fell from 0.500 to 0.400"),
        ({"distinct": 0.3}, "same caption"),
        ({"loops": 0.4}, "repeat themselves"),
        ({"words": 90.0}, "90 words, had 30"),
        ({"words": 5.0}, "5 words, had 30"),
    ],
)
def test_each_sign_is_named(changed: dict[str, float], sign: str) -> None:
    (found,) = after(**changed)
    assert sign in found


def test_a_reward_that_does_not_rise_is_not_gamed() -> None:
    assert signs([START, START | {"edge_f1": 0.1}]) == [] and signs([START]) == []


def test_the_best_row_is_not_the_one_with_the_highest_reward() -> None:
    rows = [START, START | {"reward": 2.0, "edge_f1": 0.2}, START | {"edge_f1": 0.55}]
    assert best(rows) == 2 and best(rows[:2]) == 0


def test_guard_out_of_range() -> None:
    with pytest.raises(SettingsError):
        GuardSettings(distinct=1.5)
