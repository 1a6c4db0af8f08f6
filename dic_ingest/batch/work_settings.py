"""Everything that a document's results depend on; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.nodes import NodeSettings
from dic_ingest.pipeline_settings import Settings


@dataclass(frozen=True, slots=True)
class WorkSettings:
    """Everything that a document's results depend on; one TOML file maps to it one to one."""

    ingest: Settings = field(default_factory=Settings)
    nodes: NodeSettings = field(default_factory=NodeSettings)
