"""Class and entity-relationship diagrams in sentences: members, relations, cardinalities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.names import flat, quote, sentence

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

_COUNTS = {
    "one": "exactly one",
    "zero-or-one": "zero or one",
    "many": "one or many",
    "zero-or-many": "zero or many",
}


def class_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Each class with its members, then each relation by the meaning of its ends."""
    return [*_records(diagram, named, "class"), *(_relation(e, named) for e in _known(diagram, named))]


def er_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Each entity with its attributes, then each relation with how many of either side."""
    return [*_records(diagram, named, "entity"), *(_er_relation(e, named) for e in _known(diagram, named))]


def _known(diagram: Diagram, named: dict[str, str]) -> list[Edge]:
    return [e for e in diagram.edges if e.source in named and e.target in named]


def _records(diagram: Diagram, named: dict[str, str], word: str) -> list[str]:
    touched = {i for e in diagram.edges for i in (e.source, e.target)}
    told = []
    for n in diagram.nodes:
        members = "; ".join(flat(m) for m in n.members if m.strip())
        if members:
            told.append(sentence(f"{word} {named[n.id]} has {members}"))
        elif n.id not in touched:
            told.append(sentence(f"{word} {named[n.id]} has no relation drawn"))
    return told


def _relation(edge: Edge, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    ends = str(edge.source_end), str(edge.target_end)
    for whole, part, end in ((b, a, ends[1]), (a, b, ends[0])):
        if end == "triangle":
            return sentence(
                f"{part} {'implements' if edge.style == 'dashed' else 'inherits from'} {whole}{_tail(edge)}"
            )
        if end in ("diamond", "filled-diamond"):
            verb = "is composed of" if end == "filled-diamond" else "aggregates"
            return sentence(f"{whole} {verb} {part}{_tail(edge)}")
    if edge.directed and ends != ("arrow", "arrow"):
        verb = "depends on" if edge.style == "dashed" else "refers to"
        return sentence(f"{a} {verb} {b}{_tail(edge)}")
    return sentence(f"{a} and {b} are associated{_tail(edge)}")


def _tail(edge: Edge) -> str:
    facts = [quote(edge.label)] if edge.label.strip() else []
    if edge.source_label.strip() or edge.target_label.strip():
        facts.append(
            " to ".join(quote(t) if t.strip() else "unmarked" for t in (edge.source_label, edge.target_label))
        )
    return f" ({', '.join(facts)})" if facts else ""


def _er_relation(edge: Edge, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    label = f" {quote(edge.label)}" if edge.label.strip() else " is related to"
    text = f"{a}{label} {b}"
    counts = _count(str(edge.source_end), edge.source_label), _count(str(edge.target_end), edge.target_label)
    if any(counts):
        text += f": {counts[0] or 'any number of'} {a} to {counts[1] or 'any number of'} {b}"
    return sentence(text)


def _count(end: str, printed: str) -> str:
    said = _COUNTS.get(end, "")
    extra = quote(printed) if printed.strip() else ""
    return " ".join(filter(None, (said, extra)))
