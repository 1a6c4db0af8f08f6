"""State machines as Mermaid `stateDiagram-v2` source: composite states, start and end dots, forks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dic_ingest.verbalise.mermaid_text import bare, comments, numbered, quoted
from dic_ingest.verbalise.tree import Tree

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge, Node

_STEREOTYPES = {"diamond": "choice", "choice": "choice", "fork": "fork", "join": "join"}


def state(diagram: Diagram) -> str:
    """States and transitions, each transition in the innermost composite state that holds both its ends."""
    ids = numbered("s", (n.id for n in diagram.nodes)) | numbered("g", (g.id for g in diagram.groups))
    tree = Tree(diagram)
    dots = _dots(diagram)
    scoped = _by_scope(diagram, tree, dots, ids)
    lines = ["stateDiagram-v2"]
    if diagram.direction in ("LR", "RL", "BT"):
        lines.append(f"    direction {diagram.direction}")
    for own, entering, depth in tree.walk():
        pad = "    " * max(depth, 1)
        if own is not None and not entering:
            lines += [f"{pad}    {line}" for line in scoped[own]] + [f"{pad}}}"]
        elif entering:
            if own is not None:
                lines.append(f"{pad}state {quoted(tree.groups[own].label)} as {ids[own]} {{")
            inner = "    " * (depth + 1)
            lines += [f"{inner}{_state(n, ids[n.id])}" for n in tree.nodes[own] if n.id not in dots]
    lines += [f"    {line}" for line in scoped[None]]
    return "\n".join([*lines, *comments(diagram.notes, "note")]) + "\n"


def _state(node: Node, name: str) -> str:
    word = _STEREOTYPES.get(node.shape)
    if word and not node.label.strip():
        return f"state {name} <<{word}>>"
    return f"state {quoted(chr(10).join((node.label, *node.members)))} as {name}"


def _dots(diagram: Diagram) -> set[str]:
    """Dots that Mermaid can write as `[*]`: only left, or only entered, never joined to another."""
    out: defaultdict[str, int] = defaultdict(int)
    into: defaultdict[str, int] = defaultdict(int)
    for e in diagram.edges:
        out[e.source] += 1
        into[e.target] += 1
    dots = {
        n.id
        for n in diagram.nodes
        if (n.shape == "start" and out[n.id] and not into[n.id])
        or (n.shape == "end" and into[n.id] and not out[n.id])
        if not n.label.strip()
    }
    joined = {i for e in diagram.edges if e.source in dots and e.target in dots for i in (e.source, e.target)}
    return dots - joined


def _by_scope(
    diagram: Diagram, tree: Tree, dots: set[str], ids: dict[str, str]
) -> defaultdict[str | None, list[str]]:
    """Transition lines by the group they are written in."""
    home = {n.id: n.group for n in diagram.nodes} | {g.id: tree.parent[g.id] for g in diagram.groups}
    lines: defaultdict[str | None, list[str]] = defaultdict(list)
    for e in diagram.edges:
        if e.source not in ids or e.target not in ids:
            continue
        around = tree.above(home[e.target])
        scope = next((g for g in tree.above(home[e.source]) if g in around), None)
        if e.source in dots or e.target in dots:
            own = home[e.source] if e.source in dots else home[e.target]
            scope = own if own in tree.groups else None
        lines[scope] += _transition(e, dots, ids)
    return lines


def _transition(edge: Edge, dots: set[str], ids: dict[str, str]) -> list[str]:
    ends = tuple("[*]" if i in dots else ids[i] for i in (edge.source, edge.target))
    label = f" : {bare(edge.label)}" if edge.label.strip() else ""
    lines = [f"{ends[0]} --> {ends[1]}{label}"]
    if str(edge.source_end) == "arrow" and "[*]" not in ends and ends[0] != ends[1]:
        lines.append(f"{ends[1]} --> {ends[0]}{label}")
    return lines
