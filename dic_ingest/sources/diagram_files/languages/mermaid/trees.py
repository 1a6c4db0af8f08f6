"""Mermaid kinds that are told by indentation or sections: mindmap, treemap, kanban, timeline, journey,
gantt."""

from __future__ import annotations

import re

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.text import label

MAX_DEPTH = 200
_SHAPED = re.compile(
    r"^[\w.-]*\s*(?:\(\(|\)\)|\{\{|\[|\(|\))(.*?)(?:\)\)|\(\(|\}\}|\]|\)|\()\s*(?:@\{.*\})?$"
)
_VALUED = re.compile(r'^"([^"]*)"(?:\s*:\s*([\d.]+))?(?:::+\w+)?$')
_SECTION = re.compile(r"^section\s+(.*)$", re.IGNORECASE)
_TITLE = re.compile(r"^title\s+(.*)$", re.IGNORECASE)
_SET = re.compile(
    r"^(?:dateFormat|axisFormat|excludes|includes|tickInterval|todayMarker|weekday|inclusiveEndDates|topAxis|"
    r"accTitle|accDescr|click|classDef|class|style|showData)\b"
)
_BRANCHES = re.compile(r"[─━│┃└┗├┣]")  # of a drawn tree: they indent
_AFTER = re.compile(r"\bafter\s+([\w\s-]+)")


def _indented(lines: list[str]) -> list[tuple[int, str]]:
    found = []
    for line in lines:
        plain = _BRANCHES.sub(" ", line.expandtabs(4)).rstrip()
        text = plain.strip()
        if text and not text.startswith(("%%", "::icon", ":::", "classDef ")):
            found.append((len(plain) - len(plain.lstrip()), text))
    return found


def _said(text: str) -> str:
    valued = _VALUED.match(text)
    if valued:
        return f"{valued[1]}: {valued[2]}" if valued[2] else valued[1]
    shaped = _SHAPED.match(text)
    return label(shaped[1] if shaped else re.sub(r":::\w+$", "", text))


def read_tree(lines: list[str]) -> Diagram | None:
    """A mindmap, treemap, tree view or fishbone: every line hangs on the one above that is indented less."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    above: list[tuple[int, str]] = []
    title = ""
    for indent, text in _indented(lines):
        if not nodes and (named := _TITLE.match(text)):
            title = label(named[1])
            continue
        while above and above[-1][0] >= indent:
            above.pop()
        name = f"n{len(nodes) + 1}"
        nodes.append(Node(name, _said(text), "rounded"))
        if above:
            edges.append(Edge(above[-1][1], name, "", False, target_end=End.NONE))
        above = [*above, (indent, name)][:MAX_DEPTH]
    return Diagram(Kind.BLOCK, tuple(nodes), tuple(edges), title=title, direction="LR") if nodes else None


def read_kanban(lines: list[str]) -> Diagram | None:
    """Columns are groups, what is indented below one its cards."""
    nodes: list[Node] = []
    groups: list[Group] = []
    found = _indented(lines)
    least = min((indent for indent, _ in found), default=0)
    for indent, text in found:
        if indent == least:
            groups.append(Group(f"g{len(groups) + 1}", _said(text)))
        elif groups:
            nodes.append(Node(f"n{len(nodes) + 1}", _said(text), "rounded", group=groups[-1].id))
    return Diagram(Kind.BLOCK, tuple(nodes), (), tuple(groups)) if nodes else None


class _Sections:
    """A title, sections, and what stands in them."""

    def __init__(self, lines: list[str]) -> None:
        self.title = ""
        self.groups: list[Group] = []
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.rows: list[tuple[str | None, str]] = []
        for line in (x.strip() for x in lines):
            section, title = _SECTION.match(line), _TITLE.match(line)
            if title:
                self.title = label(title[1])
            elif section:
                self.groups.append(Group(f"g{len(self.groups) + 1}", label(section[1])))
            elif line and not line.startswith("%%") and not _SET.match(line):
                self.rows.append((self.groups[-1].id if self.groups else None, line))

    def add(self, text: str, group: str | None, members: tuple[str, ...] = ()) -> str:
        """A node in a section."""
        name = f"n{len(self.nodes) + 1}"
        self.nodes.append(Node(name, label(text), "rounded", members, group))
        return name

    def diagram(self) -> Diagram | None:
        """What was read; None where it was nothing."""
        if not self.nodes:
            return None
        nodes, edges, groups = tuple(self.nodes), tuple(self.edges), tuple(self.groups)
        return Diagram(Kind.BLOCK, nodes, edges, groups, self.title, direction="LR")


def read_timeline(lines: list[str]) -> Diagram | None:
    """Times with their events: `2002 : LinkedIn : Facebook`, or events on lines that begin with a colon."""
    made = _Sections(lines)
    time = ""
    for group, row in made.rows:
        head, *events = [part.strip() for part in row.split(":")]
        if head:
            time = made.add(head, group)
        for event in filter(None, events):
            if time:
                made.edges.append(Edge(time, made.add(event, group), "", False, target_end=End.NONE))
    return made.diagram()


def read_journey(lines: list[str]) -> Diagram | None:
    """Tasks with their score and who takes part."""
    made = _Sections(lines)
    for group, row in made.rows:
        text, *rest = [part.strip() for part in row.split(":")]
        made.add(text, group, tuple(filter(None, rest)))
    return made.diagram()


def read_gantt(lines: list[str]) -> Diagram | None:
    """Tasks with their times; `after` is a line from the one task to the other."""
    made = _Sections(lines)
    by_id: dict[str, str] = {}
    waiting: list[tuple[str, str]] = []
    for group, row in made.rows:
        text, sign, rest = row.partition(":")
        if not sign:
            continue
        values = [v.strip() for v in rest.split(",") if v.strip()]
        name = made.add(text, group, tuple(values))
        for value in values:
            if re.fullmatch(r"[A-Za-z_][\w-]*", value) and value not in (
                "done",
                "active",
                "crit",
                "milestone",
            ):
                by_id.setdefault(value, name)
            after = _AFTER.search(value)
            waiting += [(word, name) for word in after[1].split()] if after else []
    made.edges += [Edge(by_id[before], name) for before, name in waiting if before in by_id]
    return made.diagram()
