"""Worker processes for a run: each takes the next job; killed ones are replaced."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from dic_ingest.batch.workers.supervisor import Answer, Job, Limits, WorkerHandle

GRACE = 10.0  # seconds for threads to notice that their workers are gone


class Pool:
    """Threads that each drive one worker, made by `start`, through the jobs.

    `stop` is set when no further answer is recorded.
    """

    def __init__(
        self,
        start: Callable[[], WorkerHandle],
        limits: Limits,
        record: Callable[[Job, Answer], None],
        stop: threading.Event | None = None,
    ) -> None:
        self.start, self.limits, self.record = start, limits, record
        self._todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._live: set[WorkerHandle] = set()
        self._guard = threading.Lock()
        self._stop = stop or threading.Event()
        self._failures: list[BaseException] = []

    def run(self, jobs: Sequence[Job], workers: int) -> None:
        """Work through the jobs; an interrupt, or an exception of `record`, kills all workers and is raised.

        When it returns, in whatever way, no worker runs and `record` is not being called.
        """
        for job in jobs:
            self._todo.put(job)
        threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(min(workers, len(jobs)))]
        for thread in threads:
            thread.start()
        try:
            while any(t.is_alive() for t in threads) and not self._failures:
                for thread in threads:
                    thread.join(0.1)  # short, so that Ctrl-C is heard
        finally:
            self._end(threads)
        if self._failures:
            raise self._failures[0]

    def _end(self, threads: Sequence[threading.Thread]) -> None:
        with self._guard:
            self._stop.set()
            live = list(self._live)
        for worker in live:
            worker.kill()
        for thread in threads:
            thread.join(GRACE)

    def _loop(self) -> None:
        worker: WorkerHandle | None = None
        try:
            while not self._stop.is_set():
                job = self._todo.get_nowait()
                if worker is None or not worker.alive:
                    worker = self._replace(worker)
                if worker is None:
                    return
                answer = worker.do(job, self.limits)
                if not self._stop.is_set():
                    self.record(job, answer)
        except queue.Empty:
            pass  # all jobs are taken
        except BaseException as error:  # raised again by `run`
            self._failures.append(error)
        finally:
            if worker is not None:
                worker.close()

    def _replace(self, worker: WorkerHandle | None) -> WorkerHandle | None:
        """A fresh worker, known to `run`; None when the run is being stopped."""
        if worker is not None:
            worker.close()
        with self._guard:
            if self._stop.is_set():
                return None
            if worker is not None:
                self._live.discard(worker)
            fresh = self.start()
            self._live.add(fresh)
        return fresh
