"""True statements made wrong by one change that keeps their phrasing, and statements of order.

In: a true statement, the graph's index, names of other figures. Out: wrong statements with the kind of fault.
Only a name, a label or a number is exchanged, so nothing but the figure tells right from wrong.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations

import networkx as nx
from rapidfuzz import process

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.model.diagram import Diagram, Kind

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
CANDIDATES = 40  # names of other figures of which the most alike are taken
ALIKE = 3  # so many of them are near misses
MOST_ORDER = 2  # right statements of order in one figure, and as many wrong ones
OFF = (-2, -1, 1, 2)  # by how much a number is wrong
_NUMBER = re.compile(rf"\b(?:\d{{1,3}}|{'|'.join(NUMBERS)})\b", re.IGNORECASE)
_FLOWS = (Kind.FLOWCHART, Kind.STATE)
Span = tuple[int, int]
Change = Callable[[], str | None]


class Altering:
    """The changes of one figure's statements. `foreign`: names that other figures bear."""

    def __init__(self, diagram: Diagram, exact: Exact, foreign: Sequence[str], source: random.Random) -> None:
        self.source = source
        self.nodes = _flat(n.label for n in diagram.nodes)
        self.labels = _flat(e.label for e in diagram.edges)
        own = {n.casefold() for n in exact.names}
        some = source.sample(list(foreign), min(CANDIDATES, len(foreign)))
        self.foreign = [n for n in _flat(some) if n.casefold() not in own]
        every = sorted({*self.nodes, *self.labels, *exact.names}, key=len, reverse=True)
        self.names = re.compile("|".join(rf"(?<!\w){re.escape(n)}(?!\w)" for n in every) or r"(?!)")

    def form(self, text: str) -> str:
        """The phrasing: names and numbers masked. Right and wrong statements of one form are exchangeable."""
        return _NUMBER.sub("#", self.names.sub("_", text))

    def wrong(self, text: str) -> list[tuple[str, str]]:
        """(kind of fault, changed statement), at most one of each kind, true by chance at times."""
        found = [m.span() for m in self.names.finditer(text)]
        nodes = [s for s in found if text[slice(*s)] in self.nodes]
        labels = [s for s in found if text[slice(*s)] in self.labels]
        changes: dict[str, Change] = {
            "flipped direction": lambda: self._exchanged(text, nodes),
            "wrong edge": lambda: self._other(text, nodes, self.nodes),
            "renamed node": lambda: self._renamed(text, nodes),
            "swapped labels": lambda: self._other(text, labels, self.labels) or self._exchanged(text, labels),
            "wrong count": lambda: self._miscounted(text, found),
        }
        made = [(kind, change()) for kind, change in changes.items()]
        return [(kind, new) for kind, new in made if new is not None and new != text]

    def _exchanged(self, text: str, spans: list[Span]) -> str | None:
        if len(spans) < 2:
            return None
        (a, b), (c, d) = sorted(self.source.sample(spans, 2))
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]

    def _other(self, text: str, spans: list[Span], names: Sequence[str]) -> str | None:
        left = [n for n in names if n not in {text[slice(*s)] for s in spans}]
        return self._put(text, spans, self.source.choice(left)) if spans and left else None

    def _renamed(self, text: str, spans: list[Span]) -> str | None:
        if not spans or not self.foreign:
            return None
        span = self.source.choice(spans)
        near = process.extract(text[slice(*span)], self.foreign, limit=ALIKE)
        return self._put(text, [span], self.source.choice(near)[0])

    def _miscounted(self, text: str, names: list[Span]) -> str | None:
        free = [m for m in _NUMBER.finditer(text) if not any(a <= m.start() < b for a, b in names)]
        if not free:
            return None
        one = self.source.choice(free)
        word = one[0].casefold()
        value = NUMBERS.index(word) + 1 if word in NUMBERS else int(word)
        other = value + self.source.choice([o for o in OFF if value + o > 0])
        said = NUMBERS[other - 1] if word in NUMBERS and other <= len(NUMBERS) else str(other)
        return text[: one.start()] + said + text[one.end() :]

    def _put(self, text: str, spans: list[Span], name: str) -> str:
        a, b = self.source.choice(spans)
        return text[:a] + name + text[b:]


def order(diagram: Diagram, source: random.Random) -> tuple[list[str], list[str]]:
    """Right and wrong statements of what comes before what; none where the graph does not fix it."""
    if diagram.kind is Kind.SEQUENCE:
        sent = [e.label for e in diagram.edges if e.label.strip()]
        once = [t for t in sent if sent.count(t) == 1]
        before = [(a, b) for at, a in enumerate(once) for b in once[at + 1 :]]
    elif diagram.kind in _FLOWS and all(e.directed for e in diagram.edges):
        before = _upstream(diagram)
    else:
        before = []
    some = source.sample(before, min(2 * MOST_ORDER, len(before) // 2 * 2))
    said = [
        (f'"{a}" comes before "{b}".', f'"{b}" comes before "{a}".')
        if source.random() < 1 / 2
        else (f'"{b}" comes after "{a}".', f'"{a}" comes after "{b}".')
        for a, b in (tuple(map(" ".join, (a.split(), b.split()))) for a, b in some)
    ]
    half = len(said) // 2
    return [right for right, _ in said[:half]], [wrong for _, wrong in said[half:]]


def _upstream(diagram: Diagram) -> list[tuple[str, str]]:
    """Names of nodes of which the first leads to the second, over any number of lines, and not back."""
    times = Counter(n.label.casefold() for n in diagram.nodes)
    label = {n.id: n.label for n in diagram.nodes if n.label.strip() and times[n.label.casefold()] == 1}
    ways = nx.transitive_closure(nx.DiGraph([(e.source, e.target) for e in diagram.edges]))
    pairs = permutations([n for n in label if n in ways], 2)
    return [(label[a], label[b]) for a, b in pairs if ways.has_edge(a, b) and not ways.has_edge(b, a)]


def _flat(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(flat for t in texts if (flat := " ".join(t.split()))))
