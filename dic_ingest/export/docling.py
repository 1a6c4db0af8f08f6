"""A `Document` as a `DoclingDocument` and back, so that Docling's chunkers take what was read here.

Blocks keep order, page, box and text; figures their captions, description and kind. Docling has no graphs: a
figure's Mermaid source goes along as one more annotation, and does not come back as a graph.
"""

from __future__ import annotations

import hashlib
from typing import Any

from dic_ingest.errors import BundleError, MissingExtraError
from dic_ingest.model.box import Box
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import (
    Block,
    Code,
    Document,
    Equation,
    Figure,
    Heading,
    List,
    Page,
    Parser,
    Route,
    Table,
    Text,
    block_id,
)

try:
    from docling_core.types.doc import (
        BoundingBox,
        CoordOrigin,
        DocItemLabel,
        DoclingDocument,
        DocumentOrigin,
        ProvenanceItem,
        Size,
        TableCell,
        TableData,
    )
    from docling_core.types.doc.document import (
        ContentLayer,
        DescriptionAnnotation,
        MiscAnnotation,
        PictureClassificationClass,
        PictureClassificationData,
    )
except ImportError as error:
    raise MissingExtraError("docling-core", "docling") from error

PROVENANCE = "dic_ingest"  # of what Docling calls annotations
FURNITURE = {"header": DocItemLabel.PAGE_HEADER, "footer": DocItemLabel.PAGE_FOOTER}


def to_docling(document: Document) -> DoclingDocument:
    """The same blocks, pages and places; boxes count from the top left."""
    name = document.source.replace("\\", "/").rstrip("/").rpartition("/")[2] or document.source
    origin = DocumentOrigin(
        mimetype="application/pdf" if name.lower().endswith(".pdf") else "application/octet-stream",
        binary_hash=int(document.sha256[:16] or "0", 16),
        filename=name,
    )
    made = DoclingDocument(name=name, origin=origin)
    for page in document.pages:
        made.add_page(page.number, Size(width=page.width, height=page.height))
    for block in document.blocks:
        _add(made, block)
    return made


def _add(made: DoclingDocument, block: Block) -> None:
    prov = _prov(block)
    if isinstance(block, Heading):
        made.add_heading(block.text, level=min(max(block.level, 1), 100), prov=prov)
    elif isinstance(block, Text):
        label = FURNITURE.get(block.role, DocItemLabel.TEXT)
        layer = ContentLayer.FURNITURE if block.role in FURNITURE else None
        made.add_text(label, block.text, prov=prov, content_layer=layer)
    elif isinstance(block, List):
        group = made.add_list_group()
        for item in block.items:
            made.add_list_item(item, parent=group, prov=prov)
    elif isinstance(block, Table):
        made.add_table(_table(block), caption=_caption(made, block.caption, block), prov=prov)
    elif isinstance(block, Code):
        made.add_code(block.text, caption=_caption(made, block.caption, block), prov=prov)
    elif isinstance(block, Equation):
        made.add_formula(block.latex or block.text, orig=block.text or block.latex, prov=prov)
    elif isinstance(block, Figure):
        printed = ": ".join(filter(None, (block.label, block.printed_caption)))
        caption = _caption(made, printed, block)
        made.add_picture(annotations=_annotations(block), caption=caption, prov=prov)


def _prov(block: Block) -> ProvenanceItem | None:
    if block.bbox is None:
        return None
    left, top, right, bottom = block.bbox
    box = BoundingBox(l=left, t=top, r=right, b=bottom, coord_origin=CoordOrigin.TOPLEFT)
    return ProvenanceItem(page_no=block.page, bbox=box, charspan=(0, len(block.content)))


def _caption(made: DoclingDocument, text: str, block: Block) -> Any:
    return made.add_text(DocItemLabel.CAPTION, text, prov=_prov(block)) if text else None


