"""Where a figure's nodes and edges stand on its page.

In: a figure whose description has a graph. Out: the same graph with boxes and paths in points of the page as
shown. The description counts from the corner of the crop, which may have been turned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Figure


def on_page(figure: Figure) -> Diagram | None:
    """The figure's graph in points of its page, None where it has none."""
    graph = figure.description.diagram if figure.description else None
    box = figure.crop_bbox or figure.bbox
    if graph is None or box is None:
        return graph
    return graph.mapped(_unturned(box, figure.rotation))


def _unturned(box: Box, rotation: int) -> Callable[[float, float], Point]:
    """From a crop turned clockwise by `rotation` degrees back to the page."""
    x0, y0, x1, y1 = box
    moves: dict[int, Callable[[float, float], Point]] = {
        90: lambda x, y: (x0 + y, y1 - x),
        180: lambda x, y: (x1 - x, y1 - y),
        270: lambda x, y: (x1 - y, y0 + x),
    }
    return moves.get(rotation % 360, lambda x, y: (x0 + x, y0 + y))


def rounded(box: Box | None) -> list[float] | None:
    """A box to a tenth of its unit, as JSON has it."""
    return [round(v, 1) for v in box] if box is not None else None


def graph_values(graph: Diagram) -> dict[str, list[dict[str, Any]]]:
    """Nodes, edges and groups of a graph as plain values with their places.

    A group that an edge ends on stands among the nodes, too, marked `"group": true`; an edge with arrowheads
    at both ends is two.
    """
    nodes: list[dict[str, Any]] = [
        {"id": n.id, "label": n.label, "shape": n.shape, "bbox": rounded(n.bbox), "parent": n.group}
        for n in graph.nodes
    ]
    nodes += [
        {
            "id": g.id,
            "label": g.label,
            "shape": "group",
            "bbox": rounded(g.bbox),
            "parent": g.parent,
            "group": True,
        }
        for g in graph.linked_groups()
    ]
    edges = [
        {
            "source": e.source,
            "target": e.target,
            "label": e.label,
            "directed": e.directed,
            "source_label": e.source_label,
            "target_label": e.target_label,
            "points": [[round(x, 1), round(y, 1)] for x, y in e.path],
        }
        for e in graph.arrows()
    ]
    groups = [
        {"id": g.id, "label": g.label, "parent": g.parent, "bbox": rounded(g.bbox)} for g in graph.groups
    ]
    return {"nodes": nodes, "edges": edges, "groups": groups}
