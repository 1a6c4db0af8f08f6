"""A folder run: jobs to worker processes, a manifest line per document, resume, hard timeouts.

A worker that is stuck or dies is killed and replaced; its document counts as failed and the others go on.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.plan import Job, plan
from dic_ingest.batch.pool import Pool
from dic_ingest.batch.results import sweep
from dic_ingest.batch.work import WorkSettings
from dic_ingest.errors import DICIngestError, SettingsError

Progress = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run works through its documents."""

    workers: int = 1
    timeout: float = 1800.0  # seconds for one document, then its worker is killed
    resume: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= 256:
            raise SettingsError(f"workers must lie in 1..256, got {self.workers}")
        if self.timeout <= 0:
            raise SettingsError(f"timeout must be above 0 seconds, got {self.timeout}")


def run(
    paths: Sequence[Path],
    out: Path,
    settings: WorkSettings,
    how: RunSettings | None = None,
    password: str | None = None,
    pages: str = "",
    started: Callable[[int], None] = lambda total: None,
    progress: Progress = lambda entry: None,
) -> list[Entry]:
    """Ingest files and folders into `out`; returns an entry per document.

    Raises:
        MissingFileError: a path does not exist. DICIngestError: `out` is in use or cannot be written.
    """
    how = how or RunSettings()
    jobs = plan(paths, out)
    digest = settings_digest(settings, pages)
    with locked(out):
        sweep(out)
        manifest = Manifest(out)
        started(len(jobs))
        entries: list[Entry] = []
        todo: list[dict[str, Any]] = []
        common = {"out": str(out.resolve()), "password": password, "pages": pages}
        for job in jobs:
            entry = _finished(job, manifest, digest, out) if how.resume else None
            if entry is None:
                todo.append({"file": str(job.file), "name": job.name, **common})
            else:
                manifest.add(entry)
                entries.append(entry)
                progress(entry)
        lock = threading.Lock()

        def record(job: dict[str, Any], answer: dict[str, Any]) -> None:
            sha = answer.pop("sha256", "") or _sha256(Path(job["file"]))
            entry = Entry(**{**answer, "warnings": tuple(answer.get("warnings", ()))})
            entry = replace(entry, name=job["name"], settings=digest, sha256=sha)
            with lock:
                manifest.add(entry)
                entries.append(entry)
                progress(entry)

        Pool(_plain(settings), how.timeout, record).run(todo, how.workers)
        return entries


def settings_digest(settings: WorkSettings, pages: str = "") -> str:
    """Digest of everything but the input that a result depends on."""
    versions = {p: version(p) for p in ("dic-ingest", "mineru")}
    text = json.dumps([_plain(settings), pages, versions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """The output folder for this run alone."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = (out / ".lock").open("w")
    except OSError as error:
        raise DICIngestError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DICIngestError(
                f"{out} is in use by another run. Wait for it, or choose another --out."
            ) from error
        yield


def _finished(job: Job, manifest: Manifest, digest: str, out: Path) -> Entry | None:
    if str(job.file) not in manifest.entries:
        return None
    entry = manifest.done(str(job.file), _sha256(job.file), digest, out)
    return replace(entry, status="skipped", seconds=0.0) if entry else None


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
