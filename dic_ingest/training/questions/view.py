"""A diagram as questions see it: boxes with names of their own, lines between them, as networkx graphs.

In: a Diagram. Out: `View`, and `Asked`: a question with its answer and what proves it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import networkx as nx

from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.render.names import flat

OPTIONS = 4


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question. `options`: four with the answer among them, or none; `proof`: the lines it follows from."""

    level: str
    topic: str
    question: str
    answer: str
    proof: str
    options: tuple[str, ...] = ()


class DiagramView:
    """Names and lines of one diagram. Boxes without a name, or with another's, are never asked for."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.kind = diagram.kind
        labels = {n.id: flat(n.label) for n in diagram.nodes}
        count = Counter(text.casefold() for text in labels.values())
        self.names = {i: t for i, t in labels.items() if t and count[t.casefold()] == 1}
        self.edges = [e for e in diagram.edges if e.source in labels and e.target in labels]
        self.directed = any(e.directed for e in self.edges) and diagram.kind not in (Kind.ER, Kind.CLASS)
        self.graph = self._graph()

    def _graph(self) -> Any:
        """Ways one can go; lines without a direction go both ways."""
        graph = nx.DiGraph()
        graph.add_nodes_from(n.id for n in self.diagram.nodes)
        for e in self.edges:
            graph.add_edge(e.source, e.target)
            if not self.directed or not e.directed or e.source_end is End.ARROW:
                graph.add_edge(e.target, e.source)
        return graph

    def others(self, *left_out: str) -> list[str]:
        """Names of all other boxes."""
        return [name for own, name in self.names.items() if own not in left_out]

    def line(self, edge: Edge) -> str:
        """A line in words, for proofs."""
        arrow = "->" if edge.directed else "--"
        label = f" ({flat(edge.label)})" if edge.label.strip() else ""
        return f"{self.names.get(edge.source, '?')} {arrow} {self.names.get(edge.target, '?')}{label}"

    def out(self, own: str) -> list[Edge]:
        """Lines that leave a box, those that run both ways too."""
        both = [e for e in self.edges if e.target == own and (e.source_end is End.ARROW or not e.directed)]
        return [e for e in self.edges if e.source == own] + both

    @property
    def box(self) -> str:
        """What a box of this kind is called."""
        called = {
            Kind.SEQUENCE: "participant", Kind.STATE: "state", Kind.CLASS: "class", Kind.ER: "entity",
            Kind.TOPOLOGY: "device", Kind.FLOWCHART: "step", Kind.BLOCK: "component",
        }  # fmt: skip
        return called.get(self.kind, "box")


def with_options(rng: random.Random, answer: str, wrong: Iterable[str]) -> tuple[str, ...]:
    """The answer among three wrong ones in any order; () where there are not enough."""
    known = {answer.casefold()}
    free: list[str] = []
    for text in wrong:
        if text.casefold() not in known:
            known.add(text.casefold())
            free.append(text)
    if len(free) < OPTIONS - 1:
        return ()
    chosen = [answer, *rng.sample(free, OPTIONS - 1)]
    rng.shuffle(chosen)
    return tuple(chosen)
