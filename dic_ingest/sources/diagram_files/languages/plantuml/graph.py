"""PlantUML class, object, state, component, use case and deployment statements -> nodes, links and groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.c4 import read_c4
from dic_ingest.sources.diagram_files.languages.plantuml.text import PlantUmlText, label, without_stereotypes

OPERAND = (
    r'"[^"]*"|\[\*\]|\[H\*?\]|\[[^\[\]]*\]|\([^()*]*\)|:[^:\s][^:]*:|\(\)\s*(?:"[^"]*"|\w+)|<>\s*\w*|'
    r"[\w@$\u0080-\uffff]+(?:(?:\.|::|/|\\|-(?=\w))[\w@$\u0080-\uffff]+)*(?:<[\w,\s?]*>)?(?:\[H\*?\])?"
)
_LEFT = r"<\|\||<\||<<|\}\||\}o|\}|\|\||\|o|\|>|\(0|\(\)|[<*o+^#x0@(]"
_RIGHT = r"\|\|>|\|>|>>|\|\{|o\{|\{|\|\||o\||<\||0\)|\(\)|[>*o+^#x0@)]"
_WAY = r"(?:left|right|up|down|le|ri|do|[lrud])"
_ARROW = re.compile(
    rf"\s*({_LEFT})?((?:-+|\.+|=+|~+)(?:\[[^\]]*\])?(?:{_WAY}(?=[-.=~\[]))?(?:\[[^\]]*\])?(?:\(?0\)?|[-.=~]*))"
    rf"({_RIGHT})?(?=[\s\"\[(:\w<$@\u0080-\uffff]|$)"
)
_ENDS = {
    "<|": End.TRIANGLE,
    "|>": End.TRIANGLE,
    "<||": End.TRIANGLE,
    "||>": End.TRIANGLE,
    "^": End.TRIANGLE,
    "*": End.FILLED_DIAMOND,
    "o": End.DIAMOND,
    "<": End.ARROW,
    ">": End.ARROW,
    "<<": End.ARROW,
    ">>": End.ARROW,
    "x": End.CROSS,
    "#": End.NONE,
    "+": End.CIRCLE,
    "0": End.CIRCLE,
    "@": End.CIRCLE,
    "()": End.CIRCLE,
    "}|": End.MANY,
    "|{": End.MANY,
    "}o": End.ZERO_OR_MANY,
    "o{": End.ZERO_OR_MANY,
    "}": End.MANY,
    "{": End.MANY,
    "||": End.ONE,
    "|o": End.ZERO_OR_ONE,
    "o|": End.ZERO_OR_ONE,
    "(": End.CIRCLE,
    ")": End.CIRCLE,
    "(0": End.CIRCLE,
    "0)": End.CIRCLE,
}
_OPERAND = re.compile(rf"\s*({OPERAND})")
_QUOTED = re.compile(r'\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class LinkStatement:
    """What a link statement says; operands as written."""

    left: str
    right: str
    left_end: End
    right_end: End
    style: str
    label: str
    left_label: str
    right_label: str
    hidden: bool


def parse_link(line: str) -> LinkStatement | None:
    """The link in a statement; None for another statement."""
    first = _OPERAND.match(line)
    if not first:
        return None
    at = first.end()
    near = _QUOTED.match(line, at)
    arrow = _ARROW.match(line, near.end() if near else at)
    if not arrow or not _is_arrow(arrow):
        return None
    at = arrow.end()
    far = _QUOTED.match(line, at)
    second = _OPERAND.match(line, far.end() if far else at)
    if far and (not second or line[second.start() : second.end()].strip() == ""):
        second, far = _OPERAND.match(line, at), None
    if not second:
        return None
    rest = re.sub(r"^\s*(?:<<[^<>]*>>|#[\w;:.|]+)", "", line[second.end() :]).strip()
    if rest and not rest.startswith((":", "#")):
        return None
    text = rest.lstrip(":").strip() if rest.startswith(":") else ""
    text = re.sub(r"^[<>]\s+|\s+[<>]$", "", text)
    body = arrow[2]
    dashed = "." in re.sub(r"\[[^\]]*\]", "", body) or "dashed" in body or "dotted" in body
    style = "dashed" if dashed else "thick" if "=" in body or "bold" in body else "solid"
    return LinkStatement(
        first[1],
        second[1],
        _ENDS.get(arrow[1] or "", End.NONE),
        _ENDS.get(arrow[3] or "", End.NONE),
        style,
        label(text),
        label(near[1]) if near else "",
        label(far[1]) if far else "",
        "hidden" in body,
    )


def _is_arrow(arrow: re.Match[str]) -> bool:
    """A lone letter beside a dash is no end of a line."""
    return len(arrow[2]) > 0 and not (arrow[1] in ("o", "x", "0") and arrow[0][:1] not in " \t")


DEPTH = 40
RECORDS = (
    "abstract class|abstract|annotation|class|enum|exception|interface|metaclass|object|map|protocol|struct|"
    "entity|json"
)
PLACES = (
    "action|actor|agent|artifact|boundary|card|circle|cloud|collections|component|control|database|file|folder|frame|"
    "hexagon|label|node|package|namespace|person|port|portin|portout|process|queue|rectangle|stack|storage|usecase|"
    "together|state|group|diamond"
)
_DECLARED = re.compile(rf"^({RECORDS}|{PLACES})(?:/)?\s+(.*)$|^({RECORDS}|{PLACES})\s*(\{{)$", re.IGNORECASE)
_NAMED = re.compile(
    rf'^("[^"]*"|{OPERAND})(?:\s+as\s+("[^"]*"|{OPERAND}|.+?))?\s*(?:<[\w\s,?]+>)?\s*'
    r"(?:(?:extends|implements)\s+([\w.,\s<>]+?))?\s*(\{|\[)?\s*(\})?$",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"^(\[[^\[\]]+\]|\([^()]+\)|:[^:]+:|\(\)\s*(?:\"[^\"]*\"|\w+))(?:\s+as\s+(\"[^\"]*\"|[\w.]+))?\s*$"
)
_MEMBER = re.compile(r'^("[^"]+"|[\w.$]+)\s*:\s*(.+)$')
_SHAPES = {
    "database": "cylinder", "storage": "cylinder", "actor": "actor", "person": "actor", "usecase": "circle",
    "circle": "circle", "cloud": "cloud", "hexagon": "hexagon", "state": "rounded", "diamond": "diamond",
    "component": "component", "queue": "cylinder",
}  # fmt: skip
_PSEUDO = {
    "choice": "choice",
    "fork": "bar",
    "join": "bar",
    "start": "start",
    "end": "end",
    "history": "circle",
}
_RULE = re.compile(r"^(?:--|==|\.\.|__)(?:.*(?:--|==|\.\.|__))?$")
_DIRECTION = re.compile(r"^(left to right|top to bottom) direction$", re.IGNORECASE)


@dataclass
class Graph:
    """A diagram on its way; `stack` holds the ids of the containers that are open."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    member_of: str = ""  # record whose braces are open
    depth: int = 0  # of braces inside a record
    open_label: str = ""  # node whose description in brackets is open
    aliases: dict[str, str] = field(default_factory=dict)
    direction: str = "TD"
    states: bool = False
    records: bool = False
    bad: int = 0

    def node(self, name: str, text: str | None = None, shape: str = "rect") -> str:
        """The node or group called `name`, made or completed."""
        if name in self.groups:
            return name
        if name not in self.nodes:
            self.nodes[name] = Node(name, name if text is None else text, shape, group=self._inner())
        elif text is not None:
            self.nodes[name] = replace(self.nodes[name], label=text, shape=shape)
        return name

    def _inner(self) -> str | None:
        return next((s for s in reversed(self.stack) if s), None)

    def open(self, name: str, text: str) -> None:
        """A container that begins here; `name` is "" for one that draws nothing."""
        if name:
            old = self.nodes.pop(name, None)
            self.groups.setdefault(name, Group(name, text or (old.label if old else ""), self._inner()))
        self.stack.append(name if len(self.stack) < DEPTH else self.stack[-1])

    def member(self, text: str) -> None:
        """One line of a record's body."""
        node = self.nodes.get(self.member_of)
        said = label(re.sub(r"\{(?:method|field|static|abstract|classifier)\}\s*", "", text))
        if node is not None and said and not _RULE.match(text) and len(node.members) < 500:
            self.nodes[node.id] = replace(node, members=(*node.members, said))


