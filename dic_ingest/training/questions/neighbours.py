"""Partial questions on a box's surroundings: everything it leads to, everything that leads to it, its links.

In: a `View` and a random source. Out: open questions whose answer is a full list, options on one of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from dic_ingest.diagram import Kind
from dic_ingest.training.questions.view import Asked, View, with_options
from dic_ingest.verbalise.names import listed, quote


def neighbour_questions(view: View, rng: random.Random) -> Iterator[Asked]:
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
        yield Asked("partial", "neighbours", asked, f"{listed([quote(f) for f in found])}.", proof)
        one = rng.choice(found)
        off = [n for i, n in view.names.items() if i not in ahead and i != own]
        options = with_options(rng, one, off)
        if options:
            asked = f'Which of these does "{name}" {verb} directly?'
            yield Asked("partial", "neighbours", asked, one, proof, options)


def _exchanges(view: View, rng: random.Random) -> Iterator[Asked]:
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
        yield Asked("partial", "neighbours", asked, f"{listed([quote(f) for f in found])}.", proof)
        one = rng.choice(found)
        options = with_options(rng, one, [n for i, n in view.names.items() if i not in near and i != own])
        if options:
            yield Asked(
                "partial",
                "neighbours",
                f'Which of these exchanges messages with "{name}"?',
                one,
                proof,
                options,
            )
