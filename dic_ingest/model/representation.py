"""Other forms of what the model holds (Mermaid, prose, HTML), written by packages that stand above it.

Writers are registered by name when `dic_ingest` is imported; the model's methods (`Diagram.to_mermaid`) ask
for them here, so that nothing below imports what stands above.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_writers: dict[str, Callable[..., Any]] = {}


def register_writer(form: str, writer: Callable[..., Any]) -> None:
    """Have `written` call `writer(value, ...)` for `form`; the last one registered counts."""
    _writers[form] = writer


def written(form: str, value: object, *options: object) -> Any:
    """What the writer of `form` makes of a value.

    Raises:
        LookupError: no writer of that name is registered.
    """
    if form not in _writers:
        raise LookupError(f"no writer for {form!r}; registered: {', '.join(sorted(_writers)) or 'none'}")
    return _writers[form](value, *options)


class NotebookRepr:
    """Adds what IPython asks an object for."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        html: str = written("html", self)
        return html

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle: dict[str, str] = written("mime bundle", self)
        return bundle
