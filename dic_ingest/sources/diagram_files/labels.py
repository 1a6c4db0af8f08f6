"""HTML labels of drawing programs -> plain text with line breaks, as shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = frozenset(
    {"br", "div", "p", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol", "table"}
)
_UNSEEN = frozenset({"style", "script", "head", "title"})
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
RULE = "\ue000"  # stands for a horizontal rule while a label is read
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>|&#?\w+;")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.hidden += 1
        elif tag == "hr":
            self.parts.append(f"\n{RULE}\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in _BREAKS and tag not in ("br", "hr"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def plain_text(label: str, limit: int = 20_000) -> str:
    """The words of a label that may hold HTML, line by line; at most `limit` characters are looked at."""
    return "\n".join(filter(None, parts_of(label, limit)))


def parts_of(label: str, limit: int = 20_000) -> list[str]:
    """The same, in the parts that horizontal rules make of it: name, attributes, methods of a class."""
    return ["\n".join(lines) for lines in _split(_lines(label, limit))]


def _split(lines: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line == RULE:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _lines(label: str, limit: int) -> list[str]:
    label = label[:limit].replace(RULE, "")
    if _TAG.search(label):
        reader = _Text()
        reader.feed(label)
        reader.close()
        label = "".join(reader.parts)
    lines = (_SPACES.sub(" ", line).strip() for line in label.replace("\u200b", "").split("\n"))
    return [line for line in lines if line]
