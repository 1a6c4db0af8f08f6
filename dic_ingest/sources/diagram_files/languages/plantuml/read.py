"""PlantUML source of any of the kinds that have a graph -> diagrams; what is of another kind is left out."""

from __future__ import annotations

import re

from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.sources.diagram_files.languages.plantuml.activity import (
    is_activity,
    read_activity,
    read_arrow_activity,
)
from dic_ingest.sources.diagram_files.languages.plantuml.graph import PLACES, RECORDS, read_graph
from dic_ingest.sources.diagram_files.languages.plantuml.sequence import (
    KEYWORDS,
    is_message,
    read_sequence,
)
from dic_ingest.sources.diagram_files.languages.plantuml.text import PlantUmlText, label, sources

_FRAMES = re.compile(
    r"^(?:loop|alt|opt|par2?|group|activate|deactivate|==|box|ref|return|participant)\b", re.I
)
_HELD = re.compile(rf"^(?:{RECORDS}|{PLACES})\b.*\{{\s*$", re.IGNORECASE)
_SHAPED = re.compile(rf"^(?!(?:{KEYWORDS})\b)(?:{RECORDS}|{PLACES})\s+\S", re.IGNORECASE)
_BRACKETED = re.compile(r"^(?:\[[^\]*]+\]|\([^)]+\)|\(\)|\[\*\])|[-.]>?\s*(?:\[[^\]]+\]|\([^)]+\))\s*(?::|$)")
_CLASSY = re.compile(r"<\|[-.]|[-.]\|>|\*--|o--|--\*|--o\s|\}[o|]--|--[o|]\{")
_TREE = re.compile(r"^([*+-]+)(?:\[#?\w+\])?(_)?(?:\s*:)?\s*(.*?);?$")


def read_plantuml(text: str) -> list[Diagram]:
    """The graphs of a source's diagrams, in order."""
    return [d for s in sources(text) if (d := _diagram(s)) is not None and (d.nodes or d.groups)]


def _diagram(source: PlantUmlText) -> Diagram | None:
    if source.kind in ("mindmap", "wbs"):
        return _tree(source)
    if source.kind != "uml" or not source.lines:
        return None
    if any(line.startswith("(*") for line in source.lines):
        return read_arrow_activity(source)
    if is_activity(source.lines):
        return read_activity(source)
    order = (read_sequence, read_graph) if _is_sequence(source.lines) else (read_graph, read_sequence)
    for read in order:
        found = read(source)
        if found is not None and found.nodes:
            return found
    return None


def _is_sequence(lines: list[str]) -> bool:
    """Frames and activations are those of a sequence; braces, brackets and ends of classes are not."""
    if any(_HELD.match(x) or _SHAPED.match(x) or _BRACKETED.search(x) or _CLASSY.search(x) for x in lines):
        return sum(bool(_FRAMES.match(x)) for x in lines) >= 2 and not any(_HELD.match(x) for x in lines)
    framed = any(_FRAMES.match(x) for x in lines)
    return framed or sum(map(is_message, lines)) >= max(1, len(lines) / 3)


def _tree(source: PlantUmlText) -> Diagram | None:
    """`* root`, `** branch`: a node for each line, joined with the one above it."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    above: dict[int, str] = {}
    for line in source.lines:
        found = _TREE.match(line.strip())
        if not found or not label(found[3]):
            continue
        depth, name = len(found[1]), f"n{len(nodes) + 1}"
        nodes.append(Node(name, label(found[3]), "rounded"))
        above = {d: n for d, n in above.items() if d < depth} | {depth: name}
        parent = max((d for d in above if d < depth), default=0)
        if parent:
            edges.append(Edge(above[parent], name, "", False))
    return Diagram(Kind.BLOCK, tuple(nodes), tuple(edges), direction="LR") if nodes else None
