"""The same workers on a Ray cluster: every one is an actor that owns one worker process, limits and all.

In: the address of a cluster, or "local". Out: what starts a worker there. Nodes need this package and must
see the same inputs and output folder (a shared disk, or URLs). A job whose node died is done again elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from dic_ingest.batch.workers.supervisor import Answer, Job, Limits, Worker, WorkerConfig, WorkerHandle
from dic_ingest.errors import DICIngestError, MissingExtraError

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
try:
    import ray
    from ray.exceptions import RayError
except ImportError as error:
    raise MissingExtraError("ray", "ray") from error

STORE = 100 << 20  # bytes; only jobs and answers go through it
TRIES = 3  # actors that a job may lose before it counts as failed


class Remote:
    """The actor: a worker process beside it, started again when it has died."""

    def __init__(self, around: dict[str, Any]) -> None:
        self.around = WorkerConfig(**around)
        self.worker = Worker(self.around)

    def do(self, job: Job, seconds: float, memory: int) -> Answer:
        """The worker's answer."""
        if not self.worker.alive:
            self.worker.close()
            self.worker = Worker(self.around)
        return self.worker.do(job, Limits(seconds, memory))


class RayWorker:
    """Drives one actor; a lost one is replaced and its job done again."""

    def __init__(self, around: WorkerConfig, gpus: float) -> None:
        # no lock and no scratch folder of this machine's
        self._around = asdict(replace(around, scratch="", hold=None, said=None, shared=""))
        # a captioner waits for a server or a GPU: it takes no core from those that parse
        describes, local = around.part == "describe", around.settings["ingest"]["engine"] == "local"
        self._needs = {"num_cpus": 0, "num_gpus": gpus * local} if describes else {"num_cpus": 1}
        self._guard, self._killed = threading.Lock(), False
        self._actor = self._start()

    def _start(self) -> Any:
        return ray.remote(Remote).options(**self._needs).remote(self._around)

    @property
    def alive(self) -> bool:
        """Whether it takes jobs; a lost actor is replaced with the next one."""
        return not self._killed

    def do(self, job: Job, limits: Limits) -> Answer:
        """The worker's answer, from whichever actor lives to give it."""
        why, began = "", time.monotonic()
        for _ in range(TRIES):
            try:
                answer: Answer = ray.get(self._actor.do.remote(job, limits.seconds, limits.memory))
                return answer
            except RayError as error:  # the actor or its node is gone
                why = str(error).partition("\n")[0]
            with self._guard:
                if self._killed:
                    break
                self._actor = self._start()
        said = f"the document lost its worker on the cluster {TRIES} times ({why}); the others go on."
        seconds = round(time.monotonic() - began, 3)
        return {"file": job["file"], "status": "failed", "error": said, "memory": 0, "seconds": seconds}

    def kill(self) -> None:
        """End the actor; its worker process ends with it."""
        with self._guard:
            self._killed = True
            with contextlib.suppress(RayError):
                ray.kill(self._actor)

    close = kill


@contextmanager
def cluster(address: str, workers: int) -> Iterator[Callable[[WorkerConfig], WorkerHandle]]:
    """Within, what starts a worker on the cluster at `address`; "local" starts one of `workers` cores here.

    Raises:
        DICIngestError: no cluster there.
    """
    here = {"num_cpus": workers, "object_store_memory": STORE}
    where: dict[str, Any] = here if address == "local" else {"address": address}
    handlers = {s: signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        ray.init(**where, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RayError, ValueError, RuntimeError) as error:
        raise DICIngestError(
            f"no Ray cluster at {address!r} ({error}). Name its address, or take --ray local."
        ) from error
    try:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():  # ours, which Ray replaces
                signal.signal(number, handler)
        gpus = 1.0 if ray.cluster_resources().get("GPU", 0) else 0.0
        yield lambda around: RayWorker(around, gpus)
    finally:
        ray.shutdown()
