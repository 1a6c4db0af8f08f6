"""A module of this package as a child process: lines to it, lines from it, ended with all that it started.

The one supervisor of the package: workers of a run, MinerU and the page check are such children. What a line
means, and how long or how large a child may become, its owner says. POSIX in full; elsewhere a child is ended
without what it started.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

MIB = 1 << 20
PATIENCE = 5.0  # seconds for a killed process to be gone, and for its last lines
ROOT = str(Path(__file__).resolve().parents[1])


class ChildProcess:
    """A running child.

    Args:
        module: what `python -m` runs, with `arguments`. Modules where the user stands are not found by it.
        env: variables beside those of this process.
        said: gets each line that the child prints on standard error; without it nothing of that is kept.
        loud: standard error is this process's own, where `said` is None.
        keep: descriptors that the child holds open too.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        said: Callable[[str], None] | None = None,
        loud: bool = False,
        keep: Sequence[int] = (),
    ) -> None:
        path = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            (sys.executable, "-P", "-m", module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if said else None if loud else subprocess.DEVNULL,
            start_new_session=True,  # an interrupt at the keyboard is for the parent
            pass_fds=tuple(keep),
            env={**os.environ, **(env or {}), "PYTHONPATH": path},
        )
        self._family: set[psutil.Process] = set()
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(self.process.stdout, self._lines), daemon=True)
        self._reader.start()
        if said is not None:
            threading.Thread(target=_listen, args=(self.process.stderr, said), daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it runs and belongs to this process, not to one that forked it."""
        return self.owner == os.getpid() and self.process.poll() is None

    def send(self, data: bytes) -> None:
        """Write to its standard input.

        Raises:
            OSError: it has ended.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self, seconds: float) -> bytes | None:
        """Its next line; None where none came in time, b"" where it ended without one."""
        try:
            return self._lines.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def memory(self) -> int:
        """Bytes that it holds itself; 0 where it has ended."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def family_memory(self) -> int:
        """Bytes held by it and all that it started; remembers who they are, so that `kill` ends them too."""
        total = 0
        with contextlib.suppress(psutil.Error):
            me = psutil.Process(self.process.pid)
            family = {me, *me.children(recursive=True)}
            self._family |= family
            for member in family:
                with contextlib.suppress(psutil.Error):
                    total += member.memory_info().rss
        return total

    def kill(self) -> None:
        """End it and everything it started, sessions of their own included; from any thread."""
        if self.owner != os.getpid():
            return
        if self.alive:
            self.family_memory()
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        for member in list(self._family):
            with contextlib.suppress(psutil.Error):  # ended; psutil knows a number that was taken over
                member.kill()

    def close(self) -> None:
        """Kill it and free its pipes; for the thread that owns it."""
        if self.owner != os.getpid():
            return
        self.kill()
        self._reader.join(PATIENCE)  # it ends with the pipe; closing under it would not be safe
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):  # unsent lines of a dead child
                    pipe.close()


def _read(pipe: IO[bytes] | None, lines: queue.SimpleQueue[bytes]) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError, ValueError):  # closed under us
            for line in pipe:
                lines.put(line)
    lines.put(b"")  # the end


def _listen(pipe: IO[bytes] | None, said: Callable[[str], None]) -> None:
    if pipe is not None:
        with pipe:
            for line in pipe:
                said(line.decode("utf-8", "replace").rstrip())
