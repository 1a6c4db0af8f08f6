"""A document as the JSON values that its page is drawn from: figures, statements tied to what supports
them, nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dic_ingest.inspector.chart_drawing import chart_image
from dic_ingest.inspector.drawing import graph_values, rounded
from dic_ingest.inspector.pictures import Album, PictureSettings, cut_figure, page_picture, picture_size
from dic_ingest.inspector.results import MIMES, Result, Shelf
from dic_ingest.model.box import Box, inside
from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Description, Evidence, Statement
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure
from dic_ingest.nodes.build import document_title, file_name
from dic_ingest.nodes.figure import figure_words, said_of
from dic_ingest.nodes.record import NodeRecord
from dic_ingest.owned_files import file_inside
from dic_ingest.sources.source import Source
from dic_ingest.text.tokens import plain

# Where the statements of a caption stand in it, and which nodes and lines of the graph each one names.


MAX_MARKS = 60  # nodes or lines marked for one statement


def scores_of(evidence: Evidence) -> str:
    """How well a caption is supported, in words."""
    if evidence.recall is None or evidence.precision is None:
        return "nothing claimed"
    return f"statements supported {evidence.precision:.0%} · words of the figure in it {evidence.recall:.0%}"


def pieces(caption: str, said: Sequence[Statement]) -> list[dict[str, Any]]:
    """The caption cut where statements begin and end: `{"text", "statement": index or None}`, in order.

    A statement that does not stand in the caption literally follows at the end.
    """
    found: list[dict[str, Any]] = []
    lost: list[dict[str, Any]] = []
    at = 0
    for index, statement in enumerate(said):
        start = caption.find(statement.text, at) if statement.text else -1
        if start < 0:
            lost.append({"text": f"\n{statement.text}", "statement": index})
            continue
        if start > at:
            found.append({"text": caption[at:start], "statement": None})
        at = start + len(statement.text)
        found.append({"text": caption[start:at], "statement": index})
    if at < len(caption):
        found.append({"text": caption[at:], "statement": None})
    return found + lost


class GraphNames:
    """A graph, asked which of its parts a sentence names."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.labels = [plain(n.label) for n in diagram.nodes]
        self.place = {n.id: i for i, n in enumerate(diagram.nodes)}

    def nodes(self, text: str) -> list[int]:
        """Indexes of the nodes whose labels stand in the sentence."""
        line = f" {plain(text)} "
        return [i for i, label in enumerate(self.labels) if label and f" {label} " in line][:MAX_MARKS]

    def edges(self, text: str, nodes: Sequence[int]) -> list[int]:
        """Indexes of the edges between nodes named, in the order in which they are named; an edge that bears
        a label only where that stands in the sentence too, unless none does."""
        line = f" {plain(text)} "
        at = {i: line.find(f" {self.labels[i]} ") for i in nodes}
        between = [
            (k, plain(e.label))
            for k, e in enumerate(self.diagram.edges)
            if (a := self.place.get(e.source)) in at and (b := self.place.get(e.target)) in at
            if a is not None and b is not None and (at[a] <= at[b] or not e.directed)
        ]
        told = [k for k, label in between if label and f" {label} " in line]
        return (told or [k for k, _ in between])[:MAX_MARKS]

    def words(self, boxes: Sequence[Box], nodes: Sequence[int]) -> list[Box]:
        """The words that a sentence rests on, less those inside of nodes that it does not name: a word of a
        label may stand in other labels too."""
        others = [n.bbox for k, n in enumerate(self.diagram.nodes) if k not in nodes and n.bbox is not None]
        own = [n.bbox for k in nodes if (n := self.diagram.nodes[k]).bbox is not None]
        if not own:
            return list(boxes)
        return [b for b in boxes if _in(b, own) or not _in(b, others)]


def _in(box: Box, places: Sequence[Box | None]) -> bool:
    return any(p is not None and inside(box, p) for p in places)


# One figure as JSON values: its crop, what was said with the support of each statement, graph, mentions.


CUT_DPI = 144.0
LEFT_OUT_DPI = 72.0  # of figures that were routed away
MAX_LEFT_OUT = 300  # of those that are pictured
MAX_MERMAID = 50_000  # characters; Mermaid's own limit for a text
MAX_WORDS = 3000


