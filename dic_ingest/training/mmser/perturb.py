"""Pseudo-initial captions: what a first look may say wrong, made by small changes to the true graph.

In: a `Diagram` and a random source. Out: the same with 0 to 3 changes (MM-SeR section 4.2 and figure 18, with
the changes that drawings allow): a node renamed or swapped, a line dropped, added or turned, a label, a
number or the kind changed. The verbaliser makes text of it. The true graph itself is never changed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dic_ingest.captioning.grounding.faults import (
    flipped,
    missing_branch,
    swapped_labels,
    wrong_edge,
    wrong_order,
)
from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Diagram, Edge, Kind

ALIKE = {
    Kind.FLOWCHART: Kind.STATE,
    Kind.STATE: Kind.FLOWCHART,
    Kind.TOPOLOGY: Kind.BLOCK,
    Kind.BLOCK: Kind.TOPOLOGY,
}
_NUMBER = re.compile(r"\d+")
Change = Callable[[Diagram, random.Random], Diagram | None]


@dataclass(frozen=True, slots=True)
class PseudoSettings:
    """How many changes, and how often none: section 4.2 and table 13 (data 4 holds true captions too)."""

    most: int = 3
    unchanged: float = 0.2  # share of captions left true, so that a right caption is learnt to stand
    per_caption: int = 3  # table 15

    def __post_init__(self) -> None:
        if self.most < 1 or self.per_caption < 1 or not 0 <= self.unchanged < 1:
            raise SettingsError("PseudoSettings: most and per_caption from 1 up, unchanged in 0..1.")


@dataclass(frozen=True, slots=True)
class Perturber:
    """Changes graphs. `labels` and `edge_labels` are other figures', so that no word betrays a fault."""

    labels: Sequence[str]
    edge_labels: Sequence[str]
    settings: PseudoSettings = PseudoSettings()

    def pseudo(self, diagram: Diagram, source: random.Random) -> list[str]:
        """`per_caption` texts."""
        return [self.perturbed(diagram, source).to_text() for _ in range(self.settings.per_caption)]

    def perturbed(self, diagram: Diagram, source: random.Random) -> Diagram:
        """The graph with up to `most` changes; with the probability `unchanged` as it is."""
        if source.random() < self.settings.unchanged:
            return diagram
        for _ in range(source.randint(1, self.settings.most)):
            for name in source.sample(sorted(self._changes()), len(self._changes())):
                made = self._changes()[name](diagram, source)
                if made is not None:
                    diagram = made
                    break
        return diagram

    def _changes(self) -> dict[str, Change]:
        return CHANGES | {"rename": self._renamed, "edge label": self._relabelled}

    def _renamed(self, diagram: Diagram, source: random.Random) -> Diagram | None:
        room = [n for n in diagram.nodes if n.label.strip()]
        return _relabel(diagram, source.choice(room).id, source.choice(self.labels)) if room else None

    def _relabelled(self, diagram: Diagram, source: random.Random) -> Diagram | None:
        room = [at for at, e in enumerate(diagram.edges) if e.label.strip()]
        if not room or not self.edge_labels:
            return None
        at = source.choice(room)
        return _with(diagram, at, replace(diagram.edges[at], label=source.choice(self.edge_labels)))


def swapped_nodes(diagram: Diagram, source: random.Random) -> Diagram | None:
    """Two nodes change their labels."""
    room = [n for n in diagram.nodes if n.label.strip()]
    if len({n.label for n in room}) < 2:
        return None
    one = source.choice(room)
    two = source.choice([n for n in room if n.label != one.label])
    return _relabel(_relabel(diagram, one.id, two.label), two.id, one.label)


def dropped_edge(diagram: Diagram, source: random.Random) -> Diagram | None:
    """A line is not told; frames around messages, which count them, go too."""
    if len(diagram.edges) < 2:
        return None
    at = source.randrange(len(diagram.edges))
    return replace(_unframed(diagram), edges=(*diagram.edges[:at], *diagram.edges[at + 1 :]))


def added_edge(diagram: Diagram, source: random.Random) -> Diagram | None:
    """A line that is not drawn, like one that is."""
    ids = [n.id for n in diagram.nodes if n.label.strip()]
    if len(ids) < 2 or not diagram.edges:
        return None
    start, end = source.sample(ids, 2)
    at = source.randint(0, len(diagram.edges))
    made = Edge(start, end, directed=diagram.edges[0].directed, target_end=diagram.edges[0].target_end)
    return replace(_unframed(diagram), edges=(*diagram.edges[:at], made, *diagram.edges[at:]))


def other_number(diagram: Diagram, source: random.Random) -> Diagram | None:
    """A printed number is another one: "Retry 3" becomes "Retry 5"."""
    nodes = [n for n in diagram.nodes if _NUMBER.search(n.label)]
    edges = [at for at, e in enumerate(diagram.edges) if _NUMBER.search(e.label)]
    if not nodes and not edges:
        return None
    if nodes and (not edges or source.random() < 0.5):
        node = source.choice(nodes)
        return _relabel(diagram, node.id, _counted(node.label, source))
    at = source.choice(edges)
    return _with(diagram, at, replace(diagram.edges[at], label=_counted(diagram.edges[at].label, source)))


def other_kind(diagram: Diagram, source: random.Random) -> Diagram | None:
    """A flowchart is taken for a state diagram, a topology for a block diagram, and back."""
    kind = ALIKE.get(diagram.kind)
    return replace(diagram, kind=kind) if kind is not None else None


CHANGES: dict[str, Change] = {
    "swap": swapped_nodes,
    "drop": dropped_edge,
    "branch": missing_branch,
    "add": added_edge,
    "end": wrong_edge,
    "turn": flipped,
    "swapped labels": swapped_labels,
    "order": wrong_order,
    "count": other_number,
    "kind": other_kind,
}


def _relabel(diagram: Diagram, own: str, label: str) -> Diagram:
    return replace(diagram, nodes=tuple(replace(n, label=label) if n.id == own else n for n in diagram.nodes))


def _with(diagram: Diagram, at: int, edge: Edge) -> Diagram:
    return replace(diagram, edges=(*diagram.edges[:at], edge, *diagram.edges[at + 1 :]))


def _unframed(diagram: Diagram) -> Diagram:
    return replace(diagram, groups=tuple(g for g in diagram.groups if g.kind in ("group", "box")))


def _counted(text: str, source: random.Random) -> str:
    found = source.choice(list(_NUMBER.finditer(text)))
    value = int(found.group())
    other = source.choice([v for v in range(max(0, value - 3), value + 4) if v != value])
    return f"{text[: found.start()]}{other}{text[found.end() :]}"
