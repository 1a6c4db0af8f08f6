"""Worker processes for a run: one job at a time and a clock each; killed and replaced when they fail."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any

Job = dict[str, Any]
Answer = dict[str, Any]
COMMAND = (sys.executable, "-m", "dic_ingest.batch.worker")


class Worker:
    """A worker process; `settings` (JSON values) is the first line that it is given."""

    def __init__(self, settings: Any) -> None:
        self.process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._write(settings)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def do(self, job: Job, timeout: float) -> Answer:
        """The worker's answer, or a failure where it died or ran out of time (it is killed then)."""
        late = threading.Event()

        def expire() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(timeout, expire)
        timer.start()
        try:
            self._write(job)
            line = self._pipe(self.process.stdout).readline()
        except OSError:
            line = ""
        finally:
            timer.cancel()
        if line.endswith("\n"):
            answer: Answer = json.loads(line)
            return answer
        self.kill()
        what = f"took more than {timeout:g} s (raise --timeout)" if late.is_set() else "crashed its worker"
        return {"file": job["file"], "status": "failed", "error": f"the document {what}; the others go on."}

    def kill(self) -> None:
        """End the process and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Kill the process and free its pipes; for the thread that owns the worker."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # unflushed jobs of a dead worker
                self._pipe(pipe).close()

    def _write(self, data: Any) -> None:
        pipe = self._pipe(self.process.stdin)
        pipe.write(json.dumps(data) + "\n")
        pipe.flush()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


class Pool:
    """Threads that each drive one worker process through the jobs."""

    def __init__(self, settings: Any, timeout: float, record: Callable[[Job, Answer], None]) -> None:
        self.settings, self.timeout, self.record = settings, timeout, record
        self._todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._live: set[Worker] = set()
        self._stop = threading.Event()
        self._failures: list[BaseException] = []

    def run(self, jobs: Sequence[Job], workers: int) -> None:
        """Work through the jobs; an interrupt kills all workers and is raised."""
        for job in jobs:
            self._todo.put(job)
        threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(min(workers, len(jobs)))]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # short, so that Ctrl-C is heard
        except BaseException:
            self._stop.set()
            for worker in list(self._live):
                worker.kill()
            raise
        if self._failures:
            raise self._failures[0]

    def _loop(self) -> None:
        worker: Worker | None = None
        try:
            while not self._stop.is_set():
                job = self._todo.get_nowait()
                if worker is None or not worker.alive:
                    worker = self._replace(worker)
                answer = worker.do(job, self.timeout)
                if not self._stop.is_set():
                    self.record(job, answer)
        except queue.Empty:
            pass  # all jobs are taken
        except BaseException as error:  # raised again by `run`
            self._failures.append(error)
            self._stop.set()
        finally:
            if worker is not None:
                worker.close()

    def _replace(self, worker: Worker | None) -> Worker:
        if worker is not None:
            worker.close()
            self._live.discard(worker)
        fresh = Worker(self.settings)
        self._live.add(fresh)
        return fresh