def read_graph(source: PlantUmlText) -> Diagram | None:
    """The diagram of a source's statements; None where most of them are not this grammar."""
    c4 = read_c4(source.lines)
    if c4 is not None:
        return replace(c4, title=source.title or c4.title, notes=(*c4.notes, *source.notes))
    made = Graph()
    for line in source.lines:
        _statement(made, line)
    nodes = [n for n in made.nodes.values() if n.id not in made.groups]
    if not (nodes or made.groups) or made.bad > max(2, len(source.lines) / 2):
        return None
    known = {n.id for n in nodes} | set(made.groups)
    edges = tuple(e for e in made.edges if e.source in known and e.target in known)
    groups = tuple(made.groups.values())
    return Diagram(
        _kind(made, edges), tuple(nodes), edges, groups, source.title, tuple(source.notes), made.direction
    )


def _kind(made: Graph, edges: tuple[Edge, ...]) -> Kind:
    feet = {End.ONE, End.MANY, End.ZERO_OR_ONE, End.ZERO_OR_MANY}
    if any({e.source_end, e.target_end} & feet for e in edges):
        return Kind.ER
    if made.records:
        return Kind.CLASS
    return Kind.STATE if made.states else Kind.BLOCK


def _statement(made: Graph, line: str) -> None:
    if made.member_of:
        _in_body(made, line)
        return
    if made.open_label:
        _in_brackets(made, line)
        return
    direction = _DIRECTION.match(line)
    if direction:
        made.direction = "LR" if direction[1].lower().startswith("left") else "TD"
    elif line.startswith("}"):
        del made.stack[-1:]
    elif line in ("--", "||", "{") or _RULE.match(line):
        pass
    else:
        made.bad += not (
            _link(made, line) or _declare(made, line) or _short(made, line) or _member(made, line)
        )


