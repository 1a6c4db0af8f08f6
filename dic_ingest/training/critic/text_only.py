"""How well statements are judged without the picture: a bag of words, cross-validated by figure.

In: statements with their truth. Out: its accuracy. What it knows is a shortcut: the set gives itself away,
and a critic that learns it has learnt nothing about figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.errors import InputError, MissingExtraError

FOLDS = 5
CHANCE = 0.01  # an accuracy that guessing reaches as often as this is none
LEAST = 20  # statements, below which nothing is measured


@dataclass(frozen=True, slots=True)
class TextOnly:
    """`accuracy` 0..1 on `statements`; `chance`: how probable it is, or more, for one who guesses."""

    accuracy: float
    statements: int
    chance: float

    def exceeds(self, limit: float) -> bool:
        """Whether it is above the limit, and not by luck."""
        return self.accuracy > limit and self.chance < CHANCE


def text_only(texts: Sequence[str], right: Sequence[bool], figures: Sequence[str]) -> TextOnly | None:
    """Words and pairs of words, logistic regression; figures of a fold are not in what it learnt.

    None where there are too few statements or figures, or all are right or all wrong.

    Raises:
        MissingExtraError: scikit-learn is absent.
    """
    folds = min(FOLDS, len(set(figures)))
    if folds < 2 or len(texts) < LEAST or len(set(right)) < 2:
        return None
    try:
        from scipy.stats import binomtest
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    words = CountVectorizer(binary=True, ngram_range=(1, 2), token_pattern=r"\w+")
    judge = make_pipeline(words, LogisticRegression(max_iter=1000))
    said = cross_val_predict(judge, list(texts), list(right), groups=list(figures), cv=GroupKFold(folds))
    hits = sum(bool(s) is r for s, r in zip(said, right, strict=True))
    chance = binomtest(hits, len(texts), 0.5, alternative="greater").pvalue
    return TextOnly(hits / len(texts), len(texts), float(chance))


def refuse_shortcut(found: TextOnly | None, limit: float) -> None:
    """Raises InputError if the words alone give away more than `limit` of the statements."""
    if found is not None and found.exceeds(limit):
        raise InputError(
            f"a bag of words judges {found.accuracy:.2f} of {found.statements} statements right without the "
            f"picture, more than {limit:.2f}; a critic would learn the words. Add figures whose names and "
            "phrasings differ, or take the set as it is with --set text_only_limit=1.0."
        )
