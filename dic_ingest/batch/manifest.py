"""The manifest of a results folder: one JSON line per document as it ends; the last line of a file counts."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dic_ingest.batch.names import is_safe
from dic_ingest.batch.scratch import STAGING
from dic_ingest.errors import MALFORMED, NotOursError
from dic_ingest.owned_files import FolderKind, is_whole, open_regular, own_folder, set_aside, write_file

NAME = "manifest.jsonl"
DOCUMENT = "document.json"  # in a results folder: all that was read; written last
NODES = "nodes.jsonl"
MARKDOWN = "document.md"
HTML = "document.html"
SAME = "same.json"  # which figures of the documents show the same
DONE = ("ok", "partial", "skipped", "rebuilt")
STATUSES = (*DONE, "failed")
TORN = '{"file": "'  # how a line begins that a kill cut off


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one document.

    `status` is ok, partial (kept, with losses), failed, skipped (nothing to do) or rebuilt (cut into nodes
    anew, not read again).
    """

    file: str
    status: str
    seconds: float = 0.0
    pages: int = 0
    figures: int = 0
    error: str = ""
    warnings: tuple[str, ...] = ()
    name: str = ""  # folder of its results
    sha256: str = ""
    settings: str = ""  # digest of versions and of the settings by which it was read
    tier: str = ""
    memory: int = 0  # MiB, the most that its worker's processes were seen to hold
    stamp: str = ""  # of a file at a URL: what changes with its content
    described: int = 0  # figures that an engine described
    reused: int = 0  # figures under the description of one that shows the same
    nodes: str = ""  # digest of the settings by which it was cut into nodes


class Manifest:
    """Append-only while a run goes on; a torn last line from a kill is ignored.

    `compact` leaves one line per document.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.entries: dict[str, Entry] = {}
        self._lines = 0
        known = {f.name for f in fields(Entry)}
        if os.path.lexists(self.path):
            for line in _text(self.path).split("\n"):
                self._lines += bool(line)
                entry = _entry(line, known)
                if entry is not None:
                    self.entries[entry.file] = entry

    def check(self) -> None:
        """Make sure that the file is a run's own before anything is added to it.

        Raises:
            NotOursError: it is something else.
        """
        if os.path.lexists(self.path) and not _is_manifest(self.path):
            raise NotOursError(
                f"{self.path} is no manifest of dic-ingest run. Choose another --out, or move that file away."
            )

    def names(self) -> dict[str, str]:
        """Files to the names of their results folders."""
        return {file: entry.name for file, entry in self.entries.items() if entry.name}

    def done(self, file: str, sha256: str, settings: str, stamp: str = "") -> Entry | None:
        """The entry of a file that need not be read: same content, settings and versions, results in place.

        Its nodes may be cut by other settings (`Entry.nodes`). A file at a URL is known by its stamp,
        where it has one, any other by its hash.
        """
        entry = self.entries.get(file)
        if entry is None or entry.status not in DONE or entry.settings != settings:
            return None
        same = entry.stamp == stamp if stamp else entry.sha256 == sha256
        return entry if same and self.holds(entry.name) else None

    def holds(self, name: str) -> bool:
        """Whether a document's results are in place, as they were written."""
        return is_whole(self.path.parent / name, FolderKind.DOCUMENT, (DOCUMENT, NODES))

    def add(self, *entries: Entry) -> None:
        """Append lines and push them to the disk, together."""
        if not entries:
            return
        self.entries.update((e.file, e) for e in entries)
        self._lines += len(entries)
        if os.path.lexists(self.path) and self.path.lstat().st_nlink > 1:  # a second name: not to be changed
            self._write(_text(self.path).encode("utf-8", "backslashreplace"))
        handle = open_regular(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        with os.fdopen(handle, "rb+") as file:
            torn = file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
            file.write((b"\n" if torn else b"") + _lines(entries))
            file.flush()
            os.fsync(file.fileno())

    def forget(self, files: Iterable[str]) -> None:
        """Leave out the lines of these files, by one rename."""
        for file in files:
            self.entries.pop(file, None)
        self.compact()

    def compact(self) -> None:
        """Leave one line per document, by one rename."""
        if self._lines == len(self.entries):
            return
        self._write(_lines(self.entries.values()))
        self._lines = len(self.entries)

    def _write(self, content: bytes) -> None:
        staging = own_folder(self.path.parent / STAGING)
        write_file(self.path, content, _is_manifest, staging, sync=True)


def check_same(out: Path) -> None:
    """Make sure that `same.json` is a run's own before it is written anew.

    What is no JSON may be one that was damaged, or a text of the user's: it gets a free name.

    Raises:
        NotOursError: it is something else.
    """
    path = out / SAME
    if path.is_file() and not path.is_symlink() and not _is_json(path):
        set_aside(path)
    if os.path.lexists(path) and not is_same(path):
        raise NotOursError(
            f"{path} was not written by dic-ingest run. Choose another --out, or move it away."
        )


def is_same(path: Path) -> bool:
    """Whether a file may be a run's `same.json`: groups and fingerprints, or no JSON at all any more."""
    try:
        found = json.loads(_text(path))
    except MALFORMED:
        return True
    return isinstance(found, dict) and {"groups", "fingerprints"} <= found.keys()


def _is_json(path: Path) -> bool:
    try:
        json.loads(_text(path))
    except MALFORMED:
        return False
    return True


def _text(path: Path) -> str:
    with os.fdopen(open_regular(path), encoding="utf-8", errors="replace") as file:
        return file.read()


def _is_manifest(path: Path) -> bool:
    """Whether a file begins as manifests do: empty, or with an entry, whole or torn."""
    first = next((line for line in _text(path).split("\n") if line.strip()), "")
    try:
        entry = json.loads(first)
        return entry["status"] in STATUSES and {"file", "seconds", "pages", "figures"} <= entry.keys()
    except MALFORMED:
        pass
    return not first or TORN.startswith(first) or (first.startswith(TORN) and not first.endswith("}"))


def _lines(entries: Iterable[Entry]) -> bytes:
    # lone surrogates (file names that are no UTF-8) are written by `backslashreplace`: a JSON escape
    text = "".join(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in entries)
    return text.encode("utf-8", "backslashreplace")


def _entry(line: str, known: set[str]) -> Entry | None:
    try:
        data: dict[str, Any] = json.loads(line)
        values = {k: v for k, v in data.items() if k in known}
        entry = Entry(**{**values, "warnings": tuple(values.get("warnings", ()))})
        texts = (entry.file, entry.status, entry.name, entry.sha256, entry.settings, entry.stamp, entry.error)
        numbers = (entry.pages, entry.figures, entry.described, entry.reused, entry.memory, entry.seconds)
    except MALFORMED:
        return None
    sound = all(isinstance(t, str) for t in (*texts, entry.tier, entry.nodes, *entry.warnings))
    sound = sound and all(isinstance(n, int | float) and math.isfinite(n) for n in numbers)
    sound = sound and (not entry.name or is_safe(entry.name))
    return entry if sound else None
