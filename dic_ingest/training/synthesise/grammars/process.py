"""Processes as flowcharts: steps of a known plot, decisions whose other branch ends, joins or leads back.

In: a random source and about how many boxes. Out: the plot's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.training.synthesise.words import in_order, pick_section

_DECISION = re.compile(r"^\? (.+?) \| (.+?) \| (.+?): (.+)$")
_SHAPES = {"/": "rect", "[]": "cylinder", "||": "subroutine"}
STARTS = ("Start", "Begin", "START")
ENDS = ("End", "Done", "STOP")
BESIDE = ("Notify supervisor", "Write log entry", "Update dashboard", "Start timer", "Inform customer")


def process(rng: random.Random, size: int) -> tuple[str, Diagram]:
    """A flowchart of about `size` boxes (at least 3)."""
    title, lines = pick_section("processes", rng)
    plot = [(line, lane) for line, lane in _with_lanes(lines)]
    count = max(2, min(len(plot), size - rng.randint(0, 2)))
    start = rng.randint(0, max(0, len(plot) - count - 2))
    made = _Chart(rng, bool(rng.random() < 0.6))
    for line, lane in in_order(rng, plot[start : start + count + 2], count):
        made.add(line, lane, size)
    return title, made.finish()


def _with_lanes(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    found, lane = [], ""
    for line in lines:
        if line.startswith("@ "):
            lane = line[2:]
        else:
            found.append((line, lane))
    return found


class _Chart:
    """A flowchart that grows downwards; `loose` are the line ends that wait for the next box."""

    def __init__(self, rng: random.Random, lanes: bool) -> None:
        self.rng = rng
        self.lanes = lanes
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: dict[str, str] = {}
        self.loose: list[tuple[str, str]] = []
        self.main: list[str] = []
        self.ends: list[str] = []  # side branches that go to the end
        self.mark = rng.random() < 0.7  # questions with a question mark
        self.box = rng.choice(["rect", "rect", "rounded"])
        if rng.random() < 0.65:
            self._put(rng.choice(STARTS), rng.choice(["stadium", "stadium", "circle"]), "")

    def _node(self, label: str, shape: str, lane: str) -> str:
        own = f"n{len(self.nodes) + 1}"
        group = None
        if self.lanes and lane:
            group = self.groups.setdefault(lane, f"g{len(self.groups) + 1}")
        self.nodes.append(Node(own, label, shape, group=group))
        return own

    def _put(self, label: str, shape: str, lane: str) -> str:
        own = self._node(label, shape, lane)
        self.edges += [Edge(source, own, text) for source, text in self.loose]
        self.loose = [(own, "")]
        self.main.append(own)
        return own

    def add(self, line: str, lane: str, size: int) -> None:
        """One line of the plot."""
        if found := _DECISION.match(line):
            self._decide(found[1], found[2], found[3], found[4], lane)
            return
        sign, _, text = line.partition(" ")
        shape = _SHAPES[sign]
        if sign == "/" and self.main and size > 5 and self.rng.random() < 0.12:
            self._fork(text, lane)
        else:
            self._put(text, self.box if shape == "rect" else shape, lane)

    def _decide(self, question: str, on: str, off: str, instead: str, lane: str) -> None:
        rng = self.rng
        own = self._put(f"{question}?" if self.mark else question, "diamond", lane)
        spelled: list[Callable[[str], str]] = [str, str, str.capitalize, str.upper]
        spell = rng.choice(spelled)
        self.loose = [(own, spell(on))]
        back = [m for m in self.main[:-1] if m != own]
        way = rng.choice(["end", "back", "join", "back directly"])
        if way == "back directly" and back:
            self.edges.append(Edge(own, rng.choice(back[-3:]), spell(off)))
            return
        side = self._node(instead, self.box, lane)
        self.edges.append(
            Edge(own, side, spell(off), style=rng.choice(["solid", "solid", "solid", "dashed"]))
        )
        if way == "back" and back:
            self.edges.append(Edge(side, rng.choice(back[-3:])))
        elif way == "join":
            self.loose.append((side, ""))
        else:
            self.ends.append(side)

    def _fork(self, text: str, lane: str) -> None:
        free = [b for b in BESIDE if all(n.label != b for n in self.nodes)]
        before = list(self.loose)
        one = self._put(text, self.box, lane)
        if not free:
            return
        other = self._node(self.rng.choice(free), self.box, lane)
        self.edges += [Edge(source, other, label) for source, label in before]
        self.loose = [(one, ""), (other, "")]

    def finish(self) -> Diagram:
        """The chart with its end, if it has one."""
        if len(self.main) < 3 or self.rng.random() < 0.65 or self.loose[0][1]:
            end = self._put(self.rng.choice(ENDS), "stadium", "")
            if self.rng.random() < 0.6:
                self.edges += [Edge(side, end) for side in self.ends]
        groups = tuple(Group(own, lane) for lane, own in self.groups.items())
        if len(groups) < 2:
            groups = ()
            self.nodes = [replace(n, group=None) for n in self.nodes]
        way = self.rng.choice(["TD", "TD", "TD", "LR"])
        return Diagram(Kind.FLOWCHART, tuple(self.nodes), tuple(self.edges), groups, direction=way)