def _table(block: Table) -> TableData:
    rows = block.to_rows()
    cells = [
        TableCell(
            text=text,
            start_row_offset_idx=r,
            end_row_offset_idx=r + 1,
            start_col_offset_idx=c,
            end_col_offset_idx=c + 1,
            column_header=r == 0,
        )
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return TableData(table_cells=cells, num_rows=len(rows), num_cols=max(map(len, rows), default=0))


def _annotations(figure: Figure) -> list[Any]:
    found: list[Any] = []
    if figure.route is not None:
        kind = PictureClassificationClass(class_name=str(figure.route.kind), confidence=figure.route.score)
        found.append(PictureClassificationData(provenance=PROVENANCE, predicted_classes=[kind]))
    said = figure.description
    if said is not None and said.caption:
        found.append(DescriptionAnnotation(text=said.caption, provenance=PROVENANCE))
    if said is not None and said.diagram is not None and (mermaid := said.diagram.to_mermaid()):
        found.append(MiscAnnotation(content={"mermaid": mermaid}))
    return found


def from_docling(value: DoclingDocument | str) -> Document:
    """The blocks of a `DoclingDocument`, or of its JSON, in reading order; then `to_nodes` cuts them.

    Raises:
        BundleError: JSON that is no DoclingDocument.
    """
    if isinstance(value, str):
        try:
            value = DoclingDocument.model_validate_json(value)
        except ValueError as error:
            raise BundleError(f"This is no DoclingDocument: {str(error)[:200]}.") from error
    name = value.origin.filename if value.origin else value.name
    content = value.model_dump_json().encode()
    sha = hashlib.sha256(content).hexdigest()
    pages = tuple(Page(n, p.size.width, p.size.height) for n, p in sorted(value.pages.items()))
    heights = {p.number: p.height for p in pages}
    blocks: list[Block] = []
    captions = {c.cref for item in (*value.tables, *value.pictures) for c in item.captions}
    for item, _ in value.iterate_items():
        if getattr(item, "self_ref", "") in captions:
            continue
        block = _block(item, value, sha, len(blocks), heights)
        if block is not None:
            blocks.append(block)
    return Document(name, sha, Parser("docling", value.version), pages, tuple(blocks))


def _block(
    item: Any, document: DoclingDocument, sha: str, order: int, heights: dict[int, float]
) -> Block | None:
    page, box = _place(item, heights)
    label = str(getattr(item, "label", ""))
    text = str(getattr(item, "text", ""))
    kind = {"section_header": "heading", "title": "heading", "formula": "equation"}.get(label, label)
    place = (block_id(sha, kind, page, box, text or item.self_ref), page, box, order)
    if label == "picture":
        return _figure(item, document, place)
    if label == "table":
        rows = item.export_to_dataframe(doc=document).astype(str)
        lines = [" | ".join(map(str, row)) for row in (rows.columns, *rows.to_numpy().tolist())]
        html = item.export_to_html(doc=document)
        return Table(*place, html=html, text="\n".join(lines), caption=item.caption_text(document))
    if not text:
        return None
    made: dict[str, Block] = {
        "section_header": Heading(*place, text=text, level=int(getattr(item, "level", 1))),
        "title": Heading(*place, text=text, level=1),
        "list_item": List(*place, items=(text,)),
        "code": Code(*place, text=text),
        "formula": Equation(*place, latex=text),
    }
    return made.get(label) or Text(*place, text=text)


def _place(item: Any, heights: dict[int, float]) -> tuple[int, Box | None]:
    prov = getattr(item, "prov", None)
    if not prov:
        return 1, None
    box = prov[0].bbox.to_top_left_origin(page_height=heights.get(prov[0].page_no, 0.0))
    return prov[0].page_no, (box.l, box.t, box.r, box.b)


def _figure(item: Any, document: DoclingDocument, place: tuple[str, int, Box | None, int]) -> Figure:
    kind, score, caption = Kind.OTHER, 0.0, ""
    for note in item.annotations:
        if isinstance(note, PictureClassificationData) and note.predicted_classes:
            best = note.predicted_classes[0]
            kind = Kind(best.class_name) if best.class_name in set(Kind) else Kind.OTHER
            score = best.confidence
        elif isinstance(note, DescriptionAnnotation):
            caption = note.text
    described = Description(caption, engine="docling") if caption else None
    route = Route("other", kind, score, "told by a Docling document")
    return Figure(*place, printed_caption=item.caption_text(document), route=route, description=described)
