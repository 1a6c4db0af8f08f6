"""PlantUML activity diagrams -> flowcharts: statements (`:step;`) and the first syntax (`(*) --> "step"`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.plantuml.text import PlantUmlText, label

_END = r'\(\*(?:top)?\)|"[^"]*"|===[^=]+===|[\w.]+'
_LINK = re.compile(
    rf"^({_END})?\s*(?:as\s+\w+\s*)?(?:-+(?:(?:left|right|up|down)-+)?>)\s*(?:\[([^\]]*)\])?\s*"
    rf"(?:({_END})(?:\s+as\s+(\w+))?|(if\b.*))?\s*$"
)
_ARROW_IF = re.compile(r'^if\s+(?:"([^"]*)"|(\S+))\s*(?:then)?\s*$', re.IGNORECASE)


@dataclass
class _Steps:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    last: str = ""
    branches: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    def node(self, operand: str, leaving: bool) -> str:
        """The step that an operand names; `(*)` is the start or the end."""
        if operand.startswith("(*"):
            name = "*start" if leaving else "*end"
            self.nodes.setdefault(name, Node(name, "", "start" if leaving else "end"))
            return name
        if operand.startswith("==="):
            return self.nodes.setdefault(operand, Node(operand, "", "bar")).id
        text = label(operand)
        name = self.aliases.get(text, text)
        return self.nodes.setdefault(name, Node(name, text, "rounded")).id


def read_arrow_activity(source: PlantUmlText) -> Diagram | None:
    """The diagram; None where no arrow was found."""
    made = _Steps()
    for line in source.lines:
        lower = line.lower().rstrip(";")
        found, asked = _LINK.match(line), _ARROW_IF.match(line)
        if asked:
            _branch(made, asked[1] or asked[2])
        elif lower == "else":
            made.last = made.branches[-1] if made.branches else made.last
        elif lower in ("endif", "end if"):
            del made.branches[-1:]
        elif found:
            _step(made, found)
    if not made.edges:
        return None
    nodes, edges = tuple(made.nodes.values()), tuple(made.edges)
    return Diagram(Kind.FLOWCHART, nodes, edges, (), source.title, tuple(source.notes))


def _branch(made: _Steps, text: str, said: str = "") -> None:
    name = f"if{len(made.nodes)}"
    made.nodes[name] = Node(name, label(text), "diamond")
    if made.last:
        made.edges.append(Edge(made.last, name, said))
    made.branches.append(name)
    made.last = name


def _step(made: _Steps, found: re.Match[str]) -> None:
    first, said, target, alias, condition = found.groups()
    source = made.node(first, True) if first else made.last
    if not source:
        return
    if condition:
        asked = _ARROW_IF.match(condition)
        made.last = source
        if asked:
            _branch(made, asked[1] or asked[2], label(said or ""))
        return
    if target:
        if alias:
            made.aliases[alias] = label(target)
        name = made.node(target, False)
        made.edges.append(Edge(source, name, label(said or "")))
        made.last = name


End_ = tuple[str, str]  # node that a line leaves, and what is written on the line
_IF = re.compile(
    r"^if\s*\((.*?)\)\s*(?:then|(is|equals)\s*\((.*?)\)\s*then)\s*(?:\((.*?)\))?;?$", re.I | re.DOTALL
)
_ELSE_IF = re.compile(
    r"^(?:\((.*?)\)\s*)?else\s?if\s*\((.*?)\)\s*(?:then|$|(?:is|equals)\s*\((.*?)\)\s*then)\s*(?:\((.*?)\))?$",
    re.I | re.DOTALL,
)
_ELSE = re.compile(r"^else\b\s*(?:\((.*?)\))?$", re.I | re.DOTALL)
_WHILE = re.compile(r"^while\s*\((.*?)\)\s*(?:(?:is|equals)?\s*\((.*?)\))?$", re.I | re.DOTALL)
_END_WHILE = re.compile(r"^end\s?while\s*(?:\((.*?)\))?$", re.I | re.DOTALL)
_REPEAT_WHILE = re.compile(
    r"^repeat\s?while\s*\((.*?)\)\s*(?:(?:is|equals|then)?\s*\((.*?)\))?\s*(?:not\s*\((.*?)\))?$",
    re.I | re.DOTALL,
)
_SWITCH, _CASE = (
    re.compile(r"^switch\s*\((.*)\)$", re.I | re.DOTALL),
    re.compile(r"^case\s*\((.*)\)$", re.I | re.DOTALL),
)
_PARTITION = re.compile(
    r'^(?:partition|group|package|card|rectangle)\s+(?:#\S+\s+)?"?(.*?)"?\s*(?:#\S+)?\s*\{$', re.I
)
_GROUP = re.compile(r"^group\s+(.*)$", re.I)
_LANE = re.compile(r"^\|(?:#[\w]+\|)?(?:\[#?\w+\]\s*)?([^|]*)\|\s*(.*)$")
_ARROW = re.compile(r"^-+(?:\[[^\]]*\])?-*>\s*(.*?);?$")
_STEP = re.compile(r"^(?:#[\w/\\-]+)?:")
_STEP_END = re.compile(r"[;|<>/\]}](?:\s*<<.*>>)?\s*$")
MAX_OPEN = 60  # lines that wait for their next step


@dataclass
class _Block:
    """A structure that is open: where it began, and the ends that leave its finished branches."""

    kind: str
    node: str
    ends: list[End_] = field(default_factory=list)
    no: str = ""  # what is written on the way around
    breaks: list[End_] = field(default_factory=list)
    waiting: list[End_] = field(default_factory=list)


@dataclass
class _ActivityFlow:
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    ends: list[End_] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    lane: str = ""
    named: dict[str, str] = field(default_factory=dict)
    bad: int = 0

    def add(self, text: str, shape: str = "rounded") -> str:
        """A node after everything that waits for its next step."""
        name = f"n{len(self.nodes) + 1}"
        group = self.frames[-1] if self.frames else self.lane or None
        self.nodes.append(Node(name, text, shape, group=group))
        self.join(name)
        self.ends = [(name, "")]
        return name

    def join(self, name: str) -> None:
        """Lines from what waits to a node."""
        for end, text in self.ends[:MAX_OPEN]:
            self.edges.append(Edge(end, name, text))
        self.ends = []


def read_activity(source: PlantUmlText) -> Diagram | None:
    """The diagram of a source's statements; None where most of them are not this grammar."""
    flow = _ActivityFlow()
    lines = _whole(source.lines)
    for line in lines:
        flow.bad += not _statement(flow, line)
    if not flow.nodes or flow.bad > len(lines) / 2:
        return None
    used = {n.group for n in flow.nodes} | {g.parent for g in flow.groups.values()}
    groups = tuple(g for g in flow.groups.values() if g.id in used)
    nodes, edges = tuple(flow.nodes), tuple(dict.fromkeys(flow.edges))
    return Diagram(Kind.FLOWCHART, nodes, edges, groups, source.title, tuple(source.notes))


