"""Pages of a PDF loaded once in a child process within limits, before this process loads them.

In: a file and page numbers. Out: the pages that need more memory or time than allowed, or end the child
(forms that call themselves, compressed bombs). One child serves all files of a process. PDFium cannot be
interrupted: what it would do here without a bound, it does there first.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from dic_ingest.sources.settings import PdfLimits

COMMAND = (sys.executable, "-P", "-m", "dic_ingest.sources.pdf.page_check_worker")
POLL = 0.05  # seconds between looks at the child's memory
MIB = 1 << 20
GIVE_UP = 8  # refused pages of a file after which the others are not tried: each may take the whole time


@dataclass(slots=True)
class Child:
    """The running child and what it answers."""

    process: subprocess.Popen[bytes]
    owner: int
    answers: queue.SimpleQueue[bytes]
    reader: threading.Thread

    @property
    def usable(self) -> bool:
        """Whether it runs and belongs to this process, not to one that forked it."""
        return self.owner == os.getpid() and self.process.poll() is None

    def memory(self) -> int:
        """Bytes that it holds; 0 where it has ended."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End it now and free its pipes."""
        if self.owner != os.getpid():
            return
        self.process.kill()
        self.process.wait()
        self.reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe:
                    pipe.close()


_lock = threading.Lock()
_children: list[Child] = []  # at most one


def refused_pages(
    source: Path | bytes, password: str | None, numbers: Sequence[int], limits: PdfLimits
) -> dict[int, str]:
    """The pages of `numbers` (from 1) that must not be loaded, each with the reason in words."""
    refused: dict[int, str] = {}
    left = list(numbers)
    with _lock:
        while left:
            if len(refused) >= GIVE_UP:
                return refused | dict.fromkeys(left, f"not tried after {GIVE_UP} pages that failed")
            done, why = _try(source, password, left, limits)
            if why:
                refused[left[done]] = why
                done += 1
            left = left[done:]
    return refused


def stop() -> None:
    """End the child, if one runs."""
    while _children:
        _children.pop().kill()


atexit.register(stop)


def _try(
    source: Path | bytes, password: str | None, numbers: list[int], limits: PdfLimits
) -> tuple[int, str]:
    """How many pages were loaded one after the other, and why the next one was not ("" after all)."""
    child = _ready()
    done = -1  # the first answer is that the request has come
    try:
        _send(child, source, password, numbers)
        for done in range(-1, len(numbers)):
            why = _wait(child, limits)
            if why:
                _drop(child)
                return max(0, done), why
    except OSError:
        _drop(child)
        return max(0, done), "it ended the process that loads it"
    except BaseException:  # an answer must not be left behind for the next request
        _drop(child)
        raise
    return len(numbers), ""


def _wait(child: Child, limits: PdfLimits) -> str:
    """Wait for one answer; why there is none, or ""."""
    end = time.monotonic() + limits.page_seconds
    before = child.memory()
    while True:
        try:
            line = child.answers.get(timeout=POLL)
        except queue.Empty:
            if child.memory() - before > limits.page_memory * MIB:
                return f"it needs more than {limits.page_memory} MiB of memory (PdfLimits.page_memory)"
            if time.monotonic() > end:
                return f"it takes more than {limits.page_seconds:g} s (PdfLimits.page_seconds)"
            continue
        return "" if line else "it ended the process that loads it"


def _send(child: Child, source: Path | bytes, password: str | None, numbers: list[int]) -> None:
    assert child.process.stdin is not None
    data = source if isinstance(source, bytes) else b""
    path = "" if isinstance(source, bytes) else str(source.absolute())
    request = {"path": path, "size": len(data), "password": password, "pages": numbers}
    child.process.stdin.write(json.dumps(request).encode() + b"\n" + data)
    child.process.stdin.flush()


def _ready() -> Child:
    if _children and _children[0].usable:
        return _children[0]
    stop()
    _children.append(_launch())
    return _children[0]


def _drop(child: Child) -> None:
    child.kill()
    _children.clear()


def _launch() -> Child:
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # an interrupt at the keyboard is for the parent
    )
    answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, answers), daemon=True)
    reader.start()
    return Child(process, os.getpid(), answers, reader)


def _read(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):  # closed by kill()
        for line in process.stdout:
            answers.put(line)
    answers.put(b"")  # the end
