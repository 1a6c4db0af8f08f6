"""One LlamaIndex `Document` per file that carries the whole parsed document.

Its stored text is JSON, so it survives pickling and every docstore; what it shows (`text`, and what a
splitter sees) is the readable text, figures in their places.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode, MediaResource, MetadataMode
from llama_index.core.schema import Document as LlamaDocument

from dic_ingest.llamaindex.convert import VOLATILE, file_keys
from dic_ingest.model.document import SCHEMA, Document
from dic_ingest.nodes import NodeSettings, to_nodes
from dic_ingest.nodes.build import document_title, file_name


class DICDocument(LlamaDocument):
    """A parsed file. `parsed` is the `dic_ingest.Document`; `DICNodeParser` makes nodes of it."""

    _readable: str | None = PrivateAttr(default=None)

    @classmethod
    def class_name(cls) -> str:
        """Name used in serialisation."""
        return "DICDocument"

    @property
    def parsed(self) -> Document:
        """The document as parsed: pages, blocks, figures with their descriptions."""
        document = parsed_of(self)
        if document is None:
            raise ValueError("This document's text was replaced; read the file again with DICReader.")
        return document

    def get_content(self, metadata_mode: MetadataMode = MetadataMode.NONE) -> str:
        """The readable text, for splitters and people."""
        if self._readable is None:
            document = parsed_of(self)
            nodes = to_nodes(document, NodeSettings()) if document is not None else []
            stored = self.text_resource.text if self.text_resource else ""
            self._readable = "\n\n".join(n.text for n in nodes) if document is not None else stored or ""
        metadata = self.get_metadata_str(metadata_mode)
        if metadata_mode == MetadataMode.NONE or not metadata:
            return self._readable
        return self.text_template.format(content=self._readable, metadata_str=metadata).strip()

    def set_content(self, value: str) -> None:
        """Replace the text; the parsed document is then gone."""
        self._readable = None
        super().set_content(value)

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """As stored: a docstore gives a plain `Document` back whose text is the JSON."""
        data = super().to_dict(**kwargs)
        data["text"] = self.text_resource.text if self.text_resource else ""
        return data


def parsed_of(node: BaseNode) -> Document | None:
    """The parsed document inside a node, None where it is some other text."""
    resource = getattr(node, "text_resource", None)
    text = resource.text if resource is not None else getattr(node, "text", "")
    if not text or not text.startswith("{") or SCHEMA not in text:
        return None
    try:
        return Document.from_dict(json.loads(text))
    except ValueError:
        return None


def whole_document(
    document: Document, doc_id: str, folder: Path, extra_info: dict[str, Any] | None = None
) -> DICDocument:
    """The file as one document. `doc_id` stays when the file changes; the hash follows the content."""
    given = {k: v for k, v in (extra_info or {}).items() if k not in VOLATILE}
    ours: dict[str, Any] = {
        "file_path": document.source,
        "file_name": file_name(document.source),
        "dic_doc_id": doc_id,
        "dic_file_sha256": document.sha256,
        "dic_folder": str(folder),
        "document_title": document_title(document),
        "page_count": len(document.pages),
    }
    text = json.dumps(document.to_dict(), ensure_ascii=False, separators=(",", ":"))
    fields: dict[str, Any] = {
        "id_": doc_id,
        "text_resource": MediaResource(text=text),
        "metadata": {**given, **ours, **file_keys(given)},
        "excluded_embed_metadata_keys": [*ours],
        "excluded_llm_metadata_keys": [*ours],
    }
    return DICDocument(**fields)
