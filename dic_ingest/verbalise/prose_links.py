"""Block and topology diagrams: what connects to what, one sentence for each source."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dic_ingest.verbalise.names import listed, quote, sentence

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

_SAID = {
    "one": "connects to",
    "both": "is connected in both directions with",
    "none": "is connected with",
}


def link_statements(diagram: Diagram, named: dict[str, str]) -> list[str]:
    """Edges in drawn order, those of one source and manner together."""
    bundles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for e in diagram.edges:
        if e.source in named and e.target in named:
            bundles[e.source, _manner(e)].append(_target(e, named))
    return [sentence(f"{named[s]} {_SAID[how]} {listed(ends)}") for (s, how), ends in bundles.items()]


def _manner(edge: Edge) -> str:
    if not edge.directed:
        return "none"
    return "both" if str(edge.source_end) == "arrow" and str(edge.target_end) == "arrow" else "one"


def _target(edge: Edge, named: dict[str, str]) -> str:
    name = "itself" if edge.source == edge.target else named[edge.target]
    printed = [quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip()]
    return f"{name} ({', '.join(printed)})" if printed else name
