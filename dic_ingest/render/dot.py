"""A `Diagram` as Graphviz DOT: clusters for groups, records for nodes with members."""

from __future__ import annotations

from collections import defaultdict

from dic_ingest.model.diagram import Diagram, Edge, End, Node

_SHAPES = {
    "rect": "box", "rounded": "box", "stadium": "box", "circle": "ellipse", "diamond": "diamond",
    "choice": "diamond", "cylinder": "cylinder", "hexagon": "hexagon", "parallelogram": "parallelogram",
    "note": "note", "folder": "folder", "component": "component", "cube": "box3d", "start": "point",
    "end": "doublecircle", "bar": "box",
}  # fmt: skip
_HEADS = {
    End.NONE: "none", End.ARROW: "normal", End.TRIANGLE: "empty", End.DIAMOND: "odiamond",
    End.FILLED_DIAMOND: "diamond", End.CIRCLE: "odot", End.CROSS: "tee", End.ONE: "tee", End.ZERO_OR_ONE:
    "teeodot", End.MANY: "crow", End.ZERO_OR_MANY: "crowodot",
}  # fmt: skip
_DIRECTIONS = {"TD": "TB", "LR": "LR", "BT": "BT", "RL": "RL"}


def to_dot(diagram: Diagram) -> str:
    """DOT source that Graphviz accepts; every label verbatim."""
    lines = ["digraph {", f"  rankdir={_DIRECTIONS.get(diagram.direction, 'TB')};", "  compound=true;"]
    if diagram.title:
        lines.append(f"  label={_quoted(diagram.title)}; labelloc=t;")
    inside: dict[str | None, list[Node]] = defaultdict(list)
    names = {g.id for g in diagram.groups}
    for n in diagram.nodes:
        inside[n.group if n.group in names else None].append(n)
    lines += _level(diagram, inside, None, 1, set())
    anchors = _anchors(diagram)
    for e in diagram.edges:
        lines.append("  " + _edge(e, anchors, names))
    return "\n".join([*lines, "}"]) + "\n"


def _level(
    diagram: Diagram, inside: dict[str | None, list[Node]], holder: str | None, depth: int, seen: set[str]
) -> list[str]:
    pad = "  " * depth
    lines = [pad + _node(n) for n in inside[holder]]
    names = {g.id for g in diagram.groups}
    for g in diagram.groups:
        if (g.parent if g.parent in names else None) != holder or g.id in seen or depth > 60:
            continue
        seen.add(g.id)
        lines.append(f"{pad}subgraph {_quoted('cluster_' + g.id)} {{")
        lines.append(f"{pad}  label={_quoted(g.label)};")
        inner = _level(diagram, inside, g.id, depth + 1, seen)
        lines += inner or [f'{pad}  {_quoted("anchor_" + g.id)} [shape=point, style=invis, label=""];']
        lines.append(f"{pad}}}")
    return lines


def _anchors(diagram: Diagram) -> dict[str, str]:
    """For each group, a node in it: DOT's edges end on nodes, and `lhead` cuts them at the frame."""
    found = {n.id: n.id for n in diagram.nodes}
    parents = {g.id: g.parent for g in diagram.groups}
    for n in diagram.nodes:
        at, steps = n.group, 0
        while at is not None and steps < 60:
            found.setdefault(at, n.id)
            at, steps = parents.get(at), steps + 1
    for g in diagram.groups:
        found.setdefault(g.id, f"anchor_{g.id}")
    return found


def _node(node: Node) -> str:
    shape = _SHAPES.get(node.shape, "box")
    given = {"shape": shape, "label": _quoted(node.label)}
    if node.members:
        rows = "\\l".join(_field(m) for m in node.members) + "\\l"
        given = {"shape": "record", "label": f'"{{{_field(node.label)}|{rows}}}"'}
    elif node.shape == "start":
        given["label"] = '""'
    style = "rounded" if node.shape in ("rounded", "stadium") else ""
    if style and not node.members:
        given["style"] = style
    return f"{_quoted(node.id)} [{', '.join(f'{k}={v}' for k, v in given.items())}];"


def _edge(edge: Edge, anchors: dict[str, str], groups: set[str]) -> str:
    given = {"label": _quoted(edge.label)} if edge.label else {}
    tail, head = _HEADS[edge.source_end], _HEADS[edge.target_end]
    way = {(False, True): "forward", (True, False): "back", (True, True): "both"}
    given["dir"] = way.get((tail != "none", head != "none"), "none")
    if tail not in ("none", "normal"):
        given["arrowtail"] = tail
    if head not in ("none", "normal"):
        given["arrowhead"] = head
    if edge.style in ("dashed", "thick"):
        given["style"] = "dashed" if edge.style == "dashed" else "bold"
    if edge.source_label:
        given["taillabel"] = _quoted(edge.source_label)
    if edge.target_label:
        given["headlabel"] = _quoted(edge.target_label)
    if edge.source in groups:
        given["ltail"] = _quoted(f"cluster_{edge.source}")
    if edge.target in groups:
        given["lhead"] = _quoted(f"cluster_{edge.target}")
    source, target = anchors.get(edge.source, edge.source), anchors.get(edge.target, edge.target)
    return f"{_quoted(source)} -> {_quoted(target)} [{', '.join(f'{k}={v}' for k, v in given.items())}];"


def _quoted(text: str) -> str:
    plain = _clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\n", "\\n") + '"'


def _field(text: str) -> str:
    """A field of a record: its signs escaped."""
    plain = _clean(text).replace("\\", "\\\\")
    for sign in '{}|<>" ':
        plain = plain.replace(sign, f"\\{sign}") if sign != " " else plain
    return plain.replace("\n", "\\n")


def _clean(text: str) -> str:
    return "".join(c for c in text if c >= " " or c == "\n")
