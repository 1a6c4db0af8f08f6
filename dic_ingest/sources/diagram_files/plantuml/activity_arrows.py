"""PlantUML's first activity syntax (`(*) --> "step"`) -> a flowchart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.sources.diagram_files.plantuml.text import Source, label

_END = r'\(\*(?:top)?\)|"[^"]*"|===[^=]+===|[\w.]+'
_LINK = re.compile(
    rf"^({_END})?\s*(?:as\s+\w+\s*)?(?:-+(?:(?:left|right|up|down)-+)?>)\s*(?:\[([^\]]*)\])?\s*"
    rf"(?:({_END})(?:\s+as\s+(\w+))?|(if\b.*))?\s*$"
)
_IF = re.compile(r'^if\s+(?:"([^"]*)"|(\S+))\s*(?:then)?\s*$', re.IGNORECASE)


@dataclass
class _Steps:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    last: str = ""
    branches: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    def node(self, operand: str, leaving: bool) -> str:
        """The step that an operand names; `(*)` is the start or the end."""
        if operand.startswith("(*"):
            name = "*start" if leaving else "*end"
            self.nodes.setdefault(name, Node(name, "", "start" if leaving else "end"))
            return name
        if operand.startswith("==="):
            return self.nodes.setdefault(operand, Node(operand, "", "bar")).id
        text = label(operand)
        name = self.aliases.get(text, text)
        return self.nodes.setdefault(name, Node(name, text, "rounded")).id


def read_arrow_activity(source: Source) -> Diagram | None:
    """The diagram; None where no arrow was found."""
    made = _Steps()
    for line in source.lines:
        lower = line.lower().rstrip(";")
        found, asked = _LINK.match(line), _IF.match(line)
        if asked:
            _branch(made, asked[1] or asked[2])
        elif lower == "else":
            made.last = made.branches[-1] if made.branches else made.last
        elif lower in ("endif", "end if"):
            del made.branches[-1:]
        elif found:
            _step(made, found)
    if not made.edges:
        return None
    nodes, edges = tuple(made.nodes.values()), tuple(made.edges)
    return Diagram(Kind.FLOWCHART, nodes, edges, (), source.title, tuple(source.notes))


def _branch(made: _Steps, text: str, said: str = "") -> None:
    name = f"if{len(made.nodes)}"
    made.nodes[name] = Node(name, label(text), "diamond")
    if made.last:
        made.edges.append(Edge(made.last, name, said))
    made.branches.append(name)
    made.last = name


def _step(made: _Steps, found: re.Match[str]) -> None:
    first, said, target, alias, condition = found.groups()
    source = made.node(first, True) if first else made.last
    if not source:
        return
    if condition:
        asked = _IF.match(condition)
        made.last = source
        if asked:
            _branch(made, asked[1] or asked[2], label(said or ""))
        return
    if target:
        if alias:
            made.aliases[alias] = label(target)
        name = made.node(target, False)
        made.edges.append(Edge(source, name, label(said or "")))
        made.last = name
