"""Documents removed from a folder of results.

What was made of the results goes first, then the results, then the manifest's lines, so that a removal that
was killed is finished by the next one. Source files and what this package did not write are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path
from typing import Protocol, TypeVar

from dic_ingest.batch.manifest import NAME, Entry, Manifest
from dic_ingest.batch.plan import found_and_lost
from dic_ingest.batch.remote import RemoteManifest, clear
from dic_ingest.batch.results import adopt
from dic_ingest.batch.run import compare_documents, here
from dic_ingest.batch.scratch import locked
from dic_ingest.errors import MissingFileError, SettingsError
from dic_ingest.owned_files import FolderKind, ownership, remove_folder
from dic_ingest.sources.inputs import is_url

SHOWN = 5  # files in a message


class Holder(Protocol):
    """What keeps content of documents outside their results: an index, a graph store, pages."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def remove(self, names: Sequence[str], dry_run: bool = False) -> Mapping[str, int]:
        """Remove all content of the documents whose results folders have these names.

        Returns the number of entries (nodes, pages) by document; with `dry_run` what it would be. A name
        that is not held is no error and stands with 0 or not at all.

        Raises:
            DICIngestError: the content is still there; nothing else of these documents is removed then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was removed, or would be: files of its results, entries of each holder by its name.

    `kept` are files of the user's in the results folder, which stay.
    """

    file: str
    name: str
    files: int = 0
    held: dict[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def remove(
    files: Sequence[str], out: Path | str, holders: Iterable[Holder] = (), dry_run: bool = False
) -> list[Removed]:
    """Remove documents from the results in `out`, a folder or a URL, and from `holders`.

    With `dry_run` only the report is made. `files` are paths as the manifest has them, other spellings of
    these paths, names of results folders, or names of files where only one document has that name.

    Raises:
        MissingFileError: `out` holds no results, or a file is not among them; nothing is removed.
        SettingsError: a name that several documents have.
        NotOursError: results that this package did not make.
        DICIngestError: a holder failed.
    """
    with _manifest(out) as manifest:
        entries = {e.file: e for file in files for e in matching(manifest.entries.values(), file)}
        return _removed(list(entries.values()), manifest, out, holders, dry_run)


def prune(
    paths: Sequence[Path | str], out: Path | str, holders: Iterable[Holder] = (), dry_run: bool = False
) -> list[Removed]:
    """Remove from `out` and `holders` what lay below `paths` (folders, globs, URLs) and is gone.

    With `dry_run` only the report is made.

    Nothing is removed where no file is found at all: a disk that is not mounted looks like that.

    Raises:
        MissingFileError: `out` holds no results, or `paths` hold no file. Else as `remove`.
    """
    with _manifest(out) as manifest:
        found, _ = found_and_lost(paths, out)
        if not found:
            raise MissingFileError("No files of a known format there, so nothing is pruned. Check the paths.")
        there = {str(f) for f in found}
        gone = [e for e in manifest.entries.values() if e.file not in there and _is_gone(e.file, paths)]
        return _removed(gone, manifest, out, holders, dry_run)


@contextmanager
def _manifest(out: Path | str) -> Iterator[Manifest]:
    """The manifest of results, nobody else at work on them."""
    folder = here(out)
    if not is_url(out) and not (folder / NAME).is_file():
        raise MissingFileError(f"{out} holds no {NAME}. Give the --out folder of a run.")
    with locked(folder):
        manifest = RemoteManifest(folder, str(out)) if is_url(out) else Manifest(folder)
        manifest.check()
        yield manifest


class NamedDocument(Protocol):
    """A document by its file and the name of its results folder."""

    @property
    def file(self) -> str:
        """The path as the manifest has it."""
        ...

    @property
    def name(self) -> str:
        """The name of its results folder."""
        ...


D = TypeVar("D", bound=NamedDocument)


def matching(documents: Iterable[D], file: str, where: str = "among the results") -> list[D]:
    """The documents that a path or name means: one, or several spellings of one path.

    Raises:
        MissingFileError: none. SettingsError: a file's name that several documents have.
    """
    every = list(documents)
    place = None if is_url(file) else Path(file).resolve()
    found = (
        [d for d in every if d.file == file]
        or [d for d in every if place and not is_url(d.file) and Path(d.file).resolve() == place]
        or [d for d in every if d.name == file]
        or [d for d in every if Path(d.file).name == file]
    )
    if not found:
        raise MissingFileError(f"{file} is not {where}. There are: {_some(every)}.")
    if len({d.name or d.file for d in found}) > 1:
        raise SettingsError(
            f"{len(found)} documents are called {file}: {_some(found)}. Name one by its path."
        )
    return found


def _some(documents: Sequence[D]) -> str:
    files = sorted(d.file for d in documents)
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return ", ".join(files[:SHOWN]) + more or "none"


def _is_gone(file: str, paths: Sequence[Path | str]) -> bool:
    """Whether a file of the manifest lay below one of the paths and is certainly not there any more."""
    if is_url(file):
        return any(is_url(p) and _covers(str(p).rstrip("/"), file) for p in paths)
    place = Path(file).absolute()
    below = any(not is_url(p) and _covers(str(Path(p).absolute()), str(place)) for p in paths)
    if not below:
        return False
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # a folder that may not be entered now
        return False
    return False


def _covers(path: str, file: str) -> bool:
    """Whether a folder holds a file, or a pattern matches it."""
    return file.startswith(path.rstrip("/") + "/") or (has_magic(path) and fnmatchcase(file, path))


def _removed(
    entries: Sequence[Entry],
    manifest: Manifest,
    out: Path | str,
    holders: Iterable[Holder],
    dry_run: bool,
) -> list[Removed]:
    names = list(dict.fromkeys(e.name for e in entries if e.name))
    held: dict[str, dict[str, int]] = {name: {} for name in names}
    for holder in holders if names else ():
        for name, count in holder.remove(names, dry_run).items():
            if count:
                held[name][holder.name] = count
    done = [_results_removed(e, out, held.get(e.name, {}), dry_run) for e in entries]
    if entries and not dry_run:
        manifest.forget(e.file for e in entries)
        compare_documents(out, [e.name for e in manifest.entries.values() if e.name], changed=True)
    return done


def _results_removed(entry: Entry, out: Path | str, held: dict[str, int], dry_run: bool) -> Removed:
    if not entry.name:
        return Removed(entry.file, "", held=held)
    if is_url(out):
        if not dry_run:
            clear(f"{str(out).rstrip('/')}/{entry.name}")
        return Removed(entry.file, entry.name, held=held)
    folder = Path(out) / entry.name
    if not dry_run:
        adopt(folder)
    found = ownership(folder)
    kept = () if dry_run else tuple(remove_folder(folder, FolderKind.DOCUMENT))
    return Removed(entry.file, entry.name, len(found.files) if found else 0, held, kept)
