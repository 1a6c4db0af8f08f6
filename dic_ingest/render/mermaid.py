"""A diagram as Mermaid source that Mermaid's own parser accepts: one writer per kind of diagram."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from dic_ingest.model.diagram import Diagram, Edge, End, Node
from dic_ingest.render.nesting import FrameStep, Tree, frames_of

# Labels and ids as Mermaid's lexers take them: quoted, entity-coded, on one line.


# `style`/`classDef` at any place before `:...#...;` make Mermaid drop a semicolon (encodeEntities);
# `direction LR` is lexed even inside quotes; `wrap:` is a message prefix; `%%{` opens a directive
_WORDS = re.compile(
    r"style|classDef|direction(?=\s)|(?<=^)(?:no)?wrap(?=\s*:)|accTitle|accDescr|(?<=^)title", re.IGNORECASE
)
_CODES = {
    "#": "#35;", ";": "#59;", '"': "#quot;", "`": "#96;", "<": "#lt;", ">": "#gt;", "&": "#amp;",
    "\\": "#92;", "{": "#123;", "}": "#125;", "|": "#124;", "\u00b6": "#182;", "\ufb02": "#64258;",
}  # fmt: skip
_BARE = {**_CODES, ":": "#58;", "%": "#37;", "(": "#40;", ")": "#41;", "[": "#91;", "]": "#93;", ",": "#44;"}
_LINES = re.compile(r"\s*[\r\n\u2028\u2029\x0b\x0c\x85]+\s*")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
EMPTY = "#32;"


def quoted(label: str) -> str:
    """The label in double quotes, for every grammar that has quoted strings; a space for an empty one."""
    return f'"{_coded(label, _CODES) or " "}"'


def bare(label: str) -> str:
    """The label for places without quotes: sequence messages, state transitions, class relations."""
    return _coded(label, _BARE) or EMPTY


def words_only(label: str, fallback: str) -> str:
    """A name of letters, digits and underscores, for the places that take nothing else."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", label).strip("_")
    return name if re.match(r"[A-Za-z_]", name) else fallback


def _coded(label: str, codes: dict[str, str]) -> str:
    text = _UNSEEN.sub("", label.strip())
    lines = (_one_line(line, codes) for line in _LINES.split(text) if line.strip())
    return "<br/>".join(lines)


def _one_line(line: str, codes: dict[str, str]) -> str:
    coded = "".join(codes.get(c, c) for c in line.strip()).replace("%%", "%#37;")
    # a first digit and dot or a dash makes Markdown lists of quoted labels ("Unsupported markdown: list")
    coded = re.sub(r"^(\d+)([.)])(?=\s)", lambda m: f"{m[1]}#{ord(m[2])};", coded)
    coded = re.sub(r"^([-*+])(?=\s)", lambda m: f"#{ord(m[1])};", coded)
    return _WORDS.sub(lambda m: f"#{ord(m[0][0])};{m[0][1:]}" if m[0] else "", coded)


