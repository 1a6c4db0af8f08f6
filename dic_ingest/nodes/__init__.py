"""A `Document` as retrieval nodes, free of any framework: text, figures and tables in reading order."""

from __future__ import annotations

from dic_ingest.nodes.build import to_nodes
from dic_ingest.nodes.record import NodeRecord, NodeSettings

__all__ = ["NodeRecord", "NodeSettings", "to_nodes"]
