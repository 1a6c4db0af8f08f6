"""Mermaid `classDiagram` and `erDiagram` statements into records with members, relations with their ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.text import label

_NAME = r"(?:`[^`]+`|[\w.$\-]+?)(?:~[^~\s]*~)?"
_CLASS = re.compile(rf"^class\s+({_NAME})\s*(?:\[(.*)\])?\s*(?::::[\w-]+)?\s*(<<.*>>)?\s*(\{{)?\s*(\}})?$")
_RELATION = re.compile(
    rf"^({_NAME})\s*(?:\"([^\"]*)\")?\s*(<\||\*|o(?=[-.])|<|\(\))?(--|\.\.)(\|>|\*|o(?=[\s\"])|>|\(\))?"
    rf"\s*(?:\"([^\"]*)\")?\s*({_NAME})\s*(?::\s*(.*))?$"
)
_SPACED = re.compile(r"(?<=\w) (?=\w)")
_MEMBER = re.compile(rf"^({_NAME})\s*:\s*(.+)$")
_SPACE = re.compile(r"^namespace\s+([\w.]+)\s*(?:\[(.*)\])?\s*\{$")
_NOTE = re.compile(r"^note\s+(?:for\s+\S+\s+)?\"(.*)\"$")
_STEREOTYPE = re.compile(rf"^<<(.*)>>\s*({_NAME})$")
_ENDS = {"<|": End.TRIANGLE, "|>": End.TRIANGLE, "*": End.FILLED_DIAMOND, "o": End.DIAMOND,
         "<": End.ARROW, ">": End.ARROW, "()": End.CIRCLE}  # fmt: skip

_ER_NAME = r"(?:\"[^\"]+\"|[\w.\-]+?)"
_ENTITY = re.compile(rf"^({_ER_NAME})\s*(?:\[(.*)\])?\s*(?::::\s*\w+)?\s*(\{{)?\s*(\}})?$")
_LINKED = re.compile(
    rf"^({_ER_NAME})\s*(\|\||\|o|\}}\||\}}o)(--|\.\.)(\|\||o\||\|\{{|o\{{)\s*({_ER_NAME})\s*(?::\s*(.*))?$"
)
_FEET = {"||": End.ONE, "|o": End.ZERO_OR_ONE, "o|": End.ZERO_OR_ONE, "}|": End.MANY, "|{": End.MANY,
         "}o": End.ZERO_OR_MANY, "o{": End.ZERO_OR_MANY}  # fmt: skip
_ATTRIBUTE = re.compile(r"^(\S+)\s+(\S+)\s*((?:[PFU]K\s*,?\s*)*)(\".*\")?$")
_IGNORED = re.compile(
    r"^(?:direction\s+\w\w|classDef\b.*|cssClass\b.*|class\s.*:::.*|style\b.*|click\b.*|link\b.*|callback\b.*|title\b.*"
    r"|acc(?:Title|Descr)\b.*)$"
)


@dataclass
class _Records:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    inside: str = ""  # record whose braces are open
    space: str | None = None
    bad: int = 0

    def record(self, name: str, text: str | None = None) -> str:
        """The record called `name`, made where it is new."""
        shown = _plain(name)
        name = re.sub(r"<.*>$", "", shown) or shown  # a class is the same with and without its parameters
        if name not in self.nodes:
            self.nodes[name] = Node(name, shown, group=self.space)
        if text is not None:
            self.nodes[name] = replace(self.nodes[name], label=text)
        return name

    def member(self, name: str, text: str) -> None:
        """One member more for a record."""
        node = self.nodes[name]
        self.nodes[name] = replace(node, members=(*node.members, text))

    def diagram(self, kind: Kind, lines: int, direction: str) -> Diagram | None:
        """What was read; None where most lines were not this grammar."""
        if not self.nodes or self.bad > lines / 2:
            return None
        groups, notes = tuple(self.groups.values()), tuple(self.notes)
        nodes = tuple(self.nodes.values())
        return Diagram(kind, nodes, tuple(self.edges), groups, notes=notes, direction=direction)


def read_classes(lines: list[str], direction: str) -> Diagram | None:
    """Statements of a class diagram after the header."""
    made = _Records()
    for line in lines:
        if made.inside:
            _class_body(made, line)
        else:
            made.bad += not _class_line(made, line)
    return made.diagram(Kind.CLASS, len(lines), direction)


def _class_body(made: _Records, line: str) -> None:
    if line == "}":
        made.inside = ""
    elif not (line.startswith("<<") and line.endswith(">>")):
        made.member(made.inside, label(line))


def _class_line(made: _Records, line: str) -> bool:
    found, related, space = _CLASS.match(line), _relation(line), _SPACE.match(line)
    if not found and _IGNORED.match(line):
        return True
    if found:
        name = made.record(found[1], label(found[2]) if found[2] else None)
        made.inside = name if found[4] and not found[5] else ""
    elif related:
        _relate(made, related)
    elif space:
        made.space = space[1]
        made.groups.setdefault(space[1], Group(space[1], label(space[2]) if space[2] else space[1]))
    elif line == "}":
        made.space = None
    elif note := _NOTE.match(line):
        made.notes.append(label(note[1]))
    elif stereotype := _STEREOTYPE.match(line):
        made.record(stereotype[2])
    elif member := _MEMBER.match(line):
        made.member(made.record(member[1]), label(member[2]))
    else:
        return False
    return True


def _relation(line: str) -> re.Match[str] | None:
    """A relation; a name that was written in two words is one."""
    head, sign, tail = line.partition(":")
    return _RELATION.match(line) or _RELATION.match(_SPACED.sub("", head) + sign + tail)


def _relate(made: _Records, found: re.Match[str]) -> None:
    a, near, left, line, right, far, b, text = found.groups()
    source, target = made.record(a), made.record(b)
    ends = _ENDS.get(left or "", End.NONE), _ENDS.get(right or "", End.NONE)
    told = label(near or ""), label(far or "")
    if ends[0] is End.ARROW and ends[1] is not End.ARROW:  # "A <-- B" is drawn as "B --> A"
        source, target, ends, told = target, source, ends[::-1], told[::-1]
    directed = End.ARROW in ends
    style = "dashed" if line == ".." else "solid"
    made.edges.append(Edge(source, target, label(text or ""), directed, style, *ends, *told))


def read_entities(lines: list[str], direction: str) -> Diagram | None:
    """Statements of an entity-relationship diagram after the header."""
    made = _Records()
    for line in lines:
        if made.inside:
            if line == "}":
                made.inside = ""
            else:
                made.member(made.inside, _attribute(line))
        else:
            made.bad += not _entity_line(made, line)
    return made.diagram(Kind.ER, len(lines), direction)


def _attribute(line: str) -> str:
    found = _ATTRIBUTE.match(line)
    if not found:
        return label(line)
    kind, name, keys, comment = found.groups()
    parts = ["" if kind == "_" else kind, "" if kind == "_" and name == "attribute" else name]
    return " ".join(filter(None, (*parts, keys.strip(), label(comment or ""))))


def _entity_line(made: _Records, line: str) -> bool:
    linked, entity = _LINKED.match(_in_signs(line)), _ENTITY.match(line)
    if _IGNORED.match(line):
        return True
    if linked:
        a, left, line_, right, b, text = linked.groups()
        style = "dashed" if line_ == ".." else "solid"
        ends = made.record(a), made.record(b)
        made.edges.append(Edge(*ends, label(text or ""), False, style, _FEET[left], _FEET[right]))
    elif entity:
        name = made.record(entity[1], label(entity[2]) if entity[2] else None)
        made.inside = name if entity[3] and not entity[4] else ""
    else:
        return False
    return True


_COUNTS = (
    (r"only\s+one|one(?!\s+or)|1(?!\s*\+)", "||", "||"),
    (r"zero\s+or\s+one|one\s+or\s+zero", "|o", "o|"),
    (r"one\s+or\s+(?:more|many)|many\(1\)|1\+", "}|", "|{"),
    (r"zero\s+or\s+(?:more|many)|many\(0\)|0\+", "}o", "o{"),
)
_SPELT = re.compile(
    rf"^({_ER_NAME})\s+({'|'.join(c for c, _, _ in _COUNTS)})\s+(to|optionally\s+to)\s+"
    rf"({'|'.join(c for c, _, _ in _COUNTS)})\s+({_ER_NAME}\s*(?::.*)?)$"
)


def _in_signs(line: str) -> str:
    """A relation whose numbers are spelt out, with the signs for them."""
    found = _SPELT.match(line)
    if not found:
        return line
    left = next(near for words, near, _ in _COUNTS if re.fullmatch(words, found[2]))
    right = next(far for words, _, far in _COUNTS if re.fullmatch(words, found[4]))
    return f"{found[1]} {left}{'--' if found[3] == 'to' else '..'}{right} {found[5]}"


def _plain(name: str) -> str:
    """`List~T~` and quoted names as drawn."""
    name = name.strip('`"')
    return re.sub(r"~([^~]*)~", r"<\1>", name)
