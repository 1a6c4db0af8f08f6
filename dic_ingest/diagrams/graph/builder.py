"""A scene as a graph: nodes, edges, groups, with a score for every edge, in reading order."""

from __future__ import annotations

from dataclasses import replace

import shapely

from dic_ingest.diagrams.graph.attachment import Attachment, To, attach_lines
from dic_ingest.diagrams.graph.braces import add_group, find_braces
from dic_ingest.diagrams.graph.containment import Part, Role, place_texts
from dic_ingest.diagrams.graph.conventions import STRICT, drop_end_handles, take_ports, take_title_bars, tidy
from dic_ingest.diagrams.graph.icon_names import FAR, name_icons, name_outside, nearest_names
from dic_ingest.diagrams.graph.labels import (
    branch_labels,
    end_labels,
    middle_labels,
    opposite_ends,
    step_labels,
    take_steps,
)
from dic_ingest.diagrams.graph.line_courses import (
    cut_at_beads,
    cut_at_dots,
    cut_behind,
    take_dots,
)
from dic_ingest.diagrams.graph.nets import HEADS, EdgeDraft, drafts_of
from dic_ingest.diagrams.graph.reading import BOXED_KINDS, Reading, is_title_bar, name_and_members
from dic_ingest.diagrams.graph.roles import give_roles
from dic_ingest.diagrams.graph.stand_ins import read_stand_ins
from dic_ingest.diagrams.scene import Line, Scene, TextLine
from dic_ingest.diagrams.text_blocks import TextBlock, blocks, read_on, text_height
from dic_ingest.model.box import Box, area, box_gap, center, grow, holds, union
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.model.geometry import bounds, distance, length, outline_distance

# The last stage of assembly: a `Reading` as a `Diagram`, in reading order, with names for everything.


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
        self.buses = sorted(index for to, index in linked if to is To.LINE)
        self.bus_ids = {i: f"bus{n}" for n, i in enumerate(self.buses, 1)}
        self.text_ids = {i: f"n{n}" for n, i in enumerate(self.texts, len(self.nodes) + 1)}

    def diagram(self) -> Diagram:
        r = self.r
        nodes = [self._node(i) for i in self.nodes] + [self._text_node(i) for i in self.texts]
        nodes += [self._bus_node(i) for i in self.buses]
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
        if self.r.kind in BOXED_KINDS or self._is_titled(i):
            return self._boxed(i, form)
        label = read_on(part.texts)
        return Node(self.part_ids[i], label, form, part.holds, self._group_id(part.parent), part.box)

    def _is_titled(self, i: int) -> bool:
        """Whether it has a title bar, a box of its own from side to side with text, and lines below it."""
        part, em = self.r.parts[i], self.r.em
        middles = [center(t.bbox)[1] for t in part.texts]
        if not middles or part.holds:
            return False
        cells = [self.r.parts[k] for k in part.children]
        bars = [c.box for c in cells if c.role is Role.PART and is_title_bar(c.box, part.box, em)]
        return any(b[1] < min(middles) < b[3] < max(middles) for b in bars)

    def _boxed(self, i: int, form: str) -> Node:
        part = self.r.parts[i]
        label, members = name_and_members(part.box, part.texts, self.r.levels(i), self.r.em)
        return Node(self.part_ids[i], label, form, members, self._group_id(part.parent), part.box)

    def _text_node(self, i: int) -> Node:
        block = self.r.free[i]
        return Node(self.text_ids[i], block.text, "text", (), self._group_around(block.box), block.box)

    def _bus_node(self, i: int) -> Node:
        box = bounds(self.r.wires[i].line.points)
        return Node(self.bus_ids[i], self.r.bus_names.get(i, ""), "bus", (), self._group_around(box), box)

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

    def _id(self, hit: Attachment) -> str | None:
        ids = {To.PART: self.part_ids, To.TEXT: self.text_ids, To.LINE: self.bus_ids}
        return ids[hit.to].get(hit.index)

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
        said += tuple(r.free[i].text for i in r.remarks)
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


# A scene as a graph: nodes, edges, groups, with a score for every edge.


