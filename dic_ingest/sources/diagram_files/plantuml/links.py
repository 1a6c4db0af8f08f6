"""A PlantUML link: two operands, the arrow between them, cardinalities and a label."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dic_ingest.model.diagram import End
from dic_ingest.sources.diagram_files.plantuml.text import label

OPERAND = (
    r'"[^"]*"|\[\*\]|\[H\*?\]|\[[^\[\]]*\]|\([^()*]*\)|:[^:\s][^:]*:|\(\)\s*(?:"[^"]*"|\w+)|<>\s*\w*|'
    r"[\w@$\u0080-\uffff]+(?:(?:\.|::|/|\\|-(?=\w))[\w@$\u0080-\uffff]+)*(?:<[\w,\s?]*>)?(?:\[H\*?\])?"
)
_LEFT = r"<\|\||<\||<<|\}\||\}o|\}|\|\||\|o|\|>|\(0|\(\)|[<*o+^#x0@(]"
_RIGHT = r"\|\|>|\|>|>>|\|\{|o\{|\{|\|\||o\||<\||0\)|\(\)|[>*o+^#x0@)]"
_WAY = r"(?:left|right|up|down|le|ri|do|[lrud])"
_ARROW = re.compile(
    rf"\s*({_LEFT})?((?:-+|\.+|=+|~+)(?:\[[^\]]*\])?(?:{_WAY}(?=[-.=~\[]))?(?:\[[^\]]*\])?(?:\(?0\)?|[-.=~]*))"
    rf"({_RIGHT})?(?=[\s\"\[(:\w<$@\u0080-\uffff]|$)"
)
_ENDS = {
    "<|": End.TRIANGLE,
    "|>": End.TRIANGLE,
    "<||": End.TRIANGLE,
    "||>": End.TRIANGLE,
    "^": End.TRIANGLE,
    "*": End.FILLED_DIAMOND,
    "o": End.DIAMOND,
    "<": End.ARROW,
    ">": End.ARROW,
    "<<": End.ARROW,
    ">>": End.ARROW,
    "x": End.CROSS,
    "#": End.NONE,
    "+": End.CIRCLE,
    "0": End.CIRCLE,
    "@": End.CIRCLE,
    "()": End.CIRCLE,
    "}|": End.MANY,
    "|{": End.MANY,
    "}o": End.ZERO_OR_MANY,
    "o{": End.ZERO_OR_MANY,
    "}": End.MANY,
    "{": End.MANY,
    "||": End.ONE,
    "|o": End.ZERO_OR_ONE,
    "o|": End.ZERO_OR_ONE,
    "(": End.CIRCLE,
    ")": End.CIRCLE,
    "(0": End.CIRCLE,
    "0)": End.CIRCLE,
}
_OPERAND = re.compile(rf"\s*({OPERAND})")
_QUOTED = re.compile(r'\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Link:
    """What a link statement says; operands as written."""

    left: str
    right: str
    left_end: End
    right_end: End
    style: str
    label: str
    left_label: str
    right_label: str
    hidden: bool


def parse_link(line: str) -> Link | None:
    """The link in a statement; None for another statement."""
    first = _OPERAND.match(line)
    if not first:
        return None
    at = first.end()
    near = _QUOTED.match(line, at)
    arrow = _ARROW.match(line, near.end() if near else at)
    if not arrow or not _is_arrow(arrow):
        return None
    at = arrow.end()
    far = _QUOTED.match(line, at)
    second = _OPERAND.match(line, far.end() if far else at)
    if far and (not second or line[second.start() : second.end()].strip() == ""):
        second, far = _OPERAND.match(line, at), None
    if not second:
        return None
    rest = re.sub(r"^\s*(?:<<[^<>]*>>|#[\w;:.|]+)", "", line[second.end() :]).strip()
    if rest and not rest.startswith((":", "#")):
        return None
    text = rest.lstrip(":").strip() if rest.startswith(":") else ""
    text = re.sub(r"^[<>]\s+|\s+[<>]$", "", text)
    body = arrow[2]
    dashed = "." in re.sub(r"\[[^\]]*\]", "", body) or "dashed" in body or "dotted" in body
    style = "dashed" if dashed else "thick" if "=" in body or "bold" in body else "solid"
    return Link(
        first[1],
        second[1],
        _ENDS.get(arrow[1] or "", End.NONE),
        _ENDS.get(arrow[3] or "", End.NONE),
        style,
        label(text),
        label(near[1]) if near else "",
        label(far[1]) if far else "",
        "hidden" in body,
    )


def _is_arrow(arrow: re.Match[str]) -> bool:
    """A lone letter beside a dash is no end of a line."""
    return len(arrow[2]) > 0 and not (arrow[1] in ("o", "x", "0") and arrow[0][:1] not in " \t")
