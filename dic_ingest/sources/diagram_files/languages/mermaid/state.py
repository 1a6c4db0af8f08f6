"""Mermaid `stateDiagram` statements into states, transitions and composite states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.text import DEPTH, label

_TRANSITION = re.compile(
    r"^(\[\*\]|[\w.\-]+?(?:\([^)]*\))?)(?::::\w+)?\s*-->\s*(\[\*\]|[\w.\-]+(?:\([^)]*\))?)(?::::\w+)?\s*(?::\s*(.*))?$"
)
_STATE = re.compile(
    r"^state\s+(?:\"([^\"]*)\"\s+as\s+([\w.\-]+)|([\w.\-]+))\s*(<<\w+>>|\[\[\w+\]\])?\s*(\{)?\s*$"
)
_TOLD = re.compile(r"^([\w.\-]+)\s*:\s*(.+)$")
_NOTE = re.compile(r"^note\s+(?:left|right)\s+of\s+[\w.\-]+\s*(?::\s*(.*))?$", re.IGNORECASE)
_ALONE = re.compile(r"[\w.\-]+(?::::\w+)?")
_IGNORED = re.compile(r"^(?:direction\s+\w\w|classDef\b.*|class\b.*|style\b.*|--|hide\b.*|scale\b.*)$")


@dataclass
class _States:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    note_open: bool = False
    bad: int = 0

    def state(self, name: str, text: str | None = None, shape: str = "rounded") -> str:
        """The state called `name`, made or completed."""
        if name not in self.nodes:
            self.nodes[name] = Node(name, name, shape, group=self.stack[-1] if self.stack else None)
        if text is not None:
            self.nodes[name] = replace(self.nodes[name], label=text, shape=shape)
        return name

    def end(self, name: str, leaving: bool) -> str:
        """A transition's end; `[*]` is the start or end dot of the state it stands in."""
        if name != "[*]":
            return self.state(name)
        dot = f"{self.stack[-1] if self.stack else ''}*{'start' if leaving else 'end'}"
        return self.state(dot, "", "start" if leaving else "end")


def read_states(lines: list[str], direction: str) -> Diagram | None:
    """Statements after the header; None where most of them are not this grammar."""
    made = _States()
    for line in lines:
        _statement(made, line)
    nodes = tuple(n for n in made.nodes.values() if n.id not in made.groups)
    if not nodes or made.bad > len(lines) / 2:
        return None
    groups = tuple(made.groups.values())
    return Diagram(Kind.STATE, nodes, tuple(made.edges), groups, notes=tuple(made.notes), direction=direction)


def _statement(made: _States, line: str) -> None:
    note = _NOTE.match(line)
    if made.note_open:
        made.note_open = line.lower() != "end note"
        made.notes += [label(line)] if made.note_open else []
    elif note:
        made.note_open = note[1] is None
        made.notes += [label(note[1])] if note[1] else []
    elif line == "}":
        del made.stack[-1:]
    else:
        made.bad += not _said(made, line)


def _said(made: _States, line: str) -> bool:
    """A transition, a state or what is told of one; whether the line was one of them."""
    transition, state, told = _TRANSITION.match(line), _STATE.match(line), _TOLD.match(line)
    if transition:
        source, target = made.end(transition[1], True), made.end(transition[2], False)
        made.edges.append(Edge(source, target, label(transition[3] or "")))
    elif state:
        _declare(made, state)
    elif told:
        made.state(told[1], label(told[2]))
    elif _ALONE.fullmatch(line) and line != "--":
        made.state(line.split(":::")[0])
    else:
        return bool(_IGNORED.match(line))
    return True


def _declare(made: _States, found: re.Match[str]) -> None:
    name = found[2] or found[3]
    text = label(found[1]) if found[1] is not None else None
    if found[5]:
        parent = made.stack[-1] if made.stack else None
        known = made.nodes.get(name)
        title = text if text is not None else known.label if known else name
        made.groups.setdefault(name, Group(name, title, parent))
        made.stack.append(name if len(made.stack) < DEPTH else made.stack[-1])
    elif found[4]:
        made.state(name, "" if text is None else text, found[4].strip("<>[]"))
    else:
        made.state(name, text)
