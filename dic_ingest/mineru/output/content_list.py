"""MinerU `content_list`: v1 (flat, `page_idx` from 0, also magic-pdf 1.x) and v2 (a list per page).

In: the parsed JSON list. Out: blocks in a `Collector`. Boxes are 0..1000 of the page, origin top-left; older
versions give none.
"""

from __future__ import annotations

import re
from typing import Any

from dic_ingest.mineru.output import values as js
from dic_ingest.mineru.output.blocks import MAX_PAGES, ROLES, Collector, ParsedFigure
from dic_ingest.model.box import Box
from dic_ingest.model.document import Page

GRID = 1000.0
_SPACES = re.compile(r" {2,}")


def is_v2(data: Any) -> bool:
    """Whether a list is content_list v2: pages of items, where v1 has items at once."""
    return isinstance(data, list) and bool(data) and all(isinstance(p, list) for p in data)


def _box(item: js.Item, page: Page) -> Box | None:
    size = page.width, page.height
    scale = page.width / GRID, page.height / GRID
    return js.box(item.get("bbox"), scale, size, f"`bbox` on page {page.number}")


def read_v1(data: list[Any], out: Collector) -> None:
    """All items of a flat list into `out`; raises BundleError on wrong types."""
    for item in js.items_of(data, "content_list"):
        page = out.page(js.whole(item, "page_idx", 0, 0, MAX_PAGES) + 1)
        kind, place = js.text(item, "type"), _box(item, page)
        if kind in ("image", "chart"):
            _figure_v1(item, kind, page, place, out)
        else:
            _item_v1(item, kind, page.number, place, out)


def _item_v1(item: js.Item, kind: str, page: int, place: Box | None, out: Collector) -> None:
    level = js.whole(item, "text_level", 0, 0, 9)
    if kind == "text" and level:
        out.heading(page, place, js.text(item, "text"), level)
    elif kind == "text":
        out.text(page, place, js.text(item, "text"))
    elif kind in ROLES:
        out.text(page, place, js.text(item, "text"), ROLES[kind])
    elif kind == "table":
        notes = js.texts(item, "table_footnote")
        out.table(page, place, js.text(item, "table_body"), js.texts(item, "table_caption"), notes)
    elif kind == "equation":
        out.equation(page, place, js.text(item, "text"))
    elif kind == "code":
        said = (*js.texts(item, "code_caption"), *js.texts(item, "code_footnote"))
        out.code(page, place, js.text(item, "code_body"), " ".join(said))
    elif kind in ("list", "index"):
        out.list(page, place, js.texts(item, "list_items"))
    else:
        content = item.get("text") or item.get("content")
        out.unknown_block(kind, page, place, content if isinstance(content, str) else "")


def _figure_v1(item: js.Item, kind: str, page: Page, place: Box | None, out: Collector) -> None:
    found = ParsedFigure(
        page.number,
        place,
        chart=kind == "chart",
        image=js.text(item, "img_path"),
        caption=js.texts(item, f"{kind}_caption", "img_caption", "image_caption"),
        footnotes=js.texts(item, f"{kind}_footnote", "img_footnote", "image_footnote"),
        content=js.text(item, "content"),
        sub_type=js.text(item, "sub_type"),
    )
    out.figure(found)


def read_v2(data: list[Any], out: Collector) -> None:
    """All pages of a list of pages into `out`; raises BundleError on wrong types."""
    for index, items in enumerate(data[:MAX_PAGES]):
        page = out.page(index + 1)
        for item in js.items_of(items, f"page {page.number} of content_list_v2"):
            content = js.item_of(item.get("content") or {}, "`content`")
            _item_v2(item, content, page, out)


def _spans(content: js.Item, key: str) -> str:
    return _SPACES.sub(" ", js.span_text(content.get(key), f"`{key}`")).strip()


def _spans_list(content: js.Item, key: str) -> tuple[str, ...]:
    """A caption or footnote, which v2 gives as one list of spans."""
    said = _spans(content, key)
    return (said,) if said else ()


def _source(content: js.Item) -> str:
    return js.text(js.item_of(content.get("image_source") or {}, "`image_source`"), "path")


def _item_v2(item: js.Item, content: js.Item, page: Page, out: Collector) -> None:
    kind, place, number = js.text(item, "type"), _box(item, page), page.number
    if kind in ("image", "chart"):
        _figure_v2(item, content, page, out)
    elif kind == "paragraph":
        out.text(number, place, _spans(content, "paragraph_content"))
    elif kind == "title":
        out.heading(number, place, _spans(content, "title_content"), js.whole(content, "level", 1, 1, 9))
    elif kind in ROLES:
        out.text(number, place, _spans(content, f"{kind}_content"), ROLES[kind])
    elif kind == "table":
        notes = _spans_list(content, "table_footnote")
        out.table(number, place, js.text(content, "html"), _spans_list(content, "table_caption"), notes)
    elif kind == "equation_interline":
        out.equation(number, place, js.text(content, "math_content"))
    elif kind in ("code", "algorithm"):
        said = _spans_list(content, f"{kind}_caption") + _spans_list(content, f"{kind}_footnote")
        body = js.span_text(content.get(f"{kind}_content"), f"`{kind}_content`")
        out.code(number, place, body, " ".join(said), js.text(content, "code_language"))
    elif kind in ("list", "index"):
        items = js.items_of(content.get("list_items"), "`list_items`")
        out.list(number, place, tuple(_spans(i, "item_content") for i in items))
    else:
        out.unknown_block(kind, number, place, any_text(content))


def any_text(content: js.Item) -> str:
    """The text spans of an item of unknown type, whichever member holds them."""
    found = [v for v in content.values() if isinstance(v, str)]
    for value in content.values():
        if isinstance(value, list) and all(isinstance(v, dict) and "content" in v for v in value):
            found.append(js.span_text(value, "`content`"))
    return "\n".join(f for f in found if f.strip())


def _figure_v2(item: js.Item, content: js.Item, page: Page, out: Collector) -> None:
    kind = js.text(item, "type")
    found = ParsedFigure(
        page.number,
        _box(item, page),
        chart=kind == "chart",
        image=_source(content),
        caption=_spans_list(content, f"{kind}_caption"),
        footnotes=_spans_list(content, f"{kind}_footnote"),
        content=_spans(content, "content"),
        sub_type=js.text(item, "sub_type"),
    )
    out.figure(found)
