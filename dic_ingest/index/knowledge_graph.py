"""The graphs of many figures as one: what has one name is one entity; relations keep where they are drawn.

In: graphs of figures, and the texts of their documents, which explain acronyms. No model is asked.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Any

import networkx as nx

from dic_ingest.errors import MALFORMED
from dic_ingest.index.acronyms import acronyms
from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import Kind
from dic_ingest.model.geometry import bounds
from dic_ingest.text.tokens import plain

# What a node of a drawing is, and how far its name reaches: a step called "Check" is another one in each
# drawing, a state belongs to its document's machine, a component is the same thing wherever it is drawn.
TYPES = {
    Kind.FLOWCHART: "step",
    Kind.SEQUENCE: "participant",
    Kind.STATE: "state",
    Kind.CLASS: "class",
    Kind.ER: "entity",
    Kind.TOPOLOGY: "component",
    Kind.BLOCK: "component",
}
OF_FIGURE, OF_DOCUMENT = frozenset({Kind.FLOWCHART, Kind.TIMING}), frozenset({Kind.STATE})
SMALL = 2000  # entities of a graph in which further ways than the shortest are looked for
DIRECTED, UNDIRECTED, MEMBER = "leads to", "connected with", "part of"  # relations without a label


@dataclass(frozen=True, slots=True)
class FigureGraph:
    """A figure's graph as its node has it, in points of its page."""

    id: str  # of the figure's node
    document: str  # folder of its results, or the document's id
    file: str
    page: int
    label: str
    kind: Kind
    graph: Mapping[str, Any]  # nodes, edges, groups: see figures.places.graph_values
    read_from: str = ""
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where an entity or a relation is drawn, and what supports it."""

    document: str
    file: str
    page: int
    figure: str  # id of the figure's node
    figure_label: str
    box: Box | None  # points on the page
    points: tuple[Point, ...] = ()  # of a line
    order: int = 0  # of a message among the figure's edges, from 1; 0 where order says nothing
    source_label: str = ""  # printed at the ends of a line
    target_label: str = ""
    read_from: str = ""  # file, drawing, model, parser
    needs_review: bool = False


@dataclass(slots=True)
class Entity:
    """A thing. `name` is unique in the graph; `aliases` are its names as printed or explained."""

    name: str
    type: str
    aliases: list[str] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    other_meanings: list[str] = field(
        default_factory=list
    )  # of an acronym that documents explain differently


@dataclass(slots=True)
class Relation:
    """A line between two entities. Drawn in several figures it is one relation with several occurrences."""

    source: str
    label: str
    target: str
    directed: bool
    occurrences: list[Occurrence] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """Entities by name, and relations between them. Contradicting drawings stand side by side."""

    entities: dict[str, Entity]
    relations: list[Relation]

    def find(self, name: str) -> list[Entity]:
        """The entities that are called so, whatever the case and the blanks.

        Where none is: the one whose name holds all these words, if it is the only one.
        """
        wanted = normalised(name)
        words = set(wanted.split())
        named = [(e, {normalised(a) for a in (e.name, *e.aliases)}) for e in self.entities.values()]
        exact = [e for e, names in named if wanted in names]
        held = [e for e, names in named if words and any(words <= set(n.split()) for n in names)]
        return exact or (held if len(held) == 1 else [])

    def relations_of(self, name: str) -> list[Relation]:
        """All relations of the entities that are called so."""
        names = {e.name for e in self.find(name)}
        return [r for r in self.relations if r.source in names or r.target in names]

    def paths(self, start: str, end: str, most: int = 5) -> list[list[Relation]]:
        """The shortest ways from what is called `start` to what is called `end`, along the lines drawn.

        A way may lead through several figures and documents: it changes where both show the same entity. A
        line without a direction leads both ways and is given as it is walked; what contains what is no way.
        """
        net: Any = nx.DiGraph()
        between: dict[tuple[str, str], Relation] = {}
        for relation in self.relations:
            if relation.label != MEMBER:
                for walked in (relation,) if relation.directed else (relation, _turned(relation)):
                    between.setdefault((walked.source, walked.target), walked)
        net.add_edges_from(between)
        ends = [
            (a.name, b.name)
            for a in self.find(start)
            for b in self.find(end)
            if a is not b and a.name in net and b.name in net and nx.has_path(net, a.name, b.name)
        ]
        few = len(net) <= SMALL  # finding more than one takes time that grows with the cube of the entities
        ways = [
            way
            for a, b in ends[:most]
            for way in (
                islice(nx.shortest_simple_paths(net, a, b), most) if few else [nx.shortest_path(net, a, b)]
            )
        ]
        return [[between[step] for step in pairwise(way)] for way in sorted(ways, key=len)[:most]]


def _turned(relation: Relation) -> Relation:
    return replace(relation, source=relation.target, target=relation.source)


def normalised(label: str) -> str:
    """A label as names compare: letters and digits, case folded, one blank between."""
    return plain(unicodedata.normalize("NFKC", label))


def knowledge_graph(
    figures: Sequence[FigureGraph], texts: Mapping[str, Iterable[str]] | None = None
) -> KnowledgeGraph:
    """The figures' graphs as one.

    Args:
        figures: in an order that is kept.
        texts: by document, what explains its acronyms.
    """
    names = _Names({d: acronyms(t) for d, t in (texts or {}).items()})
    builder = _Builder(names)
    for figure in figures:
        try:
            builder.add(figure)
        except MALFORMED:  # a graph of another form, in results that were edited
            continue
    return builder.done()


class _Names:
    """Which labels of which documents name the same thing."""

    def __init__(self, explained: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._own = {
            d: {normalised(s): longs[0] for s, longs in known.items() if len(longs) == 1}
            for d, known in explained.items()
        }
        every: dict[str, dict[str, str]] = {}
        for known in explained.values():
            for short, longs in known.items():
                for long in longs:
                    every.setdefault(normalised(short), {}).setdefault(normalised(long), long)
        self._shared = {s: next(iter(longs.values())) for s, longs in every.items() if len(longs) == 1}
        self.meanings = {s: list(longs.values()) for s, longs in every.items() if len(longs) > 1}

    def key(self, label: str, document: str) -> str:
        """The name under which things are one: the long form of an acronym that is explained."""
        name = normalised(label)
        long = self.long(name, document)
        if long:
            return normalised(long)
        head, _, tail = label.partition("(")  # "Access and Mobility Management Function (AMF)"
        if tail and (inner := self.long(normalised(tail.rstrip(") ")), document)):
            return normalised(inner) if normalised(inner) == normalised(head) else name
        return name

    def long(self, short: str, document: str) -> str:
        """What an acronym means in a document: by itself, else by all others where they agree."""
        return self._own.get(document, {}).get(short) or self._shared.get(short, "")


class _Builder:
    def __init__(self, names: _Names) -> None:
        self.names = names
        self.entities: dict[str, Entity] = {}  # by key
        self.printed: dict[str, Counter[str]] = {}
        self.types: dict[str, Counter[str]] = {}
        self.scope: dict[str, str] = {}
        self.relations: dict[tuple[str, str, str, bool], Relation] = {}

    def add(self, figure: FigureGraph) -> None:
        """One figure's nodes, groups, and lines."""
        keys: dict[str, str] = {}
        groups = {str(g["id"]): g for g in figure.graph.get("groups", ())}
        for node in [*figure.graph["nodes"], *(g for g in groups.values() if g["label"])]:
            name = str(node["id"])
            if name not in keys:
                kind = "group" if name in groups else TYPES.get(figure.kind, "component")
                keys[name] = self._entity(figure, node, kind)
        for number, edge in enumerate(figure.graph["edges"], 1):
            self._line(figure, edge, keys, number)
        for node in [*figure.graph["nodes"], *groups.values()]:
            parent = str(node.get("parent") or "")
            if parent in keys and str(node["id"]) in keys and keys[parent] != keys[str(node["id"])]:
                self._relate(
                    keys[str(node["id"])], MEMBER, keys[parent], True, _occurrence(figure, node["bbox"])
                )

    def _entity(self, figure: FigureGraph, node: Mapping[str, Any], kind: str) -> str:
        label = " ".join(str(node["label"]).split())
        key, scope = self._key(figure, label, str(node["id"]), kind)
        entity = self.entities.setdefault(key, Entity("", kind))
        self.scope[key] = scope
        self.printed.setdefault(key, Counter())[label or f"({node.get('shape') or 'unnamed'})"] += 1
        self.types.setdefault(key, Counter())[kind] += 1
        entity.occurrences.append(_occurrence(figure, node["bbox"]))
        short = normalised(label)
        long = self.names.long(short, figure.document)
        if label and long and not scope:
            self.printed[key][long] += 0
        if not long and short in self.names.meanings:
            entity.other_meanings = self.names.meanings[short]
        return key

    def _key(self, figure: FigureGraph, label: str, node_id: str, kind: str) -> tuple[str, str]:
        """What the entity is known by, and where its name holds: "" for everywhere."""
        place = f"{figure.label or figure.id}, {figure.file}"
        if not normalised(label):
            return f"{figure.id}\n{node_id}", place
        numbered = not any(c.isalpha() for c in label)  # "1" is another one in each drawing
        if numbered or (figure.kind in OF_FIGURE and kind != "group"):
            return f"{figure.id}\n{normalised(label)}", place
        key = self.names.key(label, figure.document)
        return (f"{figure.document}\n{key}", figure.file) if figure.kind in OF_DOCUMENT else (key, "")

    def _line(
        self, figure: FigureGraph, edge: Mapping[str, Any], keys: Mapping[str, str], number: int
    ) -> None:
        source, target = keys.get(str(edge["source"])), keys.get(str(edge["target"]))
        if source is None or target is None:
            return
        points = tuple((float(x), float(y)) for x, y in edge["points"])
        box = bounds(points) if points else None
        directed = bool(edge["directed"])
        label = " ".join(str(edge["label"]).split()) or (DIRECTED if directed else UNDIRECTED)
        where = _occurrence(
            figure,
            box,
            points,
            number if figure.kind is Kind.SEQUENCE else 0,
            str(edge.get("source_label", "")),
            str(edge.get("target_label", "")),
        )
        self._relate(source, label, target, directed, where)

    def _relate(self, source: str, label: str, target: str, directed: bool, where: Occurrence) -> None:
        if not directed and (target, label, source, False) in self.relations:
            source, target = target, source
        key = (source, label, target, directed)
        self.relations.setdefault(key, Relation(source, label, target, directed)).occurrences.append(where)

    def done(self) -> KnowledgeGraph:
        """Entities under unique names: the one printed most often, with its place or meaning where needed."""
        names: dict[str, str] = {}
        taken: set[str] = set()
        for key, entity in self.entities.items():
            printed = [label for label, _ in self.printed[key].most_common()]
            name = f"{printed[0]} ({self.scope[key]})" if self.scope[key] else printed[0]
            if name in taken:
                name = f"{name} [{key.rpartition(chr(10))[2]}]"
            while name in taken:
                name += "'"
            taken.add(name)
            names[key] = entity.name = name
            entity.aliases = printed
            entity.type = self.types[key].most_common(1)[0][0]
        relations = list(self.relations.values())
        for relation in relations:
            relation.source, relation.target = names[relation.source], names[relation.target]
        return KnowledgeGraph({e.name: e for e in self.entities.values()}, relations)


def _occurrence(
    figure: FigureGraph,
    box: Sequence[float] | None,
    points: tuple[Point, ...] = (),
    order: int = 0,
    source_label: str = "",
    target_label: str = "",
) -> Occurrence:
    place = None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return Occurrence(
        figure.document,
        figure.file,
        figure.page,
        figure.id,
        figure.label,
        place,
        points,
        order,
        source_label,
        target_label,
        figure.read_from,
        figure.needs_review,
    )
