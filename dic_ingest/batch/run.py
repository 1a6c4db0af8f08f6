"""A folder run: jobs to worker processes, a manifest line per document, resume, hard limits.

A worker that is stuck, too large or dead is killed and replaced; its document counts as failed and the others
go on. However a run ends, the next one on the same folder goes on from there.
"""

from __future__ import annotations

import hashlib
import logging
import posixpath
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from dic_ingest.batch.manifest import SAME, Entry, Manifest, check_same
from dic_ingest.batch.plan import Planned, file_digest, found_and_lost, kept_entry, placed
from dic_ingest.batch.remote import (
    RemoteManifest,
    begin_work,
    clear,
    copies_of_nodes,
    reached,
)
from dic_ingest.batch.results import read_json, write_again
from dic_ingest.batch.scratch import STAGING, locked, memory_share, scratch, sweep
from dic_ingest.batch.settings import Digests, WorkSettings, nodes_digest, plain_values, reading_digest
from dic_ingest.batch.workers.description_queue import Describing
from dic_ingest.batch.workers.pool import Pool
from dic_ingest.batch.workers.supervisor import Answer, Job, Limits, Worker, WorkerConfig, WorkerHandle
from dic_ingest.captioning.engines.registry import probe_engine
from dic_ingest.errors import BrokenFileError, DICIngestError, SettingsError
from dic_ingest.nodes.record import NodeSettings
from dic_ingest.owned_files import own_folder
from dic_ingest.sources.inputs import file_system, is_url
from dic_ingest.vision.session import cores

log = logging.getLogger(__name__)

