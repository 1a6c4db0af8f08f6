"""Captions against references: BLEU-1..4, METEOR of 2005, ROUGE-L, CIDEr-D, each as a `Measure`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from nltk.stem.porter import PorterStemmer
from nltk.translate.meteor_score import single_meteor_score
from rapidfuzz.distance import LCSseq

from dic_ingest.errors import MissingExtraError
from dic_ingest.evaluation.statistics import Floats, Measure, Total, averaged
from dic_ingest.text.tokens import tokens

# CIDEr-D: how near a caption comes to its reference in the words that tell figures apart.


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


CAPTION_SCORES_ORDERS = 4
MOST_TOKENS = 2000  # of a caption; METEOR's time grows with the square


def caption_measures(ids: Sequence[str], said: Sequence[str], references: Sequence[str]) -> list[Measure]:
    """The seven measures of captions `said` against one reference each; BLEU in 0..100, CIDEr-D in 0..10.

    Raises:
        MissingExtraError: sacrebleu is not installed.
    """
    own = [tokens(t)[:MOST_TOKENS] for t in said]
    refs = [tokens(t)[:MOST_TOKENS] for t in references]
    pairs = list(zip(own, refs, strict=True))
    return [
        *_bleu(ids, said, references),
        averaged("METEOR-2005", ids, [meteor(a, b) for a, b in pairs]),
        averaged("ROUGE-L", ids, [rouge_l(a, b) for a, b in pairs]),
        averaged("CIDEr-D", ids, cider(own, refs)),
    ]


def _bleu(ids: Sequence[str], said: Sequence[str], references: Sequence[str]) -> list[Measure]:
    """Corpus BLEU: per figure the counts of n-grams, so that resamples are corpora too."""
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise MissingExtraError("sacrebleu", "evaluate") from error
    scorer = BLEU(effective_order=True)  # touches the score of one sentence only, which is not used

    def total(order: int) -> Total:
        def value(row: Floats) -> float:
            whole = [int(v) for v in row]
            right, all_grams, lengths = (
                whole[:CAPTION_SCORES_ORDERS],
                whole[CAPTION_SCORES_ORDERS:-2],
                whole[-2:],
            )
            score = BLEU.compute_bleu(right[:order], all_grams[:order], *lengths, "exp", None, False, order)
            return float(score.score)

        return lambda sums: np.apply_along_axis(value, -1, sums)

    rows = []
    for text, reference in zip(said, references, strict=True):
        one = scorer.sentence_score(text, [reference])
        rows.append([*one.counts, *one.totals, one.sys_len, one.ref_len])
    counts = np.array(rows, float).reshape(len(rows), 2 * CAPTION_SCORES_ORDERS + 2)
    return [Measure(f"BLEU-{n}", tuple(ids), counts, total(n)) for n in range(1, CAPTION_SCORES_ORDERS + 1)]


class _NoSynonyms:
    """Stands where NLTK asks WordNet."""

    def synsets(self, _word: str) -> list[object]:
        """None."""
        return []


def meteor(said: Sequence[str], reference: Sequence[str]) -> float:
    """METEOR of 2005 (Banerjee and Lavie; NLTK's alpha 0.9, beta 3, gamma 0.5), exact and stem stages.

    Not METEOR 1.5, which weighs function words and has paraphrases; its numbers are others.
    """
    if not said or not reference:
        return 0.0
    score: float = single_meteor_score(reference, said, stemmer=PorterStemmer(), wordnet=_NoSynonyms())
    return score


def rouge_l(said: Sequence[str], reference: Sequence[str]) -> float:
    """F1 of the longest common subsequence of tokens; 0 where either is empty."""
    if not said or not reference:
        return 0.0
    return 2 * LCSseq.similarity(said, reference) / (len(said) + len(reference))
