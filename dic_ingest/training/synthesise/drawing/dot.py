"""A diagram as Graphviz source: records are tables, frames clusters; crow's feet and diamonds at line ends.

In: a Diagram of any kind but sequences, and a look. Out: one source text whose labels stand verbatim.
"""

from __future__ import annotations

import html
import textwrap

from dic_ingest.model.diagram import Diagram, Edge, End, Node
from dic_ingest.render.nesting import Tree
from dic_ingest.training.synthesise.drawing.render_style import Look

_SHAPES = {
    "diamond": "diamond", "circle": "ellipse", "cylinder": "cylinder", "hexagon": "hexagon",
    "subroutine": "box", "parallelogram": "parallelogram", "stadium": "box", "rounded": "box",
}  # fmt: skip
_ENDS = {
    End.NONE: "none", End.ARROW: "normal", End.TRIANGLE: "empty", End.DIAMOND: "odiamond",
    End.FILLED_DIAMOND: "diamond", End.CIRCLE: "odot", End.CROSS: "tee", End.ONE: "teetee",
    End.ZERO_OR_ONE: "teeodot", End.MANY: "crowtee", End.ZERO_OR_MANY: "crowodot",
}  # fmt: skip
_STYLES = {"dashed": "dashed", "thick": "bold"}
WRAP = 16  # characters of a line in a box, where the look wraps


def to_dot(diagram: Diagram, look: Look) -> str:
    """Graphviz source of a diagram."""
    ids = {n.id: f"n{i}" for i, n in enumerate(diagram.nodes)}
    told = any(e.label or e.source_label for e in diagram.edges)  # orthogonal lines leave their labels behind
    splines = "true" if told and look.splines == "ortho" else look.splines
    tall = 0.9 if any(e.source_label for e in diagram.edges) else look.gap + 0.15
    way = {"LR": "LR", "RL": "RL", "BT": "BT"}.get(diagram.direction, "TB")
    lines = [
        f'digraph g {{ rankdir={way}; bgcolor="{look.paper}"; splines={splines};',
        f'nodesep={look.gap:.2f}; ranksep={tall:.2f}; fontname="{look.font}"; fontcolor="{look.ink}";',
        f'node [fontname="{look.font}", fontsize={look.size}, color="{look.ink}", fontcolor="{look.ink}", '
        f"penwidth={look.pen}];",
        f'edge [fontname="{look.font}", fontsize={look.size - 2}, color="{look.ink}", '
        f'fontcolor="{look.ink}", penwidth={look.pen}];',
    ]
    if diagram.title:
        lines.append(f"label={quoted(diagram.title)}; labelloc={look.title_at}; fontsize={look.size + 3};")
    lines += _boxes(diagram, look, ids)
    lines += [_edge(e, ids) for e in diagram.edges if e.source in ids and e.target in ids]
    return "\n".join([*lines, "}"]) + "\n"


def _boxes(diagram: Diagram, look: Look, ids: dict[str, str]) -> list[str]:
    lines = []
    tree = Tree(diagram)
    for at, (own, entering, _) in enumerate(tree.walk()):
        if own is not None and not entering:
            lines.append("}")
        elif entering:
            if own is not None:
                lines.append(f"subgraph cluster_{at} {{ label={quoted(tree.groups[own].label)}; labelloc=t;")
                lines.append(f'fontsize={look.size}; color="{look.ink}";')
                if look.frame:
                    lines.append(f'style="filled,rounded"; fillcolor="{look.frame}";')
            lines += [f"{ids[n.id]} {_box(n, look)};" for n in tree.nodes[own]]
    return lines


def _box(node: Node, look: Look) -> str:
    if node.shape in ("start", "end") and not node.label.strip():
        shape = "circle" if node.shape == "start" else "doublecircle"
        return f'[label="", shape={shape}, style=filled, fillcolor="{look.ink}", width=0.2, fixedsize=true]'
    if node.members:
        return f"[label=<{_table(node, look)}>, shape=plain]"
    styles = ["rounded"] if node.shape in ("rounded", "stadium") else []
    fill = look.fill_of(node.shape)
    styles += ["filled"] if fill else []
    parts = [f"label={quoted(_wrapped(node.label) if look.wrap else node.label)}"]
    parts.append(f"shape={_SHAPES.get(node.shape, 'box')}")
    parts += [f'style="{",".join(styles)}"'] if styles else []
    parts += [f'fillcolor="{fill}"'] if fill else []
    parts += ["peripheries=2"] if node.shape == "subroutine" else []
    return f"[{', '.join(parts)}]"


def _table(node: Node, look: Look) -> str:
    head = f'<TR><TD BGCOLOR="{look.fill or look.paper}"><B>{html.escape(node.label)}</B></TD></TR>'
    rows = "".join(f'<TR><TD ALIGN="LEFT">{html.escape(m)}</TD></TR>' for m in node.members)
    return f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4">{head}{rows}</TABLE>'


def _edge(edge: Edge, ids: dict[str, str]) -> str:
    parts = [f"dir=both, arrowtail={_ENDS[edge.source_end]}, arrowhead={_ENDS[edge.target_end]}"]
    for key, text in (
        ("label", edge.label),
        ("taillabel", edge.source_label),
        ("headlabel", edge.target_label),
    ):
        if text.strip():
            # blanks keep the text off the line
            parts.append(f"{key}={quoted(f' {text} ' if key == 'label' else text)}")
    if edge.source_label or edge.target_label:
        parts.append("labeldistance=1.9, labelangle=35")
    if edge.style in _STYLES:
        parts.append(f"style={_STYLES[edge.style]}")
    return f"{ids[edge.source]} -> {ids[edge.target]} [{', '.join(parts)}];"


def _wrapped(label: str) -> str:
    return "\n".join(textwrap.wrap(label, WRAP, break_long_words=False, break_on_hyphens=False)) or label


def quoted(label: str) -> str:
    """A string of the dot language; a backslash is no escape there, a line break is."""
    coded = label.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n")
    return f'"{coded}"'
