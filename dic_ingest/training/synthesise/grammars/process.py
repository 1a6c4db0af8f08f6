"""Processes as flowcharts: consecutive steps of a plot; the other outcome of a decision goes where it says.

In: a random source, about how many boxes, plots. Out: the plot's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.training.synthesise.words import Plots

_DECISION = re.compile(r"^\? (.+?) \| (.+?) \| (.+?): (.+?) -> (.+)$")
_SHAPES = {"/": "rect", "[]": "cylinder", "||": "subroutine", "&": "rect"}
STARTS = ("Start", "Begin", "START")
ENDS = ("End", "Done", "STOP")


@dataclass(frozen=True, slots=True)
class _Branch:
    """The other outcome of a decision: the line ends of its work, and where they go."""

    loose: tuple[str, str]
    where: str
    question: str
    before: str | None


def process(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """A flowchart of about `size` boxes (at least 3)."""
    title, lines = plots.pick("processes", rng)
    plot = _with_lanes(lines)
    count = max(2, min(len(plot), size - rng.randint(0, 2)))
    whole = rng.random() < 0.5  # from the first step on
    start = 0 if whole else rng.randint(0, len(plot) - count)
    made = _Chart(rng, lanes=rng.random() < 0.6, boxes=size)
    for line, lane in plot[start : start + count]:
        made.add(line, lane)
    return title, made.finish(start + count == len(plot))


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

    def __init__(self, rng: random.Random, lanes: bool, boxes: int) -> None:
        self.rng = rng
        self.lanes = lanes
        self.boxes = boxes
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: dict[str, str] = {}
        self.loose: list[tuple[str, str]] = []
        self.entered: list[tuple[str, str]] = []  # the line ends that the last step took
        self.steps: dict[str, str] = {}  # text of a step of the plot -> its box
        self.main: list[str] = []
        self.branches: list[_Branch] = []
        self.mark = rng.random() < 0.7  # questions with a question mark
        self.box = rng.choice(["rect", "rect", "rounded"])
        spelled: list[Callable[[str], str]] = [str, str, str.capitalize, str.upper]
        self.spell = rng.choice(spelled)
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
        self.entered, self.loose = self.loose, [(own, "")]
        self.main.append(own)
        return own

    def add(self, line: str, lane: str) -> None:
        """One line of the plot."""
        if found := _DECISION.match(line):
            self._decide(found[1], found[2], found[3], found[4], found[5], lane)
            return
        sign, _, text = line.partition(" ")
        shape = _SHAPES[sign]
        if sign == "&" and self.main:
            own = self._node(text, self.box, lane)
            self.edges += [Edge(source, own, label) for source, label in self.entered]
            self.loose.append((own, ""))
        else:
            own = self._put(text, self.box if shape == "rect" else shape, lane)
        self.steps[text] = own

    def _decide(self, question: str, on: str, off: str, instead: str, where: str, lane: str) -> None:
        before = self.main[-1] if self.main else None
        own = self._put(f"{question}?" if self.mark else question, "diamond", lane)
        self.loose = [(own, self.spell(on))]
        style = self.rng.choice(["solid", "solid", "solid", "dashed"])
        if where == instead or (where == "before" and before and self.rng.random() < 0.2):
            self.branches.append(_Branch((own, self.spell(off)), where, own, before))
            return
        side = self._node(instead, self.box, lane)
        self.edges.append(Edge(own, side, self.spell(off), style=style))
        if where == "next":
            self.loose.append((side, ""))
        else:
            self.branches.append(_Branch((side, ""), where, own, before))

    def _lead(self, branch: _Branch, end: str | None) -> None:
        """Draw where another outcome goes; nothing where that step is not in the drawing."""
        places = {"again": branch.question, "before": branch.before, "end": end}
        goal = places.get(branch.where, self.steps.get(branch.where))
        source, label = branch.loose
        if goal is None and source == branch.question:
            goal = branch.before or branch.question
        if goal is not None:
            self.edges.append(Edge(source, goal, label))

    def finish(self, last: bool) -> Diagram:
        """The chart with its end, if it has one. `last`: the plot ends here too."""
        end = None
        if (last and self.rng.random() < 0.8) or len(self.main) < 3 or self.loose[0][1]:
            end = self._put(self.rng.choice(ENDS) if last else "Continue", "stadium", "")
        ended = end if last and self.rng.random() < 0.7 else None
        for branch in self.branches:
            self._lead(branch, ended)
        groups = tuple(Group(own, lane) for lane, own in self.groups.items())
        if len(groups) < 2:
            groups = ()
            self.nodes = [replace(n, group=None) for n in self.nodes]
        way = self.rng.choice(["TD", "TD", "TD", "LR"])
        return Diagram(Kind.FLOWCHART, tuple(self.nodes), tuple(self.edges), groups, direction=way)
