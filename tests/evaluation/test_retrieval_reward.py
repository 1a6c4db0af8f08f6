"""GRC and QIR against numbers worked out by hand, and their bounds against random ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.retrieval import grc, qir, reward, weights


def test_grc_of_one_direction_is_one_whatever_the_lengths() -> None:
    assert grc([[3.0, 0.0], [0.5, 0.0], [100.0, 0.0]]) == pytest.approx(1.0)


def test_grc_of_two_right_angles_is_half_the_diagonal() -> None:
    assert grc([[2.0, 0.0], [0.0, 5.0]]) == pytest.approx(np.sqrt(2) / 2)


def test_grc_of_opposites_is_nothing() -> None:
    assert grc([[1.0, 0.0], [-7.0, 0.0]]) == pytest.approx(0.0)


def test_qir_halves_the_weight_from_rank_to_rank() -> None:
    # cosines 1, 0, -1 with weights 1, 1/2, 1/4
    assert qir([2.0, 0.0], [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]) == pytest.approx(0.75)
    assert weights(5).sum() == pytest.approx(1.9375)


def test_the_order_of_what_was_retrieved_matters_to_qir_and_not_to_grc() -> None:
    near, far = [1.0, 0.1], [0.0, 1.0]
    assert qir([1.0, 0.0], [near, far]) > qir([1.0, 0.0], [far, near])
    assert grc([near, far]) == pytest.approx(grc([far, near]))


def test_reward_is_the_sum_with_beta() -> None:
    source, found = [1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]
    assert reward(source, found) == pytest.approx(grc(found) + qir(source, found))
    assert reward(source, found, beta=0.0) == pytest.approx(grc(found))


def test_an_empty_embedding_agrees_with_nothing() -> None:
    assert grc([[0.0, 0.0], [1.0, 0.0]]) == pytest.approx(0.5)
    assert qir([0.0, 0.0], [[1.0, 0.0]]) == 0.0


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 999))
def test_bounds(count: int, size: int, seed: int) -> None:
    source = np.random.default_rng(seed)
    found, own = source.normal(size=(count, size)), source.normal(size=size)
    assert 0.0 <= grc(found) <= 1.0 + 1e-9
    assert abs(qir(own, found)) <= weights(count).sum() + 1e-9


@pytest.mark.parametrize("bad", [[], [[]], [1.0, 2.0], [[np.nan, 1.0]]])
def test_what_is_no_embedding_is_refused(bad: list[object]) -> None:
    with pytest.raises(SettingsError, match="embeddings"):
        grc(bad)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SettingsError, match="does not fit"):
        qir([1.0, 0.0, 0.0], [[1.0, 0.0]])
