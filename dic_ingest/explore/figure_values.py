"""One figure as JSON values: its crop, what was said with the support of each statement, graph, mentions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dic_ingest.diagram import Diagram
from dic_ingest.document import Description, Document, Figure, Statement
from dic_ingest.explore.graph import graph_values, rounded
from dic_ingest.explore.pictures import PictureSettings, cut_figure, picture_size
from dic_ingest.explore.shelf import MIMES, Shelf
from dic_ingest.explore.statements import Named, pieces
from dic_ingest.nodes.figure import figure_words, said_of
from dic_ingest.pipeline import Source

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
        if not figure.image or "\0" in figure.image:
            return None
        try:
            path = (self.folder / figure.image).resolve()
            inside = path.is_relative_to(self.folder.resolve()) and path.is_file()
        except OSError:
            return None
        size = picture_size(path) if inside else None
        if size is None or path.suffix.lower() not in MIMES:
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
        "mermaid": mermaid if len(mermaid) <= MAX_MERMAID else "",
        "mermaid_long": len(mermaid) > MAX_MERMAID,
    }


def _statements(said: tuple[Statement, ...], graph: Diagram | None) -> list[dict[str, Any]]:
    named = Named(graph) if graph is not None else None
    values = []
    for statement in said:
        nodes = named.nodes(statement.text) if named else []
        edges = named.edges(statement.text, nodes) if named and statement.support == "graph" else []
        words = named.words(statement.boxes, nodes) if named else statement.boxes
        boxes = [rounded(b) for b in words]
        values.append({"support": statement.support, "boxes": boxes, "nodes": nodes, "edges": edges})
    return values
