"""Sequence diagrams in sentences: who takes part, then the messages in order, frames around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.frames import Frame, frames_of
from dic_ingest.verbalise.names import flat, listed, names, quote, sentence

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

_OPEN = {
    "loop": "loop",
    "alt": "alternative",
    "opt": "optional",
    "par": "in parallel",
    "critical": "critical section",
    "break": "break",
}
_NEXT = {"alt": "otherwise", "par": "at the same time", "critical": "option"}


def sequence_statements(diagram: Diagram) -> list[str]:
    """Sentences without line breaks; messages inside frames name the innermost one."""
    named = names(diagram)
    told = _participants(diagram, named)
    around: list[Frame] = []
    for item, edge in _steps(diagram):
        if edge is not None:
            prefix = f"{_frame(around[-1])}: " if around else ""
            told.append(sentence(prefix + _message(edge, item, diagram, named)))
        elif isinstance(item, Frame):
            if item.act != "start":
                around.pop()
            if item.act != "end":
                around.append(item)
    return told


def sequence_lines(diagram: Diagram) -> list[str]:
    """The same as numbered lines, indented inside frames."""
    named = names(diagram)
    lines = _participants(diagram, named)
    depth = count = 0
    for item, edge in _steps(diagram):
        if edge is not None:
            count += 1
            lines.append(f"{'  ' * depth}{count}. {sentence(_message(edge, item, diagram, named))}")
        elif isinstance(item, Frame):
            depth -= item.act != "start"
            if item.act != "end":
                lines.append(f"{'  ' * depth}{sentence(_frame(item) + ':')}")
            depth += item.act != "end"
    return lines


def _steps(diagram: Diagram) -> list[tuple[int | Frame, Edge | None]]:
    return [(i, diagram.edges[i] if isinstance(i, int) else None) for i in frames_of(diagram)]


def _participants(diagram: Diagram, named: dict[str, str]) -> list[str]:
    told = (
        [sentence(f"participants: {listed([named[n.id] for n in diagram.nodes])}")] if diagram.nodes else []
    )
    for g in diagram.groups:
        held = [named[n.id] for n in diagram.nodes if n.group == g.id]
        if held and g.label.strip():
            told.append(sentence(f"{quote(g.label)} holds {listed(held)}"))
    return told


def _frame(frame: Frame) -> str:
    word = (
        _NEXT.get(frame.kind, "otherwise") if frame.act == "else" else _OPEN.get(frame.kind, flat(frame.kind))
    )
    return f"{word} {quote(frame.label)}" if frame.label.strip() else word


def _message(edge: Edge, index: int | Frame, diagram: Diagram, named: dict[str, str]) -> str:
    source, target = named.get(edge.source, "someone outside"), named.get(edge.target, "someone outside")
    said = quote(edge.label) if edge.label.strip() else ""
    if edge.source == edge.target:
        return f"{source} sends {said or 'an unlabelled message'} to itself"
    if not edge.directed or (str(edge.source_end) == "arrow" and str(edge.target_end) == "arrow"):
        return f"{source} and {target} exchange {said or 'unlabelled messages'}"
    lost = " (it is lost)" if str(edge.target_end) == "cross" else ""
    if edge.style == "dashed" and isinstance(index, int) and _asked(diagram, index):
        return f"{source} returns {said + ' ' if said else ''}to {target}{lost}"
    return f"{source} sends {said or 'an unlabelled message'} to {target}{lost}"


def _asked(diagram: Diagram, index: int) -> bool:
    """Whether an earlier message went the other way, so that a dashed one is its answer."""
    edge = diagram.edges[index]
    return any(e.source == edge.target and e.target == edge.source for e in diagram.edges[:index])
