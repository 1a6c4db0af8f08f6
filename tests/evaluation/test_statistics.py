"""Intervals and paired tests: known values, properties, the same seed the same numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.statistics import (
    Measure,
    ResamplingSettings,
    averaged,
    compare,
    f1,
    interval,
    ratio,
)

shares = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def named(values: list[float], name: str = "m") -> Measure:
    return averaged(name, [str(i) for i in range(len(values))], values)


@given(shares)
def test_a_mean_lies_in_its_interval_and_the_interval_in_the_values(values: list[float]) -> None:
    low, high = interval(named(values), ResamplingSettings(draws=200))
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert named(values).value == pytest.approx(float(np.mean(values)))


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    # 400 coin flips with 0.3 heads: standard error sqrt(0.3 * 0.7 / 400) = 0.0229
    low, high = interval(named([1.0] * 120 + [0.0] * 280), ResamplingSettings(draws=4000))
    assert low == pytest.approx(0.3 - 1.96 * 0.0229, abs=0.006)
    assert high == pytest.approx(0.3 + 1.96 * 0.0229, abs=0.006)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    measure = named(list(np.linspace(0, 1, 37)))
    assert interval(measure, ResamplingSettings(7)) == interval(measure, ResamplingSettings(7))
    assert interval(measure, ResamplingSettings(7)) != interval(measure, ResamplingSettings(8))


def test_a_clear_difference_is_told_from_none() -> None:
    rng = np.random.default_rng(1)
    base = rng.random(60) * 0.5
    better = compare(named(list(base + 0.2)), named(list(base)))
    assert better.value == pytest.approx(0.2) and better.low > 0.19 and better.p < 0.01
    same = compare(named(list(base)), named(list(rng.permutation(base))))
    assert same.low < 0 < same.high and same.p > 0.05


@given(shares)
def test_a_system_does_not_differ_from_itself(values: list[float]) -> None:
    found = compare(named(values), named(values), ResamplingSettings(draws=100))
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


@given(st.integers(2, 12))
def test_the_test_by_randomisation_is_that_of_signs(figures: int) -> None:
    # all figures better by the same: only "all swapped" and "none swapped" reach it, 2 / 2^n by chance
    found = compare(named([1.0] * figures), named([0.0] * figures), ResamplingSettings(draws=4000))
    assert found.p == pytest.approx(2 / 2**figures, abs=0.03)


def test_only_shared_figures_are_compared() -> None:
    ours = averaged("m", ["a", "b", "c"], [1, 1, 0])
    theirs = averaged("m", ["c", "b", "x"], [0, 0, 1])
    found = compare(ours, theirs)
    assert found.figures == 2 and found.value == 0.5
    with pytest.raises(InputError, match="no figure in common"):
        compare(ours, averaged("m", ["z"], [1]))


def test_counts_are_summed_before_the_ratio() -> None:
    measure = Measure("m", ("a", "b"), np.array([[1, 2, 2], [0, 0, 6]], float), f1)
    assert measure.value == pytest.approx(2 / 10)
    assert measure.over({"a"}).value == pytest.approx(0.5)
    assert math.isnan(measure.over(()).value) and math.isnan(interval(measure.over(()))[0])
    assert f1(np.zeros(3)) == 1 and np.isnan(ratio(np.zeros(2)))


def test_bad_settings_and_ids_are_refused() -> None:
    for bad in ({"draws": 5}, {"confidence": 1.0}):
        with pytest.raises(SettingsError):
            ResamplingSettings(**bad)
    with pytest.raises(InputError, match="each id once"):
        averaged("m", ["a", "a"], [1, 2])
