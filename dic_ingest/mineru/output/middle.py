"""MinerU 4.x `middle_json` (schema docvortex.middle 2.x): boxes 0..1, page sizes, captions with boxes.

In: the parsed JSON object. Out: blocks in a `Collector`. The richest contract that MinerU writes.
"""

from __future__ import annotations

from typing import Any

from dic_ingest.errors import BundleError
from dic_ingest.mineru.output import values as js
from dic_ingest.mineru.output.blocks import MAX_PAGES, ROLES, Collector, ParsedFigure
from dic_ingest.model.box import Box
from dic_ingest.model.document import Page, Parser

SCHEMA = "docvortex.middle"


def is_middle(data: Any) -> bool:
    """Whether this is the 4.x contract, of whatever version."""
    return isinstance(data, dict) and data.get("schema") == SCHEMA


def parser_of(data: js.Item) -> Parser:
    """Producer, its version and tier."""
    meta = js.item_of(data.get("metadata") or {}, "`metadata`")
    producer = js.item_of(meta.get("producer") or {}, "`producer`")
    extensions = js.item_of(data.get("extensions") or {}, "`extensions`")
    tier = js.text(js.item_of(extensions.get("mineru") or {}, "`extensions.mineru`"), "tier")
    return Parser(js.text(producer, "name") or "mineru", js.text(producer, "version"), tier)


def read_middle(data: js.Item, out: Collector) -> None:
    """All pages into `out`; raises BundleError on another schema version or wrong types."""
    version = js.text(data, "schema_version")
    if version.split(".")[0] != "2":
        raise BundleError(
            f"{SCHEMA} {version or '(no version)'} is not known here, only 2.x. Parse with MinerU 4.0."
        )
    sizes = _sizes(data)
    for index, page in enumerate(js.items_of(data.get("pages"), "`pages`")):
        number = js.whole(page, "page_idx", index, 0, MAX_PAGES) + 1
        size = out.page(number, sizes.get(number))
        for block in js.items_of(page.get("blocks"), f"blocks of page {number}"):
            _block(block, size, out)


def _sizes(data: js.Item) -> dict[int, tuple[float, float]]:
    extensions = js.item_of(data.get("extensions") or {}, "`extensions`")
    layout = js.item_of(extensions.get("docvortex_layout") or {}, "`docvortex_layout`")
    sizes = {}
    for page in js.items_of(layout.get("pages"), "`docvortex_layout.pages`"):
        size = js.numbers([page.get("width_pt"), page.get("height_pt")], 2, "page size")
        if size and min(size) > 0:
            sizes[js.whole(page, "page_idx", 0, 0, MAX_PAGES) + 1] = (size[0], size[1])
    return sizes


def _box(block: js.Item, page: Page) -> Box | None:
    size = page.width, page.height
    return js.box(block.get("bbox"), size, size, f"`bbox` on page {page.number}")


def _inline(block: js.Item) -> str:
    return js.span_text(block.get("content"), f"content of a {block.get('type')!s:.20} block").strip()


def _block(block: js.Item, page: Page, out: Collector) -> None:
    kind, place = js.text(block, "type"), _box(block, page)
    if kind in ("text", "ref_text"):
        out.text(page.number, place, _inline(block))
    elif kind in ("doc_title", "paragraph_title"):
        out.heading(page.number, place, _inline(block), js.whole(block, "level", 1, 1, 9))
    elif kind in ROLES:
        out.text(page.number, place, _inline(block), ROLES[kind])
    elif kind == "equation":
        out.equation(page.number, place, _inline(block))
    elif kind in ("list", "index"):
        out.list(page.number, place, leaves(block))
    elif kind in ("image", "chart"):
        _figure(block, kind, page, place, out)
    elif kind == "table":
        body, caption, notes, _ = _parts(block, page)
        out.table(page.number, place, _inline(body), caption, notes)
    elif kind == "code":
        body, caption, notes, _ = _parts(block, page)
        language = js.text(block, "guess_lang")
        out.code(page.number, place, _inline(body), " ".join((*caption, *notes)), language)
    else:
        out.unknown_block(kind, page.number, place, _inline(block))


def leaves(block: js.Item) -> tuple[str, ...]:
    """Items of a list or index in order; deeper ones are indented by four spaces a level."""
    found: list[str] = []
    stack: list[tuple[Any, int]] = [(block.get("content"), -1)]
    for _ in range(js.STEPS):
        if not stack:
            break
        value, depth = stack.pop()
        if isinstance(value, list):
            stack.extend((v, depth) for v in reversed(value))
        elif isinstance(value, dict) and value.get("type") in ("list", "index"):
            stack.append((value.get("content"), depth + 1))
        elif value is not None:
            indent = "    " * max(0, min(depth + 1, 8))
            found.append(indent + _inline(js.item_of(value, "a list item")))
    return tuple(i for i in found if i.strip())


def _figure(block: js.Item, kind: str, page: Page, place: Box | None, out: Collector) -> None:
    body, caption, notes, boxes = _parts(block, page)
    found = ParsedFigure(
        page.number,
        _box(body, page) or place,
        chart=kind == "chart",
        image=js.text(body, "image_path") or js.text(body, "image_base64"),
        caption=caption,
        caption_boxes=boxes,
        footnotes=notes,
        content=_inline(body),
        sub_type=js.text(block, "sub_type"),
    )
    out.figure(found)


def _parts(block: js.Item, page: Page) -> tuple[js.Item, tuple[str, ...], tuple[str, ...], tuple[Box, ...]]:
    """Body, captions, footnotes and the captions' boxes of a block that has parts."""
    body: js.Item = {}
    caption: list[str] = []
    notes: list[str] = []
    boxes: list[Box] = []
    for part in js.items_of(block.get("content"), f"content of a {block.get('type')!s:.20} block"):
        kind = js.text(part, "type")
        if kind.endswith("_footnote"):
            notes.append(_inline(part))
        elif kind.endswith("_caption"):
            caption.append(_inline(part))
            boxes += [b for b in [_box(part, page)] if b]
        else:
            body = body or part
    return body, tuple(filter(None, caption)), tuple(filter(None, notes)), tuple(boxes)
