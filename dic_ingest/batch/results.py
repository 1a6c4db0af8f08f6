"""A document's results on disk: document.json, nodes.jsonl, figures/, put in place by one rename.

In: a document. Out: a folder of ours (see `owned_files`); results of versions that wrote no marker are known
by their content.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dic_ingest.batch.manifest import DOCUMENT, HTML, MARKDOWN, NODES
from dic_ingest.batch.scratch import STAGING
from dic_ingest.errors import MALFORMED, BrokenFileError
from dic_ingest.figures.chart_tables import TABLE, write_chart_tables
from dic_ingest.model.document import SCHEMA, Document
from dic_ingest.nodes import NodeSettings, to_nodes
from dic_ingest.nodes.image_data import with_image_data
from dic_ingest.owned_files import (
    FolderKind,
    copy_of,
    discard,
    file_inside,
    install,
    make_folder,
    mark,
    own_folder,
    ownership,
    recover,
)

# the whole document in the formats that settings name, beside document.json
WHOLE = {"markdown": (MARKDOWN, Document.to_markdown), "html": (HTML, Document.to_html)}
PAGES_STAGING = f"{STAGING}-pages"


def stage(out: Path, name: str = STAGING) -> Path:
    """A fresh folder to write results into, in a folder for unfinished work below `out`.

    Raises:
        NotOursError: something that this package did not make has the name of the folder for unfinished work.
    """
    return make_folder(own_folder(out / name))


def settle(staging: Path, target: Path, kind: FolderKind = FolderKind.DOCUMENT) -> None:
    """Make a staged folder the results at `target`, in place of earlier ones; raises as `install`."""
    adopt(target)
    install(staging, target, kind)


@contextmanager
def staged(out: Path, name: str) -> Iterator[Path]:
    """A fresh folder beside the results; on success it becomes `out/name`, on any error it is removed."""
    staging = stage(out)
    try:
        yield staging
        settle(staging, out / name)
    finally:
        discard(staging)


@contextmanager
def staged_pages(out: Path, name: str) -> Iterator[Path]:
    """As `staged` for pages, which may be written while a run is at work in `out`."""
    place = out / PAGES_STAGING
    recover(place, out)
    staging = stage(out, PAGES_STAGING)
    try:
        yield staging
        settle(staging, out / name, FolderKind.PAGES)
    finally:
        discard(place)


def is_made_by_us(folder: Path) -> bool:
    """Whether a folder holds what this package wrote, by its marker or as results without one."""
    return ownership(folder) is not None or bool(earlier_results(folder))


def earlier_results(folder: Path, sha256: str = "") -> list[str]:
    """Names of the files that a version without markers wrote as a document's results; [] for anything else.

    Known by a document.json that reads as one (of the file with that hash, where it is given) and its nodes.
    """
    if folder.is_symlink() or not file_inside(folder, DOCUMENT) or not file_inside(folder, NODES):
        return []
    try:
        if SCHEMA.encode() not in (folder / DOCUMENT).read_bytes():
            return []
        document = read_json(folder)
    except (BrokenFileError, OSError):
        return []
    if sha256 and document.sha256 != sha256:
        return []
    crops = {f.image for f in document.figures if f.image and file_inside(folder, f.image)}
    return [DOCUMENT, NODES, *sorted(crops)]


def adopt(folder: Path) -> None:
    """Give results of a version without markers theirs; does nothing to any other folder."""
    if ownership(folder) is None and (names := earlier_results(folder)):
        mark(folder, FolderKind.DOCUMENT, names)


def write_document(document: Document, folder: Path, settings: NodeSettings) -> int:
    """Write document.json, nodes.jsonl, charts as CSV, and the formats of `settings` into `folder`.

    Returns the number of nodes.
    """
    write_json(document, folder)
    write_chart_tables(document, folder)
    for name, (file, text_of) in WHOLE.items():
        if name in settings.formats:
            _write(folder / file, text_of(document))
    nodes = with_image_data(to_nodes(document, settings), folder, settings.image_bytes)
    lines = (json.dumps(n.to_dict(), ensure_ascii=False) + "\n" for n in nodes)
    _write(folder / NODES, "".join(lines))
    return len(nodes)


def write_again(document: Document, folder: Path, settings: NodeSettings) -> int:
    """Put a document's files in place of those of its results `folder`, by one rename; the crops stay.

    Returns the number of nodes.
    """
    adopt(folder)
    before = ownership(folder)
    with staged(folder.parent, folder.name) as fresh:
        for name in before.files if before else ():
            # the files beside them and the charts' values are written anew
            if "/" in name and not name.endswith(TABLE) and (path := file_inside(folder, name)):
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                copy_of(path, fresh / name)
        return write_document(document, fresh, settings)


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
