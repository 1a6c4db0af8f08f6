"""A document's results on disk: document.json, nodes.jsonl, figures/, put in place by one rename."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dic_ingest.document import Document
from dic_ingest.nodes import NodeSettings, to_nodes


@contextmanager
def staged(out: Path, name: str) -> Iterator[Path]:
    """A fresh folder beside the results; on success it becomes `out/name`, on any error it is removed."""
    staging = Path(tempfile.mkdtemp(prefix=f".{name[:40]}-", suffix=".tmp", dir=out))
    try:
        yield staging
        target = out / name
        old = staging.with_suffix(".old")
        if target.exists():
            target.rename(old)
        staging.chmod(0o755)
        staging.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_document(document: Document, folder: Path, settings: NodeSettings) -> int:
    """Write document.json and nodes.jsonl into `folder`; returns the number of nodes."""
    _write(folder / "document.json", json.dumps(document.to_dict(), ensure_ascii=False))
    nodes = to_nodes(document, settings)
    lines = (json.dumps(n.to_dict(), ensure_ascii=False) + "\n" for n in nodes)
    _write(folder / "nodes.jsonl", "".join(lines))
    return len(nodes)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sweep(out: Path) -> None:
    """Remove what a killed run left half-written."""
    for leftover in out.glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in out.glob(".*.old"):
        shutil.rmtree(leftover, ignore_errors=True)
