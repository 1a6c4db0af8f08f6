"""Captions for figure nodes that have none yet: a step of any LlamaIndex pipeline, or of a Ray actor.

In: nodes or documents made by `DICReader` or `DICNodeParser`. Out: the same nodes with the same ids, figure
texts and metadata renewed; what exceeds a chunk stands in sibling nodes. Crops must lie where the nodes say.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.schema import BaseNode, TransformComponent
from PIL import Image

from dic_ingest.captioning.request import FigureRequest
from dic_ingest.diagram import Kind
from dic_ingest.document import Description
from dic_ingest.llamaindex.engine import EngineHandle
from dic_ingest.llamaindex.rewrite import described

log = logging.getLogger(__name__)

MAX_PIXELS = 64_000_000


class DICCaptioner(TransformComponent):
    """Describes figure nodes. All fields are plain values; the engine is built when first needed."""

    engine: str = Field(default="dic-small", description="Captioning engine.")
    engine_options: dict[str, Any] = Field(default_factory=dict, description="Arguments of the engine.")
    only: Literal["missing", "review", "all"] = Field(
        default="missing", description="Figures without a caption, those marked for review too, or all."
    )
    batch_size: int = Field(default=8, ge=1, description="Figures given to the engine at once.")
    figure_tokens: int = Field(default=800, ge=64, description="Longer texts go on in sibling nodes.")

    _engine: EngineHandle = PrivateAttr(default_factory=EngineHandle)

    @classmethod
    def class_name(cls) -> str:
        """Name used in serialisation."""
        return "DICCaptioner"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """The nodes, figures described. A figure whose crop cannot be read stays as it is, with a warning."""
        wanted = [(n, r) for n in nodes if self._wants(n) and (r := request_of(n)) is not None]
        said: dict[str, Description] = {}
        for start in range(0, len(wanted), self.batch_size):
            batch = wanted[start : start + self.batch_size]
            answers = self._engine.caption(self.engine, self.engine_options, [r for _, r in batch])
            said.update((n.node_id, a) for (n, _), a in zip(batch, answers, strict=True) if a.caption.strip())
        return described(nodes, said, self.figure_tokens)

    def _wants(self, node: BaseNode) -> bool:
        data = node.metadata
        if data.get("dic_type") != "figure" or "part" in data:
            return False
        if self.only == "all":
            return True
        missing = (
            data.get("caption_source") in (None, "", "none", "printed") or data.get("caption_engine") == ""
        )
        return missing or (self.only == "review" and bool(data.get("needs_review")))


def request_of(node: BaseNode) -> FigureRequest | None:
    """What an engine is asked of a figure node; None, logged, where its crop cannot be read."""
    data = node.metadata
    path = data.get("image_path") or getattr(node, "image_path", None)
    if not path:
        return None
    try:
        crop = _open(Path(path))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("figure %s keeps its text: crop %s cannot be read (%s)", node.node_id, path, error)
        return None
    kind = str(data.get("figure_class") or "")
    spoken = str(data.get("referring_text") or "")
    return FigureRequest(
        crop,
        float(data.get("image_dpi") or 144.0),
        None,
        Kind(kind) if kind in set(Kind) else Kind.OTHER,
        str(data.get("figure_label") or ""),
        str(data.get("printed_caption") or ""),
        (spoken,) if spoken else (),
        str(data.get("section") or ""),
    )


def _open(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels are more than {MAX_PIXELS}")
        return picture.convert("RGB")
