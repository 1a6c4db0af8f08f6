"""How a document and its parts show themselves in a notebook: a door to `explore.display`."""

from __future__ import annotations

from typing import Any


class Shown:
    """Adds what IPython asks an object for. Nothing of the display is loaded before that."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from dic_ingest.inspector.display import html_of

        return html_of(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from dic_ingest.inspector.display import bundle_of

        return bundle_of(self)