MAX_SHAPES = 3000
MAX_LINES = 3000
BESIDE_DISC = 1.2  # text heights between a disc and its name over or under it
TURNED = 2.0  # text heights by which a turned text at a side goes before others as a group's name
NEXT_TO = 0.7  # text heights between an icon and a name that a line's label could be as well
UML_KINDS = frozenset({Kind.CLASS, Kind.STATE})  # a box on a dashed line without arrowhead is a note there


def assemble_graph(scene: Scene, kind: Kind) -> Diagram:
    """Nodes, edges and groups of any drawing but a sequence diagram."""
    scene = bounded(scene)
    em = text_height(scene)
    parts, outside = place_texts(scene, em)
    outside = name_icons(parts, outside, em)
    give_roles(parts, scene, em, kind in BOXED_KINDS)
    if kind is not Kind.STATE:  # its dots on a border are entry and exit points
        scene = replace(scene, lines=take_ports(parts, scene.lines, em))
    reading = Reading(scene, kind, em, parts)
    reading.steps = take_steps(parts, scene.lines, em)
    reading.group_labels = take_title_bars(parts, em)
    _sort_texts(reading, outside)
    _link(reading)
    read_stand_ins(reading)
    tidy(reading)
    _label(reading)
    drop_end_handles(reading)
    return diagram_from(reading)


def bounded(scene: Scene) -> Scene:
    """The largest shapes and longest lines of a scene that has too many."""
    shapes, lines = scene.shapes, scene.lines
    if len(shapes) > MAX_SHAPES:
        limit = sorted((area(s.bbox) for s in shapes), reverse=True)[MAX_SHAPES]
        shapes = tuple(s for s in shapes if area(s.bbox) > limit)
    if len(lines) > MAX_LINES:
        least = sorted((length(x.points) for x in lines), reverse=True)[MAX_LINES]
        lines = tuple(x for x in lines if length(x.points) > least)
    return replace(scene, shapes=shapes, lines=lines)


# -- texts outside nodes


def _sort_texts(r: Reading, outside: list[TextLine]) -> None:
    """Labels of groups, labels on backgrounds, and free blocks."""
    r.grounds = [
        TextBlock(tuple(p.texts), i) for i, p in enumerate(r.parts) if p.role is Role.LABEL and p.texts
    ]
    r.free = blocks(outside)
    for i, part in enumerate(r.parts):
        if part.role in (Role.PART, Role.NOTHING) and part.texts and not _is_absorbed(r.parts, i):
            r.free.extend(blocks(part.texts))
        if part.role is Role.LEGEND:
            r.left.extend(blocks(part.texts))
        if part.role is Role.GROUP:
            found = blocks(part.texts)
            label = min(found, key=lambda b: _off_border(part.box, b, r.em), default=None)
            if i in r.group_labels:
                r.free.extend(found)
                continue
            if label is not None and _off_border(part.box, label, r.em) < 2.2:
                r.group_labels[i] = label
                found.remove(label)
            r.free.extend(found)


def _is_absorbed(parts: list[Part], i: int) -> bool:
    parent = parts[i].parent
    while parent is not None and parts[parent].role is Role.PART:
        parent = parts[parent].parent
    return parent is not None and parts[parent].role is Role.NODE


def _off_border(group: Box, block: TextBlock, em: float) -> float:
    """Text heights between a text and its group's border; top and turned text's side count as nearer."""
    text = block.box
    if block.lines[0].angle in (90.0, 270.0):
        return min(text[0] - group[0], group[2] - text[2]) / em - TURNED
    sides = (
        text[1] - group[1], 0.6 * em + group[3] - text[3], em + text[0] - group[0], em + group[2] - text[2],
    )  # fmt: skip
    return min(sides) / em


# -- lines


