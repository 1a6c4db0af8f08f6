"""CIDEr-D: how near a caption comes to its reference in the words that tell figures apart.

In: tokens of captions and references. Out: one score per caption, 0 to 10. Source: Vedantam et al. 2015,
CIDEr: Consensus-based Image Description Evaluation, sections 3 and 6, as coco-caption computes it (n = 1..4,
sigma = 6); tested against that code.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

ORDERS, SIGMA = 4, 6.0
Grams = Counter[tuple[str, ...]]


def cider(said: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> list[float]:
    """A score per caption; `references` has one per caption and also gives the document frequencies."""
    told = [_grams(r) for r in references]
    seen = Counter(gram for grams in told for gram in grams)
    weight = {gram: math.log(len(told)) - math.log(times) for gram, times in seen.items()}
    common = math.log(max(len(told), 1))
    return [10 * _similarity(_grams(own), ref, weight, common) for own, ref in zip(said, told, strict=True)]


def _grams(tokens: Sequence[str]) -> Grams:
    return Counter(tuple(tokens[i : i + n]) for n in range(1, ORDERS + 1) for i in range(len(tokens) - n + 1))


def _similarity(own: Grams, ref: Grams, weight: dict[tuple[str, ...], float], common: float) -> float:
    """Mean over n of the clipped cosine of tf-idf vectors, times a Gaussian penalty on length."""
    total = 0.0
    sizes = [_pairs(own), _pairs(ref)]
    for n in range(1, ORDERS + 1):
        a = {g: c * weight.get(g, common) for g, c in own.items() if len(g) == n}
        b = {g: c * weight.get(g, common) for g, c in ref.items() if len(g) == n}
        norm = math.sqrt(sum(v * v for v in a.values())) * math.sqrt(sum(v * v for v in b.values()))
        shared = sum(min(v, b[g]) * b[g] for g, v in a.items() if g in b)
        total += shared / norm if norm else shared
    apart = sizes[0] - sizes[1]
    return total / ORDERS * math.exp(-(apart**2) / (2 * SIGMA**2))


def _pairs(grams: Grams) -> int:
    """The caption's length as coco-caption counts it: its bigrams."""
    return sum(c for g, c in grams.items() if len(g) == 2)
