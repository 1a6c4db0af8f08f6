"""A folder run: jobs to worker processes, a manifest line per document, resume, hard limits.

A worker that is stuck, too large or dead is killed and replaced; its document counts as failed and the others
go on. However a run ends, the next one on the same folder goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.plan import Job, chosen, named
from dic_ingest.batch.pool import Pool
from dic_ingest.batch.process import Limits, Surroundings
from dic_ingest.batch.results import sweep
from dic_ingest.batch.scratch import locked, memory_share, scratch
from dic_ingest.batch.work import WorkSettings
from dic_ingest.errors import DICIngestError, SettingsError

Progress = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run works through its documents."""

    workers: int = 1
    timeout: float = 1800.0  # seconds for one document, then its worker is killed
    resume: bool = True
    memory: int = 0  # MiB for one document; 0: each worker's part of 80 % of the machine's

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= 256:
            raise SettingsError(f"workers must lie in 1..256, got {self.workers}")
        if not 0 < self.timeout <= 1e9:
            raise SettingsError(f"timeout must be above 0 seconds, got {self.timeout}")
        if self.memory < 0:
            raise SettingsError(f"memory must be 0 or a number of MiB, got {self.memory}")

    @property
    def limits(self) -> Limits:
        """What one document may cost."""
        return Limits(self.timeout, self.memory or memory_share(self.workers))


def run(
    paths: Sequence[Path],
    out: Path,
    settings: WorkSettings,
    how: RunSettings | None = None,
    password: str | None = None,
    pages: str = "",
    started: Callable[[int], None] = lambda total: None,
    progress: Progress = lambda entry: None,
    said: Callable[[str], None] | None = None,
) -> list[Entry]:
    """Ingest files, folders and globs into `out`; returns an entry per document.

    `started` is told the number of documents, `progress` each one's entry as it ends; `said` gets what the
    workers print. Whatever is raised here or in them, an interrupt too, leaves finished documents whole,
    drops the ones being worked on, and no process behind.

    Raises:
        MissingFileError: a path does not exist. DICIngestError: `out` is in use, full or cannot be written.
    """
    how = how or RunSettings()
    digest = settings_digest(settings, pages)
    files = chosen(paths, out)
    with locked(out) as lock:
        try:
            sweep(out)
            manifest = Manifest(out)
            jobs = named(files, manifest.names())
            started(len(jobs))
            entries = _finished(jobs, manifest, digest, out) if how.resume else []
            for entry in entries:
                progress(entry)
            done = {entry.file for entry in entries}
            common = {"out": str(out.resolve()), "password": password, "pages": pages}
            todo = [{"file": str(j.file), "name": j.name, **common} for j in jobs if str(j.file) not in done]
            if todo:
                with scratch(out) as place:
                    around = Surroundings(_plain(settings), str(place), lock, said)
                    recorder = Recorder(manifest, digest, entries, progress)
                    Pool(around, how.limits, recorder).run(todo, how.workers)
            manifest.compact()
            return entries
        except OSError as error:
            if isinstance(error, DICIngestError):
                raise
            raise DICIngestError(
                f"{out} cannot be written: {error.strerror or error}. What is finished is kept; "
                "mend that and run again."
            ) from error
        finally:
            sweep(out)


class Recorder:
    """Takes the workers' answers, from any thread: manifest, list of entries, progress."""

    def __init__(self, manifest: Manifest, digest: str, entries: list[Entry], progress: Progress) -> None:
        self.manifest, self.digest, self.entries, self.progress = manifest, digest, entries, progress
        self._lock = threading.Lock()

    def __call__(self, job: dict[str, Any], answer: dict[str, Any]) -> None:
        """Remember one answer.

        Raises:
            DICIngestError: the answer says that no further document can be written.
        """
        fatal = answer.pop("fatal", "")
        entry = Entry(**{**answer, "warnings": tuple(answer.get("warnings", ()))})
        entry = replace(entry, name=job["name"], settings=self.digest)
        with self._lock:
            self.manifest.add(entry)
            self.entries.append(entry)
            self.progress(entry)
        if fatal:
            raise DICIngestError(f"{fatal}. What is finished is kept; make room and run again.")


def settings_digest(settings: WorkSettings, pages: str = "") -> str:
    """Digest of everything but the input that a result depends on."""
    versions = {p: version(p) for p in ("dic-ingest", "mineru")}
    text = json.dumps([_plain(settings), pages, versions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _finished(jobs: Sequence[Job], manifest: Manifest, digest: str, out: Path) -> list[Entry]:
    """Entries of the files that need no work, told to the manifest."""
    found = []
    for job in jobs:
        file = str(job.file)
        if file in manifest.entries:
            entry = manifest.done(file, _sha256(job.file), digest, out)
            found += [replace(entry, status="skipped", seconds=0.0, memory=0)] if entry else []
    manifest.add(*found)
    return found


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _plain(settings: WorkSettings) -> Any:
    """Settings as JSON values."""
    return json.loads(
        json.dumps(asdict(settings), default=lambda v: sorted(v) if isinstance(v, frozenset) else str(v))
    )