class Crops:
    """Crops of one document: kept from its folder, cut again where they are missing."""

    def __init__(self, folder: Path, source: Source | None, shelf: Shelf, settings: PictureSettings) -> None:
        self.folder, self.source, self.shelf, self.settings = folder, source, shelf, settings
        self.missing = self.again = self.left_out = 0

    def of(self, figure: Figure, index: int, document: Document) -> dict[str, Any] | None:
        """`{"src", "size": points}`; None where there is no picture."""
        kept = self._kept(figure, index)
        if kept is not None:
            return kept
        away = figure.route is not None and not figure.route.kept
        if not away or figure.image:
            self.missing += 1
        elif self.left_out >= MAX_LEFT_OUT:
            return None
        cut = self._cut(figure, index, document, LEFT_OUT_DPI if away else CUT_DPI)
        self.left_out += away
        self.again += cut is not None and not (away and not figure.image)
        return cut

    def notes(self) -> list[str]:
        """What was missing."""
        if not self.missing:
            return []
        lost = self.missing - self.again
        said = [f"{self.again} missing crops were cut again from the source."] if self.again else []
        return said + ([f"{lost} crops are missing and cannot be cut again."] if lost else [])

    def _kept(self, figure: Figure, index: int) -> dict[str, Any] | None:
        path = file_inside(self.folder, figure.image)
        size = picture_size(path) if path else None
        if path is None or size is None or path.suffix.lower() not in MIMES:
            return None
        src = self.shelf.keep(path, f"figure-{index:04d}{path.suffix.lower()}")
        return {"src": src, "size": _points(size, figure.dpi), "pixels": list(size)}

    def _cut(self, figure: Figure, index: int, document: Document, dpi: float) -> dict[str, Any] | None:
        page = next((p for p in document.pages if p.number == figure.page), None)
        if self.source is None or page is None:
            return None
        picture = cut_figure(self.source, figure, (page.width, page.height), dpi)
        if picture is None:
            return None
        src = self.shelf.put(picture, f"figure-{index:04d}", self.settings.quality)
        return {"src": src, "size": _points(picture.size, dpi), "pixels": list(picture.size)}


def _points(size: tuple[int, int], dpi: float) -> list[float]:
    scale = 72.0 / (dpi or CUT_DPI)
    return [round(size[0] * scale, 2), round(size[1] * scale, 2)]


def figure_values(figure: Figure, index: int, document: Document, crops: Crops) -> dict[str, Any]:
    """Everything that is shown of one figure."""
    original = next((f for f in document.figures if f.id == figure.duplicate_of), None)
    said = said_of(figure, original)
    route, crop = figure.route, crops.of(figure, index, document)
    size = (crop["size"][0], crop["size"][1]) if crop else None
    return {
        "id": figure.id,
        "page": figure.page,
        "box": rounded(figure.bbox),
        "label": figure.label,
        "printed": figure.printed_caption,
        "section": figure.section,
        "route": route.route if route else "other",
        "kind": str(route.kind) if route else "other",
        "score": round(route.score, 2) if route else None,
        "reason": route.reason if route else "not routed",
        "kept": route is None or route.kept,
        "crop": crop,
        "rotation": figure.rotation,
        "footnotes": list(figure.footnotes),
        "mentions": [{"page": r.page, "sentence": r.sentence} for r in figure.references],
        "words": [w.text for w in figure_words(figure)[:MAX_WORDS]],
        "same": original.label or f"the figure on page {original.page}" if original else "",
        "same_index": document.figures.index(original) if original else None,
        **_said(said, size),
        "review": bool(said.evidence and said.evidence.needs_review) and (route is None or route.kept),
    }


def _said(said: Description, size: tuple[float, float] | None) -> dict[str, Any]:
    evidence, graph = said.evidence, said.diagram
    mermaid = graph.to_mermaid() if graph is not None else ""
    return {
        "engine": " ".join(dict.fromkeys(filter(None, (said.engine, said.model)))),
        "caption": pieces(said.caption, evidence.statements if evidence else ()),
        "statements": _statements(evidence.statements if evidence else (), graph),
        "recall": evidence.recall if evidence else None,
        "precision": evidence.precision if evidence else None,
        "changes": [asdict(c) for c in evidence.changes] if evidence else [],
        "conflicts": list(evidence.conflicts) if evidence else [],
        "suspicious": list(said.suspicious),
        "graph": graph_values(graph, size) if graph is not None else None,
        "chart": _chart(said.chart) if said.chart is not None else None,
        "mermaid": mermaid if len(mermaid) <= MAX_MERMAID else "",
        "mermaid_long": len(mermaid) > MAX_MERMAID,
    }


