"""The manifest of a results folder: one JSON line per document as it ends; the last line of a file counts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dic_ingest.errors import MALFORMED

NAME = "manifest.jsonl"
DOCUMENT = "document.json"  # in a results folder: all that was read; written last
NODES = "nodes.jsonl"
SAME = "same.json"  # which figures of the documents show the same
DONE = ("ok", "partial", "skipped")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one document. `status` is ok, partial (kept, with losses), failed or skipped."""

    file: str
    status: str
    seconds: float = 0.0
    pages: int = 0
    figures: int = 0
    error: str = ""
    warnings: tuple[str, ...] = ()
    name: str = ""  # folder of its results
    sha256: str = ""
    settings: str = ""  # digest of settings and versions
    tier: str = ""
    memory: int = 0  # MiB, the most that its worker's processes were seen to hold
    stamp: str = ""  # of a file at a URL: what changes with its content


class Manifest:
    """Append-only while a run goes on; a torn last line from a kill is ignored.

    `compact` leaves one line per document.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.entries: dict[str, Entry] = {}
        self._lines = 0
        known = {f.name for f in fields(Entry)}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").split("\n"):
                self._lines += bool(line)
                entry = _entry(line, known)
                if entry is not None:
                    self.entries[entry.file] = entry

    def names(self) -> dict[str, str]:
        """Files to the names of their results folders."""
        return {file: entry.name for file, entry in self.entries.items() if entry.name}

    def done(self, file: str, sha256: str, settings: str, stamp: str = "") -> Entry | None:
        """The entry of a file that needs no work: same content, settings and versions, results in place.

        A file at a URL is known by its stamp, where it has one, any other by its hash.
        """
        entry = self.entries.get(file)
        if entry is None or entry.status not in DONE or entry.settings != settings:
            return None
        same = entry.stamp == stamp if stamp else entry.sha256 == sha256
        return entry if same and self.holds(entry.name) else None

    def holds(self, name: str) -> bool:
        """Whether a document's results are in place."""
        return (self.path.parent / name / DOCUMENT).exists()

    def add(self, *entries: Entry) -> None:
        """Append lines and push them to the disk, together."""
        if not entries:
            return
        self.entries.update((e.file, e) for e in entries)
        self._lines += len(entries)
        torn = self.path.exists() and self.path.stat().st_size > 0 and not _ends_with_newline(self.path)
        with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(("\n" if torn else "") + _lines(entries))
            file.flush()
            os.fsync(file.fileno())

    def compact(self) -> None:
        """Leave one line per document, by one rename."""
        if self._lines == len(self.entries):
            return
        fresh = self.path.with_name(f".{NAME}.new")
        with fresh.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_lines(self.entries.values()))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._lines = len(self.entries)


def _lines(entries: Iterable[Entry]) -> str:
    # lone surrogates (file names that are no UTF-8) are written by `backslashreplace`: a JSON escape
    return "".join(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in entries)


def _entry(line: str, known: set[str]) -> Entry | None:
    try:
        data: dict[str, Any] = json.loads(line)
        values = {k: v for k, v in data.items() if k in known}
        entry = Entry(**{**values, "warnings": tuple(values.get("warnings", ()))})
        texts = (entry.file, entry.status, entry.name, entry.sha256, entry.settings, entry.stamp)
    except MALFORMED:
        return None
    sound = all(isinstance(t, str) for t in texts) and entry.name not in (".", "..") and "/" not in entry.name
    return entry if sound else None


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