def numbered(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """Safe ids `n1`, `n2`, ... by the diagram's own, in order."""
    return {own: f"{prefix}{i}" for i, own in enumerate(dict.fromkeys(ids), 1)}


def comments(texts: Iterable[str], word: str) -> list[str]:
    """Texts that have no place in the grammar, as comment lines."""
    return [f"    %% {word}: {_coded(t, _BARE).replace('<br/>', ' ')}" for t in texts if t.strip()]


# Flowcharts, block and topology diagrams as Mermaid `flowchart` source.


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
        last = _HEADS.get(edge.target_end, ">") or ">"
        first = _HEADS.get(edge.source_end, "<")
        link = f"{first if first.replace('<', '>') == last else ''}{beside}{last}"
    label = " / ".join(t for t in (edge.source_label, edge.label, edge.target_label) if t.strip())
    return f"{link}|{quoted(label)}|" if label else link


# Bit-field layouts as Mermaid `packet` source, where the widths of all fields are known.


_BITS = re.compile(r"^bits? (\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$")


def packet(diagram: Diagram) -> str:
    """Fields from bit 0 on, each as wide as its member "bits a-b" says; "" when one has no such member."""
    lines, at = ["packet"], 0
    for n in diagram.nodes:
        found = next((m for text in n.members if (m := _BITS.match(text))), None)
        if found is None:
            return ""
        first, last = sorted((int(found[1]), int(found[2] or found[1])))
        if first > at and lines[1:]:  # bits that were not read; rows numbered anew each time just go on
            lines.append(_field(at, first - 1, " "))
            at = first
        lines.append(_field(at, at + last - first, n.label))
        at += last - first + 1
    return "\n".join(lines) + "\n"


def _field(first: int, last: int, label: str) -> str:
    return f"    {first}{f'-{last}' if last > first else ''}: {quoted(label)}"


# Class and entity-relationship diagrams as Mermaid source, members and cardinalities kept.


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
    left, right = _LEFT.get(edge.source_end, ""), _RIGHT.get(edge.target_end, "")
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


# Sequence diagrams as Mermaid source: participants, messages in order, frames, activations.


# frames that Mermaid has; any other (ref, group, neg, ...) is written as an opt with its word in the label
_OPENING = {
    "loop": "loop",
    "alt": "alt",
    "opt": "opt",
    "par": "par",
    "critical": "critical",
    "break": "break",
}
_MORE = {"alt": "else", "par": "and", "critical": "option"}


def sequence(diagram: Diagram) -> str:
    """Source in the order of the messages; a message whose ends are unknown is left out."""
    ids = numbered("p", (n.id for n in diagram.nodes))
    lines = ["sequenceDiagram", *_participants(diagram, ids)]
    depth = 1
    for item in frames_of(diagram):
        if isinstance(item, int):
            lines += _notes_at(diagram, item, ids, "    " * depth)
            edge = diagram.edges[item]
            if edge.source in ids and edge.target in ids:
                pad = "    " * depth
                lines.append(f"{pad}{ids[edge.source]}{_arrow(edge)}{ids[edge.target]}: {bare(edge.label)}")
        else:
            depth += -1 if item.act in ("else", "end") else 0
            lines.append("    " * depth + _frame(item))
            depth += 1 if item.act != "end" else 0
    lines += _notes_at(diagram, len(diagram.edges), ids, "    ")
    return "\n".join([*lines, *comments(diagram.free_notes(), "note")]) + "\n"


def _notes_at(diagram: Diagram, at: int, ids: dict[str, str], pad: str) -> list[str]:
    """The notes that stand before message `at`."""
    lines = []
    for note in diagram.placed_notes:
        over = [ids[p] for p in note.over if p in ids]
        if note.at == at and over:
            ends = over[:1] if len(over) == 1 else [over[0], over[-1]]
            lines.append(f"{pad}Note over {','.join(ends)}: {bare(note.text)}")
    return lines


def _participants(diagram: Diagram, ids: dict[str, str]) -> list[str]:
    """Declarations from left to right, a box around those that stand together in one."""
    lines, open_box = [], None
    boxes = {g.id: g for g in diagram.groups if g.kind in ("box", "group")}
    closed: set[str] = set()
    for n in diagram.nodes:
        wanted = n.group if n.group in boxes and n.group not in closed else None
        if wanted != open_box:
            if open_box is not None:
                lines.append("    end")
                closed.add(open_box)
            if wanted is not None:
                lines.append(f"    box transparent {bare(boxes[wanted].label)}")
            open_box = wanted
        word = "actor" if n.shape == "actor" else "participant"
        lines.append(f"    {word} {ids[n.id]} as {bare(n.label)}")
    return [*lines, "    end"] if open_box is not None else lines


def _arrow(edge: Edge) -> str:
    dashes = "--" if edge.style == "dashed" else "-"
    if edge.target_end is End.CROSS:
        return f"{dashes}x"
    if not edge.directed or edge.target_end is End.NONE:
        return f"{dashes}>"
    both = edge.source_end is End.ARROW and edge.source != edge.target
    return f"<<{dashes}>>" if both else f"{dashes}>>"


def _frame(frame: FrameStep) -> str:
    if frame.act == "end":
        return "end"
    if frame.act == "else":
        return f"{_MORE.get(frame.kind, 'else')} {bare(frame.label)}"
    word = _OPENING.get(frame.kind)
    return f"{word} {bare(frame.label)}" if word else f"opt {bare(f'{frame.kind} {frame.label}'.strip())}"


# State machines as Mermaid `stateDiagram-v2` source: composite states, start and end dots, forks.


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
    if edge.source_end is End.ARROW and "[*]" not in ends and ends[0] != ends[1]:
        lines.append(f"{ends[1]} --> {ends[0]}{label}")
    return lines


# A diagram as Mermaid source that Mermaid's own parser accepts.


_WRITERS: dict[str, Callable[[Diagram], str]] = {
    "sequence": sequence,
    "state": state,
    "class": class_diagram,
    "er": er_diagram,
    "timing": packet,
    "chart": lambda _: "",
}


def to_mermaid(diagram: Diagram) -> str:
    """Mermaid source; "" for a chart or an empty graph. Every other kind with nodes is a flowchart."""
    if not diagram.nodes:
        return ""
    return _WRITERS.get(str(diagram.kind), flowchart)(diagram)
