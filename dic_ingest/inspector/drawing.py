"""A diagram drawn again: as plain values over its crop, and as one inline SVG."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from dic_ingest.model.box import Box, Point, center, height_of, union, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Node

# A diagram as plain values for drawing it over its crop: outlines of nodes, lines, extent.


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
            {"label": n.label, "box": rounded(n.bbox), "shape": n.shape, "at": [k]}
            for k, n in enumerate(diagram.nodes[:MAX_ITEMS])
        ]
        places = _indexes(diagram)
        values["edges"] = [
            {
                "path": [round(v, 1) for point in e.path for v in point],
                "dashed": e.style == "dashed",
                "label": e.label,
                "ends": [str(e.source_end), str(e.target_end)],
                "at": places["edges"][k],
            }
            for k, e in enumerate(diagram.edges[:MAX_ITEMS])
        ]
        values["groups"] = [
            {"label": g.label, "box": rounded(g.bbox), "at": places["groups"][k]}
            for k, g in enumerate(diagram.groups[:MAX_ITEMS])
        ]
    return values


def _indexes(diagram: Diagram) -> dict[str, list[list[int]]]:
    """For edges and groups, where they stand in the `graph` of the figure's node.

    There an edge with arrowheads at both ends is two, and groups that edges end on follow the nodes.
    """
    names = {n.id for n in diagram.nodes} | {g.id for g in diagram.groups}
    edges, count = [], 0
    for edge in diagram.edges:
        twice = edge.directed and edge.source_end == edge.target_end == End.ARROW
        times = (2 if twice else 1) if {edge.source, edge.target} <= names else 0
        edges.append(list(range(count, count + times)))
        count += times
    linked = [g.id for g in diagram.linked_groups()]
    first = len(diagram.nodes)
    groups = [[first + linked.index(g.id)] if g.id in linked else [] for g in diagram.groups]
    return {"edges": edges, "groups": groups}


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


# A diagram as one inline SVG: nodes where they stand in the drawing, lines as they run, labels fitted.


PAD = 8.0
SIZES = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0)  # of labels, in the drawing's units
BESIDE = 40  # letters of a label that may stand below its node where it does not fit inside
WIDE = 0.56  # width of an average letter, in sizes
LEADING = 1.2
MAX_DRAWN = 1500
BACK = "var(--jp-layout-color0, var(--vscode-editor-background, Canvas))"
ROUND = {"circle", "ellipse", "start", "end"}
SOFT = {"rounded": 4.0, "stadium": 99.0, "cylinder": 6.0}


def diagram_svg(diagram: Diagram) -> str:
    """The graph drawn in place; "" where fewer than half of the nodes have a place."""
    placed = [n for n in diagram.nodes if n.bbox is not None][:MAX_DRAWN]
    extent = extent_of(diagram)
    if extent is None or not placed or 2 * len(placed) < len(diagram.nodes):
        return ""
    if not all(map(math.isfinite, extent)):
        return ""
    width, height = (width_of(extent) + 2 * PAD, height_of(extent) + 2 * PAD)
    unit = max(width, height, 1.0) / 500.0 if max(width, height) > 900 else 1.0
    parts = [*_groups(diagram.groups, unit), *_lifelines(diagram, extent, unit)]
    places = {n.id: n.bbox for n in placed if n.bbox} | {g.id: g.bbox for g in diagram.groups if g.bbox}
    for edge in diagram.edges[:MAX_DRAWN]:
        parts += _edge(edge, places, unit)
    for node in placed:
        parts += _node(node, unit)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{extent[0] - PAD:.1f} {extent[1] - PAD:.1f} '
        f'{width:.1f} {height:.1f}" style="width:{1.25 * width / unit:.0f}px;max-width:100%;height:auto;'
        f'overflow:visible" '
        f'font-family="sans-serif" fill="none" stroke="currentColor" stroke-width="{unit:.2f}" '
        f'role="img" aria-label="{escape(str(diagram.kind))}">{"".join(parts)}</svg>'
    )


def _groups(groups: Iterable[Group], unit: float) -> list[str]:
    parts = []
    for group in groups:
        if group.bbox is not None:
            x, y, *_ = group.bbox
            parts.append(f'<rect {_frame(group.bbox)} stroke-dasharray="{4 * unit:.1f}" opacity=".55"/>')
            parts.append(_text([group.label], x + 3 * unit, y + 9 * unit, 8 * unit, "start"))
    return parts


def _lifelines(diagram: Diagram, extent: Box, unit: float) -> list[str]:
    if str(diagram.kind) != "sequence":
        return []
    return [
        f'<path d="M{(n.bbox[0] + n.bbox[2]) / 2:.1f} {n.bbox[3]:.1f}V{extent[3]:.1f}" '
        f'stroke-dasharray="{3 * unit:.1f}" opacity=".4"/>'
        for n in diagram.nodes
        if n.bbox is not None
    ]


def _node(node: Node, unit: float) -> list[str]:
    box = node.bbox
    if box is None:
        return []
    x0, y0, x1, y1 = box
    cx, cy, w, h = (x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, 0.0), max(y1 - y0, 0.0)
    style = f'style="fill:{BACK}"'
    if node.shape == "diamond":
        outline = (
            f'<path d="M{cx:.1f} {y0:.1f}L{x1:.1f} {cy:.1f}L{cx:.1f} {y1:.1f}L{x0:.1f} {cy:.1f}Z" {style}/>'
        )
        w, h = w * 0.72, h * 0.72
    elif node.shape in ROUND:
        filled = 'fill="currentColor"' if not node.label and node.shape in ("start", "end") else style
        outline = f'<ellipse cx="{cx:.1f}" cy="{cy:.1f}" rx="{w / 2:.1f}" ry="{h / 2:.1f}" {filled}/>'
    else:
        soft = min(SOFT.get(node.shape, 0.0) * unit, h / 2)
        outline = f'<rect {_frame(box)} rx="{soft:.1f}" {style}/>'
    title = f"<title>{escape(node.label)}</title>" if node.label else ""
    texts = [node.label, *node.members]
    fitted = _fit(texts, w, h, unit)
    if fitted is None and sum(map(len, texts)) <= BESIDE:  # an icon: its name stands below
        lines, size = textwrap.wrap(" ".join(texts), 16), 8 * unit
        return [f"<g>{title}{outline}{_text(lines, cx, y1 + size, size, halo=True)}</g>"]
    lines, size = fitted or _cut(texts, w, h, unit)
    top = cy - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
    return [f"<g>{title}{outline}{_text(lines, cx, top, size)}</g>"]


def _fit(texts: Sequence[str], width: float, height: float, unit: float) -> tuple[list[str], float] | None:
    """Lines that fit the box, in the largest size that lets them; None if none does."""
    for plain in SIZES:
        size = plain * unit
        letters = max(1, int(width / (size * WIDE)))
        lines = [x for text in texts for x in textwrap.wrap(text[:2000], letters, break_long_words=False)]
        if len(lines) * size * LEADING <= height + size * 0.3 and all(len(x) <= letters for x in lines):
            return lines, size
    return None


def _cut(texts: Sequence[str], width: float, height: float, unit: float) -> tuple[list[str], float]:
    """As much as the box holds in the smallest size."""
    size = SIZES[-1] * unit
    lines = [x for text in texts for x in textwrap.wrap(text[:2000], max(3, int(width / (size * WIDE))))]
    room = max(1, int(height / (size * LEADING)))
    return ([*lines[: room - 1], f"{lines[room - 1][:-1]}…"] if len(lines) > room else lines), size


def _edge(edge: Edge, places: dict[str, Box], unit: float) -> list[str]:
    points: Sequence[Point] = edge.path
    if len(points) < 2:
        ends = [places.get(edge.source), places.get(edge.target)]
        points = [center(b) for b in ends if b is not None]
        if len(points) < 2:
            return []
    dashes = f' stroke-dasharray="{4 * unit:.1f}"' if edge.style == "dashed" else ""
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    parts = [f'<path d="M{way}"{dashes} opacity=".8"/>']
    if str(edge.target_end) not in ("none", "circle") and edge.directed:
        parts.append(_head(points[-2], points[-1], unit))
    if str(edge.source_end) == "arrow":
        parts.append(_head(points[1], points[0], unit))
    label = " ".join(filter(None, (edge.source_label, edge.label, edge.target_label)))
    if label:
        x, y = _middle(points)
        parts.append(_text(textwrap.wrap(label[:300], 28), x, y - 2 * unit, 7 * unit, halo=True))
    return parts


def _head(a: Point, b: Point, unit: float) -> str:
    length = math.dist(a, b) or 1.0
    ux, uy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    px, py = b[0] - 6 * unit * ux, b[1] - 6 * unit * uy
    side = 2.6 * unit
    return (
        f'<path d="M{b[0]:.1f} {b[1]:.1f}L{px - side * uy:.1f} {py + side * ux:.1f}'
        f'L{px + side * uy:.1f} {py - side * ux:.1f}Z" fill="currentColor" stroke="none"/>'
    )


def _middle(points: Sequence[Point]) -> Point:
    """The point half-way along a line."""
    left = sum(math.dist(a, b) for a, b in pairwise(points)) / 2
    for a, b in pairwise(points):
        step = math.dist(a, b)
        if step >= left and step > 0:
            share = left / step
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= step
    return points[0]


def _text(
    lines: Iterable[str], x: float, y: float, size: float, anchor: str = "middle", halo: bool = False
) -> str:
    around = (
        f' style="paint-order:stroke;stroke:{BACK};stroke-width:{size * 0.35:.1f}"'
        if halo
        else ' stroke="none"'
    )
    rows = "".join(
        f'<tspan x="{x:.1f}" y="{y + k * size * LEADING:.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    return (
        f'<text font-size="{size:.1f}" text-anchor="{anchor}" fill="currentColor"{around}>{rows}</text>'
        if rows
        else ""
    )


def _frame(box: Box) -> str:
    x0, y0, x1, y1 = box
    return f'x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 0):.1f}" height="{max(y1 - y0, 0):.1f}"'
