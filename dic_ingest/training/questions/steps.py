"""Detailed questions on what follows what: next steps, branches of decisions, events of states, links.

In: a `View` and a random source. Out: questions; a wrong option is never a second right answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from dic_ingest.diagram import Edge, Kind
from dic_ingest.training.questions.view import Asked, View, with_options
from dic_ingest.verbalise.names import flat

DECISIONS = ("diamond", "choice")


def step_questions(view: View, rng: random.Random) -> Iterator[Asked]:
    """Next steps and branches of flowcharts, state machines and block diagrams."""
    if view.kind not in (Kind.FLOWCHART, Kind.STATE, Kind.BLOCK):
        return
    yield from _next(view, rng)
    yield from _before(view, rng)
    yield from _branches(view, rng)


def _next(view: View, rng: random.Random) -> Iterator[Asked]:
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
        yield Asked("detailed", "next step", rng.choice(asked), answer, proof, options)


def _before(view: View, rng: random.Random) -> Iterator[Asked]:
    for own, name in view.names.items():
        behind = set(view.graph.predecessors(own))
        if len(behind) != 1 or own in behind or not behind <= view.names.keys():
            continue
        (source,) = behind
        options = with_options(rng, view.names[source], view.others(own, source))
        proof = next(view.line(e) for e in view.out(source) if own in (e.source, e.target))
        asked = f'Which {view.box} leads directly to "{name}"?'
        yield Asked("detailed", "next step", asked, view.names[source], proof, options)


def _branches(view: View, rng: random.Random) -> Iterator[Asked]:
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
            yield Asked("detailed", "branch", rng.choice(asked), answer, view.line(edge), options)
        elif view.kind is Kind.STATE:
            asked = (f'In state "{source}", which state does "{label}" lead to?',
                     f'The machine is in "{source}" and "{label}" occurs. Which state is next?')  # fmt: skip
            yield Asked("detailed", "branch", rng.choice(asked), answer, view.line(edge), options)


def _alone(view: View, edge: Edge) -> bool:
    """Whether no other line of the same start bears that label."""
    label = flat(edge.label).casefold()
    return sum(1 for e in view.edges if e.source == edge.source and flat(e.label).casefold() == label) == 1
