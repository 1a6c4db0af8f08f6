"""The bytes of a file that is read whole, within a limit. In: a path. Out: its bytes, or a typed error."""

from __future__ import annotations

from pathlib import Path

from dic_ingest.errors import BrokenFileError, LimitError, MissingFileError


def read_file(path: Path, limit: int, setting: str) -> bytes:
    """All bytes of a file of at most `limit`; `setting` is the limit's name, for the message.

    Raises:
        MissingFileError: no such file. LimitError: too large. BrokenFileError: it cannot be read.
    """
    try:
        if path.stat().st_size > limit:
            raise LimitError(f"{path.name} is over {setting} ({limit}). Raise it.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} does not exist. Check the path.") from error
    except OSError as error:
        raise BrokenFileError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
