"""Flowcharts and state machines in reading order: chains, decisions with their branches, loops back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dic_ingest.verbalise.names import listed, quote, sentence

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

_DECISIONS = ("diamond", "choice")


def flow_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """One sentence for each node that leads on, unbranched runs joined, in the order the flow is walked."""
    flow = _Flow(diagram, named)
    return [s for own in flow.order if (s := flow.statement(own))]


class _Flow:
    """Directed edges by source, the walk's order, and which edges return to a node still being walked."""

    def __init__(self, diagram: Diagram, named: dict[str, str]) -> None:
        self.named = named
        self.shapes = {n.id: n.shape for n in diagram.nodes}
        self.state = str(diagram.kind) == "state"
        self.out: defaultdict[str, list[Edge]] = defaultdict(list)
        self.into: defaultdict[str, int] = defaultdict(int)
        for e in diagram.edges:
            if e.source in named and e.target in named:
                self.out[e.source].append(e)
                self.into[e.target] += 1
        ids = [n.id for n in diagram.nodes] + [g.id for g in diagram.groups]
        self.back: set[int] = set()
        self.order = self._walk([i for i in ids if not self.into[i]] + ids)
        self.chained: set[str] = set()

    def _walk(self, roots: list[str]) -> list[str]:
        order: list[str] = []
        seen: set[str] = set()
        for root in roots:
            if root in seen:
                continue
            seen.add(root)
            order.append(root)
            path, stack = {root}, [(root, iter(self.out[root]))]
            while stack:
                own, edges = stack[-1]
                edge = next(edges, None)
                if edge is None:
                    stack.pop()
                    path.discard(own)
                elif edge.target in path:
                    self.back.add(id(edge))
                elif edge.target not in seen:
                    seen.add(edge.target)
                    path.add(edge.target)
                    order.append(edge.target)
                    stack.append((edge.target, iter(self.out[edge.target])))
        return order

    def statement(self, own: str) -> str:
        edges = self.out[own]
        if own in self.chained or not edges:
            return ""
        if self.shapes.get(own) in _DECISIONS and len(edges) > 1 and all(_one_way(e) for e in edges):
            return self._decision(own, edges)
        loose = [self._other(e) for e in edges if not _one_way(e)]
        straight = [e for e in edges if _one_way(e)]
        told = [self._onward(own, straight)] if straight else []
        return " ".join(sentence(t) for t in [*told, *loose])

    def _decision(self, own: str, edges: list[Edge]) -> str:
        parts = [f"{_by(e) or 'an unlabelled branch'} leads {self._to(e)}" for e in edges]
        return sentence(f"at the decision {self.named[own]}: {'; '.join(parts)}")

    def _onward(self, own: str, edges: list[Edge]) -> str:
        name = self.named[own]
        if len(edges) == 1 and not _by(edges[0]):
            return f"{name} leads {self._to(edges[0])}{self._run(edges[0])}"
        if self.state and all(_by(e) for e in edges):
            return f"from {name}, {listed([f'{_by(e)} leads {self._to(e)}' for e in edges])}"
        return f"{name} leads {listed([self._to(e) + (f' ({_by(e)})' if _by(e) else '') for e in edges])}"

    def _run(self, edge: Edge) -> str:
        """`, then "C", then "D"` while the way on is unlabelled and the only one."""
        text, at = "", edge
        while id(at) not in self.back and self.into[at.target] == 1 and at.target not in self.chained:
            ahead = self.out[at.target]
            if len(ahead) != 1 or _by(ahead[0]) or not _one_way(ahead[0]):
                break
            self.chained.add(at.target)
            at = ahead[0]
            text += f", then {'back to ' if id(at) in self.back else ''}{self.named[at.target]}"
        return text

    def _to(self, edge: Edge) -> str:
        if edge.source == edge.target:
            return "back to itself"
        return f"{'back to' if id(edge) in self.back else 'to'} {self.named[edge.target]}"

    def _other(self, edge: Edge) -> str:
        how = "in both directions with" if edge.directed else "with"
        label = f" ({_by(edge)})" if _by(edge) else ""
        return f"{self.named[edge.source]} is connected {how} {self.named[edge.target]}{label}"


def _one_way(edge: Edge) -> bool:
    return edge.directed and str(edge.source_end) != "arrow"


def _by(edge: Edge) -> str:
    return ", ".join(quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip())
