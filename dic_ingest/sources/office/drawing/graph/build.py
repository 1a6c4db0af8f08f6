"""Shapes and lines of one drawing -> an exact `Diagram`.

In: the `OfficeShape`s of a slide, canvas or page. Out: nodes, edges, groups and notes in the same points.
Where a connector names the shapes it joins, that decides; a free line ends at the nearest outline.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.model.box import Box, Point, area, box_gap, center, grow, height_of, inside, overlap, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.model.geometry import bounds, nearest
from dic_ingest.sources.office.drawing.graph.attachment import Ends, EndShape, Nearby, Reach, through_text
from dic_ingest.sources.office.drawing.graph.block_arrows import block_arrows, steps
from dic_ingest.sources.office.drawing.shapes import NODE_SHAPES, PICTURE, OfficeShape


@dataclass(frozen=True, slots=True)
class GraphLimits:
    """Distances of geometry, in heights of the words concerned or in points.

    label_reach: text stands at most this many of its own heights from the line that it labels.
    name_reach: heights between a picture and its name. pairs: most lines of one net that are paired.
    badge: most of a shape's area that a mark on it has; on_border: least share of it inside and outside.
    """

    label_reach: float = 1.2
    name_reach: float = 1.5
    pairs: int = 64
    badge: float = 0.15
    on_border: float = 0.15
    reach: Reach = field(default_factory=Reach)


def read_graph(shapes: Sequence[OfficeShape], limits: GraphLimits | None = None) -> Diagram:
    """The graph that the shapes draw; empty where they draw none."""
    return _Reading(shapes, limits or GraphLimits()).diagram()


class _Reading:
    """One drawing on its way to a graph."""

    def __init__(self, shapes: Sequence[OfficeShape], limits: GraphLimits) -> None:
        self.limits = limits
        lines = [s for s in shapes if s.is_line and len(s.path) > 1 and (s.stroke or s.start or s.end)]
        near = Nearby(shapes)
        areas = [_as_seen(s, near) for s in shapes if not s.is_line]
        areas = [s for s in areas if s.painted or s.text or s.kind == PICTURE]
        linked = {name for line in lines for name in (line.start, line.end) if name}
        arrows, areas = block_arrows(areas, linked)
        lines = [*lines, *arrows, *steps(areas, linked)]
        self.labels = {s.id: s.text for s in areas}
        self.by_id = {s.id: s for s in areas}
        ends = Ends(areas, lines, _frames(areas), limits.reach)
        self.nets = ends.nets()
        bare = {s.id: s for s in areas if s.text and not s.painted and s.kind != PICTURE}
        self.nets, self.taken = through_text(self.nets, bare)
        self.taken |= ends.told
        self.joined = {t.shape for net in self.nets for t in net.terminals}
        self.areas = areas
        self.near = Nearby(areas)
        self.members: dict[str, list[str]] = defaultdict(list)
        self._take_badges()

    def diagram(self) -> Diagram:
        """The graph."""
        self._name_bare_areas()
        containers = self._containers()
        nodes = self._nodes(containers)
        groups = self._groups(containers, nodes)
        told = {n.id for n in nodes} | {g.id for g in groups}
        edges = self._edges(told)
        edges = self._labelled(edges, told)
        notes = tuple(s.text for s in self.areas if s.text and s.id not in told and s.id not in self.taken)
        kind = _kind(self.by_id, nodes, edges)
        parts = tuple(nodes), tuple(edges), tuple(groups)
        return Diagram(kind, *parts, notes=notes, direction=_direction(edges), read_from="file")

    def _bare(self, shape: OfficeShape) -> bool:
        """Whether it is text alone that no line is attached to."""
        return not shape.painted and shape.kind != PICTURE and shape.id not in self.joined

    def _name_bare_areas(self) -> None:
        """Text on an area without words of its own is its label; text right under a picture is its name."""
        texts = [s for s in self.areas if self._bare(s) and s.text]
        for shape in sorted(self.areas, key=lambda s: area(s.bbox)):
            if shape.text or not (shape.painted or shape.kind == PICTURE):
                continue
            others = [
                o
                for o in self.near.touching(shape.bbox)
                if o.id != shape.id and not self._bare(o) and inside(o.bbox, shape.bbox, 0.9)
            ]
            near = [s for s in self.near.touching(shape.bbox) if s.text and self._bare(s)]
            own = [t for t in near if t.id not in self.taken and inside(ink(t), shape.bbox, 0.7)]
            if not others and own:
                self._take(shape, sorted(own, key=lambda t: (t.bbox[1], t.bbox[0])))
        for shape in self.areas:
            if shape.kind == PICTURE and not self.labels[shape.id]:
                name = self._name_of(shape, texts)
                if name is not None:
                    self._take(shape, [name])

    def _take_badges(self) -> None:
        """Small shapes on a larger one with words of its own, without a line: its ports and marks."""
        for small in self.areas:
            if small.id in self.joined or not small.painted or not small.text:
                continue
            size = area(small.bbox)
            around = [
                h
                for h in self.near.touching(small.bbox)
                if h.painted
                and h.text
                and size <= self.limits.badge * area(h.bbox)
                and overlap(h.bbox, small.bbox) > 0
            ]
            host = min(around, key=lambda h: area(h.bbox), default=None)
            if host is None or host.id in self.taken:
                continue
            share = overlap(host.bbox, small.bbox) / size
            if self.limits.on_border <= share <= 1 - self.limits.on_border or len(small.text) <= 2:
                self.members[host.id].append(small.text)
                self.taken.add(small.id)

    def _take(self, shape: OfficeShape, texts: list[OfficeShape]) -> None:
        self.labels[shape.id] = " ".join(t.text for t in texts)
        self.taken.update(t.id for t in texts)

    def _name_of(self, shape: OfficeShape, texts: list[OfficeShape]) -> OfficeShape | None:
        """The text right below or above a picture, centred on it."""
        best: tuple[float, OfficeShape] | None = None
        reach = self.limits.name_reach * max((t.size for t in texts), default=0.0)
        for text in self.near.touching(shape.bbox, 2 * reach):
            if not (text.text and self._bare(text)):
                continue
            box = ink(text)
            middle = (box[0] + box[2]) / 2
            if text.id in self.taken or not shape.bbox[0] <= middle <= shape.bbox[2]:
                continue
            below, above = box[1] - shape.bbox[3], shape.bbox[1] - box[3]
            gap = max(0.0, below if below >= -text.size else above + text.size / 2)
            if gap <= self.limits.name_reach * text.size and (best is None or gap < best[0]):
                best = gap, text
        return None if best is None else best[1]

    def _containers(self) -> set[str]:
        """Areas with other areas inside them."""
        solid = [s for s in self.areas if not self._bare(s) and s.id not in self.taken]
        kept = {s.id for s in solid}
        found = set()
        for outer in solid:
            near = self.near.touching(outer.bbox) if outer.kind != PICTURE else []
            inner = [s for s in near if s.id in kept and s.id != outer.id and _lies_in(s, outer)]
            if inner and outer.kind != PICTURE and any(s.text or self.labels[s.id] for s in inner):
                found.add(outer.id)
        return found

    def _nodes(self, containers: set[str]) -> list[Node]:
        nodes = []
        for s in self.areas:
            if s.id in containers or s.id in self.taken:
                continue
            label = self.labels[s.id]
            if s.id in self.joined or (s.painted and label) or (s.kind == PICTURE and label):
                members = tuple(self.members[s.id])
                nodes.append(Node(s.id, label, _shape_name(s), members, bbox=s.bbox))
        return nodes

    def _groups(self, containers: set[str], nodes: list[Node]) -> list[Group]:
        """Containers with their parents; `nodes` get the innermost that holds them."""
        frames = sorted((self.by_id[c] for c in containers), key=lambda s: area(s.bbox))
        for at, node in enumerate(nodes):
            held = self.by_id[node.id].bbox
            nodes[at] = replace(node, group=_around(held, node.id, frames))
        groups = []
        for frame in frames:
            label = self.labels[frame.id] or self._title(frame, nodes)
            groups.append(Group(frame.id, label, _around(frame.bbox, frame.id, frames), frame.bbox))
        return groups

    def _title(self, frame: OfficeShape, nodes: list[Node]) -> str:
        """Bare text along the inner edge of a frame without words: the topmost of its own."""
        own = [
            s
            for s in self.near.touching(frame.bbox)
            if self._bare(s) and s.text and s.id not in self.taken and inside(ink(s), frame.bbox, 0.8)
        ]
        inner = [n.bbox for n in nodes if n.group == frame.id and n.bbox is not None]
        top = min((b[1] for b in inner), default=frame.bbox[3])
        bottom = max((b[3] for b in inner), default=frame.bbox[1])
        free = [s for s in own if ink(s)[3] <= top + s.size / 2 or ink(s)[1] >= bottom - s.size / 2]
        free = free or self._above(frame)
        if not free:
            return ""
        first = min(free, key=lambda s: s.bbox[1])
        self.taken.add(first.id)
        return first.text

    def _above(self, frame: OfficeShape) -> list[OfficeShape]:
        """Bare text that stands on the upper edge of a frame, no wider than it."""
        found = []
        for text in self.near.touching(frame.bbox, self.limits.name_reach * 18.0):
            box = ink(text)
            gap = frame.bbox[1] - box[3]
            narrow = frame.bbox[0] <= box[0] + 1 and box[2] - 1 <= frame.bbox[2]
            if (
                narrow
                and self._bare(text)
                and text.text
                and text.id not in self.taken
                and abs(gap) < text.size
            ):
                found.append(text)
        return found

    def _edges(self, told: set[str]) -> list[Edge]:
        edges: list[Edge] = []
        for net in self.nets:
            ends = [t for t in net.terminals if t.shape in told]
            if len(ends) == 2 and len(net.lines) == 1:
                if ends[0].shape == ends[1].shape and not (ends[0].told and ends[1].told):
                    continue  # a mark or a divider inside a shape
                edges.append(self._drawn(_edge(ends[0], ends[1], net.lines[0], net.label)))
            elif len(ends) >= 2:
                edges += self._net_edges(ends, net.lines, net.label)
        return edges

    def _drawn(self, edge: Edge) -> Edge:
        """The edge with a course between its ends: a connector may hold the one before they were moved."""
        boxes = [self.by_id[i].bbox for i in (edge.source, edge.target)]
        ends = edge.path[0], edge.path[-1]
        if all(box_gap(b, p) <= self.limits.reach.ahead for b, p in zip(boxes, ends, strict=True)):
            return edge
        return replace(edge, path=tuple(center(b) for b in boxes))

    def _net_edges(self, ends: list[EndShape], lines: Sequence[OfficeShape], label: str) -> list[Edge]:
        """Edges of lines that meet: from every end without a head to every end with one."""
        targets = [t for t in ends if t.head is End.ARROW]
        sources = [t for t in ends if t.head is not End.ARROW]
        if targets and sources:
            pairs = [(a, b) for a in sources for b in targets if a.shape != b.shape]
        else:
            pairs = [(a, b) for i, a in enumerate(ends) for b in ends[i + 1 :] if a.shape != b.shape]
        look = lines[0]
        return [
            _edge(a, b, replace(look, path=(a.point, b.point)), label) for a, b in pairs[: self.limits.pairs]
        ]

    def _labelled(self, edges: list[Edge], told: set[str]) -> list[Edge]:
        """Bare text beside a line becomes its label: each text that of the nearest line."""
        texts = [
            s for s in self.areas if self._bare(s) and s.text and s.id not in self.taken and s.id not in told
        ]
        labels: dict[int, list[OfficeShape]] = defaultdict(list)
        open_ = [(i, e.path, bounds(e.path)) for i, e in enumerate(edges) if len(e.path) > 1 and not e.label]
        for text in texts:
            box = ink(text)
            close = grow(box, self.limits.label_reach * text.size)
            near = ((_gap(box, path), i) for i, path, around in open_ if _touch(close, around))
            best = min(near, default=(math.inf, -1))
            if best[0] <= self.limits.label_reach * text.size:
                labels[best[1]].append(text)
        for index, said in labels.items():
            said.sort(key=lambda s: (s.bbox[1], s.bbox[0]))
            edges[index] = replace(edges[index], label=" ".join(s.text for s in said))
            self.taken.update(s.id for s in said)
        return edges


def _lies_in(inner: OfficeShape, outer: OfficeShape) -> bool:
    return area(inner.bbox) < 0.8 * area(outer.bbox) and inside(inner.bbox, outer.bbox, 0.9)


def _frames(areas: Sequence[OfficeShape]) -> set[str]:
    """Painted shapes with other painted shapes or pictures inside them."""
    near = Nearby([s for s in areas if s.painted or s.kind == PICTURE])
    return {
        outer.id
        for outer in near.shapes
        if outer.kind != PICTURE
        and any(s.id != outer.id and _lies_in(s, outer) for s in near.touching(outer.bbox))
    }


def _as_seen(shape: OfficeShape, shapes: Nearby) -> OfficeShape:
    """A shape without border, filled like what it lies on, has no fill that anyone sees."""
    if shape.fill is None or shape.stroke is not None or shape.kind == PICTURE:
        return shape
    near = shapes.touching(shape.bbox)
    below = [s for s in near if s.order < shape.order and s.fill and inside(shape.bbox, s.bbox, 0.95)]
    ground = below[-1].fill if below else (255, 255, 255)
    return replace(shape, fill=None) if shape.fill == ground else shape


def _edge(a: EndShape, b: EndShape, line: OfficeShape, label: str = "") -> Edge:
    """An edge the way its heads point: with a head at the start alone it runs the other way."""
    path = line.path
    if a.head is End.ARROW and b.head is not End.ARROW:
        a, b, path = b, a, tuple(reversed(path))
    directed = b.head is End.ARROW
    style = "dashed" if line.dashed else "solid"
    return Edge(a.shape, b.shape, label or line.text, directed, style, a.head, b.head, path=path)


def _shape_name(shape: OfficeShape) -> str:
    return "icon" if shape.kind == PICTURE else NODE_SHAPES.get(shape.geometry, "rect")


def ink(shape: OfficeShape) -> Box:
    """About where the words of a text box stand: its box is often far larger."""
    x0, y0, x1, y1 = shape.bbox
    if not shape.lines:
        return shape.bbox
    width = min(x1 - x0, max(len(line) for line in shape.lines) * 0.55 * shape.size)
    height = min(y1 - y0, 1.2 * shape.size * len(shape.lines))
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2


def _gap(box: Box, path: Sequence[Point]) -> float:
    """Distance between a box and a polyline; 0 where the line crosses it."""
    cx, cy = center(box)
    best = math.inf
    for x in (box[0], cx, box[2]):
        for y in (box[1], cy, box[3]):
            best = min(best, nearest(path, (x, y))[0])
    reach = nearest(path, (cx, cy))[0]
    return min(best, max(0.0, reach - min(width_of(box), height_of(box)) / 2))


def _touch(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _around(box: Box, own: str, frames: Sequence[OfficeShape]) -> str | None:
    """The smallest frame around a box."""
    for frame in frames:
        if frame.id != own and area(frame.bbox) > area(box) and inside(box, frame.bbox, 0.9):
            return frame.id
    return None


def _direction(edges: Sequence[Edge]) -> str:
    """Where most of the way from sources to targets leads."""
    steps = [
        (e.path[-1][0] - e.path[0][0], e.path[-1][1] - e.path[0][1]) for e in edges if e.directed and e.path
    ]
    across, down = sum(s[0] for s in steps), sum(s[1] for s in steps)
    if sum(abs(s[0]) for s in steps) > sum(abs(s[1]) for s in steps):
        return "LR" if across >= 0 else "RL"
    return "TD" if down >= 0 else "BT"


def _kind(shapes: dict[str, OfficeShape], nodes: Sequence[Node], edges: Sequence[Edge]) -> Kind:
    """A flowchart where the file's own shapes say decision or start and end; else some block diagram."""
    flow = [n for n in nodes if shapes[n.id].geometry.startswith("flowChart")]
    decisions = [n for n in nodes if n.shape == "diamond" and n.label]  # others are marks of aggregation
    if edges and (decisions or (len(flow) > 2 and len(flow) >= 0.6 * len(nodes))):
        return Kind.FLOWCHART
    return Kind.BLOCK
