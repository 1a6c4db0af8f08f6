"""Groups of a diagram as a tree, safe against hostile input: unknown parents, cycles, any depth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Group, Node

DEPTH = 40  # frames nested deeper are written at this depth; Mermaid's parsers recurse


class Tree:
    """Who holds whom. Groups on a cycle of parents count as outermost."""

    def __init__(self, diagram: Diagram) -> None:
        self.groups = {g.id: g for g in diagram.groups}
        self.inner: dict[str | None, list[Group]] = defaultdict(list)
        self.nodes: dict[str | None, list[Node]] = defaultdict(list)
        self._parents = {g.id: g.parent if g.parent in self.groups else None for g in diagram.groups}
        self.parent: dict[str, str | None] = {}
        for g in self.groups.values():
            self.parent[g.id] = self._safe_parent(g.id)
            self.inner[self.parent[g.id]].append(g)
        for n in diagram.nodes:
            self.nodes[n.group if n.group in self.groups else None].append(n)

    def _safe_parent(self, own: str) -> str | None:
        seen, at, steps = {own}, self._parents[own], 0
        while at is not None and steps <= DEPTH:
            if at in seen:
                return None
            seen.add(at)
            at, steps = self._parents[at], steps + 1
        return self._parents[own] if steps <= DEPTH else None

    def walk(self) -> Iterator[tuple[str | None, bool, int]]:
        """Depth first: (group id, entering, depth); None first, for what is in no group."""
        stack: list[tuple[str | None, bool, int]] = [(None, True, 0)]
        while stack:
            own, entering, depth = stack.pop()
            yield own, entering, depth
            if entering:
                stack.append((own, False, depth))
                stack.extend((g.id, True, depth + 1) for g in reversed(self.inner[own]))

    def above(self, own: str | None) -> list[str | None]:
        """The group, its parent, ..., None."""
        chain: list[str | None] = [own if own in self.groups else None]
        while chain[-1] is not None and len(chain) <= DEPTH + 2:
            chain.append(self.parent[chain[-1]])
        return chain
