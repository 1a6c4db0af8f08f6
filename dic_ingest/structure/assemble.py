"""A scene as a graph: nodes, edges, groups, with a score for every edge.

In: a `Scene` and its kind. Out: a `Diagram`. One algorithm for every source: what is each outline for,
where does each line end, which text belongs to what. What could not be read is told in `Diagram.unread`.
"""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.diagram import Diagram, End, Kind
from dic_ingest.drawing import Box, area, grow
from dic_ingest.structure.assemble_ends import attach_lines
from dic_ingest.structure.assemble_icons import FAR, name_icons, name_outside, nearest_names
from dic_ingest.structure.assemble_nets import HEADS, Draft, drafts_of
from dic_ingest.structure.assemble_output import diagram_from
from dic_ingest.structure.assemble_parts import Part, Role, place_texts, usual_height
from dic_ingest.structure.assemble_reading import BOXED_KINDS, Reading
from dic_ingest.structure.assemble_roles import give_roles
from dic_ingest.structure.assemble_tidy import drop_knobs, tidy
from dic_ingest.structure.geometry import bounds, box_gap, distance, length
from dic_ingest.structure.labels import end_labels, middle_labels
from dic_ingest.structure.scene import Line, Scene, TextLine
from dic_ingest.structure.text_blocks import Block, blocks, read_on
from dic_ingest.structure.wires import Hit, To

MAX_SHAPES = 3000
MAX_LINES = 3000
NEXT_TO = 0.7  # text heights between an icon and a name that a line's label could be as well
UML_KINDS = frozenset({Kind.CLASS, Kind.STATE})  # a box on a dashed line without arrowhead is a note there


def assemble_graph(scene: Scene, kind: Kind) -> Diagram:
    """Nodes, edges and groups of any drawing but a sequence diagram."""
    scene = _bounded(scene)
    em = usual_height(scene)
    parts, outside = place_texts(scene, em)
    outside = name_icons(parts, outside, em)
    give_roles(parts, scene, em, kind in BOXED_KINDS)
    reading = Reading(scene, kind, em, parts)
    _sort_texts(reading, outside)
    _link(reading)
    tidy(reading)
    _label(reading)
    drop_knobs(reading)
    return diagram_from(reading)


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


# -- texts outside nodes


def _sort_texts(r: Reading, outside: list[TextLine]) -> None:
    """Labels of groups, labels on backgrounds, and free blocks."""
    r.grounds = [Block(tuple(p.texts), i) for i, p in enumerate(r.parts) if p.role is Role.LABEL and p.texts]
    r.free = blocks(outside)
    for i, part in enumerate(r.parts):
        if part.role in (Role.PART, Role.NOTHING) and part.texts and not _is_absorbed(r.parts, i):
            r.free.extend(blocks(part.texts))
        if part.role is Role.LEGEND:
            r.left.extend(blocks(part.texts))
        if part.role is Role.GROUP:
            found = blocks(part.texts)
            label = min(found, key=lambda b: _off_border(part.box, b.box, r.em), default=None)
            if label is not None and _off_border(part.box, label.box, r.em) < 2.2:
                r.group_labels[i] = label
                found.remove(label)
            r.free.extend(found)


def _is_absorbed(parts: list[Part], i: int) -> bool:
    parent = parts[i].parent
    while parent is not None and parts[parent].role is Role.PART:
        parent = parts[parent].parent
    return parent is not None and parts[parent].role is Role.NODE


def _off_border(group: Box, text: Box, em: float) -> float:
    """Text heights between a text and its group's border; the top counts as nearer."""
    sides = (
        text[1] - group[1], 0.6 * em + group[3] - text[3], em + text[0] - group[0], em + group[2] - text[2],
    )  # fmt: skip
    return min(sides) / em


# -- lines


