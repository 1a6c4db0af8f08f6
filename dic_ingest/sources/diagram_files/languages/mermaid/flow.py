"""Mermaid `flowchart`/`graph` statements into nodes, edges and groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.text import DEPTH, label

_ID = re.compile(r"[\w$.*/+]+(?:(?:-(?![-.>=])|::(?!:))[\w$.*/+]+)*")
_SHAPES = (
    ("(((", (")))",), "end"),
    ("((", ("))",), "circle"),
    ("([", ("])",), "stadium"),
    ("[[", ("]]",), "subroutine"),
    ("[(", (")]",), "cylinder"),
    ("[/", ("/]", "\\]"), "parallelogram"),
    ("[\\", ("\\]", "/]"), "parallelogram"),
    ("{{", ("}}",), "hexagon"),
    ("[", ("]",), "rect"),
    ("(", (")",), "rounded"),
    ("{", ("}",), "diamond"),
    (">", ("]",), "rect"),
)
_SHAPE_NAMES = {
    "diam": "diamond", "diamond": "diamond", "decision": "diamond", "circle": "circle", "circ": "circle",
    "cyl": "cylinder", "cylinder": "cylinder", "db": "cylinder", "database": "cylinder", "hex": "hexagon",
    "hexagon": "hexagon", "stadium": "stadium", "pill": "stadium", "terminal": "stadium",
    "rounded": "rounded", "event": "rounded", "sm-circ": "start", "start": "start", "dbl-circ": "end",
    "stop": "end", "lean-r": "parallelogram", "in-out": "parallelogram", "fr-rect": "subroutine",
}  # fmt: skip
_PLAIN = re.compile(
    r"([<ox](?=[-=.]))?(---+|--+(?=[>ox])|===+|==+(?=[>ox])|-\.+-|(?<=<)\.+-|~~~+)([>]|[ox](?=[\s|]|$))?"
)
_SPOKEN = re.compile(
    r"([<ox](?=[-=]))?(?:--\s*(?P<a>[^\s|>-][^|]*?)\s*--+(?P<x>[>ox]|-)"
    r"|==\s*(?P<b>[^\s|>=][^|]*?)\s*==+(?P<y>[>ox]|=)|-\.\s*(?P<c>[^\s|>.-][^|]*?)\s*\.+-(?P<z>[>ox])?)"
)
_BARS = re.compile(r'\s*\|\s*("[^"]*"|[^|]*)\|')
_HEADS = {">": End.ARROW, "<": End.ARROW, "o": End.CIRCLE, "x": End.CROSS}
_IGNORED = re.compile(r"^(?:classDef|class|style|linkStyle|click|accTitle|accDescr|title)\b")
_SUBGRAPH = re.compile(r"^subgraph\b\s*(.*)$")
_HELD = re.compile(r"\s*([\w$.-]+)\s*\[(.*)\]\s*$")
_ATTRIBUTES = re.compile(r"@\{(.*?)\}", re.DOTALL)
_VALUE = re.compile(r"(\w+)\s*:\s*(\"[^\"]*\"|[^,}]+)")
_QUOTED = re.compile(r'"[^"]*"')
LABEL_LINES = 12  # a label that does not close within so many is none
_CLASS = re.compile(r":::\w+(?:-\w+)*(?:,\w+(?:-\w+)*)*")
_EDGE_ID = re.compile(r"[\w$]+@(?=[-=<ox~])")


@dataclass
class _Flowchart:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    bad: int = 0

    def node(self, name: str, text: str | None = None, shape: str = "rect") -> str:
        """The node called `name`, made or completed."""
        known = self.nodes.get(name)
        if known is None:
            self.nodes[name] = Node(name, name, group=self.stack[-1] if self.stack else None)
        elif known.group is None and self.stack:
            self.nodes[name] = replace(known, group=self.stack[-1])
        if text is not None:
            self.nodes[name] = replace(self.nodes[name], label=text, shape=shape)
        return name


def read_flowchart(lines: list[str], direction: str) -> Diagram | None:
    """Statements after the header; None where most of them are not this grammar."""
    flow = _Flowchart()
    for line in _whole(lines):
        _statement(flow, line)
    nodes = tuple(_kept(n, flow.groups) for n in flow.nodes.values() if n.id not in flow.groups)
    if not nodes or flow.bad > len(lines) / 2:
        return None
    groups = tuple(flow.groups.values())
    return Diagram(Kind.FLOWCHART, nodes, tuple(flow.edges), groups, direction=direction)


def _whole(lines: list[str]) -> list[str]:
    """Labels that run over several lines on one line, their breaks as Mermaid writes them."""
    lines = _continued(lines)
    whole: list[str] = []
    at = 0
    while at < len(lines):
        span = next((n for n in range(1, LABEL_LINES) if _closed(lines[at : at + n])), 1)
        whole.append("<br/>".join(lines[at : at + span]))
        at += span
    return whole


_LEADING = re.compile(r"[<ox]?(?:--|==|-\.|~~~)|\||&(?!\w)")
_UNENDED = re.compile(r"(?:&|\s(?:---?>?|===?>?|-\.->?))$|(?:^|\s)--\s+[^|>\"]*[^|>\"\s-]$")


def _continued(lines: list[str]) -> list[str]:
    """Lines that begin with a link, and those after an unfinished one, joined with the line before."""
    joined: list[str] = []
    for line in lines:
        if joined and (_LEADING.match(line) or _UNENDED.search(joined[-1])):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return joined


def _closed(lines: list[str]) -> bool:
    text = "\n".join(lines)
    outside = _QUOTED.sub("", text)
    return '"' not in outside and all(outside.count(a) <= outside.count(b) for a, b in ("[]", "()", "{}"))


def _kept(node: Node, groups: dict[str, Group]) -> Node:
    return node if node.group in groups else replace(node, group=None)


def _statement(flow: _Flowchart, line: str) -> None:
    opened = _SUBGRAPH.match(line)
    if opened:
        _open(flow, opened[1])
    elif line == "end":
        if flow.stack:
            flow.stack.pop()
    elif not _IGNORED.match(line) and not re.match(r"^direction\s+\w\w$", line):
        flow.bad += not _chain(flow, line)


def _open(flow: _Flowchart, text: str) -> None:
    held = _HELD.match(text)
    name, title = (held[1], label(held[2])) if held else (text.strip() or "", label(text))
    name = name.strip('"') or f"group{len(flow.groups) + 1}"
    parent = flow.stack[-1] if flow.stack else None
    flow.groups.setdefault(name, Group(name, title, parent if parent != name else None))
    if len(flow.stack) < DEPTH:
        flow.stack.append(name)
    else:
        flow.stack.append(flow.stack[-1])


def _chain(flow: _Flowchart, line: str) -> bool:
    """`A & B -->|x| C --> D`; whether all of it was understood."""
    at, before, link = 0, [], None
    while True:
        here, at = _several(flow, line, at)
        if not here:
            return False
        if link is not None:
            flow.edges += [replace(link, source=a, target=b) for a in before for b in here if link.style]
        before = here
        at = _skip(line, at)
        if at >= len(line):
            return True
        link, at = _link(line, at)
        if link is None:
            return False


def _several(flow: _Flowchart, line: str, at: int) -> tuple[list[str], int]:
    names = []
    while True:
        name, at = _node(flow, line, _skip(line, at))
        if not name:
            return [], at
        names.append(name)
        ahead = _skip(line, at)
        if line[ahead : ahead + 1] != "&":
            return names, at
        at = ahead + 1


def _node(flow: _Flowchart, line: str, at: int) -> tuple[str, int]:
    found = _ID.match(line, at)
    if not found:
        return "", at
    name, at = found[0], found.end()
    attributes = _ATTRIBUTES.match(line, at)
    if attributes:
        values = {k: v.strip() for k, v in _VALUE.findall(attributes[1])}
        shape = _SHAPE_NAMES.get(values.get("shape", "").strip('"'), "rect")
        flow.node(name, label(values["label"]) if "label" in values else name, shape)
        at = attributes.end()
    else:
        text, shape, at = _shape(line, at)
        flow.node(name, text, shape)
    css = _CLASS.match(line, at)
    return name, css.end() if css else at


def _shape(line: str, at: int) -> tuple[str | None, str, int]:
    start = at if line[at : at + 1] in "[({>" else _skip(line, at) if line[at : at + 2] == " [" else at
    for left, rights, shape in _SHAPES:
        if not line.startswith(left, start):
            continue
        body = start + len(left)
        if line[_skip(line, body) : _skip(line, body) + 1] == '"':
            quote = _skip(line, body)
            close = line.find('"', quote + 1)
            for right in rights:
                if close > 0 and line.startswith(right, _skip(line, close + 1)):
                    text = label(line[quote : close + 1])
                    return text, shape, _skip(line, close + 1) + len(right)
        ends = [(line.find(right, body), right) for right in rights]
        found = min(((e, r) for e, r in ends if e >= 0), default=None)
        if found:
            return label(line[body : found[0]]), shape, found[0] + len(found[1])
    return None, "rect", at


def _link(line: str, at: int) -> tuple[Edge | None, int]:
    named = _EDGE_ID.match(line, at)
    at = named.end() if named else at
    plain = _PLAIN.match(line, at)
    if plain:
        style = {"=": "thick", ".": "dashed", "~": ""}.get(plain[2][1], "solid")
        text, left, right, at = "", plain[1] or "", plain[3] or "", plain.end()
    else:
        spoken = _SPOKEN.match(line, at)
        if not spoken:
            return None, at
        style = "solid" if spoken["a"] else "thick" if spoken["b"] else "dashed"
        text = label(spoken["a"] or spoken["b"] or spoken["c"] or "")
        left, right = spoken[1] or "", (spoken["x"] or spoken["y"] or spoken["z"] or "").strip("-=")
        at = spoken.end()
    bars = _BARS.match(line, at)
    if bars:
        text, at = label(bars[1]), bars.end()
    ends = _HEADS.get(left, End.NONE), _HEADS.get(right, End.NONE)
    edge = Edge("", "", text, bool(left or right), style, *ends)
    return edge, at


def _skip(line: str, at: int) -> int:
    while at < len(line) and line[at] in " \t":
        at += 1
    return at
