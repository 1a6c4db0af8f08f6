"""A diagram as PlantUML source: sequences, states, classes, entities, and deployment diagrams for the rest.

In: a Diagram (no flowchart: its decisions cannot be labelled there) and a look. Out: one source text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node
from dic_ingest.render.nesting import FrameStep, Tree, frames_of
from dic_ingest.training.synthesise.drawing.render_style import Look, active

_BOXES = {
    "circle": "cloud",
    "cylinder": "database",
    "hexagon": "node",
    "stadium": "card",
    "rounded": "component",
}
_LEFT = {
    End.NONE: "", End.ARROW: "<", End.TRIANGLE: "<|", End.DIAMOND: "o", End.FILLED_DIAMOND: "*",
    End.ONE: "||", End.ZERO_OR_ONE: "|o", End.MANY: "}|", End.ZERO_OR_MANY: "}o",
}  # fmt: skip
_RIGHT = {
    End.NONE: "", End.ARROW: ">", End.TRIANGLE: "|>", End.DIAMOND: "o", End.FILLED_DIAMOND: "*",
    End.ONE: "||", End.ZERO_OR_ONE: "o|", End.MANY: "|{", End.ZERO_OR_MANY: "o{",
}  # fmt: skip
_MARKUP = re.compile(r'["<>%~\\]|(?<=([*/_\-"#=.]))\1')


def to_plantuml(diagram: Diagram, look: Look) -> str:
    """PlantUML source of a diagram."""
    lines = ["@startuml", *_skin(look)]
    if diagram.direction in ("LR", "RL") and diagram.kind is not Kind.SEQUENCE:
        lines.append("left to right direction")
    if diagram.title:
        lines.append(f"title {_text(diagram.title)}")
    if diagram.kind is Kind.SEQUENCE:
        return "\n".join([*lines, *_sequence(diagram, look), "@enduml"]) + "\n"
    writer = {
        Kind.STATE: _state, Kind.CLASS: _records, Kind.ER: _records,
    }.get(diagram.kind, _deployment)  # fmt: skip
    return "\n".join([*lines, *writer(diagram), "@enduml"]) + "\n"


def _skin(look: Look) -> list[str]:
    lines = [
        f"skinparam dpi {round(100 * look.scale)}",
        f"skinparam defaultFontName {look.font}",
        "skinparam backgroundColor white",
        f"skinparam monochrome {str(look.theme == 'neutral').lower()}",
        f"skinparam shadowing {str(look.theme == 'forest').lower()}",
        "hide empty members",
    ]
    return lines + (["skinparam handwritten true"] if look.hand_drawn else [])


def _text(label: str) -> str:
    """The label on one line, with characters that are markup as code points."""
    flat = " ".join(label.split())
    return _MARKUP.sub(lambda m: f"<U+{ord(m[0]):04X}>", flat)


def _sequence(diagram: Diagram, look: Look) -> Iterator[str]:
    ids = {n.id: f"p{i}" for i, n in enumerate(diagram.nodes)}
    for n in diagram.nodes:
        yield f'{"actor" if n.shape == "actor" else "participant"} "{_text(n.label)}" as {ids[n.id]}'
    notes = {n.at: n for n in diagram.placed_notes}
    bars = active(diagram) if look.activation else []
    for item in frames_of(diagram):
        if not isinstance(item, FrameStep) and (note := notes.get(item)):
            yield f"note over {', '.join(ids[w] for w in note.over)} : {_text(note.text)}"
        if isinstance(item, FrameStep):
            word = {"start": item.kind, "else": "else", "end": "end"}[item.act]
            yield word if item.act == "end" else f"{word} {_text(item.label)}"
        else:
            e = diagram.edges[item]
            arrow = "-->" if e.style == "dashed" else "->"
            yield f"{ids[e.source]} {arrow} {ids[e.target]} : {_text(e.label)}"
            yield from (f"activate {ids[who]}" for who, first, _ in bars if first == item)
            yield from (f"deactivate {ids[who]}" for who, _, last in bars if last == item)


def _state(diagram: Diagram) -> Iterator[str]:
    ids = {n.id: f"s{i}" for i, n in enumerate(diagram.nodes)}
    ids |= {n.id: "[*]" for n in diagram.nodes if n.shape in ("start", "end") and not n.label.strip()}
    tree = Tree(diagram)
    for at, (own, entering, _) in enumerate(tree.walk()):
        if own is not None and not entering:
            yield "}"
        elif entering:
            if own is not None:
                yield f'state "{_text(tree.groups[own].label)}" as g{at} {{'
            yield from (
                f'state "{_text(n.label)}" as {ids[n.id]}' for n in tree.nodes[own] if ids[n.id] != "[*]"
            )
    for e in diagram.edges:
        yield f"{ids[e.source]} --> {ids[e.target]}{_said(e)}"


def _records(diagram: Diagram) -> Iterator[str]:
    ids = {n.id: f"c{i}" for i, n in enumerate(diagram.nodes)}
    word = "class" if diagram.kind is Kind.CLASS else "entity"
    if word == "entity":
        yield "hide circle"
    for n in diagram.nodes:
        yield f'{word} "{_text(n.label)}" as {ids[n.id]} {{'
        yield from (f"  {_member(m)}" for m in n.members)
        yield "}"
    for e in diagram.edges:
        line = f"{_LEFT[e.source_end]}{'..' if e.style == 'dashed' else '--'}{_RIGHT[e.target_end]}"
        one, other = (f'"{_text(t)}" ' if t.strip() else "" for t in (e.source_label, e.target_label))
        yield f"{ids[e.source]} {one}{line} {other}{ids[e.target]}{_said(e)}"


def _member(text: str) -> str:
    """A member as it stands: a first sign would be a mark of visibility, a comment or a directive."""
    return _text(text) if text[:1].isalnum() else f"<U+{ord(text[0]):04X}>{_text(text[1:])}" if text else ""


def _deployment(diagram: Diagram) -> Iterator[str]:
    ids = {n.id: f"n{i}" for i, n in enumerate(diagram.nodes)}
    tree = Tree(diagram)
    for at, (own, entering, _) in enumerate(tree.walk()):
        if own is not None and not entering:
            yield "}"
        elif entering:
            if own is not None:
                yield f'frame "{_text(tree.groups[own].label)}" as g{at} {{'
            yield from (_box(n, ids[n.id]) for n in tree.nodes[own])
    for e in diagram.edges:
        ends = ("<" if e.source_end is End.ARROW else "", ">" if e.directed else "")
        line = {"dashed": "..", "thick": "-[bold]-"}.get(e.style, "--")
        yield f"{ids[e.source]} {ends[0]}{line}{ends[1]} {ids[e.target]}{_said(e)}"


def _box(node: Node, own: str) -> str:
    return f'{_BOXES.get(node.shape, "rectangle")} "{_text(node.label)}" as {own}'


def _said(edge: Edge) -> str:
    return f" : {_text(edge.label)}" if edge.label.strip() else ""
