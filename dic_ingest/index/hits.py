"""What a search gives back: a node with its document, page, box and crop, for figures the places of nodes and
edges, and the nodes around it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dic_ingest.batch.manifest import DOCUMENT
from dic_ingest.errors import MALFORMED
from dic_ingest.figures.places import graph_values, on_page
from dic_ingest.index.state import IndexState
from dic_ingest.model.box import Box, Point
from dic_ingest.model.document import Document
from dic_ingest.model.geometry import bounds
from dic_ingest.owned_files import file_inside
from dic_ingest.text.search_terms import search_terms

MAX_BYTES = 256 * 2**20  # of a document.json that is read for a graph too large for its node


@dataclass(frozen=True, slots=True)
class Passage:
    """A node beside one that was found: before or after it, or one that speaks of the figure."""

    id: str
    relation: str  # previous, next, mention
    page: int
    box: Box | None
    text: str


@dataclass(frozen=True, slots=True)
class GraphPart:
    """A node or an edge of a figure's graph, with its place on the page in points.

    `index` counts nodes, or edges, from 0 in the order of the node's `graph`. `supports`: the question
    names it, or an end of it.
    """

    type: str  # node, edge
    index: int
    label: str
    box: Box | None
    points: tuple[Point, ...] = ()  # of an edge, as drawn
    source: str = ""  # label of an edge's ends
    target: str = ""
    supports: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A node found. `vector` and `words` are its scores on each side, None where not among the best.

    Of a figure that was cut into several nodes, one hit: the figure's own node, with the text of the parts
    that were found.
    """

    id: str
    score: float
    vector: float | None
    words: float | None
    text: str
    metadata: dict[str, Any]
    image: str  # path of the crop, "" for none
    document: str = ""  # folder below the results
    file: str = ""  # as it was ingested
    type: str = "text"  # text, figure, table, equation, code
    page: int = 0  # from 1
    box: Box | None = None  # points on the page as shown, origin top left
    label: str = ""  # of a figure: "Figure 3"
    anchor: str = ""  # where the inspector shows it: document.html#<anchor>
    parts: tuple[GraphPart, ...] = ()
    around: tuple[Passage, ...] = field(default=())

    @property
    def support(self) -> tuple[GraphPart, ...]:
        """The nodes and edges that the question names."""
        return tuple(p for p in self.parts if p.supports)

    @property
    def named(self) -> list[tuple[GraphPart, int]]:
        """What the question names, each that reads the same once, with how often it is drawn."""
        found: dict[tuple[str, ...], list[GraphPart]] = {}
        for part in self.support:
            found.setdefault((part.type, part.label, part.source, part.target), []).append(part)
        return [(parts[0], len(parts)) for parts in found.values()]

    def link(self, part: GraphPart | None = None) -> str:
        """The inspector's address of the hit, or of a node or an edge in it, below the pages' folder."""
        place = f":{part.type}-{part.index + 1}" if part else ""
        return f"{quote(self.document)}.html#{self.anchor}{place}"

    @property
    def mentions(self) -> tuple[Passage, ...]:
        """The paragraphs that speak of the figure."""
        return tuple(p for p in self.around if p.relation == "mention")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A node, or a figure with its parts found, as the rankings have it."""

    id: str
    score: float
    vector: float | None
    words: float | None
    found: tuple[str, ...]  # ids of the nodes that were found, best first


def make_hits(ranked: Sequence[Ranked], question: str, state: IndexState, out: Path) -> list[Hit]:
    """The hits of one search; nodes that the results do not hold are left out."""
    ids = [i for r in ranked for i in (r.id, *r.found)]
    records = {i: (json.loads(line), name) for i, (line, name) in state.records(ids).items()}
    around = state.records(
        [i for r in ranked if r.id in records for i in _around(records[r.id][0]["metadata"])]
    )
    passages = {i: json.loads(line) for i, (line, _) in around.items()}
    return [_hit(r, question, records, passages, out) for r in ranked if r.id in records]


def _hit(
    ranked: Ranked,
    question: str,
    records: Mapping[str, tuple[dict[str, Any], str]],
    passages: Mapping[str, dict[str, Any]],
    out: Path,
) -> Hit:
    record, document = records[ranked.id]
    known = record["metadata"]
    crop = file_inside(out / document, str(record["image"])) if record.get("image") else None
    texts = [records[i][0]["text"] for i in dict.fromkeys((ranked.id, *ranked.found)) if i in records]
    is_figure = record["type"] == "figure"
    return Hit(
        ranked.id,
        ranked.score,
        ranked.vector,
        ranked.words,
        "\n".join(texts),
        known,
        str(crop) if crop else "",
        document,
        str(known.get("file_path", "")),
        record["type"],
        _whole(known.get("page")),
        read_box(known.get("bbox")),
        str(known.get("figure_label", "")),
        ranked.id,
        graph_parts(known, out / document, ranked.id, question) if is_figure else (),
        tuple(
            Passage(
                i,
                relation,
                _whole(passages[i]["metadata"].get("page")),
                read_box(passages[i]["metadata"].get("bbox")),
                passages[i]["text"],
            )
            for i, relation in _around(known).items()
            if i in passages
        ),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _around(known: Mapping[str, Any]) -> dict[str, str]:
    """Ids of the nodes around one, with what they are to it."""
    found = {i: "mention" for i in str(known.get("referenced_by", "")).split(",") if i}
    for key, relation in (("dic_prev_id", "previous"), ("dic_next_id", "next")):
        if known.get(key):
            found.setdefault(str(known[key]), relation)
    return found


def read_box(value: object) -> Box | None:
    """The metadata's "x0,y0,x1,y1" in points; None for anything else."""
    try:
        x0, y0, x1, y1 = (float(v) for v in str(value).split(","))
    except ValueError:
        return None
    return x0, y0, x1, y1


