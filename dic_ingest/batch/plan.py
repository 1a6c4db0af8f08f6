"""Which files a run takes, and the name of each one's results folder."""

from __future__ import annotations

import glob
import hashlib
import importlib.util
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.batch.remote import find, is_url
from dic_ingest.errors import MissingFileError, UnsupportedFileError
from dic_ingest.sources.diagram_files.limits import SUFFIXES as DIAGRAMS
from dic_ingest.sources.diagram_files.limits import XML
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.settings import PICTURES

# a folder's office files count only where the extra that reads them is installed
OFFICE_READ = OFFICE if importlib.util.find_spec("unstructured") else frozenset()
# other XML than diagrams is common: in a folder, such files count only when they are named
FORMATS = frozenset({".pdf"}) | PICTURES | OFFICE_READ | (DIAGRAMS - XML)
RESERVED = frozenset({"manifest.jsonl", "same.json"})  # names in the output folder that are the run's own


@dataclass(frozen=True, slots=True)
class Planned:
    """One file to ingest into `out/name`. One at a URL has a stamp, which changes with its content."""

    file: Path | str
    name: str
    stamp: str = ""


def plan(
    paths: Sequence[Path | str], out: Path | str, known: Mapping[str, str] | None = None
) -> list[Planned]:
    """Jobs for the files that `chosen` finds; see there and `named`."""
    return named(chosen(paths, out), known or {})


def chosen(paths: Sequence[Path | str], out: Path | str) -> dict[Path | str, str]:
    """Files of `paths`: files, folders (recursive, by suffix; no hidden ones, not `out` itself), globs, URLs.

    A file named directly is taken whatever its suffix. The values are the stamps of files at URLs, else "".

    Raises:
        MissingFileError: a path that does not exist, a glob that matches nothing.
        UnsupportedFileError: a device, pipe or socket.
    """
    files: dict[Path | str, str] = {}
    for path in paths:
        if is_url(path):
            inside = str(out).rstrip("/") + "/"
            found_there = find(str(path), FORMATS).items()
            files.update({url: stamp for url, stamp in found_there if not url.startswith(inside)})
            continue
        for found in _expanded(Path(path)):
            if found.is_dir():
                files.update(dict.fromkeys(_below(found, out), ""))
            elif found.is_file():
                files[found] = ""
            else:
                raise UnsupportedFileError(f"{found} is neither a file nor a folder. Name regular files.")
    return files


def named(files: Mapping[Path | str, str], known: Mapping[str, str]) -> list[Planned]:
    """A job for each file. Files of one stem get names that tell them apart.

    `known` maps files to the names of their results from earlier runs: these are kept, and nobody else's.
    """
    stems = Counter(safe_name(Path(f).stem).casefold() for f in files)
    taken = {name.casefold(): file for file, name in known.items()}
    return [Planned(f, known.get(str(f)) or _name(f, stems, taken), stamp) for f, stamp in files.items()]


def _expanded(path: Path) -> list[Path]:
    if path.exists():
        return [path]
    if not glob.has_magic(str(path)):
        raise MissingFileError(f"{path} does not exist. Check the path.")
    matches = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207
    if not matches:
        raise MissingFileError(f"{path} matches nothing. Check the pattern; ** goes into subfolders.")
    return [m for m in matches if m.is_dir() or m.suffix.lower() in FORMATS]


def _below(folder: Path, out: Path | str) -> list[Path]:
    """Files of known formats in name order; an unreadable folder stands for itself, and will fail."""
    target = None if is_url(out) else Path(out).resolve()
    found: list[Path] = []
    unreadable: list[Path] = []
    for place, folders, names in os.walk(
        folder, onerror=lambda error: unreadable.append(Path(error.filename))
    ):
        here = Path(place)
        folders[:] = [d for d in folders if not d.startswith(".") and (here / d).resolve() != target]
        found += [here / n for n in names if not n.startswith(".") and Path(n).suffix.lower() in FORMATS]
    return sorted([f for f in found if f.is_file()] + unreadable)


def _name(file: Path | str, stems: Counter[str], taken: Mapping[str, str]) -> str:
    stem = safe_name(Path(file).stem)
    key = stem.casefold()  # some file systems take A and a for one
    if stems[key] == 1 and key not in RESERVED and taken.get(key, str(file)) == str(file):
        return stem
    whole = os.fsencode(file if isinstance(file, str) else file.resolve())
    return f"{stem}-{hashlib.sha256(whole).hexdigest()[:8]}"


def safe_name(stem: str) -> str:
    """A folder name that stays inside its parent on every file system: no separators, no dots ahead."""
    text = stem.encode("utf-8", "replace").decode()  # bytes that are no UTF-8 become "?"
    cleaned = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "_", text).strip(" .") or "document"
    return cleaned.encode()[:180].decode(errors="ignore").strip(" .")
