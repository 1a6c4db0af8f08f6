"""Mermaid source of any kind that is a graph -> a `Diagram`; None for what is none of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.diagram_files.languages.c4 import read_c4
from dic_ingest.sources.diagram_files.languages.mermaid.areas import (
    read_cynefin,
    read_event_model,
    read_packet,
    read_venn,
    read_wardley,
)
from dic_ingest.sources.diagram_files.languages.mermaid.flow import read_flowchart
from dic_ingest.sources.diagram_files.languages.mermaid.links import (
    read_architecture,
    read_blocks,
    read_git,
    read_requirements,
    read_sankey,
    read_zenuml,
)
from dic_ingest.sources.diagram_files.languages.mermaid.records import read_classes, read_entities
from dic_ingest.sources.diagram_files.languages.mermaid.sequence import read_sequence
from dic_ingest.sources.diagram_files.languages.mermaid.state import read_states
from dic_ingest.sources.diagram_files.languages.mermaid.text import (
    MAX_LINES,
    source_lines,
    without_directives,
)
from dic_ingest.sources.diagram_files.languages.mermaid.trees import (
    read_gantt,
    read_journey,
    read_kanban,
    read_timeline,
    read_tree,
)

_HEAD = re.compile(
    r"^(flowchart(?:-elk|-v2)?|graph|swimlane-beta|sequenceDiagram|stateDiagram(?:-v2)?|classDiagram(?:-v2)?|erDiagram)\b\s*(.*)$"
)
_WAY = re.compile(r"\b(TB|TD|LR|BT|RL)\b")


def read_mermaid(source: str, kind: Kind | None = None) -> Diagram | None:
    """The graph that a source describes.

    `kind` overrides a flowchart's own where Mermaid has no word for it (block, topology).
    None for another grammar, an empty graph, or a source of which most lines cannot be read.
    """
    other = _other(source)
    if other is not None:
        return other
    lines, notes = source_lines(source)
    while lines and not _HEAD.match(lines[0]):
        lines.pop(0)
    if not lines:
        return None
    head = _HEAD.match(lines[0])
    assert head is not None
    first = re.sub(rf"^\s*(?:{_WAY.pattern}|[<>v^])", "", head[2]).strip()  # "graph TD A-->B" on one line
    made = _by_kind(head[1], [first, *lines[1:]] if first else lines[1:], _direction(head[2], lines))
    if made is None:
        return None
    made = replace(made, notes=(*made.notes, *notes))
    if kind is not None and kind.is_diagram and made.kind is Kind.FLOWCHART:
        made = replace(made, kind=kind if kind in (Kind.BLOCK, Kind.TOPOLOGY) else made.kind)
    return made


_OTHERS: dict[str, Callable[[list[str]], Diagram | None]] = {
    "mindmap": read_tree,
    "treemap": read_tree,
    "treeView": read_tree,
    "ishikawa": read_tree,
    "packet": read_packet,
    "venn": read_venn,
    "wardley": read_wardley,
    "cynefin": read_cynefin,
    "eventmodeling": read_event_model,
    "kanban": read_kanban,
    "timeline": read_timeline,
    "journey": read_journey,
    "gantt": read_gantt,
    "block": read_blocks,
    "architecture": read_architecture,
    "requirementDiagram": read_requirements,
    "sankey": read_sankey,
    "gitGraph": read_git,
    "zenuml": read_zenuml,
}
_INDENTED = frozenset({"mindmap", "treemap", "treeView", "ishikawa", "kanban"})
_OTHER_HEAD = re.compile(rf"^\s*({'|'.join(_OTHERS)}|C4\w+)(?:-beta)?\b:?", re.MULTILINE)


def _other(source: str) -> Diagram | None:
    """The graph of a source of one of the other kinds; None where its first statement is of none."""
    text = without_directives(source)
    found = _OTHER_HEAD.match(text)
    if found is None:
        return None
    raw = text[found.end() :].split("\n")[:MAX_LINES]
    if found[1].startswith("C4"):
        return read_c4(raw)
    plain = [line for line in (x.strip() for x in raw) if line and not line.startswith(("%%", "//"))]
    return _OTHERS[found[1]](raw if found[1] in _INDENTED else plain)


def _direction(rest: str, lines: list[str]) -> str:
    own = _WAY.search(rest) if not rest.strip() or _WAY.match(rest.strip()) else None
    inner = next((m for line in lines[1:4] if (m := re.match(r"^direction\s+(\w\w)$", line))), None)
    found = own[1] if own else inner[1] if inner else "TD"
    return "TD" if found not in ("LR", "BT", "RL") else found


def _by_kind(word: str, lines: list[str], direction: str) -> Diagram | None:
    if word.startswith(("flowchart", "graph", "swimlane")):
        return read_flowchart(lines, direction)
    if word == "sequenceDiagram":
        return read_sequence(lines)
    if word.startswith("state"):
        return read_states(lines, direction)
    return read_classes(lines, direction) if word.startswith("class") else read_entities(lines, direction)
