"""Places for a graph that has none: layers for graphs, columns for sequence diagrams.

In: a `Diagram` from text (Mermaid, DOT ...). Out: the same with boxes and paths in points. A node that has a
place in a diagram where all have one keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from dic_ingest.model.box import Box, Point, center, height_of, union, width_of

if TYPE_CHECKING:
    from dic_ingest.model.diagram import Diagram, Edge, Group, Node

CHAR, LINE = 6.3, 15.0  # points that a character and a line of a label take
PAD = 14.0
GAP_ACROSS, GAP_ALONG = 36.0, 60.0
HEAD, STEP = 60.0, 38.0  # of a sequence diagram: height down to the first message, between messages
SWEEPS = 4
MARGIN = 20.0
DEPTH = 60  # of frames in frames


def placed(diagram: Diagram) -> Diagram:
    """The diagram with a box for every node and group and a path for every edge, its corner near the
    origin."""
    if not diagram.nodes:
        return diagram
    if any(n.bbox is None for n in diagram.nodes):
        diagram = _bare(diagram)
        diagram = _columns(diagram) if diagram.kind == "sequence" else _layers(diagram)
    return _at_origin(_with_paths(_with_frames(diagram)))


def _bare(diagram: Diagram) -> Diagram:
    """Without the places of some parts, which say nothing beside parts without."""
    return replace(
        diagram,
        groups=tuple(replace(g, bbox=None) for g in diagram.groups),
        edges=tuple(replace(e, path=()) for e in diagram.edges),
    )


def size_of(node: Node) -> tuple[float, float]:
    """Width and height that a node's words need."""
    lines = [*node.label.split("\n"), *node.members] if node.label or node.members else []
    if node.shape in ("start", "end") and not node.label:
        return 18.0, 18.0
    wide = max((_width(t) for t in lines), default=20.0) + 2 * PAD
    tall = max(len(lines), 1) * LINE + 2 * PAD * 0.8
    return (1.4 * wide, 1.5 * tall) if node.shape == "diamond" else (wide, tall)


def _width(text: str) -> float:
    return sum(2 * CHAR if ord(c) > 0x2E7F else CHAR for c in text[:200])


def _columns(diagram: Diagram) -> Diagram:
    nodes, x = [], MARGIN
    tall = max(size_of(n)[1] for n in diagram.nodes)
    place: dict[str, float] = {}
    spread = _spread(diagram)
    for k, n in enumerate(diagram.nodes):
        wide = size_of(n)[0]
        nodes.append(replace(n, bbox=(x, MARGIN, x + wide, MARGIN + tall)))
        place[n.id] = x + wide / 2
        x += wide + max(GAP_ACROSS, spread.get(k, 0.0) - wide)
    edges, y = [], MARGIN + tall + HEAD
    for e in diagram.edges:
        a, b = place.get(e.source, MARGIN), place.get(e.target, MARGIN)
        path = ((a, y), (b, y)) if a != b else ((a, y), (a + 30, y), (a + 30, y + 14), (a, y + 14))
        edges.append(replace(e, path=path))
        y += STEP + LINE * e.label.count("\n")
    groups = [_message_frame(g, edges) for g in diagram.groups]
    return replace(diagram, nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups))


def _spread(diagram: Diagram) -> dict[int, float]:
    """By column, how far the next one must stand for the labels of messages between both."""
    order = {n.id: k for k, n in enumerate(diagram.nodes)}
    wide: dict[int, float] = {}
    for e in diagram.edges:
        a, b = sorted((order.get(e.source, 0), order.get(e.target, 0)))
        need = max(_width(t) for t in e.label.split("\n")) + 30
        wide[a] = max(wide.get(a, 0.0), need / max(b - a, 1))
    return wide


def _message_frame(group: Group, edges: list[Edge]) -> Group:
    points = [p for k in group.edges if k < len(edges) for p in edges[k].path]
    if not points:
        return group
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return replace(group, bbox=(min(xs) - 30, min(ys) - 26, max(xs) + 30, max(ys) + 14))


def _layers(diagram: Diagram) -> Diagram:
    """Nodes in layers; what stands in a frame is laid out first, and the frame then is one thing among
    others."""
    levels = _Levels(diagram)
    boxes, _ = levels.laid_out(None, 0)
    if diagram.direction in ("BT", "RL") and boxes:
        boxes = _mirrored(boxes, diagram.direction)
    return replace(diagram, nodes=tuple(replace(n, bbox=boxes[n.id]) for n in diagram.nodes))


