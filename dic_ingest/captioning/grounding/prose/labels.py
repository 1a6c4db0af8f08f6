"""Sentences that say a line by its label: "the gateway forwards traces to the store" for "forwards traces".

In: the words and names of a sentence. Out: the claim that one line from one thing to another bears the label,
and which words were its own. Sentences about two things alone: who of three does what is left to clauses.
"""

from __future__ import annotations

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.naming import NUMBER, Item, Name
from dic_ingest.captioning.grounding.prose.state import ClaimReading
from dic_ingest.model.diagram import Diagram
from dic_ingest.text.tokens import tokens

_SMALL = lex.words("a an the of to for from with by at in on and or is are be it its s")


class LabelledLines:
    """The labels of one graph's lines as stems, read once."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.stems = [
            tuple(lex.stem(t) for t in tokens(NUMBER.sub("", e.label)) if t not in _SMALL and not t.isdigit())
            for e in diagram.edges
        ]

    def read(self, items: list[Item], reading: ClaimReading) -> bool:
        """Adds the claim of a sentence that says a label between two things; whether it says one."""
        nodes = [(at, i.name) for at, i in enumerate(items) if i.name and i.name.ids and not i.name.edges]
        if len(nodes) != 2 or set(nodes[0][1].ids) & set(nodes[1][1].ids) or self._turns(items):
            return False
        (first, a), (second, b) = nodes
        said = {i: at for i in range(len(self.stems)) if (at := self._place(i, items)) is not None}
        said = {i: at for i, at in said.items() if self._verb(i, items) and at < second}
        if not said:
            return False
        passive = any(i.word == "by" and i.name is None for i in items[first:second])
        source, target = (b, a) if passive and self._at_end(said, items) else (a, b)
        here = [i for i in said if self._runs(i, source, target)]
        back = [i for i in said if self._runs(i, target, source)]
        touched = [i for i in said if self._starts(i, source)]
        if not here and not back and not touched:
            return False
        reading.claim(bool(here), "flipped" if back else "no line")
        reading.edges += here
        own = {s for i in said for s in self.stems[i]}
        reading.strange = max(0, reading.strange - sum(1 for i in items if i.name is None and i.stem in own))
        reading.unknown = reading.unknown if reading.strange else 0.0
        return True

    @staticmethod
    def _turns(items: list[Item]) -> bool:
        """Whether the sentence denies, orders or sets a condition: clauses read those."""
        words = {i.word for i in items if i.name is None}
        return bool(
            words & (lex.NEGATION | lex.CONDITION - {"on", "upon", "with"} | {"before", "after", "only"})
        )

    def _place(self, edge: int, items: list[Item]) -> int | None:
        """Where a label's first word stands in a sentence that has all its words; None where it has not."""
        places = []
        for stem in self.stems[edge]:
            at = next((k for k, i in enumerate(items) if i.name is None and lex.akin(i.stem, stem)), None)
            if at is None:
                return None
            places.append(at)
        return min(places, default=None)

    def _verb(self, edge: int, items: list[Item]) -> bool:
        """A label that begins with a verb, as a sentence has it: not the name of what passes."""
        head = self.stems[edge][0]
        own = [i for i in items if i.name is None and lex.akin(i.stem, head)]
        return any(i.word != head or head in lex.VERBS for i in own)

    @staticmethod
    def _at_end(said: dict[int, int], items: list[Item]) -> bool:
        """Whether the label's word stands in the passive: "is loaded by"."""
        ahead = {i.word for at in said.values() for i in items[max(0, at - 2) : at] if i.name is None}
        return bool(ahead & lex.words("is are was were be been being gets get"))

    def _runs(self, edge: int, source: Name, target: Name) -> bool:
        e = self.diagram.edges[edge]
        return e.source in source.ids and e.target in target.ids

    def _starts(self, edge: int, source: Name) -> bool:
        return self.diagram.edges[edge].source in source.ids
