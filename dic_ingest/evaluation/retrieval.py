"""Questions against texts, and how much of an image survives in its caption (GRC, QIR), without labels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.embedding.image import Rows
from dic_ingest.evaluation.statistics import Floats
from dic_ingest.text.tokens import tokens

# Questions against texts: BM25 and embeddings, and whether the right text is among the first k.


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


# How much of an image survives in its caption, without labels: GRC and QIR of CIM (arXiv 2603.01696).


K, BETA = 5, 1.0  # section 4.1 of the paper
_TINY = 1e-12


def grc(embeddings: npt.ArrayLike) -> float:
    """Gallery Representation Consistency, section 3.2, equation 1: the mean resultant length, 0 to 1.

    `embeddings` has shape (K, d), one row per retrieved image, of any length; rows are L2-normalised here.
    1 where all point one way (a detailed caption), near 0 where they point everywhere.

    Raises:
        SettingsError: no row, another shape, or numbers that are not finite.
    """
    return float(np.linalg.norm(_unit(_rows(embeddings)).mean(axis=0)))


def qir(source: npt.ArrayLike, retrieved: npt.ArrayLike) -> float:
    """Query-gallery Image Relevance, section 3.2, equation 2, with lambda(r) = 1 / 2^(r-1) of section 4.1.

    `source` has shape (d,), `retrieved` (K, d), best first. It lies between -b and b, where b = 2 - 2^(1-K)
    is the sum of the weights (1.9375 for K = 5), as in the paper, which does not divide by it.

    Raises:
        SettingsError: no row, shapes that do not fit, or numbers that are not finite.
    """
    found = _unit(_rows(retrieved))
    own = _unit(_rows(np.atleast_2d(np.asarray(source, np.float64))))
    if own.shape != (1, found.shape[1]):
        raise SettingsError(f"qir: a source of shape {np.shape(source)} does not fit {found.shape}.")
    return float(weights(len(found)) @ (found @ own[0]))


def reward(source: npt.ArrayLike, retrieved: npt.ArrayLike, beta: float = BETA) -> float:
    """The reward of CIM, section 3.3, equation 3: GRC + beta * QIR. Arguments and errors as for `qir`."""
    return grc(retrieved) + beta * qir(source, retrieved)


def weights(count: int) -> npt.NDArray[np.float64]:
    """lambda(r) = 1 / 2^(r-1) for the ranks r = 1..count (section 4.1)."""
    powers: npt.NDArray[np.float64] = 0.5 ** np.arange(count, dtype=np.float64)
    return powers


def _rows(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    rows: npt.NDArray[Any] = np.asarray(values, np.float64)
    if rows.ndim != 2 or not rows.size:
        raise SettingsError(f"embeddings must be rows of numbers, at least one, not of shape {rows.shape}.")
    if not np.isfinite(rows).all():
        raise SettingsError("embeddings hold numbers that are not finite; look at what embedded them.")
    return rows


def _unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of length 1; a row of zeros stays one, so that an empty embedding agrees with nothing."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = rows / np.maximum(lengths, _TINY)
    return unit
