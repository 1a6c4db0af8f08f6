"""HTML around JSON: the only place where strings of a document meet markup.

Data goes in as inert JSON with every character escaped that could end its element; scripts put it on the
page as text. A Content-Security-Policy admits this page's own scripts alone, by a nonce that follows from
all of its data, and no network.
"""

from __future__ import annotations

import hashlib
import html
import json
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

ASSETS = files("dic_ingest.explore") / "assets"
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
