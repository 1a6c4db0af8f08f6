"""The worker process that runs MinerU: started once, used for many documents, killed when it hangs.

One request at a time; threads wait for each other. A forked child starts a worker of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dic_ingest.errors import ParserError
from dic_ingest.owned_files import discard, make_folder

MODULE = "dic_ingest.mineru.worker"
DOCUMENTS = 500  # after so many a fresh process is started: what leaks in native code goes with the old one


class WorkerTimeout(ParserError):
    """The parse took longer than the settings allow."""


@dataclass(slots=True)
class Worker:
    """A running worker and the answers read from it."""

    process: subprocess.Popen[str]
    owner: int
    offline: bool
    scratch: str
    reader: threading.Thread
    answers: queue.Queue[str]
    served: int = 0

    @property
    def usable(self) -> bool:
        """Whether it runs, belongs to this process, and is not worn out."""
        return self.owner == os.getpid() and self.process.poll() is None and self.served < DOCUMENTS

    def close(self) -> None:
        """Let it end by itself, as it does when its stdin closes; kill it if it does not."""
        if self.owner != os.getpid():
            return
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            if self.process.stdin:
                self.process.stdin.close()
            self.process.wait(2)
        self.kill()

    def kill(self) -> None:
        """End it and what it started, now."""
        if self.owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.reader.join(5)  # it ends with the pipe; closing under it would not be safe
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe:
                    pipe.close()
        discard(Path(self.scratch))


_lock = threading.Lock()
_workers: list[Worker] = []  # at most one


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
            worker.kill()
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
        _workers.pop().close()


atexit.register(stop)


def _ready(offline: bool) -> Worker:
    if _workers and _workers[0].usable and _workers[0].offline == offline:
        return _workers[0]
    stop()
    worker = _launch(offline)
    _workers.append(worker)
    return worker


def _environment(offline: bool) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (root, env.get("PYTHONPATH"))))
    env.setdefault("MINERU_LOG_LEVEL", "error")
    if offline:
        env |= {"MINERU_MODEL_SOURCE": "local", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return env


def _launch(offline: bool) -> Worker:
    scratch = str(make_folder(Path(tempfile.gettempdir()), "dic-ingest-mineru-"))
    try:
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                MODULE,
                scratch,
            ],  # -P: a mineru.py where the user stands is not MinerU
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=_environment(offline),
            start_new_session=True,
        )
    except OSError as error:
        raise ParserError(
            f"MinerU's worker process cannot be started ({error}). Check sys.executable."
        ) from error
    answers: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, answers), daemon=True)
    reader.start()
    return Worker(process, os.getpid(), offline, scratch, reader, answers)


def _read(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):  # closed under us by kill()
        for line in process.stdout:
            answers.put(line)
    answers.put("")  # the end


def _exchange(worker: Worker, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    assert worker.process.stdin is not None
    began = time.monotonic()
    with contextlib.suppress(OSError):  # died while starting: its last words are in the answers
        worker.process.stdin.write(json.dumps(request) + "\n")
        worker.process.stdin.flush()
    try:
        line = worker.answers.get(timeout=max(0.0, timeout - (time.monotonic() - began)))
    except queue.Empty:
        raise WorkerTimeout(
            f"MinerU took longer than {timeout:g} s and was stopped. Raise `timeout`."
        ) from None
    if not line:
        code = worker.process.wait(5)
        raise ParserError(f"MinerU's process ended with code {code} over this document. Try another tier.")
    worker.served += 1
    answer: dict[str, Any] = json.loads(line)
    if answer.get("fatal"):
        worker.kill()
    return answer
