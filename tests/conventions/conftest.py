"""A fresh board for each look."""

from __future__ import annotations

from pathlib import Path

import pytest
from conventions.board import LOOKS, Board


@pytest.fixture(params=list(LOOKS))
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Board:
    """An empty page in each size, light and dark."""
    return Board(tmp_path, request.param)
