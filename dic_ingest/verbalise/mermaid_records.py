"""Class and entity-relationship diagrams as Mermaid source, members and cardinalities kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dic_ingest.verbalise.mermaid_text import bare, comments, numbered, quoted
from dic_ingest.verbalise.tree import Tree

if TYPE_CHECKING:
    from dic_ingest.diagram import Diagram, Edge

_LEFT = {"arrow": "<", "triangle": "<|", "diamond": "o", "filled-diamond": "*"}
_RIGHT = {"arrow": ">", "triangle": "|>", "diamond": "o", "filled-diamond": "*"}
_FEET = {"one": ("||", "||"), "zero-or-one": ("|o", "o|"), "many": ("}|", "|{"), "zero-or-many": ("}o", "o{")}
_COUNTS = {"1": "one", "1..1": "one", "0..1": "zero-or-one", "1..*": "many", "1..n": "many"}
_WORD = re.compile(r"^[A-Za-z_\u00C0-\uD7FF][\w\-\[\]()]*$")
_METHOD = re.compile(r"[^()\s][^()]*\(.*\)")
_KEY = re.compile(r"^(?:PK|FK|UK)$")


def class_diagram(diagram: Diagram) -> str:
    """Classes with their members, packages as namespaces, relations with ends, cardinalities, labels."""
    ids = numbered("c", (n.id for n in diagram.nodes)) | _ends_on_groups(diagram)
    lines = ["classDiagram"]
    if diagram.direction in ("LR", "RL", "BT"):
        lines.append(f"    direction {diagram.direction}")
    tree = Tree(diagram)
    spaces = numbered("g", (g.id for g in diagram.groups))
    for own in (None, *tree.groups):
        if own is not None and tree.nodes[own]:
            lines.append(f"    namespace {spaces[own]}[{quoted(tree.groups[own].label)}] {{")
        for n in tree.nodes[own]:
            lines.append(f"    class {ids[n.id]}[{quoted(n.label)}] {{")
            lines += [f"        {_member(m)}" for m in n.members if m.strip()]
            lines.append("    }")
        if own is not None and tree.nodes[own]:
            lines.append("    }")
    lines += _group_boxes(diagram, ids, "class ")
    lines += [f"    {_relation(e, ids)}" for e in diagram.edges if e.source in ids and e.target in ids]
    return "\n".join([*lines, *comments(diagram.notes, "note")]) + "\n"


def _member(text: str) -> str:
    if ")" in text and not _METHOD.match(text):
        return bare(text)  # a parenthesis makes Mermaid look for a method's name
    return bare(text).replace("#40;", "(").replace("#41;", ")").replace("#58;", ":").replace("#44;", ",")


def _relation(edge: Edge, ids: dict[str, str]) -> str:
    left, right = _LEFT.get(str(edge.source_end), ""), _RIGHT.get(str(edge.target_end), "")
    if not edge.directed:
        left, right = left if left != "<" else "", right if right != ">" else ""
    middle = ".." if edge.style == "dashed" else "--"
    ends = [quoted(t) + " " if t.strip() else "" for t in (edge.source_label, edge.target_label)]
    label = f" : {bare(edge.label)}" if edge.label.strip() else ""
    return f"{ids[edge.source]} {ends[0]}{left}{middle}{right} {ends[1]}{ids[edge.target]}{label}"


def er_diagram(diagram: Diagram) -> str:
    """Entities with their attributes, relations with crow's feet."""
    ids = numbered("e", (n.id for n in diagram.nodes)) | _ends_on_groups(diagram)
    lines = ["erDiagram"]
    for n in diagram.nodes:
        lines.append(f"    {ids[n.id]}[{_er_quoted(n.label)}] {{")
        lines += [f"        {_attribute(m)}" for m in n.members if m.strip()]
        lines.append("    }")
    lines += _group_boxes(diagram, ids, "")
    for e in diagram.edges:
        if e.source in ids and e.target in ids:
            left, right = _foot(e, True), _foot(e, False)
            middle = ".." if e.style == "dashed" else "--"
            lines.append(f"    {ids[e.source]} {left}{middle}{right} {ids[e.target]} : {_er_quoted(e.label)}")
    return "\n".join([*lines, *comments(diagram.notes, "note")]) + "\n"


def _attribute(member: str) -> str:
    """`type name keys "comment"`; what does not fit that goes, verbatim, into the comment."""
    tokens = member.split()
    keys = [t.strip(",") for t in tokens[2:]]
    if len(tokens) >= 2 and all(_WORD.match(t) for t in tokens[:2]):
        if all(_KEY.match(k) for k in keys):
            return " ".join(filter(None, (tokens[0], tokens[1], ", ".join(keys))))
        return f"{tokens[0]} {tokens[1]} {_er_quoted(' '.join(tokens[2:]).strip(chr(34)))}"
    if len(tokens) == 1 and _WORD.match(tokens[0]):
        return f"_ {tokens[0]}"
    return f"_ attribute {_er_quoted(member)}"


def _foot(edge: Edge, left: bool) -> str:
    end = str(edge.source_end if left else edge.target_end)
    printed = edge.source_label if left else edge.target_label
    if end not in _FEET:
        end = _COUNTS.get(printed.strip().lower(), "one" if end == "none" and not printed else "zero-or-many")
    return _FEET[end][0 if left else 1]


def _er_quoted(label: str) -> str:
    """Quoted for the ER grammar, whose strings also break at percent signs and tildes."""
    return quoted(label).replace("%", "#37;").replace("~", "#126;")


def _ends_on_groups(diagram: Diagram) -> dict[str, str]:
    """Ids for groups that an edge ends on; these grammars have no edges to frames, so they become boxes."""
    named = {i for e in diagram.edges for i in (e.source, e.target)}
    known = {n.id for n in diagram.nodes}
    return numbered("b", (g.id for g in diagram.groups if g.id in named and g.id not in known))


def _group_boxes(diagram: Diagram, ids: dict[str, str], word: str) -> Iterable[str]:
    known = {n.id for n in diagram.nodes}
    for g in diagram.groups:
        if g.id in ids and g.id not in known:
            yield f"    {word}{ids[g.id]}[{_er_quoted(g.label)}]"