class _Levels:
    """The nodes and frames of each frame, and the lines between them as that level sees them."""

    def __init__(self, diagram: Diagram) -> None:
        self.by_id = {n.id: n for n in diagram.nodes}
        self.sideways = diagram.direction in ("LR", "RL")
        names = {g.id for g in diagram.groups} - self.by_id.keys()
        parents = {g.id: g.parent if g.parent in names else None for g in diagram.groups if g.id in names}
        self.parent: dict[str, str | None] = {}
        for name in parents:
            self.parent[name] = None if _leads_back(name, parents) else parents[name]
        for n in diagram.nodes:
            self.parent[n.id] = n.group if n.group in names else None
        self.items: dict[str | None, list[str]] = defaultdict(list)
        for name, outer in self.parent.items():
            self.items[outer].append(name)
        self.lines: dict[str | None, list[tuple[str, str]]] = defaultdict(list)
        for e in diagram.edges:
            if e.source in self.parent and e.target in self.parent:
                self._lift(e.source, e.target)

    def _chain(self, name: str) -> list[str]:
        chain = [name]
        while (outer := self.parent[chain[-1]]) is not None:
            chain.append(outer)
        return chain[::-1]

    def _lift(self, source: str, target: str) -> None:
        """A line belongs to the innermost frame around both of its ends."""
        outer: str | None = None
        for a, b in zip(self._chain(source), self._chain(target), strict=False):
            if a != b:
                self.lines[outer].append((a, b))
                return
            outer = a

    def laid_out(self, holder: str | None, depth: int) -> tuple[dict[str, Box], tuple[float, float]]:
        """Boxes of the nodes in a frame, from its corner, and the frame's size."""
        sizes: dict[str, tuple[float, float]] = {}
        inner: dict[str, dict[str, Box]] = {}
        for name in self.items[holder]:
            if name in self.by_id:
                sizes[name] = size_of(self.by_id[name])
            else:
                inner[name], sizes[name] = self.laid_out(name, depth + 1)
        if not sizes:
            return {}, (4 * PAD, 3 * PAD)
        order = _ordered(list(sizes), self.lines[holder])
        places = _stacked(order, sizes, self.sideways)
        boxes = {n: places[n] for n in sizes if n in self.by_id}
        for name, held in inner.items():
            x, y = places[name][:2]
            boxes |= {n: (b[0] + x, b[1] + y, b[2] + x, b[3] + y) for n, b in held.items()}
        x0, y0, x1, y1 = union(places.values())
        pad, top = (0.0, 0.0) if holder is None else (PAD, PAD + LINE)
        moved = {
            n: (b[0] - x0 + pad, b[1] - y0 + top, b[2] - x0 + pad, b[3] - y0 + top) for n, b in boxes.items()
        }
        return moved, (x1 - x0 + 2 * pad, y1 - y0 + top + pad)


def _leads_back(name: str, parents: dict[str, str | None]) -> bool:
    """Whether a frame stands, by way of others, in itself, or too deep for any drawing."""
    at: str | None = name
    for _ in range(DEPTH):
        at = parents.get(at) if at is not None else None
        if at is None:
            return False
    return True


def _ordered(names: list[str], lines: list[tuple[str, str]]) -> list[list[str]]:
    """Layers of names, each in an order that keeps lines short."""
    rank = _ranks(names, lines)
    layers: dict[int, list[str]] = defaultdict(list)
    for name in names:
        layers[rank[name]].append(name)
    near: dict[str, list[str]] = defaultdict(list)
    for a, b in lines:
        near[a].append(b)
        near[b].append(a)
    order = [layers[k] for k in sorted(layers)]
    for _ in range(SWEEPS):
        at = {name: k for layer in order for k, name in enumerate(layer)}
        for layer in order:
            layer.sort(key=lambda n: (sum(at[m] for m in near[n]) / len(near[n])) if near[n] else at[n])
            at.update({name: k for k, name in enumerate(layer)})
    return order


def _ranks(names: list[str], lines: list[tuple[str, str]]) -> dict[str, int]:
    """Layers by the longest way from a source, lines that close a cycle left out."""
    ahead: dict[str, list[str]] = defaultdict(list)
    known = set(names)
    for a, b in lines:
        if a != b:
            ahead[a].append(b)
    order: list[str] = []
    colour: dict[str, int] = {}
    kept: dict[str, list[str]] = defaultdict(list)
    for first in names:
        stack = [(first, iter(ahead[first]))] if first not in colour else []
        colour.setdefault(first, 1)
        while stack:
            name, rest = stack[-1]
            nxt = next(rest, None)
            if nxt is None:
                colour[name] = 2
                order.append(name)
                stack.pop()
            elif colour.get(nxt) != 1:
                kept[name].append(nxt)
                if nxt not in colour:
                    colour[nxt] = 1
                    stack.append((nxt, iter(ahead[nxt])))
    rank = dict.fromkeys(known, 0)
    for name in reversed(order):
        for nxt in kept[name]:
            rank[nxt] = max(rank[nxt], rank[name] + 1)
    return _folded(rank)


