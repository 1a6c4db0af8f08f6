"""A figure's content as a graph: nodes, edges (messages, relations, links), groups.

In: what a reader of drawings or a parser of Mermaid found. Out: JSON, Mermaid, prose (`to_text`), networkx.
Nothing here looks at pixels or paths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dic_ingest.errors import MALFORMED, FormatError
from dic_ingest.model.box import Box, Point
from dic_ingest.model.representation import NotebookRepr, written

if TYPE_CHECKING:
    import networkx


class Kind(StrEnum):
    """What a figure is. The first nine have a graph; `TIMING` and `CHART` may."""

    FLOWCHART = "flowchart"
    SEQUENCE = "sequence"
    STATE = "state"
    CLASS = "class"
    ER = "er"
    TOPOLOGY = "topology"
    BLOCK = "block"
    TIMING = "timing"
    CHART = "chart"
    PHOTO = "photo"
    SCREENSHOT = "screenshot"
    TABLE = "table"
    FORMULA = "formula"
    DECORATION = "decoration"
    OTHER = "other"

    @property
    def is_diagram(self) -> bool:
        """Whether the kind's meaning lies in a graph."""
        return self in DIAGRAM_KINDS


DIAGRAM_KINDS = frozenset(
    {Kind.FLOWCHART, Kind.SEQUENCE, Kind.STATE, Kind.CLASS, Kind.ER, Kind.TOPOLOGY, Kind.BLOCK, Kind.TIMING}
)


class End(StrEnum):
    """What is drawn at one end of an edge."""

    NONE = "none"
    ARROW = "arrow"  # filled or open arrowhead: direction
    TRIANGLE = "triangle"  # hollow triangle: generalisation
    DIAMOND = "diamond"  # hollow diamond: aggregation
    FILLED_DIAMOND = "filled-diamond"  # composition
    CIRCLE = "circle"
    CROSS = "cross"
    ONE = "one"  # crow's foot family, as in ER drawings
    ZERO_OR_ONE = "zero-or-one"
    MANY = "many"
    ZERO_OR_MANY = "zero-or-many"


