"""A diagram as Mermaid source that Mermaid's own parser accepts.

In: a Diagram of any kind. Out: one source text, "" for kinds without a grammar or where
nothing was read.
Ids are `n1`, `g1`, ...; every label stands verbatim, with Mermaid's entities for characters that are syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.mermaid_flow import flowchart
from dic_ingest.verbalise.mermaid_packet import packet
from dic_ingest.verbalise.mermaid_records import class_diagram, er_diagram
from dic_ingest.verbalise.mermaid_sequence import sequence
from dic_ingest.verbalise.mermaid_state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from dic_ingest.diagram import Diagram

_WRITERS: dict[str, Callable[[Diagram], str]] = {
    "sequence": sequence,
    "state": state,
    "class": class_diagram,
    "er": er_diagram,
    "timing": packet,
    "chart": lambda _: "",
}


def to_mermaid(diagram: Diagram) -> str:
    """Mermaid source; "" for a chart or an empty graph. Every other kind with nodes is a flowchart."""
    if not diagram.nodes:
        return ""
    return _WRITERS.get(str(diagram.kind), flowchart)(diagram)
