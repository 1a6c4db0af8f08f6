"""A worker process of a run: one JSON job a line in, one JSON answer a line out.

Started as `python -m dic_ingest.batch.worker`, so that a stuck or crashed document can be killed and counted,
and so that nobody's script needs a `__main__` guard. It ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from typing import TextIO

import psutil

from dic_ingest.batch.work import WorkSettings, work
from dic_ingest.captioning.engines import make_captioner
from dic_ingest.settings import from_dict


def serve(lines: TextIO, answers: TextIO) -> None:
    """First line: settings. Every further line: a job. The end of the input ends the process."""
    settings = from_dict(WorkSettings, json.loads(lines.readline()))
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines, jobs), daemon=True).start()
    captioner = make_captioner(settings.ingest.engine, **settings.ingest.engine_options)
    while True:
        answers.write(json.dumps(work(json.loads(jobs.get()), settings, captioner)) + "\n")
        answers.flush()


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