def _whole(lines: list[str]) -> list[str]:
    """Steps and conditions that run over several lines, each as one."""
    whole: list[str] = []
    open_step = open_round = False
    for line in lines:
        if (open_step or open_round) and whole:
            whole[-1] = f"{whole[-1]}\n{line}"
        else:
            whole.append(line)
        now = whole[-1]
        open_step = bool(_STEP.match(now)) and not _STEP_END.search(now) and now.count("\n") < 60
        conditional = re.match(r"(?:if|else\s?if|while|repeat\s?while|switch)\s*\(", now, re.I)
        open_round = bool(conditional) and now.count("(") > now.count(")") and now.count("\n") < 12
    return whole


def _statement(flow: _ActivityFlow, line: str) -> bool:
    simple = line.lower().rstrip(";").strip()
    if _STEP.match(line):
        flow.add(label(_STEP_END.sub("", line[line.index(":") + 1 :])))
        return True
    if simple in _SIMPLE:
        _SIMPLE[simple](flow)
        return True
    for pattern, act in _STATEMENTS:
        found = pattern.match(line)
        if found:
            act(flow, found)
            return True
    return bool(re.match(r"^(?:note|floating note|title|#|\(.*\)$|backward\b|label\b|swimlane)", line, re.I))


def _start(flow: _ActivityFlow) -> None:
    flow.ends = []
    flow.add("", "start")


def _stop(flow: _ActivityFlow) -> None:
    if flow.ends or not flow.nodes:
        flow.add("", "end")
    flow.ends = []


def _drop(flow: _ActivityFlow) -> None:
    flow.ends = []


def _break(flow: _ActivityFlow) -> None:
    loop = next((b for b in reversed(flow.blocks) if b.kind in ("while", "repeat")), None)
    if loop is not None:
        loop.breaks += flow.ends
    flow.ends = []


def _repeat(flow: _ActivityFlow) -> None:
    flow.blocks.append(_Block("repeat", f"n{len(flow.nodes) + 1}"))


def _fork(flow: _ActivityFlow) -> None:
    name = flow.add("", "bar")
    flow.blocks.append(_Block("fork", name))


def _again(flow: _ActivityFlow) -> None:
    if flow.blocks and flow.blocks[-1].kind in ("fork", "split"):
        flow.blocks[-1].ends += flow.ends
        flow.ends = [(flow.blocks[-1].node, "")] if flow.blocks[-1].node else list(flow.blocks[-1].waiting)


def _end_fork(flow: _ActivityFlow) -> None:
    if flow.blocks and flow.blocks[-1].kind in ("fork", "split"):
        block = flow.blocks.pop()
        flow.ends = [*block.ends, *flow.ends]
        if block.kind == "fork" and flow.ends:
            flow.add("", "bar")


def _split(flow: _ActivityFlow) -> None:
    flow.blocks.append(_Block("split", "", waiting=list(flow.ends)))


