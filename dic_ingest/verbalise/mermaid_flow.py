"""Flowcharts, block and topology diagrams as Mermaid `flowchart` source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dic_ingest.verbalise.mermaid_text import comments, numbered, quoted
from dic_ingest.verbalise.tree import Tree

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge, Node

_SHAPES = {
    "rounded": ("(", ")"),
    "stadium": ("([", "])"),
    "diamond": ("{", "}"),
    "circle": ("((", "))"),
    "ellipse": ("((", "))"),
    "start": ("((", "))"),
    "end": ("(((", ")))"),
    "cylinder": ("[(", ")]"),
    "hexagon": ("{{", "}}"),
    "parallelogram": ("[/", "/]"),
    "subroutine": ("[[", "]]"),
}
_HEADS = {"circle": "o", "cross": "x", "none": ""}
_STROKES = {"dashed": ("-.-", "-.-"), "thick": ("===", "=="), "solid": ("---", "--")}  # alone, beside a head


def flowchart(diagram: Diagram) -> str:
    """Nodes inside their groups first, then the edges in their order."""
    ids = numbered("n", (n.id for n in diagram.nodes)) | numbered("g", (g.id for g in diagram.groups))
    direction = diagram.direction if diagram.direction in ("TD", "TB", "LR", "BT", "RL") else "TD"
    lines = [f"flowchart {direction}"]
    tree = Tree(diagram)
    for own, entering, depth in tree.walk():
        pad = "    " * max(depth, 1)
        if own is not None and not entering:
            lines.append(f"{pad}end")
        elif entering:
            if own is not None:
                lines.append(f"{pad}subgraph {ids[own]}[{quoted(tree.groups[own].label)}]")
            inner = "    " * (depth + 1)
            lines += [f"{inner}{_node(n, ids[n.id])}" for n in tree.nodes[own]]
    for e in diagram.edges:
        if e.source in ids and e.target in ids:
            lines.append(f"    {ids[e.source]} {_link(e)} {ids[e.target]}")
    return "\n".join([*lines, *comments(diagram.notes, "note")]) + "\n"


def _node(node: Node, name: str) -> str:
    left, right = _SHAPES.get(node.shape, ("[", "]"))
    label = "\n".join((node.label, *node.members))
    return f"{name}{left}{quoted(label)}{right}"


def _link(edge: Edge) -> str:
    """Stroke, a head at each end, the label between bars. Mermaid pairs only equal heads: o--o, <-->."""
    alone, beside = _STROKES.get(edge.style, _STROKES["solid"])
    link = alone
    if edge.directed:
        last = _HEADS.get(str(edge.target_end), ">") or ">"
        first = _HEADS.get(str(edge.source_end), "<")
        link = f"{first if first.replace('<', '>') == last else ''}{beside}{last}"
    label = " / ".join(t for t in (edge.source_label, edge.label, edge.target_label) if t.strip())
    return f"{link}|{quoted(label)}|" if label else link
