"""Whether a file is still the one that was opened, once all stages have read it.

Stages read a file at different times, MinerU in another process: bytes of two versions must not meet in one
document. Nothing is copied; large files cost one more pass over their bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import ChangedFileError, UnsupportedFileError


@dataclass(slots=True)
class FileDigest:
    """A file being read; whoever opened it sets the digest of the bytes seen first."""

    sha256: str = ""


@contextmanager
def unchanged(source: Path | str) -> Iterator[FileDigest]:
    """Around everything that reads `source`.

    Raises:
        UnsupportedFileError: a pipe or a device, which may never end.
        ChangedFileError: at the end, where the file's size, time or content is not that of the beginning.
    """
    reading = FileDigest()
    if Path(source).exists() and not Path(source).is_file() and not Path(source).is_dir():
        raise UnsupportedFileError(f"{source} is neither a file nor a folder. Name regular files.")
    if not Path(source).is_file():  # what is missing is told by who opens it
        yield reading
        return
    path = Path(source)
    before = _stamp(path.stat())
    yield reading
    try:
        with path.open("rb") as file:
            same = _stamp(os.fstat(file.fileno())) == before
            if same and reading.sha256:
                same = hashlib.file_digest(file, "sha256").hexdigest() == reading.sha256
    except OSError:
        same = False
    if not same:
        raise ChangedFileError(f"{path} changed while being read. Read it again once it is written.")


def _stamp(stat: os.stat_result) -> tuple[int, int, int, int]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
