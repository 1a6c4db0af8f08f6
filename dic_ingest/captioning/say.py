"""One line of a graph as one sentence, for what a caption got wrong or left out."""

from __future__ import annotations

from dic_ingest.diagram import Diagram, Edge, End, Kind
from dic_ingest.verbalise.names import names, quote, sentence

_PARTS = {End.DIAMOND: "aggregates", End.FILLED_DIAMOND: "is composed of"}


def say_edges(diagram: Diagram, wanted: list[int]) -> list[str]:
    """A sentence for each edge index, in order; edges to unknown ends are left out."""
    named = names(diagram)
    edges = [diagram.edges[i] for i in wanted]
    return [_say(e, diagram.kind, named) for e in edges if e.source in named and e.target in named]


def _say(edge: Edge, kind: Kind, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    label = ", ".join(quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip())
    tail = f" ({label})" if label else ""
    if kind is Kind.SEQUENCE:
        what = label or "an unlabelled message"
        both = not edge.directed or edge.source_end is End.ARROW
        if edge.source == edge.target:
            return sentence(f"{a} sends {what} to itself")
        return sentence(f"{a} and {b} exchange {what}" if both else f"{a} sends {what} to {b}")
    for whole, part, end in ((b, a, edge.target_end), (a, b, edge.source_end)):
        if end is End.TRIANGLE:
            verb = "implements" if edge.style == "dashed" else "inherits from"
            return sentence(f"{part} {verb} {whole}{tail}")
        if end in _PARTS:
            return sentence(f"{whole} {_PARTS[end]} {part}{tail}")
    if not edge.directed:
        return sentence(f"{a} is connected with {b}{tail}")
    if edge.source_end is End.ARROW:
        return sentence(f"{a} is connected in both directions with {b}{tail}")
    if edge.source == edge.target:
        return sentence(f"{a} leads back to itself{tail}")
    return sentence(f"{a} leads to {b}{tail}")
