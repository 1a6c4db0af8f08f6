"""How many of one record belong to one of another, as sentences say it: "at least one", "many-to-many".

In: the words and names of a sentence about records. Out: the claim that the marks or counts at
the ends of their line say the same. "Many" says that more than one may be there, "may" that none may.
"""

from __future__ import annotations

import re

from dic_ingest.captioning.grounding.prose.naming import Item, Name
from dic_ingest.captioning.grounding.prose.state import ClaimReading
from dic_ingest.model.diagram import Diagram, Edge, End, Kind

Range = tuple[int | None, bool | None]  # fewest (0 or 1), whether more than one may be; None: not said
_MARKS: dict[End, Range] = {
    End.ONE: (1, False), End.ZERO_OR_ONE: (0, False), End.MANY: (1, True), End.ZERO_OR_MANY: (0, True)
}  # fmt: skip
_PHRASES: tuple[tuple[re.Pattern[str], Range], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), said)
    for words, said in (
        ("zero or more|zero or many|zero to many|any number of|none or more|no or many", (0, True)),
        ("zero or one|at most one|no more than one|not more than one|none or one|an optional", (None, False)),
        ("exactly one|one and only one|precisely one|just one|only one|a single|one single", (1, False)),
        ("at least one|one or more|one or many|one to many", (1, True)),
        ("many|several|multiple|more than one|a number of|numerous", (None, True)),
    )
)  # the first that fits counts
_NONE = re.compile(
    r"\b(?:need not|may (?:also )?have|might have|can do without|possibly no|not (?:have|need) to)\b"
)
_BOTH = re.compile(r"\b(many|one) to (many|one)\b")
_MOST_NAMES = 3  # records that one sentence speaks of, the first of all others
_LABEL = re.compile(r"^\s*(\d+|\*|n|m)(?:\s*\.\.\s*(\d+|\*|n|m))?\s*$", re.IGNORECASE)


def cardinality(diagram: Diagram, items: list[Item], reading: ClaimReading) -> bool:
    """Adds what a sentence about two records says of how many; whether it says anything."""
    nodes = [(at, i.name) for at, i in enumerate(items) if i.name and i.name.ids]
    if diagram.kind not in (Kind.ER, Kind.CLASS) or not 2 <= len(nodes) <= _MOST_NAMES:
        return False
    said = [_said(diagram, items, nodes[0][1], at, name, reading) for at, name in nodes[1:]]
    return all(said)


def _said(diagram: Diagram, items: list[Item], a: Name, second: int, b: Name, reading: ClaimReading) -> bool:
    """One claim: of the first record and of one behind it, from the words before that one."""
    ends = _ends(diagram, a, b)
    if ends is None:
        return False
    words = " ".join(i.word.casefold() for i in items if not (i.name and i.name.ids))
    if both := _BOTH.search(words):
        told: list[Range] = [(None, both[k] == "many") for k in (1, 2)]
        reading.claim(_fits(ends[0], told[0]) and _fits(ends[1], told[1]), "count")
        return True
    first = max(at for at, i in enumerate(items[:second]) if i.name and i.name.ids)
    between = " ".join(i.word.casefold() for i in items[first + 1 : second])
    if {"not", "no", "never"} & set(between.split()) and not _NONE.search(between):
        return False
    found = next((said for pattern, said in _PHRASES if pattern.search(between)), None)
    if _NONE.search(between):
        found = (0, found[1] if found and found != (1, False) else None)
    if found is None:
        return False
    reading.claim(_fits(ends[1], found), "count")
    return True


def _ends(diagram: Diagram, a: Name, b: Name) -> tuple[Range, Range] | None:
    """How many of `a` and of `b` the one line between them says; None where there is none, or several."""
    own = [e for e in diagram.edges if {e.source, e.target} <= {*a.ids, *b.ids} and e.source != e.target]
    if len(own) != 1:
        return None
    edge = own[0]
    source, target = _range(edge, True), _range(edge, False)
    return (source, target) if edge.source in a.ids else (target, source)


def _range(edge: Edge, source: bool) -> Range:
    mark, label = (edge.source_end, edge.source_label) if source else (edge.target_end, edge.target_label)
    if found := _LABEL.match(label):
        low, high = found[1], found[2] or found[1]
        few = 0 if low == "0" or (not found[2] and not low.isdigit()) else 1
        return few, not high.isdigit() or int(high) > 1
    return _MARKS.get(mark, (None, None))


def _fits(there: Range, said: Range) -> bool:
    """Whether what is drawn bears out what is said; what neither says is no fault."""
    fewest, several = there
    return not (
        (said[0] is not None and fewest is not None and said[0] != fewest)
        or (said[1] is not None and several is not None and said[1] is not several)
    )
