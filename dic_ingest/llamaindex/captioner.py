"""Captions for figure nodes that have none yet: a step of any LlamaIndex pipeline, or of a Ray actor.

In: nodes or documents made by `DICReader` or `DICNodeParser`. Out: the same nodes with the same ids, figure
texts and metadata renewed; what exceeds a chunk stands in sibling nodes. Crops must lie where the nodes say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.schema import BaseNode, TransformComponent

from dic_ingest.document import Description
from dic_ingest.llamaindex.engine import EngineHandle
from dic_ingest.llamaindex.requests import RequestSource
from dic_ingest.llamaindex.rewrite import described


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
        wanted = [n for n in nodes if self._wants(n)]
        said: dict[str, Description] = {}
        with RequestSource() as source:
            for start in range(0, len(wanted), self.batch_size):
                said.update(self._describe(wanted[start : start + self.batch_size], source))
        return described(nodes, said, self.figure_tokens)

    def _describe(self, nodes: Sequence[BaseNode], source: RequestSource) -> dict[str, Description]:
        asked = [(n.node_id, r) for n in nodes if (r := source.request(n)) is not None]
        if not asked:
            return {}
        answers = self._engine.caption(self.engine, self.engine_options, [r for _, r in asked])
        return {i: a for (i, _), a in zip(asked, answers, strict=True) if a.caption.strip()}

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
