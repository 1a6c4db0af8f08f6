"""Places for a graph that has none: layers for graphs, columns for sequence diagrams.

In: a `Diagram` from text (Mermaid, DOT ...). Out: the same with boxes and paths in points. A node that has a
place in a diagram where all have one keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from dic_ingest.model.drawing import Box, Point, union

if TYPE_CHECKING:
    from dic_ingest.model.diagram import Diagram, Edge, Group, Node

CHAR, LINE = 6.3, 15.0  # points that a character and a line of a label take
PAD = 14.0
GAP_ACROSS, GAP_ALONG = 36.0, 60.0
HEAD, STEP = 60.0, 38.0  # of a sequence diagram: height down to the first message, between messages
SWEEPS = 4
MARGIN = 20.0


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
    rank = _ranks(diagram)
    layers: dict[int, list[str]] = defaultdict(list)
    by_id = {n.id: n for n in diagram.nodes}
    for n in sorted(diagram.nodes, key=lambda n: n.group or ""):
        layers[rank[n.id]].append(n.id)
    near: dict[str, list[str]] = defaultdict(list)
    for e in diagram.edges:
        if e.source in by_id and e.target in by_id:
            near[e.source].append(e.target)
            near[e.target].append(e.source)
    order = [layers[k] for k in sorted(layers)]
    for _ in range(SWEEPS):
        at = {name: k for layer in order for k, name in enumerate(layer)}
        for layer in order:
            layer.sort(key=lambda n: (sum(at[m] for m in near[n]) / len(near[n])) if near[n] else at[n])
            at.update({name: k for k, name in enumerate(layer)})
    boxes = _stacked(order, by_id, diagram.direction in ("LR", "RL"))
    if diagram.direction in ("BT", "RL"):
        boxes = _mirrored(boxes, diagram.direction)
    return replace(diagram, nodes=tuple(replace(n, bbox=boxes[n.id]) for n in diagram.nodes))


def _ranks(diagram: Diagram) -> dict[str, int]:
    """Layers by the longest way from a source, lines that close a cycle left out."""
    ahead: dict[str, list[str]] = defaultdict(list)
    known = {n.id for n in diagram.nodes}
    for e in diagram.edges:
        if e.source in known and e.target in known and e.source != e.target:
            ahead[e.source].append(e.target)
    order: list[str] = []
    colour: dict[str, int] = {}
    kept: dict[str, list[str]] = defaultdict(list)
    for n in diagram.nodes:
        stack = [(n.id, iter(ahead[n.id]))] if n.id not in colour else []
        colour.setdefault(n.id, 1)
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


def _stacked(order: list[list[str]], by_id: dict[str, Node], sideways: bool) -> dict[str, Box]:
    sizes = {name: size_of(node) for name, node in by_id.items()}
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
    for _ in range(len(diagram.groups) if len(diagram.groups) < 60 else 8):
        changed = False
        for g in diagram.groups:
            inner = boxes[g.id] + [b for c in diagram.groups if c.parent == g.id and (b := done[c.id])]
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
    ca, cb = ((a[0] + a[2]) / 2, (a[1] + a[3]) / 2), ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2)
    return _border(a, ca, cb), _border(b, cb, ca)


def _border(box: Box, centre: Point, toward: Point) -> Point:
    """Where the way from a box's centre to a point leaves the box."""
    dx, dy = toward[0] - centre[0], toward[1] - centre[1]
    w, h = max((box[2] - box[0]) / 2, 0.1), max((box[3] - box[1]) / 2, 0.1)
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