def graph_parts(known: Mapping[str, Any], folder: Path, figure: str, question: str) -> tuple[GraphPart, ...]:
    """Nodes and edges of a figure's graph with their places on the page; marked what the question names."""
    graph = figure_graph(known, folder, figure)
    try:
        labels = {str(n["id"]): str(n["label"]) for n in graph["nodes"]}
        nodes = [GraphPart("node", k, str(n["label"]), _box(n["bbox"])) for k, n in enumerate(graph["nodes"])]
        edges = [_edge(k, e, labels) for k, e in enumerate(graph["edges"])]
    except MALFORMED:
        return ()
    return marked(nodes, edges, question)


def marked(nodes: Sequence[GraphPart], edges: Sequence[GraphPart], said: str) -> tuple[GraphPart, ...]:
    """The same with `supports` for nodes that `said` names, and for the edges that it speaks of.

    An edge is spoken of where its label is named or both its ends are; where none is, every edge at a node
    that is named.
    """
    terms = set(search_terms(said))

    def named(label: str) -> bool:
        own = set(search_terms(label, query=True))
        return bool(own) and own <= terms

    sure = {e.index for e in edges if named(e.label) or (named(e.source) and named(e.target))}
    if not sure:
        sure = {e.index for e in edges if named(e.source) or named(e.target)}
    return (
        *(replace(n, supports=named(n.label)) for n in nodes),
        *(replace(e, supports=e.index in sure) for e in edges),
    )


def _edge(index: int, edge: Mapping[str, Any], labels: Mapping[str, str]) -> GraphPart:
    points = tuple((float(x), float(y)) for x, y in edge["points"])
    box = bounds(points) if points else None
    source, target = (labels.get(str(edge[k]), "") for k in ("source", "target"))
    return GraphPart("edge", index, str(edge["label"]), box, points, source, target)


def _box(value: Sequence[float] | None) -> Box | None:
    return None if value is None else (float(value[0]), float(value[1]), float(value[2]), float(value[3]))


def figure_graph(known: Mapping[str, Any], folder: Path | None, figure: str) -> dict[str, Any]:
    """The graph in a node's metadata; one that was too long for it from the document."""
    none: dict[str, Any] = {"nodes": [], "edges": []}
    try:
        if known.get("graph"):
            value = json.loads(str(known["graph"]))
            return value if isinstance(value, dict) else none
        if folder is None or not known.get("graph_from"):
            return none
        path = file_inside(folder, DOCUMENT)
        if path is None or path.stat().st_size > MAX_BYTES:
            return none
        document = Document.from_dict(json.loads(path.read_text("utf-8")))
        graph = next((on_page(f) for f in document.figures if f.id == figure), None)
        return graph_values(graph) if graph is not None else none
    except (*MALFORMED, OSError):
        return none
