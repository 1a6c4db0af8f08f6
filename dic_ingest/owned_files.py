"""The only module that renames, replaces or removes files, and it touches only what this package wrote.

A folder of ours carries a marker file: a format version, the kind of folder, and every file that was written
into it with size and sha256. What stands in such a folder without being listed is the user's and outlives
every renewal. Whatever has no marker is left as it is: the caller takes a free name or gets an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from dic_ingest.errors import MALFORMED, NotOursError

MARKER = ".dic-ingest.json"
FORMAT = 1  # of the marker
OLD = ".old"  # what a renewal sets aside for a moment
TEXTS = (".json", ".jsonl", ".md", ".html")  # checked by hash; pictures by their size alone
MAX_MARKER = 64 << 20
PAGE_MARK = '<meta name="generator" content="dic-ingest">'  # in HTML pages that stand alone
HEAD = 4096  # bytes of a page in which that stands
LEVELS = 3  # how far above a file the marker of its folder may stand


class FolderKind(StrEnum):
    """What a folder of ours is."""

    SCRATCH = "scratch"  # everything in it is temporary
    DOCUMENT = "document"  # results of one document
    PAGES = "pages"  # the inspector's
    CROPS = "crops"  # pictures of one document that a reader keeps
    SET = "set"  # of training examples
    OUTPUT = "output"  # what a command of `evaluate` or `train` writes, and what it needs to go on
    UPLOADS = "uploads"  # files that were handed to a server
    REVIEW = "review"  # figures and what people said of them


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was written: size in bytes, sha256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """What a marker says: the kind of folder, and what was written into it by relative POSIX path."""

    kind: FolderKind
    files: dict[str, Written]


def ownership(folder: Path) -> Ownership | None:
    """What the marker of a folder says; None where it has none that can be used, or is a link."""
    if folder.is_symlink():
        return None
    try:
        return parse_marker(read_regular(folder / MARKER, MAX_MARKER))
    except OSError:
        return None


def parse_marker(content: bytes) -> Ownership | None:
    """What a marker file says; None where it is none, or of another format."""
    try:
        data = json.loads(content)
        if data["format"] != FORMAT:
            return None
        files = {str(k): Written(int(v[0]), str(v[1])) for k, v in data["files"].items()}
        return Ownership(FolderKind(data["kind"]), {k: v for k, v in files.items() if _is_inside(k)})
    except MALFORMED:
        return None


def is_ours(folder: Path, kind: FolderKind) -> bool:
    """Whether this package made a folder, as one of that kind."""
    found = ownership(folder)
    return found is not None and found.kind == kind


def is_free(place: Path, kind: FolderKind) -> bool:
    """Whether a folder of that kind may be put here: nothing is there, an empty folder, an earlier one."""
    return not os.path.lexists(place) or _is_empty(place) or is_ours(place, kind)


def _is_empty(place: Path) -> bool:
    try:
        return not place.is_symlink() and place.is_dir() and not any(place.iterdir())
    except OSError:
        return False


def is_whole(folder: Path, kind: FolderKind, needed: Sequence[str] = ()) -> bool:
    """Whether all that was written is still there: sizes of all files, hashes of those that hold text."""
    found = ownership(folder)
    if found is None or found.kind != kind or not set(needed) <= set(found.files):
        return False
    try:
        return all(_is_as_written(folder, name, written) for name, written in found.files.items())
    except OSError:
        return False


def _is_as_written(folder: Path, name: str, written: Written) -> bool:
    path = file_inside(folder, name)
    if path is None or path.stat().st_size != written.size:
        return False
    return not name.endswith(TEXTS) or sha256_of(path) == written.sha256


def mark(folder: Path, kind: FolderKind, names: Sequence[str] | None = None) -> None:
    """Write the marker of a folder: `names` are what was written into it, by default every file there."""
    found = sorted(names if names is not None else _names(folder)) if kind != FolderKind.SCRATCH else []
    files = {n: [(folder / n).stat().st_size, sha256_of(folder / n)] for n in found}
    data = {"made_by": "dic_ingest", "format": FORMAT, "kind": kind, "files": files}
    write_file(folder / MARKER, json.dumps(data, indent=1).encode() + b"\n", ours=_is_marker)


def _is_marker(path: Path) -> bool:
    return b'"dic_ingest"' in read_regular(path, MAX_MARKER)[:100]


def make_folder(parent: Path, prefix: str = "") -> Path:
    """A fresh temporary folder below `parent`, marked as one; `discard` removes it."""
    folder = parent / f"{prefix}{secrets.token_hex(6)}"
    folder.mkdir()
    mark(folder, FolderKind.SCRATCH)
    return folder


def own_folder(folder: Path) -> Path:
    """A folder for temporary things under a fixed name, made where it is not there.

    Raises:
        NotOursError: something else has that name.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    if is_ours(folder, FolderKind.SCRATCH):
        return folder
    if folder.is_symlink() or not folder.is_dir() or any(folder.iterdir()):
        raise NotOursError(f"{folder} was not made by dic_ingest. Move it away, or choose another place.")
    mark(folder, FolderKind.SCRATCH)
    return folder


