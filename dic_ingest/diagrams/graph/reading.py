"""What the stages of assembly hand on to one another, and boxes with compartments: a name, and members row
by row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dic_ingest.diagrams.graph.attachment import Wire
from dic_ingest.diagrams.graph.containment import Part
from dic_ingest.diagrams.graph.nets import EdgeDraft
from dic_ingest.diagrams.scene import Line, Scene, TextLine
from dic_ingest.diagrams.text_blocks import TextBlock, read_on, rows
from dic_ingest.model.box import Box, center, height_of, shared_width, width_of
from dic_ingest.model.diagram import Kind
from dic_ingest.model.geometry import bounds

# Boxes with compartments: a class's or entity's name, and its members row by row.


# «interface», <<enumeration>>, {abstract}: says what a class is, not how it is called
STEREOTYPE = re.compile(r"^\s*(«.*»|<<.*>>|\{.*\})\s*$")


def name_and_members(
    box: Box, texts: list[TextLine], levels: list[float], em: float
) -> tuple[str, tuple[str, ...]]:
    """Name compartment as one string without stereotypes; each row below as one member.

    `levels`: heights at which rules cross the box from side to side.
    """
    inner = sorted(y for y in levels if box[1] + 0.5 * em < y < box[3] - 0.2 * em)
    heads: list[TextLine] = []
    while inner and not heads:
        first = inner.pop(0)
        heads = [t for t in texts if center(t.bbox)[1] < first]
    if not heads:
        return _name([t.text for row in rows(texts) for t in row]), ()
    below = [t for t in texts if t not in heads]
    members = tuple(read_on(row) for row in rows(below))
    return _name([t.text for row in rows(heads) for t in row]), members


def is_title_bar(inner: Box, outer: Box, em: float) -> bool:
    """Whether a box lies along the whole top of another one and is the smaller part of it."""
    slack = 0.3 * em
    flush = all(abs(inner[k] - outer[k]) < slack for k in (0, 1, 2))
    return flush and height_of(inner) < 0.5 * height_of(outer)


def _name(lines: list[str]) -> str:
    """What stands below the last stereotype; all that is none where nothing does."""
    tags = [i for i, t in enumerate(lines) if STEREOTYPE.match(t)]
    below = lines[tags[-1] + 1 :] if tags else []
    plain = [t for t in lines if not STEREOTYPE.match(t)]
    return " ".join(below or plain or lines)


def crossing_levels(box: Box, segments: list[tuple[Box, bool]], em: float) -> list[float]:
    """Heights of the rules, and of the cells' edges, that span the box. `segments`: their boxes, is a
    cell.
    """
    found: list[float] = []
    flat: list[Box] = []
    for x0, y0, x1, y1 in (b for b, is_cell in segments if not is_cell and height_of(b) < 0.4 * em):
        if x1 > box[0] and x0 < box[2] and box[1] <= (y0 + y1) / 2 <= box[3]:
            flat.append((x0, y0, x1, y1))
    for (x0, y0, x1, y1), is_cell in segments:
        if is_cell and x0 <= box[0] + 0.6 * em and x1 >= box[2] - 0.6 * em and y1 >= box[1] and y0 <= box[3]:
            found.extend((y0, y1))
    for _, y0, _, y1 in flat:
        level = (y0 + y1) / 2
        # words cut a rule of a picture into pieces
        pieces = [b for b in flat if abs((b[1] + b[3]) / 2 - level) < 0.25 * em]
        if sum(shared_width(b, box) for b in pieces) > 0.75 * width_of(box):
            found.append(level)
    return found


# What the stages of assembly hand on to one another.


BOXED_KINDS = frozenset({Kind.CLASS, Kind.ER})  # whose nodes are boxes with compartments


@dataclass(slots=True)
class Reading:
    """What the stages found out so far; the last one makes a `Diagram` of it."""

    scene: Scene
    kind: Kind
    em: float
    parts: list[Part]
    rules: list[Line] = field(default_factory=list)  # lines within one node
    wires: list[Wire] = field(default_factory=list)
    free: list[TextBlock] = field(default_factory=list)  # text outside nodes; may be nodes themselves
    grounds: list[TextBlock] = field(default_factory=list)  # text on a label's background
    steps: list[int] = field(default_factory=list)  # discs with the numbers of lines
    group_labels: dict[int, TextBlock] = field(default_factory=dict)
    drafts: list[EdgeDraft] = field(default_factory=list)
    bus_names: dict[int, str] = field(default_factory=dict)  # of wires that others end on
    notes: set[int] = field(default_factory=set)  # parts that are note boxes
    remarks: list[int] = field(default_factory=list)  # free texts that call-outs point from
    loose: list[int] = field(default_factory=list)  # wires that lead nowhere
    left: list[TextBlock] = field(default_factory=list)  # text that belongs to nothing

    def levels(self, i: int) -> list[float]:
        """Heights at which part `i` is ruled from side to side."""
        cells = [(self.parts[k].box, True) for k in self.parts[i].children]
        rules = [(bounds(r.points), False) for r in self.rules]
        return crossing_levels(self.parts[i].box, [*rules, *cells], self.em)
