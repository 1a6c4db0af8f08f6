"""How many there are, as sentences say it: of steps in a drawing, of lines at one of its nodes.

In: a clause with a number in it. Out: claims that hold or do not; nothing for nouns that no count is kept of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.facts import EDGES, NODES, OUT, GraphFacts

if TYPE_CHECKING:
    from dic_ingest.captioning.grounding.prose.clauses import Clause
    from dic_ingest.captioning.grounding.prose.naming import Item, Name
    from dic_ingest.captioning.grounding.prose.state import ClaimReading

_NOUNS = EDGES | NODES | OUT | lex.words("decis place neighbour neighbor link output input case thing")
_BE = lex.words("be is are been being")
_SPAN = 3  # words between a number and its noun


def counted(
    clause: Clause, facts: GraphFacts, reading: ClaimReading, calls: bool, subject: Name | None
) -> bool:
    """Adds the claims of a clause that counts; whether there were any."""
    found = [(at, _value(item)) for at, item in enumerate(clause.items) if _value(item) is not None]
    least = 1 if {"only", "exactly", "just", "single"} & set(clause.words()) else 2
    found = [(at, v) for at, v in found if v is not None and v >= least]
    told = False
    for at, value in found:
        if at and clause.items[at - 1].word == "of":  # "one of two"
            continue
        ahead = _behind(clause, at)
        noun = next((i.stem for i in ahead if i.name is None and i.stem in _NOUNS), "")
        verb = any(i.stem in lex.FORWARD for i in ahead if i.name is None)
        nodes = [n for _, n in clause.nodes if not n.plural]
        nodes = nodes or ([subject] if subject and clause.how in ("list", ",", "then") else [])
        asked = _numbers(clause, facts, at, noun, nodes, calls) if noun or verb else None
        if asked:
            reading.claim(value in asked, "count")
            told = True
    return told


def _behind(clause: Clause, at: int) -> list[Item]:
    """The items behind a number, up to the next "and"."""
    some = clause.items[at + 1 : at + 1 + _SPAN]
    return some[: next((i for i, item in enumerate(some) if item.word in ("and", "or", ",")), len(some))]


def _numbers(
    clause: Clause, facts: GraphFacts, at: int, noun: str, nodes: list[Name], calls: bool
) -> set[int] | None:
    ahead = {i.stem for i in _behind(clause, at) if i.name is None}
    held = clause.stems() & (lex.HOLD | {"consist", "includ", "have"})
    if nodes and held and (frame := next((i for i in nodes[0].ids if i in facts.frames), "")):
        return facts.members(frame)
    if not nodes or not nodes[0].ids or (noun in NODES and not ahead & (lex.VERBS - {"take"})):
        return facts.steps(noun)
    own = nodes[0].ids[0]
    if noun == "messag" and calls and len(nodes) == 2 and {"from", "to"} <= set(clause.words()):
        return {len(facts.between(nodes[0].ids, nodes[1].ids))}
    place = clause.nodes[0][0] if clause.nodes else 0
    words = clause.words()
    if noun in ("messag",) and calls:
        got = clause.stems() & lex.BACKWARD
        return facts.count_at(own, noun, bool(got) and "by" not in words)
    if {"outgoing", "incoming"} & set(words):
        return facts.count_at(own, noun, "incoming" in words)
    if place > at:  # "Two blocks feed the X"
        inward = None if {"depend", "hang"} & clause.stems() else True
        return facts.count_at(own, noun, inward)
    if {"by", "from"} & set(clause.words(place + 1, at)):
        return facts.count_at(own, noun, True)
    if _BE & set(clause.words(place + 1, at)) and clause.stems(place + 1, at) & lex.FORWARD:
        return facts.count_at(own, noun, True)  # "can be entered in two ways"
    if "left" in words or clause.stems(place + 1, at) & (lex.FORWARD - {"have"}):
        return facts.count_at(own, noun, False)
    return facts.count_at(own, noun, None)


def _value(item: Item) -> int | None:
    if item.name is not None:
        return None
    return int(item.word) if item.word.isdigit() and len(item.word) < 4 else lex.NUMBERS.get(item.word)
