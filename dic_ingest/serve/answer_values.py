"""What an answer says of documents, pages and figures, as plain JSON values within the limits.

In: the library. Out: dictionaries. A text or graph that was cut says so (`"cut": true`). Boxes and paths are
in points of the page as shown, origin top left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dic_ingest.errors import MissingFileError
from dic_ingest.figures.places import graph_values, on_page, rounded
from dic_ingest.model.description import Evidence
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Block, Document, Figure
from dic_ingest.nodes.build import file_name
from dic_ingest.nodes.figure import figure_words, said_of
from dic_ingest.serve.library import Library
from dic_ingest.serve.settings import ServeLimits

STATEMENTS = 100  # of a caption, with their support


def figure_values(library: Library, name: str, wanted: str) -> dict[str, Any]:
    """Everything that is known of one figure.

    Raises:
        MissingFileError: there is no such document or figure.
    """
    index, figure = library.figure(name, wanted)
    document, limits = library.result(name).document, library.limits
    original = next((f for f in document.figures if f.id == figure.duplicate_of), None)
    said = said_of(figure, original)
    graph = on_page(figure)
    mermaid = graph.to_mermaid() if graph is not None else ""
    return {
        "document": name,
        "file": file_name(document.source),
        "figure": figure.id,
        "index": index,
        "page": figure.page,
        "bbox": rounded(figure.bbox),
        "label": figure.label,
        "printed_caption": short(figure.printed_caption, limits),
        "kind": str(figure.route.kind) if figure.route else "other",
        "kind_score": round(figure.route.score, 3) if figure.route else None,
        "caption": short(said.caption, limits),
        "engine": said.engine,
        "mermaid": mermaid if len(mermaid) <= limits.text else "",
        "graph": bounded_graph(graph, limits) if graph is not None else None,
        "chart": _chart(said.chart),
        "evidence": evidence_values(said.evidence),
        "words": short(" ".join(w.text for w in figure_words(figure)), limits),
        "mentions": [{"page": r.page, "sentence": r.sentence[:1000]} for r in figure.references[:20]],
        "same_as": figure.duplicate_of,
    }


def _chart(chart: Any) -> dict[str, Any] | None:
    if chart is None:
        return None
    return {
        "type": str(chart.type),
        "title": chart.title,
        "series": [
            {"name": s.name, "points": [list(p) for p in s.points[:200]]}
            for p in chart.plots
            for s in p.series
        ][:50],
    }


def evidence_values(evidence: Evidence | None) -> dict[str, Any] | None:
    """How far a caption is held up by its figure; None where that was not weighed."""
    if evidence is None:
        return None
    return {
        "recall": evidence.recall,
        "precision": evidence.precision,
        "needs_review": evidence.needs_review,
        "unsupported": [s[:500] for s in evidence.unsupported[:STATEMENTS]],
        "statements": [
            {"text": s.text[:500], "support": s.support} for s in evidence.statements[:STATEMENTS]
        ],
        "conflicts": [c[:500] for c in evidence.conflicts[:STATEMENTS]],
    }


def bounded_graph(graph: Diagram, limits: ServeLimits) -> dict[str, Any]:
    """Nodes, edges and groups with their places; at most `limits.graph` of each."""
    values: dict[str, Any] = dict(graph_values(graph))
    values["kind"] = str(graph.kind)
    values["score"] = round(graph.score, 3)
    values["cut"] = any(len(values[k]) > limits.graph for k in ("nodes", "edges", "groups"))
    for name in ("nodes", "edges", "groups"):
        values[name] = values[name][: limits.graph]
    return values


def page_values(library: Library, name: str, number: int) -> dict[str, Any]:
    """A page's blocks in reading order.

    Raises:
        MissingFileError: there is no such document or page.
    """
    document = library.result(name).document
    page = next((p for p in document.pages if p.number == number), None)
    if page is None:
        raise MissingFileError(f"{name} has no page {number}. Its pages are {_range(document)}.")
    blocks = [b for b in document.blocks if b.page == number]
    shown, cut = _within(blocks, library.limits.text)
    return {
        "document": name,
        "file": file_name(document.source),
        "page": number,
        "pages": len(document.pages),
        "size": [page.width, page.height],
        "blocks": shown,
        "cut": cut,
    }


def _range(document: Document) -> str:
    numbers = [p.number for p in document.pages]
    return f"{min(numbers)} to {max(numbers)}" if numbers else "none"


def _within(blocks: Iterable[Block], most: int) -> tuple[list[dict[str, Any]], bool]:
    """Blocks as values until their texts have `most` characters together; whether something was cut."""
    shown: list[dict[str, Any]] = []
    left = most
    for block in blocks:
        if left <= 0:
            return shown, True
        text = block.content[:left]
        left -= max(1, len(text))
        values: dict[str, Any] = {"type": block.type, "bbox": rounded(block.bbox), "text": text}
        if isinstance(block, Figure):
            values |= {"figure": block.id, "label": block.label}
        shown.append(values)
    return shown, left <= 0


def document_values(library: Library, name: str) -> dict[str, Any]:
    """A document in short: title, pages, its figures.

    Raises:
        MissingFileError: there is no such document.
    """
    document = library.result(name).document
    kept = [f for f in document.figures if f.route is None or f.route.kept]
    figures = [
        {
            "figure": f.id,
            "page": f.page,
            "label": f.label,
            "kind": str(f.route.kind) if f.route else "other",
            "printed_caption": f.printed_caption[:300],
        }
        for f in kept[: library.limits.graph]
    ]
    return {
        "document": name,
        "file": file_name(document.source),
        "title": library.title(name)[:500],
        "pages": len(document.pages),
        "figures": figures,
        "cut": len(kept) > len(figures),
        "warnings": [w.message[:500] for w in document.warnings[:20]],
    }


def listed_values(library: Library, start: int, count: int) -> dict[str, Any]:
    """A part of the list of documents, and how many there are in all."""
    found = library.listed()
    part = [asdict(d) for d in found[start : start + count]]
    return {"documents": part, "total": len(found)}


def short(text: str, limits: ServeLimits) -> str:
    """A text within the limit; an ellipsis tells that it was cut."""
    return text if len(text) <= limits.text else text[: limits.text] + " …"


def json_of(values: Any) -> str:
    """JSON text; halves of characters, which no encoding takes, become replacement characters."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def sendable(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they come back from their JSON."""
    back: dict[str, Any] = json.loads(json_of(values))
    return back
