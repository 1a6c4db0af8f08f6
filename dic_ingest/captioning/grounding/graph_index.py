"""A graph that was read exactly, indexed by what a sentence can ask of it: names, ways, labels, counts.

In: a `Diagram`. Out: lookups by folded tokens. Nothing here looks at sentences.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz, process

from dic_ingest.captioning.grounding.prose.reader import Prose
from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.text.tokens import tokens

SAME = 84.0  # similarity 0..100 from which two long tokens are one (a recogniser's slip, a word's ending)
MISREAD = str.maketrans("015", "ols")  # digits that a recogniser takes letters for
_WHOLE = (End.TRIANGLE, End.DIAMOND, End.FILLED_DIAMOND)
_DECISIONS = ("diamond", "choice")
Key = tuple[str, ...]


class Exact:
    """Lookups into one graph."""

    def __init__(self, diagram: Diagram, around: Iterable[str] = ()) -> None:
        self.diagram = diagram
        self.nodes: dict[Key, list[str]] = defaultdict(list)
        self.labels: dict[Key, list[int]] = defaultdict(list)
        for n in diagram.nodes:
            self._name(n.label, n.id)
        for g in diagram.groups:
            self._name(g.label, g.id)
        for i, e in enumerate(diagram.edges):
            for text in (e.label, e.source_label, e.target_label):
                if key := tuple(tokens(text)):
                    self.labels[key].append(i)
        self.groups = {g.id for g in diagram.groups}
        self.texts = {tuple(tokens(t)) for t in _side_texts(diagram)} - {()}
        self.longest = max((len(k) for k in (*self.nodes, *self.labels, *self.texts)), default=0)
        self.known = {t for k in (*self.nodes, *self.labels, *self.texts) for t in k}
        self.around = {t for text in around for t in tokens(text)}
        self._long = sorted(t for t in self.known | self.around if len(t) > 3)
        self._slips: dict[str, str] = {}
        self.ways: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, e in enumerate(diagram.edges):
            self.ways[e.source, e.target].append(i)
            if _both_ways(e):
                self.ways[e.target, e.source].append(i)
        self.holds = {(n.group, n.id) for n in diagram.nodes if n.group}
        self.holds |= {(g.parent, g.id) for g in diagram.groups if g.parent}

    def _name(self, label: str, own: str) -> None:
        key = tuple(tokens(label))
        if key:
            self.nodes[key].append(own)

    @property
    def names_with_quotes(self) -> list[str]:
        """Labels in which a quotation mark stands."""
        return [n for n in self.names if '"' in n]

    @cached_property
    def prose(self) -> Prose:
        """The reader of free prose about this graph."""
        return Prose(self.diagram)

    @cached_property
    def names(self) -> list[str]:
        """Every label, in one line each."""
        d = self.diagram
        texts = [n.label for n in d.nodes] + [g.label for g in d.groups] + _side_texts(d)
        texts += [t for e in d.edges for t in (e.label, e.source_label, e.target_label)]
        return [flat for t in texts if (flat := " ".join(t.split()))]

    def find(self, token: str) -> str:
        """The known token that this one is, or ""; digits must be the same, or letters read as digits."""
        for form in (token, token.translate(MISREAD)):
            if form in self.known or form in self.around:
                return form
        if len(token) < 4:
            return ""
        if token not in self._slips:
            best = process.extractOne(token, self._long, scorer=fuzz.ratio, score_cutoff=SAME)
            close = best[0] if best and _digits(best[0]) == _digits(token) else ""
            self._slips[token] = close or next((t for t in self._long if _stem(t) == _stem(token)), "")
        return self._slips[token]

    def respelled(self, text: str) -> str:
        """A sentence with letters in the place of the digits that a recogniser took them for."""

        def own(word: re.Match[str]) -> str:
            low = word[0].casefold()
            right = low.translate(MISREAD)
            return right if low not in self.known and right in self.known else word[0]

        return re.sub(r"[^\W_]+", own, text)

    def inherits(self, part: str, whole: str) -> list[int]:
        """Lines with a hollow triangle from one record to another."""
        return self._marked(part, whole, (End.TRIANGLE,))

    def composed(self, whole: str, part: str) -> list[int]:
        """Lines with a diamond at `whole` that hold `part`."""
        return self._marked(part, whole, (End.DIAMOND, End.FILLED_DIAMOND))

    def _marked(self, part: str, whole: str, marks: tuple[End, ...]) -> list[int]:
        forth = [
            i for i in self.ways.get((whole, part), ()) if self._end_at(self.diagram.edges[i], whole) in marks
        ]
        return list(dict.fromkeys(forth))

    @staticmethod
    def _end_at(edge: Edge, own: str) -> End:
        return edge.source_end if edge.source == own else edge.target_end

    def count(self, noun: str) -> int | None:
        """How many of what a noun names; None for a noun that no count is kept of."""
        d = self.diagram
        labelled = sum(1 for n in d.nodes if n.label.strip())
        if noun in ("message", "transition", "relation", "relationship", "edge", "arrow", "connection"):
            return len(d.edges)
        own = {
            "participant": Kind.SEQUENCE, "actor": None, "lifeline": Kind.SEQUENCE, "state": Kind.STATE,
            "class": Kind.CLASS, "entity": Kind.ER, "node": d.kind, "box": d.kind, "block": Kind.BLOCK,
        }  # fmt: skip
        if noun == "decision":
            return sum(1 for n in d.nodes if n.shape in _DECISIONS)
        return labelled if own.get(noun) is d.kind else None

    def branches(self, own: str) -> int:
        """Edges that leave a node."""
        return sum(1 for e in self.diagram.edges if e.source == own)


def _both_ways(edge: Edge) -> bool:
    if not edge.directed or edge.source_end is End.ARROW:
        return True
    return any(end in _WHOLE for end in (edge.source_end, edge.target_end))


def _digits(token: str) -> str:
    return "".join(c for c in token if c.isdigit())


def _stem(token: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if token.endswith(ending) and len(token) - len(ending) >= 4:
            return token[: -len(ending)].rstrip("i")
    return token


def _side_texts(diagram: Diagram) -> list[str]:
    texts = [diagram.title, *diagram.notes]
    for n in diagram.nodes:
        texts += n.members
    return texts
