"""Questions against texts: BM25 and embeddings, and whether the right text is among the first k."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from dic_ingest.captioning.evidence_text import tokens
from dic_ingest.evaluation.look import Rows
from dic_ingest.evaluation.statistics import Floats

K1, B = 1.2, 0.75  # as Robertson and Zaragoza 2009 advise
Rank: TypeAlias = Callable[[Sequence[str], Sequence[str]], Floats]  # questions, texts: scores (n, m)


def bm25(questions: Sequence[str], texts: Sequence[str]) -> Floats:
    """BM25 scores, shape (questions, texts); a question's repeated word counts once."""
    scores = np.zeros((len(questions), len(texts)))
    counts = [Counter(tokens(t)) for t in texts]
    lengths = np.array([c.total() for c in counts], float)
    lean = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(texts) else 0.0, 1e-9))
    holders: dict[str, list[int]] = {}
    for i, count in enumerate(counts):
        for word in count:
            holders.setdefault(word, []).append(i)
    for row, question in enumerate(questions):
        for word in set(tokens(question)) & holders.keys():
            own = holders[word]
            rarity = math.log(1 + (len(texts) - len(own) + 0.5) / (len(own) + 0.5))
            often = np.array([counts[i][word] for i in own], float)
            scores[row, own] += rarity * often * (K1 + 1) / (often + lean[own])
    return scores


def by_embedding(encode: Callable[[Sequence[str]], Rows]) -> Rank:
    """A ranking by cosine; `encode` makes unit vectors. Texts seen before are not embedded again."""
    kept: dict[str, Rows] = {}

    def vectors(texts: Sequence[str]) -> Rows:
        fresh = [t for t in dict.fromkeys(texts) if t not in kept]
        kept.update(zip(fresh, encode(fresh), strict=True))
        return np.stack([kept[t] for t in texts])

    def rank(questions: Sequence[str], texts: Sequence[str]) -> Floats:
        if not questions or not texts:
            return np.zeros((len(questions), len(texts)))
        return np.asarray(vectors(questions) @ vectors(texts).T, float)

    return rank


def best(scores: Floats, k: int) -> list[list[int]]:
    """The columns of the k highest scores of each row, best first; of equal ones the earlier."""
    return [np.argsort(-row, kind="stable")[:k].tolist() for row in scores]
