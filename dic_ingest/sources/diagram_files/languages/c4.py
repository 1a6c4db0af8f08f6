"""C4 macros, as PlantUML and Mermaid both write them -> a `Diagram`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.labels import plain_text

_MACRO = re.compile(r"^(\w+)\s*\((.*?)\)\s*(\{)?\s*(?:'.*)?$")
_ARGUMENT = re.compile(r'\s*(?:\$\w+\s*=\s*)?("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')
_THING = re.compile(
    r"^(Person|System|Container|Component|Node|Deployment_Node|Node_[LR])(?:Db|Queue)?(?:_Ext)?$"
)
_BOUNDARY = re.compile(r"^(?:\w*_?Boundary|Deployment_Node|Node(?:_[LR])?)$")
_REL = re.compile(r"^(Bi)?Rel(?:_\w+|Index)?$")


def read_c4(lines: Iterable[str]) -> Diagram | None:
    """The diagram of C4 macros; None where there are none."""
    nodes: dict[str, Node] = {}
    groups: dict[str, Group] = {}
    edges: list[Edge] = []
    stack: list[str] = []
    title = ""
    for line in lines:
        found = _MACRO.match(line.strip())
        if line.strip().startswith("}"):
            del stack[-1:]
        elif line.startswith("title "):
            title = line[6:].strip()
        elif found:
            _macro(found, nodes, groups, edges, stack)
    known = nodes.keys() | groups.keys()
    edges = [e for e in edges if e.source in known and e.target in known]
    if not nodes or (not edges and len(nodes) < 2):
        return None
    return Diagram(Kind.BLOCK, tuple(nodes.values()), tuple(edges), tuple(groups.values()), title)


def _macro(
    found: re.Match[str],
    nodes: dict[str, Node],
    groups: dict[str, Group],
    edges: list[Edge],
    stack: list[str],
) -> None:
    name, said = found[1], _arguments(found[2])
    parent = stack[-1] if stack else None
    relation = _REL.match(name)
    if relation and len(said) > 1:
        both = End.ARROW if relation[1] else End.NONE
        text = said[2] if len(said) > 2 else ""
        if name == "RelIndex" and len(said) > 3:
            said, text = said[1:], said[3]
        edges.append(Edge(said[0], said[1], text, True, "solid", both))
    elif found[3] and _BOUNDARY.match(name) and said:
        groups.setdefault(said[0], Group(said[0], said[1] if len(said) > 1 else said[0], parent))
        stack.append(said[0])
    elif _THING.match(name) and said:
        text = said[1] if len(said) > 1 else said[0]
        shape = "actor" if name.startswith("Person") else "cylinder" if "Db" in name else "rect"
        described = tuple(s for s in said[2:4] if s)
        nodes.setdefault(said[0], Node(said[0], text, shape, described, parent))


def _arguments(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text) and len(found) < 12:
        match = _ARGUMENT.match(text, at)
        if not match or match.end() == at:
            break
        found.append(plain_text(match[1].strip().strip('"').replace("\\n", "\n")))
        at = match.end()
    return found
