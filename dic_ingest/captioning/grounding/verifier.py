"""Does the graph hold up a statement? A verdict with its reason, and the lines of the graph it speaks of.

In: a statement and the graph's index. Out: `Verdict`. Where the graph is silent, it says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.injection import suspicious
from dic_ingest.captioning.grounding.notation import (
    ClaimedRelation,
    Claims,
    own_words,
    read_claims,
    strange_names,
)
from dic_ingest.model.diagram import Kind
from dic_ingest.text.tokens import tokens

UNCHECKED = "not checked"
_NOTE = re.compile(
    r"(\W*Note at .+): *[\"\u201c](.+)[\"\u201d]\W*", re.DOTALL
)  # as `Diagram.to_text` says it
_NOTATION = re.compile(r"[\"\u201c\u201d()]|[-=]>|<[-=]")  # as the package itself says it
FOREIGN = 2  # words of which most stand nowhere: a sentence that names nothing is about something else
STRANGE = 1 / 3  # share of a sentence's own words that may stand neither in nor around the figure


@dataclass(frozen=True, slots=True)
class StatementVerdict:
    """`support` as in `Statement`, "" for none.

    Then `reason` is flipped, no line, label, invented, count, instruction, or silent where the graph can say
    nothing. `edges` are the lines that were told.
    """

    support: str
    reason: str = ""
    edges: tuple[int, ...] = ()
    nodes: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()  # names that stand nowhere in the figure
    claims: int = 0  # relations and counts that were understood


def judge_readings(readings: Sequence[str], exact: Exact) -> StatementVerdict:
    """The best verdict of the readings of one statement: supported, then not checked, then the first."""
    found = [judge(r, exact) for r in readings]
    good = [v for v in found if v.support] or [v for v in found if v.reason == UNCHECKED]
    return good[0] if good else found[0]


def judge(text: str, exact: Exact) -> StatementVerdict:
    """The verdict on one self-contained statement.

    Names in quotes or brackets are walked over in their order. In free prose, claims of order, branch, count
    and verb decide; where neither they nor the walk understand a sentence, it is not checked.
    """
    if suspicious([text]):
        return StatementVerdict("", "instruction")
    if tuple(tokens(text)) in exact.texts:  # a member, a note or the title, as it stands there
        return StatementVerdict("graph")
    text = _without_note(text, exact)
    if _NOTATION.search(text):
        return _walked(text, exact)
    text = exact.respelled(text)
    prose = exact.prose.read(text)
    nodes = tuple(prose.nodes)
    if prose.ambiguous:
        return StatementVerdict("", UNCHECKED, (), nodes)
    if exact.prose.foreign(strange_names(text, exact)):
        return StatementVerdict("", "invented", (), nodes)
    if prose.claims and prose.understood and not (prose.unsure and not prose.reasons):
        if prose.reasons:
            return StatementVerdict("", prose.reasons[0], (), nodes)
        return StatementVerdict("graph", "", tuple(dict.fromkeys(prose.edges)), nodes)
    if not prose.named and not prose.claims:
        return _nameless(text, exact)
    if prose.strange == 0 and prose.bare and not prose.claims:
        return StatementVerdict("graph", "", (), nodes)
    return StatementVerdict("", UNCHECKED, (), nodes)


def _without_note(text: str, exact: Exact) -> str:
    """Where a note stands, without its words, which may be those of a part or of a relation."""
    note = _NOTE.fullmatch(text)
    return note[1] if note and tuple(tokens(note[2])) in exact.texts else text


def _nameless(text: str, exact: Exact) -> StatementVerdict:
    """A sentence that names nothing of the graph: its words alone decide, if they stand in the figure."""
    own = own_words(text)
    strange = [w for w in own if not exact.find(w)]
    if len(own) >= FOREIGN and len(strange) > len(own) / 2:
        return StatementVerdict("", "silent")
    if strange or exact.prose.says(text):
        return StatementVerdict("", UNCHECKED)
    return StatementVerdict("words" if own else "graph")


def _walked(text: str, exact: Exact) -> StatementVerdict:
    """The better verdict of the two readings where a name is both a node's and a line's."""
    first = _judge(read_claims(text, exact), exact)
    if first.support or not (exact.nodes.keys() & exact.labels.keys()):
        return first
    second = _judge(read_claims(text, exact, prefer_labels=True), exact)
    return second if second.support else first


def _judge(claims: Claims, exact: Exact) -> StatementVerdict:
    nodes = tuple(dict.fromkeys(i for m in claims.mentions for i in m.ids))
    if claims.invented:
        return StatementVerdict("", "invented", (), nodes, tuple(claims.invented))
    told: list[int] = []
    for relation in claims.relations:
        reason, edges = holds(relation, exact)
        if reason:
            return StatementVerdict("", reason, (), nodes)
        told += edges
    claimed = len(claims.relations) + len(claims.counts)
    for value, noun in claims.counts:
        if _miscounted(value, noun, nodes, exact):
            return StatementVerdict("", "count", (), nodes)
    if claims.tail:
        return StatementVerdict("", "invented", (), nodes)
    words = len(claims.rest) + sum(len(m.key) for m in claims.mentions)
    if claims.strange and len(claims.strange) > STRANGE * words:
        return StatementVerdict("", "silent", tuple(told), nodes)
    lines = tuple(dict.fromkeys([*told, *_labelled(claims, exact)]))
    return StatementVerdict(
        "graph" if claims.mentions or not claims.rest else "words", "", lines, nodes, claims=claimed
    )


def _labelled(claims: Claims, exact: Exact) -> list[int]:
    """A line that is told by its label and one end ("yes" leads to "Ship")."""
    labels = [i for m in claims.mentions for i in m.edges]
    if claims.relations or not labels:
        return []
    ends = {i for m in claims.mentions for i in m.ids}
    edges = exact.diagram.edges
    return [i for i in labels if edges[i].source in ends or edges[i].target in ends]


def holds(relation: ClaimedRelation, exact: Exact) -> tuple[str, list[int]]:
    """Why the graph does not have a relation, "" if it does; and the lines that it is."""
    pairs = [(a, b) for a in relation.sources for b in relation.targets]
    if relation.how in ("inherits", "composed"):
        asked = exact.inherits if relation.how == "inherits" else exact.composed
        good = [i for a, b in pairs for i in asked(a, b)]
        return ("" if good else "flipped" if any(asked(b, a) for a, b in pairs) else "no line"), good
    if any(p in exact.holds for p in pairs) or (relation.how == "inside" and _inside(pairs, exact)):
        return "", []
    forth = [i for p in pairs for i in exact.ways.get(p, ())]
    back = [i for a, b in pairs for i in exact.ways.get((b, a), ())]
    found = [*forth, *back] if relation.how in ("loose", "inside") else forth
    if not found:
        return ("flipped" if back else "no line"), []
    for label in relation.labels:
        own = [i for i in found if i in label.edges]
        if not own:
            return "label", []
        found = own
    return "", found


def _inside(pairs: list[tuple[str, str]], exact: Exact) -> bool:
    return any((b, a) in exact.holds for a, b in pairs)


def _miscounted(value: int, noun: str, nodes: tuple[str, ...], exact: Exact) -> bool:
    if noun == "branch":
        return len(nodes) > 0 and exact.branches(nodes[0]) not in (value, 0)
    noun = {"entit": "entity"}.get(noun, noun)
    right = exact.count(noun)
    if right is None or right == value:
        return False
    dots = sum(1 for n in exact.diagram.nodes if not n.label.strip())
    return not (exact.diagram.kind is Kind.STATE and right + dots == value)
