"""How documents, figures, descriptions and diagrams show themselves in notebooks: HTML without scripts.

Works without a network, in light and dark; every string of a document is escaped. Crops are looked for as
`Figure.image` says, below the working folder and the folders given to `look_in`.
"""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.errors import InputError
from dic_ingest.image_files import open_crop
from dic_ingest.inspector.chart_drawing import chart_svg
from dic_ingest.inspector.drawing import diagram_svg
from dic_ingest.inspector.payload import pieces, scores_of
from dic_ingest.inspector.pictures import Album, PictureSettings, cut_figure, open_album, page_picture
from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure, Page

MAX_WIDTH = 1000  # pixels of a picture put into a notebook
PAGE_DPI = 64.0
SHOWN_PAGES = 6
SHOWN_FIGURES = 12
SOFT = "opacity:.7;font-size:.9em"
LINES = {  # how the support of a statement is underlined
    "graph": "1px solid rgba(11,122,117,.55)",
    "words": "2px dotted rgba(45,98,179,.9)",
    "printed": "1px dashed rgba(125,75,166,.9)",
    "critic": "1px dashed rgba(125,75,166,.9)",
    "": "2px solid rgba(200,40,30,.9);background:rgba(200,40,30,.12)",
}
COLORS = {  # of routes, as in the inspector's base.css
    "diagram": "#0b6f7d",
    "chart": "#2f7d32",
    "photo": "#a15c00",
    "screenshot": "#1866a8",
    "other": "#7a3fa0",
    "table": "#3b55b0",
    "formula": "#3b55b0",
    "duplicate": "#b4540a",
}
AWAY = "#767b83"
_folders: list[Path] = []


def look_in(*folders: Path | str) -> None:
    """Folders (each with its `figures/`) in which figures find their crops from now on."""
    _folders[:] = [Path(f) for f in folders]


def html_of(shown: object) -> str:
    """The HTML of a Document, Figure, Description or Diagram; of anything else its text."""
    if isinstance(shown, Document):
        return document_html(shown)
    if isinstance(shown, Figure):
        return figure_html(shown)
    if isinstance(shown, Description):
        return description_html(shown)
    if isinstance(shown, Diagram):
        return diagram_html(shown)
    if isinstance(shown, Chart):
        return chart_svg(shown) or f"<pre>{escape(shown.to_text())}</pre>"
    return f"<pre>{escape(repr(shown))}</pre>"


def bundle_of(shown: object) -> dict[str, str]:
    """What a front end may choose from, by media type; a diagram also as SVG and as Mermaid."""
    bundle = {"text/html": html_of(shown), "text/plain": plain(shown)}
    if isinstance(shown, Diagram):
        more = {"image/svg+xml": diagram_svg(shown), "text/vnd.mermaid": shown.to_mermaid()}
        bundle.update({kind: text for kind, text in more.items() if text})
    return bundle


def plain(shown: Any) -> str:
    """A line of text instead of a `repr` of many pages."""
    if isinstance(shown, Document):
        return f"<Document {shown.source}: {len(shown.pages)} pages, {len(shown.figures)} figures>"
    if isinstance(shown, Figure):
        return f"<Figure {shown.label or shown.id} on page {shown.page}>"
    if isinstance(shown, Diagram | Chart):
        return shown.to_text()
    return str(shown.caption) if isinstance(shown, Description) else repr(shown)


def diagram_html(diagram: Diagram) -> str:
    """The graph drawn where it stands; without places, as Mermaid text."""
    counts = f"{len(diagram.nodes)} nodes, {len(diagram.edges)} edges, {len(diagram.groups)} groups"
    drawn, source = diagram_svg(diagram), diagram.to_mermaid()
    listing = f'<pre style="white-space:pre-wrap;margin:.3em 0">{escape(source)}</pre>' if source else ""
    if drawn and listing:
        listing = f'<details style="{SOFT}"><summary>Mermaid</summary>{listing}</details>'
    unread = "".join(f'<div style="{SOFT}">not read: {escape(t)}</div>' for t in diagram.unread)
    return (
        f'<div><div style="{SOFT}">{escape(str(diagram.kind))}: {counts}</div>{drawn}{listing}{unread}</div>'
    )


def description_html(said: Description, with_graph: bool = True) -> str:
    """The caption, each statement underlined by what supports it, then scores and the graph."""
    evidence = said.evidence
    statements = evidence.statements if evidence else ()
    spans = []
    for piece in pieces(said.caption, statements):
        text, index = escape(piece["text"]), piece["statement"]
        if index is None:
            spans.append(text)
            continue
        support = statements[index].support
        told = f"supported: {support}" if support else "nothing supports this"
        line = LINES.get(support, LINES["printed"])
        spans.append(f'<span title="{escape(told)}" style="border-bottom:{line}">{text}</span>')
    scores = ""
    if evidence is not None:
        review = " · <b>needs review</b>" if evidence.needs_review else ""
        scores = (
            f'<div style="{SOFT};margin-top:.5em">{scores_of(evidence)}{review} · {escape(said.engine)}</div>'
        )
    graph = diagram_html(said.diagram) if with_graph and said.diagram is not None else ""
    graph += chart_svg(said.chart) if with_graph and said.chart is not None else ""
    body = f'<div style="white-space:pre-line;line-height:1.65;max-width:60em">{"".join(spans)}</div>'
    return f"<div>{body}{scores}{graph}</div>"


