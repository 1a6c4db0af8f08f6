"""Mermaid kinds of things and links: block, architecture, requirement, sankey, gitGraph, zenuml."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.flow import read_flowchart
from dic_ingest.sources.diagram_files.languages.mermaid.text import label
from dic_ingest.sources.diagram_files.languages.messages import Messages

_BLOCK = re.compile(r"^block(?::([\w-]+)(?::\d+)?)?\s*(?:\[\"?(.*?)\"?\])?$")
_BLOCK_ITEM = re.compile(
    r"([\w-]+)(\(\(.*?\)\)|\[\[.*?\]\]|\[\(.*?\)\]|\(\[.*?\]\)|<\[.*?\]>\([^)]*\)|\[.*?\]|\(.*?\)|\{.*?\})?(?::\d+)?"
)
_SERVICE = re.compile(
    r"^(group|service|junction)\s+([\w-]+)\s*(?:\(([^)]*)\))?\s*(?:\[(.*?)\])?\s*(?:in\s+([\w-]+))?$"
)
_JOINED = re.compile(r"^([\w-]+)(?:\{group\})?:[LRTB]\s*(<)?--(>)?\s*[LRTB]:([\w-]+)(?:\{group\})?$")
_NEEDS = re.compile(
    r"^(\w*[rR]equirement|element|performanceRequirement|interfaceRequirement|designConstraint)\s+\"?([^\"{:]+?)\"?"
    r"(?:::+\w+)?\s*\{$"
)
_SATISFIES = re.compile(r'^"?([^"<>]+?)"?\s*(<)?-\s*(\w+)\s*-(>)?\s*"?([^"<>]+?)"?$')
_GIT = re.compile(r"^(commit|branch|checkout|switch|merge|cherry-pick)\b\s*(.*)$")
_OPTION = re.compile(r'(id|tag|msg|type|parent|order)\s*:\s*("[^"]*"|\S+)')
_CALL = re.compile(r"^(?:(\w+)\s*=\s*)?(?:([\w\"]+)\s*->\s*)?([\w\"]+)\.(\w+\(?[^{]*?)\s*(\{)?$")
_SEND = re.compile(r"^([\w\"]+)\s*->\s*([\w\"]+)\s*:\s*(.*)$")
_FRAME = re.compile(
    r"^(?:\}\s*)?(if|while|for|forEach|loop|opt|par|try|else if|else|catch|finally)\b\s*(?:\((.*?)\))?\s*\{$"
)


def read_blocks(lines: list[str]) -> Diagram | None:
    """A block diagram: rows of blocks, blocks in blocks, links."""
    statements: list[str] = []
    for line in lines:
        opened = _BLOCK.match(line)
        if opened:
            statements.append(f"subgraph {opened[1] or f'block{len(statements)}'} [{opened[2] or ' '}]")
        elif re.search(r"--|==|-\.", line) or line == "end":
            statements.append(line)
        elif not re.match(r"^(?:columns|style|classDef|class|space(?::\d+)?$)", line):
            statements += [m[0] for m in _BLOCK_ITEM.finditer(line) if not m[1].startswith("space")]
    plain = [re.sub(r"<\[(.*?)\]>\([^)]*\)", r"[\1]", re.sub(r":\d+$", "", s)) for s in statements]
    found = read_flowchart(plain, "LR")
    return replace(found, kind=Kind.BLOCK) if found else None


def read_architecture(lines: list[str]) -> Diagram | None:
    """Services in groups, joined at their sides."""
    nodes: dict[str, Node] = {}
    groups: dict[str, Group] = {}
    edges: list[Edge] = []
    for line in lines:
        thing, joined = _SERVICE.match(line), _JOINED.match(line)
        if thing and thing[1] == "group":
            groups[thing[2]] = Group(thing[2], label(thing[4] or thing[2]), thing[5])
        elif thing:
            text = "" if thing[1] == "junction" else label(thing[4] or thing[2])
            shape = "cylinder" if thing[3] in ("database", "disk") else "icon"
            nodes[thing[2]] = Node(thing[2], text, shape, group=thing[5])
        elif joined:
            ends = (End.ARROW if joined[2] else End.NONE, End.ARROW if joined[3] else End.NONE)
            a, b = joined[1], joined[4]
            if joined[2] and not joined[3]:
                a, b, ends = b, a, ends[::-1]
            edges.append(Edge(a, b, "", End.ARROW in ends, "solid", *ends))
    known = nodes.keys() | groups.keys()
    edges = [e for e in edges if e.source in known and e.target in known]
    return (
        Diagram(Kind.TOPOLOGY, tuple(nodes.values()), tuple(edges), tuple(groups.values())) if nodes else None
    )


def read_requirements(lines: list[str]) -> Diagram | None:
    """Requirements and elements with their fields, and how they relate."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    inside = ""
    for line in lines:
        opened, related = _NEEDS.match(line), _SATISFIES.match(line)
        if inside:
            if line == "}":
                inside = ""
            else:
                node = nodes[inside]
                nodes[inside] = replace(node, members=(*node.members, label(line)))
        elif opened:
            inside = opened[2].strip()
            nodes[inside] = Node(inside, label(inside))
        elif related and (related[2] or related[4]):
            a, b = (related[5], related[1]) if related[2] else (related[1], related[5])
            edges.append(Edge(a.strip(), b.strip(), related[3], True, "dashed"))
    edges = [e for e in edges if e.source in nodes and e.target in nodes]
    return Diagram(Kind.BLOCK, tuple(nodes.values()), tuple(edges)) if nodes else None


