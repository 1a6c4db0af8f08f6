"""The API reference is built without a warning, and every public name says what its arguments are."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
reference = pytest.importorskip("api_reference", reason="pdoc is of the extra `dev`")

OBJECTS = [
    pytest.param(value, id=f"{name}.{path}")
    for name in reference.MODULES
    for path, value in reference.public_objects(importlib.import_module(name)).items()
]


@pytest.mark.parametrize("value", OBJECTS)
def test_a_public_name_has_a_docstring_with_its_arguments(value: object) -> None:
    text = inspect.getdoc(value)
    assert text, "no docstring"
    if not inspect.isfunction(value):
        return
    named = [p for p in inspect.signature(value).parameters if p not in ("self", "cls")]
    assert [p for p in named if not re.search(rf"\b{p}\b", text)] == []


def test_the_pages_are_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "api_reference.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "dic_ingest.html").read_text("utf-8")
    assert all(f'id="{name}"' in page for name in importlib.import_module("dic_ingest").__all__)
