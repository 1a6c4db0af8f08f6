"""Sentences on what a frame holds, and on nodes that no line touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.names import listed, quote, sentence

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram

_WORD = {"state": "state", "class": "package"}


def group_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """`Group "X" contains "A", "B" and group "Y".` for every group with a member."""
    word = _WORD.get(str(diagram.kind), "group")
    told = []
    for g in diagram.groups:
        held = [named[n.id] for n in diagram.nodes if n.group == g.id]
        held += [f"{word} {quote(i.label)}" for i in diagram.groups if i.parent == g.id and i.label.strip()]
        if held:
            name = f"{word} {quote(g.label)}" if g.label.strip() else f"an unnamed {word}"
            told.append(sentence(f"{name} contains {listed(held)}"))
    return told


def lone_statement(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Nodes without an edge that no group sentence names, and members of boxes that are not records."""
    touched = {i for e in diagram.edges for i in (e.source, e.target)}
    held = {g.id for g in diagram.groups}
    lone = [
        named[n.id] for n in diagram.nodes if n.id not in touched and n.group not in held and n.label.strip()
    ]
    told = [sentence(f"{listed(lone)} {'stands' if len(lone) == 1 else 'stand'} alone")] if lone else []
    if not diagram.edges and lone:
        told = [sentence(f"it shows {listed(lone)}")]
    for n in diagram.nodes:
        if n.members:
            told.append(sentence(f"{named[n.id]} holds {listed([quote(m) for m in n.members])}"))
    return told
