"""The inspector: one HTML page per document, a list of them, their pictures and shared files, in one folder.

In: results read back. Out: files below `folder`, nowhere else. A document that cannot be shown is a line in
the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dic_ingest.errors import BrokenFileError, DICIngestError
from dic_ingest.explore.payload import document_values
from dic_ingest.explore.pictures import PictureSettings, open_album
from dic_ingest.explore.results import DOCUMENT, Failure, read_result
from dic_ingest.explore.shelf import Folder, Inline, Shelf
from dic_ingest.explore.web import MERMAID, Links, asset, bundled, page

PAGES = "documents"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How the pages are written."""

    single_file: bool = False  # every page holds all it needs, Mermaid's 3.6 MB included
    pictures: PictureSettings = field(default_factory=PictureSettings)


def write_site(
    found: Sequence[Path],
    folder: Path,
    settings: SiteSettings | None = None,
    failures: Sequence[Failure] = (),
    password: str | None = None,
    told: Callable[[str, int], None] = lambda name, page: None,
) -> Path:
    """Pages for the document folders `found`; returns the page to open, relative to `folder`.

    `told` hears of every page pictured: document's name, page number.

    Raises:
        BrokenFileError: the only document there is cannot be read.
    """
    settings = settings or SiteSettings()
    rows: list[dict[str, Any]] = []
    lost = list(failures)
    for place in found:
        try:
            rows.append(
                _write_document(place, folder, settings, password, len(found) > 1 or bool(lost), told)
            )
        except DICIngestError as error:
            if len(found) == 1:
                raise
            lost.append(Failure(place.name, str(error)))
    if not settings.single_file:
        _write_assets(folder, rows)
    if len(found) == 1 and not lost:
        return Path(PAGES) / f"{rows[0]['name']}.html"
    values = {"documents": rows, "failures": [{"name": f.name, "reason": f.reason} for f in lost]}
    links = Links("" if settings.single_file else "assets")
    _write(folder / "index.html", page("index", "Documents", values, links))
    return Path("index.html")


def _write_document(
    place: Path,
    folder: Path,
    settings: SiteSettings,
    password: str | None,
    listed: bool,
    told: Callable[[str, int], None],
) -> dict[str, Any]:
    result = read_result(place)
    name = result.name
    shelf: Shelf = (
        Inline() if settings.single_file else Folder(folder / PAGES / f"{name}.files", f"{name}.files")
    )
    links = Links("" if settings.single_file else "../assets", "../index.html" if listed else "")
    near = (place.parent, place.parent.parent)
    try:
        with open_album(result.document, near, settings.pictures, password) as album:
            values = document_values(
                result, album, shelf, settings.pictures, lambda number: told(name, number)
            )
        text = page("document", values["title"] or values["file"], values, links)
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
        # JSON of the right outline with values of wrong types or sizes: `Document.from_dict` trusts those
        raise BrokenFileError(
            f"{place / DOCUMENT} holds values that cannot be shown ({type(error).__name__}: "
            f"{str(error)[:120]}). Ingest the file again."
        ) from error
    _write(folder / PAGES / f"{name}.html", text)
    return _row(name, values)


def _row(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """What the list of documents tells of one."""
    kept = [f for f in values["figures"] if f["kept"]]
    weighed = [f for f in kept if f["precision"] is not None]
    return {
        "name": name,
        "href": quote(f"{PAGES}/{name}.html"),
        "file": values["file"],
        "title": values["title"],
        "thumb": next((_from_index(p["src"]) for p in values["pages"]), ""),
        "pages": len(values["pages"]),
        "nodes": len(values["nodes"]),
        "figures": len(kept),
        "left_out": len(values["figures"]) - len(kept),
        "review": sum(f["review"] for f in kept),
        "kinds": Counter(f["kind"] for f in kept).most_common(),
        "recall": sum(f["recall"] for f in weighed) / len(weighed) if weighed else None,
        "precision": sum(f["precision"] for f in weighed) / len(weighed) if weighed else None,
        "warnings": len(values["warnings"]),
    }


def _from_index(src: str) -> str:
    """A page's picture as the list names it; none where pictures are taken into the pages."""
    return "" if src.startswith("data:") or not src else f"{PAGES}/{src}"


def _write_assets(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    for kind in ("document", "index"):
        for name, content in bundled(kind).items():
            _write(folder / "assets" / name, content)
    if rows:
        _write(folder / "assets" / MERMAID, asset(MERMAID))
        _write(folder / "assets" / "mermaid.LICENSE.txt", asset("mermaid.LICENSE.txt"))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
