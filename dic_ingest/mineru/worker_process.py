"""The worker process that runs MinerU: started once, used for many documents, killed when it hangs.

One request at a time; threads wait for each other. A forked child starts a worker of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from dic_ingest.child_process import ChildProcess
from dic_ingest.errors import ParserError
from dic_ingest.owned_files import discard, make_folder

MODULE = "dic_ingest.mineru.worker"
DOCUMENTS = 500  # after so many a fresh process is started: what leaks in native code goes with the old one


class WorkerTimeout(ParserError):
    """The parse took longer than the settings allow."""


class MineruProcess(ChildProcess):
    """A running worker, with a scratch folder of its own.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, offline: bool) -> None:
        self.offline = offline
        self.scratch = str(make_folder(Path(tempfile.gettempdir()), "dic-ingest-mineru-"))
        self.served = 0
        super().__init__(MODULE, [self.scratch], _environment(offline))

    @property
    def usable(self) -> bool:
        """Whether it runs, belongs to this process, and is not worn out."""
        return self.alive and self.served < DOCUMENTS

    def stop(self) -> None:
        """Let it end by itself, as it does when its stdin closes; kill it if it does not."""
        if self.owner != os.getpid():
            return
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            if self.process.stdin:
                self.process.stdin.close()
            self.process.wait(2)
        self.close()

    def close(self) -> None:
        """End it and what it started, now; its scratch folder goes too."""
        super().close()
        if self.owner == os.getpid():
            discard(Path(self.scratch))


_lock = threading.Lock()
_workers: list[MineruProcess] = []  # at most one


def ask(request: dict[str, Any], timeout: float, offline: bool = True) -> dict[str, Any]:
    """The worker's answer to one request.

    Raises:
        WorkerTimeout: no answer within `timeout` seconds; the worker is killed.
        ParserError: the worker cannot be started, or died over this request.
    """
    with _lock:
        worker = _ready(offline)
        try:
            return _exchange(worker, request, timeout)
        except BaseException:  # an interrupt too must not leave an answer behind for the next request
            worker.close()
            raise


def start(offline: bool = True) -> None:
    """Start the worker ahead of the first request, so that it imports MinerU meanwhile."""
    if _lock.acquire(blocking=False):
        try:
            _ready(offline)
        finally:
            _lock.release()


def stop() -> None:
    """End the worker, if one runs."""
    while _workers:
        _workers.pop().stop()


atexit.register(stop)


def _ready(offline: bool) -> MineruProcess:
    if _workers and _workers[0].usable and _workers[0].offline == offline:
        return _workers[0]
    stop()
    worker = _launch(offline)
    _workers.append(worker)
    return worker


def _environment(offline: bool) -> dict[str, str]:
    env = {} if "MINERU_LOG_LEVEL" in os.environ else {"MINERU_LOG_LEVEL": "error"}
    if offline:
        env |= {"MINERU_MODEL_SOURCE": "local", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return env


def _launch(offline: bool) -> MineruProcess:
    try:
        return MineruProcess(offline)
    except OSError as error:
        raise ParserError(
            f"MinerU's worker process cannot be started ({error}). Check sys.executable."
        ) from error


def _exchange(worker: MineruProcess, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    began = time.monotonic()
    with contextlib.suppress(OSError):  # died while starting: its last words are among its lines
        worker.send(json.dumps(request).encode() + b"\n")
    line = worker.line(timeout - (time.monotonic() - began))
    if line is None:
        raise WorkerTimeout(f"MinerU took longer than {timeout:g} s and was stopped. Raise `timeout`.")
    if not line:
        code = worker.process.wait(5)
        raise ParserError(f"MinerU's process ended with code {code} over this document. Try another tier.")
    worker.served += 1
    answer: dict[str, Any] = json.loads(line)
    if answer.get("fatal"):
        worker.close()
    return answer
