"""Files are renamed, replaced and removed in one module, and pictures opened in one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "dic_ingest"
METHODS = frozenset(
    {"rename", "renames", "unlink", "rmdir", "rmtree", "removedirs", "rm", "rm_file", "delete_dir"}
)
OF_MODULES = frozenset({("os", "remove"), ("os", "replace"), ("shutil", "move"), ("os", "truncate")})


def changes(tree: ast.AST) -> Iterator[str]:
    """Calls and imports that rename, replace or remove files, as `line: what`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "shutil"):
            names = {a.name for a in node.names} & (METHODS | {n for _, n in OF_MODULES})
            yield from (f"{node.lineno}: from {node.module} import {n}" for n in names)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, owner = node.func.attr, node.func.value
        of = owner.id if isinstance(owner, ast.Name) else ""
        # `Path.replace` has one argument, `str.replace` two or three
        path_replace = name == "replace" and len(node.args) == 1 and not node.keywords
        if name in METHODS or (of, name) in OF_MODULES or path_replace:
            yield f"{node.lineno}: .{name}("


def opens(tree: ast.AST) -> Iterator[str]:
    """Uses of Pillow's opener."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "open"
            and ast.unparse(node.value).endswith("Image")
        ):
            yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.ImportFrom) and node.module == "PIL.Image":
            yield f"{node.lineno}: from PIL.Image import"


def found(check: object, allowed: str) -> dict[str, list[str]]:
    files = {f: list(check(ast.parse(f.read_text("utf-8")))) for f in PACKAGE.rglob("*.py")}  # type: ignore[operator]
    assert files[PACKAGE / allowed], "the check finds nothing where there is something"
    return {f.relative_to(PACKAGE).as_posix(): n for f, n in files.items() if n and f != PACKAGE / allowed}


def test_files_are_renamed_replaced_and_removed_in_one_module() -> None:
    assert found(changes, "owned_files.py") == {}


def test_pictures_are_opened_in_one_module() -> None:
    assert found(opens, "image_files.py") == {}


@pytest.mark.parametrize(
    "code",
    [
        "p.unlink()",
        "os.remove(p)",
        "a.replace(b)",
        "shutil.rmtree(x)",
        "files.rm(x)",
        "from os import replace",
    ],
)
def test_the_check_knows_such_calls(code: str) -> None:
    assert list(changes(ast.parse(code)))


def test_the_check_leaves_other_calls_alone() -> None:
    assert not list(
        changes(ast.parse("s.replace('a', 'b'); replace(d, a=1); found.remove(x); t.replace(hour=1)"))
    )
