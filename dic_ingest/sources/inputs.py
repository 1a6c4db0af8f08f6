"""What a caller may name as a document, as a file of this machine.

In: a path, bytes, an open file, or a URL. Out: the file itself, or a temporary copy with the right suffix,
and the name that the document goes by. Only what the caller names comes here: an address inside a document
never does.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from dic_ingest.errors import (
    DICIngestError,
    EmptyFileError,
    InputError,
    LimitError,
    MissingExtraError,
    MissingFileError,
    SettingsError,
    UnsupportedFileError,
    UrlError,
)
from dic_ingest.owned_files import copy_of
from dic_ingest.sources.content_type import suffix_of
from dic_ingest.sources.diagram_files.limits import SUFFIXES as DIAGRAMS
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.settings import PICTURES, InputSettings

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

Input: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"
CHUNK = 1 << 20  # bytes copied at a time
LONGEST_NAME = 100  # characters of a temporary copy's name
# suffixes of every format that is read; `open_source` chooses the reader, `batch.plan` what counts in folders
KNOWN = frozenset({".pdf", ".json", ".zip"}) | PICTURES | OFFICE | DIAGRAMS
UNSAFE = re.compile(r"[^\w.()+ -]")
BROKEN_URL = re.compile(r"[a-z][a-z0-9+.-]+:/(?!/)", re.IGNORECASE)  # what pathlib makes of a URL


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file to read. `source` is what its document is called, "" where only its hash can name it."""

    path: Path
    source: str
    is_copy: bool = False


def is_url(place: object) -> bool:
    """Whether a path is a URL."""
    return "://" in str(place)


def is_http(url: object) -> bool:
    """Whether a URL is read by HTTP, all others being a matter of fsspec."""
    return str(url).lower().startswith(("http://", "https://"))


def listed(source: Input | Iterable[Input]) -> tuple[list[Input], bool]:
    """The documents of a call that takes one or several, and whether it was one."""
    single = isinstance(source, str | os.PathLike | bytes | bytearray | memoryview)
    if single or hasattr(source, "read"):
        return [cast("Input", source)], True
    return list(cast("Iterable[Input]", source)), False


@contextmanager
def local_file(
    source: Input, settings: InputSettings, name: str = "", fs: AbstractFileSystem | None = None
) -> Iterator[LocalFile]:
    """The file that `source` names: a path as it is, anything else as a copy that is gone afterwards.

    `name` is what bytes and open files are called ("report.docx"); without one the content tells the
    format. An open file is read from where it stands, and left open. `fs` is the file system of a path that
    lies on another.

    Raises:
        SettingsError: something else is given. MissingFileError: nothing is there.
        UrlError: a URL that may not or cannot be read.
        LimitError: over `InputSettings.max_bytes`. UnsupportedFileError: no format that is known by content.
    """
    if not (
        isinstance(source, str | os.PathLike | bytes | bytearray | memoryview) or hasattr(source, "read")
    ):
        raise SettingsError(
            f"a file is given as path, URL, bytes or open binary file, not {type(source).__name__}. "
            "Name one file; DICReader.load_data takes a list."
        )
    if isinstance(source, str | os.PathLike) and fs is None and not _is_remote(source):
        yield LocalFile(Path(source), str(source))
        return
    with tempfile.TemporaryDirectory(prefix="dic-ingest-") as folder:
        raw = Path(folder) / "content"
        shown, media_type = _copied(source, raw, settings, fs)
        path = _named(raw, name or shown, media_type)
        title = name or shown
        try:
            yield LocalFile(path, title, is_copy=True)
        except InputError as error:  # said of the copy
            text = str(error).replace(str(path), title or path.name)
            raise type(error)(text) from error


def _is_remote(source: str | os.PathLike[str]) -> bool:
    text = os.fspath(source)
    if isinstance(source, PurePath) and BROKEN_URL.match(text) and not Path(source).exists():
        raise MissingFileError(f"{text} is a URL in a Path, which loses a slash. Give the URL as text.")
    return is_url(text) and not Path(text).exists()