def _chart(chart: Chart) -> dict[str, Any]:
    """The chart drawn again, and what was not read of it."""
    unread = [t for p in dict.fromkeys((chart, *chart.panels)) for t in p.unread]
    names = sum(len(p.series) for p in chart.plots)
    return {
        "image": chart_image(chart),
        "type": str(chart.type),
        "counts": [names, chart.size],
        "unread": unread,
    }


def _statements(said: tuple[Statement, ...], graph: Diagram | None) -> list[dict[str, Any]]:
    named = GraphNames(graph) if graph is not None else None
    values = []
    for statement in said:
        nodes = named.nodes(statement.text) if named else []
        edges = named.edges(statement.text, nodes) if named and statement.support == "graph" else []
        words = named.words(statement.boxes, nodes) if named else statement.boxes
        boxes = [rounded(b) for b in words]
        values.append({"support": statement.support, "boxes": boxes, "nodes": nodes, "edges": edges})
    return values


# A document as the JSON values that its page is drawn from: pages, nodes, figures, what supports what.


Told = Callable[[int], None]
SHOWN_WARNINGS = 200


def document_values(
    result: Result,
    album: Album,
    shelf: Shelf,
    settings: PictureSettings,
    told: Told = lambda page: None,
) -> dict[str, Any]:
    """Everything that one page shows; `told` is called with each page number as it is pictured."""
    document = result.document
    notes = [*result.notes, *filter(None, [album.note])]
    if album.source and 0 < settings.max_pages < len(document.pages):
        notes.append(f"Pages after the first {settings.max_pages} are shown as outlines.")
    crops = Crops(result.folder, album.source, shelf, settings)
    figures = [figure_values(f, k, document, crops) for k, f in enumerate(document.figures)]
    return {
        "file": file_name(document.source),
        "source": document.source,
        "title": document_title(document),
        "parser": " ".join(
            filter(None, (document.parser.name, document.parser.version, document.parser.tier))
        ),
        "notes": [*notes, *crops.notes()],
        "warnings": [asdict(w) for w in document.warnings[:SHOWN_WARNINGS]],
        "pages": _pages(document, album, shelf, settings, told),
        "nodes": _nodes(result.nodes, document.figures),
        "figures": figures,
    }


def _pages(
    document: Document, album: Album, shelf: Shelf, settings: PictureSettings, told: Told
) -> list[dict[str, Any]]:
    pages = []
    for count, page in enumerate(document.pages):
        src = ""
        if album.source is not None and count < settings.max_pages:
            picture = page_picture(album.source, page.number, settings.page_dpi)
            if picture is not None:
                src = shelf.put(picture, f"page-{page.number:04d}", settings.quality)
            told(page.number)
        pages.append({"number": page.number, "width": page.width, "height": page.height, "src": src})
    return pages


def _nodes(nodes: tuple[NodeRecord, ...], figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    """Nodes in order; `figure` is the index of the figure that a node is about."""
    place = {f.id: k for k, f in enumerate(figures)}
    found = []
    for node in nodes:
        about = place.get(node.id)
        if about is None and node.parent in place and node.type == "figure":
            about = place[node.parent] if node.id.startswith(node.parent) else None  # what exceeded one chunk
        found.append(
            {
                "id": node.id,
                "type": node.type,
                "text": node.text,
                "page": _whole(node.metadata.get("page")),
                "box": _box(node.metadata.get("bbox")),
                "section": str(node.metadata.get("section", "")),
                "figure": about,
                "part": _whole(node.metadata.get("part")),
                "metadata": {k: v for k, v in node.metadata.items() if v not in ("", None)},
            }
        )
    return found


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _box(value: object) -> list[float] | None:
    """The metadata's "x0,y0,x1,y1"; None for anything else."""
    try:
        x0, y0, x1, y1 = (float(v) for v in str(value).split(","))
    except ValueError:
        return None
    return rounded((x0, y0, x1, y1))
