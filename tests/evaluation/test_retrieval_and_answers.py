"""BM25 and embedding ranks; which option a reply chose."""

from __future__ import annotations

import math
import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from evaluation_made import bag_of_words
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.evaluation.retrieval import best, bm25, by_embedding
from dic_ingest.evaluation.scoring import chosen

OPTIONS = ("Ship parcel", "Reject", "Check order", "Archive")
words = st.lists(st.sampled_from(["router", "switch", "a", "b", "7", "gx"]), max_size=8).map(" ".join)


def test_bm25_of_a_known_collection() -> None:
    # one of two texts holds the word, both are of mean length: idf = ln(1 + 1.5 / 1.5), tf part 2.2 / 2.2
    scores = bm25(["Where is the router?"], ["a router", "a switch"])
    assert scores[0] == pytest.approx([math.log(2), 0])


@pytest.mark.corpus
@given(st.lists(words, min_size=1, max_size=6), words)
def test_bm25_is_that_of_the_corpus_scorer(corpus: Path, texts: list[str], question: str) -> None:
    scorer = runpy.run_path(str(corpus.parent / "bench" / "score_questions.py"))
    docs = [Counter(scorer["terms"](t)) for t in texts]
    frequency = Counter(w for d in docs for w in d)
    mean = sum(d.total() for d in docs) / len(docs)
    if mean:
        theirs = scorer["bm25"](question, docs, frequency, mean)
        assert bm25([question], texts)[0] == pytest.approx(theirs)


def test_embeddings_rank_and_are_kept() -> None:
    asked: list[str] = []

    def encode(texts: object) -> np.ndarray:
        asked.extend(texts)
        return bag_of_words(texts)

    rank = by_embedding(encode)
    texts = ["the router forwards", "the vault signs"]
    assert best(rank(["who signs?"], texts), 1) == [[1]]
    rank(["who forwards?"], texts)
    assert asked.count(texts[0]) == 1
    assert rank([], texts).shape == (0, 2)


def test_of_equal_scores_the_earlier_is_better() -> None:
    assert best(np.array([[0.0, 1.0, 1.0, 0.5]]), 3) == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("Reject", "Reject"),
        ("reject.", "Reject"),
        ("B", "Reject"),
        ("b)", "Reject"),
        ("(C) Check order", "Check order"),
        ("The answer is D.", "Archive"),
        ("Answer: A, because it follows.", "Ship parcel"),
        ("After the check comes Ship parcel, as the arrow shows.", "Ship parcel"),
        ("Reject or Archive", ""),
        ("E", ""),
        ("", ""),
        ("I do not know", ""),
    ],
)
def test_what_a_reply_chose(reply: str, option: str) -> None:
    assert chosen(reply, OPTIONS) == option


def test_an_option_within_another_is_not_both() -> None:
    options = ("router", "router 1", "switch", "hub")
    assert chosen("It is router 1.", options) == "router 1"
    assert chosen("A switch", options) == "switch"


@given(st.text(max_size=40))
def test_any_reply_is_read(reply: str) -> None:
    assert chosen(reply, OPTIONS) in ("", *OPTIONS)


@given(st.integers(0, 3))
def test_every_option_can_be_chosen(at: int) -> None:
    assert chosen(OPTIONS[at], OPTIONS) == chosen("ABCD"[at], OPTIONS) == OPTIONS[at]