def _copied(
    source: Input, target: Path, settings: InputSettings, fs: AbstractFileSystem | None
) -> tuple[str, str]:
    """Write what is named to `target`; what it is called, and its media type where a server told it."""
    if isinstance(source, bytes | bytearray | memoryview):
        if len(source) > settings.max_bytes:
            raise _too_large("the bytes given", settings)
        target.write_bytes(source)
        return "", ""
    if not isinstance(source, str | os.PathLike):
        named = getattr(source, "name", "")
        title = named if isinstance(named, str) else ""
        _copy(source, target, settings, title or "the open file")
        return title, ""
    text = os.fspath(source)
    if fs is not None:
        _copy_from(fs, text, target, settings, text)
        return text, ""
    return fetch(text, target, settings)


def fetch(url: str, target: Path, settings: InputSettings) -> tuple[str, str]:
    """Write what lies at a URL to `target`; the URL without credentials, and the media type if it is known.

    Raises:
        UrlError: not allowed, or it fails. MissingFileError: nothing there. LimitError: too large.
    """
    check_url(url, settings)
    if is_http(url):
        from dic_ingest.sources.download import download  # httpx is not wanted for files of this machine

        return without_credentials(url), download(url, target, settings)
    fs, path = file_system(url)
    _copy_from(fs, path, target, settings, url)
    return without_credentials(url), ""


def check_url(url: str, settings: InputSettings) -> None:
    """Raise UrlError for what is no URL, and for any where the settings forbid them."""
    try:
        urlsplit(url)
    except ValueError as error:
        raise UrlError(f"{url} is no address that can be read: {error}.") from error
    if not settings.urls:
        raise UrlError(f"{without_credentials(url)} is a URL, and input.urls is false. Fetch it yourself.")


def file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path there; MissingExtraError where its package is missing."""
    try:
        import fsspec

        return fsspec.core.url_to_fs(url, use_listings_cache=False)  # type: ignore[no-any-return]
    except ImportError as error:
        scheme = url.partition(":")[0]
        if scheme in ("s3", "s3a"):
            raise MissingExtraError(f"what reads {scheme} URLs", "ray") from error
        raise UrlError(f"{scheme} URLs cannot be read here: {error}.") from error
    except ValueError as error:
        raise UrlError(f"{url} cannot be used: {error}. Give a path, or s3://bucket/name.") from error


def without_credentials(url: str) -> str:
    """The URL without a user's name and password."""
    parts = urlsplit(url)
    if "@" not in parts.netloc or not is_http(url):
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def name_in(url: str) -> str:
    """The last part of a URL's path, as a name of a file."""
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])


def _copy_from(fs: AbstractFileSystem, path: str, target: Path, settings: InputSettings, shown: str) -> None:
    try:
        with fs.open(path, "rb") as file:
            _copy(file, target, settings, shown)
    except FileNotFoundError as error:
        raise MissingFileError(f"{shown} is not on its file system. Check the path.") from error
    except DICIngestError:
        raise
    except Exception as error:  # each storage service has its own kinds
        raise UrlError(
            f"{shown} cannot be read: {type(error).__name__}: {error}. Check name, credentials and network."
        ) from error


def _copy(source: Any, target: Path, settings: InputSettings, shown: str) -> None:
    copied = 0
    with target.open("wb") as file:
        while chunk := source.read(CHUNK):
            if not isinstance(chunk, bytes | bytearray | memoryview):
                close = getattr(chunk, "close", None)  # a coroutine that nobody waits for
                if close is not None:
                    close()
                raise UnsupportedFileError(
                    f'{shown} gives {type(chunk).__name__}, not bytes. Open it in binary mode ("rb").'
                )
            copied += len(chunk)
            if copied > settings.max_bytes:
                raise _too_large(shown, settings)
            file.write(chunk)
    if not copied and getattr(source, "seekable", bool)() and source.tell():
        raise EmptyFileError(f"{shown} stands at its end. Call its seek(0) first.")


def _too_large(shown: str, settings: InputSettings) -> LimitError:
    return LimitError(f"{shown} is larger than InputSettings.max_bytes ({settings.max_bytes}). Raise it.")


def _named(raw: Path, title: str, media_type: str) -> Path:
    """The copy under a name whose suffix says its format."""
    name = UNSAFE.sub("_", name_in(title) if is_url(title) else PurePath(title).name) or "document"
    stem, suffix = PurePath(name).stem[:LONGEST_NAME].lstrip(".") or "document", PurePath(name).suffix
    if suffix.lower() not in KNOWN:
        stem, suffix = name[:LONGEST_NAME].lstrip(".") or "document", suffix_of(raw, media_type)
    path = raw.with_name(stem + suffix)
    copy_of(raw, path)  # by a link where the file system has them
    return path
