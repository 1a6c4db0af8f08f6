"""A document's results on disk: document.json, nodes.jsonl, figures/, put in place by one rename."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dic_ingest.batch.manifest import DOCUMENT, NODES
from dic_ingest.batch.scratch import STAGING, remove
from dic_ingest.errors import MALFORMED, BrokenFileError
from dic_ingest.model.document import Document
from dic_ingest.nodes import NodeSettings, to_nodes


def stage(out: Path) -> Path:
    """A fresh folder to write results into, below `out`."""
    place = out / STAGING
    place.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(dir=place))


def settle(staging: Path, target: Path) -> None:
    """Make a staged folder the results at `target`, in place of what is there."""
    old = staging.with_suffix(".old")
    if target.exists() or target.is_symlink():
        target.rename(old)
    staging.chmod(0o755)
    staging.rename(target)
    remove(old)


@contextmanager
def staged(out: Path, name: str) -> Iterator[Path]:
    """A fresh folder beside the results; on success it becomes `out/name`, on any error it is removed."""
    staging = stage(out)
    try:
        yield staging
        settle(staging, out / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_document(document: Document, folder: Path, settings: NodeSettings) -> int:
    """Write document.json and nodes.jsonl into `folder`; returns the number of nodes."""
    write_json(document, folder)
    nodes = to_nodes(document, settings)
    lines = (json.dumps(n.to_dict(), ensure_ascii=False) + "\n" for n in nodes)
    _write(folder / NODES, "".join(lines))
    return len(nodes)


def write_json(document: Document, folder: Path) -> None:
    """Write document.json alone."""
    _write(folder / DOCUMENT, json.dumps(document.to_dict(), ensure_ascii=False))


def read_json(folder: Path) -> Document:
    """The document of a results folder; raises BrokenFileError where its file cannot be used."""
    try:
        return Document.from_dict(json.loads((folder / DOCUMENT).read_text("utf-8")))
    except (OSError, *MALFORMED) as error:
        raise BrokenFileError(
            f"{folder / DOCUMENT} cannot be used: {error}. Ingest the file again."
        ) from error


def _write(path: Path, text: str) -> None:
    # Hostile files hold lone surrogates; `backslashreplace` writes them as the JSON escape that they are.
    # So are the characters written that JSON allows in strings and some readers take for line ends.
    for end in "\x85\u2028\u2029":
        text = text.replace(end, f"\\u{ord(end):04x}")
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
