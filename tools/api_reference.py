"""The API reference as HTML from the docstrings: `python tools/api_reference.py FOLDER`, or `make docs`.

Only what users call is in it: the names of `dic_ingest` and of the modules below. A warning is an error.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pdoc
import pdoc.doc
import pdoc.render

# module: what of it users call; () for all that it offers
MODULES: dict[str, tuple[str, ...]] = {
    "dic_ingest": (),
    "dic_ingest.errors": (),
    "dic_ingest.batch.run": ("run", "RunSettings"),
    "dic_ingest.batch.settings": ("WorkSettings",),
    "dic_ingest.batch.remove": ("remove", "prune", "Removed", "Holder"),
    "dic_ingest.index.update": ("index", "IndexSettings", "Tally"),
    "dic_ingest.index.search": ("search",),
    "dic_ingest.index.removal": ("delete", "restore"),
}
# types of optional packages stay names where these are not installed
NOT_INSTALLED = r"(?s)(Failed to run TYPE_CHECKING code|Error parsing type annotation) .*"


def public_names(module: ModuleType) -> list[str]:
    """Names of a module that are in the reference: of `MODULES`, else `__all__`, else its classes."""
    listed = MODULES.get(module.__name__) or getattr(module, "__all__", None)
    if listed:
        return list(listed)
    return [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__]


def public_objects(module: ModuleType) -> dict[str, Any]:
    """Public classes and functions of a module by dotted name, with the methods that a class defines."""
    found: dict[str, Any] = {}
    for name in public_names(module):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        found[name] = value
        for method, held in vars(value).items() if inspect.isclass(value) else ():
            if not method.startswith("_") and isinstance(held, classmethod | staticmethod | property):
                found[f"{name}.{method}"] = held.fget if isinstance(held, property) else held.__func__
            elif not method.startswith("_") and inspect.isfunction(held):
                found[f"{name}.{method}"] = held
    return found


def build(folder: Path) -> None:
    """Write the pages into `folder`; raises a Warning where pdoc has one."""
    pdoc.render.configure(docformat="google", footer_text="dic_ingest", search=True)
    for name in MODULES:
        module: Any = importlib.import_module(name)
        module.__all__ = public_names(module)  # pdoc shows these, in this order
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", NOT_INSTALLED)
        pdoc.pdoc(*MODULES, output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
