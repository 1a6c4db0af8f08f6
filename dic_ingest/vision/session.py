"""A shipped ONNX network, ready to run on a CPU in every thread and process, and how many threads it may
use.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

# How many CPU threads a network may use.


def allowed(threads: int) -> int:
    """`threads`, or fewer where `OMP_NUM_THREADS` says so, as a run with several workers has it say."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(threads, max(1, int(told))) if told.isdecimal() else threads


# A shipped ONNX network, ready to run on a CPU in every thread and process.


class Network:
    """One network of the folder `weights` beside this file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._session: Any = None
        self._parents: list[Any] = []
        self._key: tuple[int, int] | None = None
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # the parent's session is kept: freeing it here would wait for threads that a fork does not copy
        self._parents.append(self._session)
        self._lock, self._session, self._key = threading.Lock(), None, None

    def run(self, feed: Mapping[str, Any], threads: int = 1) -> Any:
        """The first output for arrays by the names of the inputs."""
        with self._lock:
            if self._key != (os.getpid(), threads):
                self._session, self._key = self._load(threads), (os.getpid(), threads)
            return self._session.run(None, dict(feed))[0]

    def _load(self, threads: int) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = allowed(threads), 1
        options.enable_cpu_mem_arena = False  # pictures of many sizes would pile up in it
        options.log_severity_level = 3
        weights = (files("dic_ingest.vision") / "weights" / self.name).read_bytes()
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
