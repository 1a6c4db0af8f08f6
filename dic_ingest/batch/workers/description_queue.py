"""Documents that wait for their figures' descriptions: a bounded queue, one captioner for all workers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from dic_ingest.batch.workers.supervisor import Answer, Job, Limits, WorkerHandle
from dic_ingest.owned_files import discard
from dic_ingest.progress import Stage

ENOUGH = 32  # figures for one call of the captioner; more documents wait for the next
POLL = 0.2  # seconds between looks at whether the run still goes on
Waiting = tuple[Job, Answer]


class Describing:
    """As a context: takes parsed documents until it is left, and is left when the last one is recorded.

    `start` makes the captioner's process, `room` is how many documents may wait.
    """

    def __init__(
        self,
        start: Callable[[], WorkerHandle],
        limits: Limits,
        record: Callable[[Job, Answer], None],
        room: int,
    ) -> None:
        self.start, self.limits, self.record = start, limits, record
        self.halted = threading.Event()  # set by the pool: no more documents are wanted
        self._queue: queue.Queue[Waiting] = queue.Queue(room)
        self._closed, self._dead = threading.Event(), threading.Event()
        self._failures: list[BaseException] = []
        self._worker: WorkerHandle | None = None
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def __call__(self, job: Job, answer: Answer) -> None:
        """Take what a worker answered; waits while the queue is full."""
        if "staged" not in answer:
            self.record(job, answer)
            return
        while not self.halted.is_set():
            if self._failures:
                raise self._failures[0]
            try:
                return self._queue.put((job, answer), timeout=POLL)
            except queue.Full:
                continue

    def __enter__(self) -> Describing:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._closed.set()
                while self._thread.is_alive():
                    self._thread.join(POLL)  # short, so that Ctrl-C is heard
        finally:
            with self._guard:
                self._dead.set()
                if self._worker is not None:
                    self._worker.kill()
            self._thread.join()
        if kind is None and self._failures:
            raise self._failures[0]

    def _loop(self) -> None:
        try:
            self._captioner()  # at once: a model takes its time to load
            while batch := self._take():
                self._describe(batch)
        except BaseException as error:  # raised again by whoever waits
            self._failures.append(error)
        finally:
            if self._worker is not None:
                self._worker.close()

    def _take(self) -> list[Waiting]:
        """What waits, enough for one call; nothing when the run is over."""
        batch: list[Waiting] = []
        while not batch and not self._dead.is_set():
            last = self._closed.is_set()
            try:
                batch.append(self._queue.get(timeout=POLL))
            except queue.Empty:
                if last:
                    return []
        try:
            while sum(answer["asked"] for _, answer in batch) < ENOUGH:
                batch.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return [] if self._dead.is_set() else batch

    def _describe(self, batch: list[Waiting]) -> None:
        began = time.monotonic()
        jobs = [{**job, "staged": a["staged"], "asked": a["asked"]} for job, a in batch]
        limits = Limits(self.limits.seconds * len(batch), self.limits.memory)
        told = self._captioner().do({"file": jobs[0]["file"], "batch": jobs}, limits)
        if self._dead.is_set():
            return
        answers: list[Answer] | None = told.get("answers")
        if answers is None and len(batch) > 1 and not told.get("fatal"):
            for one in batch:  # which of them was it?
                self._describe([one])
            return
        spent = (time.monotonic() - began) / sum(job["asked"] for job in jobs)
        for (job, first), second in zip(batch, answers or [told], strict=False):
            self.record(job, joined(first, second, spent * first["asked"], told["memory"]))

    def _captioner(self) -> WorkerHandle:
        """The captioner's process; a fresh one where there is none or it died."""
        if self._worker is None or not self._worker.alive:
            if self._worker is not None:
                self._worker.close()
            with self._guard:
                if self._dead.is_set():
                    raise InterruptedError("the run is being ended")
                self._worker = self.start()
        return self._worker


def joined(first: Answer, second: Answer, seconds: float, memory: int) -> Answer:
    """One answer for a document's two halves; what is left of one that failed in the second is removed."""
    whole: dict[str, Any] = {k: v for k, v in first.items() if k not in ("staged", "asked")}
    whole |= {k: second[k] for k in ("status", "warnings", "described", "reused") if k in second}
    if second.get("status") == "failed":
        discard(Path(first["staged"]))
        whole = {"file": first["file"]} | {k: second[k] for k in ("status", "error", "fatal") if k in second}
    if "profile" in whole:
        whole["profile"]["stages"][Stage.DESCRIBE] += round(seconds, 3)
    took = round(first["seconds"] + seconds, 3)
    return {**whole, "seconds": took, "memory": max(first.get("memory", 0), memory)}
