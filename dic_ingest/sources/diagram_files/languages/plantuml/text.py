"""PlantUML source as statements: blocks, comments, simple definitions, labels without their mark-up.

Includes are not followed; what only changes looks is left out. Length and lines are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_CHARS = 400_000
MAX_LINES = 8_000
MAX_LABEL = 5_000

_BLOCK = re.compile(r"^[ \t]*@start(\w+)[^\n]*\n(.*?)(?:^[ \t]*@end\w+|\Z)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"/'.*?'/", re.DOTALL)
_DEFINE = re.compile(r"^!(?:define\s+(\w+)|(?:\$(\w+)\s*\??=))\s+?\"?([^\"\n]*?)\"?\s*$")
_SKIPPED = re.compile(
    r"^(?:skinparam|hide|show|remove|restore|scale|!|allow_?mixing|autonumber|mainframe|newpage|page|"
    r"(?:left |right |center )?(?:header|footer)|caption|set separator|sprite|skin|autoactivate|"
    r"ignore newpage|url\b)",
    re.IGNORECASE,
)
_BLOCKS = (  # that say nothing of the graph: how they begin and end
    (r"^(?:skinparam|<style>)(?!.*</style>).*[{>]\s*$", r"^(?:\}|</style>)\s*$"),
    (r"^legend\b(?!.*:)", r"^end\s?legend"),
    (r"^(?:(?:left|right|center) )?(?:header|footer)\s*$", r"^end\s?(?:header|footer)"),
    (r"^sprite\b.*\{\s*$", r"^\}"),
    (r"^!(?:unquoted\s+|final\s+)*(?:procedure|function)\b(?!.*return)", r"^!end(?:procedure|function)"),
)
_INNER = tuple((re.compile(a, re.IGNORECASE), re.compile(b, re.IGNORECASE)) for a, b in _BLOCKS)
_NOTE = re.compile(r"^[/\\]?\s*(?:h|r)?note\b(.*)$", re.IGNORECASE)
_REF = re.compile(r"^ref\s+over\b[^:]*$", re.IGNORECASE)
_MARK = re.compile(
    r"</?(?:b|i|u|s|w|color|size|font|back|background|sub|sup|plain|code|strike)(?::[^<>]*)?(?:=[^<>]*)?>"
)
_PICTURE = re.compile(r"<(?:img|&|\$|#)[^<>]*>|<:[\w+-]+:>")
_LINK = re.compile(r"\[\[(?:[^\]\s{]+)(?:\{[^}]*\})?\s*([^\]]*)\]\]")
_CREOLE = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|\"\"(.+?)\"\"|--(?!-)(\S.*?\S)--|~~(.+?)~~|//(?!/)(\S.*?\S)//")
_STEREOTYPE = re.compile(r"<<[^<>]*>>")


@dataclass
class PlantUmlText:
    """One diagram: its statements, its notes, its title."""

    kind: str = "uml"  # what stands after @start
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""


def sources(text: str) -> Iterator[PlantUmlText]:
    """The diagrams of a file; without `@startuml` the whole text is one."""
    text = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    blocks = [(m[1].lower(), m[2]) for m in _BLOCK.finditer(text)] or [("uml", text)]
    for kind, body in blocks:
        yield _source(kind, _COMMENT.sub("", body))


def _source(kind: str, body: str) -> PlantUmlText:
    made = PlantUmlText(kind)
    raw = [line.rstrip() for line in body.split("\n")][:MAX_LINES]
    if kind != "uml":
        made.lines = raw
        return made
    defined: dict[str, str] = {}
    at = 0
    while at < len(raw):
        line = _joined(raw, at)
        at += 1 + line.count("\x00")
        line = _replaced(line.replace("\x00", " ").strip(), defined)
        if not line or line.startswith("'"):
            continue
        found = _DEFINE.match(line)
        if found:
            defined[found[1] or "$" + found[2]] = found[3]
            continue
        at = _special(made, raw, at, line)
    return made


def _joined(raw: list[str], at: int) -> str:
    """A statement with the lines that a backslash at its end continues; each joint is a NUL."""
    line = raw[at]
    while line.endswith("\\") and not line.endswith("\\\\") and at + 1 < len(raw):
        at += 1
        line = line[:-1] + "\x00" + raw[at]
    return line


def _replaced(line: str, defined: dict[str, str]) -> str:
    for name, value in list(defined.items())[:200]:
        if name in line:
            line = re.sub(rf"(?<![\w$]){re.escape(name)}(?!\w)", lambda _, v=value: v, line)[:MAX_LABEL]  # type: ignore[misc]
    return line


def _special(made: PlantUmlText, raw: list[str], at: int, line: str) -> int:
    """Notes, titles and blocks that are no statements; the place after them. Anything else is a statement."""
    for begins, ends in _INNER:
        if begins.match(line):
            return _past(raw, at, ends)[0]
    if line.lower().startswith("title"):
        made.title = label(line[5:].strip())
        if not made.title:
            at, inner = _past(raw, at, re.compile(r"^end\s?title", re.I))
            made.title = label("\n".join(inner))
        return at
    note = _NOTE.match(line)
    if note:
        return _note(made, raw, at, note[1])
    if _REF.match(line):
        at, inner = _past(raw, at, re.compile(r"^end\s?ref", re.I))
        made.notes.append(label("\n".join(inner)))
    elif not _SKIPPED.match(line):
        made.lines.append(line)
    return at


def _note(made: PlantUmlText, raw: list[str], at: int, rest: str) -> int:
    named = re.match(r'\s*"(.*)"\s+as\s+\w+', rest)
    if named:
        made.notes.append(label(named[1]))
        return at
    head, sign, said = rest.partition(":")
    on_link = re.search(r"\bas\s+\w+\s*$", head)
    if sign and said.strip() and not on_link:
        made.notes.append(label(said))
        return at
    ends = r"^\}$" if head.rstrip().endswith("{") else r"^end\s?(?:h|r)?note"
    ended, inner = _past(raw, at, re.compile(ends, re.I))
    made.notes.append(label("\n".join(line.strip() for line in inner)))
    return ended


def _past(raw: list[str], at: int, ends: re.Pattern[str]) -> tuple[int, list[str]]:
    """The place after the line that ends a block, and the block's lines; an open block ends where it
    begins."""
    for k in range(at, len(raw)):
        if ends.match(raw[k].strip()):
            return k + 1, raw[at:k]
    return at, []


def label(text: str) -> str:
    """A label as drawn: line breaks real, mark-up, pictures, links and stereotypes off."""
    text = text.strip()[:MAX_LABEL]
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    text = _LINK.sub(lambda m: m[1], text)
    text = _PICTURE.sub("", _MARK.sub("", text))
    text = re.sub(r"\\[nlr]|<br\s*/?>|%newline\(\)", "\n", text).replace("\\t", " ")
    for _ in range(2):
        text = _CREOLE.sub(lambda m: next(g for g in m.groups() if g is not None), text)
    text = re.sub(r"~(?=\S)", "", re.sub(r"<U\+([0-9A-Fa-f]{4,5})>", lambda m: chr(int(m[1], 16)), text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not re.fullmatch(r"[-=._]{2,}", line))


def without_stereotypes(text: str) -> str:
    """A statement without `<<...>>` and colours."""
    return re.sub(r"\s#[\w;:.|\\/-]+(?=\s|\{|$)", "", _STEREOTYPE.sub("", text)).strip()
