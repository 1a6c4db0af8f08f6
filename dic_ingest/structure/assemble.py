"""A scene as a graph: nodes, edges, groups, with a score for every edge.

In: a `Scene` and its kind. Out: a `Diagram`. One algorithm for every source: what is an outline for, where does
each line end, which text belongs to what. What could not be read is told in `Diagram.unread`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dic_ingest.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.drawing import Box, area, union
from dic_ingest.structure.assemble_ends import Hit, To, Wire, attach_lines
from dic_ingest.structure.assemble_nets import HEADS, Draft, drafts_of
from dic_ingest.structure.assemble_parts import Part, Role, find_parts, usual_height
from dic_ingest.structure.compartments import crossing_levels, name_and_members
from dic_ingest.structure.geometry import bounds, center, distance, length
from dic_ingest.structure.labels import end_labels, middle_labels
from dic_ingest.structure.scene import Line, Scene
from dic_ingest.structure.text_blocks import Block, blocks, read_on

MAX_SHAPES = 3000
MAX_LINES = 3000
BOXED_KINDS = frozenset({Kind.CLASS, Kind.ER})
UML_KINDS = frozenset({Kind.CLASS, Kind.STATE})  # a box on a dashed line without arrowhead is a note there


def assemble_graph(scene: Scene, kind: Kind) -> Diagram:
    """Nodes, edges and groups of any drawing but a sequence diagram."""
    return _Assembly(_bounded(scene), kind).diagram()


def _bounded(scene: Scene) -> Scene:
    """The largest shapes and longest lines of a scene that has too many."""
    shapes, lines = scene.shapes, scene.lines
    if len(shapes) > MAX_SHAPES:
        limit = sorted((area(s.bbox) for s in shapes), reverse=True)[MAX_SHAPES]
        shapes = tuple(s for s in shapes if area(s.bbox) > limit)
    if len(lines) > MAX_LINES:
        least = sorted((length(x.points) for x in lines), reverse=True)[MAX_LINES]
        lines = tuple(x for x in lines if length(x.points) > least)
    return replace(scene, shapes=shapes, lines=lines)


@dataclass(slots=True)
class _Names:
    """Ids of what was kept, by part and by block of free text."""

    parts: dict[int, str]
    texts: dict[int, str]

    def of(self, hit: Hit) -> str | None:
        return self.parts.get(hit.index) if hit.to is To.PART else self.texts.get(hit.index)


class _Assembly:
    def __init__(self, scene: Scene, kind: Kind) -> None:
        self.scene, self.kind = scene, kind
        self.em = usual_height(scene)
        self.parts, outside = find_parts(scene, self.em, kind in BOXED_KINDS)
        self.rules, lines = self._split_rules()
        self.group_labels: dict[int, Block] = {}
        self.free = [*blocks(outside), *self._group_texts()]
        self.grounds = [
            Block(tuple(p.texts), i) for i, p in enumerate(self.parts) if p.role is Role.LABEL and p.texts
        ]
        self.wires = attach_lines(lines, self.parts, self.free, self.grounds, self.em)
        heads = HEADS if kind in BOXED_KINDS else HEADS | {End.CIRCLE, End.CROSS}
        self.drafts, self.loose = drafts_of(self.wires, heads)
        self.drafts = [d for d in self.drafts if not self._is_inner_loop(d)]
        self.notes = self._note_parts() if kind in UML_KINDS else set()
        self.drafts = [d for d in self.drafts if not {d.source.index, d.target.index} & self.notes]
        self.left = self._label_drafts()

    def _split_rules(self) -> tuple[list[Line], list[Line]]:
        """Lines that stay within one node (compartment rules, drawn details), and all others."""
        inner: list[Line] = []
        outer: list[Line] = []
        boxes = [p.box for p in self.parts if p.role is Role.NODE]
        slack = 0.35 * self.em
        for line in self.scene.lines:
            x0, y0, x1, y1 = bounds(line.points)
            held = any(
                b[0] - slack <= x0 and b[1] - slack <= y0 and b[2] + slack >= x1 and b[3] + slack >= y1
                for b in boxes
            )
            (inner if held else outer).append(line)
        return inner, outer

    def _group_texts(self) -> list[Block]:
        """Free blocks inside groups; each group's own label is kept apart."""
        free: list[Block] = []
        for i, part in enumerate(self.parts):
            if part.role in (Role.PART, Role.NOTHING) and part.texts and not self._is_absorbed(i):
                free.extend(blocks(part.texts))
            if part.role is not Role.GROUP:
                continue
            found = blocks(part.texts)
            label = min(found, key=lambda b: self._off_border(part.box, b), default=None)
            if label is not None and self._off_border(part.box, label) < 2.2:
                self.group_labels[i] = label
                found.remove(label)
            free.extend(found)
        return free

    def _is_absorbed(self, i: int) -> bool:
        parent = self.parts[i].parent
        while parent is not None and self.parts[parent].role is Role.PART:
            parent = self.parts[parent].parent
        return parent is not None and self.parts[parent].role is Role.NODE

    def _off_border(self, box: Box, block: Block) -> float:
        """Text heights between a block and its group's border; the top counts as nearer."""
        b = block.box
        sides = (b[1] - box[1], 0.6 * self.em + box[3] - b[3], self.em + b[0] - box[0], self.em + box[2] - b[2])
        return min(sides) / self.em

    def _is_inner_loop(self, draft: Draft) -> bool:
        """A line from a node to itself that hardly leaves it."""
        if draft.source != draft.target:
            return False
        return length(draft.path) < 2 * self.em

    def _note_parts(self) -> set[int]:
        """Boxes that only dashed lines without ends lead to, at most two, on whose other side is no such box."""
        at: dict[int, list[Draft]] = {}
        for d in self.drafts:
            for hit in {d.source, d.target}:
                if hit.to is To.PART:
                    at.setdefault(hit.index, []).append(d)
        plain = {i for i, ds in at.items() if len(ds) <= 2 and all(self._is_anchor(d) for d in ds)}
        return {i for i in plain if self._texts_only(i)}

    def _is_anchor(self, d: Draft) -> bool:
        bare = d.source_end is End.NONE and d.target_end is End.NONE
        return bare and self.wires[d.wires[0]].line.dashed

    def _texts_only(self, i: int) -> bool:
        part = self.parts[i]
        return part.role is Role.NODE and bool(part.texts) and not self._levels(i)

    # -- labels

    def _label_drafts(self) -> list[Block]:
        """Give texts to the edges; returns what belongs to none."""
        used = {h.index for d in self.drafts for h in (d.source, d.target) if h.to is To.TEXT}
        texts = [b for i, b in enumerate(self.free) if i not in used] + self.grounds
        ends = end_labels(texts, self.wires, self.em) if self.kind in BOXED_KINDS else {}
        for i, (wire, at_start) in ends.items():
            self._label_end(texts[i].text, wire, at_start)
        rest = [b for i, b in enumerate(texts) if i not in ends]
        found = middle_labels(rest, self.wires, self.em)
        placed: dict[int, list[Block]] = {}
        for i, wire in found.items():
            placed.setdefault(wire, []).append(rest[i])
        missed: list[Block] = []
        for wire, labels in placed.items():
            text = read_on(t for b in labels for t in b.lines)
            if not self._label_wire(text, wire):
                missed.extend(labels)
        return [b for i, b in enumerate(rest) if i not in found] + missed

    def _label_end(self, text: str, wire: int, at_start: bool) -> None:
        tip = self.wires[wire].tip(at_start)
        for draft in self.drafts:
            if wire in draft.wires:
                near_source = distance(tip, draft.path[0]) < distance(tip, draft.path[-1])
                (draft.source_labels if near_source else draft.target_labels).append(text)

    def _label_wire(self, text: str, wire: int) -> bool:
        own = [d for d in self.drafts if wire in (d.wires[0], d.wires[-1])]
        on_it = own or [d for d in self.drafts if wire in d.wires]
        for draft in on_it:
            draft.labels.append(text)
        return bool(on_it)

    # -- result

    def diagram(self) -> Diagram:
        """The finished graph."""
        node_ids, text_ids = self._kept()
        groups = [i for i, p in enumerate(self.parts) if p.role is Role.GROUP]
        ordered = sorted(node_ids, key=lambda i: (round(self.parts[i].box[1] / self.em), self.parts[i].box[0]))
        names = _Names({}, {})
        for n, i in enumerate(groups, 1):
            names.parts[i] = f"g{n}"
        for n, i in enumerate(ordered, 1):
            names.parts[i] = f"n{n}" if self.parts[i].texts else self._blank_id(i, names)
        for n, i in enumerate(text_ids, len(ordered) + 1):
            names.texts[i] = f"n{n}"
        nodes = [self._node(i, names) for i in ordered] + [self._text_node(i, names) for i in text_ids]
        edges = self._edges(names)
        title, notes = self._title_and_notes()
        unread = []
        if self.loose:
            unread.append(f"{len(self.loose)} lines whose ends were not found")
        return Diagram(
            self.kind, tuple(nodes), tuple(edges), tuple(self._group(i, names) for i in groups), title, notes,
            _direction(nodes, edges), tuple(unread),
        )  # fmt: skip

    def _kept(self) -> tuple[list[int], list[int]]:
        linked = {h.index for d in self.drafts for h in (d.source, d.target) if h.to is To.PART}
        nodes = [
            i for i, p in enumerate(self.parts) if p.role is Role.NODE and i not in self.notes and (p.texts or i in linked)
        ]
        texts = sorted({h.index for d in self.drafts for h in (d.source, d.target) if h.to is To.TEXT})
        return nodes, texts

    def _node(self, i: int, names: _Names) -> Node:
        part = self.parts[i]
        label, members = read_on(part.texts), ()
        if self.kind in BOXED_KINDS:
            label, members = name_and_members(part.box, part.texts, self._levels(i), self.em)
        return Node(names.parts[i], label, self._form(i), members, self._group_of(part.parent, names), part.box)

    def _form(self, i: int) -> str:
        """The outline's kind; a small round one without text begins or ends a flow."""
        part = self.parts[i]
        x0, y0, x1, y1 = part.box
        w, h = x1 - x0, y1 - y0
        round_ = part.shape.kind in ("circle", "ellipse", "other") and 0.7 * h < w < 1.4 * h
        if part.texts or not round_ or max(w, h) > 3 * self.em:
            return part.shape.kind
        into = [d for d in self.drafts if (d.target.to, d.target.index) == (To.PART, i) and d.directed]
        return "end" if into else "start"

    def _blank_id(self, i: int, names: _Names) -> str:
        """Id of a node without text: where it is and what it is, as in root_start."""
        holder = self._group_of(self.parts[i].parent, names)
        inside = next((k for k, n in names.parts.items() if n == holder), None)
        label = self.group_labels.get(inside) if inside is not None else None
        place = "_".join(label.text.split()) if label else holder or "root"
        form = {"diamond": "decision"}.get(self._form(i), self._form(i))
        name, n = f"{place}_{form}", 2
        while name in names.parts.values():
            name, n = f"{place}_{form}_{n}", n + 1
        return name

    def _levels(self, i: int) -> list[float]:
        cells = [(self.parts[k].box, True) for k in self.parts[i].children]
        return crossing_levels(self.parts[i].box, [*[(bounds(r.points), False) for r in self.rules], *cells], self.em)

    def _text_node(self, i: int, names: _Names) -> Node:
        block = self.free[i]
        return Node(names.texts[i], block.text, "text", (), self._holder(block.box, names), block.box)

    def _holder(self, box: Box, names: _Names) -> str | None:
        x, y = center(box)
        around = [
            i
            for i, p in enumerate(self.parts)
            if p.role is Role.GROUP and p.box[0] <= x <= p.box[2] and p.box[1] <= y <= p.box[3]
        ]
        inmost = min(around, key=lambda i: area(self.parts[i].box), default=None)
        return None if inmost is None else names.parts.get(inmost)

    def _group_of(self, parent: int | None, names: _Names) -> str | None:
        while parent is not None and self.parts[parent].role is not Role.GROUP:
            parent = self.parts[parent].parent
        return None if parent is None else names.parts.get(parent)

    def _group(self, i: int, names: _Names) -> Group:
        part = self.parts[i]
        label = self.group_labels.get(i)
        return Group(names.parts[i], label.text if label else "", self._group_of(part.parent, names), part.box)

    def _edges(self, names: _Names) -> list[Edge]:
        drafts = sorted(self.drafts, key=lambda d: (round(d.path[0][1] / self.em), d.path[0][0], d.path[-1]))
        widths = sorted(w.line.width for w in self.wires)
        usual = widths[len(widths) // 2] if widths else 1.0
        edges = []
        for d in drafts:
            source, target = names.of(d.source), names.of(d.target)
            if source is None or target is None:
                continue
            line = self.wires[d.wires[0]].line
            style = "dashed" if line.dashed else "thick" if line.width > 2.2 * usual else "solid"
            edges.append(
                Edge(
                    source, target, " ".join(d.labels), d.directed, style, d.source_end, d.target_end,
                    " ".join(d.source_labels), " ".join(d.target_labels), d.score, d.path,
                )  # fmt: skip
            )
        return edges

    def _title_and_notes(self) -> tuple[str, tuple[str, ...]]:
        said = tuple(read_on(self.parts[i].texts) for i in sorted(self.notes))
        if not self.left:
            return "", said
        ordered = sorted(self.left, key=lambda b: (b.box[1], b.box[0]))
        first = ordered[0]
        drawn = [p.box for p in self.parts if p.role in (Role.NODE, Role.GROUP)]
        above = not drawn or first.box[3] <= union(drawn)[1] + 0.5 * self.em
        if above and first.size >= self.em:
            return first.text, said + tuple(b.text for b in ordered[1:])
        return "", said + tuple(b.text for b in ordered)


def _direction(nodes: list[Node], edges: list[Edge]) -> str:
    """Where most edges lead: TD, LR, BT or RL."""
    places = {n.id: center(n.bbox) for n in nodes if n.bbox}
    right = down = 0.0
    across = along = 0
    for e in edges:
        if e.directed and e.source in places and e.target in places:
            (x0, y0), (x1, y1) = places[e.source], places[e.target]
            right, down = right + x1 - x0, down + y1 - y0
            across, along = across + (abs(x1 - x0) > abs(y1 - y0)), along + (abs(x1 - x0) <= abs(y1 - y0))
    if across > along:
        return "LR" if right >= 0 else "RL"
    return "TD" if down >= 0 else "BT"


