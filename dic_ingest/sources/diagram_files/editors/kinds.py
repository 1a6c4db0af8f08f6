"""What kind of diagram a graph from a file is, told by its shapes and the ends of its lines."""

from __future__ import annotations

from dic_ingest.model.diagram import Diagram, End, Kind

_FEET = frozenset({End.ONE, End.MANY, End.ZERO_OR_ONE, End.ZERO_OR_MANY})
_UML = frozenset({End.TRIANGLE, End.DIAMOND, End.FILLED_DIAMOND})


def kind_of_graph(diagram: Diagram) -> Kind:
    """The kind; BLOCK where nothing speaks for another."""
    ends = [end for e in diagram.edges for end in (e.source_end, e.target_end)]
    shapes = [n.shape for n in diagram.nodes]
    records = sum(bool(n.members) for n in diagram.nodes)
    if sum(end in _FEET for end in ends) > len(diagram.edges) / 2 and ends:
        return Kind.ER
    decisions = shapes.count("diamond")
    if decisions and not records and len(diagram.edges) >= 2:
        return Kind.FLOWCHART  # its arrowheads may be hollow
    if sum(end in _UML for end in ends) >= max(1, len(diagram.edges) / 4):
        return Kind.CLASS
    if records >= max(1, len(shapes) / 2):
        methods = sum("(" in m for n in diagram.nodes for m in n.members)
        return Kind.CLASS if methods or not any(e in _FEET for e in ends) else Kind.ER
    if shapes.count("start") and not decisions:
        return Kind.STATE
    if shapes.count("icon") > len(shapes) / 2:
        return Kind.TOPOLOGY
    return Kind.BLOCK
