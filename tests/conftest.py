"""Fixtures of all tests: our samples, the third-party corpus where it is, tiny PDFs, expected results."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from hypothesis import settings
from reportlab.pdfgen.canvas import Canvas

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
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
        help="only tests that need an extra, and a package that is missing is an error",
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--extras"):
        kept = [item for item in items if needs_an_extra(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    # files are given to the workers in this order: the long ones first, so that none is alone at the end
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path]))


def pytest_collection_finish() -> None:
    # half a second each time garbage is looked for among all that was loaded for all tests
    gc.collect()
    gc.freeze()


def needs_an_extra(item: pytest.Item) -> bool:
    """Whether its module, itself, a fixture or a function of tests/ that they call asks for a package."""
    assert isinstance(item, pytest.Function)
    if re.search(r"^(\w+ = )?pytest\.importorskip\(", item.path.read_text("utf-8"), re.M):
        return True
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    todo: list[Any] = [item.function, *(f.func for found in fixtures for f in found)]
    seen: set[FunctionType] = set()
    while todo:
        function = todo.pop()
        if not isinstance(function, FunctionType) or function in seen:
            continue
        if TESTS not in Path(function.__code__.co_filename).parents:
            continue
        seen.add(function)
        names = names_in(function.__code__)
        if names & {"importorskip", "find_spec"}:
            return True
        todo += [function.__globals__[name] for name in names if name in function.__globals__]
    return False


def names_in(code: CodeType) -> set[str]:
    """Names that a function and what is defined in it use."""
    inner = [names_in(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


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
