"""Free prose against a graph: order, branches, counts, passives, subordinate clauses, negations.

In: a sentence and the graph. Out: `ClaimReading`: whether every claim that was understood holds, and whether
the sentence was understood whole. What is not understood is neither right nor wrong here.
"""

from __future__ import annotations

from collections.abc import Iterable

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.cardinality import cardinality
from dic_ingest.captioning.grounding.prose.clauses import (
    BE,
    SUBORDINATE,
    Clause,
    ahead_of,
    clauses,
    known,
)
from dic_ingest.captioning.grounding.prose.conditions import Conditions
from dic_ingest.captioning.grounding.prose.facts import GraphFacts, is_flow
from dic_ingest.captioning.grounding.prose.labels import LabelledLines
from dic_ingest.captioning.grounding.prose.lexicon import VERBS
from dic_ingest.captioning.grounding.prose.messages import MessageClaims
from dic_ingest.captioning.grounding.prose.naming import Item, Name, Naming
from dic_ingest.captioning.grounding.prose.numbers import counted
from dic_ingest.captioning.grounding.prose.relations import Relations
from dic_ingest.captioning.grounding.prose.state import ClaimReading
from dic_ingest.model.diagram import Diagram, Kind

_ORDINALS = lex.words("second third fourth fifth sixth penultimate")
_BARE = BE | lex.words("a an the and , both also there this that")


