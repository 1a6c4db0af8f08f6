"""Several files at once, a process each: PDFium and the layout models are one to a process.

Every worker is a process of its own, so that one that dies costs its file and no other. Results come in the
order of the files; a few files are read ahead, so that memory does not grow with their number.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from logging.handlers import QueueHandler
from typing import Any, Generic, TypeVar

from dic_ingest.errors import SettingsError
from dic_ingest.vision.session import allowed, cores

MOST_WORKERS = 256
AHEAD = 2  # files that are read or wait to be taken, per worker
UNGUARDED = (
    "Worker processes cannot start: each imports the script that reads with num_workers. Put what it does "
    'under `if __name__ == "__main__":`, or read with num_workers=1.'
)
Task = TypeVar("Task")
Result = TypeVar("Result")
Logged = tuple[Result, list[logging.LogRecord]]

_logger = logging.getLogger("dic_ingest")


def checked_workers(num_workers: int | None) -> int:
    """The number of workers, 1 for None; SettingsError where it is none."""
    if num_workers is None:
        return 1
    if not isinstance(num_workers, int) or not 1 <= num_workers <= MOST_WORKERS:
        raise SettingsError(f"num_workers must lie in 1..{MOST_WORKERS}, got {num_workers!r}.")
    return num_workers


class Workers(Generic[Task, Result]):
    """`act(task)` for many tasks in `count` processes; `died(task)` is the result where its process died.

    What `act` logs under `dic_ingest` is logged here again. `act` and the tasks are pickled.
    """

    def __init__(self, act: Callable[[Task], Result], died: Callable[[Task], Result], count: int) -> None:
        self.act, self.died, self.count = act, died, count
        self._idle: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()

    def results(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """The results, in order. What `act` raises is raised here, and no further task is begun.

        Raises:
            SettingsError: no process can be started, since the script starts workers when it is imported.
        """
        if getattr(multiprocessing.current_process(), "_inheriting", False):  # a worker imports the script
            raise SettingsError(UNGUARDED)
        for _ in range(self.count):
            self._idle.put(self._process())
        threads = ThreadPoolExecutor(self.count)
        waiting = deque[Future[Logged[Result]]]()
        try:
            for task in tasks:
                waiting.append(threads.submit(self._one, task))
                if len(waiting) >= AHEAD * self.count:
                    yield _logged(waiting.popleft().result())
            while waiting:
                yield _logged(waiting.popleft().result())
        finally:
            threads.shutdown(cancel_futures=True)
            while not self._idle.empty():
                self._idle.get().shutdown()

    def _process(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        level, threads = _logger.getEffectiveLevel(), max(1, cores() // self.count)
        return ProcessPoolExecutor(1, spawn, _begin, (self.act, level, threads))

    def _one(self, task: Task) -> Logged[Result]:
        process = self._idle.get()
        try:
            process.submit(os.getpid).result()
        except BrokenProcessPool as error:  # before it had anything to do
            self._idle.put(process)
            raise SettingsError(UNGUARDED) from error
        try:
            return process.submit(_do, task).result()
        except BrokenProcessPool:
            process.shutdown()
            process = self._process()
            return self.died(task), []
        finally:
            self._idle.put(process)


def _logged(answer: Logged[Result]) -> Result:
    result, records = answer
    for record in records:
        logging.getLogger(record.name).handle(record)
    return result


# In the worker process


_act: Callable[[Any], Any]
_records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()


def _begin(act: Callable[[Any], Any], level: int, threads: int) -> None:
    global _act
    _act = act
    os.environ["OMP_NUM_THREADS"] = str(allowed(threads))
    _logger.setLevel(level)
    _logger.addHandler(QueueHandler(_records))
    _logger.propagate = False


def _do(task: Any) -> Logged[Any]:
    result = _act(task)
    records = []
    while not _records.empty():
        records.append(_records.get())
    return result, records
