"""What a critic learns and how it is measured: truths and faults told apart, steps before the verdict."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pairs_made import make_set

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.verifier import judge
from dic_ingest.captioning.prompts import PromptSettings, check, read_verdicts
from dic_ingest.errors import EmptyFileError
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.training.critic.checks import (
    Checkable,
    all_checkables,
    check_examples,
    statements,
    verdict_text,
)
from dic_ingest.training.critic.measure import measure_critic, scored

ASKS = GroundingSettings(prompt=PromptSettings(reading=False), max_side=224, tiles=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_set(tmp_path / "set")


def test_statements_agree_with_the_exact_checker_and_cover_faults(folder: Path) -> None:
    faults = set()
    for pair in read_pairs(folder / "pairs.jsonl"):
        exact = Exact(pair.diagram)
        found = statements(pair, random.Random(0), ["Fetch quota", "Store bearer"])
        # what comes before what is told by the graph's paths, which the checker does not follow
        assert all(bool(judge(c.text, exact).support) is c.right for c in found if "comes" not in c.text)
        assert sum(c.right for c in found) >= 3 and any(not c.right for c in found)
        faults |= {c.fault for c in found if not c.right}
    assert {"flipped direction", "wrong edge", "renamed node", "swapped labels", "wrong order"} <= faults


def test_a_check_lists_compares_sums_up_and_ends_with_what_the_engine_reads(folder: Path) -> None:
    pair = read_pairs(folder / "pairs.jsonl")[0]
    a, b = pair.diagram.nodes[0].label, pair.diagram.nodes[1].label
    text = verdict_text(2, Checkable(f'"{b}" leads to "{a}".', False, "flipped"), Exact(pair.diagram), True)
    lines = text.splitlines()
    assert [line.split()[0] for line in lines] == ["List:", "Check:", "Summary:", "2:"]
    assert f'"{a}" leads to "{b}"' in lines[1] and "direction" in lines[2]
    assert read_verdicts(text, 2) == [None, False]


def test_examples_are_balanced_and_asked_as_the_engine_asks(folder: Path) -> None:
    pairs = read_pairs(folder / "pairs.jsonl")
    examples = check_examples(pairs, folder, replace(ASKS, steps=True), 1)
    said = [v for e in examples for v in read_verdicts(e.answer, 4) if v is not None]
    assert said.count(True) == said.count(False) > 10
    assert all(e.prompt.id == check([], True).id for e in examples)
    short = check_examples(pairs, folder, ASKS, 1)
    assert all("List" not in e.answer and e.prompt.id == check([]).id for e in short)


class Oracle:
    """A critic that knows some pairs; the others it calls right, or says nothing about."""

    name = model = "oracle"

    def __init__(self, pairs: Sequence[Pair], silent: bool = False) -> None:
        self.silent = silent
        self.right = {c.text for some in all_checkables(pairs, random.Random(0)) for c in some if c.right}

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        import json
        import re

        found = []
        for q in questions:
            listed = json.loads(re.search(r'"statements": (\{.*\})', q.user)[1])  # type: ignore[index]
            yes = {n: t in self.right for n, t in listed.items()}
            lines = "\n".join(f"{n}: {'yes' if y else 'no'}" for n, y in yes.items())
            found.append(ChatAnswer("" if self.silent else lines))
        return found


def test_a_perfect_critic_scores_one_and_a_silent_one_loses_every_truth(folder: Path) -> None:
    pairs = read_pairs(folder / "pairs.jsonl")[:1]
    best = measure_critic(Oracle(pairs), pairs, folder, GroundingSettings())
    assert best.accuracy == best.kappa == best.caught == 1.0 and best.lost == best.unanswered == 0.0
    silent = measure_critic(Oracle(pairs, silent=True), pairs, folder, GroundingSettings())
    assert silent.caught == silent.lost == silent.unanswered == 1.0
    assert silent.accuracy == 0.5 and silent.kappa == 0.0
    with pytest.raises(EmptyFileError):
        measure_critic(Oracle([]), [], folder, GroundingSettings())


def test_scores_by_fault() -> None:
    found = scored([True, True, False, False], [True, None, False, True], ["", "", "a", "b"])
    assert (found.accuracy, found.caught, found.lost, found.unanswered) == (0.5, 0.5, 0.5, 0.25)
    assert found.by_fault == {"a": 1.0, "b": 0.0}
