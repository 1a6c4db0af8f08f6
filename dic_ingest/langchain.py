"""Results of a run as LangChain documents: `DICLoader("results").load()`; one `Document` a node, ids kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from dic_ingest.errors import MALFORMED, BundleError, MissingExtraError, MissingFileError

try:
    from langchain_core.document_loaders import BaseLoader
    from langchain_core.documents import Document
except ImportError as error:
    raise MissingExtraError("langchain-core", "langchain") from error


class DICLoader(BaseLoader):  # type: ignore[misc,unused-ignore]
    """Loads every nodes.jsonl below a results folder, or one such file, in reading order.

    Metadata is that of nodes.jsonl (see nodes.schema.json) and `source`, the file's path; `image_path` is
    made absolute.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def lazy_load(self) -> Iterator[Document]:
        """One document a node.

        Raises:
            MissingFileError: no nodes.jsonl there. BundleError: a line that is no node.
        """
        files = sorted(self.path.glob("*/nodes.jsonl")) if self.path.is_dir() else [self.path]
        if not files or not files[0].is_file():
            raise MissingFileError(f"{self.path} holds no nodes.jsonl. Give the --out folder of a run.")
        for file in files:
            for line in file.read_text("utf-8").split("\n"):
                if not line:
                    continue
                try:
                    node = json.loads(line)
                    metadata = {**node["metadata"], "source": node["metadata"]["file_path"]}
                    if node["image"]:
                        metadata["image_path"] = str((file.parent / node["image"]).resolve())
                    if page := metadata.get("page_image"):
                        metadata["page_image"] = str((file.parent / page).resolve())
                    yield Document(page_content=node["text"], metadata=metadata, id=node["id"])
                except MALFORMED as error:
                    raise BundleError(f"{file} holds a line that is no node ({error}). Run again.") from error
