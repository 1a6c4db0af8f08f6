"""SmartArt (`dgm:dataModel`) -> an exact `Diagram`.

In: the data model, the category of its layout ("process", "hierarchy" ...), the shapes of its drawing part.
Out: nodes in their order with the relations that the layout shows; bullets are members of their node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from dic_ingest.model.box import Box
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.office.drawing.drawingml import child, local
from dic_ingest.sources.office.drawing.shapes import OfficeShape

MAX_NODES = 2_000
MAX_DEPTH = 40
TREES = ("hierarchy",)
CHAINS = ("process",)
RINGS = ("cycle",)


@dataclass(slots=True)
class _Point:
    """A point of the model with its children in order."""

    id: str
    label: str
    children: list[_Point] = field(default_factory=list)


def read_smartart(
    model: Any, category: str, shapes: Sequence[OfficeShape] = (), names: Sequence[str] = ()
) -> Diagram:
    """The graph; empty where the model has no words. `names` are the model ids of `shapes`, one each."""
    roots, shown = _roots(model)
    boxes = _boxes(shapes, names, shown)
    nodes: list[Node] = []
    edges: list[Edge] = []
    groups: list[Group] = []
    if category in TREES:
        for root in roots:
            _tree(root, boxes, nodes, edges, 0)
    else:
        for root in roots:
            _with_members(root, boxes, nodes, groups)
        order = [r.id for r in roots if any(r.id in (n.id, n.group) for n in nodes)]
        if category in CHAINS or category in RINGS:
            edges += [Edge(a, b, target_end=End.ARROW) for a, b in pairwise(order)]
        if category in RINGS and len(order) > 2:
            edges.append(Edge(order[-1], order[0], target_end=End.ARROW))
    kind = Kind.FLOWCHART if category in CHAINS else Kind.BLOCK
    across = category in CHAINS
    return Diagram(
        kind, tuple(nodes), tuple(edges), tuple(groups), direction="LR" if across else "TD", read_from="file"
    )


def _tree(point: _Point, boxes: dict[str, Box], nodes: list[Node], edges: list[Edge], depth: int) -> None:
    if depth > MAX_DEPTH or len(nodes) >= MAX_NODES:
        return
    nodes.append(Node(point.id, point.label, bbox=boxes.get(point.id)))
    for inner in point.children:
        edges.append(Edge(point.id, inner.id, target_end=End.ARROW))
        _tree(inner, boxes, nodes, edges, depth + 1)


def _with_members(point: _Point, boxes: dict[str, Box], nodes: list[Node], groups: list[Group]) -> None:
    """A node with its bullets; where the children have bullets of their own, a group of nodes."""
    if len(nodes) >= MAX_NODES:
        return
    if any(c.children for c in point.children):
        groups.append(Group(point.id, point.label, bbox=boxes.get(point.id)))
        for inner in point.children:
            members = tuple(_bullets(inner, 0))
            nodes.append(Node(inner.id, inner.label, "rect", members, point.id, boxes.get(inner.id)))
    else:
        members = tuple(c.label for c in point.children if c.label)
        nodes.append(Node(point.id, point.label, "rect", members, None, boxes.get(point.id)))


def _bullets(point: _Point, depth: int) -> list[str]:
    found = []
    for inner in point.children if depth < MAX_DEPTH else ():
        found += [inner.label, *_bullets(inner, depth + 1)]
    return [label for label in found if label]


def _roots(model: Any) -> tuple[list[_Point], dict[str, str]]:
    """The first level of points, and for every presentation point the point that it shows."""
    points: dict[str, _Point] = {}
    for element in model.iter("{*}pt"):
        if element.get("type", "node") in ("node", "asst", "doc") and len(points) < MAX_NODES:
            name = element.get("modelId", "")
            points[name] = _Point(name, _label(element))
    document = next((p.get("modelId") for p in model.iter("{*}pt") if p.get("type") == "doc"), None)
    children: dict[str, list[tuple[float, str]]] = {}
    shown: dict[str, str] = {}
    for link in model.iter("{*}cxn"):
        kind, source, target = link.get("type", "parOf"), link.get("srcId", ""), link.get("destId", "")
        if kind == "parOf" and source in points and target in points:
            children.setdefault(source, []).append((_order(link), target))
        elif kind == "presOf":
            shown[target] = source
    seen: set[str] = set()
    return _grown(document or "", points, children, seen, 0), shown


def _grown(
    name: str,
    points: dict[str, _Point],
    children: dict[str, list[tuple[float, str]]],
    seen: set[str],
    depth: int,
) -> list[_Point]:
    """The children of a point; each is taken once, so that a circle ends."""
    found = []
    for _, inner in sorted(children.get(name, ())):
        if inner in seen or depth > MAX_DEPTH:
            continue
        seen.add(inner)
        point = points[inner]
        point.children = _grown(inner, points, children, seen, depth + 1)
        found.append(point)
    return found


def _order(link: Any) -> float:
    text = link.get("srcOrd", "0")
    return float(text) if text.isdigit() and len(text) < 10 else 0.0


def _label(element: Any) -> str:
    body = child(element, "t")
    lines = []
    for paragraph in body.iter("{*}p") if body is not None else ():
        lines.append("".join(t.text or "" for t in paragraph.iter("{*}t")))
    return " ".join(" ".join(lines).split())


def _boxes(shapes: Sequence[OfficeShape], names: Sequence[str], shown: dict[str, str]) -> dict[str, Box]:
    """Places of points by the shapes that show them: the first with words, else the first."""
    found: dict[str, Box] = {}
    for wanted in (True, False):
        for shape, name in zip(shapes, names, strict=False):
            point = shown.get(name, name)
            if point not in found and bool(shape.lines) is wanted:
                found[point] = shape.bbox
    return found


def category_of(layout: Any, name: str = "") -> str:
    """The category that a layout definition gives itself; by its name where it gives none."""
    for category in layout.iter("{*}cat") if layout is not None else ():
        kind = category.get("type", "")
        if kind in (*TREES, *CHAINS, *RINGS, "list", "matrix", "pyramid", "relationship", "picture"):
            return str(kind)
    last = name.rsplit("/", 1)[-1].lower()
    for word, kind in (("process", "process"), ("chevron", "process"), ("cycle", "cycle")):
        if word in last:
            return kind
    return "hierarchy" if "hierarchy" in last or "orgchart" in last else "list"


def layout_name(model: Any) -> str:
    """The name of the layout that the model asks for."""
    for element in model.iter("{*}prSet"):
        if element.get("loTypeId"):
            return str(element.get("loTypeId"))
    return ""


def drawing_relation(model: Any) -> str:
    """The relationship id of the drawing part that shows the model; "" where it has none."""
    for element in model.iter("{*}dataModelExt"):
        return str(element.get("relId", ""))
    return ""


def shape_names(tree: Any) -> list[str]:
    """Model ids of the shapes of a drawing part, in their order."""
    return [e.get("modelId", "") for e in tree if local(e) == "sp"]