@dataclass(frozen=True, slots=True)
class Node:
    """A box, participant, state, class, entity or icon. `label` is verbatim; "" for a start or end dot."""

    id: str
    label: str
    shape: str = (
        "rect"  # rect, rounded, stadium, diamond, circle, start, end, cylinder, hexagon, actor, icon, ...
    )
    members: tuple[str, ...] = ()  # attributes and methods of a class or entity, verbatim
    group: str | None = None  # id of the innermost group that holds it
    bbox: Box | None = None  # in the coordinates of the drawing it was read from
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A connection; in a sequence diagram a message, and the edges' order is the messages' order."""

    source: str
    target: str
    label: str = ""
    directed: bool = True
    style: str = "solid"  # solid, dashed, thick
    source_end: End = End.NONE
    target_end: End = End.ARROW
    source_label: str = ""  # cardinality or role printed at that end
    target_label: str = ""
    score: float = 1.0
    path: tuple[tuple[float, float], ...] = ()  # the line as drawn, in the drawing's coordinates


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around nodes: subgraph, lane, composite state, or a loop/alt/opt frame around messages."""

    id: str
    label: str
    parent: str | None = None
    bbox: Box | None = None
    kind: str = "group"  # group, or loop / alt / opt / par / critical / break / box for sequence frames
    edges: tuple[int, ...] = ()  # for sequence frames: indexes of the messages inside


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a sequence diagram in its place: what one or more participants do between messages."""

    text: str
    over: tuple[str, ...]  # ids of the participants whose lifelines it lies on
    at: int  # messages that come before it
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class Diagram(NotebookRepr):
    """A graph as drawn. Node ids are unique; an edge may end on a node or on a group.

    Groups are no nodes. For sequence diagrams nodes are participants, left to right.
    """

    kind: Kind
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()  # texts that belong to no node or edge: note boxes, legends
    direction: str = "TD"  # main reading direction as drawn: TD, LR, BT, RL
    unread: tuple[str, ...] = field(default=())  # parts seen but not readable, in words
    read_from: str = ""  # "file", "vector", "pixels" or "model"
    score: float = 1.0  # how likely it is that at least half of the edges are right
    placed_notes: tuple[Note, ...] = ()  # those of `notes` that lie on lifelines

    @property
    def lines_unread(self) -> int:
        """How many lines were seen but not read: the numbers that `unread` tells, one where it tells none."""
        counts = (text.split(" ", 1)[0] for text in self.unread)
        return sum(int(c) if c.isascii() and c.isdigit() else 1 for c in counts)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; exact inverse of `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Diagram:
        """Rebuild from `data`, `to_dict` output or its JSON; raises FormatError on other input."""
        try:
            return cls._from(data)
        except MALFORMED as error:
            raise FormatError(
                f"not a diagram: {error!r}. Give what Diagram.to_dict or dic-ingest convert --to json wrote."
            ) from error

    @classmethod
    def _from(cls, data: dict[str, Any]) -> Diagram:
        return cls(
            kind=Kind(data["kind"]),
            nodes=tuple(_node(n) for n in data.get("nodes", ())),
            edges=tuple(_edge(e) for e in data.get("edges", ())),
            groups=tuple(_group(g) for g in data.get("groups", ())),
            title=data.get("title", ""),
            notes=tuple(data.get("notes", ())),
            direction=data.get("direction", "TD"),
            unread=tuple(data.get("unread", ())),
            read_from=data.get("read_from", ""),
            score=data.get("score", 1.0),
            placed_notes=tuple(_note(n) for n in data.get("placed_notes", ())),
        )

    def scaled(self, factor: float) -> Diagram:
        """The same graph, places times `factor`: from pixels at a dpi to points by 72 / dpi."""
        return self.mapped(lambda x, y: (x * factor, y * factor))

    def mapped(self, move: Callable[[float, float], Point]) -> Diagram:
        """The same graph with every place moved; `move` must keep boxes upright."""

        def box(b: Box | None) -> Box | None:
            if b is None:
                return None
            (ax, ay), (bx, by) = move(b[0], b[1]), move(b[2], b[3])
            return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

        return replace(
            self,
            nodes=tuple(replace(n, bbox=box(n.bbox)) for n in self.nodes),
            groups=tuple(replace(g, bbox=box(g.bbox)) for g in self.groups),
            placed_notes=tuple(replace(n, bbox=box(n.bbox)) for n in self.placed_notes),
            edges=tuple(replace(e, path=tuple(move(x, y) for x, y in e.path)) for e in self.edges),
        )

    def moved(self, dx: float, dy: float) -> Diagram:
        """The same graph with every place moved by `dx` to the right and `dy` down."""
        return self.mapped(lambda x, y: (x + dx, y + dy))

    def free_notes(self) -> tuple[str, ...]:
        """The notes that have no place among the messages."""
        left = Counter(n.text for n in self.placed_notes)
        free = []
        for text in self.notes:
            if left[text] > 0:
                left[text] -= 1
            else:
                free.append(text)
        return tuple(free)

    def to_mermaid(self) -> str:
        """Mermaid source that Mermaid's own parser accepts; "" for a kind without graph or an empty graph."""
        source: str = written("mermaid", self)
        return source

    def to_dot(self) -> str:
        """Graphviz DOT source, groups as clusters."""
        source: str = written("dot", self)
        return source

    def to_drawio(self) -> str:
        """A draw.io file that can be edited: shapes where they were read, lines attached to them."""
        source: str = written("drawio", self)
        return source

    def to_svg(self) -> str:
        """A drawing of the graph from the places that were read; laid out where there are none."""
        source: str = written("svg", self)
        return source

    def to_json(self) -> str:
        """The fields as JSON text; `from_dict` of its value is the inverse."""
        source: str = written("diagram json", self)
        return source

    def to_text(self, caption: str = "") -> str:
        """The logical text: what an expert would say of the drawing, every label verbatim.

        `caption` is the printed one.
        """
        text: str = written("diagram text", self, caption)
        return text

    def arrows(self) -> list[Edge]:
        """Edges between nodes and groups; one with arrowheads at both ends is two."""
        names = {n.id for n in self.nodes} | {g.id for g in self.groups}
        found = []
        for e in self.edges:
            if e.source in names and e.target in names:
                found.append(e)
                if e.directed and e.source_end == e.target_end == End.ARROW:
                    back = replace(
                        e,
                        source=e.target,
                        target=e.source,
                        source_label=e.target_label,
                        target_label=e.source_label,
                        path=e.path[::-1],
                    )
                    found.append(back)
        return found

    def vertices(self) -> tuple[Node | Group, ...]:
        """The nodes, then the groups that an edge ends on."""
        found: list[Node | Group] = [*self.nodes, *self.linked_groups()]
        return tuple(found)

    def linked_groups(self) -> tuple[Group, ...]:
        """The groups that an edge ends on: they stand for a node of the graph, too."""
        ends = {end for e in self.edges for end in (e.source, e.target)}
        return tuple(g for g in self.groups if g.id in ends)

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Nodes with label, shape, members, group; edges with label, directed, order (source to target)."""
        import networkx as nx

        graph = nx.MultiDiGraph(kind=str(self.kind), title=self.title)
        for n in self.nodes:
            graph.add_node(n.id, label=n.label, shape=n.shape, members=list(n.members), group=n.group)
        for g in self.linked_groups():
            graph.add_node(g.id, label=g.label, shape="group", members=[], group=g.parent)
        for order, e in enumerate(self.edges):
            graph.add_edge(e.source, e.target, label=e.label, directed=e.directed, style=e.style, order=order)
        return graph


def _box(value: Any) -> Box | None:
    return None if value is None else (float(value[0]), float(value[1]), float(value[2]), float(value[3]))


def _node(data: dict[str, Any]) -> Node:
    return Node(**{**data, "members": tuple(data.get("members", ())), "bbox": _box(data.get("bbox"))})


def _note(data: dict[str, Any]) -> Note:
    return Note(
        str(data["text"]), tuple(data.get("over", ())), int(data.get("at", 0)), _box(data.get("bbox"))
    )


def _edge(data: dict[str, Any]) -> Edge:
    ends: dict[str, End] = {k: End(data[k]) for k in ("source_end", "target_end") if k in data}
    path = tuple((float(x), float(y)) for x, y in data.get("path", ()))
    return Edge(**{**data, **ends, "path": path})


def _group(data: dict[str, Any]) -> Group:
    return Group(**{**data, "bbox": _box(data.get("bbox")), "edges": tuple(data.get("edges", ()))})
