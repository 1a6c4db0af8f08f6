"""Mermaid source as clean lines: no front matter, directives or comments; labels without their coding.

Input is hostile: its length, its lines and the depth of its frames are bounded.
"""

from __future__ import annotations

import html
import re

MAX_CHARS = 200_000
MAX_LINES = 4_000
DEPTH = 40  # frames nested deeper are read as lying at this depth

_FRONT = re.compile(r"\A\s*---\s*\n.*?\n\s*---\s*\n", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_NOTE = re.compile(r"^\s*%%\s*note:\s*(.+)$")
_BREAK = re.compile(r"\s*(?:</?br\s*/?>|\\n)\s*", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:b|i|u|a|em|hr|strong|sub|sup|small|big|span|div|p|code|font|center|img)(?:\s[^<>]*)?/?>", re.I
)
_ICON = re.compile(r"^(?:fa[bsrl]?:fa-[\w-]+\s*)+")
_ENTITY = re.compile(r"#(\w{1,10});")
_KEPT = re.compile(r"\x01(\w{1,10})\x02")
_PIECES = re.compile(r'"[^"]*"|;|[^";]+|"')


def without_directives(source: str) -> str:
    """The source without front matter, directives and comment lines; indentation stays."""
    text = source[:MAX_CHARS].replace("\r\n", "\n")
    text = _DIRECTIVE.sub("", _FRONT.sub("", text))
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("%%")]
    return "\n".join(lines).lstrip("\n ")


def source_lines(source: str) -> tuple[list[str], list[str]]:
    """Statements, stripped, one each; and the texts of `%% note:` comments. Entities stay coded (`label`)."""
    text = source[:MAX_CHARS].replace("\r\n", "\n").replace("\x01", "").replace("\x02", "")
    text = _DIRECTIVE.sub("", _FRONT.sub("", text))
    lines: list[str] = []
    notes: list[str] = []
    for raw in text.split("\n"):
        note = _NOTE.match(raw)
        if note:
            notes.append(label(note[1]))
        if raw.lstrip().startswith("%%"):
            continue
        lines += [part for part in _parts(_ENTITY.sub("\x01\\1\x02", raw)) if part]
    return lines[:MAX_LINES], notes


def _parts(line: str) -> list[str]:
    """Statements between semicolons that stand outside quotes."""
    parts = [""]
    for piece in _PIECES.findall(line):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return [p.strip() for p in parts]


def label(text: str) -> str:
    """A label as drawn: quotes and Markdown marks off, entities decoded, line breaks real."""
    text = text.strip()
    for mark in ('"', "`", "'"):
        if len(text) > 1 and text[0] == text[-1] == mark and mark not in text[1:-1]:
            text = text[1:-1].strip()
    text = _TAG.sub("", _BREAK.sub("\n", _ICON.sub("", text)))
    text = text.replace("**", "").replace("`", "")
    return _KEPT.sub(_decoded, html.unescape(_ENTITY.sub("\x01\\1\x02", text))).strip()


def _decoded(match: re.Match[str]) -> str:
    code = match[1]
    if code.isdigit():
        return chr(int(code)) if 0 < int(code) < 0x110000 else ""
    return html.unescape(f"&{code};")