def _in_body(made: Graph, line: str) -> None:
    if line.startswith("}") and made.depth == 0:
        made.member_of = ""
        return
    made.depth += line.count("{") - line.count("}")
    made.depth = max(made.depth, 0)
    made.member(line)


def _in_brackets(made: Graph, line: str) -> None:
    node = made.nodes[made.open_label]
    text = line.removesuffix("]")
    said = "\n".join(filter(None, (node.label if node.label != node.id else "", label(text))))
    made.nodes[node.id] = replace(node, label=said[:5_000])
    if line.endswith("]"):
        made.open_label = ""


def _declare(made: Graph, line: str) -> bool:
    found = _DECLARED.match(without_stereotypes(line.replace("{}", "{ }")))
    if not found:
        return False
    kind = (found[1] or found[3]).lower()
    if found[4]:
        made.open("" if kind == "together" else f"group{len(made.groups) + 1}", "")
        return True
    named = _NAMED.match(found[2].strip())
    if not named:
        return False
    name, text = _identity(named[1], named[2])
    pseudo = re.search(r"<<\s*(\w+)\s*>>", line)
    if kind == "state" and pseudo and pseudo[1].lower() in _PSEUDO:
        made.node(name, "", _PSEUDO[pseudo[1].lower()])
        return True
    is_record = re.fullmatch(RECORDS, kind) is not None
    made.states |= kind == "state"
    opened, closed = named[4] == "{", named[5] is not None
    if is_record and not (kind in ("entity", "interface") and not opened and not made.records):
        made.records = True
    if is_record or not opened:
        made.node(name, text, _SHAPES.get(kind, "rect"))
        _extends(made, name, line)
        if is_record and opened and not closed:
            made.member_of, made.depth = name, 0
        if named[4] == "[":
            made.open_label = name
    elif closed:
        made.node(name, text, _SHAPES.get(kind, "rect"))
    else:
        made.open("" if kind == "together" else name, text)
    _alias(made, name, text)
    return True


