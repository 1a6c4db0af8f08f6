"""A folder of results written in the format of another project, as a folder that appears when it is whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from dic_ingest.batch.manifest import NAME, Manifest
from dic_ingest.batch.results import read_json
from dic_ingest.errors import MissingFileError, SettingsError
from dic_ingest.export.elements import to_elements
from dic_ingest.export.figures import TABLE, write_rows
from dic_ingest.model.document import Document
from dic_ingest.owned_files import FolderKind, discard, file_inside, install, make_folder, mark, write_file

FORMATS = ("docling", "unstructured", "figures")


def export(out: Path, form: str, to: Path) -> int:
    """Write all documents of the results in `out` into the folder `to`; returns the number of items written.

    Args:
        out: the --out folder of a run.
        form: "docling" (a DoclingDocument a document), "unstructured" (a list of elements a document), or
            "figures" (one data set of all figures).
        to: a folder that is not there, is empty, or was written by an earlier call.

    Raises:
        MissingFileError: `out` holds no results. SettingsError: no such format.
        MissingExtraError: docling-core is not installed. NotOursError: something else is at `to`.
    """
    if form not in FORMATS:
        raise SettingsError(f"no format called {form!r}. Choose one of: {', '.join(FORMATS)}.")
    if not (out / NAME).is_file():
        raise MissingFileError(f"{out} holds no {NAME}. Give the --out folder of a run.")
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = make_folder(to.parent, ".dic-export-")
    try:
        count = _figures(out, fresh) if form == "figures" else _documents(out, _writer(form), fresh)
        install(fresh, to, FolderKind.OUTPUT)
    finally:
        if fresh.exists():  # not put in place
            mark(fresh, FolderKind.SCRATCH)
            discard(fresh)
    return count


def _writer(form: str) -> Callable[[Document], str]:
    if form == "unstructured":
        return lambda document: json.dumps(to_elements(document), ensure_ascii=False, indent=1)
    from dic_ingest.export.docling import to_docling

    def written(document: Document) -> str:
        text: str = to_docling(document).model_dump_json(by_alias=True, exclude_none=True)
        return text

    return written


def _each(out: Path) -> Iterator[tuple[str, Document]]:
    for name in dict.fromkeys(e.name for e in Manifest(out).entries.values() if e.name):
        if file_inside(out / name, "document.json") and not (out / name).is_symlink():
            yield name, read_json(out / name)


def _documents(out: Path, writer: Callable[[Document], str], fresh: Path) -> int:
    count = 0
    for name, document in _each(out):
        write_file(fresh / f"{name}.json", writer(document).encode("utf-8", "replace"))
        count += 1
    return count


def _figures(out: Path, fresh: Path) -> int:
    rows = [row for name, document in _each(out) for row in write_rows(document, name, out / name, fresh)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_file(fresh / TABLE, lines.encode("utf-8", "replace"))
    return len(rows)
