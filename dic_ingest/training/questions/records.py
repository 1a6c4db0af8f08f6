"""Questions on sequence, class and entity-relationship diagrams: messages, members, relations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from dic_ingest.model.diagram import End, Kind
from dic_ingest.render.names import flat
from dic_ingest.training.questions.view import DiagramView, QuestionAsked, with_options

# Questions on sequence diagrams: who sends or receives a message, which comes next, what passes between
# two.


def message_questions(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """Sender, receiver, next and last message, busiest participant."""
    if view.kind is not Kind.SEQUENCE:
        return
    count = Counter(flat(e.label).casefold() for e in view.edges)
    once = [e for e in view.edges if e.label.strip() and count[flat(e.label).casefold()] == 1]
    once = [e for e in once if {e.source, e.target} <= view.names.keys()]
    texts = [flat(e.label) for e in view.edges if e.label.strip()]
    for e in once:
        label, sender, receiver = flat(e.label), view.names[e.source], view.names[e.target]
        if e.source != e.target and e.directed:
            asked = (f'Who sends "{label}"?', f'Which participant does the message "{label}" come from?')
            options = with_options(rng, sender, view.others(e.source))
            yield QuestionAsked("detailed", "sender", rng.choice(asked), sender, view.line(e), options)
            asked = (f'Who receives "{label}"?', f'Which participant is "{label}" sent to?')
            options = with_options(rng, receiver, view.others(e.target))
            yield QuestionAsked("detailed", "sender", rng.choice(asked), receiver, view.line(e), options)
    opened = {min(g.edges) for g in view.diagram.groups if g.kind == "else" and g.edges}
    for at, (one, following) in enumerate(pairwise(view.edges), 1):
        if (
            one in once and following in once and at not in opened
        ):  # an alternative does not come after the other
            answer = flat(following.label)
            options = with_options(rng, answer, [t for t in texts if t != flat(one.label)])
            asked = (f'Which message comes directly after "{flat(one.label)}"?',
                     f'What happens right after "{flat(one.label)}"?')  # fmt: skip
            proof = f"{view.line(one)}; then {view.line(following)}"
            yield QuestionAsked("detailed", "next step", rng.choice(asked), answer, proof, options)
    yield from _whole(view, rng, texts)


def _whole(view: DiagramView, rng: random.Random, texts: list[str]) -> Iterator[QuestionAsked]:
    if not texts:
        return
    for word, at in (("first", 0), ("last", -1)):
        answer = flat(view.edges[at].label)
        if answer and texts.count(answer) == 1:
            options = with_options(rng, answer, texts)
            asked = f"Which is the {word} message of the sequence?"
            yield QuestionAsked("global", "order", asked, answer, view.line(view.edges[at]), options)
    sent = Counter(e.source for e in view.edges)
    ranked = sent.most_common(2)
    if ranked[0][0] in view.names and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        answer = view.names[ranked[0][0]]
        proof = "; ".join(f"{view.names.get(k, '?')} sends {n}" for k, n in sent.most_common())
        options = with_options(rng, answer, view.others(ranked[0][0]))
        yield QuestionAsked(
            "global", "count", "Which participant sends the most messages?", answer, proof, options
        )


# Detailed questions on class and entity-relationship diagrams: members, relations, how many of either
# side.


COUNTS = {
    End.ONE: "exactly one",
    End.ZERO_OR_ONE: "zero or one",
    End.MANY: "one or many",
    End.ZERO_OR_MANY: "zero or many",
}


def record_questions(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    """Members, verbs, cardinalities, parents."""
    if view.kind not in (Kind.CLASS, Kind.ER):
        return
    yield from _members(view, rng)
    verbs = Counter(flat(e.label).casefold() for e in view.edges)
    for e in view.edges:
        if not {e.source, e.target} <= view.names.keys() or e.source == e.target:
            continue
        one, other, label = view.names[e.source], view.names[e.target], flat(e.label)
        if label and verbs[label.casefold()] == 1:
            asked = f'Which {view.box} does the relation "{label}" of "{one}" lead to?'
            options = with_options(rng, other, view.others(e.source, e.target))
            yield QuestionAsked("detailed", "relation", asked, other, view.line(e), options)
        same = [x for x in view.edges if {x.source, x.target} == {e.source, e.target}]
        if e.target_end in COUNTS and len(same) == 1:
            answer = COUNTS[e.target_end]
            asked = f'How many "{other}" can stand with one "{one}"?'
            options = with_options(rng, answer, COUNTS.values())
            proof = f"{view.line(e)}, {e.target_end} at {other}"
            yield QuestionAsked("detailed", "cardinality", asked, answer, proof, options)
        if (
            e.target_end is End.TRIANGLE
            and sum(x.source == e.source and x.target_end is End.TRIANGLE for x in view.edges) == 1
        ):
            options = with_options(rng, other, view.others(e.source, e.target))
            asked = f'Which class does "{one}" inherit from?'
            yield QuestionAsked("detailed", "relation", asked, other, f"{one} inherits from {other}", options)


def _members(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    count = Counter(flat(m).casefold() for n in view.diagram.nodes for m in n.members)
    for n in view.diagram.nodes:
        if n.id not in view.names:
            continue
        for member in map(flat, n.members):
            if member and count[member.casefold()] == 1:
                options = with_options(rng, view.names[n.id], view.others(n.id))
                asked = f'Which {view.box} has "{member}"?'
                proof = f"{view.names[n.id]} has {member}"
                yield QuestionAsked("detailed", "member", asked, view.names[n.id], proof, options)
