"""Figure-aware document ingestion for RAG: diagrams in PDFs become text and graphs in LlamaIndex nodes.

    from dic_ingest import DICReader
    documents = DICReader().load_data("report.pdf")  # one a node, in reading order

Public names resolve on first use, so importing the package loads neither MinerU nor LlamaIndex.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

import dic_ingest.render  # noqa: F401  registers what Diagram.to_mermaid and its like call
from dic_ingest.model.representation import register_writer

if TYPE_CHECKING:
    from dic_ingest.captioning.engines.dicmodel import DICModel
    from dic_ingest.errors import DICIngestError
    from dic_ingest.index.retriever import DICRetriever
    from dic_ingest.llamaindex.captioner import DICCaptioner
    from dic_ingest.llamaindex.node_parser import DICNodeParser
    from dic_ingest.llamaindex.reader import DICReader
    from dic_ingest.model.chart import Chart
    from dic_ingest.model.description import Description
    from dic_ingest.model.diagram import Diagram, Kind
    from dic_ingest.model.document import Document, Figure
    from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes
    from dic_ingest.pipeline import ingest
    from dic_ingest.progress import ProgressEvent
    from dic_ingest.settings import Settings

logging.getLogger(__name__).addHandler(logging.NullHandler())  # quiet until the user configures logging

_HOMES = {
    "DICReader": "llamaindex.reader",
    "DICNodeParser": "llamaindex.node_parser",
    "DICRetriever": "index.retriever",
    "DICCaptioner": "llamaindex.captioner",
    "Settings": "settings",
    "ingest": "pipeline",
    "ProgressEvent": "progress",
    "NodeRecord": "nodes",
    "NodeSettings": "nodes",
    "to_nodes": "nodes",
    "Document": "model.document",
    "Figure": "model.document",
    "Description": "model.description",
    "Chart": "model.chart",
    "Diagram": "model.diagram",
    "Kind": "model.diagram",
    "DICIngestError": "errors",
    "DICModel": "captioning.engines.dicmodel",
}

__all__ = [
    "Chart",
    "DICCaptioner",
    "DICIngestError",
    "DICModel",
    "DICNodeParser",
    "DICReader",
    "DICRetriever",
    "Description",
    "Diagram",
    "Document",
    "Figure",
    "Kind",
    "NodeRecord",
    "NodeSettings",
    "ProgressEvent",
    "Settings",
    "ingest",
    "to_nodes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dic_ingest' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"dic_ingest.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def _html_of(value: object) -> str:
    from dic_ingest.inspector.display import html_of

    return html_of(value)


def _bundle_of(value: object) -> dict[str, str]:
    from dic_ingest.inspector.display import bundle_of

    return bundle_of(value)


register_writer("html", _html_of)
register_writer("mime bundle", _bundle_of)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
