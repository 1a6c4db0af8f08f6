"""Cohen's kappa: the textbook's example, its bounds, what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.errors import InputError
from dic_ingest.evaluation.statistics import cohens_kappa

VERDICTS = st.lists(st.tuples(st.sampled_from("aer"), st.sampled_from("aer")), min_size=1, max_size=40)


def test_of_fifty_proposals_read_by_two() -> None:
    # 20 times both yes, 5 yes-no, 10 no-yes, 15 both no: observed 0.7, by chance 0.5
    first = "y" * 25 + "n" * 25
    second = "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohens_kappa(first, second) == pytest.approx(0.4)


def test_bounds_are_reached() -> None:
    assert cohens_kappa("abab", "abab") == 1.0
    assert cohens_kappa("abab", "baba") == -1.0
    assert cohens_kappa("aabb", "abab") == 0.0
    assert cohens_kappa("aaaa", "aaaa") == 1.0


@given(VERDICTS)
def test_it_is_symmetric_and_blind_to_names(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa = cohens_kappa(first, second)
    assert -1 <= kappa <= 1
    assert cohens_kappa(second, first) == pytest.approx(kappa)
    assert cohens_kappa([a.upper() for a in first], [b.upper() for b in second]) == pytest.approx(kappa)


def test_other_items_are_refused() -> None:
    for first, second in (("", ""), ("ab", "a")):
        with pytest.raises(InputError, match="the same items"):
            cohens_kappa(first, second)