def read_sankey(lines: list[str]) -> Diagram | None:
    """Flows with their amounts: `from,to,amount`."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for row in csv.reader(lines[:4_000]):
        if len(row) == 3 and all(c.strip() for c in row):
            a, b, amount = (c.strip() for c in row)
            for name in (a, b):
                nodes.setdefault(name, Node(name, name))
            edges.append(Edge(a, b, amount))
    return Diagram(Kind.BLOCK, tuple(nodes.values()), tuple(edges), direction="LR") if edges else None


def read_git(lines: list[str]) -> Diagram | None:
    """Commits on their branches; a merge has two lines to it."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    heads: dict[str, str] = {}
    branches: dict[str, Group] = {}
    by_id: dict[str, str] = {}
    at = "main"

    def commit(text: str, others: list[str]) -> None:
        values = {k: v.strip('"') for k, v in _OPTION.findall(text)}
        said = "\n".join(filter(None, (values.get("id") or values.get("msg"), values.get("tag"))))
        name = f"c{len(nodes) + 1}"
        branches.setdefault(at, Group(f"branch:{at}", at))
        nodes.append(Node(name, said, "circle", group=f"branch:{at}"))
        for before in filter(None, (heads.get(at), *others)):
            edges.append(Edge(before, name, "", True, target_end=End.NONE))
        heads[at] = name
        by_id.setdefault(values.get("id", name), name)

    for line in lines:
        found = _GIT.match(line)
        if not found:
            continue
        word, rest = found.groups()
        named = rest.split()[0].strip('"') if rest.split() else ""
        if word == "commit":
            commit(rest, [])
        elif word == "branch":
            heads[named] = heads.get(at, "")
            at = named
        elif word in ("checkout", "switch"):
            at = named
        elif word == "merge":
            commit(rest, [heads.get(named, "")])
        else:
            picked = dict(_OPTION.findall(rest)).get("id", "").strip('"')
            commit("", [by_id.get(picked, "")])
    groups = tuple(branches.values())
    return Diagram(Kind.BLOCK, tuple(nodes), tuple(edges), groups, direction="LR") if nodes else None


def read_zenuml(lines: list[str]) -> Diagram | None:
    """ZenUML's calls and messages, calls in braces from whom they are made in."""
    made = Messages()
    stack: list[str] = []
    kinds: list[str] = []
    for line in lines:
        sent, call, frame = _SEND.match(line), _CALL.match(line), _FRAME.match(line)
        caller = stack[-1] if stack else ""
        if line.startswith("title"):
            made.title = label(line[5:])
        elif frame:
            _open(made, kinds, frame, line.startswith("}"))
        elif line.startswith("}"):
            if kinds and kinds.pop() == "call":
                del stack[-1:]
            else:
                made.close()
        elif sent:
            a, b = (made.participant(sent[k].strip('"')) for k in (1, 2))
            made.edges.append(Edge(a, b, label(sent[3]), style="dashed"))
        elif call:
            a = made.participant((call[2] or caller or "starter").strip('"'))
            b = made.participant(call[3].strip('"'))
            made.edges.append(Edge(a, b, label(call[4])))
            if call[5]:
                stack.append(b)
                kinds.append("call")
        elif found := re.match(r'^(?:@\w+\s+)?("[^"]+"|\w+)(?:\s+as\s+("[^"]+"|\w+))?$', line):
            made.participant(found[1].strip('"'), label(found[2] or ""))
    return made.diagram()


def _open(made: Messages, kinds: list[str], frame: re.Match[str], follows: bool) -> None:
    """A frame, or the next part of the one that ends here."""
    word, text = frame[1], label(frame[2] or frame[1])
    if follows and word in ("else", "else if", "catch", "finally"):
        made.section(text)
        return
    if follows:
        made.close()
        del kinds[-1:]
    made.open(
        {"if": "alt", "while": "loop", "for": "loop", "forEach": "loop", "try": "critical"}.get(word, word),
        text,
    )
    kinds.append("frame")
