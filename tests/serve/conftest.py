"""Fixtures of the server's tests: a results folder, a library over it, one Chromium for all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inspector"))

from results_made import browser, chrome, results

__all__ = ["browser", "chrome", "results"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
