"""Runs a program of examples/ as a user does: from the checkout, with arguments, reading what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, *arguments: object, home: Path, said: str = "", **more: str) -> str:
    """What it printed; fails unless it ended well. `home` takes caches, `said` is its standard input."""
    paths = os.pathsep.join(filter(None, (str(EXAMPLES.parent), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *map(str, arguments)],
        env={**os.environ, "XDG_CACHE_HOME": str(home / "cache"), "PYTHONPATH": paths, **more},
        cwd=home,
        input=said,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
