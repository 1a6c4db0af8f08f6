"""Captions say the whole before the lines, and mark what the drawing does not prove."""

from __future__ import annotations

import random

import pytest

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.sft.checks import contradictions
from dic_ingest.training.synthesise.captions.checked import faults
from dic_ingest.training.synthesise.captions.expert import (
    MARK,
    Known,
    denied,
    drawn_part,
    knowledge_lines,
    known_of,
    overview,
)
from dic_ingest.training.synthesise.captions.rewrite import caption
from dic_ingest.training.synthesise.captions.written import written
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram
from dic_ingest.training.synthesise.plan import draft
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.synthesise.words import Plots


def without(text: str, proved: tuple[str, ...]) -> str:
    rest = drawn_part(text)
    for statement in proved:
        rest = rest.replace(statement, "")
    return rest


@pytest.mark.parametrize("domain", DOMAINS)
def test_expert_captions_tell_every_line_and_mark_the_rest(domain: str) -> None:
    experts, marked = 0, 0
    for i in range(14):
        rng = random.Random(f"expert {domain} {i}")
        title, diagram = draw_diagram(rng, domain, (3, 9))
        made = caption(diagram, rng, known_of(Plots(), title, diagram))
        assert made is not None
        if made.made != "expert":
            continue
        experts += 1
        marked += MARK in made.text
        assert not faults(without(made.text, made.overview), diagram)
        assert all(s in made.text and not denied(s, diagram) for s in made.overview)
        drawn = {n.label for n in diagram.nodes} | {g.label for g in diagram.groups}
        drawn |= {e.label for e in diagram.edges} | set(diagram.notes)
        for statement in made.overview:
            assert set(statement.split('"')[1::2]) <= drawn
        pair = Pair("x", "x.png", diagram, made.text)
        assert not contradictions([pair]), "training would refuse it"
    assert experts >= 4
    assert marked or domain in ("protocol state machine", "class model", "data model")


def test_statements_about_the_whole_are_true() -> None:
    nodes = tuple(Node(i, i.upper()) for i in "abcd")
    edges = (
        Edge("a", "b", "x"),
        Edge("b", "c", "y"),
        Edge("c", "b", "z", style="dashed"),
        Edge("b", "b", "w"),
    )
    flow = Diagram(Kind.SEQUENCE, nodes[:3], edges)
    said = {s for i in range(30) for s in overview(flow, random.Random(i))}
    assert 'It opens with "x" and closes with "w".' in said and "One answer is drawn dashed." in said
    assert "Work inside a participant is drawn once." in said
    star = Diagram(Kind.TOPOLOGY, nodes, tuple(Edge("a", t, directed=False) for t in "bcd"))
    told = {s for i in range(30) for s in overview(star, random.Random(i))}
    assert told & {'The centre is "A" with 3 lines.', 'Most lines, 3, meet at "A".'}
    assert 'By a single line alone hang "B", "C" and "D".' in told
    chart = Diagram(Kind.FLOWCHART, nodes[:3], (Edge("a", "b"), Edge("b", "c"), Edge("c", "a")))
    loops = {s for i in range(30) for s in overview(chart, random.Random(i))}
    assert loops == {"It has no decision.", 'Work is repeated from "A" on.'}


def test_knowledge_is_marked_line_by_line() -> None:
    known = Known("To test.", ("It stops.",), {"A": "asks", "A 2": "asks", "B": "answers"})
    every = {line for i in range(40) for line in knowledge_lines(known, random.Random(i))}
    assert all(line.startswith(MARK) for line in every)
    assert any("Purpose: To test." in s for s in every) and any("On failure: It stops." in s for s in every)
    assert not any('"A 2"' in s for s in every), "a role is told once"
    assert drawn_part(f"{MARK} one\nA is drawn.\n{MARK} two") == "A is drawn."


def test_figures_to_be_scored_by_say_only_what_is_drawn() -> None:
    settings = SynthesisSettings(test=0.5, validation=0.0)
    made = [d for i in range(60) if (d := draft(settings, i))]
    assert {d.split for d in made} == {"test", "train"}
    assert not any(MARK in d.caption.text for d in made if d.split == "test")
    assert any(MARK in d.caption.text for d in made if d.split == "train")


class Talker:
    name = model = "fixed"

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, list[str]()

    def answer(self, questions: list[Question]) -> list[ChatAnswer]:
        self.asked += [q.user for q in questions]
        return [ChatAnswer(self.text) for _ in questions]


def test_a_model_rewords_and_marked_lines_stay_as_they_were() -> None:
    settings = SynthesisSettings()
    own = next(
        d for i in range(200)
        if (d := draft(settings, i)) and d.caption.overview and MARK in d.caption.text
        and d.diagram.kind is Kind.TOPOLOGY
    )  # fmt: skip
    reworded = f"{own.caption.overview[0]} {own.diagram.to_text()}"
    talker = Talker(f"{reworded}\n{MARK} Invented: it flies.")
    kept = next(d for d in written([own], talker, 10**6) if d.number == own.number)
    if kept.written == "grammar":
        assert kept.caption.made == "llm" and "it flies" not in kept.caption.text
        marked = [line for line in own.caption.text.splitlines() if line.startswith(MARK)]
        assert [line for line in kept.caption.text.splitlines() if line.startswith(MARK)] == marked
    assert any(own.caption.overview[0] in q for q in talker.asked)
    wrong = Talker(f'{own.diagram.to_text()} "{own.diagram.nodes[0].label}" leads to "Nowhere".')
    assert written([own], wrong, 10**6)[0].caption.made == "expert"
