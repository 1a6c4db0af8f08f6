"""Better and worse captions: one hand, one fault, and the repetition that shows collapse."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pairs_made import make_set

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.critic import criticise
from dic_ingest.captioning.grounding.faults import FAULTS, INVENTED, NAMING
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.figure_set import read_pairs
from dic_ingest.training.preference.pairs import corrected, edited, faulted
from dic_ingest.training.preference.repetition import repetition, repetition_rates
from dic_ingest.training.preference.settings import PreferenceSettings, preference_recipe

ASKS = GroundingSettings(prompt=PromptSettings(reading=False))


def test_faulted_captions_are_denied_by_the_graph_and_true_ones_are_not(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    pairs = read_pairs(folder / "pairs.jsonl")
    found = faulted(pairs, folder, ASKS, seed=3, each=2)
    assert len(found) == 2 * len(pairs)
    assert len({p.why for p in found}) >= 3
    by_id = {p.id: p for p in pairs}
    for one in found:
        truth = by_id[one.better.id].diagram
        better, worse = read_reply(one.better.answer, truth.kind), read_reply(one.worse, truth.kind)
        assert not criticise(better.caption, truth).wrong
        told_wrong = criticise(worse.caption, truth).wrong > 0
        left_out = len(worse.diagram.edges) < len(truth.edges) if worse.diagram else False
        assert told_wrong or left_out, one.worse
    assert [p.worse for p in faulted(pairs, folder, ASKS, 3, 2)] == [p.worse for p in found]


def test_names_that_are_not_drawn_come_from_other_figures(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set", train=8, test=0, seed=2)
    pairs = read_pairs(folder / "pairs.jsonl")
    drawn = {n.label for p in pairs for n in p.diagram.nodes}
    made = faulted(pairs, folder, GroundingSettings(), seed=1, each=len(FAULTS))
    strange = [p for p in made if p.why in NAMING]
    assert {p.why for p in strange} == set(NAMING)
    assert not any(name in p.worse for p in made for name in INVENTED)
    own = {p.id: {n.label for n in p.diagram.nodes} for p in pairs}
    assert all(any(n in p.worse for n in drawn - own[p.better.id]) for p in strange)


def test_the_models_own_captions_after_the_critic(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    first, second, third = read_pairs(folder / "pairs.jsonl")[:3]
    names = [n.label for n in first.diagram.nodes]
    replies = {
        first.id: f'"{names[0]}" leads to "{names[1]}". "{names[3]}" leads to "{names[0]}".',
        second.id: second.diagram.to_text(),  # nothing to correct
        third.id: "",  # no usable reply
    }
    (found,) = corrected([first, second, third], folder, ASKS, replies)
    assert found.better.id == first.id and found.why
    assert f'"{names[3]}" leads to' in found.worse and f'"{names[3]}" leads to' not in found.better.answer


def test_what_annotators_changed(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    one, two, three = read_pairs(folder / "pairs.jsonl")[:3]
    found = edited(
        [replace(one, extra={"draft": "A poor draft."}), replace(two, extra={"draft": two.caption}), three],
        folder,
        ASKS,
    )
    assert [(p.better.id, p.worse.splitlines()[0], p.why) for p in found] == [
        (one.id, "A poor draft.", "edited")
    ]


def test_repetition() -> None:
    assert repetition("one two three") == 0.0
    assert repetition("a b c d e f g h") == 0.0
    assert repetition("a b c d a b c d") == pytest.approx(1 / 5)
    assert repetition("go go go go go go go go go go") > 0.8
    rates = repetition_rates(["a b c d e", "go " * 40])
    assert rates["loops"] == 0.5 and rates["words"] == 22.5
    assert repetition_rates([]) == {"repetition": 0, "loops": 0, "words": 0}


def test_the_recipe_has_the_papers_values_and_bad_ones_are_refused() -> None:
    shipped = preference_recipe()
    assert shipped == PreferenceSettings()
    assert dict(zip(shipped.losses, shipped.weights, strict=True)) == {
        "sigmoid": 0.8,
        "sft": 1.0,
        "bco_pair": 0.2,
    }
    assert (shipped.beta, shipped.run.learning_rate, shipped.run.batch, shipped.run.warmup) == (
        0.1,
        5e-6,
        64,
        0.1,
    )
    for options in ({"losses": ("magic",)}, {"weights": (1.0,)}, {"beta": 0.0}, {"probe_every": 0}):
        with pytest.raises(SettingsError):
            replace(shipped, **options)  # type: ignore[arg-type]
    assert json.dumps(shipped.run.grounding.steps) == "false"
