"""Fixtures of all tests: our samples, the third-party corpus where it is, tiny PDFs, expected results."""

from __future__ import annotations

import importlib
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from reportlab.pdfgen.canvas import Canvas

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
EXPECTED = Path(__file__).resolve().parent / "expected"

Draw = Callable[[Canvas], None]

# no deadline: a busy machine is slow without being wrong; in CI the same examples every time
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-expected",
        action="store_true",
        help="rewrite tests/expected/*.json from what the code gives now; look at the diff before committing",
    )

    parser.addoption(
        "--extras",
        action="store_true",
        help="only files with tests that need an extra, and a package that is missing is an error",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-expected") and os.environ.get("CI"):
        raise pytest.UsageError("--update-expected is refused in CI: run it by hand and commit the result")
    if config.getoption("--extras"):
        pytest.importorskip = import_or_fail  # type: ignore[assignment]


def import_or_fail(name: str, *_: Any, **__: Any) -> Any:
    """Stands for `pytest.importorskip` where every extra is installed: nothing may be skipped for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("--extras") or not collection_path.name.startswith("test_"):
        return None
    return "importorskip(" not in collection_path.read_text(encoding="utf-8") or None


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the third-party documents that lie beside the checkout, never inside it."""
    if not CORPUS.is_dir():
        pytest.skip("no third-party corpus at ../shared/corpus beside the checkout")
    return CORPUS


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of the documents that the project draws itself."""
    return ROOT / "samples"


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """`make_pdf(draw, draw2, ..., size=(400, 300))`: a PDF with one page per function.

    Each function gets a reportlab canvas (origin bottom-left, points, Helvetica 10) and draws one page.
    """

    def make(*pages: Draw, size: tuple[float, float] = (400, 300), name: str = "made.pdf") -> Path:
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=size, invariant=True)
        for draw in pages:
            canvas.setFont("Helvetica", 10)
            draw(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return make


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """`expect("name", value)`: JSON `value` equals tests/expected/name.json, or replaces it when updating."""

    def check(name: str, value: Any) -> None:
        path = EXPECTED / f"{name}.json"
        if request.config.getoption("--update-expected"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        assert path.is_file(), f"{path.name} is missing: run pytest --update-expected and look at it"
        assert value == json.loads(path.read_text(encoding="utf-8"))

    return check
