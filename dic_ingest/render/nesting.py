"""Groups of a diagram as a tree and frames around messages as a properly nested stream, safe against
hostile input.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram, Group, Node

# Groups of a diagram as a tree, safe against hostile input: unknown parents, cycles, any depth.


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


# Loop/alt/opt frames around messages as a properly nested stream of openings, separators and ends.


DIVIDED = ("alt", "par", "critical")
FRAMES_DEPTH = 30


@dataclass(frozen=True, slots=True)
class FrameStep:
    """A step of the stream. `act` is "start", "else" or "end"; `kind` and `label` are the frame's own."""

    act: str
    kind: str
    label: str


def frames_of(diagram: Diagram) -> list[int | FrameStep]:
    """Message indexes in order with the frames' steps between them.

    A frame spans its first to its last message; a group of kind "else" opens the next section of its parent.
    Frames that cross (misread ones) are cut to what nests.
    """
    count = len(diagram.edges)
    spans = {g.id: s for g in diagram.groups if (s := _span(g, count)) is not None}
    groups = {g.id: g for g in diagram.groups}
    frames = [g for g in diagram.groups if g.id in spans and g.kind not in ("box", "group", "else")]
    frames.sort(key=lambda g: (spans[g.id][0], -spans[g.id][1]))
    sections: dict[str, list[tuple[int, str]]] = {}
    for g in diagram.groups:
        if g.kind == "else" and g.id in spans and g.parent in groups and groups[g.parent].kind in DIVIDED:
            sections.setdefault(g.parent, []).append((spans[g.id][0], g.label))
    out: list[int | FrameStep] = []
    stack: list[tuple[Group, int]] = []
    waiting = frames[::-1]
    for index in range(count):
        if stack:
            owner = stack[-1][0]
            found = [label for at, label in sections.get(owner.id, ()) if at == index]
            out += [FrameStep("else", owner.kind, label) for label in found if index > spans[owner.id][0]]
        while waiting and spans[waiting[-1].id][0] <= index:
            frame = waiting.pop()
            if len(stack) < FRAMES_DEPTH:
                last = min([spans[frame.id][1], *(end for _, end in stack)])
                stack.append((frame, last))
                out.append(FrameStep("start", frame.kind, frame.label))
        out.append(index)
        while stack and stack[-1][1] <= index:
            frame, _ = stack.pop()
            out.append(FrameStep("end", frame.kind, frame.label))
    return out


def _span(group: Group, count: int) -> tuple[int, int] | None:
    inside = [i for i in group.edges if 0 <= i < count]
    return (min(inside), max(inside)) if inside else None
