"""AsciiDoc -> a `Flow`: headings, text, lists, listings, pictures, diagram blocks. No maintained parser for
it exists in Python; includes and macros are not followed, inline marks are taken off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from dic_ingest.model.document import Code, Heading, List, Table, Text
from dic_ingest.sources.diagram_files.languages.fences import suffix_of
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.markup.epub import Beside
from dic_ingest.sources.office.settings import OfficeSettings

MAX_LINES = 200_000
_HEADING = re.compile(r"^(={1,6})\s+(.+?)(?:\s+=+)?$")
_ATTRIBUTES = re.compile(r"^\[(?!\[)(.*)\]$")
_ITEM = re.compile(r"^\s*(?:[*-]{1,5}|\.{1,5}|\d+\.)\s+(.+)$")
_IMAGE = re.compile(r"^image::([^\[]+)\[([^\]]*)\]$")
_FENCE = re.compile(r"^(?:-{4,}|\.{4,}|\+{4,}|={4,}|\*{4,}|_{4,}|/{4,}|```.*)$")
_TITLE = re.compile(r"^\.(?![\s.])(.+)$")
_SKIPPED = re.compile(
    r"^(?::[\w!-]+:.*|//(?!/).*|include::.*|ifdef::.*|ifndef::.*|endif::.*|toc::.*|\[\[.*\]\]|'''|<<<)$"
)
_LINK = re.compile(r"(?:link:|xref:|https?://)[^\s\[]+\[([^\]]*)\]|<<[^,>]+,?\s*([^>]*)>>")
_MARKS = re.compile(r"(?<!\w)([*_`+#]{1,2})(\S(?:.*?\S)?)\1(?!\w)")


@dataclass
class _AsciidocState:
    text: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    title: str = ""
    style: list[str] = field(default_factory=list)


def read_asciidoc(text: str, flow: Flow, folder: Path, settings: OfficeSettings) -> None:
    """Add the blocks of an AsciiDoc file that lies in `folder`."""
    fetch = Beside(folder, settings)
    lines = text.replace("\r\n", "\n").split("\n")[:MAX_LINES]
    state = _AsciidocState()
    at = 0
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        if _FENCE.match(line) or line == "|===":
            at = _block(lines, at, line, state, flow)
        elif found := _IMAGE.match(line):
            _flush(state, flow)
            _picture(found, state, flow, fetch)
        else:
            _line(line, state, flow)
    _flush(state, flow)


def _line(line: str, state: _AsciidocState, flow: Flow) -> None:
    heading, item, attributes, title = (p.match(line) for p in (_HEADING, _ITEM, _ATTRIBUTES, _TITLE))
    if not line or _SKIPPED.match(line):
        _flush(state, flow)
    elif heading:
        _flush(state, flow)
        flow.add(Heading("", 1, None, 0, _plain(heading[2]), len(heading[1])))
    elif attributes:
        state.style = [part.strip().strip("\"'") for part in attributes[1].split(",")]
    elif item:
        if state.text:
            _flush(state, flow)
        state.items.append(_plain(item[1]))
    elif title and not state.text:
        state.title = _plain(title[1])
    elif state.items and line != "+":
        state.items[-1] += " " + _plain(line)
    elif line != "+":
        state.text.append(_plain(line))


def _block(lines: list[str], at: int, fence: str, state: _AsciidocState, flow: Flow) -> int:
    """A delimited block: a listing, a diagram, a table, or text in a frame."""
    _flush(state, flow)
    close = "```" if fence.startswith("```") else fence
    end = next((k for k in range(at, len(lines)) if lines[k].rstrip() == close), len(lines))
    body = lines[at:end]
    language = fence[3:].strip() if fence.startswith("```") else ""
    names = [language, *state.style]
    suffix = next((s for name in names[:3] if (s := suffix_of(name))), "")
    caption, state.title = state.title, ""
    if suffix:
        flow.add_diagram(1, "\n".join(body), suffix, caption)
    elif fence == "|===":
        rows = [[_plain(c) for c in re.split(r"(?<!\\)\|", row)[1:]] for row in body if row.strip()]
        flow.add(Table("", 1, None, 0, "", "\n".join("\t".join(r) for r in rows if r), caption))
    elif fence[0] in "-.+`":
        listed = state.style[1] if len(state.style) > 1 else language
        flow.add(Code("", 1, None, 0, "\n".join(body), listed, caption))
    elif fence[0] != "/":
        for line in body:
            _line(line.rstrip(), state, flow)
        _flush(state, flow)
    state.style = []
    return end + 1


def _picture(found: re.Match[str], state: _AsciidocState, flow: Flow, fetch: Beside) -> None:
    data = fetch(found[1].strip())
    alt = found[2].split(",")[0].strip().strip('"')
    caption, state.title = state.title, ""
    if data is not None:
        flow.add_picture(1, data, alt, caption)
    else:
        flow.add(Text("", 1, None, 0, " ".join(filter(None, (caption, f"[{alt}]" if alt else "")))))
        flow.warn("picture_missing", f"a picture is not in the file: {found[1][:120]}", 1)


def _flush(state: _AsciidocState, flow: Flow) -> None:
    if state.text:
        if state.title:
            state.text.insert(0, state.title)
            state.title = ""
        flow.add(Text("", 1, None, 0, " ".join(state.text)))
    if state.items:
        flow.add(List("", 1, None, 0, tuple(state.items)))
    state.text, state.items = [], []


def _plain(text: str) -> str:
    text = _LINK.sub(lambda m: m[1] or m[2] or "", text)
    return _MARKS.sub(lambda m: m[2], text).strip()
