"""Mermaid kinds of named areas: packet, Venn, Wardley map, Cynefin, event model -> a `Diagram`.

Fields, sets, components, domains and frames become nodes or groups; numbers that place or size them members.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.text import label

_TITLE = re.compile(r"^title\s+(.*)$")
_BITS = re.compile(r'^(?:(\d+)(?:\s*-\s*(\d+))?|\+(\d+))\s*:\s*"([^"]*)"')
_NAME = r'"[^"]*"|[A-Za-z_][\w-]*'
_SIZE = r"(?:\s*:\s*([-+]?[\d.]+))?"
_SET = re.compile(rf'^set\s+({_NAME})\s*(?:\["?([^"\]]*)"?\])?{_SIZE}\s*$')
_UNION = re.compile(rf'^union\s+((?:{_NAME})(?:\s*,\s*(?:{_NAME}))+)\s*(?:\["?([^"\]]*)"?\])?{_SIZE}\s*$')
_TEXT = re.compile(rf'^text\s+({_NAME})\s*(?:\["?([^"\]]*)"?\])?\s*$')
_PLACED = re.compile(r"^(anchor|component)\s+(.+?)\s*\[([^\]]*)\](.*)$")
_LINK = re.compile(r"^(.+?)\s*(-\.->|-->|->|\+<>|\+>|\+<)\s*([^;:]+?)\s*(?:[;:]\s*(.*))?$")
_NOTE = re.compile(r'^(?:note|annotation)\s+(?:\d+\s*,?\s*)?(?:\[[^\]]*\]\s*)?"?([^"\[]+?)"?\s*(?:\[.*)?$')
_EVOLVES = re.compile(r"^evolve\s+(.+?)\s+([\d.]+)\s*$")
_DOMAIN = re.compile(r"^(complex|complicated|clear|chaotic|confusion)$")
_MOVE = re.compile(r"^(\w+)\s*-->\s*(\w+)\s*(?::\s*(.*))?$")
_FRAME = re.compile(r"^(?:tf|timeframe)\s+(\w+)\s+(\w+)\s+([\w.\"-]+)((?:\s*->>\s*\w+)*)")
_FRAMES = {"ui": "screen", "cmd": "command", "command": "command", "evt": "event", "event": "event"}


def read_packet(lines: list[str]) -> Diagram | None:
    """The fields of a packet in order, each with its bits."""
    nodes: list[Node] = []
    at = 0
    for line in lines:
        found = _BITS.match(line)
        if found is None:
            continue
        first = int(found[1]) if found[1] else at
        last = int(found[2]) if found[2] else first + (int(found[3]) if found[3] else 1) - 1
        bits = f"bit {first}" if last <= first else f"bits {first}-{last}"
        nodes.append(Node(f"n{len(nodes) + 1}", label(found[4]), "rect", (bits,)))
        at = last + 1
    return _made(lines, nodes, [])


def read_venn(lines: list[str]) -> Diagram | None:
    """Sets, and what several have in common: a node with a line to each of them."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    area = ""
    for line in lines:
        one, common, text = _SET.match(line), _UNION.match(line), _TEXT.match(line)
        if one:
            area = _bare(one[1])
            nodes[area] = Node(area, label(one[2] or area), "circle", _sized(one[3]))
        elif common:
            sets = [_bare(name) for name in re.findall(_NAME, common[1])]
            area = "&".join(sets)
            names = " and ".join(nodes[s].label if s in nodes else s for s in sets)
            nodes[area] = Node(area, label(common[2] or names), "circle", _sized(common[3]))
            edges += [Edge(s, area, "", False, target_end=End.NONE) for s in sets if s in nodes]
        elif text and area in nodes:
            own = nodes[area]
            nodes[area] = replace(own, members=(*own.members, label(text[2] or _bare(text[1]))))
    return _made(lines, list(nodes.values()), edges)


def read_wardley(lines: list[str]) -> Diagram | None:
    """Components with their visibility and evolution, and what needs what."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    notes: list[str] = []
    for line in lines:
        placed, note, moves = _PLACED.match(line), _NOTE.match(line), _EVOLVES.match(line)
        link = _LINK.match(line)
        if placed:
            name = _bare(placed[2])
            values = [v.strip() for v in placed[3].split(",")]
            known = zip(("visibility", "evolution"), values, strict=False)
            members = tuple(f"{what} {value}" for what, value in known)
            nodes[name] = Node(name, label(name), "actor" if placed[1] == "anchor" else "circle", members)
        elif note:
            notes.append(label(note[1]))
        elif moves and (own := nodes.get(_bare(moves[1]))):
            nodes[own.id] = replace(own, members=(*own.members, f"evolves to {moves[2]}"))
        elif link:
            style = "dashed" if "." in link[2] else "solid"
            edges.append(Edge(_bare(link[1]), _bare(link[3]), label(link[4] or ""), True, style))
    edges = [e for e in edges if e.source in nodes and e.target in nodes]
    made = _made(lines, list(nodes.values()), edges)
    return replace(made, notes=tuple(notes)) if made else None


def read_cynefin(lines: list[str]) -> Diagram | None:
    """Domains as groups with what lies in them, and moves between domains."""
    groups: dict[str, Group] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    at: str | None = None
    for line in lines:
        domain, move = _DOMAIN.match(line), _MOVE.match(line)
        if domain:
            at = domain[1]
            groups.setdefault(at, Group(at, at.capitalize()))
        elif move:
            edges.append(Edge(move[1], move[2], label((move[3] or "").strip('"'))))
        elif line.startswith('"') and at is not None:
            nodes.append(Node(f"n{len(nodes) + 1}", label(line.strip('"')), "rounded", group=at))
    edges = [e for e in edges if e.source in groups and e.target in groups]
    made = _made(lines, nodes, edges)
    return replace(made, groups=tuple(groups.values())) if made else None


def read_event_model(lines: list[str]) -> Diagram | None:
    """Frames of an event model in order of time: screens, commands, events; each follows what it names."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    last = ""
    for line in lines:
        found = _FRAME.match(line)
        if found is None:
            continue
        name = found[1]
        kind = _FRAMES.get(found[2], found[2])
        nodes[name] = Node(name, label(_bare(found[3])), "rect", (kind,))
        before = re.findall(r"->>\s*(\w+)", found[4]) or ([last] if last else [])
        edges += [Edge(b, name) for b in before if b in nodes and b != name]
        last = name
    return _made(lines, list(nodes.values()), edges)


def _made(lines: list[str], nodes: list[Node], edges: list[Edge]) -> Diagram | None:
    title = next((m[1] for line in lines if (m := _TITLE.match(line))), "")
    if not nodes:
        return None
    return Diagram(Kind.BLOCK, tuple(nodes), tuple(edges), (), label(title.strip('"')), direction="LR")


def _bare(name: str) -> str:
    return name.strip().strip('"')


def _sized(value: str | None) -> tuple[str, ...]:
    return (f"size {value}",) if value else ()