class Prose:
    """Reads sentences about one graph."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram, self.facts = diagram, GraphFacts(diagram)
        self.naming = Naming(diagram, self.facts)
        self.labels = LabelledLines(diagram)
        self.flow, self.calls = is_flow(diagram), diagram.kind is Kind.SEQUENCE

    def foreign(self, names: Iterable[str]) -> list[str]:
        """Those of some names that no name of the graph has words of."""
        known = self.naming.shared.keys() | {s for v in self.naming.labels for s in v.stems}
        return [n for n in names if not any(lex.akin(lex.stem(w), k) for w in n.split() for k in known)]

    def says(self, text: str) -> bool:
        """Whether a sentence has a verb: it says something of what it names."""
        return any(i.name is None and (i.stem in VERBS or i.word in BE) for i in self.naming.items(text))

    def read(self, text: str) -> ClaimReading:
        """What a sentence claims and whether it holds."""
        items = self.naming.items(text)
        reading = ClaimReading()
        reading.nodes = list(dict.fromkeys(i for item in items if item.name for i in item.name.ids))
        names = [i.name for i in items if i.name]
        frames = any(set(n.ids) & self.facts.frames.keys() for n in names)
        reading.ambiguous = frames and any(len(n.ids) > 1 and not n.plural for n in names)
        reading.named = any(i.name for i in items)
        reading.bare = reading.named and all(i.name or i.word in _BARE for i in items)
        reading.strange, reading.unknown = _unknown(items)
        if cardinality(self.diagram, items, reading):
            return reading
        if not self.flow and not self.calls and self.labels.read(items, reading):
            return reading
        _Sentence(self.diagram, self.facts, reading, self.flow, self.calls).read(clauses(items, self.flow))
        return reading


def _unknown(items: list[Item]) -> tuple[int, float]:
    words = sum(len(i.word.split()) for i in items if i.name is not None)
    strange = sum(1 for i in items if i.name is None and i.word not in (",", ";", ":") and not known(i))
    return strange, strange / max(1, strange + words)


class _Sentence(Conditions, Relations, MessageClaims):
    """Goes through the clauses of one sentence."""

    def read(self, found: list[Clause]) -> None:
        """Every clause in turn; a subordinate one together with its main clause."""
        waiting: Clause | None = None
        before: Clause | None = None
        for at, clause in enumerate(found):
            second = clause.how == "list" and at and found[at - 1].how == "if" and self._only_asks(clause)
            if clause.how in SUBORDINATE or second:
                waiting, before = self._subordinate(found, at, waiting, before)
                continue
            if clause.how == "else":
                self._else(clause)
            else:
                self._main(clause)
            if waiting is not None and (clause.names or clause.stems() & VERBS):
                self._tie(waiting, clause)
                waiting = None
            elif before is not None and clause.how != "else":
                self._then(before, clause)
            before = clause if clause.names else before
        if waiting is not None:
            self._left(waiting)

    def _subordinate(
        self, found: list[Clause], at: int, waiting: Clause | None, before: Clause | None
    ) -> tuple[Clause | None, Clause | None]:
        """Ties a subordinate clause to the main clause before it, or lets it wait for the next one."""
        clause = found[at]
        if clause.how == "list":  # a second condition
            if before is not None:
                clause.how = "if"
                self._tie(clause, before)
        elif not at or before is None or self._opens(found, at):
            waiting = clause
        else:
            self._tie(clause, before)
        return waiting, before

    def _left(self, clause: Clause) -> None:
        """A subordinate clause without a main clause: "after X comes Y"."""
        if clause.how == "after" and len(clause.nodes) > 1:
            first, second = _halves(clause)
            self._tie(Clause("after", first), Clause("and", second))
        else:
            self._main(clause)

    def _only_asks(self, clause: Clause) -> bool:
        """A second condition: it names labels and decisions only."""
        asks = [n for _, n in clause.names if n.edges or set(n.ids) <= set(self.facts.decisions)]
        return self.flow and bool(asks) and len(asks) == len(clause.names)

    def _opens(self, found: list[Clause], at: int) -> bool:
        """Whether a subordinate clause stands before its main clause, behind a semicolon or "and"."""
        ahead = found[at + 1] if at + 1 < len(found) else None
        before = found[at - 1]
        return bool(ahead and ahead.how == "," and ahead.names and not before.names)

    def _main(self, clause: Clause) -> None:
        if self._ends(clause) and len(clause.names) < 2:
            return
        if counted(clause, self.facts, self.reading, self.calls, self.subject):
            return
        if self.calls:
            self._message(clause)
        elif not self._chosen(clause):
            self._relations(clause)
        names = [n for _, n in clause.nodes]
        if self.diagram.kind is Kind.STATE and len(names) == 1 and clause.labels:
            self._touched(clause)
        if names:
            lead = set(clause.words(0, clause.nodes[0][0]))
            if clause.how != "which" and not lead & BE:
                self.subject = names[0]
            self.last = names[-1]

    def _touched(self, clause: Clause) -> None:
        """ "Cancelling leads to Idle": one of the lines with the label ends there."""
        edges = self.diagram.edges
        own = [edges[i] for _, n in clause.labels for i in n.edges]
        ahead = ahead_of(clause.items, clause.nodes[0][0])
        near = {e.target for e in own if ahead != "from"} | {
            e.source for e in own if ahead not in ("to", "into")
        }
        self.reading.claim(bool(near & set(clause.nodes[0][1].ids)), "label")

    def _ends(self, clause: Clause) -> bool:
        """ "The first step is X", "it ends with X"."""
        stems, words = clause.stems(), clause.words()
        name = clause.names[0][1] if clause.names else self.last if clause.how == "which" else None
        if (_ORDINALS | {"its", "their"} | lex.NUMBERS.keys()) & set(words) or name is None:
            return False
        first = bool(stems & lex.START)
        last = bool(stems & lex.END) and not first
        if not (first or last) or clause.how in ("if", "after", "before"):
            return False
        if self.calls:
            self._outer_message(clause, first)
        elif name.ids:
            ends = self.facts.starts if first else self.facts.ends
            self.reading.claim(any(i in ends for i in name.ids), "order")
        return True

    def _tie(self, sub: Clause, main: Clause) -> None:
        """A subordinate clause and the main clause that it belongs to."""
        if self.calls:
            self._tie_messages(sub, main)
            return
        targets = [n for _, n in main.nodes]
        if sub.how == "if":
            found = self._lines_of(sub)
            if found is not None and self.flow:
                aims = [t for t in targets if not set(t.ids) <= {found[0]}]
                if aims:
                    self._leads(found, aims[0], main)
                return
            if not sub.nodes and sub.labels and len(targets) > 1:
                self._by(sub, main)
                return
        subs = [n for _, n in sub.nodes]
        if sub.how == "before" and targets and {"anything", "everything", "all"} & set(sub.words()):
            self.reading.claim(bool(set(targets[0].ids) & self.facts.starts), "order")
        if not subs or not targets or (sub.how == "if" and not self.flow):
            return
        self._ordered(subs, targets, sub, main)

    def _ordered(self, subs: list[Name], targets: list[Name], sub: Clause, main: Clause) -> None:
        stems = sub.stems() | main.stems()
        direct = bool(stems & lex.IMMEDIATE)
        if sub.how == "before":
            a, b = targets[0], subs[0]
        else:
            a, b = subs[-1], targets[0]
        if set(a.ids) & set(b.ids):
            return
        again = bool(stems & lex.AGAIN)
        self.reading.claim(self._precedes(a, b, direct, again), "order")
        if len(subs) > 1:
            self._relations(sub)

    def _then(self, before: Clause, clause: Clause) -> None:
        """What is told in the next clause does not come earlier."""
        if self.calls or not self.flow or clause.how not in ("then", "list", ",") or not before.nodes:
            return
        if not clause.nodes or clause.stems() & VERBS & lex.FORWARD or self.condition:
            return
        a, b = before.nodes[-1][1], clause.nodes[0][1]
        if clause.how == "then" and not set(a.ids) & set(b.ids):
            again = bool(clause.stems() & lex.AGAIN)
            self.reading.claim(self._precedes(a, b, False, again), "order")


def _halves(clause: Clause) -> tuple[list[Item], list[Item]]:
    """ "After X comes Y": the items up to the first name, and the rest."""
    cut = clause.nodes[0][0] + 1
    return clause.items[:cut], clause.items[cut:]