def _link(r: Reading) -> None:
    """Drafts of edges from the lines that leave a node."""
    nodes = [p for p in r.parts if p.role is Role.NODE]
    boxes = [b for p in nodes for b in (p.box, name_outside(p)) if b is not None]
    near = {bare: [grow(b, (0.6 if bare else 0.35) * r.em) for b in boxes] for bare in (True, False)}
    lines: list[Line] = []
    for line in r.scene.lines:
        x0, y0, x1, y1 = bounds(line.points)
        around = near[line.start is End.NONE and line.end is End.NONE]
        held = any(b[0] <= x0 and b[1] <= y0 and b[2] >= x1 and b[3] >= y1 for b in around)
        (r.rules if held else lines).append(line)
    r.wires = attach_lines(lines, r.parts, r.free, r.grounds, r.em)
    heads = HEADS if r.kind in BOXED_KINDS else HEADS | {End.CIRCLE, End.CROSS}
    drafts, r.loose = drafts_of(r.wires, heads)
    r.drafts = [d for d in drafts if _place(d.source) != _place(d.target) or _is_loop(r, d)]
    if r.kind in UML_KINDS:
        r.notes = _note_parts(r)
        r.drafts = [d for d in r.drafts if not {d.source.index, d.target.index} & r.notes]


def _place(hit: Hit) -> tuple[To, int]:
    return hit.to, hit.index


def _is_loop(r: Reading, d: Draft) -> bool:
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
    at: dict[int, list[Draft]] = {}
    for d in r.drafts:
        for hit in {d.source, d.target}:
            if hit.to is To.PART:
                at.setdefault(hit.index, []).append(d)
    plain = {i for i, ds in at.items() if len(ds) <= 2 and all(_is_anchor(r, d) for d in ds)}
    return {i for i in plain if r.parts[i].role is Role.NODE and r.parts[i].texts and not r.levels(i)}


def _is_anchor(r: Reading, d: Draft) -> bool:
    return d.source_end is End.NONE and d.target_end is End.NONE and r.wires[d.wires[0]].line.dashed


# -- labels


def _label(r: Reading) -> None:
    """Give texts to edges, then to nodes without text; what belongs to nothing is left."""
    used = {h.index for d in r.drafts for h in (d.source, d.target) if h.to is To.TEXT}
    texts = [b for i, b in enumerate(r.free) if i not in used] + r.grounds
    ends = end_labels(texts, r.wires, r.em) if r.kind in BOXED_KINDS else {}
    for i, (wire, at_start) in ends.items():
        _label_end(r, texts[i].text, wire, at_start)
    rest = [b for i, b in enumerate(texts) if i not in ends]
    rest = _name_nodes(r, rest, NEXT_TO, icons=True)  # an icon's name may stand under a line that leaves it
    found = middle_labels(rest, r.wires, r.em)
    placed: dict[int, list[Block]] = {}
    for i, wire in found.items():
        placed.setdefault(wire, []).append(rest[i])
    left = [b for i, b in enumerate(rest) if i not in found]
    for wire, labels in placed.items():
        if not _label_wire(r, read_on(t for b in labels for t in b.lines), wire):
            left.extend(labels)
    r.left.extend(_name_nodes(r, left))


def _label_end(r: Reading, text: str, wire: int, at_start: bool) -> None:
    tip = r.wires[wire].tip(at_start)
    for draft in r.drafts:
        if wire in draft.wires:
            near_source = distance(tip, draft.path[0]) < distance(tip, draft.path[-1])
            (draft.source_labels if near_source else draft.target_labels).append(text)


def _label_wire(r: Reading, text: str, wire: int) -> bool:
    own = [d for d in r.drafts if wire in (d.wires[0], d.wires[-1])]
    on_it = own or [d for d in r.drafts if wire in d.wires]
    for draft in on_it:
        draft.labels.append(text)
    return bool(on_it)


def _name_nodes(r: Reading, texts: list[Block], far: float = FAR, icons: bool = False) -> list[Block]:
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