def claim(folder: Path, kind: FolderKind) -> Path:
    """Mark a folder as ours before files with fixed names are written into it; made where it is not there.

    Raises:
        NotOursError: it is a link or a file, or holds something and was not claimed for that kind before.
    """
    if is_ours(folder, kind):
        return folder
    if os.path.lexists(folder) and not _is_empty(folder):
        raise NotOursError(
            f"{folder} is neither empty nor written by this command. Move it away if that place is wanted. "
            "Choose another folder otherwise."
        )
    folder.mkdir(parents=True, exist_ok=True)
    mark(folder, kind, ())
    return folder


def discard(folder: Path) -> bool:
    """Remove a temporary folder of ours with all in it; anything else stays. Whether it is gone."""
    if not is_ours(folder, FolderKind.SCRATCH):
        return not os.path.lexists(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return not os.path.lexists(folder)


def install(fresh: Path, target: Path, kind: FolderKind) -> None:
    """Make a folder that was just written the one at `target`, in place of an earlier one of ours.

    What the user put into the earlier one is carried over. A kill in between is undone by `recover`.

    Raises:
        NotOursError: something that this package did not make is at `target`.
    """
    mark(fresh, kind)
    if not os.path.lexists(target) or _is_empty(target):
        fresh.rename(target)
        return
    if not is_ours(target, kind):
        raise NotOursError(f"{target} was not made by dic_ingest. Move it away, or choose another place.")
    old = fresh.with_name(target.name + OLD)
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    _retire(old, target)


def install_new(fresh: Path, target: Path) -> None:
    """As `install`, where nothing may be at `target` but an empty folder."""
    if os.path.lexists(target) and not _is_empty(target):
        raise NotOursError(f"{target} is there already. Move it away, or choose another place.")
    fresh.rename(target)


def recover(staging: Path, out: Path) -> None:
    """Put back what an `install` that was killed had set aside in `staging`; then remove that folder."""
    if not is_ours(staging, FolderKind.SCRATCH):
        return
    for old in sorted(staging.glob(f"*{OLD}")):
        target = out / old.name.removesuffix(OLD)
        if ownership(old) is None:
            continue
        if os.path.lexists(target):
            _retire(old, target)
        else:
            old.rename(target)
    discard(staging)


def _retire(old: Path, new: Path) -> None:
    """Carry what is not ours from an earlier folder to the new one, and remove what is."""
    found = ownership(old)
    if found is None:
        return
    for name in _names(old):
        if name not in found.files:
            place = free_path(new / name)
            place.parent.mkdir(parents=True, exist_ok=True)
            (old / name).rename(place)
    _remove_listed(old, found)


def _remove_listed(folder: Path, found: Ownership) -> None:
    """Remove the files that a marker names, the marker last, and the folders that are then empty."""
    for name in [*found.files, MARKER]:
        if not any((folder / p).is_symlink() for p in PurePosixPath(name).parents):
            (folder / name).unlink(missing_ok=True)
    for at, _, _ in os.walk(folder, topdown=False):
        with contextlib.suppress(OSError):  # something else lies there: it stays
            Path(at).rmdir()


def remove_folder(folder: Path, kind: FolderKind) -> list[str]:
    """Remove a folder of ours of that kind; returns the files in it that are not ours, which stay.

    A removal that was killed is finished by the next one. A folder that is not there is no error.

    Raises:
        NotOursError: the folder is there, and this package did not make it, or as one of another kind.
    """
    if not os.path.lexists(folder):
        return []
    found = ownership(folder)
    if found is None or found.kind != kind:
        raise NotOursError(f"{folder} was not made by dic_ingest, so it stays. Remove it yourself.")
    _remove_listed(folder, found)
    return _names(folder) if folder.is_dir() else []


def merge(fresh: Path, folder: Path, kind: FolderKind) -> None:
    """Move the files of a temporary folder into one of ours, each by a rename; others may be reading there.

    Raises:
        NotOursError: the folder is there and holds what this package did not write.
    """
    names = _names(fresh)
    folder.mkdir(parents=True, exist_ok=True)
    if not is_ours(folder, kind):
        if any(not (n.startswith("figures/") and n.endswith(".png")) for n in _names(folder)):
            raise NotOursError(f"{folder} was not made by dic_ingest. Choose another folder.")
        mark(folder, kind, ())
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name).replace(folder / name)


