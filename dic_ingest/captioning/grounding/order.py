"""The order of messages: statements that tell them in another order than they are drawn change places."""

from __future__ import annotations

from bisect import bisect_left

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.statements import Atom, changed
from dic_ingest.captioning.grounding.verifier import StatementVerdict
from dic_ingest.model.description import Change
from dic_ingest.model.diagram import Kind

Told = list[tuple[Atom, StatementVerdict]]


def in_order(kept: Told, exact: Exact) -> tuple[Told, list[Change]]:
    """The statements of a sequence diagram with its messages in their order, and what was moved."""
    if exact.diagram.kind is not Kind.SEQUENCE:
        return kept, []
    places, at = _messages(kept)
    wrong = set(range(len(at))) - _increasing(at)
    if not wrong:
        return kept, []
    ranked = sorted(range(len(at)), key=lambda k: at[k])
    moved = list(kept)
    for place, k in zip(places, ranked, strict=True):
        atom, verdict = kept[places[k]]
        target = kept[place][0]
        moved[place] = (changed(target, atom.text), verdict)
    changes = [Change(kept[places[k]][0].text, kept[places[k]][0].text, "order") for k in sorted(wrong)]
    return moved, changes


def _messages(kept: Told) -> tuple[list[int], list[int]]:
    """Which statements tell one message each, and which one; of equal messages the next in order."""
    places: list[int] = []
    at: list[int] = []
    last = -1
    for place, (atom, verdict) in enumerate(kept):
        if not verdict.edges or atom.head or len(set(verdict.nodes)) > 2:
            continue
        ahead = [e for e in verdict.edges if e > last]
        if len(verdict.edges) > 1 and not ahead:
            continue  # any of several equal messages: nothing can be said of its place
        last = min(ahead) if ahead else verdict.edges[0]
        places.append(place)
        at.append(last)
    return places, at


def _increasing(values: list[int]) -> set[int]:
    """Positions of a longest run that never falls."""
    ends: list[tuple[int, int]] = []
    before: list[int] = []
    for k, value in enumerate(values):
        slot = bisect_left(ends, (value, k))
        before.append(ends[slot - 1][1] if slot else -1)
        ends[slot : slot + 1] = [(value, k)]
    found, k = set(), ends[-1][1] if ends else -1
    while k >= 0:
        found.add(k)
        k = before[k]
    return found
