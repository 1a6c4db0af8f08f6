"""The inspector's pages: a folder of results, a document or a picture as HTML that opens from disk."""

from __future__ import annotations

import hashlib
import html
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from dic_ingest.errors import BrokenFileError, DICIngestError
from dic_ingest.inspector.payload import document_values
from dic_ingest.inspector.pictures import PictureSettings, open_album
from dic_ingest.inspector.results import DOCUMENT, FailedDocument, Folder, Inline, Shelf, read_result

# HTML around JSON: the only place where strings of a document meet markup.


ASSETS = files("dic_ingest.inspector") / "assets"
MERMAID = "mermaid.min.js"
SCRIPTS = {
    "document": ("dom.js", "viewer.js", "pages.js", "redraw.js", "figure.js", "stream.js", "document.js"),
    "index": ("dom.js", "index.js"),
}
STYLES = {"document": ("base.css", "document.css", "figure.css"), "index": ("base.css", "index.css")}
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline' 'self' file:; "
    "img-src 'self' file: data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Links:
    """How a page names what it shares with others; `assets` "" takes everything into the page."""

    assets: str = ""
    index: str = ""  # of the list of documents


def json_text(values: Any) -> str:
    """JSON that may stand inside a script element; lone surrogates become replacement characters."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace").decode("utf-8").translate(ESCAPES)


def asset(name: str) -> str:
    """One of the package's own files."""
    return (ASSETS / name).read_text(encoding="utf-8")


def bundled(kind: str) -> dict[str, str]:
    """The shared files of all pages of a kind: name to content."""
    return {
        f"{kind}.css": "".join(asset(n) for n in STYLES[kind]),
        f"{kind}.js": "".join(asset(n) for n in SCRIPTS[kind]),
    }


def page(kind: str, title: str, values: dict[str, Any], links: Links) -> str:
    """A whole page. `kind` is document or index."""
    title = title.encode("utf-8", "replace").decode("utf-8")
    data = json_text({**values, "index": links.index})
    nonce = hashlib.sha256(f"{kind}\0{title}\0{data}".encode()).hexdigest()[:32]
    names = bundled(kind)
    style, script = names[f"{kind}.css"], names[f"{kind}.js"]
    heavy = kind == "document" and any(f.get("mermaid") for f in values["figures"])
    return Template(asset("page.html")).substitute(
        policy=POLICY.format(nonce=nonce),
        title=html.escape(title),
        style=f'<link rel="stylesheet" href="{links.assets}/{kind}.css">'
        if links.assets
        else f"<style>{style}</style>",
        mermaid=_script(nonce, links.assets, MERMAID, None) if heavy else "",
        script=_script(nonce, links.assets, f"{kind}.js", script),
        data=data,
        kind=kind,
    )


def _script(nonce: str, assets: str, name: str, content: str | None) -> str:
    if assets:
        return f'<script nonce="{nonce}" src="{assets}/{name}" defer></script>'
    body = asset(name) if content is None else content
    body = body.replace("</script", "<\\/script").replace(
        "<!--", "<\\!--"
    )  # neither may end or hide the element
    return f'<script nonce="{nonce}">{body}</script>'


# The inspector: one HTML page per document, a list of them, their pictures and shared files, in one
# folder.


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
    failures: Sequence[FailedDocument] = (),
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
            lost.append(FailedDocument(place.name, str(error)))
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
