"""Loop/alt/opt frames around messages as a properly nested stream of openings, separators and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Group

DIVIDED = ("alt", "par", "critical")
DEPTH = 30


@dataclass(frozen=True, slots=True)
class Frame:
    """A step of the stream. `act` is "start", "else" or "end"; `kind` and `label` are the frame's own."""

    act: str
    kind: str
    label: str


def frames_of(diagram: Diagram) -> list[int | Frame]:
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
    out: list[int | Frame] = []
    stack: list[tuple[Group, int]] = []
    waiting = frames[::-1]
    for index in range(count):
        if stack:
            owner = stack[-1][0]
            found = [label for at, label in sections.get(owner.id, ()) if at == index]
            out += [Frame("else", owner.kind, label) for label in found if index > spans[owner.id][0]]
        while waiting and spans[waiting[-1].id][0] <= index:
            frame = waiting.pop()
            if len(stack) < DEPTH:
                last = min([spans[frame.id][1], *(end for _, end in stack)])
                stack.append((frame, last))
                out.append(Frame("start", frame.kind, frame.label))
        out.append(index)
        while stack and stack[-1][1] <= index:
            frame, _ = stack.pop()
            out.append(Frame("end", frame.kind, frame.label))
    return out


def _span(group: Group, count: int) -> tuple[int, int] | None:
    inside = [i for i in group.edges if 0 <= i < count]
    return (min(inside), max(inside)) if inside else None
