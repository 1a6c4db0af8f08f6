"""A `Document` as Unstructured's elements: plain values in the form of its JSON, without the library."""

from __future__ import annotations

import hashlib
from typing import Any

from dic_ingest.model.document import Block, Code, Document, Equation, Figure, Heading, List, Table, Text
from dic_ingest.nodes.build import file_name

TYPES = {
    "heading": "Title",
    "text": "NarrativeText",
    "table": "Table",
    "code": "CodeSnippet",
    "equation": "Formula",
    "figure": "Image",
}
FURNITURE = {"header": "Header", "footer": "Footer", "page_number": "PageNumber"}


def to_elements(document: Document) -> list[dict[str, Any]]:
    """One element a block, a list's items one each; what follows a heading has it as parent."""
    pages = {p.number: (p.width, p.height) for p in document.pages}
    found: list[dict[str, Any]] = []
    parent = ""
    for block in document.blocks:
        for kind, text in _parts(block):
            if not text.strip():
                continue
            element = _element(
                document, block, kind, text, pages, "" if kind == "Title" else parent, len(found)
            )
            found.append(element)
            parent = element["element_id"] if kind == "Title" else parent
    return found


def _parts(block: Block) -> list[tuple[str, str]]:
    if isinstance(block, List):
        return [("ListItem", item) for item in block.items]
    if isinstance(block, Figure):
        return _figure(block)
    if isinstance(block, Text) and block.role in FURNITURE:
        return [(FURNITURE[block.role], block.text)]
    if isinstance(block, Heading | Text | Table | Code | Equation):
        return [(TYPES[block.type], block.content)]
    return []


def _figure(figure: Figure) -> list[tuple[str, str]]:
    printed = ": ".join(filter(None, (figure.label, figure.printed_caption)))
    said = figure.description.caption if figure.description else ""
    words = " ".join(w.text for w in figure.embedded_words)
    parts = [("Image", said or words or printed or "figure")]
    return [*parts, ("FigureCaption", printed)] if printed else parts


def _element(
    document: Document,
    block: Block,
    kind: str,
    text: str,
    pages: dict[int, tuple[float, float]],
    parent: str,
    number: int,
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"filename": file_name(document.source), "page_number": block.page}
    if parent:
        metadata["parent_id"] = parent
    if block.bbox is not None and block.page in pages:
        x0, y0, x1, y1 = block.bbox
        width, height = pages[block.page]
        metadata["coordinates"] = {
            "points": [[x0, y0], [x0, y1], [x1, y1], [x1, y0]],
            "system": "PixelSpace",  # origin top left, as ours
            "layout_width": width,
            "layout_height": height,
        }
    if isinstance(block, Table) and block.html:
        metadata["text_as_html"] = block.html
    if isinstance(block, Figure) and kind == "Image" and block.image:
        metadata["image_path"] = block.image
    digest = hashlib.sha256(f"{block.id}\n{kind}\n{number}".encode()).hexdigest()[:32]
    return {"type": kind, "element_id": digest, "text": text, "metadata": metadata}
