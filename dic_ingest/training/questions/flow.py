"""Questions on boxes and lines: surroundings, what follows what, ways through the graph."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import networkx as nx

from dic_ingest.model.diagram import Edge, Kind
from dic_ingest.render.names import flat, listed, quote
from dic_ingest.training.questions.view import DiagramView, QuestionAsked, with_options

# Partial questions on a box's surroundings: everything it leads to, everything that leads to it, its
# links.


def neighbour_questions(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """Lists of what stands around a box with at least two lines."""
    if view.kind is Kind.SEQUENCE:
        yield from _exchanges(view, rng)
        return
    for own, name in view.names.items():
        ahead = set(view.graph.successors(own))
        if len(ahead) < 2 or not ahead <= view.names.keys():
            continue
        found = [view.names[i] for i in view.names if i in ahead]
        verb = "lead to" if view.directed else "have a line to"
        proof = f"{name}: {', '.join(found)}"
        asked = f'Which boxes does "{name}" {verb}?'
        yield QuestionAsked("partial", "neighbours", asked, f"{listed([quote(f) for f in found])}.", proof)
        one = rng.choice(found)
        off = [n for i, n in view.names.items() if i not in ahead and i != own]
        options = with_options(rng, one, off)
        if options:
            asked = f'Which of these does "{name}" {verb} directly?'
            yield QuestionAsked("partial", "neighbours", asked, one, proof, options)


def _exchanges(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """With whom a participant exchanges messages, and what passes between two."""
    for own, name in view.names.items():
        near = {e.target for e in view.edges if e.source == own} | {
            e.source for e in view.edges if e.target == own
        }
        near -= {own}
        if not near or not near <= view.names.keys():
            continue
        found = [view.names[i] for i in view.names if i in near]
        proof = f"{name}: {', '.join(found)}"
        asked = f'With whom does "{name}" exchange messages?'
        yield QuestionAsked("partial", "neighbours", asked, f"{listed([quote(f) for f in found])}.", proof)
        one = rng.choice(found)
        options = with_options(rng, one, [n for i, n in view.names.items() if i not in near and i != own])
        if options:
            yield QuestionAsked(
                "partial",
                "neighbours",
                f'Which of these exchanges messages with "{name}"?',
                one,
                proof,
                options,
            )


# Detailed questions on what follows what: next steps, branches of decisions, events of states, links.


DECISIONS = ("diamond", "choice")


def step_questions(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """Next steps and branches of flowcharts, state machines and block diagrams."""
    if view.kind not in (Kind.FLOWCHART, Kind.STATE, Kind.BLOCK):
        return
    yield from _next(view, rng)
    yield from _before(view, rng)
    yield from _branches(view, rng)


def _next(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    for own, name in view.names.items():
        ahead = set(view.graph.successors(own))
        if len(ahead) != 1 or own in ahead or not ahead <= view.names.keys():
            continue
        (target,) = ahead
        asked = {
            Kind.FLOWCHART: (
                f'Which step comes directly after "{name}"?',
                f'What is done right after "{name}"?',
            ),
            Kind.STATE: (f'Which state can be entered directly from "{name}"?',),
        }.get(
            view.kind,
            (f'Which component does "{name}" connect to?', f'Where does the arrow from "{name}" end?'),
        )
        answer = view.names[target]
        options = with_options(rng, answer, view.others(own, target))
        proof = next(view.line(e) for e in view.out(own))
        yield QuestionAsked("detailed", "next step", rng.choice(asked), answer, proof, options)


def _before(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    for own, name in view.names.items():
        behind = set(view.graph.predecessors(own))
        if len(behind) != 1 or own in behind or not behind <= view.names.keys():
            continue
        (source,) = behind
        options = with_options(rng, view.names[source], view.others(own, source))
        proof = next(view.line(e) for e in view.out(source) if own in (e.source, e.target))
        asked = f'Which {view.box} leads directly to "{name}"?'
        yield QuestionAsked("detailed", "next step", asked, view.names[source], proof, options)


def _branches(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    shapes = {n.id: n.shape for n in view.diagram.nodes}
    for edge in view.edges:
        label = flat(edge.label)
        if not label or not {edge.source, edge.target} <= view.names.keys() or not _alone(view, edge):
            continue
        source, answer = view.names[edge.source], view.names[edge.target]
        wrong = (
            view.others(edge.target) if edge.source == edge.target else view.others(edge.source, edge.target)
        )
        options = with_options(rng, answer, wrong)
        if shapes[edge.source] in DECISIONS:
            asked = (f'At the decision "{source}", where does "{label}" lead?',
                     f'What follows when the answer to "{source}" is "{label}"?')  # fmt: skip
            yield QuestionAsked("detailed", "branch", rng.choice(asked), answer, view.line(edge), options)
        elif view.kind is Kind.STATE:
            asked = (f'In state "{source}", which state does "{label}" lead to?',
                     f'The machine is in "{source}" and "{label}" occurs. Which state is next?')  # fmt: skip
            yield QuestionAsked("detailed", "branch", rng.choice(asked), answer, view.line(edge), options)


def _alone(view: DiagramView, edge: Edge) -> bool:
    """Whether no other line of the same start bears that label."""
    label = flat(edge.label).casefold()
    return sum(1 for e in view.edges if e.source == edge.source and flat(e.label).casefold() == label) == 1


# Questions on ways through a graph: what lies between two boxes, how far they are, what a failure cuts
# off.


MOST = 400  # pairs of boxes that are tried


def way_questions(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """Paths and what-if, for kinds in which a way means something."""
    if view.kind not in (Kind.FLOWCHART, Kind.STATE, Kind.BLOCK, Kind.TOPOLOGY):
        return
    pairs = [(a, b) for a in view.names for b in view.names if a != b]
    rng.shuffle(pairs)
    yield from _paths(view, rng, pairs[:MOST])
    yield from _cuts(view, rng)


def _paths(view: DiagramView, rng: random.Random, pairs: list[tuple[str, str]]) -> Iterator[QuestionAsked]:
    for a, b in pairs:
        if not nx.has_path(view.graph, a, b):
            continue
        ways = list(islice(nx.all_shortest_paths(view.graph, a, b), 2))
        if len(ways) != 1 or not 3 <= len(ways[0]) <= 7 or not set(ways[0]) <= view.names.keys():
            continue
        way = ways[0]
        one, other = view.names[a], view.names[b]
        proof = " -> ".join(view.names[i] for i in way)
        middle = rng.choice(way[1:-1])
        off = [name for i, name in view.names.items() if i not in way]
        asked = (f'Which {view.box} lies on the shortest way from "{one}" to "{other}"?',
                 f'Which {view.box} is passed on the shortest way from "{one}" to "{other}"?')  # fmt: skip
        options = with_options(rng, view.names[middle], off)
        if options:
            yield QuestionAsked("partial", "path", rng.choice(asked), view.names[middle], proof, options)
        steps = len(way) - 1
        near = [str(n) for n in range(max(1, steps - 2), steps + 4)]
        asked_far = f'How many lines does the shortest way from "{one}" to "{other}" have?'
        yield QuestionAsked(
            "partial", "path", asked_far, str(steps), proof, with_options(rng, str(steps), near)
        )


def _cuts(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """What is no longer reached from a box when another one is gone."""
    for start in view.names:
        before = nx.descendants(view.graph, start)
        for gone in before & view.names.keys():
            rest = view.graph.copy()
            rest.remove_node(gone)
            still = nx.descendants(rest, start)
            lost = (before - still - {gone}) & view.names.keys()
            if not lost:
                continue
            answer = view.names[rng.choice(sorted(lost))]
            options = with_options(rng, answer, [view.names[i] for i in sorted(still) if i in view.names])
            proof = f"every way from {view.names[start]} to {answer} passes {view.names[gone]}"
            asked = _asked_cut(view, start, gone, rng)
            if options:
                yield QuestionAsked("partial", "what-if", asked, answer, proof, options)
            elif len(lost) == 1:
                yield QuestionAsked("partial", "what-if", asked, answer, proof)


def _asked_cut(view: DiagramView, start: str, gone: str, rng: random.Random) -> str:
    a, b = view.names[start], view.names[gone]
    if view.kind is Kind.TOPOLOGY:
        return rng.choice([
            f'If "{b}" fails, which device can no longer be reached from "{a}"?',
            f'"{b}" is switched off. What is cut off from "{a}"?',
        ])  # fmt: skip
    return rng.choice([
        f'If "{b}" is taken out, which {view.box} can no longer be reached from "{a}"?',
        f'Without "{b}", which {view.box} cannot be reached from "{a}" any more?',
    ])  # fmt: skip
