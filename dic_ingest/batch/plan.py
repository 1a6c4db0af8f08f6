"""Which files a run takes, and the name of each one's results folder."""

from __future__ import annotations

import glob
import hashlib
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.names import RESERVED, key_of, safe_name
from dic_ingest.batch.remote import find, free_there
from dic_ingest.batch.results import earlier_results, is_made_by_us
from dic_ingest.errors import MissingFileError, UnsupportedFileError, UrlError
from dic_ingest.mineru.output.find import PICTURES as OUTPUT_PICTURES
from dic_ingest.mineru.output.find import SUFFIXES as OUTPUTS
from dic_ingest.mineru.output.find import document_name, is_output, originals, outputs_in
from dic_ingest.owned_files import LEVELS, FolderKind, is_free, is_own_page, sha256_of
from dic_ingest.sources.diagram_files.limits import XML
from dic_ingest.sources.inputs import KNOWN, is_http, is_url, name_in
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.settings import InputSettings

# a folder's office files count only where the extra that reads them is installed
UNREAD = frozenset() if importlib.util.find_spec("unstructured") else OFFICE
# other XML than diagrams is common: in a folder, such files count only when they are named
FORMATS = KNOWN - OUTPUTS - UNREAD - XML


@dataclass(frozen=True, slots=True)
class Planned:
    """One file to ingest into `out/name`. One at a URL has a stamp, which changes with its content."""

    file: Path | str
    name: str
    stamp: str = ""


def file_digest(path: Path) -> str:
    """The SHA-256 of a file as hexadecimal digits, "" for one that cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return ""


def kept_entry(job: Planned, manifest: Manifest, reading: str, sha256: str) -> Entry | None:
    """What the manifest says of a job whose file need not be read; None for one that has to be.

    `sha256` is that of the file as it is now, `reading` the digest of the settings by which it is read.
    """
    file = str(job.file)
    known = manifest.entries.get(file)
    return manifest.done(file, sha256, reading, job.stamp) if known and known.name == job.name else None


def plan(paths: Sequence[Path | str], out: Path | str, manifest: Manifest | None = None) -> list[Planned]:
    """Jobs for the files that `chosen` finds; see there and `named`. Without a manifest nothing is known."""
    return placed(chosen(paths, out), out, manifest)


def placed(
    files: Mapping[Path | str, str], out: Path | str, manifest: Manifest | None = None
) -> list[Planned]:
    """A job for each file, its results at a place in `out` where they replace nothing but earlier results."""
    known = manifest.names() if manifest else {}
    if is_url(out):
        return named(files, known, lambda name: free_there(str(out), name))
    here = {Path(f).resolve() for f in files if not is_url(f)}
    inputs = here | {parent for file in here for parent in file.parents}
    hashes = {e.name: e.sha256 for e in manifest.entries.values()} if manifest else {}

    def free(name: str) -> bool:
        target = Path(out) / name
        if target.resolve() in inputs:
            return False
        before = hashes.get(name, "")
        return is_free(target, FolderKind.DOCUMENT) or bool(before and earlier_results(target, before))

    return named(files, known, free)


def found_and_lost(
    paths: Sequence[Path | str], out: Path | str, settings: InputSettings | None = None
) -> tuple[dict[Path | str, str], dict[str, str]]:
    """As `chosen`, with the paths that name nothing that can be read, and why, beside the files.

    Raises:
        InputError: there is no other path.
    """
    files: dict[Path | str, str] = {}
    lost: dict[str, str] = {}
    for path in paths:
        try:
            files.update(chosen([path], out, settings))
        except (MissingFileError, UnsupportedFileError, UrlError) as error:
            if len(paths) == 1:
                raise
            lost[str(path)] = str(error)
    if not files and lost:
        raise MissingFileError(" ".join(lost.values()))
    return files, lost


def chosen(
    paths: Sequence[Path | str], out: Path | str, settings: InputSettings | None = None
) -> dict[Path | str, str]:
    """Files of `paths`: files, folders (recursive, by suffix; no hidden ones, not `out` itself), globs, URLs.

    A file named directly is taken whatever its suffix. What MinerU wrote into a folder is one document, named
    by its JSON, with its pictures and the PDF that it was made of; a zip of it is one too. The values are the
    stamps of files at URLs, else "".

    Raises:
        MissingFileError: a path that does not exist, a glob that matches nothing.
        UnsupportedFileError: a device, pipe or socket. UrlError: a URL where those are not allowed.
    """
    files: dict[Path | str, str] = {}
    for path in paths:
        if is_url(path):
            inside = str(out).rstrip("/") + "/"
            found_there = find(str(path), FORMATS, settings or InputSettings()).items()
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


def named(
    files: Mapping[Path | str, str], known: Mapping[str, str], free: Callable[[str], bool] = lambda name: True
) -> list[Planned]:
    """A job for each file, each with a name of its own.

    `known` maps files to the names of their results from earlier runs: these are kept, and nobody else's.
    `free` tells whether results may be put at a name.
    """
    stems = Counter(key_of(safe_name(_stem(f))) for f in files)
    owners = {key_of(name): file for file, name in known.items()}
    used: set[str] = set()
    jobs = []
    for file, stamp in files.items():
        for name in _candidates(file, known.get(str(file), ""), stems, owners):
            key = key_of(name)
            mine = owners.get(key, str(file)) == str(file)
            if mine and key not in used and key not in RESERVED and free(name):
                break
        used.add(key_of(name))
        jobs.append(Planned(file, name, stamp))
    return jobs


def _candidates(
    file: Path | str, before: str, stems: Counter[str], owners: Mapping[str, str]
) -> Iterator[str]:
    """Names for a file's results, the best first, without an end."""
    if before:
        yield before
    stem = safe_name(_stem(file))
    key = key_of(stem)
    if stems[key] > 1 or key in RESERVED or owners.get(key, str(file)) != str(file):
        whole = os.fsencode(file if isinstance(file, str) else file.resolve())
        stem = f"{stem}-{hashlib.sha256(whole).hexdigest()[:8]}"
    yield stem
    for number in count(1):
        yield f"{stem}-{number}"


