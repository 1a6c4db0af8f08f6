"""Pages of a PDF loaded once in a child process within limits, before this process loads them.

In: a file and page numbers. Out: the pages that need more memory or time than allowed, or end the child
(forms that call themselves, compressed bombs). One child serves all files of a process. PDFium cannot be
interrupted: what it would do here without a bound, it does there first.
"""

from __future__ import annotations

import atexit
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from dic_ingest.child_process import MIB, ChildProcess
from dic_ingest.sources.settings import PdfLimits

MODULE = "dic_ingest.sources.pdf.page_check_worker"
POLL = 0.05  # seconds between looks at the child's memory
GIVE_UP = 8  # refused pages of a file after which the others are not tried: each may take the whole time


_lock = threading.Lock()
_children: list[ChildProcess] = []  # at most one


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
        _children.pop().close()


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


def _wait(child: ChildProcess, limits: PdfLimits) -> str:
    """Wait for one answer; why there is none, or ""."""
    end = time.monotonic() + limits.page_seconds
    before = child.memory()
    while True:
        line = child.line(POLL)
        if line is None:
            if child.memory() - before > limits.page_memory * MIB:
                return f"it needs more than {limits.page_memory} MiB of memory (PdfLimits.page_memory)"
            if time.monotonic() > end:
                return f"it takes more than {limits.page_seconds:g} s (PdfLimits.page_seconds)"
            continue
        return "" if line else "it ended the process that loads it"


def _send(child: ChildProcess, source: Path | bytes, password: str | None, numbers: list[int]) -> None:
    data = source if isinstance(source, bytes) else b""
    path = "" if isinstance(source, bytes) else str(source.absolute())
    request = {"path": path, "size": len(data), "password": password, "pages": numbers}
    child.send(json.dumps(request).encode() + b"\n" + data)


def _ready() -> ChildProcess:
    if _children and _children[0].alive:
        return _children[0]
    stop()
    _children.append(ChildProcess(MODULE))
    return _children[0]


def _drop(child: ChildProcess) -> None:
    child.close()
    _children.clear()
