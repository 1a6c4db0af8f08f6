"""Which shapes of a slide, sheet or Word page are a drawing, and which are text or pictures of their own.

In: flat shapes. Out: at most one drawing with its graph and its box. A drawing has a line that joins two
shapes, or several filled or framed shapes with words; text boxes and pictures alone are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.model.box import Box, area, grow, inside, overlap, union
from dic_ingest.model.diagram import Diagram
from dic_ingest.sources.office.drawing.graph.build import GraphLimits, ink, read_graph
from dic_ingest.sources.office.drawing.shapes import FRAME, PICTURE, OfficeShape


@dataclass(frozen=True, slots=True)
class DrawingRules:
    """When shapes are a drawing.

    boxes: filled or framed shapes with words that make one without a line. words: most words of such a shape
    on average; longer ones are framed text. margin: points around the graph within which shapes belong to it.
    picture_share: of the drawing's area from which on a picture in it stays a figure of its own.
    """

    boxes: int = 3
    words: float = 12.0
    margin: float = 4.0
    picture_share: float = 0.5
    graph: GraphLimits = field(default_factory=GraphLimits)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing: its graph in the shapes' coordinates, its box, the shapes that it is made of."""

    diagram: Diagram
    box: Box
    shapes: tuple[OfficeShape, ...]

    @property
    def reading(self) -> Diagram:
        """The graph with the corner of the box as its origin."""
        return self.diagram.moved(-self.box[0], -self.box[1])


def find_drawing(shapes: Sequence[OfficeShape], rules: DrawingRules | None = None) -> Drawn | None:
    """The drawing among shapes; None where they draw none."""
    rules = rules or DrawingRules()
    diagram = read_graph(shapes, rules.graph)
    if not _is_drawing(diagram, rules):
        return None
    box = _box(diagram, shapes)
    if box is None:
        return None
    near = grow(box, rules.margin)
    told = {n.id for n in diagram.nodes} | {g.id for g in diagram.groups}
    own = [s for s in shapes if s.id in told or _belongs(s, near, area(box), rules)]
    box = union([box, *(ink(s) for s in own if s.id in told or s.kind != FRAME)])
    kept = {s.id for s in own}
    left = {s.text for s in shapes if s.id not in kept}
    mine = {s.text for s in own}
    notes = tuple(n for n in diagram.notes if n in mine or n not in left)
    return Drawn(_with_notes(diagram, notes), box, tuple(own))


def _with_notes(diagram: Diagram, notes: tuple[str, ...]) -> Diagram:
    return replace(diagram, notes=notes)


def _is_drawing(diagram: Diagram, rules: DrawingRules) -> bool:
    if any(e.source != e.target for e in diagram.edges):
        return True
    named = [n.label for n in diagram.nodes if n.label.strip() and n.shape != "icon"]
    said = sum(len(label.split()) for label in named)
    return len(named) >= rules.boxes and said <= rules.words * len(named)


def _box(diagram: Diagram, shapes: Sequence[OfficeShape]) -> Box | None:
    """The box around nodes, groups, lines and the words beside the lines."""
    boxes: list[Box] = [b for n in diagram.nodes if (b := n.bbox) is not None]
    boxes += [b for g in diagram.groups if (b := g.bbox) is not None]
    boxes += [(x, y, x, y) for e in diagram.edges for x, y in e.path]
    if not boxes:
        return None
    labels = {e.label for e in diagram.edges if e.label}
    around = grow(union(boxes), 40.0)
    boxes += [ink(s) for s in shapes if s.text in labels and inside(ink(s), around)]
    return union(boxes)


def _belongs(shape: OfficeShape, box: Box, size: float, rules: DrawingRules) -> bool:
    """Whether a shape that is no node lies in the drawing: a note, an icon, a mark."""
    if shape.kind == PICTURE and area(shape.bbox) > rules.picture_share * size:
        return False
    if area(shape.bbox) == 0:
        return overlap(grow(shape.bbox, 0.5), box) > 0
    return inside(ink(shape), box, 0.6)