def _extends(made: Graph, name: str, line: str) -> None:
    for word, style in (("extends", "solid"), ("implements", "dashed")):
        found = re.search(rf"\b{word}\s+([\w.,\s<>]+?)\s*(?:implements|\{{|$)", line)
        for base in found[1].split(",") if found else ():
            plain = re.sub(r"<.*", "", base).strip()
            if plain:
                made.edges.append(Edge(name, made.node(plain), "", False, style, End.NONE, End.TRIANGLE))


def _identity(first: str, second: str | None) -> tuple[str, str]:
    """Id and label of a declaration, whichever of the two comes first."""
    if second is None:
        return _plain(first), _text(first)
    a, b = first.strip(), second.strip()
    if b.startswith('"') or (b[:1] in "[(:" and a[:1] not in '"[(:'):
        return _plain(a), _text(b)
    return _plain(b), _text(a)


def _text(operand: str) -> str:
    operand = operand.strip()
    if operand.startswith("()"):
        operand = operand[2:].strip()
    elif operand[:1] in "[(:" and len(operand) > 1:
        operand = operand[1:-1]
    return label(operand)


def _plain(operand: str) -> str:
    operand = operand.strip()
    if operand.startswith("()"):
        operand = operand[2:].strip()
    elif operand[:1] in "[(:" and operand[-1:] in "]):" and len(operand) > 2:
        operand = operand[1:-1]
    return re.sub(r"<.*>$", "", operand.strip().strip('"')).strip() or operand


def _alias(made: Graph, name: str, text: str) -> None:
    if text and text != name:
        made.aliases.setdefault(text, name)


def _short(made: Graph, line: str) -> bool:
    found = _SHORT.match(without_stereotypes(line))
    if not found:
        return False
    name, text = _identity(found[1], found[2])
    made.node(name, text, _short_shape(found[1]))
    _alias(made, name, text)
    return True


def _short_shape(operand: str) -> str:
    if operand.startswith("()"):
        return "circle"
    return {"[": "component", "(": "circle", ":": "actor"}.get(operand[:1], "rect")


def _member(made: Graph, line: str) -> bool:
    """`State : what it does`, `Class : member`."""
    found = _MEMBER.match(line)
    if not found:
        return False
    name = made.node(_plain(found[1]))
    node = made.nodes.get(name)
    if node is not None and len(node.members) < 500:
        made.nodes[name] = replace(node, members=(*node.members, label(found[2])))
    return True


def _link(made: Graph, line: str) -> bool:
    found = parse_link(line)
    if found is None:
        return False
    if found.hidden:
        _operand(made, found.left, True)
        _operand(made, found.right, False)
        return True
    a, b = _operand(made, found.left, True), _operand(made, found.right, False)
    made.edges.append(_edge(a, b, found))
    return True


_POINTED = (End.ARROW, End.CROSS)


def _edge(a: str, b: str, link: LinkStatement) -> Edge:
    directed = link.left_end in _POINTED or link.right_end in _POINTED
    if link.left_end in _POINTED and link.right_end not in _POINTED:
        return Edge(
            b,
            a,
            link.label,
            directed,
            link.style,
            link.right_end,
            link.left_end,
            link.right_label,
            link.left_label,
        )
    return Edge(
        a,
        b,
        link.label,
        directed,
        link.style,
        link.left_end,
        link.right_end,
        link.left_label,
        link.right_label,
    )


def _operand(made: Graph, operand: str, leaving: bool) -> str:
    """The id of a link's end; `[*]` is the start or the end of the state that it stands in."""
    if operand == "[*]":
        made.states = True
        dot = f"{next((s for s in reversed(made.stack) if s), '')}*{'start' if leaving else 'end'}"
        return made.node(dot, "", "start" if leaving else "end")
    name = _plain(operand)
    name = name if name in made.nodes or name in made.groups else made.aliases.get(_text(operand), name)
    if name in made.nodes or name in made.groups:
        return name
    if operand.startswith("<>"):
        return made.node(name, "", "diamond")
    return made.node(name, _text(operand), _short_shape(operand))