# engines whose model is loaded, or whose server is asked, in one place for all workers
ONE_CAPTIONER = frozenset({"local", "endpoint"})
SHARED = "shown"  # folder of a run in which workers share what they described
WAITING = 2  # parsed documents that may wait for the captioner, per worker
Progress = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run works through its documents."""

    workers: int = 1
    timeout: float = 1800.0  # seconds for one document, then its worker is killed
    resume: bool = True
    memory: int = 0  # MiB for one document; 0: each worker's part of 80 % of the machine's
    ray: str = ""  # address of a Ray cluster, or "local"; empty: processes of this machine

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
    paths: Sequence[Path | str],
    out: Path | str,
    settings: WorkSettings,
    how: RunSettings | None = None,
    password: str | None = None,
    pages: str = "",
    started: Callable[[int], None] = lambda total: None,
    progress: Progress = lambda entry: None,
    said: Callable[[str], None] | None = None,
    profiled: Callable[[dict[str, Any]], None] | None = None,
) -> list[Entry]:
    """Ingest `paths` (files, folders, globs, URLs) into `out`, a folder or a URL; returns entries as planned.

    `settings` say how each document is ingested, `how` the run works through them.
    `password` opens encrypted files, `pages` selects ("1-5,8"). `started` gets the number of documents,
    `progress` each one's entry, `said` what workers print, `profiled` a `Profile.to_dict` each. Whatever is
    raised, an interrupt too, leaves finished documents whole, drops the others, and no process behind.

    Raises:
        MissingFileError: none of the paths exists; one among others is a failed entry.
        CaptionerError: the engine's server does not answer.
        DICIngestError: `out` is in use, full or cannot be written.
    """
    how = how or RunSettings()
    digests = _digests(settings, pages)
    files, lost = found_and_lost(paths, out, settings.ingest.input)
    with _output(out) as (lock, manifest):
        jobs = placed(files, out, manifest)
        started(len(jobs) + len(lost))
        entries = [Entry(path, "failed", error=why) for path, why in lost.items()]
        entries += _finished(jobs, manifest, digests, settings.nodes) if how.resume else []
        for entry in entries:
            progress(entry)
        todo = _todo(jobs, entries, out, how, password=password, pages=pages, profile=profiled is not None)
        if todo:
            recorder = Recorder(manifest, digests, entries, progress, profiled)
            _ingest_all(todo, settings, how, recorder, (here(out), lock, said))
        manifest.compact()
        compare_documents(out, [e.name for e in manifest.entries.values() if e.name], bool(todo))
        return _in_order(entries, jobs)


def _digests(settings: WorkSettings, pages: str) -> Digests:
    settings.nodes.count("")  # a tokenizer that cannot be loaded would fail every document
    return Digests(reading_digest(settings, pages), nodes_digest(settings.nodes))


def _in_order(entries: Sequence[Entry], jobs: Sequence[Planned]) -> list[Entry]:
    """As planned; first what is not there."""
    order = {str(job.file): at for at, job in enumerate(jobs)}
    return sorted(entries, key=lambda entry: order.get(entry.file, -1))


@contextmanager
def _output(out: Path | str) -> Iterator[tuple[int, Manifest]]:
    """Within, the output folder is this run's alone: its lock's descriptor and its manifest, checked.

    Raises:
        DICIngestError: it is in use, full or cannot be written.
    """
    folder = here(out)
    with locked(folder) as lock:
        try:
            _sweep(out)
            manifest = RemoteManifest(folder, str(out)) if is_url(out) else Manifest(folder)
            manifest.check()
            _begin(out)
            yield lock, manifest
        except OSError as error:
            if isinstance(error, DICIngestError):
                raise
            raise DICIngestError(
                f"{out} cannot be written: {error.strerror or error}. What is finished is kept; "
                "correct that and run again."
            ) from error
        finally:
            _sweep(out)


def _begin(out: Path | str) -> None:
    """The place for what is being worked on."""
    if is_url(out):
        begin_work(str(out))
    else:
        check_same(Path(out))
        own_folder(Path(out) / STAGING)


def _todo(
    jobs: Sequence[Planned], done: Sequence[Entry], out: Path | str, how: RunSettings, **common: Any
) -> list[Job]:
    """The jobs that are not done, as workers take them, with what all of them have in `common`."""
    files = {entry.file for entry in done}
    to = str(out) if is_url(out) else str(Path(out).resolve())
    left = [j for j in jobs if str(j.file) not in files]
    ordered = _large_first(left) if how.workers > 1 else left
    return [{**plain_values(j), "out": to, **common} for j in ordered]


def _ingest_all(
    todo: Sequence[Job],
    settings: WorkSettings,
    how: RunSettings,
    record: Recorder,
    place: tuple[Path, int, Callable[[str], None] | None],
) -> None:
    """Every job to the workers; `place`: the results folder, its lock, what gets the lines they print."""
    folder, lock, said = place
    probe_engine(settings.ingest.engine, **settings.ingest.engine_options)
    with scratch(folder) as temporary:
        config = WorkerConfig(
            plain_values(settings),
            str(temporary),
            lock,
            said,
            threads=_share(how),
            shared=str(temporary / SHARED),
        )
        work_through(todo, config, how, record, settings.ingest.engine)


def _share(how: RunSettings) -> int:
    """Threads of a worker's networks, a core for each of them all; Ray tells its own workers."""
    return 0 if how.ray else max(1, cores() // how.workers)


def _large_first(jobs: Sequence[Planned]) -> list[Planned]:
    """The order for several workers: a large document begun last would leave the others idle."""

    def size(job: Planned) -> int:
        try:
            return 0 if is_url(job.file) else Path(job.file).stat().st_size
        except OSError:  # its worker tells what is wrong
            return 0

    return sorted(jobs, key=size, reverse=True)


def compare_documents(out: Path | str, names: Sequence[str], changed: bool) -> None:
    """Write anew which figures of the results `names` show the same, where that was not done for them."""
    if is_url(out):
        _tell_same_there(str(out), names, changed)
    else:
        _tell_same(Path(out), names)


def _tell_same(folder: Path, names: Sequence[str]) -> None:
    """Tell which figures of the results show the same, unless that was done for these very results."""
    from dic_ingest.batch.cross_document_duplicates import is_current, mark_same  # reads pictures

    if not is_current(folder, names):
        mark_same(folder, names)


def _tell_same_there(url: str, names: Sequence[str], changed: bool) -> None:
    """As `_tell_same` for results at a URL: what they are compared by is copied here for it."""
    files, path = file_system(url)
    told = posixpath.join(path, SAME)
    with reached(url), tempfile.TemporaryDirectory(prefix="dic-ingest-") as place:
        before = files.exists(told)
        if before and not changed:
            return
        from dic_ingest.batch.cross_document_duplicates import known_pictures, mark_same  # reads pictures

        if before:
            files.get_file(told, str(Path(place) / SAME))
        copies_of_nodes(url, names, Path(place), known_pictures(Path(place)))
        mark_same(Path(place), names)
        files.makedirs(path, exist_ok=True)
        files.put_file(str(Path(place) / SAME), told)


def here(out: Path | str) -> Path:
    """The results folder; for a URL, a folder of this machine that stands for it."""
    if not is_url(out):
        return Path(out)
    key = hashlib.sha256(str(out).rstrip("/").encode()).hexdigest()[:12]
    return user_cache_path("dic-ingest") / "runs" / key


def _sweep(out: Path | str) -> None:
    """Remove what a killed run left half-written."""
    if is_url(out):
        clear(f"{str(out).rstrip('/')}/{STAGING}")
    else:
        sweep(Path(out))


def work_through(
    todo: Sequence[Job], config: WorkerConfig, how: RunSettings, record: Recorder, engine: str
) -> None:
    """Every job to a worker; where the engine is a large model, one captioner for all of them."""

    with _worker_starter(how) as start:

        def starter(part: str) -> Callable[[], WorkerHandle]:
            return partial(start, replace(config, part=part))

        if engine not in ONE_CAPTIONER:
            return Pool(starter("whole"), how.limits, record).run(todo, how.workers)
        limits = Limits(how.timeout, how.memory or memory_share(1))
        with Describing(starter("describe"), limits, record, WAITING * how.workers) as second:
            Pool(starter("parse"), how.limits, second, second.halted).run(todo, how.workers)


@contextmanager
def _worker_starter(how: RunSettings) -> Iterator[Callable[[WorkerConfig], WorkerHandle]]:
    """What starts a worker: here, or on a cluster."""
    if not how.ray:
        yield Worker
        return
    from dic_ingest.batch.workers.ray import cluster

    with cluster(how.ray, how.workers) as start:
        yield start


class Recorder:
    """Takes the workers' answers, from any thread: manifest, list of entries, progress."""

    def __init__(
        self,
        manifest: Manifest,
        digests: Digests,
        entries: list[Entry],
        progress: Progress,
        profiled: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.manifest, self.digests, self.entries, self.progress = manifest, digests, entries, progress
        self.profiled = profiled
        self._lock = threading.Lock()

    def __call__(self, job: Job, answer: Answer) -> None:
        """Remember one answer.

        Raises:
            DICIngestError: the answer says that no further document can be written.
        """
        fatal, profile = answer.pop("fatal", ""), answer.pop("profile", None)
        entry = Entry(**{**answer, "warnings": tuple(answer.get("warnings", ()))})
        entry = replace(entry, name=job["name"], stamp=job.get("stamp", ""))
        entry = replace(entry, settings=self.digests.reading, nodes=self.digests.nodes)
        with self._lock:
            self.manifest.add(entry)
            self.entries.append(entry)
            self.progress(entry)
            if self.profiled is not None and profile is not None:
                self.profiled(profile)
        _log(entry)
        if fatal:
            raise DICIngestError(
                f"{fatal.rstrip('. ')}. What is finished is kept; correct that and run again."
            )


def _log(entry: Entry) -> None:
    counts = (entry.pages, entry.figures, entry.seconds)
    log.info("%s: %s, %d pages, %d figures, %.2f s", entry.file, entry.status, *counts)
    for message in (*entry.warnings, *filter(None, [entry.error])):
        log.warning("%s: %s", entry.file, message)


def _finished(
    jobs: Sequence[Planned], manifest: Manifest, digests: Digests, settings: NodeSettings
) -> list[Entry]:
    """Entries of the files that need not be read, told to the manifest; their nodes as `settings` say."""
    found = []
    for job in jobs:
        known = str(job.file) in manifest.entries and not is_url(job.file)
        entry = kept_entry(job, manifest, digests.reading, file_digest(Path(job.file)) if known else "")
        if entry is not None and entry.nodes != digests.nodes:
            entry = _rebuilt(entry, manifest, digests.nodes, settings)
        elif entry is not None:
            entry = replace(entry, status="skipped", seconds=0.0, memory=0)
        found += [entry] if entry else []
    manifest.add(*(e for e in found if e.status == "skipped"))
    return found


def _rebuilt(entry: Entry, manifest: Manifest, digest: str, settings: NodeSettings) -> Entry | None:
    """The entry with its nodes cut anew from document.json; None where the file has to be read for it."""
    if isinstance(manifest, RemoteManifest):
        return None  # its results lie elsewhere: workers bring them there, whole
    began = time.perf_counter()
    folder = manifest.path.parent.resolve() / entry.name
    try:
        write_again(read_json(folder), folder, settings)
    except BrokenFileError:
        return None
    seconds = round(time.perf_counter() - began, 3)
    entry = replace(entry, status="rebuilt", nodes=digest, seconds=seconds, memory=0)
    manifest.add(entry)
    return entry
