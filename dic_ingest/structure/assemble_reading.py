"""What the stages of assembly hand on to one another.

In: parts with roles. Out: wires, drafts, texts sorted by use. Holds data only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.diagram import Kind
from dic_ingest.structure.assemble_nets import Draft
from dic_ingest.structure.assemble_parts import Part
from dic_ingest.structure.compartments import crossing_levels
from dic_ingest.structure.geometry import bounds
from dic_ingest.structure.scene import Line, Scene
from dic_ingest.structure.text_blocks import Block
from dic_ingest.structure.wires import Wire

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
    free: list[Block] = field(default_factory=list)  # text outside nodes; may be nodes themselves
    grounds: list[Block] = field(default_factory=list)  # text on a label's background
    group_labels: dict[int, Block] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    notes: set[int] = field(default_factory=set)  # parts that are note boxes
    loose: list[int] = field(default_factory=list)  # wires that lead nowhere
    left: list[Block] = field(default_factory=list)  # text that belongs to nothing

    def levels(self, i: int) -> list[float]:
        """Heights at which part `i` is ruled from side to side."""
        cells = [(self.parts[k].box, True) for k in self.parts[i].children]
        rules = [(bounds(r.points), False) for r in self.rules]
        return crossing_levels(self.parts[i].box, [*rules, *cells], self.em)
