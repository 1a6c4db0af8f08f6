"""A measure as sums over figures, its bootstrap interval, a paired test against another; agreement of
annotators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from dic_ingest.errors import InputError, SettingsError

# Agreement of two annotators beyond chance: Cohen's kappa. Two lists of verdicts in, one number out.


def cohens_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Kappa of the verdicts of two annotators on the same items, -1 to 1; 0 is what chance gives.

    Source: Cohen 1960, A Coefficient of Agreement for Nominal Scales. Where both give every item the same one
    verdict chance agrees as well as they do; that is 1 here, as there is no disagreement to tell.

    Raises:
        InputError: no items, or not the same number from both.
    """
    if not first or len(first) != len(second):
        raise InputError(
            f"two annotators must judge the same items, got {len(first)} and {len(second)} verdicts"
        )
    count = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    ours, theirs = Counter(first), Counter(second)
    chance = sum(ours[v] * theirs[v] for v in ours) / count**2
    return 1.0 if chance == 1.0 else (observed - chance) / (1 - chance)


# A measure as sums over figures, its bootstrap interval, and a paired test against another system.


Floats: TypeAlias = npt.NDArray[np.float64]
Total: TypeAlias = Callable[[Floats], Floats]  # sums of shape (..., d) to values of shape (...)


@dataclass(frozen=True, slots=True)
class ResamplingSettings:
    """How intervals and tests are drawn; the same seed gives the same numbers."""

    seed: int = 0
    draws: int = 1000
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.draws < 100:
            raise SettingsError(f"resampling needs at least 100 draws, got {self.draws}")
        if not 0.5 <= self.confidence < 1:
            raise SettingsError(f"a confidence lies in 0.5..1, got {self.confidence}")


@dataclass(frozen=True, slots=True)
class Measure:
    """`counts` has a row per figure of `ids`, shape (n, d); `total` makes the value of their sum."""

    name: str
    ids: tuple[str, ...]
    counts: Floats
    total: Total

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.counts) or len(set(self.ids)) != len(self.ids):
            raise InputError(f"{self.name}: {len(self.ids)} ids for {len(self.counts)} rows, each id once")

    @property
    def value(self) -> float:
        """The measure over all its figures; nan for none."""
        return float(self.total(self.counts.sum(0))) if self.ids else float("nan")

    def over(self, chosen: Collection[str]) -> Measure:
        """The same measure over some of its figures."""
        rows = [i for i, own in enumerate(self.ids) if own in chosen]
        return replace(self, ids=tuple(self.ids[i] for i in rows), counts=self.counts[rows])


@dataclass(frozen=True, slots=True)
class Difference:
    """What a system has over a baseline on the same figures: value, its interval, and a p-value."""

    value: float
    low: float
    high: float
    p: float
    figures: int


def averaged(name: str, ids: Sequence[str], values: Sequence[float]) -> Measure:
    """The mean of one value per figure."""
    ones = np.ones(len(values))
    return Measure(name, tuple(ids), np.stack([np.asarray(values, float), ones], 1), ratio)


def ratio(sums: Floats) -> Floats:
    """First count over the second; nan where that is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], np.nan)


def f1(sums: Floats) -> Floats:
    """F1 of (hits, true, found); 1 where nothing was there and nothing was found."""
    both = sums[..., 1] + sums[..., 2]
    return np.where(both > 0, 2 * sums[..., 0] / np.maximum(both, 1), 1.0)


def interval(measure: Measure, settings: ResamplingSettings | None = None) -> tuple[float, float]:
    """Percentile bootstrap over figures (Efron 1979); nan for a measure without figures."""
    settings = settings or ResamplingSettings()
    if not measure.ids:
        return float("nan"), float("nan")
    return _percentiles(measure.total(_drawn(len(measure.ids), settings) @ measure.counts), settings)


def compare(measure: Measure, baseline: Measure, settings: ResamplingSettings | None = None) -> Difference:
    """`measure` minus `baseline` on the figures that both have.

    The interval is a paired bootstrap; `p` is two-sided, by approximate randomisation (Noreen 1989; Riezler
    and Maxwell 2005): the systems' rows change places figure by figure. It is never below 1 / (draws + 1).

    Raises:
        InputError: no figure in common.
    """
    settings = settings or ResamplingSettings()
    ours = {own: row for own, row in zip(measure.ids, measure.counts, strict=True)}
    theirs = {own: row for own, row in zip(baseline.ids, baseline.counts, strict=True)}
    shared = [own for own in measure.ids if own in theirs]
    if not shared:
        raise InputError(f"{measure.name}: the two systems have no figure in common")
    a, b = np.stack([ours[s] for s in shared]), np.stack([theirs[s] for s in shared])
    drawn = _drawn(len(shared), settings)
    low, high = _percentiles(measure.total(drawn @ a) - measure.total(drawn @ b), settings)
    seen = float(measure.total(a.sum(0)) - measure.total(b.sum(0)))
    swap = np.random.default_rng(settings.seed).random((settings.draws, len(shared))) < 0.5
    mixed, rest = swap @ b + ~swap @ a, swap @ a + ~swap @ b
    by_chance = np.abs(measure.total(mixed) - measure.total(rest))
    at_least = int(np.sum(by_chance >= abs(seen) - 1e-12))
    return Difference(seen, low, high, (at_least + 1) / (settings.draws + 1), len(shared))


def _drawn(figures: int, settings: ResamplingSettings) -> Floats:
    """How often each figure stands in each resample; the same for every measure of as many figures."""
    rng = np.random.default_rng(settings.seed)
    times: Floats = rng.multinomial(figures, np.full(figures, 1 / figures), settings.draws).astype(float)
    return times


def _percentiles(values: Floats, settings: ResamplingSettings) -> tuple[float, float]:
    tail = 50 * (1 - settings.confidence)
    good = values[~np.isnan(values)]
    if not len(good):
        return float("nan"), float("nan")
    low, high = np.percentile(good, [tail, 100 - tail])
    return float(low), float(high)
