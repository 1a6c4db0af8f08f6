"""Results of a run as Haystack documents: a converter component; one `Document` a node, ids kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED, BundleError, MissingExtraError, MissingFileError

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ImportError as error:
    raise MissingExtraError("haystack-ai", "haystack") from error


@component  # type: ignore[misc,untyped-decorator,unused-ignore]
class DICConverter:
    """Gives the nodes of results folders, or of single nodes.jsonl files, in reading order.

    Metadata is that of nodes.jsonl, without empty values; `image_path` is made absolute.
    """

    def to_dict(self) -> dict[str, Any]:
        """For Haystack's pipelines as YAML."""
        made: dict[str, Any] = default_to_dict(self)
        return made

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DICConverter:
        """The inverse of `to_dict`."""
        made: DICConverter = default_from_dict(cls, data)
        return made

    @component.output_types(documents=list[Document])  # type: ignore[misc,untyped-decorator,unused-ignore]
    def run(self, sources: list[str | Path]) -> dict[str, list[Document]]:
        """One document a node.

        Raises:
            MissingFileError: no nodes.jsonl there. BundleError: a line that is no node.
        """
        found: list[Document] = []
        for source in map(Path, sources):
            files = sorted(source.glob("*/nodes.jsonl")) if source.is_dir() else [source]
            if not files or not files[0].is_file():
                raise MissingFileError(f"{source} holds no nodes.jsonl. Give the --out folder of a run.")
            for file in files:
                found += [_document(line, file) for line in file.read_text("utf-8").split("\n") if line]
        return {"documents": found}


def _document(line: str, file: Path) -> Document:
    try:
        node = json.loads(line)
        meta = {k: v for k, v in node["metadata"].items() if v != ""}
        if node["image"]:
            meta["image_path"] = str((file.parent / node["image"]).resolve())
        if page := meta.get("page_image"):
            meta["page_image"] = str((file.parent / page).resolve())
        return Document(id=node["id"], content=node["text"], meta=meta)
    except MALFORMED as error:
        raise BundleError(f"{file} holds a line that is no node ({error}). Run again.") from error
