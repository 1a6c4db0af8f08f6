"""How many CPU threads a network may use."""

from __future__ import annotations

import os


def allowed(threads: int) -> int:
    """`threads`, or fewer where `OMP_NUM_THREADS` says so, as a run with several workers has it say."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(threads, max(1, int(told))) if told.isdecimal() else threads
