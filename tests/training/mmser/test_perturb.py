"""Pseudo-captions: between nothing and three changes, never in the true graph, each kind of change seen."""

from __future__ import annotations

import random

import pytest

from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.mmser.perturb import CHANGES, Perturber, PseudoSettings

GRAPH = Diagram(
    Kind.FLOWCHART,
    tuple(Node(f"n{i}", t) for i, t in enumerate(("Receive order", "Check 3 items", "Ship", "Refuse"))),
    (Edge("n0", "n1", "order"), Edge("n1", "n2", "yes"), Edge("n1", "n3", "no")),
)
CALL = Diagram(
    Kind.SEQUENCE,
    tuple(Node(i, i) for i in ("UE", "AMF", "SMF")),
    (Edge("UE", "AMF", "Request 1"), Edge("AMF", "SMF", "Create"), Edge("SMF", "AMF", "Ok")),
)
PERTURBER = Perturber(("Bill customer", "Archive"), ("later", "urgent"))


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_says_something_else(name: str) -> None:
    graph = CALL if name == "order" else GRAPH
    made = CHANGES[name](graph, random.Random(1))
    assert made is not None and made != graph
    assert made.to_text() != graph.to_text()


def test_a_change_without_room_gives_none() -> None:
    bare = Diagram(Kind.CHART)
    for name, change in CHANGES.items():
        assert change(bare, random.Random(0)) is None, name


def test_some_stay_true_and_the_rest_differs_a_little() -> None:
    texts = [PERTURBER.perturbed(GRAPH, random.Random(i)).to_text() for i in range(200)]
    same = sum(t == GRAPH.to_text() for t in texts)
    assert 20 <= same <= 60  # a fifth by the settings
    words = GRAPH.to_text().split()
    shared = [sum(w in words for w in t.split()) / len(t.split()) for t in texts]
    assert sum(shared) / len(shared) > 0.75


def test_a_renamed_node_bears_the_word_of_another_figure() -> None:
    words = " ".join(PERTURBER.perturbed(GRAPH, random.Random(i)).to_text() for i in range(100))
    assert "Bill customer" in words and "urgent" in words


def test_the_true_graph_stays_and_the_seed_decides() -> None:
    before = GRAPH.to_dict()
    first = PERTURBER.pseudo(GRAPH, random.Random(5))
    assert first == PERTURBER.pseudo(GRAPH, random.Random(5)) and len(first) == 3
    assert GRAPH.to_dict() == before


def test_settings_out_of_range() -> None:
    with pytest.raises(SettingsError):
        PseudoSettings(unchanged=1.0)
