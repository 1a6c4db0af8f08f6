"""A figure node as the question put to an engine.

From the file itself where it still lies unchanged at the node's path (its vector drawing is then read, too),
else from the crop.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from llama_index.core.schema import BaseNode
from PIL import Image

from dic_ingest.captioning.request import FigureRequest, crop_request
from dic_ingest.diagram import Kind
from dic_ingest.document import Figure, Reference, Route
from dic_ingest.drawing import Box
from dic_ingest.errors import DICIngestError
from dic_ingest.pipeline import Settings, Source, figure_request, open_source

log = logging.getLogger(__name__)

MAX_PIXELS = 64_000_000


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
        except (OSError, ValueError, Image.DecompressionBombError) as error:
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
    with Image.open(path) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels are more than {MAX_PIXELS}")
        return picture.convert("RGB")
