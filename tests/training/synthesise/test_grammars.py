"""Grammars give diagrams that hang together; captions hold against their graphs, false ones are refused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from dic_ingest.captioning.grounding.faults import FAULTS
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.synthesise.captions.checked import faults
from dic_ingest.training.synthesise.captions.rewrite import by_rules, caption
from dic_ingest.training.synthesise.domains import DOMAINS, difficulty, draw_diagram
from dic_ingest.training.synthesise.hashes import Seen, graph_hash, split_of
from dic_ingest.training.synthesise.plan import draft
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.synthesise.words import sections, term_count


def made(domain: str, count: int, most: int = 10) -> list[Diagram]:
    return [draw_diagram(random.Random(f"{domain}{i}"), domain, (3, most))[1] for i in range(count)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_diagrams_hang_together(domain: str) -> None:
    drawn = made(domain, 80)
    for diagram in drawn:
        ids = [n.id for n in diagram.nodes]
        held = {g.id for g in diagram.groups}
        assert len(ids) >= 2 and len(set(ids)) == len(ids)
        assert diagram.edges and all(e.source in ids and e.target in ids for e in diagram.edges)
        assert all(n.group is None or n.group in held for n in diagram.nodes)
        assert all(0 <= i < len(diagram.edges) for g in diagram.groups for i in g.edges)
        labels = [n.label for n in diagram.nodes if n.label]
        assert len(set(labels)) == len(labels), "two boxes of one name cannot be told apart"
    assert len({graph_hash(d) for d in drawn}) > 60, "the grammar repeats itself"


@pytest.mark.parametrize("domain", DOMAINS)
def test_captions_hold_and_vary(domain: str) -> None:
    told = [(d, caption(d, random.Random(i))) for i, d in enumerate(made(domain, 14))]
    kept = [(d, c) for d, c in told if c is not None]
    assert len(kept) >= 12
    assert {c.made for _, c in kept} >= {"rules"}
    for diagram, one in kept:
        assert not faults(one.text, diagram)
        assert all(n.label in one.text for n in diagram.nodes)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_caption_of_another_graph_does_not_pass(fault: str) -> None:
    caught = tried = 0
    for domain in ("process", "telecom call flow", "network topology"):
        for i, diagram in enumerate(made(domain, 6)):
            wrong = FAULTS[fault](diagram, random.Random(i))
            if wrong is not None and graph_hash(wrong) != graph_hash(diagram):
                tried += 1
                caught += bool(faults(by_rules(wrong.to_text(), wrong, random.Random(i)), diagram))
    assert tried >= 4 and caught == tried


def test_a_wrong_count_does_not_pass() -> None:
    diagram = Diagram(Kind.FLOWCHART, (Node("a", "Read"), Node("b", "Write")), (Edge("a", "b"),))
    plain = diagram.to_text()
    assert not faults(f"{plain} There are 2 boxes.", diagram)
    assert faults(f"{plain} There are 3 boxes.", diagram)
    assert faults("Flowchart.", diagram)


def test_drafts_follow_from_seed_and_number() -> None:
    settings = SynthesisSettings()
    for number in (0, 5):
        assert draft(settings, number) == draft(settings, number)
    assert draft(settings, 0) != draft(replace(settings, seed=2), 0)


def test_graph_hash_sees_content_only() -> None:
    one = Diagram(Kind.BLOCK, (Node("a", "A"), Node("b", "B")), (Edge("a", "b", "x"),))
    same = Diagram(Kind.BLOCK, (Node("q", "B"), Node("p", "A", bbox=(0, 0, 1, 1))), (Edge("p", "q", "x"),))
    assert graph_hash(one) == graph_hash(same)
    assert graph_hash(one) != graph_hash(replace(one, edges=(Edge("b", "a", "x"),)))
    assert graph_hash(one) != graph_hash(replace(one, edges=(Edge("a", "b", "y"),)))


def test_splits_have_their_shares() -> None:
    splits = [split_of(f"{i:016x}", 0.1, 0.2) for i in range(2000)]
    assert 0.17 < splits.count("test") / 2000 < 0.23
    assert 0.08 < splits.count("validation") / 2000 < 0.12


def test_pictures_that_were_seen() -> None:
    seen = Seen()
    assert seen.add(bytes(64)) and not seen.add(bytes(64))
    assert not seen.add(b"\x1f" + bytes(63)), "5 bits of 512 are the same picture"
    assert seen.add(b"\x7f" + bytes(63))


def test_vocabulary_is_rich() -> None:
    assert term_count() > 1000
    assert len(sections("callflows")) >= 25
    sizes = [len(d.nodes) for domain in DOMAINS for d in made(domain, 10)]
    assert min(sizes) >= 2 and max(sizes) <= 20
    assert {difficulty(d) for d in made("process", 20, 4) + made("process", 30, 30)} == {
        "easy",
        "medium",
        "hard",
    }
