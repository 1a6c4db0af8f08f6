"""What words say of a drawing's kind, and that every weight belongs to something seen."""

from __future__ import annotations

import json
from importlib import resources

from dic_ingest.diagrams.kind_traits import Traits, word_traits
from dic_ingest.diagrams.kinds import reasons_of


def test_steps_begin_with_verbs_and_parts_are_named() -> None:
    steps = word_traits(["Check the stock", "Sends it to the buyer", "Is it paid?", "Verify token"], [])
    assert steps.steps == 0.75
    assert steps.questions == 0.25
    parts = word_traits(["API Gateway", "Store Manager", "User DB", "AMF"], ["AMF", "UPF"])
    assert (parts.steps, parts.parts) == (0.0, 1.0)


def test_networks_and_counted_boxes() -> None:
    assert word_traits([], ["Router A", "10.0.0.0/8", "core switch", "order"]).network == 3
    assert word_traits(["1 Order", "3. Send", "2) Pack"], []).numbered == 3
    assert word_traits(["1 Order", "3. Send"], []).numbered == 0
    assert word_traits(["47.1", "31 %", "Total", "12"], []).numbers == 0.75


def test_names_that_come_again() -> None:
    assert word_traits(["App A", "App B", "sidecar-1", "Sidecar 2", "Store"], []).again == 0.8
    assert word_traits(["foo-v1", "foo-v2"], []).again == 1.0
    assert word_traits(["1", "2", "A1", "A2"], []).again == 0.0  # numbers are no names


def test_nothing_said_is_nothing_seen() -> None:
    assert word_traits(["", "..."], []).steps == 0.0
    assert not any(v for k, v in reasons_of(Traits()).items() if "heads" not in k)


def test_every_weight_belongs_to_something_seen() -> None:
    text = resources.files("dic_ingest.diagrams").joinpath("kinds.json").read_text("utf-8")
    seen = set(reasons_of(Traits())) | {"as a rule"}
    for kind, proves in json.loads(text).items():
        assert set(proves) <= seen, kind
