"""Networks on a CPU, ready in every thread and process: OpenVINO where it is installed, else onnxruntime.

In: an ONNX file and arrays. Out: arrays, the same from both runtimes within rounding. OpenVINO computes in
float32 (it would choose bfloat16 on some processors); what it compiles is kept in the user's cache folder,
since compiling takes a second. `DIC_INFERENCE=onnxruntime` chooses the other runtime.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import threading
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dic_ingest.errors import SettingsError
from dic_ingest.owned_files import write_file

RUNTIMES = ("openvino", "onnxruntime")
LARGE = 3_000_000  # values of an input from which on buffers are not kept
CACHE_BYTES = 300_000_000  # of compiled networks kept; nothing is added beyond


def allowed(threads: int) -> int:
    """`threads`, or fewer where `OMP_NUM_THREADS` says so, as a run with several workers has it say."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(threads, max(1, int(limit))) if limit.isdecimal() else threads


@cache
def runtime() -> str:
    """The runtime that networks use in this process.

    Raises:
        SettingsError: `DIC_INFERENCE` names none.
    """
    wanted = os.environ.get("DIC_INFERENCE", "")
    if wanted and wanted not in RUNTIMES:
        raise SettingsError(f"DIC_INFERENCE={wanted!r} is no runtime. Use one of: {', '.join(RUNTIMES)}.")
    if wanted:
        return wanted
    return "openvino" if find_spec("openvino") else "onnxruntime"


def cores() -> int:
    """Processor cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


class OpenVinoSession:
    """An ONNX file, or an `openvino.Model`, on OpenVINO. Not safe in several threads at once.

    The runtime keeps the buffers of every picture size that it has seen; those of large ones are given back.
    """

    def __init__(self, model: Path | Any, threads: int) -> None:
        self._compiled = compiled(model, threads) if isinstance(model, Path) else _built(model, threads)
        self._request = self._compiled.create_infer_request()

    def run(self, inputs: Any) -> Any:
        """The first output, for arrays by name or in order."""
        self._request.infer(inputs)
        out = self._request.get_output_tensor(0).data.copy()
        arrays = inputs.values() if isinstance(inputs, Mapping) else inputs
        if max(a.size for a in arrays) > LARGE:
            self._compiled.release_memory()
            _give_back()
        return out


@cache
def _trim() -> Any:
    """glibc's `malloc_trim`; None elsewhere, where freed memory goes back by itself or not at all."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None


def _give_back() -> None:
    trim = _trim()
    if trim is not None:
        trim(0)


def compiled(model: Path, threads: int) -> Any:
    """An ONNX file as OpenVINO's compiled model, from the cache folder where it was compiled before."""
    import openvino

    config = _config(threads)
    core = openvino.Core()
    kept = _cache_file(model, openvino.__version__, core.get_property("CPU", "FULL_DEVICE_NAME"), config)
    if kept is not None and kept.is_file():
        try:
            return core.import_model(io.BytesIO(kept.read_bytes()), "CPU", config)
        except (OSError, RuntimeError):  # damaged, or of another build: compiled anew below
            pass
    made = core.compile_model(str(model), "CPU", config)
    if kept is not None:
        _keep(made, kept)
    return made


def _built(model: Any, threads: int) -> Any:
    """A model in memory, compiled; not kept, since it takes no longer than reading it again would."""
    import openvino

    return openvino.Core().compile_model(model, "CPU", _config(threads))


def _config(threads: int) -> dict[str, object]:
    return {
        "INFERENCE_NUM_THREADS": allowed(threads),
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
    }


def _cache_file(model: Path, version: str, device: str, config: Mapping[str, object]) -> Path | None:
    import platformdirs

    try:
        content = hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError:
        return None
    key = hashlib.sha256(repr((content, version, device, sorted(config.items()))).encode()).hexdigest()[:24]
    return Path(platformdirs.user_cache_dir("dic-ingest")) / "networks" / f"{model.stem}-{key}.blob"


def _keep(made: Any, path: Path) -> None:
    """Write a compiled model into the cache, whole or not at all; where that fails nothing is kept."""
    stream = io.BytesIO()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        used = sum(f.stat().st_size for f in path.parent.iterdir() if f.is_file())
        made.export_model(stream)
        data = stream.getvalue()
        if used + len(data) > CACHE_BYTES:
            return
        write_file(path, data, lambda there: there.suffix == path.suffix)  # the cache's own, damaged
    except (OSError, RuntimeError):
        return


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
            return self._session(dict(feed))

    def _load(self, threads: int) -> Any:
        weights = Path(str(files("dic_ingest.vision") / "weights" / self.name))
        if runtime() == "openvino":
            return OpenVinoSession(weights, threads).run
        session = _onnx_session(weights, threads)
        return lambda feed: session.run(None, feed)[0]


def _onnx_session(weights: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = allowed(threads), 1
    options.enable_cpu_mem_arena = False  # pictures of many sizes would pile up in it
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights.read_bytes(), options, providers=["CPUExecutionProvider"])
