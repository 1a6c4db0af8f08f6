"""A document as the JSON values that its page is drawn from: pages, nodes, figures, what supports what.

In: a `Result`, an open source, a `Shelf` for pictures. Out: plain values; strings stay as they are in the
document, `web.py` makes them safe for HTML.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dic_ingest.document import Document, Figure
from dic_ingest.explore.figure_values import Crops, figure_values
from dic_ingest.explore.graph import rounded
from dic_ingest.explore.pictures import Album, PictureSettings, page_picture
from dic_ingest.explore.results import Result
from dic_ingest.explore.shelf import Shelf
from dic_ingest.nodes.build import document_title, file_name
from dic_ingest.nodes.record import NodeRecord

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
    if album.source and len(document.pages) > settings.max_pages:
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
