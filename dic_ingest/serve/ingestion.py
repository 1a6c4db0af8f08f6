"""Files into the library while it is served: one at a time, each in a worker process with limits, then
indexed.

Only files that lie within the allowed roots are taken, by their real paths, so that no link leads out. What
is uploaded is kept below the results, since pages are pictured from it.
"""

from __future__ import annotations

import hashlib
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from dic_ingest.batch.manifest import Entry
from dic_ingest.batch.names import safe_name
from dic_ingest.batch.plan import FORMATS
from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.errors import (
    DICIngestError,
    InputError,
    LimitError,
    MissingFileError,
    UnsupportedFileError,
)
from dic_ingest.owned_files import FolderKind, claim, free_path, sha256_of, write_file
from dic_ingest.serve.searching import Searcher

UPLOADS = ".uploads"  # below the results; no results folder begins with a dot
BEAT = 1.0  # seconds between two events of one stage
KEPT = 64  # jobs that are remembered after their end


@dataclass
class IngestionJob:
    """One file on its way. `stage` is waiting, reading, indexing, done or failed."""

    id: int
    file: str
    stage: str = "waiting"
    seconds: float = 0.0
    document: str = ""
    pages: int = 0
    figures: int = 0
    nodes: int = 0
    message: str = ""
    began: float = field(default_factory=time.monotonic, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.stage in ("done", "failed")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = asdict(self)
        values.pop("began")
        return values


class Ingestion:
    """Takes files from any thread and reads them one after another in a thread of its own."""

    def __init__(
        self,
        searcher: Searcher,
        settings: WorkSettings | None = None,
        how: RunSettings | None = None,
        roots: tuple[Path, ...] = (),
    ) -> None:
        self.searcher, self.library = searcher, searcher.library
        self.settings, self.how = settings or WorkSettings(), how or RunSettings()
        self.roots = tuple(root.resolve(strict=True) for root in roots)
        self.jobs: dict[int, IngestionJob] = {}
        self._paths: queue.Queue[tuple[IngestionJob, Path]] = queue.Queue(self.library.limits.waiting)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def allowed(self, path: str) -> Path:
        """The real path of a file that may be read.

        Raises:
            MissingFileError: there is no such file within the roots; where it would lie is not said.
            UnsupportedFileError: its format is not read here. LimitError: it is too large.
        """
        given = [Path(path)] if path.startswith("/") else [root / path for root in self.roots]
        real = next((r for p in given if (r := _real(p)) is not None), None)
        if real is None or not any(real.is_relative_to(root) for root in self.roots):
            known = ", ".join(map(str, self.roots)) or "none"
            raise MissingFileError(f"there is no such file in the folders that may be read ({known}).")
        if real.is_relative_to(self.library.out):
            raise UnsupportedFileError("that file belongs to the results. Name a document.")
        self._check(real.name, real.stat().st_size)
        return real

    def _check(self, name: str, size: int) -> None:
        if Path(name).suffix.lower() not in FORMATS:
            raise UnsupportedFileError(f"{Path(name).suffix or 'a file without a suffix'} is not read here.")
        if size > self.library.limits.upload:
            raise LimitError(f"the file has more than {self.library.limits.upload >> 20} MiB.")

    def keep(self, name: str, file: IO[bytes]) -> Path:
        """Keep what was uploaded under a safe name; the same content is kept once. `file` can be read twice.

        Raises:
            UnsupportedFileError: the format is not read here. LimitError: too large. NotOursError: the place
            for such files is taken.
        """
        size = file.seek(0, os.SEEK_END)
        suffix = Path(name).suffix.lower()
        self._check(f"x{suffix}", size)
        folder = claim(self.library.out / UPLOADS, FolderKind.UPLOADS)
        target = folder / f"{safe_name(Path(name).stem)}{suffix}"
        file.seek(0)
        if (
            target.is_file()
            and sha256_of(target) == hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
        ):
            return target
        target = free_path(target)
        file.seek(0)
        write_file(target, lambda part: shutil.copyfileobj(file, part))
        return target

    def start(self, path: Path) -> IngestionJob:
        """Put a file in the queue.

        Raises:
            LimitError: too many wait already.
        """
        with self._changed:
            job = IngestionJob(max(self.jobs, default=0) + 1, path.name)
            try:
                self._paths.put_nowait((job, path))
            except queue.Full:
                raise LimitError("too many files wait already. Try again later.") from None
            self.jobs[job.id] = job
            for old in [j.id for j in self.jobs.values() if j.is_over][:-KEPT]:
                del self.jobs[old]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
        return job

    def follow(self, job: IngestionJob) -> Iterator[dict[str, Any]]:
        """A job's state now and after every change, at least once every `BEAT` seconds; ends with the job."""
        while True:
            with self._changed:
                values, over = job.to_dict(), job.is_over
            if not over:
                values["seconds"] = round(time.monotonic() - job.began, 1)
            yield values
            if over:
                return
            with self._changed:
                if job.stage == values["stage"]:
                    self._changed.wait(BEAT)

    def _work(self) -> None:
        while True:
            job, path = self._paths.get()
            try:
                self._one(job, path)
            except DICIngestError as error:
                self._tell(job, stage="failed", message=str(error))
            except Exception as error:  # one bad file never ends the thread
                self._tell(job, stage="failed", message=f"unexpected {type(error).__name__}")

    def _one(self, job: IngestionJob, path: Path) -> None:
        job.began = time.monotonic()
        self._tell(job, stage="reading")
        ended: list[Entry] = run([path], self.library.out, self.settings, self.how)
        entry = ended[0]
        if entry.status == "failed":
            raise InputError(entry.error)
        self._tell(job, stage="indexing", document=entry.name, pages=entry.pages, figures=entry.figures)
        try:
            nodes = self.searcher.update()
        except DICIngestError as error:  # it was read; only search does not know it
            self._tell(job, stage="done", message=f"It was read, but not indexed: {error}")
            return
        self._tell(job, stage="done", nodes=nodes)

    def _tell(self, job: IngestionJob, **values: Any) -> None:
        with self._changed:
            for name, value in values.items():
                setattr(job, name, value)
            job.seconds = round(time.monotonic() - job.began, 1)
            self._changed.notify_all()


def watched(
    job: IngestionJob, ingestion: Ingestion, told: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Follow a job to its end; `told` gets every state. The last one is returned."""
    state: dict[str, Any] = {}
    for state in ingestion.follow(job):
        told(state)
    return state


def _real(path: Path) -> Path | None:
    """The real path of a regular file, links resolved; None for anything else."""
    try:
        real = path.resolve(strict=True)
        return real if real.is_file() else None
    except (OSError, ValueError, RuntimeError):  # no such file, a NUL in its name, a ring of links
        return None
