"""Answers follow from the graph, wrong options are wrong, and figures of training are never asked about."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from dic_ingest.cli.training.questions import command
from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.figure_set import LEVELS, Pair, read_questions, write_lines
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.questions.dataset import QuestionSettings, ask, make_questions
from dic_ingest.training.questions.view import DiagramView, QuestionAsked, with_options
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram


def asked_of(diagram: Diagram, seed: int = 0) -> list[QuestionAsked]:
    return ask(Pair("p", "images/p.png", diagram, "It shows A."), random.Random(seed))


def chain(
    *edges: tuple[str, str] | tuple[str, str, str], kind: Kind = Kind.FLOWCHART, **more: str
) -> Diagram:
    names = list(dict.fromkeys(n for e in edges for n in e[:2]))
    nodes = tuple(Node(n, n, more.get(n, "rect")) for n in names)
    return Diagram(kind, nodes, tuple(Edge(e[0], e[1], e[2] if len(e) > 2 else "") for e in edges))


FLOW = chain(("A", "B"), ("B", "C", "yes"), ("B", "D", "no"), ("C", "E"), ("D", "E"), ("E", "F"), B="diamond")


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_question_is_sound(domain: str) -> None:
    topics = set()
    for seed in range(12):
        diagram = draw_diagram(random.Random(f"{domain}{seed}"), domain, (4, 10))[1]
        for q in asked_of(diagram, seed):
            topics.add(q.topic)
            assert q.level in LEVELS and q.question.endswith(("?", ".")) and q.proof and q.answer
            assert not q.options or (len(set(q.options)) == 4 and q.options.count(q.answer) == 1)
    assert {"kind", "count", "description", "neighbours"} <= topics and len(topics) >= 6


def test_flowchart_answers() -> None:
    found = {q.question: q for q in asked_of(FLOW)}
    branch = [q for q in found.values() if q.topic == "branch"]
    assert {(q.answer, q.proof) for q in branch} == {("C", "B -> C (yes)"), ("D", "B -> D (no)")}
    assert found["How many boxes of any shape are there?"].answer == "6"
    assert found["How many decisions are there?"].answer == "1"
    assert "Which step has the most lines?" not in found, "two have as many"


def by_hand(diagram: Diagram) -> nx.DiGraph:
    """The ways, built here anew from the edges."""
    names = {n.id: n.label for n in diagram.nodes}
    graph = nx.DiGraph()
    for e in diagram.edges:
        graph.add_edge(names[e.source], names[e.target])
        if not e.directed or e.source_end is End.ARROW:
            graph.add_edge(names[e.target], names[e.source])
    return graph


@pytest.mark.parametrize("domain", ["process", "network topology", "cloud architecture"])
def test_what_if_and_paths_hold_by_brute_force(domain: str) -> None:
    cuts = paths = 0
    for seed in range(10):
        diagram = draw_diagram(random.Random(seed), domain, (5, 10))[1]
        graph = by_hand(diagram)
        for q in asked_of(diagram, seed):
            named = [part for part in q.question.split('"')[1::2]]
            if q.topic == "what-if":
                gone = q.proof.rsplit(" passes ", 1)[1]
                (start,) = [n for n in named if n != gone]
                rest = graph.copy()
                rest.remove_node(gone)
                assert nx.has_path(graph, start, q.answer) and not nx.has_path(rest, start, q.answer)
                assert all(nx.has_path(rest, start, o) for o in q.options if o != q.answer)
                cuts += 1
            elif q.topic == "path" and not q.answer.isdigit():
                (way,) = nx.all_shortest_paths(graph, named[0], named[1])
                assert q.answer in way[1:-1] and not set(q.options) - {q.answer} & set(way)
                paths += 1
            elif q.topic == "path":
                assert nx.shortest_path_length(graph, named[0], named[1]) == int(q.answer)
    assert cuts >= 5 and paths >= 5


def test_messages() -> None:
    diagram = replace(
        chain(
            ("U", "G", "ask"), ("G", "S", "find"), ("S", "G", "row"), ("G", "U", "answer"), kind=Kind.SEQUENCE
        ),
        groups=(
            Group("f", "found", kind="alt", edges=(2, 3)),
            Group("e", "gone", "f", kind="else", edges=(3,)),
        ),
    )
    found = asked_of(diagram)
    senders = {
        q.question.split('"')[1]: q.answer for q in found if q.topic == "sender" and "sends" in q.question
    }
    assert senders.items() <= {"ask": "U", "find": "G", "row": "S", "answer": "G"}.items()
    after = {q.question.split('"')[1]: q.answer for q in found if q.topic == "next step"}
    assert after == {"ask": "find", "find": "row"}, "an alternative does not come after the other"
    assert not any(q.options for q in found if q.topic == "sender"), "three participants give no four options"


def test_records() -> None:
    diagram = Diagram(
        Kind.ER,
        (Node("a", "User", members=("int id PK",)), Node("b", "Order", members=("int no PK",))),
        (Edge("a", "b", "places", False, source_end=End.ONE, target_end=End.ZERO_OR_MANY),),
    )
    found = {(q.topic, q.answer) for q in asked_of(diagram)}
    assert {("cardinality", "zero or many"), ("member", "User"), ("member", "Order")} <= found


def test_boxes_of_one_name_are_not_asked_for() -> None:
    diagram = Diagram(
        Kind.BLOCK, (Node("a", "X"), Node("b", "x"), Node("c", "")), (Edge("a", "b"), Edge("b", "c"))
    )
    assert DiagramView(diagram).names == {}
    assert {q.topic for q in asked_of(diagram)} <= {"kind", "count", "description"}


def test_options_are_four_or_none() -> None:
    rng = random.Random(0)
    assert with_options(rng, "a", ["A", "b", "c"]) == ()
    assert set(with_options(rng, "a", ["b", "c", "d", "d"])) == {"a", "b", "c", "d"}


def figures(folder: Path, seeds: range) -> Path:
    """A folder of pairs whose pictures are as different as their seeds."""
    (folder / "images").mkdir(parents=True)
    pairs = []
    for seed in seeds:
        rng = random.Random(f"fig{seed}")
        diagram = draw_diagram(rng, "process", (5, 9))[1]
        picture = Image.new("RGB", (160, 120), "white")
        for _ in range(12):
            box = [rng.randrange(150), rng.randrange(110)]
            ImageDraw.Draw(picture).rectangle(
                [*box, box[0] + 30, box[1] + 20], fill=rng.choice(["black", "grey"])
            )
        picture.save(folder / "images" / f"{seed}.png")
        pairs.append(Pair(f"p{seed}", f"images/{seed}.png", diagram, diagram.to_text()))
    write_lines(folder / "pairs.jsonl", pairs)
    return folder


def test_training_figures_are_left_out(tmp_path: Path) -> None:
    train = figures(tmp_path / "train", range(4))
    mixed = figures(tmp_path / "mixed", range(2, 9))
    asked = make_questions(mixed, tmp_path / "out", [train], QuestionSettings(count=25, most=5))
    assert {q.pair for q in asked} <= {f"p{i}" for i in range(4, 9)} and len(asked) == 25
    assert read_questions(tmp_path / "out" / "questions.jsonl") == asked
    assert {q.level for q in asked} == set(LEVELS)
    assert sum(bool(q.options) for q in asked) > 10
    assert "2 figures were left out" in (tmp_path / "out" / "card.md").read_text()
    assert make_questions(mixed, tmp_path / "again", [train], QuestionSettings(count=25, most=5)) == asked
    with pytest.raises(InputError, match="training figure"):
        make_questions(train, tmp_path / "none", [train], QuestionSettings())


def test_a_picture_is_enough_to_be_left_out(tmp_path: Path) -> None:
    train, fresh = figures(tmp_path / "train", range(2)), figures(tmp_path / "fresh", range(5, 7))
    (fresh / "images" / "5.png").write_bytes((train / "images" / "0.png").read_bytes())
    asked = make_questions(fresh, tmp_path / "out", [train], QuestionSettings(count=5))
    assert {q.pair for q in asked} == {"p6"}


def test_the_command(tmp_path: Path) -> None:
    fresh = figures(tmp_path / "fresh", range(3))
    done = CliRunner().invoke(command, [str(fresh), str(tmp_path / "q"), "--count", "40", "--most", "4"])
    assert done.exit_code == 0 and "12 questions" in done.output and "only 12 of 40" in done.output
    with pytest.raises(SettingsError):
        QuestionSettings(count=0)
