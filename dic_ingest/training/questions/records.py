"""Detailed questions on class and entity-relationship diagrams: members, relations, how many of either side.

In: a `View` and a random source. Out: questions on members that one record alone has, and on line ends.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from dic_ingest.diagram import End, Kind
from dic_ingest.training.questions.view import Asked, View, with_options
from dic_ingest.verbalise.names import flat

COUNTS = {
    End.ONE: "exactly one",
    End.ZERO_OR_ONE: "zero or one",
    End.MANY: "one or many",
    End.ZERO_OR_MANY: "zero or many",
}


def record_questions(view: View, rng: random.Random) -> Iterator[Asked]:
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
            yield Asked("detailed", "relation", asked, other, view.line(e), options)
        same = [x for x in view.edges if {x.source, x.target} == {e.source, e.target}]
        if e.target_end in COUNTS and len(same) == 1:
            answer = COUNTS[e.target_end]
            asked = f'How many "{other}" can stand with one "{one}"?'
            options = with_options(rng, answer, COUNTS.values())
            proof = f"{view.line(e)}, {e.target_end} at {other}"
            yield Asked("detailed", "cardinality", asked, answer, proof, options)
        if (
            e.target_end is End.TRIANGLE
            and sum(x.source == e.source and x.target_end is End.TRIANGLE for x in view.edges) == 1
        ):
            options = with_options(rng, other, view.others(e.source, e.target))
            asked = f'Which class does "{one}" inherit from?'
            yield Asked("detailed", "relation", asked, other, f"{one} inherits from {other}", options)


def _members(view: View, rng: random.Random) -> Iterator[Asked]:
    count = Counter(flat(m).casefold() for n in view.diagram.nodes for m in n.members)
    for n in view.diagram.nodes:
        if n.id not in view.names:
            continue
        for member in map(flat, n.members):
            if member and count[member.casefold()] == 1:
                options = with_options(rng, view.names[n.id], view.others(n.id))
                asked = f'Which {view.box} has "{member}"?'
                proof = f"{view.names[n.id]} has {member}"
                yield Asked("detailed", "member", asked, view.names[n.id], proof, options)
