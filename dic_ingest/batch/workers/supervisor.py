"""One worker process: a job and a clock and a memory limit at a time; killed with all that it started.

Answers are JSON lines. POSIX only, like the locks of a run.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import psutil

from dic_ingest.vision.session import allowed

Job = dict[str, Any]
Answer = dict[str, Any]
COMMAND = (sys.executable, "-P", "-m", "dic_ingest.batch.workers.worker")
POLL = 0.2  # seconds between looks at a worker's memory
MIB = 1024 * 1024
ROOT = str(Path(__file__).resolve().parents[3])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds, MiB of all processes of its worker."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What workers start with: settings (JSON values), their temporary folder, a descriptor they hold open.

    `said` gets each line that a worker or its libraries print; without it they print to standard error.
    `part` is what a worker does: the whole of a document, or only "parse", or only "describe".
    """

    settings: Any
    scratch: str = ""
    hold: int | None = None
    said: Callable[[str], None] | None = None
    part: str = "whole"
    threads: int = 0  # CPU threads of a worker's networks at most; 0: as their settings say
    shared: str = ""  # folder in which workers tell each other which figures they described


class WorkerHandle(Protocol):
    """Whatever does jobs one at a time within limits: `Worker`, or one on another machine."""

    @property
    def alive(self) -> bool:
        """Whether it can take a job."""
        ...

    def do(self, job: Job, limits: Limits) -> Answer:
        """Its answer, or a failure where it died or went over a limit."""
        ...

    def kill(self) -> None:
        """End it and everything it started, from any thread."""
        ...

    def close(self) -> None:
        """End it and free what it holds; for the thread that owns it."""
        ...


class Worker:
    """A worker process; its part and the settings are the first line that it is given."""

    def __init__(self, around: WorkerConfig) -> None:
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH")))),
        }
        if around.threads:
            env["OMP_NUM_THREADS"] = str(allowed(around.threads))
        if around.scratch:
            env["TMPDIR"] = around.scratch
        self.process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if around.said else None,
            start_new_session=True,
            pass_fds=() if around.hold is None else (around.hold,),
            env=env,
        )
        self.peak = 0  # bytes, in the current job
        self._family: set[psutil.Process] = set()
        if around.said is not None:
            reader = threading.Thread(target=_listen, args=(self.process.stderr, around.said), daemon=True)
            reader.start()
        with contextlib.suppress(OSError):  # died at once: told with its first job
            self._write([around.part, around.settings, around.shared])

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def do(self, job: Job, limits: Limits) -> Answer:
        """The worker's answer, or a failure where it died or went over a limit (it is killed then)."""
        self.peak = 0
        began = time.monotonic()
        try:
            self._write(job)
            line, why = self._answer(limits)
        except OSError:
            line, why = b"", "crashed its worker"
        if line:
            answer: Answer = json.loads(line)
        else:
            self.kill()
            answer = {
                "file": job["file"],
                "status": "failed",
                "error": f"the document {why}; the others go on.",
                "seconds": round(time.monotonic() - began, 3),
            }
        return {**answer, "memory": self.peak // MIB}

    def _answer(self, limits: Limits) -> tuple[bytes, str]:
        """The answer's line, or b"" and why there is none."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
        end = time.monotonic() + limits.seconds
        line = b""
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0:
                return b"", f"took more than {limits.seconds:g} s (raise --timeout)"
            if poll.poll(1000 * min(POLL, left)):
                chunk = os.read(descriptor, 1 << 16)
                if not chunk:
                    return b"", "crashed its worker"
                line += chunk
            self.peak = max(self.peak, self._memory())
            if self.peak > limits.memory * MIB and not line.endswith(b"\n"):
                return b"", f"needed more than {limits.memory} MiB of memory (raise --memory)"
        return line, ""

    def _memory(self) -> int:
        """Bytes held by the process and all that it started; remembers who they are."""
        total = 0
        with contextlib.suppress(psutil.Error):
            me = psutil.Process(self.process.pid)
            family = {me, *me.children(recursive=True)}
            self._family |= family
            for member in family:
                with contextlib.suppress(psutil.Error):
                    total += member.memory_info().rss
        return total

    def kill(self) -> None:
        """End the process and everything it started, sessions of their own included."""
        if self.alive:
            self._memory()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for member in self._family:
            with contextlib.suppress(psutil.Error):  # ended; psutil knows a number that was taken over
                member.kill()

    def close(self) -> None:
        """Kill the process and free its pipes; for the thread that owns the worker."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unflushed jobs of a dead worker
                    pipe.close()

    def _write(self, data: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(data).encode() + b"\n")
        self.process.stdin.flush()


def _listen(pipe: IO[bytes] | None, said: Callable[[str], None]) -> None:
    if pipe is not None:
        with pipe:
            for line in pipe:
                said(line.decode("utf-8", "replace").rstrip())
