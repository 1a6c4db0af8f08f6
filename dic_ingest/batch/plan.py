"""Which files a run takes, and the name of each one's results folder."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import MissingFileError
from dic_ingest.parsing.image import SUFFIXES as PICTURES
from dic_ingest.parsing.office_settings import SUFFIXES as OFFICE

FORMATS = frozenset({".pdf"}) | PICTURES | OFFICE


@dataclass(frozen=True, slots=True)
class Job:
    """One file to ingest into `out/name`."""

    file: Path
    name: str


def plan(paths: Sequence[Path], out: Path) -> list[Job]:
    """Jobs for files and folders (recursive, by suffix; no hidden files, not `out` itself), in name order.

    A file named directly is taken whatever its suffix. Two files of one stem get names that tell them apart.

    Raises:
        MissingFileError: a path that does not exist.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files.update(dict.fromkeys(_below(path, out)))
        elif path.exists():
            files[path] = None
        else:
            raise MissingFileError(f"{path} does not exist. Check the path.")
    stems = Counter(safe_name(f.stem) for f in files)
    return [Job(f, _name(f, stems)) for f in files]


def _below(folder: Path, out: Path) -> list[Path]:
    target = out.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix.lower() not in FORMATS or not path.is_file():
            continue
        if target not in path.resolve().parents:
            found.append(path)
    return found


def _name(file: Path, stems: Counter[str]) -> str:
    stem = safe_name(file.stem)
    if stems[stem] == 1:
        return stem
    return f"{stem}-{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:8]}"


def safe_name(stem: str) -> str:
    """A folder name that stays inside its parent on every file system: no separators, no dots ahead."""
    cleaned = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "_", stem).strip(" .") or "document"
    return cleaned.encode()[:180].decode(errors="ignore")
