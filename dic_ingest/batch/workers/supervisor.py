"""One worker process: a job and a clock and a memory limit at a time; killed with all that it started.

Answers are JSON lines. POSIX only, like the locks of a run.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from dic_ingest.child_process import MIB, ChildProcess
from dic_ingest.vision.session import allowed

Job = dict[str, Any]
Answer = dict[str, Any]
MODULE = "dic_ingest.batch.workers.worker"
POLL = 0.2  # seconds between looks at a worker's memory


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


class Worker(ChildProcess):
    """A worker process; its part and the settings are the first line that it is given."""

    def __init__(self, config: WorkerConfig) -> None:
        env = {}
        if config.threads:
            env["OMP_NUM_THREADS"] = str(allowed(config.threads))
        if config.scratch:
            env["TMPDIR"] = config.scratch
        keep = () if config.hold is None else (config.hold,)
        super().__init__(MODULE, env=env, said=config.said, loud=True, keep=keep)
        self.peak = 0  # bytes, in the current job
        with contextlib.suppress(OSError):  # died at once: found with its first job
            self._write([config.part, config.settings, config.shared])

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
        end = time.monotonic() + limits.seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return b"", f"took more than {limits.seconds:g} s (raise --timeout)"
            line = self.line(min(POLL, left))
            if line == b"":
                return b"", "crashed its worker"
            self.peak = max(self.peak, self.family_memory())
            if line is not None:
                return line, ""
            if self.peak > limits.memory * MIB:
                return b"", f"needed more than {limits.memory} MiB of memory (raise --memory)"

    def _write(self, data: Any) -> None:
        self.send(json.dumps(data).encode() + b"\n")
