"""A diagram as plain values for drawing it over its crop: outlines of nodes, lines, extent."""

from __future__ import annotations

from typing import Any

from dic_ingest.diagram import Diagram
from dic_ingest.drawing import Box, union

MAX_ITEMS = 3000
SLACK = 1.06  # how far outlines may stand out of the crop before they are taken for another scale


def graph_values(diagram: Diagram, size: tuple[float, float] | None) -> dict[str, Any]:
    """Counts, notes and what was left unread; places of nodes and edges where they fit a crop of `size`."""
    extent = extent_of(diagram)
    fits = size is not None and extent is not None and _within(extent, size)
    values: dict[str, Any] = {
        "kind": str(diagram.kind),
        "counts": [len(diagram.nodes), len(diagram.edges), len(diagram.groups)],
        "title": diagram.title,
        "notes": list(diagram.notes),
        "unread": list(diagram.unread),
        "placed": fits,
    }
    if fits:
        values["nodes"] = [
            {"label": n.label, "box": rounded(n.bbox), "shape": n.shape} for n in diagram.nodes[:MAX_ITEMS]
        ]
        values["edges"] = [
            {
                "path": [round(v, 1) for point in e.path for v in point],
                "dashed": e.style == "dashed",
                "label": e.label,
                "ends": [str(e.source_end), str(e.target_end)],
            }
            for e in diagram.edges[:MAX_ITEMS]
        ]
        values["groups"] = [{"label": g.label, "box": rounded(g.bbox)} for g in diagram.groups[:MAX_ITEMS]]
    return values


def extent_of(diagram: Diagram) -> Box | None:
    """The box around everything that has a place; None where nothing has."""
    placed = [*(n.bbox for n in diagram.nodes), *(g.bbox for g in diagram.groups)]
    boxes = [b for b in placed if b is not None]
    boxes += [(x, y, x, y) for e in diagram.edges for x, y in e.path]
    return union(boxes) if boxes else None


def rounded(box: Box | None) -> list[float] | None:
    """A box with a tenth of a point's precision."""
    return None if box is None else [round(v, 1) for v in box]


def _within(extent: Box, size: tuple[float, float]) -> bool:
    return extent[2] <= size[0] * SLACK and extent[3] <= size[1] * SLACK
