"""A captioning engine that is built when first wanted, once per process, and one figure batch at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from dic_ingest.captioning.engines import make_captioner
from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.document import Description


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
