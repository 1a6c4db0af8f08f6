"""The manifest of a results folder: one JSON line per document as it ends; the last line of a file counts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

NAME = "manifest.jsonl"
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


class Manifest:
    """Append-only; a line is written whole or not at all (a torn last line from a kill is ignored)."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.entries: dict[str, Entry] = {}
        known = {f.name for f in fields(Entry)}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                entry = _entry(line, known)
                if entry is not None:
                    self.entries[entry.file] = entry

    def done(self, file: str, sha256: str, settings: str, folder: Path) -> Entry | None:
        """The entry of a file that needs no work: same content, settings and versions, results in place."""
        entry = self.entries.get(file)
        if entry is None or entry.status not in DONE or (entry.sha256, entry.settings) != (sha256, settings):
            return None
        return entry if (folder / entry.name / "document.json").exists() else None

    def add(self, entry: Entry) -> None:
        """Append one line and push it to the disk."""
        self.entries[entry.file] = entry
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        torn = self.path.exists() and self.path.stat().st_size > 0 and not _ends_with_newline(self.path)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + line)
            file.flush()
            os.fsync(file.fileno())


def _entry(line: str, known: set[str]) -> Entry | None:
    try:
        data: dict[str, Any] = json.loads(line)
        values = {k: v for k, v in data.items() if k in known}
        return Entry(**{**values, "warnings": tuple(values.get("warnings", ()))})
    except (ValueError, TypeError, AttributeError):
        return None


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