def figure_html(figure: Figure, crop: str = "") -> str:
    """Label and route, then the crop beside what was said, and the graph."""
    route = figure.route
    head = f"<b>{escape(figure.label)}</b> {escape(figure.printed_caption)}"
    way = f"{route.kind} · {route.route} · {route.reason}" if route else "not routed"
    crop = crop or _crop(figure)
    image = f'<img src="{crop}" alt="" style="max-width:100%;height:auto;background:#fff">' if crop else ""
    said = description_html(figure.description, with_graph=False) if figure.description else ""
    graph = figure.description.diagram if figure.description else None
    drawn = diagram_html(graph) if graph is not None else ""
    if figure.description is not None and figure.description.chart is not None:
        drawn += chart_svg(figure.description.chart)
    halves = [half for half in (image, drawn) if half]
    cells = "".join(f'<div style="flex:1 1 22em;min-width:0;max-width:48em">{half}</div>' for half in halves)
    return (
        f'<div style="border-left:3px solid {_color(figure)};padding:.2em 0 .2em .9em;margin:.6em 0">'
        f'<div>{head} <span style="{SOFT}">page {figure.page} · {escape(way)}</span></div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:1.2em;margin:.5em 0">{cells}</div>{said}</div>'
    )


def document_html(document: Document) -> str:
    """Counts, the first pages that have figures with boxes on them, the figures that were kept."""
    kept = [f for f in document.figures if f.route is None or f.route.kept]
    head = (
        f"<div><b>{escape(document.source)}</b> <span style='{SOFT}'>{len(document.pages)} pages, "
        f"{len(kept)} figures, {len(document.figures) - len(kept)} left out, "
        f"{len(document.warnings)} warnings</span></div>"
    )
    wanted = {f.page for f in document.figures} or {1}
    pages = [p for p in document.pages if p.number in wanted][:SHOWN_PAGES]
    with open_album(document, tuple(_folders), PictureSettings()) as album:
        leaves = "".join(_page(document, page, album) for page in pages)
        shown = "".join(figure_html(f, _cut(f, document, album)) for f in kept[:SHOWN_FIGURES])
    rest = len(kept) - SHOWN_FIGURES
    more = f'<div style="{SOFT}">and {rest} more figures: `document.figures`</div>' if rest > 0 else ""
    strip = f'<div style="display:flex;flex-wrap:wrap;gap:.8em;margin:.6em 0">{leaves}</div>'
    return f"<div>{head}{strip}{shown}{more}</div>"


def _page(document: Document, page: Page, album: Album) -> str:
    picture = page_picture(album.source, page.number, PAGE_DPI) if album.source else None
    size = f'width="{page.width:.1f}" height="{page.height:.1f}"'
    back = f'<rect {size} fill="#fff"/>'
    if picture is not None:
        back = f'<image href="{_uri(picture)}" {size}/>'
    boxes = []
    for block in document.blocks:
        if block.page != page.number or block.bbox is None:
            continue
        x0, y0, x1, y1 = block.bbox
        place = f'x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 0):.1f}" height="{max(y1 - y0, 0):.1f}"'
        if isinstance(block, Figure):
            route = block.route
            told = escape(
                f"{block.label} {route.kind}, {route.route}: {route.reason}" if route else block.label
            )
            color = _color(block)
            boxes.append(
                f'<rect {place} fill="{color}" fill-opacity=".07" stroke="{color}" stroke-width="3">'
                f"<title>{told}</title></rect>"
            )
        elif picture is None:
            boxes.append(f'<rect {place} fill="#ddd"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width:.1f} {page.height:.1f}" '
        f'style="width:17em;height:auto;border:1px solid rgba(128,128,128,.4)">{back}{"".join(boxes)}</svg>'
    )


def _color(figure: Figure) -> str:
    name = figure.route.route if figure.route else "other"
    return COLORS.get(name, AWAY)


def _cut(figure: Figure, document: Document, album: Album) -> str:
    """The crop as it lies on the disk, else cut from the source."""
    crop = _crop(figure)
    size = next(((p.width, p.height) for p in document.pages if p.number == figure.page), None)
    if crop or album.source is None or size is None:
        return crop
    picture = cut_figure(album.source, figure, size, 110.0)
    return _uri(picture) if picture is not None else ""


def _crop(figure: Figure) -> str:
    for folder in (Path(), *_folders):
        try:
            with open_crop(folder, figure.image) as picture:
                return _uri(picture.convert("RGB"))
        except (OSError, ValueError, SyntaxError, InputError):
            continue
    return ""


def _uri(picture: Image.Image) -> str:
    picture.thumbnail((MAX_WIDTH, 2 * MAX_WIDTH))
    held = io.BytesIO()
    picture.save(held, "WEBP", quality=82, method=2)
    return f"data:image/webp;base64,{base64.b64encode(held.getvalue()).decode('ascii')}"
