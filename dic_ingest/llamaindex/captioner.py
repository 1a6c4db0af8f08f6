"""Captions for figure nodes that have none yet: a step of any LlamaIndex pipeline, or of a Ray job."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Literal

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.schema import BaseNode, TransformComponent

from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.llamaindex.rewrite import RequestSource, described
from dic_ingest.model.description import Description

# A captioning engine that is built when first wanted, once per process, and one figure batch at a time.


class EngineHandle:
    """Holds an engine and the lock around it. Pickled or copied, it is empty again: models do not travel."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._engine: Captioner | None = None

    def __reduce__(self) -> tuple[type[EngineHandle], tuple[()]]:
        return EngineHandle, ()

    def get(self, name: str, options: dict[str, Any]) -> Captioner | None:
        """The engine called `name`, built at the first call; None for "none"."""
        with self._lock:
            if self._engine is None:
                self._engine = make_captioner(name, **options)
            return self._engine

    def caption(
        self, name: str, options: dict[str, Any], requests: Sequence[FigureRequest]
    ) -> list[Description]:
        """Descriptions of the figures, in order; empty ones for engine "none"."""
        with self._lock:
            engine = self.get(name, options)
            return engine.caption(requests) if engine else [Description("") for _ in requests]


# Captions for figure nodes that have none yet: a step of any LlamaIndex pipeline, or of a Ray actor.


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
