"""Resources of one run: its output folder locked, a scratch folder, its share of the memory."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dic_ingest.errors import DICIngestError, NotOursError
from dic_ingest.owned_files import discard, open_regular, own_folder, recover

STAGING = ".dic-ingest-work"  # below the output folder, so that a rename suffices
SHARE = 0.8  # of the machine's memory, for all workers together
MIB = 1024 * 1024
CGROUP = Path("/sys/fs/cgroup/memory.max")


@contextlib.contextmanager
def locked(out: Path, wait: float = 3.0) -> Iterator[int]:
    """The output folder for this run alone; gives the lock's file descriptor.

    Workers hold it too, so that a folder whose run was killed is free only when the last of them has ended;
    `wait` seconds allow for that.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.fdopen(open_regular(out / ".lock", os.O_RDWR | os.O_CREAT), "r+")
    except NotOursError:
        raise
    except OSError as error:
        raise DICIngestError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from error
    with handle:
        end = time.monotonic() + wait
        while not _lock(handle.fileno()):
            if time.monotonic() > end:
                raise DICIngestError(f"{out} is in use by another run. Wait for it, or choose another --out.")
            time.sleep(0.1)
        yield handle.fileno()


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """A temporary folder for the workers of a run; what a killed run left there goes first.

    Not below `out`: some libraries put sockets there, whose paths are short.
    """
    key = hashlib.sha256(os.fsencode(out.resolve())).hexdigest()[:12]
    place = Path(tempfile.gettempdir()) / f"dic-ingest-{os.getuid()}-{key}"
    try:
        discard(place)
        place.mkdir(mode=0o700)
    except OSError:  # somebody else's
        place = Path(tempfile.mkdtemp(prefix="dic-ingest-"))
    own_folder(place)
    try:
        yield place
    finally:
        discard(place)


def memory_share(workers: int) -> int:
    """MiB that one worker may hold when nothing is set: its part of most of the machine's memory."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):  # "max", or no such file
        total = min(total, int(CGROUP.read_text()))
    return max(256, int(SHARE * total / workers / MIB))


def sweep(out: Path) -> None:
    """Remove what a killed run left half-written, and put back what it had set aside."""
    recover(out / STAGING, out)
