"""`NodeRecord`s as LlamaIndex documents (what readers give) and nodes (what node parsers give).

Figures travel as a path to their crop: picture bytes do not survive LlamaIndex's stores.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llama_index.core.schema import Document, ImageDocument, ImageNode, TextNode

from dic_ingest.nodes import NodeRecord
from dic_ingest.nodes.figure import holds

log = logging.getLogger(__name__)

# Shown to a language model. Everything else is for filters and for programs: an excluded key is neither
# embedded nor counted against the chunk size.
LLM_VISIBLE = frozenset({"caption", "figure_label", "page"})
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n")
# A file system's access time changes by the reading itself, and with it the hash that upserts compare.
VOLATILE = frozenset({"last_accessed_date"})


def scope_of(doc_id: str) -> str:
    """Short, stable prefix for the ids of a document's nodes."""
    return hashlib.sha256(doc_id.encode()).hexdigest()[:12]


def excluded(metadata: Mapping[str, Any], text: str) -> tuple[list[str], list[str]]:
    """Keys not to embed, and keys not to show to a language model.

    It sees label, caption and page, none that is empty, and the caption only where `text` lacks it.
    """
    ours = [*metadata]
    shown = {k for k in LLM_VISIBLE & metadata.keys() if metadata[k]}
    if "caption" in shown and _says(text, str(metadata["caption"])):
        shown.remove("caption")
    return ours, [k for k in ours if k not in shown]


def _says(text: str, caption: str) -> bool:
    """Whether a text has every sentence of a caption."""
    sentences = SENTENCE_ENDS.split(caption.strip().removesuffix("…"))
    return all(holds(text, s) for s in sentences)


def merged(record: NodeRecord, extra_info: Mapping[str, Any] | None) -> dict[str, Any]:
    """A node's metadata under what the caller knows of the file; a fresh dictionary each time."""
    given = {k: v for k, v in (extra_info or {}).items() if k not in VOLATILE}
    return {**given, **record.metadata, **file_keys(given)}


def file_keys(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's path and name of the file: they go before ours."""
    return {k: v for k, v in metadata.items() if k in ("file_path", "file_name")}


def to_document(record: NodeRecord, extra_info: Mapping[str, Any] | None = None) -> Document:
    """A `Document`, or for a figure with a crop an `ImageDocument`: both survive a text splitter.

    No SOURCE relation: with one, the pipeline's upserts would take every block for new in every run.
    """
    embed, llm = excluded(record.metadata, record.text)
    plain: dict[str, Any] = {
        "id_": record.id,
        "text": record.text,
        "metadata": merged(record, extra_info),
        "excluded_embed_metadata_keys": embed,
        "excluded_llm_metadata_keys": llm,
    }
    if record.image and Path(record.image).is_file():
        try:
            return ImageDocument(**_picture(record), **plain)
        except ValueError:  # the constructor opens the picture
            log.warning("crop %s is not readable; its figure is kept as text", record.image)
    return Document(**plain)


def to_node(record: NodeRecord) -> TextNode:
    """A `TextNode`, or for a figure with a crop an `ImageNode`, without relations yet."""
    embed, llm = excluded(record.metadata, record.text)
    plain: dict[str, Any] = {
        "id_": record.id,
        "text": record.text,
        "metadata": dict(record.metadata),
        "excluded_embed_metadata_keys": embed,
        "excluded_llm_metadata_keys": llm,
    }
    return ImageNode(**_picture(record), **plain) if record.image else TextNode(**plain)


def _picture(record: NodeRecord) -> dict[str, str]:
    """The crop's path, and its content where the node holds it."""
    held = {"image": record.image_data, "image_mimetype": "image/jpeg"} if record.image_data else {}
    return {"image_path": record.image, **held}
