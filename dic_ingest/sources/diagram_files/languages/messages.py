"""A sequence diagram as it is told line by line: participants, messages in order, frames around messages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node

DEPTH = 40  # frames nested deeper are read as lying at this depth
_UNDRAWN = frozenset({"rect"})  # colours the ground and says nothing


@dataclass
class _Open:
    kind: str
    text: str
    first: int
    at: int  # position among the groups, so that outer frames stand first
    name: str = ""
    sections: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Messages:
    """A sequence diagram on its way; `bad` counts the lines that were not understood."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: list[tuple[int, Group]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    count: int = 0
    bad: int = 0

    def participant(self, name: str, text: str = "", shape: str = "rect", default: str = "") -> str:
        """The participant called `name`, made where it is new; `text` is its label, told again the last
        one."""
        if name not in self.nodes:
            box = next((f.name for f in reversed(self.stack) if f.kind == "box"), None)
            self.nodes[name] = Node(name, text or default or name, shape, group=box)
        elif text:
            self.nodes[name] = replace(self.nodes[name], label=text)
        return name

    def open(self, kind: str, text: str) -> None:
        """A frame that begins here."""
        self.count += 1
        if len(self.stack) < DEPTH:
            self.stack.append(_Open(kind, text, len(self.edges), self.count, f"f{self.count}"))

    def section(self, text: str) -> None:
        """The next part of the innermost frame."""
        if self.stack:
            self.stack[-1].sections.append((len(self.edges), text))

    def close(self) -> None:
        """The end of the innermost frame; one without messages is left out."""
        if not self.stack:
            return
        frame = self.stack.pop()
        end = len(self.edges)
        parent = next((f.name for f in reversed(self.stack) if f.kind not in (*_UNDRAWN, "box")), None)
        if frame.kind in _UNDRAWN or (frame.kind != "box" and end == frame.first):
            return
        inside = () if frame.kind == "box" else tuple(range(frame.first, end))
        self.groups.append((frame.at, Group(frame.name, frame.text, parent, None, frame.kind, inside)))
        ends = [*(at for at, _ in frame.sections[1:]), end]
        for number, ((first, text), last) in enumerate(zip(frame.sections, ends, strict=False), 1):
            part = Group(f"{frame.name}.{number}", text, frame.name, None, "else", tuple(range(first, last)))
            self.groups.append((frame.at, part))

    def diagram(self) -> Diagram | None:
        """The diagram, open frames closed; None without participants."""
        while self.stack:
            self.close()
        if not self.nodes:
            return None
        groups = tuple(g for _, g in sorted(self.groups, key=lambda pair: pair[0]))
        nodes, edges = tuple(self.nodes.values()), tuple(self.edges)
        return Diagram(Kind.SEQUENCE, nodes, edges, groups, self.title, tuple(self.notes), "LR")
