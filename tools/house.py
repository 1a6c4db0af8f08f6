"""The state of the house as one table: files, lines, cycles, names, inline numbers. Prints Markdown.

    python tools/house.py [PACKAGE_FOLDER]

Imports inside functions and for typing alone count as imports; the package's own `__init__` does not, since
it resolves the public names. A number counts as inline where it is compared with something inside a function
and is none of 0, 1, 2, -1 and their floats; indices do not count.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

PRIVATE_WORDS = frozenset(
    [
        "looks",
        "knob",
        "knobs",
        "grounds",
        "hairpin",
        "hairpins",
        "crumbs",
        "hunt",
        "bulls",
        "talker",
        "told",
        "retold",
        "mend",
        "mends",
        "mended",
    ]
)
FREE = {0, 1, 2, -1}
FLAT = 15  # modules of one folder


class House:
    """Every module of a package: its tree, what it imports, what it defines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        for file in sorted(folder.rglob("*.py")):
            parts = (folder.name, *file.relative_to(folder).with_suffix("").parts)
            self.files[".".join(parts).removesuffix(".__init__")] = file
        self.trees = {n: ast.parse(f.read_text("utf-8")) for n, f in self.files.items()}
        self.imports = {n: self._imports(n) for n in self.files}

    def _imports(self, name: str) -> set[str]:
        found: set[str] = set()
        for node in ast.walk(self.trees[name]):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    found.add(whole if whole in self.files else node.module)
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
        return {f for f in found if f in self.files and f not in (name, self.folder.name)}

    def lines(self) -> int:
        """Lines of all modules."""
        return sum(len(f.read_text("utf-8").splitlines()) for f in self.files.values())

    def cycles(self) -> list[list[str]]:
        """Modules that import one another in a ring."""
        graph = nx.DiGraph((n, m) for n, all_of in self.imports.items() for m in all_of)
        graph.remove_nodes_from([self.folder.name])
        return [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1]

    def single_importer(self) -> list[str]:
        """Modules that only one module imports, in their own folder."""
        importers: dict[str, list[str]] = {n: [] for n in self.files}
        for name, all_of in self.imports.items():
            for other in all_of:
                importers[other].append(name)
        return [n for n, by in importers.items() if len(by) == 1 and _parent(by[0]) == _parent(n)]

    def double_classes(self) -> list[str]:
        """Class names that are defined more than once."""
        names = Counter(
            node.name for tree in self.trees.values() for node in tree.body if isinstance(node, ast.ClassDef)
        )
        return sorted(n for n, count in names.items() if count > 1)

    def crowded(self) -> list[str]:
        """Folders with more modules than a reader takes in at once."""
        folders = Counter(f.parent for f in self.files.values() if f.name != "__init__.py")
        return sorted(f"{d.relative_to(self.folder.parent)} ({n})" for d, n in folders.items() if n > FLAT)

    def inline_numbers(self) -> int:
        """Numbers compared with something inside functions."""
        return sum(_inline(tree) for tree in self.trees.values())

    def private_names(self) -> list[str]:
        """Functions and classes named by a private word."""
        return sorted(
            f"{n}:{node.name}"
            for n, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and PRIVATE_WORDS & _words_in(node.name)
        )

    def long_functions(self, most: int = 40) -> list[str]:
        """Functions of more than `most` lines."""
        return sorted(
            f"{n}:{node.name}"
            for n, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= most
        )


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _words_in(name: str) -> set[str]:
    """The words of an identifier, in small letters."""
    return {w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def _inline(tree: ast.Module) -> int:
    count = 0
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Compare):
                numbers = [n for part in (node.left, *node.comparators) for n in _values(part)]
                count += sum(
                    isinstance(n, ast.Constant)
                    and isinstance(n.value, int | float)
                    and not isinstance(n.value, bool)
                    and n.value not in FREE
                    for n in numbers
                )
    return count


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it but indices: the 3 of `box[3]` decides nothing."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and child is node.slice and isinstance(child, ast.Constant)):
            yield from _values(child)


def table(house: House) -> str:
    """The measures as a Markdown table."""
    rows = [
        ("modules", len(house.files)),
        ("lines", house.lines()),
        ("import cycles", len(house.cycles())),
        ("modules with one importer, in their own folder", len(house.single_importer())),
        ("class names defined twice", len(house.double_classes())),
        (f"folders of more than {FLAT} modules", ", ".join(house.crowded()) or 0),
        ("numbers compared inline", house.inline_numbers()),
        ("functions and classes named by private words", len(house.private_names())),
        ("functions of more than 40 lines", len(house.long_functions())),
    ]
    return "\n".join(["| measure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


if __name__ == "__main__":
    here = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "dic_ingest"
    print(table(House(here)))
