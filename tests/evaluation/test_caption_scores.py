"""Caption metrics against hand-counted values and against the libraries that the field quotes."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from evaluation_made import graph
from hypothesis import given
from hypothesis import strategies as st

from dic_ingest.evaluation.caption_scores import caption_measures, cider, meteor, rouge_l
from dic_ingest.text.tokens import tokens

SAID = [
    'The order is "checked". If it is valid, "Ship parcel" follows.',
    "A client sends a request to the server and the server answers.",
    "Nothing to see here",
]
TRUE = [
    'The "order" is checked; if valid, "Ship parcel" follows, else "Reject".',
    "The client sends a request to the server. The server returns an answer.",
    "A router connects two switches and a firewall",
]
COCO = 5.695906151776137  # mean CIDEr-D by pycocoevalcap 1.2 of the captions in `two_hundred`
text = st.lists(st.sampled_from(["a", "b", "c", "dd", "ee", "router", "sends", "12"]), max_size=12)


def values(said: list[str], true: list[str]) -> dict[str, float]:
    return {m.name: m.value for m in caption_measures([str(i) for i in range(len(said))], said, true)}


def test_bleu_is_that_of_sacrebleu() -> None:
    bleu = pytest.importorskip("sacrebleu", reason="pip install '.[evaluate]'").BLEU
    found = values(SAID, TRUE)
    for order in range(1, 5):
        expected = bleu(max_ngram_order=order).corpus_score(SAID, [TRUE]).score
        assert found[f"BLEU-{order}"] == pytest.approx(expected)
    assert values([""] * 3, TRUE)["BLEU-4"] == 0
    assert values(TRUE, TRUE)["BLEU-4"] == pytest.approx(100)


def test_bleu_of_a_known_pair() -> None:
    pytest.importorskip("sacrebleu", reason="pip install '.[evaluate]'")
    # 7 of 8 words, 5 of 7 pairs, no brevity penalty (8 words against 8)
    found = values(["the cat sat on the mat right now"], ["the cat sits on the mat right now"])
    assert found["BLEU-1"] == pytest.approx(100 * 7 / 8)
    assert found["BLEU-2"] == pytest.approx(100 * (7 / 8 * 5 / 7) ** 0.5)


def test_rouge_l_of_known_pairs() -> None:
    # Lin 2004, section 3.1: 3 of 4 words in order, then 2 of 4
    police = ["police", "killed", "the", "gunman"]
    assert rouge_l(["police", "kill", "the", "gunman"], police) == pytest.approx(0.75)
    assert rouge_l(["the", "gunman", "kill", "police"], police) == pytest.approx(0.5)
    assert rouge_l([], police) == rouge_l(police, []) == 0


def test_rouge_l_is_that_of_rouge_score() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="pip install rouge-score")
    judge = scorer.RougeScorer(["rougeL"])
    for said, true in zip(SAID, TRUE, strict=True):
        assert rouge_l(tokens(said), tokens(true)) == pytest.approx(
            judge.score(true, said)["rougeL"].fmeasure
        )


def test_meteor_of_known_pairs() -> None:
    # all 6 words match in one chunk: F 1, penalty 0.5 * (1/6)^3
    same = ["the", "cat", "sat", "on", "the", "mat"]
    assert meteor(same, same) == pytest.approx(1 - 0.5 / 216)
    # one stem match of two words: P = R = 0.5, one chunk of one match: penalty 0.5
    assert meteor(["sending", "x"], ["sends", "y"]) == pytest.approx(0.25)
    assert meteor([], same) == 0 and meteor(["other"], same) == 0


def test_cider_is_that_of_coco_caption() -> None:
    scorer = pytest.importorskip("pycocoevalcap.cider.cider", reason="pip install pycocoevalcap").Cider()
    said, true = [tokens(t) for t in SAID], [tokens(t) for t in TRUE]
    mean, each = scorer.compute_score(
        {i: [" ".join(t)] for i, t in enumerate(true)}, {i: [" ".join(t)] for i, t in enumerate(said)}
    )
    assert cider(said, true) == pytest.approx(list(each)) and mean > 0


def two_hundred() -> tuple[list[list[str]], list[list[str]]]:
    """Captions of made graphs and what somebody else might say: words dropped, doubled, taken from others."""
    source = random.Random(7)
    true = [tokens(graph(n).to_text()) for n in range(200)]
    said = []
    for words in true:
        other = source.choice(true)
        own = [source.choice(other) if source.random() < 0.15 else w for w in words if source.random() > 0.1]
        said.append(own + own[: source.randrange(4)])
    return said, true


def plain_cider(said: list[list[str]], true: list[list[str]]) -> list[float]:
    """CIDEr-D after Vedantam, Zitnick and Parikh 2015 (equations 3 to 5, sigma 6), written out plainly."""
    found = []
    for own, ref in zip(said, true, strict=True):
        total = 0.0
        for n in (1, 2, 3, 4):

            def grams(words: list[str], size: int = n) -> list[str]:
                return [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]

            every = sorted(set(grams(own)) | set(grams(ref)))
            held = [sum(g in grams(t) for t in true) for g in every]
            rarity = np.array([math.log(len(true) / max(1, h)) for h in held])
            a = np.array([grams(own).count(g) for g in every]) * rarity
            b = np.array([grams(ref).count(g) for g in every]) * rarity
            sizes = float(np.linalg.norm(a) * np.linalg.norm(b))
            total += float(np.minimum(a, b) @ b) / sizes if sizes else 0.0
        apart = max(len(own) - 1, 0) - max(len(ref) - 1, 0)
        found.append(10 * total / 4 * math.exp(-(apart**2) / 72))
    return found


def test_cider_d_of_two_hundred_captions() -> None:
    said, true = two_hundred()
    found = cider(said, true)
    assert np.mean(found) == pytest.approx(COCO, abs=1e-9)  # of pycocoevalcap 1.2 on these
    assert found[::20] == pytest.approx(plain_cider(said, true)[::20])


def test_cider_of_known_captions() -> None:
    # two figures that share no word: each reference against itself is 10, against the other 0
    true = [["one", "two", "three", "four", "five"], ["six", "seven", "eight", "nine", "ten"]]
    assert cider(true, true) == pytest.approx([10, 10])
    assert cider(true[::-1], true) == pytest.approx([0, 0])
    # words that stand in every reference weigh nothing
    assert cider([["a"], ["a"]], [["a"], ["a"]]) == [0, 0]


@given(text, text)
def test_bounds(said: list[str], true: list[str]) -> None:
    assert 0 <= rouge_l(said, true) <= 1 and rouge_l(said, true) == pytest.approx(rouge_l(true, said))
    assert 0 <= meteor(said, true) <= 1
    assert all(0 <= c <= 10 + 1e-9 for c in cider([said, true], [true, said]))
    if true:
        assert rouge_l(true, true) == 1