def _expanded(path: Path) -> list[Path]:
    if path.exists():
        return [path]
    if not glob.has_magic(str(path)):
        raise MissingFileError(f"{path} does not exist. Check the path.")
    matches = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207
    if not matches:
        raise MissingFileError(f"{path} matches nothing. Check the pattern; ** goes into subfolders.")
    mine = [m for m in matches if m.is_dir() or m.suffix.lower() in FORMATS or is_output(m)]
    return [m for m in mine if not any(map(is_made_by_us, list(m.parents)[:LEVELS])) and not is_own_page(m)]


def _below(folder: Path, out: Path | str) -> list[Path]:
    """Files of known formats in name order; an unreadable folder stands for itself, and will fail.

    What this package wrote is left out: results, pages, crops, wherever they lie.
    """
    target = None if is_url(out) else Path(out).resolve()
    found: list[Path] = []
    unreadable: list[Path] = []
    outputs: list[Path] = []
    for place, folders, names in os.walk(
        folder, onerror=lambda error: unreadable.append(Path(error.filename))
    ):
        here = Path(place)
        if is_made_by_us(here):
            folders[:] = []
            continue
        folders[:] = [d for d in folders if not d.startswith(".") and (here / d).resolve() != target]
        saved = outputs_in(here, [n for n in names if not n.startswith(".")])
        if saved.documents:
            folders[:] = [d for d in folders if d != OUTPUT_PICTURES]
            outputs += saved.documents
        found += [here / n for n in names if n not in saved.names and _is_format(here / n)]
    own = {o.resolve() for output in outputs for o in originals(output)}
    found = [f for f in found if f.resolve() not in own] + outputs if own else found + outputs
    return sorted([f for f in found if f.is_file() and not is_own_page(f)] + unreadable)


def _is_format(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    suffix = path.suffix.lower()
    return suffix in FORMATS or (suffix == ".zip" and is_output(path))


def _stem(file: Path | str) -> str:
    """A file's name without its suffix; of saved MinerU output the name of what it was made of."""
    path = Path(name_in(file)) if isinstance(file, str) and is_http(file) else Path(file)
    return document_name(path) if path.suffix.lower() in OUTPUTS else path.stem
