"""The house rules, kept by tests: files of one concept, docstrings, light imports, nothing of one machine."""

from __future__ import annotations

import ast
import json
import re
import resource
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "dic_ingest").rglob("*.py"))
HEAVY = ("torch", "transformers", "mineru", "llama_index", "cv2", "onnxruntime", "rapidocr", "pandas")
ENOUGH = 800  # lines in a file
START = 0.5  # seconds of import time beyond the bare interpreter

# Put together from halves, so that this file does not hold what it forbids.
HALVES = (
    ("/wor", "k/"),
    ("/roo", "t/"),
    ("/far", "m/"),
    ("/hom", r"e/\w+/"),
    ("/User", r"s/\w+/"),
    (r"[A-Z]:\\User", "s"),
    (r"\b[Ss]ub-?ag", r"ents?\b"),
    (r"\b[Tt]his ses", r"sion\b"),
    ("file:///o", "pt"),
)
FORBIDDEN = re.compile("|".join(a + b for a, b in HALVES))


def tracked() -> list[Path]:
    """Files that git knows; outside a checkout, the package's own."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        return MODULES
    files = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [f for f in files if f.is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_are_short() -> None:
    long = {name_of(f): n for f in MODULES if (n := len(f.read_text("utf-8").splitlines())) > ENOUGH}
    assert not long, f"split by subject: {long}"


def test_every_module_says_what_it_does_in_1_to_8_lines() -> None:
    wrong = {}
    for file in MODULES:
        said = ast.get_docstring(ast.parse(file.read_text("utf-8")))
        lines = len(said.splitlines()) if said else 0
        # errors.py draws the tree of exceptions in its docstring
        if not 1 <= lines <= 8 and file.name != "errors.py":
            wrong[name_of(file)] = lines
    assert not wrong, f"module docstrings outside 1-8 lines: {wrong}"


def test_every_public_class_and_function_of_the_top_has_a_docstring() -> None:
    bare = []
    for file in MODULES:
        for item in ast.parse(file.read_text("utf-8")).body:
            named = isinstance(item, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if named and not item.name.startswith("_") and ast.get_docstring(item) is None:
                bare.append(f"{name_of(file)}:{item.lineno} {item.name}")
    assert not bare, f"public, without a docstring: {bare}"


def test_nothing_of_one_machine_in_tracked_files() -> None:
    found = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" in data[:8000] or file.suffix in {".pdf", ".png", ".onnx"}:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{name_of(file)}:{number}: {line.strip()[:80]}")
    assert not found, found


def test_no_catch_all_modules() -> None:
    vague = [
        name_of(f) for f in MODULES if f.stem in {"utils", "util", "common", "helpers", "misc", "manager"}
    ]
    assert not vague


def seconds(*code: str) -> float:
    """Least processor time of three runs of a fresh interpreter; a busy machine adds nothing to it."""
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *code], check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


@pytest.mark.parametrize(
    "call",
    [
        "import dic_ingest",
        "import dic_ingest; dir(dic_ingest)",
        "import sys; sys.argv = ['dic-ingest', '--help']\n"
        "from dic_ingest.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n",
    ],
    ids=["import", "dir", "help"],
)
def test_starting_loads_nothing_heavy_and_takes_less_than_half_a_second(call: str) -> None:
    listing = f"{call}\nimport json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    loaded = {name.split(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}
    assert not loaded & set(HEAVY)
    bare = seconds("-c", "pass")
    # on a slow machine the bare interpreter is slow, too: a second measure of the same machine
    assert seconds("-c", call) - bare < max(START, 10 * bare)


def test_public_names_resolve() -> None:
    import dic_ingest

    assert set(dic_ingest.__all__) <= set(dir(dic_ingest))
    for name in dic_ingest.__all__:
        assert getattr(dic_ingest, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        dic_ingest.nonsense  # noqa: B018


@pytest.fixture(scope="module")
def house() -> Any:
    """The measures of tools/house.py over the package."""
    return runpy.run_path(str(ROOT / "tools" / "house.py"))["House"](ROOT / "dic_ingest")


def test_no_folder_has_more_than_fifteen_modules(house: Any) -> None:
    assert not house.crowded()


def test_no_modules_import_one_another_in_a_ring(house: Any) -> None:
    """Imports for typing alone and inside functions count."""
    assert house.cycles() == []


def test_no_name_of_a_class_stands_for_two_things(house: Any) -> None:
    assert house.double_classes() == []


def test_names_use_the_words_of_the_field(house: Any) -> None:
    assert house.private_names() == []


def test_what_the_maps_of_the_project_name_is_there() -> None:
    """Files named in the guides for contributors, by their path in the checkout or in the package."""
    named = re.compile(r"`((?:[\w.]+/)+[\w.]+\.(?:py|json|tsv|toml|md|jsonl|html))`")
    gone = [
        f"{guide}: {path}"
        for guide in ("CONTRIBUTING.md", "docs/architecture.md")
        for path in named.findall((ROOT / guide).read_text("utf-8"))
        if not (ROOT / path).exists() and not (ROOT / "dic_ingest" / path).exists()
    ]
    assert not gone, f"moved or removed: {gone}"
