"""Without the picture nobody knows: what words give away is measured, told, and refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pairs_made import NAMES, make_set

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.figure_set import Pair, read_pairs
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.critic.altered import Altering, order
from dic_ingest.training.critic.checks import (
    Checkable,
    all_checkables,
    balanced,
    statements,
    without_picture,
)
from dic_ingest.training.critic.text_only import refuse_shortcut, text_only
from dic_ingest.training.sft.data import stage_data
from dic_ingest.training.sft.settings import SftSettings, changed

ASKS = GroundingSettings(prompt=PromptSettings(reading=False), max_side=224, tiles=0)
CHAIN = Diagram(
    Kind.FLOWCHART,
    tuple(Node(i, t) for i, t in zip("abc", ("Read order", "Check stock", "Ship"), strict=True)),
    (Edge("a", "b", "paid"), Edge("b", "c", "there")),
)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    return list(read_pairs(make_set(tmp_path_factory.mktemp("blind") / "set", 40, 0) / "pairs.jsonl"))


def test_words_alone_do_not_judge_what_is_taught(pairs: list[Pair]) -> None:
    blind = without_picture(pairs, list(all_checkables(pairs, random.Random(0))))
    assert blind is not None and blind.statements > 200 and blind.accuracy <= 0.6
    refuse_shortcut(blind, 0.6)


def test_every_phrasing_is_right_as_often_as_wrong(pairs: list[Pair]) -> None:
    for chosen in all_checkables(pairs[:5], random.Random(1)):
        for form in {c.form for c in chosen}:
            sides = [c.right for c in chosen if c.form == form]
            assert sides.count(True) == sides.count(False)


def test_names_that_only_wrong_statements_bear_are_found_out(pairs: list[Pair]) -> None:
    sides = (("Ship", True), ("Kafka topic", False))
    fixed = [
        [Checkable(f'"{n}" leads to "{other}".', right) for n in NAMES for other, right in sides]
        for _ in pairs[:6]
    ]
    blind = without_picture(pairs[:6], fixed)
    assert blind is not None and blind.accuracy > 0.95
    with pytest.raises(InputError, match=r"text_only_limit=1\.0"):
        refuse_shortcut(blind, 0.6)
    refuse_shortcut(blind, 1.0)


def test_few_statements_are_not_measured_and_luck_is_no_shortcut() -> None:
    assert text_only(["a", "b"], [True, False], ["1", "2"]) is None
    assert text_only(["a"] * 40, [True] * 40, ["1", "2"] * 20) is None
    assert text_only(["a", "b"] * 20, [True, False] * 20, ["1"] * 40) is None
    found = text_only(["a b", "a c", "b c", "c d"] * 6, [True, False, True, False] * 6, list("abc") * 8)
    assert found is not None and found.exceeds(0.6) is (found.accuracy > 0.6 and found.chance < 0.01)


def test_training_refuses_a_set_that_gives_itself_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_set(tmp_path / "set", 12, 0)

    def marked(some: list[Checkable], source: random.Random) -> list[Checkable]:
        return [
            Checkable(c.text if c.right else f"{c.text} Kafka", c.right, c.fault, c.form)
            for c in balanced(some, source)
        ]

    monkeypatch.setattr("dic_ingest.training.critic.checks.balanced", marked)
    settings = SftSettings(task="checks", grounding=ASKS)
    with pytest.raises(InputError, match="without the picture"):
        stage_data([folder], settings)
    assert stage_data([folder], changed(settings, {"text_only_limit": 1.0})).examples
    with pytest.raises(SettingsError, match="text_only_limit"):
        SftSettings(text_only_limit=0.2)


def test_changes_keep_the_phrasing_and_take_near_names() -> None:
    change = Altering(CHAIN, Exact(CHAIN), ["Check stack", "Zebra", "Ship"], random.Random(0))
    text = '"Read order" leads to "Check stock" ("paid"), with 3 boxes.'
    made = dict(change.wrong(text))
    assert set(made) == {
        "flipped direction", "wrong edge", "renamed node", "swapped labels", "wrong count"
    }  # fmt: skip
    assert made["flipped direction"].startswith('"Check stock" leads to "Read order"')
    assert '("there")' in made["swapped labels"] and "3 boxes" not in made["wrong count"]
    assert "Ship" not in made["renamed node"]
    known = Altering(CHAIN, Exact(CHAIN), ["Check stack"], random.Random(0))
    assert (
        known.form(made["flipped direction"]) == known.form(text) == '"_" leads to "_" ("_"), with # boxes.'
    )


def test_order_is_that_of_the_paths() -> None:
    right, wrong = order(CHAIN, random.Random(0))
    assert len(right) == len(wrong) == 1
    places = {"Read order": 0, "Check stock": 1, "Ship": 2}
    for text, true in ((right[0], True), (wrong[0], False)):
        a, b = (places[t] for t in text.split('"')[1::2])
        assert (a < b if "before" in text else a > b) is true
    loop = Diagram(CHAIN.kind, CHAIN.nodes, (*CHAIN.edges, Edge("c", "a")))
    assert order(loop, random.Random(0)) == ([], [])


def test_statements_carry_no_fixed_name(pairs: list[Pair]) -> None:
    foreign = ["Route message"]
    wrong = [c for c in statements(pairs[0], random.Random(0), foreign) if c.fault == "renamed node"]
    assert wrong and all("Route message" in c.text for c in wrong)
    assert not any(c.fault == "renamed node" for c in statements(pairs[0], random.Random(0)))