def _link(r: Reading) -> None:
    """Drafts of edges from the lines that leave a node."""
    dots = take_dots(r.parts, r.scene.lines, r.em) if r.kind is not Kind.STATE else []
    nodes = [p for p in r.parts if p.role is Role.NODE]
    holders = {p.parent for p in nodes}  # a line in a box that holds others may join them
    single = [p for i, p in enumerate(r.parts) if p.role is Role.NODE and i not in holders]
    boxes = [b for p in single for b in (p.box, name_outside(p)) if b is not None]
    near = {bare: [grow(b, (0.6 if bare else 0.35) * r.em) for b in boxes] for bare in (True, False)}
    lines: list[Line] = []
    for line in r.scene.lines:
        x0, y0, x1, y1 = bounds(line.points)
        around = near[line.start is End.NONE and line.end is End.NONE]
        held = any(b[0] <= x0 and b[1] <= y0 and b[2] >= x1 and b[3] >= y1 for b in around)
        (r.rules if held or _is_group_rule(r, line) else lines).append(line)
    lines = _without_braces(r, lines)
    lines = cut_at_beads(lines, r.parts, r.em)
    lines = cut_at_dots(cut_behind(lines, r.parts, r.em), dots)
    r.wires = attach_lines(lines, r.parts, r.free, r.grounds, r.em, [d.at for d in dots])
    heads = HEADS if r.kind in BOXED_KINDS else HEADS | {End.CIRCLE, End.CROSS}
    drafts, r.loose = drafts_of(r.wires, heads)
    r.drafts = [d for d in drafts if _place(d.source) != _place(d.target) or _is_loop(r, d)]
    if r.kind in UML_KINDS:
        r.notes = _note_parts(r)
        r.drafts = [d for d in r.drafts if not {d.source.index, d.target.index} & r.notes]


def _without_braces(r: Reading, lines: list[Line]) -> list[Line]:
    """The lines that are no braces; what those embrace are groups from then on."""
    braces = find_braces(r.parts, lines, r.free, r.em) if r.kind not in STRICT else []
    for brace in braces:
        r.group_labels[add_group(r.parts, brace.held, r.em)] = brace.name
        r.free = [b for b in r.free if b is not brace.name]
    gone = {b.line for b in braces}
    return [line for k, line in enumerate(lines) if k not in gone]


def _is_group_rule(r: Reading, line: Line) -> bool:
    """A bare line from border to border within groups: it parts them, or is their border."""
    if line.start is not End.NONE or line.end is not End.NONE:
        return False
    near = 0.3 * r.em
    groups = [p for p in r.parts if p.role is Role.GROUP]
    tips = line.points[0], line.points[-1]
    at = [[p for p in groups if outline_distance(p.shape.polygon, tip) < near] for tip in tips]
    if not all(at):
        return False
    ended = [p.box for found in at for p in found]
    inner = [
        p.box
        for p in groups
        if p.box in ended or not any(holds(p.box, b, near) for b in ended)  # not what holds them all
    ]
    within = shapely.unary_union([shapely.box(*grow(b, near)) for b in inner])
    return bool(within.covers(shapely.LineString(line.points)))


def _place(hit: Attachment) -> tuple[To, int]:
    return hit.to, hit.index


def _is_loop(r: Reading, d: EdgeDraft) -> bool:
    """A line from a node back to itself is one only where it leaves it: else it is a piece of its border."""
    if length(d.path) < 2 * r.em:
        return False
    if d.source.to is not To.PART:
        return True
    at = r.parts[d.source.index].box
    if any(box_gap(at, p) > 1.5 * r.em for p in (d.path[0], d.path[-1])):
        return False  # half of another line, found by way of a stroke of its head
    box = grow(at, 0.7 * r.em)
    return any(not (box[0] < x < box[2] and box[1] < y < box[3]) for x, y in d.path)


def _note_parts(r: Reading) -> set[int]:
    """Boxes without compartments that only dashed lines without ends lead to, two at most."""
    at: dict[int, list[EdgeDraft]] = {}
    for d in r.drafts:
        for hit in {d.source, d.target}:
            if hit.to is To.PART:
                at.setdefault(hit.index, []).append(d)
    plain = {i for i, ds in at.items() if len(ds) <= 2 and all(_is_anchor(r, d) for d in ds)}
    return {i for i in plain if r.parts[i].role is Role.NODE and r.parts[i].texts and not r.levels(i)}


def _is_anchor(r: Reading, d: EdgeDraft) -> bool:
    return d.source_end is End.NONE and d.target_end is End.NONE and r.wires[d.wires[0]].line.dashed


# -- labels


