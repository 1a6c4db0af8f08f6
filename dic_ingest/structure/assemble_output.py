"""The last stage of assembly: a `Reading` as a `Diagram`, in reading order, with names for everything.

In: parts with roles, drafts of edges, texts that are left. Out: nodes, edges, groups, title, notes.
"""

from __future__ import annotations

from dic_ingest.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.drawing import Box, area, union
from dic_ingest.structure.assemble_parts import Role
from dic_ingest.structure.assemble_reading import BOXED_KINDS, Reading
from dic_ingest.structure.compartments import name_and_members
from dic_ingest.structure.geometry import center
from dic_ingest.structure.text_blocks import read_on
from dic_ingest.structure.wires import Hit, To

FORMS = {"diamond": "decision"}  # how a blank node's outline is called in its id
START_SIZE = 3.0  # text heights; a larger round node without text is not a start or end dot


def diagram_from(reading: Reading) -> Diagram:
    """The finished graph."""
    return _Output(reading).diagram()


class _Output:
    def __init__(self, reading: Reading) -> None:
        self.r = reading
        linked = {(h.to, h.index) for d in reading.drafts for h in (d.source, d.target)}
        nodes = [
            i
            for i, p in enumerate(reading.parts)
            if p.role is Role.NODE and i not in reading.notes and (p.texts or (To.PART, i) in linked)
        ]
        em = reading.em
        self.nodes = sorted(
            nodes, key=lambda i: (round(reading.parts[i].box[1] / em), reading.parts[i].box[0])
        )
        self.texts = sorted(index for to, index in linked if to is To.TEXT)
        self.groups = [i for i, p in enumerate(reading.parts) if p.role is Role.GROUP]
        self.part_ids: dict[int, str] = {i: f"g{n}" for n, i in enumerate(self.groups, 1)}
        for n, i in enumerate(self.nodes, 1):
            self.part_ids[i] = f"n{n}" if reading.parts[i].texts else self._blank_id(i)
        self.text_ids = {i: f"n{n}" for n, i in enumerate(self.texts, len(self.nodes) + 1)}

    def diagram(self) -> Diagram:
        r = self.r
        nodes = [self._node(i) for i in self.nodes] + [self._text_node(i) for i in self.texts]
        edges = self._edges()
        title, notes = self._title_and_notes()
        unread = (f"{len(r.loose)} lines whose ends were not found",) if r.loose else ()
        groups = tuple(self._group(i) for i in self.groups)
        return Diagram(
            r.kind, tuple(nodes), tuple(edges), groups, title, notes, _direction(nodes, edges), unread
        )

    def _blank_id(self, i: int) -> str:
        """Id of a node without text: what it is, in a state diagram where it is, too, as in root_start."""
        holder = self._holder_of(self.r.parts[i].parent)
        label = self.r.group_labels.get(holder) if holder is not None else None
        place = (
            "_".join(label.text.split()) if label else self.part_ids[holder] if holder is not None else "root"
        )
        form = FORMS.get(self._form(i), self._form(i))
        first = f"{place}_{form}" if self.r.kind is Kind.STATE else form
        name, n = first, 2
        while name in self.part_ids.values():
            name, n = f"{first}_{n}", n + 1
        return name

    def _form(self, i: int) -> str:
        """The outline's kind; a small round node without text where a flow only begins or only ends is a
        dot.
        """
        part = self.r.parts[i]
        x0, y0, x1, y1 = part.box
        w, h = x1 - x0, y1 - y0
        round_ = part.shape.kind in ("circle", "ellipse", "other") and 0.7 * h < w < 1.4 * h
        if not part.texts and part.shape.kind != "icon" and max(w, h) > 4 * min(w, h):
            return "bar"
        if part.texts or not round_ or max(w, h) > START_SIZE * self.r.em:
            return part.shape.kind
        into = any((d.target.to, d.target.index) == (To.PART, i) and d.directed for d in self.r.drafts)
        out = any((d.source.to, d.source.index) == (To.PART, i) and d.directed for d in self.r.drafts)
        return "circle" if into and out else "end" if into else "start"

    def _node(self, i: int) -> Node:
        part = self.r.parts[i]
        form = self._form(i)
        if self.r.kind in BOXED_KINDS:
            return self._boxed(i, form)
        label = read_on(part.texts)
        return Node(self.part_ids[i], label, form, part.holds, self._group_id(part.parent), part.box)

    def _boxed(self, i: int, form: str) -> Node:
        part = self.r.parts[i]
        label, members = name_and_members(part.box, part.texts, self.r.levels(i), self.r.em)
        return Node(self.part_ids[i], label, form, members, self._group_id(part.parent), part.box)

    def _text_node(self, i: int) -> Node:
        block = self.r.free[i]
        return Node(self.text_ids[i], block.text, "text", (), self._group_around(block.box), block.box)

    def _holder_of(self, parent: int | None) -> int | None:
        """The innermost group from `parent` outwards."""
        while parent is not None and self.r.parts[parent].role is not Role.GROUP:
            parent = self.r.parts[parent].parent
        return parent

    def _group_id(self, parent: int | None) -> str | None:
        holder = self._holder_of(parent)
        return None if holder is None else self.part_ids[holder]

    def _group_around(self, box: Box) -> str | None:
        x, y = center(box)
        parts = self.r.parts
        around = [
            i
            for i in self.groups
            if parts[i].box[0] <= x <= parts[i].box[2] and parts[i].box[1] <= y <= parts[i].box[3]
        ]
        inmost = min(around, key=lambda i: area(parts[i].box), default=None)
        return None if inmost is None else self.part_ids[inmost]

    def _group(self, i: int) -> Group:
        part = self.r.parts[i]
        label = self.r.group_labels.get(i)
        return Group(self.part_ids[i], label.text if label else "", self._group_id(part.parent), part.box)

    def _id(self, hit: Hit) -> str | None:
        return self.part_ids.get(hit.index) if hit.to is To.PART else self.text_ids.get(hit.index)

    def _edges(self) -> list[Edge]:
        em, wires = self.r.em, self.r.wires
        drafts = sorted(self.r.drafts, key=lambda d: (round(d.path[0][1] / em), d.path[0][0], d.path[-1]))
        widths = sorted(w.line.width for w in wires)
        usual = widths[len(widths) // 2] if widths else 1.0
        edges = []
        for d in drafts:
            source, target = self._id(d.source), self._id(d.target)
            if source is None or target is None:
                continue
            line = wires[d.wires[0]].line
            style = "dashed" if line.dashed else "thick" if line.width > 2.2 * usual else "solid"
            edges.append(
                Edge(
                    source,
                    target,
                    " ".join(d.labels),
                    d.directed,
                    style,
                    d.source_end,
                    d.target_end,
                    " ".join(d.source_labels),
                    " ".join(d.target_labels),
                    d.score,
                    d.path,
                )
            )
        return edges

    def _title_and_notes(self) -> tuple[str, tuple[str, ...]]:
        """A text of at least usual size above everything is the title; all others that are left are notes."""
        r = self.r
        said = tuple(read_on(r.parts[i].texts) for i in sorted(r.notes))
        ordered = sorted(r.left, key=lambda b: (b.box[1], b.box[0]))
        if not ordered:
            return "", said
        drawn = [r.parts[i].box for i in (*self.nodes, *self.groups)]
        first = ordered[0]
        above = not drawn or first.box[3] <= union(drawn)[1] + 0.5 * r.em
        if above and first.size >= r.em:
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
            level = abs(x1 - x0) > abs(y1 - y0)
            across, along = across + level, along + (not level)
    if across > along:
        return "LR" if right >= 0 else "RL"
    return "TD" if down >= 0 else "BT"
