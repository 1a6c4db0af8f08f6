"""Figure nodes described later: the question put to an engine, and its answer put into the nodes, ids
kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from llama_index.core.schema import BaseNode, Document, NodeRelationship, TextNode
from PIL import Image

from dic_ingest.captioning.request import FigureRequest, crop_request
from dic_ingest.errors import DICIngestError, InputError
from dic_ingest.image_files import CROP_PIXELS, open_picture
from dic_ingest.llamaindex.convert import LLM_VISIBLE, excluded
from dic_ingest.llamaindex.node_parser import slim_info
from dic_ingest.model.box import Box
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure, Reference, Route
from dic_ingest.nodes import NodeSettings
from dic_ingest.nodes.figure import EVIDENCE, FigureText, compose, continued, said_metadata, word_texts
from dic_ingest.pipeline import figure_request, open_source
from dic_ingest.settings import Settings
from dic_ingest.sources.source import Source

# A figure node as the question put to an engine.


log = logging.getLogger(__name__)


class RequestSource:
    """Makes requests, one file open at a time; a context manager."""

    def __init__(self) -> None:
        self._path = ""
        self._opened: Any = None
        self._source: Source | None = None

    def __enter__(self) -> RequestSource:
        return self

    def __exit__(self, *raised: object) -> None:
        self._close()

    def request(self, node: BaseNode) -> FigureRequest | None:
        """What an engine is asked of a figure node; None, logged, where neither file nor crop can be read."""
        figure = figure_of(node)
        source = self._file(node)
        if source is not None and figure.bbox and figure.page in {p.number for p in source.pages}:
            return figure_request(figure, source, Settings().crops)
        path = node.metadata.get("image_path") or getattr(node, "image_path", None)
        try:
            crop = _open(Path(path)) if path else None
        except (OSError, ValueError, InputError) as error:
            log.warning("figure %s keeps its text: crop %s cannot be read (%s)", node.node_id, path, error)
            return None
        return None if crop is None else crop_request(figure, crop)

    def _file(self, node: BaseNode) -> Source | None:
        """The node's file, if it is still the one that was read."""
        path = str(node.metadata.get("file_path") or "")
        if path != self._path:
            self._close()
            self._path = path
            self._source = self._open_file(path)
        known = {node.metadata.get("dic_file_sha256"), node.metadata.get("dic_doc_id")}
        return self._source if self._source is not None and self._source.sha256 in known else None

    def _open_file(self, path: str) -> Source | None:
        if not path or not Path(path).is_file():
            return None
        try:
            self._opened = open_source(path, Settings())
            source: Source = self._opened.__enter__()
        except DICIngestError as error:  # the crop is left, which is enough
            log.info("%s is not opened again: %s", path, error)
            self._opened = None
            return None
        return source

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.__exit__(None, None, None)
        self._opened, self._source, self._path = None, None, ""


def figure_of(node: BaseNode) -> Figure:
    """The figure that a node was made of, as far as its metadata tell."""
    data = node.metadata
    kind = str(data.get("figure_class") or "")
    known = Kind(kind) if kind in set(Kind) else Kind.OTHER
    sentences = str(data.get("referring_text") or "").split("\n")
    return Figure(
        node.node_id,
        int(data.get("page") or 1),
        _box(str(data.get("bbox") or "")),
        0,
        label=str(data.get("figure_label") or ""),
        printed_caption=str(data.get("printed_caption") or ""),
        references=tuple(Reference("", 0, s) for s in sentences if s),
        section=str(data.get("section") or ""),
        route=Route("diagram" if known.is_diagram else "other", known, 0.0, "as the node says"),
        dpi=float(data.get("image_dpi") or 0.0),
        rotation=int(data.get("rotation") or 0),
    )


def _box(text: str) -> Box | None:
    numbers = [float(n) for n in text.split(",")] if text.count(",") == 3 else []
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None


def _open(path: Path) -> Image.Image:
    with open_picture(path, CROP_PIXELS) as picture:
        return picture.convert("RGB")


# New descriptions put into existing figure nodes: same ids, renewed text, metadata and siblings.


def described(
    nodes: Sequence[BaseNode], said: Mapping[str, Description], figure_tokens: int
) -> list[BaseNode]:
    """The nodes, each figure in `said` (by node id) rewritten, its siblings replaced, the chain mended."""
    settings = NodeSettings(figure_tokens=figure_tokens)
    own_ids = {str(n.metadata.get("dic_node_id", n.node_id)): n.node_id for n in nodes}
    old: dict[str, list[BaseNode]] = {}
    kept = []
    for node in nodes:
        figure_id = own_ids.get(str(node.metadata.get("dic_parent_id", "")), "")
        if "part" in node.metadata and node.metadata.get("dic_type") == "figure" and figure_id in said:
            old.setdefault(figure_id, []).append(node)
        else:
            kept.append(node)
    named = {str(n.metadata.get("dic_node_id", n.node_id)): n for n in kept}
    result: list[BaseNode] = []
    for node in kept:
        result.append(node)
        if node.node_id in said:
            siblings = _rewrite(node, said[node.node_id], settings)
            _tie([node, *siblings], old.get(node.node_id, []), named)
            result += siblings
    return result


