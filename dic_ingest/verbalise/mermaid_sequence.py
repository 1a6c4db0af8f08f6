"""Sequence diagrams as Mermaid source: participants, messages in order, frames, activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.frames import Frame, frames_of
from dic_ingest.verbalise.mermaid_text import bare, comments, numbered

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

# frames that Mermaid has; any other (ref, group, neg, ...) is written as an opt with its word in the label
_OPENING = {
    "loop": "loop",
    "alt": "alt",
    "opt": "opt",
    "par": "par",
    "critical": "critical",
    "break": "break",
}
_MORE = {"alt": "else", "par": "and", "critical": "option"}


def sequence(diagram: Diagram) -> str:
    """Source in the order of the messages; a message whose ends are unknown is left out."""
    ids = numbered("p", (n.id for n in diagram.nodes))
    lines = ["sequenceDiagram", *_participants(diagram, ids)]
    depth = 1
    for item in frames_of(diagram):
        if isinstance(item, int):
            edge = diagram.edges[item]
            if edge.source in ids and edge.target in ids:
                pad = "    " * depth
                lines.append(f"{pad}{ids[edge.source]}{_arrow(edge)}{ids[edge.target]}: {bare(edge.label)}")
        else:
            depth += -1 if item.act in ("else", "end") else 0
            lines.append("    " * depth + _frame(item))
            depth += 1 if item.act != "end" else 0
    return "\n".join([*lines, *comments(diagram.notes, "note")]) + "\n"


def _participants(diagram: Diagram, ids: dict[str, str]) -> list[str]:
    """Declarations from left to right, a box around those that stand together in one."""
    lines, open_box = [], None
    boxes = {g.id: g for g in diagram.groups if g.kind in ("box", "group")}
    closed: set[str] = set()
    for n in diagram.nodes:
        wanted = n.group if n.group in boxes and n.group not in closed else None
        if wanted != open_box:
            if open_box is not None:
                lines.append("    end")
                closed.add(open_box)
            if wanted is not None:
                lines.append(f"    box transparent {bare(boxes[wanted].label)}")
            open_box = wanted
        word = "actor" if n.shape == "actor" else "participant"
        lines.append(f"    {word} {ids[n.id]} as {bare(n.label)}")
    return [*lines, "    end"] if open_box is not None else lines


def _arrow(edge: Edge) -> str:
    dashes = "--" if edge.style == "dashed" else "-"
    if str(edge.target_end) == "cross":
        return f"{dashes}x"
    if not edge.directed or str(edge.target_end) == "none":
        return f"{dashes}>"
    both = str(edge.source_end) == "arrow" and edge.source != edge.target
    return f"<<{dashes}>>" if both else f"{dashes}>>"


def _frame(frame: Frame) -> str:
    if frame.act == "end":
        return "end"
    if frame.act == "else":
        return f"{_MORE.get(frame.kind, 'else')} {bare(frame.label)}"
    word = _OPENING.get(frame.kind)
    return f"{word} {bare(frame.label)}" if word else f"opt {bare(f'{frame.kind} {frame.label}'.strip())}"