def write_file(
    path: Path,
    data: bytes | Callable[[BinaryIO], object],
    ours: Callable[[Path], bool] | None = None,
    through: Path | None = None,
    sync: bool = False,
) -> None:
    """Write a file whole or not at all, with the permissions that the umask gives.

    `data` is its content, or writes it. A file that is there is replaced where `ours` knows it; by default
    where it lies in a folder that carries a marker. `through` is where the unfinished file lies meanwhile.

    Raises:
        NotOursError: something that this package did not write is there.
    """
    part = (through or path.parent) / f".{secrets.token_hex(6)}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as file:
            if isinstance(data, bytes):
                file.write(data)
            else:
                data(file)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        if os.path.lexists(path):
            known = not path.is_symlink() and path.is_file() and (ours or in_own_folder)(path)
            if not known:
                raise NotOursError(f"{path} was not written by dic_ingest. Choose another place.")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def remove_file(path: Path) -> bool:
    """Remove a file that lies in a folder of ours; anything else stays. Whether it is gone."""
    if not path.is_symlink() and path.is_file() and in_own_folder(path):
        path.unlink()
    return not os.path.lexists(path)


def in_own_folder(path: Path) -> bool:
    """Whether a file lies in a folder that carries a marker, or in a folder of such a one."""
    return any(ownership(parent) is not None for parent in list(path.parents)[:LEVELS])


def clear_there(files: Any, path: str) -> None:
    """Remove what this package wrote into a folder of a storage service (an fsspec file system).

    Raises:
        NotOursError: the folder is there and carries no marker.
    """
    if not files.exists(path):
        return
    marker = f"{path.rstrip('/')}/{MARKER}"
    found = parse_marker(files.cat_file(marker)) if files.exists(marker) else None
    if found is None:
        raise NotOursError(f"{path} was not made by dic_ingest. Move it away, or choose another place.")
    names = [f"{path.rstrip('/')}/{n}" for n in found.files]
    if found.kind == FolderKind.SCRATCH or set(files.find(path)) <= {*names, marker}:
        files.rm(path, recursive=True)
        return
    for name in [*filter(files.exists, names), marker]:
        files.rm(name)


def copy_of(path: Path, target: Path) -> None:
    """The same file under a second name where the file system can do that, else a copy."""
    try:
        os.link(path, target)  # costs no disk: files of ours are replaced, never changed
    except OSError:
        shutil.copyfile(path, target)


def free_path(path: Path) -> Path:
    """The path, or the first of `name-1.suffix`, `name-2.suffix`, ... at which nothing is."""
    found, number = path, 0
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def set_aside(path: Path) -> Path:
    """Give a file of the user's a free name beside its own, which we need; returns where it is now."""
    place = free_path(path)
    path.rename(place)
    return place


def file_inside(folder: Path, name: str) -> Path | None:
    """The regular file that a relative name means in `folder`; None where it leads out or is a link."""
    if not _is_inside(name):
        return None
    path = folder
    for part in PurePosixPath(name).parts:
        path = path / part
        try:
            if path.is_symlink():
                return None
        except OSError:  # a name too long for the file system
            return None
    return path if path.is_file() else None


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and not set("\0\\") & set(name)


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a regular file, never through a link, never waiting; created with `os.O_CREAT`.

    Raises:
        OSError: it cannot be opened. NotOursError: a link, a folder, a pipe or a device.
    """
    if path.is_symlink():
        raise NotOursError(f"{path} is a link. Remove it, or choose another place.")
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotOursError(f"{path} is no regular file. Remove it, or choose another place.")
    return handle


def read_regular(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a regular file; raises as `open_regular`."""
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read(limit)


def is_own_page(file: Path) -> bool:
    """Whether a file is an HTML page that this package wrote outside of a folder of its own."""
    try:
        return file.suffix.lower() in (".html", ".htm") and PAGE_MARK.encode() in read_regular(file, HEAD)
    except OSError:
        return False


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(folder: Path) -> list[str]:
    """Relative POSIX paths of all files and links below a folder, without its marker."""
    found = []
    for place, folders, names in os.walk(folder):
        links = [f for f in folders if (Path(place) / f).is_symlink()]
        found += [(Path(place) / n).relative_to(folder).as_posix() for n in (*names, *links)]
    return sorted(n for n in found if n != MARKER)


@contextmanager
def temporary_folder(parent: Path, prefix: str = "") -> Iterator[Path]:
    """A fresh folder below `parent` that is removed at the end, where it is still there."""
    folder = make_folder(parent, prefix)
    try:
        yield folder
    finally:
        discard(folder)