def _folded(rank: dict[str, int]) -> dict[str, int]:
    """Layers with a few dozen nodes at most, so that many loose nodes make a block and not a line."""
    most = max(6, int(len(rank) ** 0.5) + 2)
    count: dict[int, int] = defaultdict(int)
    shift: dict[int, int] = {}
    for level in rank.values():
        count[level] += 1
    at = 0
    for level in sorted(count):
        shift[level] = at
        at += -(-count[level] // most)
    seen: dict[int, int] = defaultdict(int)
    out = {}
    for name, level in rank.items():
        out[name] = shift[level] + seen[level] // most
        seen[level] += 1
    return out


def _stacked(order: list[list[str]], sizes: dict[str, tuple[float, float]], sideways: bool) -> dict[str, Box]:
    if sideways:
        sizes = {name: (h, w) for name, (w, h) in sizes.items()}
    widest = max(sum(sizes[n][0] + GAP_ACROSS for n in layer) for layer in order)
    boxes: dict[str, Box] = {}
    y = MARGIN
    for layer in order:
        x = MARGIN + (widest - sum(sizes[n][0] + GAP_ACROSS for n in layer)) / 2
        tall = max(sizes[n][1] for n in layer)
        for name in layer:
            w, h = sizes[name]
            boxes[name] = (x, y + (tall - h) / 2, x + w, y + (tall + h) / 2)
            x += w + GAP_ACROSS
        y += tall + GAP_ALONG
    return {n: (b[1], b[0], b[3], b[2]) for n, b in boxes.items()} if sideways else boxes


def _mirrored(boxes: dict[str, Box], direction: str) -> dict[str, Box]:
    x0, y0, x1, y1 = union(boxes.values())
    if direction == "RL":
        return {n: (x0 + x1 - b[2], b[1], x0 + x1 - b[0], b[3]) for n, b in boxes.items()}
    return {n: (b[0], y0 + y1 - b[3], b[2], y0 + y1 - b[1]) for n, b in boxes.items()}


def _with_frames(diagram: Diagram) -> Diagram:
    """Boxes of groups that have none: around what they hold, from the inside out."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    for n in diagram.nodes:
        if n.group and n.bbox is not None:
            boxes[n.group].append(n.bbox)
    done: dict[str, Box | None] = {g.id: g.bbox for g in diagram.groups}
    children: dict[str | None, list[str]] = defaultdict(list)
    for g in diagram.groups:
        children[g.parent].append(g.id)
    for _ in range(min(len(diagram.groups), DEPTH)):
        changed = False
        for g in diagram.groups:
            inner = boxes[g.id] + [b for c in children[g.id] if c != g.id and (b := done[c])]
            if g.bbox is None and inner:
                x0, y0, x1, y1 = union(inner)
                box = (x0 - PAD, y0 - PAD - LINE, x1 + PAD, y1 + PAD)
                changed = changed or box != done[g.id]
                done[g.id] = box
        if not changed:
            break
    return replace(diagram, groups=tuple(replace(g, bbox=done[g.id]) for g in diagram.groups))


def _with_paths(diagram: Diagram) -> Diagram:
    boxes = {g.id: g.bbox for g in diagram.groups} | {n.id: n.bbox for n in diagram.nodes}
    edges = []
    for e in diagram.edges:
        a, b = boxes.get(e.source), boxes.get(e.target)
        edges.append(replace(e, path=_path(a, b)) if len(e.path) < 2 and a and b else e)
    return replace(diagram, edges=tuple(edges))


def _path(a: Box, b: Box) -> tuple[Point, ...]:
    if a == b:
        x, y = a[2], (a[1] + a[3]) / 2
        return (x, y - 8), (x + 24, y - 8), (x + 24, y + 8), (x, y + 8)
    ca, cb = center(a), center(b)
    return _border(a, ca, cb), _border(b, cb, ca)


def _border(box: Box, centre: Point, toward: Point) -> Point:
    """Where the way from a box's centre to a point leaves the box."""
    dx, dy = toward[0] - centre[0], toward[1] - centre[1]
    w, h = max(width_of(box) / 2, 0.1), max(height_of(box) / 2, 0.1)
    most = max(abs(dx) / w, abs(dy) / h, 1e-9)
    return centre[0] + dx / most, centre[1] + dy / most


def _at_origin(diagram: Diagram) -> Diagram:
    boxes = [n.bbox for n in diagram.nodes if n.bbox is not None]
    boxes += [g.bbox for g in diagram.groups if g.bbox is not None]
    points = [p for e in diagram.edges for p in e.path]
    if points:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    if not boxes:
        return diagram
    x0, y0, _, _ = union(boxes)
    return diagram.moved(MARGIN - x0, MARGIN - y0)


def page_size(diagram: Diagram) -> tuple[float, float]:
    """Width and height of a page that holds a placed diagram with a margin."""
    boxes = [n.bbox for n in diagram.nodes if n.bbox is not None]
    boxes += [g.bbox for g in diagram.groups if g.bbox is not None]
    points = [p for e in diagram.edges for p in e.path]
    right = max([b[2] for b in boxes] + [p[0] for p in points], default=0.0)
    bottom = max([b[3] for b in boxes] + [p[1] for p in points], default=0.0)
    return right + MARGIN, bottom + MARGIN
