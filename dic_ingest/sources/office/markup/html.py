"""HTML through Unstructured -> a `Flow`: headings, text, lists, tables, listings, pictures in between.

Unstructured drops pictures inside figures and paragraphs, so each leaves a mark found again in its
output. Pictures come from the file itself or from files beside it, never from the network.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from lxml import etree
from lxml import html as lxml_html

from dic_ingest.errors import BrokenFileError, MissingExtraError
from dic_ingest.model.document import Code, Heading, List, Table, Text
from dic_ingest.sources.diagram_files.languages.fences import suffix_in
from dic_ingest.sources.diagram_files.svg.inline import svg_document
from dic_ingest.sources.office.flow import Flow
from dic_ingest.text.html_tables import table_text

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARK = re.compile(r"dicpicture(\d+)mark")
DATA = re.compile(r"^data:(image/[\w.+-]+)?((?:;[\w=-]+)*?)(;base64)?,", re.IGNORECASE)
UNSEEN = ("script", "style", "template", "noscript", "object", "embed", "iframe", "audio", "video")
Fetch = Callable[[str], bytes | None]  # the bytes behind a picture's address, None where there are none


@dataclass(frozen=True, slots=True)
class _Seen:
    address: str
    alt: str
    caption: str
    source: str = ""  # of a diagram that is written in the text
    suffix: str = ""  # of the file that would hold it
    svg: bytes = b""  # of a drawing that stands in the text


def read_html(data: bytes | str, flow: Flow, fetch: Fetch, page: int = 1, nesting: int = 200) -> None:
    """Add the blocks of an HTML file to `flow`; `fetch` gives the bytes of its pictures.

    Raises:
        BrokenFileError: no HTML. MissingExtraError: Unstructured is not installed.
    """
    tree = _parse(data, flow.name, nesting)
    if tree is None:
        return
    pictures = _marked(tree)
    text = str(lxml_html.tostring(tree, encoding="unicode"))
    partition = _partitioner()
    items: list[str] = []
    # the language is of no use here, and telling it costs more than all the rest
    for element in partition(text=text, languages=[""], detect_language_per_element=False):
        kind = type(element).__name__
        words = MARK.sub(" ", element.text).strip()
        if kind != "ListItem" or MARK.search(element.text):
            _flush(flow, page, items)
        if kind == "ListItem":
            items += [words] if words else []
        elif words:
            _add(flow, page, kind, words, element)
        for mark in MARK.finditer(element.text):
            _flush(flow, page, items)
            _add_picture(flow, page, pictures[int(mark[1])], fetch)
    _flush(flow, page, items)


def _parse(data: bytes | str, name: str, nesting: int) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    declared = re.search(rb"<meta[^>]+charset|<\?xml[^>]+encoding", raw[:2048], re.IGNORECASE)
    encoding = None if declared else "utf-8"
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, encoding=encoding, remove_comments=True)
    try:
        tree = lxml_html.document_fromstring(raw, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if not raw.strip() or "empty" in str(error).lower():
            return None
        raise BrokenFileError(f"{name} is no HTML that can be read: {error}. Save it again.") from error
    deep = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        deep += 1 if event == "start" else -1
        if event == "start":
            _cleaned(element)
        if deep > nesting:
            raise BrokenFileError(
                f"{name} nests its elements deeper than OfficeSettings.max_nesting ({nesting}). Raise it."
            )
    return tree


def _cleaned(element: Any) -> None:
    """Take out what lxml reads in damaged files but refuses to write."""
    if element.text and CONTROL.search(element.text):
        element.text = CONTROL.sub(" ", element.text)
    if element.tail and CONTROL.search(element.tail):
        element.tail = CONTROL.sub(" ", element.tail)


def _marked(tree: Any) -> list[_Seen]:
    """Puts a mark where each picture stands, takes captions of figures along; gives the pictures."""
    drawn = {e: svg_document(e) for e in tree.iter("svg") if not _in_svg(e)}  # before their styles go
    for element in list(tree.iter(*UNSEEN)):
        element.drop_tree()
    found: list[_Seen] = []
    for element in list(tree.iter("img", "svg", "image", "pre", "div", "code")):
        if element.getparent() is None or _in_svg(element):
            continue
        seen = _seen(element, drawn)
        if seen is None:
            continue
        mark = lxml_html.Element("span")
        mark.text = f" dicpicture{len(found)}mark "
        mark.tail = element.tail
        found.append(seen)
        element.getparent().replace(element, mark)
    for figure in list(tree.iter("figure", "picture")):
        figure.tag = "div"
    return found


def _in_svg(element: Any) -> bool:
    return any(a.tag == "svg" for a in element.iterancestors())


def _seen(element: Any, drawn: dict[Any, bytes]) -> _Seen | None:
    """The picture or written diagram that an element is; None for any other element."""
    if element.tag == "svg":
        title = element.findtext(".//{*}title") or ""
        return _Seen("", title.strip(), _caption(element), svg=drawn.get(element, b""))
    if element.tag in ("img", "image"):
        address = element.get("src") or element.get("data-src") or ""
        return _Seen(address, (element.get("alt") or "").strip(), _caption(element))
    text = element.text_content() if element.tag != "div" or len(element) == 0 else ""
    inner = element.find("code") if element.tag == "pre" else None
    classes = " ".join(filter(None, (element.get("class"), inner.get("class") if inner is not None else "")))
    suffix = suffix_in(classes, text if element.tag == "pre" else "") if text.strip() else ""
    if not suffix or (element.tag == "code" and "\n" not in text.strip()):
        return None
    return _Seen("", "", _caption(element), text, suffix)


def _caption(element: Any) -> str:
    """The caption of the figure that a picture stands in; taken out of the text, once."""
    figure = next((a for a in element.iterancestors("figure")), None)
    if figure is None:
        return ""
    captions = list(figure.iter("figcaption"))
    said = " ".join(" ".join(c.text_content().split()) for c in captions)
    if any(list(c.iter("img", "svg")) for c in captions):
        return said
    for caption in captions:
        caption.drop_tree()
    return said


def _add(flow: Flow, page: int, kind: str, words: str, element: Any) -> None:
    depth = element.metadata.category_depth
    if kind == "Title" and depth is not None:
        flow.add(Heading("", page, None, 0, words, depth + 1))
    elif kind == "Table":
        markup = MARK.sub(" ", element.metadata.text_as_html or "")
        flow.add(Table("", page, None, 0, markup, table_text(markup) or words))
    elif kind == "CodeSnippet":
        flow.add(Code("", page, None, 0, words))
    else:
        flow.add(Text("", page, None, 0, words))


def _flush(flow: Flow, page: int, items: list[str]) -> None:
    if items:
        flow.add(List("", page, None, 0, tuple(items)))
        items.clear()


def _add_picture(flow: Flow, page: int, seen: _Seen, fetch: Fetch) -> None:
    if seen.suffix:
        flow.add_diagram(page, seen.source, seen.suffix, seen.caption)
        return
    if seen.svg:
        flow.add_picture(page, seen.svg, seen.alt, seen.caption)
        return
    data = data_url(seen.address) if seen.address[:5].lower() == "data:" else fetch(seen.address)
    if data is not None:
        flow.add_picture(page, data, seen.alt, seen.caption)
        return
    said = " ".join(filter(None, (seen.caption, f"[{seen.alt}]" if seen.alt else "")))
    flow.add(Text("", page, None, 0, said))
    flow.warn("picture_missing", f"a picture is not in the file: {seen.address[:120]}", page)


def data_url(address: str) -> bytes | None:
    """The bytes that a data: address carries; None where it carries none."""
    match = DATA.match(address)
    if match is None:
        return None
    body = address[match.end() :]
    try:
        data = unquote_to_bytes(body)
        return base64.b64decode(b"".join(data.split()), validate=True) if match[3] else data
    except (binascii.Error, ValueError):
        return None


def _partitioner() -> Any:
    """Unstructured's HTML reader, without its telemetry, its notice and its download of a language model."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("SCARF_NO_ANALYTICS", "true")
    os.environ.setdefault("UNSTRUCTURED_DISABLE_NOTICE", "1")
    try:
        import spacy
        from unstructured.nlp import tokenize
        from unstructured.partition.html import partition_html
    except ImportError as error:
        raise MissingExtraError("unstructured", "office") from error
    if not spacy.util.is_package("en_core_web_sm"):
        # it would fetch a model to tell narrative from other text, a distinction that nothing here uses
        def blank() -> Any:
            pipeline = spacy.blank("en")
            pipeline.add_pipe("sentencizer")
            return pipeline

        tokenize._load_spacy_model = blank
    return partition_html
