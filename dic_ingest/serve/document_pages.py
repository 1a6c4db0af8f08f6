"""The inspector's pages of one document, for a server: pictures come by address, none is drawn beforehand.

In: the library. Out: HTML of the whole document, or the JSON values of one figure and its page.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dic_ingest.errors import MALFORMED, BrokenFileError
from dic_ingest.inspector.payload import document_values
from dic_ingest.inspector.pictures import PictureSettings, open_album
from dic_ingest.inspector.results import Inline
from dic_ingest.inspector.site import Links, page
from dic_ingest.serve.library import Cache, Library

NO_PAGES = replace(PictureSettings(), max_pages=0)  # they are drawn when they are asked for
PAGES = 8  # documents whose values are kept


class Addressed(Inline):
    """Crops that lie in the results are named by address; what was cut again goes into the page."""

    def keep(self, path: Path, name: str) -> str:
        """Nothing yet: `DocumentPages` knows the figure's id."""
        return ""


class DocumentPages:
    """Pages of a library's documents; those looked at last are kept."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._values = Cache(PAGES)

    def values(self, name: str) -> dict[str, Any]:
        """What the inspector shows of a document.

        Raises:
            MissingFileError: no such document. BrokenFileError: its results are damaged.
        """
        return self._values.get((name,), self.library.stamp(name), lambda: self._make(name))

    def _make(self, name: str) -> dict[str, Any]:
        result = self.library.result(name)
        near = (self.library.out, self.library.out.parent)
        try:
            with self.library.drawing, open_album(result.document, near, NO_PAGES) as album:
                values = document_values(result, album, Addressed(), NO_PAGES)
                pictured = album.source is not None
        except MALFORMED as error:
            raise BrokenFileError(
                f"the results of {name} hold values that cannot be shown. Ingest the file again."
            ) from error
        own = f"/documents/{quote(name, safe='')}"
        for place in values["pages"]:
            place["src"] = f"{own}/pages/{place['number']}.png" if pictured else ""
        for figure in values["figures"]:
            at = f"{own}/figures/{quote(figure['id'], safe='')}"
            figure["href"] = at if figure["kept"] else ""
            if figure["crop"] and not figure["crop"]["src"]:
                figure["crop"]["src"] = f"{at}/crop.png"
        return values

    def document(self, name: str) -> str:
        """A document's page. Raises as `values`."""
        values = self.values(name)
        return page("document", values["title"] or values["file"], values, Links("/assets", "/"))

    def figure(self, name: str, index: int) -> dict[str, Any]:
        """The values of a page that shows one figure: as of the document, all else left out."""
        whole = self.values(name)
        figure = {**whole["figures"][index], "href": "", "same_index": None}
        own = [{**n, "figure": 0} for n in whole["nodes"] if n["figure"] == index]
        pages = [p for p in whole["pages"] if p["number"] == figure["page"]]
        return {**whole, "figures": [figure], "nodes": own, "pages": pages, "notes": [], "warnings": []}