def _rewrite(node: BaseNode, said: Description, settings: NodeSettings) -> list[BaseNode]:
    """Change the figure's node; returns its new siblings."""
    data = node.metadata
    known = FigureText(
        label=str(data.get("figure_label", "")),
        printed_caption=str(data.get("printed_caption", "")),
        section=str(data.get("section", "")),
        title=str(data.get("document_title", "")),
        part_of=str(data.get("part_of", "")),
        caption=said.caption,
        footnotes=_lines(data.get("footnotes")),
        sentences=_lines(data.get("referring_text")),
        words=tuple(str(data.get("ocr_text", "")).split()) or word_texts(said.words),
    )
    first, *rest = compose(known, settings)
    fresh = {**said_metadata(known, said, settings), "parts": len(rest) + 1}
    node.metadata = {**{k: v for k, v in data.items() if k not in (*EVIDENCE, "graph")}, **fresh}
    node.set_content(first)
    node.embedding = None
    _exclude(node, first)
    return [_sibling(node, text, part) for part, text in enumerate(rest, 2)]


def _lines(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, str(value or "").split("\n")))


def _exclude(node: BaseNode, text: str) -> None:
    """Hide our keys as `to_node` does; what a caller hid besides stays hidden."""
    embed, llm = excluded(node.metadata, text)
    theirs = [k for k in node.excluded_llm_metadata_keys if k not in LLM_VISIBLE]
    node.excluded_embed_metadata_keys = [*dict.fromkeys((*node.excluded_embed_metadata_keys, *embed))]
    node.excluded_llm_metadata_keys = [*dict.fromkeys((*theirs, *llm))]


def _sibling(figure: BaseNode, text: str, part: int) -> BaseNode:
    name = str(figure.metadata.get("dic_node_id", figure.node_id))
    own = continued(figure.metadata)
    fields: dict[str, Any] = {
        "id_": f"{name}-{part}",
        "text": text,
        "metadata": {**own, "dic_node_id": f"{name}-{part}", "dic_parent_id": name, "part": part},
    }
    node: BaseNode = Document(**fields) if isinstance(figure, Document) else TextNode(**fields)
    node.excluded_embed_metadata_keys = [*figure.excluded_embed_metadata_keys]
    node.excluded_llm_metadata_keys = [*figure.excluded_llm_metadata_keys]
    _exclude(node, text)
    if figure.source_node is not None:
        node.relationships[NodeRelationship.SOURCE] = figure.source_node
    return node


def _tie(row: list[BaseNode], old: list[BaseNode], named: Mapping[str, BaseNode]) -> None:
    """Put a figure and its new siblings where the figure and its old ones stood in the chain."""
    figure, last = row[0], (old or row)[-1] if old else row[0]
    after = named.get(str(last.metadata.get("dic_next_id", "")))
    before = named.get(str(figure.metadata.get("dic_prev_id", "")))
    beyond = last.metadata.get("dic_next_id", "")
    chain = [n for n in (before, *row, after) if n is not None]
    row[-1].metadata["dic_next_id"] = beyond
    for a, b in pairwise(chain):
        a.metadata["dic_next_id"] = b.metadata.get("dic_node_id", b.node_id)
        b.metadata["dic_prev_id"] = a.metadata.get("dic_node_id", a.node_id)
    if figure.source_node is None:
        return
    ending = last.relationships.get(NodeRelationship.NEXT)
    row[-1].relationships.pop(NodeRelationship.NEXT, None)
    if ending is not None:
        row[-1].relationships[NodeRelationship.NEXT] = ending
    for a, b in pairwise(chain):
        a.relationships[NodeRelationship.NEXT] = slim_info(b)
        b.relationships[NodeRelationship.PREVIOUS] = slim_info(a)
    gone = {n.node_id for n in old}
    panels = [c for c in figure.child_nodes or [] if c.node_id not in gone]
    children = [*map(slim_info, row[1:]), *panels]
    figure.relationships.pop(NodeRelationship.CHILD, None)
    if children:
        figure.relationships[NodeRelationship.CHILD] = children
    for sibling in row[1:]:
        sibling.relationships[NodeRelationship.PARENT] = slim_info(figure)
