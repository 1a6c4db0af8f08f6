"""Mermaid `sequenceDiagram` statements into participants, messages in order and frames."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.mermaid.text import DEPTH, label

_DECLARED = re.compile(r"^(?:create\s+)?(participant|actor)\s+(.+?)(?:\s*@\{.*\})?(?:\s+as\s+(.+))?$")
_HEADED = r"<<-->>|<<->>|-->>|->>|-->|->"
_MESSAGE = re.compile(rf"^(.+?)\s*({_HEADED})\s*([+-]?)\s*(.+?)\s*(?::\s*(.*))?$")
_OTHER = re.compile(r"^(.+?)\s*(--x|-x|--\)|-\))\s*([+-]?)\s*(.+?)\s*(?::\s*(.*))?$")
_FRAME = re.compile(r"^(loop|alt|opt|par|par_over|critical|break|rect|box)\b\s*(.*)$")
_SECTION = re.compile(r"^(else|and|option)\b\s*(.*)$")
_NOTE = re.compile(r"^[Nn]ote\s+(?:over|left of|right of)\s+([^:]+):\s*(.*)$")
_COLOUR = re.compile(r"^(?:transparent|rgba?\([^)]*\)|#[0-9a-fA-F]{3,8}|[a-z]+)(?=\s|$)\s*")
_IGNORED = re.compile(
    r"^(?:autonumber|activate|deactivate|destroy|link|links|properties|details|accTitle|accDescr)\b"
)


@dataclass
class _Open:
    kind: str
    text: str
    first: int
    at: int  # position among the groups, so that outer frames stand first
    name: str = ""
    sections: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class _Sequence:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: list[tuple[int, Group]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    count: int = 0
    bad: int = 0

    def participant(self, name: str, text: str = "", shape: str = "rect") -> str:
        """The participant called `name`, made where it is new."""
        name = name.strip().strip('"').removeprefix("()").removesuffix("()").strip()
        if name not in self.nodes:
            box = next((f.name for f in reversed(self.stack) if f.kind == "box"), None)
            self.nodes[name] = Node(name, text or label(name), shape, group=box)
        elif text:  # declared again: the last name is the one that is drawn
            self.nodes[name] = replace(self.nodes[name], label=text)
        return name


def read_sequence(lines: list[str]) -> Diagram | None:
    """Statements after the header; None where most of them are not this grammar."""
    made = _Sequence()
    for line in lines:
        _statement(made, line)
    while made.stack:
        _close(made)
    if not made.nodes or made.bad > len(lines) / 2:
        return None
    groups = tuple(g for _, g in sorted(made.groups, key=lambda pair: pair[0]))
    return Diagram(
        Kind.SEQUENCE,
        tuple(made.nodes.values()),
        tuple(made.edges),
        groups,
        made.title,
        tuple(made.notes),
        "LR",
    )


def _statement(made: _Sequence, line: str) -> None:
    declared, frame, section = _DECLARED.match(line), _FRAME.match(line), _SECTION.match(line)
    note = _NOTE.match(line)
    if declared:
        shape = "actor" if declared[1] == "actor" else "rect"
        made.participant(declared[2], label(declared[3] or ""), shape)
    elif note:
        made.notes.append(label(note[2]))
        for name in note[1].split(","):
            made.participant(name)
    elif frame:
        _open(made, frame[1], frame[2])
    elif section and made.stack:
        made.stack[-1].sections.append((len(made.edges), label(section[2])))
    elif line == "end":
        if made.stack:
            _close(made)
    elif line.startswith("title"):
        made.title = label(line[5:].lstrip(" :"))
    elif not _IGNORED.match(line):
        made.bad += not _message(made, line)


def _open(made: _Sequence, kind: str, text: str) -> None:
    made.count += 1
    if kind == "box":
        text = _COLOUR.sub("", text) if " " in text.strip() or text.strip() == "transparent" else text
    if len(made.stack) < DEPTH:
        kind = "par" if kind == "par_over" else kind
        made.stack.append(_Open(kind, label(text), len(made.edges), made.count, f"f{made.count}"))


def _close(made: _Sequence) -> None:
    frame = made.stack.pop()
    end = len(made.edges)
    parent = next((f.name for f in reversed(made.stack) if f.kind not in ("rect", "box")), None)
    if frame.kind == "rect" or (frame.kind != "box" and end == frame.first):
        return
    inside = () if frame.kind == "box" else tuple(range(frame.first, end))
    made.groups.append((frame.at, Group(frame.name, frame.text, parent, None, frame.kind, inside)))
    ends = [*(at for at, _ in frame.sections[1:]), end]
    for number, ((first, text), last) in enumerate(zip(frame.sections, ends, strict=False), 1):
        section = Group(f"{frame.name}.{number}", text, frame.name, None, "else", tuple(range(first, last)))
        made.groups.append((frame.at, section))


def _message(made: _Sequence, line: str) -> bool:
    found = _MESSAGE.match(line) or _OTHER.match(line)
    if not found:
        return False
    source, arrow, _, target, text = found.groups()
    both = arrow.startswith("<<")
    end = End.CROSS if arrow.endswith("x") else End.ARROW
    if arrow in ("->", "-->"):
        end = End.NONE
    made.edges.append(
        Edge(
            made.participant(source),
            made.participant(target.lstrip("+-")),
            label(text or ""),
            end is not End.NONE,
            "dashed" if "--" in arrow else "solid",
            End.ARROW if both else End.NONE,
            end,
        )
    )
    return True
