"""MinerU 1.x to 3.x `middle.json` (`pdf_info`): boxes in the page's own units, `page_size` beside them.

In: the parsed JSON object. Out: blocks in a `Collector`. Lines of a paragraph are joined, broken words
mended.
"""

from __future__ import annotations

import re
from typing import Any

from dic_ingest.mineru.output import values as js
from dic_ingest.mineru.output.blocks import MAX_PAGES, ROLES, Collector, ParsedFigure
from dic_ingest.model.box import Box
from dic_ingest.model.document import Page, Parser

_SPACES = re.compile(r" {2,}")
_HYPHEN = re.compile(r"[A-Za-zÀ-ɏ]-$")
_CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
Scale = tuple[float, float]
PLAIN = ("text", "ref_text", "phonetic", "abstract", "vertical_text")


def is_pdf_info(data: Any) -> bool:
    """Whether this is the 1.x-3.x middle contract."""
    return isinstance(data, dict) and "pdf_info" in data


def parser_of(data: js.Item) -> Parser:
    """Version and backend ("pipeline", "vlm", "hybrid"; 1.x: how it parsed)."""
    tier = js.text(data, "_backend") or js.text(data, "_parse_type")
    return Parser("mineru", js.text(data, "_version_name"), tier)


def read_pdf_info(data: js.Item, out: Collector) -> None:
    """All pages into `out`; raises BundleError on wrong types."""
    for index, page in enumerate(js.items_of(data["pdf_info"], "`pdf_info`")):
        number = js.whole(page, "page_idx", index, 0, MAX_PAGES) + 1
        size = js.numbers(page.get("page_size"), 2, "`page_size`")
        shown = out.page(number, (size[0], size[1]) if size else None)
        own = size if size and min(size) > 0 else (shown.width, shown.height)
        scale = shown.width / own[0], shown.height / own[1]
        for block in _ordered(page):
            _block(block, shown, scale, out)


def _ordered(page: js.Item) -> list[js.Item]:
    """Body and page furniture by `index`; furniture last where a block has none."""
    found = [
        *js.items_of(page.get("para_blocks"), "`para_blocks`"),
        *js.items_of(page.get("discarded_blocks"), "`discarded_blocks`"),
    ]
    if all(isinstance(b.get("index"), int) for b in found):
        return sorted(found, key=lambda b: int(b["index"]))
    return found


def _box(block: js.Item, page: Page, scale: Scale) -> Box | None:
    return js.box(block.get("bbox"), scale, (page.width, page.height), f"`bbox` on page {page.number}")


def _spans(block: js.Item) -> list[js.Item]:
    lines = js.items_of(block.get("lines"), "`lines`")
    return [s for line in lines for s in js.items_of(line.get("spans"), "`spans`")]


def _first(block: js.Item, *keys: str) -> str:
    """The first text under one of `keys` among the spans."""
    return next((t for s in _spans(block) for k in keys if (t := js.text(s, k))), "")


def _line(line: js.Item) -> str:
    said = ""
    for span in js.items_of(line.get("spans"), "`spans`"):
        part = js.span_text([span], "a span")
        glue = " " if said and part and not said[-1].isspace() and not part[0].isspace() else ""
        said += ("" if glue and _CJK.match(said[-1]) and _CJK.match(part[0]) else glue) + part
    return _SPACES.sub(" ", said).strip()


def _text(block: js.Item) -> str:
    """The block's lines as one paragraph."""
    said = ""
    for line in filter(None, map(_line, js.items_of(block.get("lines"), "`lines`"))):
        if _HYPHEN.search(said) and line[0].islower():
            said = said[:-1] + line
        elif said and not (_CJK.match(said[-1]) and _CJK.match(line[0])):
            said += " " + line
        else:
            said += line
    return said


def _block(block: js.Item, page: Page, scale: Scale, out: Collector) -> None:
    kind, place, number = js.text(block, "type"), _box(block, page, scale), page.number
    if kind in PLAIN:
        out.text(number, place, _text(block))
    elif kind in ("title", "doc_title", "paragraph_title"):
        out.heading(number, place, _text(block), js.whole(block, "level", 1, 1, 9))
    elif kind in ROLES or kind in ("discarded", "abandon"):
        out.text(number, place, _text(block), ROLES.get(kind, "aside"))
    elif kind in ("interline_equation", "equation"):
        out.equation(number, place, _first(block, "content", "latex"))
    elif kind in ("list", "index"):
        out.list(number, place, _items(block))
    elif kind in ("image", "chart"):
        _figure(block, kind, page, scale, out)
    elif kind == "table":
        body, caption, notes, _ = _parts(block, page, scale)
        out.table(number, place, _first(body, "html", "latex", "content"), caption, notes)
    elif kind in ("code", "algorithm"):
        body, caption, notes, _ = _parts(block, page, scale)
        lines = js.items_of((body or block).get("lines"), "`lines`")
        listing = "\n".join(js.span_text(js.items_of(x.get("spans"), "`spans`"), "a span") for x in lines)
        out.code(number, place, listing, " ".join((*caption, *notes)), js.text(block, "guess_lang"))
    else:
        out.unknown_block(kind, number, place, _text(block))


def _items(block: js.Item) -> tuple[str, ...]:
    """List items: nested blocks (3.x), else lines grouped by `is_list_start_line` (2.x)."""
    nested = js.items_of(block.get("blocks"), "`blocks`")
    if nested:
        return tuple(_text(b) for b in nested)
    groups: list[list[js.Item]] = []
    for line in js.items_of(block.get("lines"), "`lines`"):
        if line.get("is_list_start_line") or not groups:
            groups.append([])
        groups[-1].append(line)
    return tuple(_text({"lines": group}) for group in groups)


def _parts(
    block: js.Item, page: Page, scale: Scale
) -> tuple[js.Item, tuple[str, ...], tuple[str, ...], tuple[Box, ...]]:
    """Body, captions, footnotes and the captions' boxes of a block that has parts."""
    body: js.Item = {}
    caption: list[str] = []
    notes: list[str] = []
    boxes: list[Box] = []
    for part in js.items_of(block.get("blocks"), "`blocks`"):
        kind = js.text(part, "type")
        if kind.endswith("_footnote"):
            notes.append(_text(part))
        elif kind.endswith("_caption"):
            caption.append(_text(part))
            boxes += [b for b in [_box(part, page, scale)] if b]
        else:
            body = body or part
    return body, tuple(filter(None, caption)), tuple(filter(None, notes)), tuple(boxes)


def _figure(block: js.Item, kind: str, page: Page, scale: Scale, out: Collector) -> None:
    body, caption, notes, boxes = _parts(block, page, scale)
    found = ParsedFigure(
        page.number,
        _box(body, page, scale) or _box(block, page, scale),
        chart=kind == "chart",
        image=_first(body or block, "image_path"),
        caption=caption,
        caption_boxes=boxes,
        footnotes=notes,
        content=_first(body, "content"),
        sub_type=js.text(block, "sub_type") or js.text(body, "sub_type"),
    )
    out.figure(found)
