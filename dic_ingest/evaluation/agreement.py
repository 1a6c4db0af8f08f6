"""Agreement of two annotators beyond chance: Cohen's kappa. Two lists of verdicts in, one number out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from dic_ingest.errors import InputError


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