def _label(r: Reading) -> None:
    """Give texts to edges, then to nodes without text; what belongs to nothing is left."""
    used = {h.index for d in r.drafts for h in (d.source, d.target) if h.to is To.TEXT} | {*r.remarks}
    for step, wire in step_labels(r.parts, r.steps, r.wires, r.em).items():
        _label_wire(r, read_on(r.parts[step].texts), wire)
    grounds = [b for b in r.grounds if b.ground not in r.steps]
    texts = [b for i, b in enumerate(r.free) if i not in used] + grounds
    ends = end_labels(texts, r.wires, r.em) if r.kind in BOXED_KINDS else {}
    for i, (wire, at_start) in ends.items():
        _label_end(r, texts[i].text, wire, at_start)
    rest = [b for i, b in enumerate(texts) if i not in ends]
    rest = _name_nodes(r, rest, NEXT_TO, icons=True)  # an icon's name may stand under a line that leaves it
    rest = _name_discs(r, rest)
    found = middle_labels(rest, r.wires, r.em)
    placed: dict[int, list[TextBlock]] = {}
    for i, wire in found.items():
        placed.setdefault(wire, []).append(rest[i])
    left = [b for i, b in enumerate(rest) if i not in found]
    for wire, labels in placed.items():
        at_ends = opposite_ends(labels, r.wires[wire])
        if at_ends:
            _label_end(r, at_ends[0].text, wire, True)
            _label_end(r, at_ends[1].text, wire, False)
        elif not _label_wire(r, read_on(t for b in labels for t in b.lines), wire):
            left.extend(labels)
    left = _name_nodes(r, left)
    bare = [k for k in range(len(r.wires)) if k not in placed]
    branches = branch_labels(left, r.wires, bare, r.em)
    r.left.extend(
        b for i, b in enumerate(left) if i not in branches or not _label_wire(r, b.text, branches[i])
    )


def _label_end(r: Reading, text: str, wire: int, at_start: bool) -> None:
    tip = r.wires[wire].tip(at_start)
    for draft in r.drafts:
        if wire in draft.wires:
            near_source = distance(tip, draft.path[0]) < distance(tip, draft.path[-1])
            (draft.source_labels if near_source else draft.target_labels).append(text)


def _label_wire(r: Reading, text: str, wire: int) -> bool:
    if any(d.source.to is To.LINE and d.source.index == wire for d in r.drafts):
        r.bus_names[wire] = text
        return True
    own = [d for d in r.drafts if wire in (d.wires[0], d.wires[-1])]
    on_it = own or [d for d in r.drafts if wire in d.wires]
    for draft in on_it:
        draft.labels.append(text)
    return bool(on_it)


def _name_discs(r: Reading, texts: list[TextBlock]) -> list[TextBlock]:
    """Texts centred over or under linked discs without text become their names; the others are returned."""
    if r.kind is Kind.STATE:
        return texts  # its dots have no names
    linked = {h.index for d in r.drafts for h in (d.source, d.target) if h.to is To.PART}
    discs = [
        p
        for i, p in enumerate(r.parts)
        if i in linked and p.role is Role.NODE and not p.texts and p.shape.kind in ("circle", "ellipse")
    ]
    given: set[int] = set()
    for k, block in nearest_names([p.box for p in discs], texts, r.em, far=BESIDE_DISC).items():
        disc = discs[k]
        if abs(center(disc.box)[0] - center(block.box)[0]) < 0.6 * r.em:
            disc.texts.extend(block.lines)
            given.add(id(block))
    return [b for b in texts if id(b) not in given]


def _name_nodes(r: Reading, texts: list[TextBlock], far: float = FAR, icons: bool = False) -> list[TextBlock]:
    """Texts printed beside linked nodes without text become their labels; the other texts are returned."""
    linked = {h.index for d in r.drafts for h in (d.source, d.target) if h.to is To.PART}
    bare = [i for i in sorted(linked) if r.parts[i].role is Role.NODE and not r.parts[i].texts]
    if icons:
        bare = [i for i in bare if r.parts[i].shape.kind == "icon"]
    if r.kind is Kind.STATE:
        return texts  # its dots and bars have no names
    near = [b for b in texts if b.size < 1.3 * r.em]
    names = nearest_names([r.parts[i].box for i in bare], near, r.em, far=far)
    for k, block in names.items():
        r.parts[bare[k]].texts.extend(block.lines)
    given = {id(b) for b in names.values()}
    return [b for b in texts if id(b) not in given]
