"""A worker process of a run: one JSON job a line in, one JSON answer a line out.

Started as `python -m` with this module, so that a stuck or crashed document can be killed and counted, and so
that nobody's script needs a `__main__` guard. It ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import psutil

from dic_ingest.batch.remote import near, near_batch
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.batch.workers.supervisor import Answer, Job
from dic_ingest.batch.workers.work import answered, describe, parse_only, work
from dic_ingest.captioning.engines.registry import make_captioner, reader_of
from dic_ingest.errors import DICIngestError
from dic_ingest.settings_file import from_dict
from dic_ingest.sources.inputs import is_url
from dic_ingest.sources.settings import InputSettings


def serve(lines: TextIO, answers: TextIO) -> None:
    """First line: the worker's part, the settings, the folder shared with others. Every further line: a job.

    The input's end ends it.
    """
    part, settings, shared = json.loads(lines.readline())
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines, jobs), daemon=True).start()
    do = job_handler(part, from_dict(WorkSettings, settings), Path(shared) if shared else None)
    while True:
        answers.write(json.dumps(do(json.loads(jobs.get()))) + "\n")
        answers.flush()


def job_handler(part: str, settings: WorkSettings, shared: Path | None = None) -> Callable[[Job], Answer]:
    """What a worker does with a job: the "whole" of it, or only "parse", or "describe" a batch."""
    engine, options = settings.ingest.engine, settings.ingest.engine_options
    if part == "parse":
        reader = reader_of(engine, shared, **options)
        return lambda job: _near(lambda here: parse_only(here, settings, reader), job, settings.ingest.input)
    try:
        captioner = make_captioner(engine, shared=shared, **options)
    except DICIngestError as error:  # true of every document
        why = str(error)
        return lambda job: {"file": job["file"], "status": "failed", "error": why, "fatal": why}
    if part == "describe" and captioner is not None:
        chosen = captioner
        return lambda job: answered(
            job["file"],
            lambda: {"answers": _near_batch(lambda here: describe(here, settings, chosen), job["batch"])},
        )
    return lambda job: _near(lambda here: work(here, settings, captioner), job, settings.ingest.input)


def _near(do: Callable[[Job], Answer], job: Job, settings: InputSettings) -> Answer:
    """The job done where its files are, or on copies of what lies at URLs."""
    if not is_url(job["file"]) and not is_url(job["out"]):
        return do(job)
    return answered(job["file"], lambda: near(do, job, settings))


def _near_batch(do: Callable[[Sequence[Job]], list[Answer]], batch: Sequence[Job]) -> list[Answer]:
    return near_batch(do, batch) if is_url(batch[0]["out"]) else do(batch)


def _read(lines: TextIO, jobs: queue.SimpleQueue[str]) -> None:
    for line in lines:
        jobs.put(line)
    # whoever gave the jobs is gone, killed perhaps: nobody may write results after it
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # libraries print; the protocol keeps standard output to itself
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, protocol)