def _end_if(flow: _ActivityFlow) -> None:
    if not (flow.blocks and flow.blocks[-1].kind == "if"):
        return
    block = flow.blocks.pop()
    if block.node:  # no else: the way past it
        flow.ends = [*flow.ends, (block.node, block.no)]
    flow.ends = [*block.ends, *flow.ends]


def _end_switch(flow: _ActivityFlow) -> None:
    if flow.blocks and flow.blocks[-1].kind == "switch":
        flow.ends = [*flow.blocks.pop().ends, *flow.ends]


def _close(flow: _ActivityFlow) -> None:
    del flow.frames[-1:]


def _if(flow: _ActivityFlow, found: re.Match[str]) -> None:
    name = flow.add(label(found[1]), "diamond")
    flow.ends = [(name, label(found[3] or found[4] or ""))]
    flow.blocks.append(_Block("if", name))


def _else_if(flow: _ActivityFlow, found: re.Match[str]) -> None:
    if not (flow.blocks and flow.blocks[-1].kind == "if"):
        return
    block = flow.blocks[-1]
    block.ends += flow.ends
    flow.ends = [(block.node, label(found[1] or ""))]
    block.node = flow.add(label(found[2]), "diamond")
    flow.ends = [(block.node, label(found[3] or found[4] or ""))]


def _else(flow: _ActivityFlow, found: re.Match[str]) -> None:
    if flow.blocks and flow.blocks[-1].kind == "if":
        block = flow.blocks[-1]
        block.ends += flow.ends
        flow.ends = [(block.node, label(found[1] or ""))] if block.node else []
        block.node = ""


def _while(flow: _ActivityFlow, found: re.Match[str]) -> None:
    name = flow.add(label(found[1]), "diamond")
    flow.ends = [(name, label(found[2] or ""))]
    flow.blocks.append(_Block("while", name))


def _end_while(flow: _ActivityFlow, found: re.Match[str]) -> None:
    if flow.blocks and flow.blocks[-1].kind == "while":
        block = flow.blocks.pop()
        flow.join(block.node)
        flow.ends = [(block.node, label(found[1] or "")), *block.breaks]


def _repeat_while(flow: _ActivityFlow, found: re.Match[str]) -> None:
    name = flow.add(label(found[1]), "diamond")
    if flow.blocks and flow.blocks[-1].kind == "repeat":
        block = flow.blocks.pop()
        if any(n.id == block.node for n in flow.nodes):
            flow.edges.append(Edge(name, block.node, label(found[2] or "")))
        flow.ends = [(name, label(found[3] or "")), *block.breaks]


def _switch(flow: _ActivityFlow, found: re.Match[str]) -> None:
    flow.blocks.append(_Block("switch", flow.add(label(found[1]), "diamond")))
    flow.ends = []


def _case(flow: _ActivityFlow, found: re.Match[str]) -> None:
    if flow.blocks and flow.blocks[-1].kind == "switch":
        flow.blocks[-1].ends += flow.ends
        flow.ends = [(flow.blocks[-1].node, label(found[1]))]


def _partition(flow: _ActivityFlow, found: re.Match[str]) -> None:
    name = f"g{len(flow.groups) + 1}"
    flow.groups[name] = Group(name, label(found[1]), flow.frames[-1] if flow.frames else flow.lane or None)
    flow.frames.append(name)


def _lane(flow: _ActivityFlow, found: re.Match[str]) -> None:
    text = label(found[1])
    name = f"lane:{text}"
    flow.groups.setdefault(name, Group(name, label(found[2]) or text))
    flow.lane = name


def _arrow(flow: _ActivityFlow, found: re.Match[str]) -> None:
    text = label(found[1])
    flow.ends = [(name, text or said) for name, said in flow.ends]


_SIMPLE = {
    "start": _start,
    "stop": _stop,
    "end": _stop,
    "kill": _drop,
    "detach": _drop,
    "break": _break,
    "repeat": _repeat,
    "fork": _fork,
    "fork again": _again,
    "end fork": _end_fork,
    "endfork": _end_fork,
    "end merge": _end_fork,
    "split": _split,
    "split again": _again,
    "end split": _end_fork,
    "endsplit": _end_fork,
    "endif": _end_if,
    "end if": _end_if,
    "endswitch": _end_switch,
    "end switch": _end_switch,
    "}": _close,
    "end group": _close,
}
_STATEMENTS = (
    (_IF, _if), (_ELSE_IF, _else_if), (_ELSE, _else), (_WHILE, _while), (_END_WHILE, _end_while),
    (_REPEAT_WHILE, _repeat_while), (_SWITCH, _switch), (_CASE, _case), (_PARTITION, _partition), (_GROUP,
    _partition), (_LANE, _lane), (_ARROW, _arrow),
)  # fmt: skip


def is_activity(lines: list[str]) -> bool:
    """Whether statements are those of an activity diagram."""
    steps = sum(bool(_STEP.match(line)) and bool(_STEP_END.search(line)) for line in lines)
    words = sum(line.lower().rstrip(";") in ("start", "stop", "endif", "fork", "repeat") for line in lines)
    return steps + words >= 2 and steps + words >= len(lines) / 5
