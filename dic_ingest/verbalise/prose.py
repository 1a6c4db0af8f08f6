"""The logical text of a diagram: what an expert would say of it, every label verbatim, nothing added.

In: a Diagram and the figure's printed caption. Out: plain text; short drawings give one paragraph,
larger ones lines. `split_text` cuts a long text for an embedder. Each statement can be checked by the graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.names import flat, names, quote, sentence
from dic_ingest.verbalise.prose_flow import flow_statements
from dic_ingest.verbalise.prose_groups import group_statements, lone_statement
from dic_ingest.verbalise.prose_links import link_statements
from dic_ingest.verbalise.prose_records import class_statements, er_statements
from dic_ingest.verbalise.prose_sequence import sequence_lines, sequence_statements
from dic_ingest.verbalise.split import split_text

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram

__all__ = ["split_text", "to_text"]

SHORT = 6  # up to so many statements stand in one paragraph
_CALLED = {
    "flowchart": "flowchart",
    "sequence": "sequence diagram",
    "state": "state diagram",
    "class": "class diagram",
    "er": "entity-relationship diagram",
    "topology": "topology diagram",
    "block": "block diagram",
    "timing": "bit-field or timing layout",
    "chart": "chart",
}


def to_text(diagram: Diagram, caption: str = "") -> str:
    """What the figure is about (printed caption, title), then its logic in reading order."""
    head = _head(diagram, caption)
    statements = _statements(diagram)
    rest = _rest(diagram)
    if len(statements) + len(rest) <= SHORT:
        return " ".join([head, *statements, *rest])
    lines = sequence_lines(diagram) if str(diagram.kind) == "sequence" else [f"- {s}" for s in statements]
    return "\n".join([head, *lines, *(f"- {s}" for s in rest)])


def _head(diagram: Diagram, caption: str) -> str:
    called = _CALLED.get(str(diagram.kind), "figure")
    about = flat(caption)
    title = flat(diagram.title)
    if title and title.casefold() not in about.casefold():
        called = f"{called} {quote(title)}"
    if not about:
        return sentence(called)
    return f"{sentence(about)} {sentence(called)}"


def _statements(diagram: Diagram) -> list[str]:
    kind = str(diagram.kind)
    if kind == "sequence":
        return sequence_statements(diagram)
    named = names(diagram)
    lone = lone_statement(diagram, named)
    if kind == "chart":
        return []
    if kind == "timing":
        return _fields(diagram, named)
    if kind == "class":
        body = class_statements(diagram, named)
    elif kind == "er":
        body = er_statements(diagram, named)
    elif kind in ("flowchart", "state") and any(e.directed for e in diagram.edges):
        body = [*flow_statements(diagram, named), *lone]
    else:
        body = [*link_statements(diagram, named), *lone]
    return [*body, *group_statements(diagram, named)]


def _fields(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Fields in order, each with its bits or bytes, then what links them."""
    told = []
    for n in diagram.nodes:
        facts = ", ".join(flat(m) for m in n.members if m.strip())
        told.append(sentence(f"{named[n.id]}: {facts}" if facts else named[n.id]))
    return [*told, *link_statements(diagram, named), *group_statements(diagram, named)]


def _rest(diagram: Diagram) -> list[str]:
    if str(diagram.kind) == "chart":
        told = [sentence(flat(n)) for n in diagram.notes if n.strip()]
    else:
        told = [f"Note: {sentence(quote(n))}" for n in diagram.notes if n.strip()]
    return told + [f"Not readable: {sentence(flat(u))}" for u in diagram.unread if u.strip()]
