"""Attached lines as edges: single lines, and nets of lines that join others.

In: wires. Out: `EdgeDraft`s of edges between parts and texts, in no particular order, with their direction.
In a net every end without arrowhead leads to every end with one; without arrowheads the ends meet in one
hub.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from dic_ingest.diagrams.graph.attachment import Attachment, To, Wire
from dic_ingest.model.box import Point
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import distance, length, nearest, outward
from dic_ingest.model.grouping import DisjointSets

HEADS = frozenset({End.ARROW, End.TRIANGLE})
BRANCHES = 3  # lines that end on a bus
PAST = 0.05  # of a bus's length: how far it goes on beyond the outermost lines
MAX_PAIRS = 40  # edges out of one net


@dataclass(slots=True)
class EdgeDraft:
    """An edge between two attachments. `wires`: lines it runs along, its own first and last ones at the
    ends.
    """

    source: Attachment
    target: Attachment
    source_end: End
    target_end: End
    wires: tuple[int, ...]
    path: tuple[Point, ...]
    directed: bool
    score: float
    labels: list[str] = field(default_factory=list)
    source_labels: list[str] = field(default_factory=list)
    target_labels: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A net's end at a part or text."""

    wire: int
    at_start: bool
    hit: Attachment
    mark: End


def drafts_of(wires: list[Wire], heads: frozenset[End] = HEADS) -> tuple[list[EdgeDraft], list[int]]:
    """Edges, and the wires that lead nowhere. `heads`: the marks that make an edge directed."""
    drafts: list[EdgeDraft] = []
    loose: list[int] = []
    for net in _nets(wires):
        ends = [
            Terminal(i, s, hit, wires[i].mark(s))
            for i in net
            for s in (True, False)
            if (hit := wires[i].hit(s)) is not None and hit.to is not To.LINE
        ]
        if len(ends) < 2:
            loose.extend(net)
        elif len(net) == 1:
            drafts.append(_draft(wires, ends[0], ends[1], heads))
        else:
            drafts.extend(_net_drafts(wires, net, ends, heads))
    return drafts, loose


def _nets(wires: list[Wire]) -> list[list[int]]:
    joined = DisjointSets(len(wires))
    for i, wire in enumerate(wires):
        for hit in (wire.start, wire.end):
            if hit is not None and hit.to is To.LINE:
                joined.join(i, hit.index)
    return joined.groups()


def _net_drafts(
    wires: list[Wire], net: list[int], ends: list[Terminal], heads: frozenset[End]
) -> list[EdgeDraft]:
    ends = _distinct(ends)
    into = [t for t in ends if t.mark in heads]
    out = [t for t in ends if t.mark not in heads]
    if into and out:
        pairs = [(a, b) for a in out for b in into]
    elif len(ends) == 2:
        pairs = [(ends[0], ends[1])]
    else:
        bus = _bus(wires, net)
        marked = _hub(wires, ends)
        hub = (bus if bus and _runs_past(wires, net, bus.wire) else marked) or bus or _first(wires, ends)
        pairs = [(hub, t) for t in ends if t is not hub]
    return [_draft(wires, a, b, heads) for a, b in pairs[:MAX_PAIRS] if a.hit != b.hit]


def _distinct(ends: list[Terminal]) -> list[Terminal]:
    """One terminal for lines of the net that end at one thing with one mark."""
    seen: dict[tuple[To, int, End], Terminal] = {}
    for t in ends:
        seen.setdefault((t.hit.to, t.hit.index, t.mark), t)
    return list(seen.values())


def _hub(wires: list[Wire], ends: list[Terminal]) -> Terminal | None:
    """The end that all others belong to: alone in its mark, or alone on its side of the net."""
    for t in ends:
        if t.mark is not End.NONE and sum(o.mark == t.mark for o in ends) == 1:
            return t
    sides: dict[int, list[Terminal]] = {}
    for t in ends:
        x, y = outward(wires[t.wire].line.points, t.at_start, 4.0)
        side = (0 if x > 0 else 2) if abs(x) > abs(y) else (1 if y > 0 else 3)
        sides.setdefault(side, []).append(t)
    return next((ts[0] for ts in sides.values() if len(ts) == 1), None)


def _bus(wires: list[Wire], net: list[int]) -> Terminal | None:
    """The line that the others of the net end on and that leads to nothing itself: a thing of its own."""
    joined = Counter(h.index for i in net for h in (wires[i].start, wires[i].end) if h and h.to is To.LINE)
    for i, count in joined.most_common(1):
        ends = [h for h in (wires[i].start, wires[i].end) if h is not None and h.to is not To.LINE]
        if count >= BRANCHES and not ends:
            return Terminal(i, True, Attachment(To.LINE, i, 0.0), End.NONE)
    return None


def _runs_past(wires: list[Wire], net: list[int], bus: int) -> bool:
    """Whether a bus goes on at both ends beyond the outermost lines that end on it; a tree's bar does not."""
    course = wires[bus].line.points
    at = [
        nearest(course, wires[i].tip(s))[1]
        for i in net
        for s in (True, False)
        if (hit := wires[i].hit(s)) is not None and hit == Attachment(To.LINE, bus, hit.gap)
    ]
    whole = length(course)
    return bool(at) and min(min(at), whole - max(at)) > PAST * whole


def _first(wires: list[Wire], ends: list[Terminal]) -> Terminal:
    return min(ends, key=lambda t: (wires[t.wire].tip(t.at_start)[1], wires[t.wire].tip(t.at_start)[0]))


def _draft(wires: list[Wire], a: Terminal, b: Terminal, heads: frozenset[End]) -> EdgeDraft:
    """The edge between two terminals, turned so that it points from its source to its target."""
    if (a.mark in heads and b.mark not in heads) or (
        a.wire == b.wire and not a.at_start and (a.mark in heads) == (b.mark in heads)
    ):
        a, b = b, a
    route = _route(wires, a.wire, b.wire)
    score = max(0.3, 1.0 - 0.15 * (a.hit.gap + b.hit.gap)) * (0.9 ** (len(route) - 1))
    return EdgeDraft(
        a.hit, b.hit, a.mark, b.mark, tuple(route), _path(wires, route, a), b.mark in heads, round(score, 3)
    )


def _route(wires: list[Wire], start: int, goal: int) -> list[int]:
    """Fewest lines from one to another over their junctions."""
    if start == goal:
        return [start]
    beside: dict[int, set[int]] = {}
    for i, wire in enumerate(wires):
        for hit in (wire.start, wire.end):
            if hit is not None and hit.to is To.LINE:
                beside.setdefault(i, set()).add(hit.index)
                beside.setdefault(hit.index, set()).add(i)
    before: dict[int, int] = {start: start}
    queue = deque([start])
    while queue:
        i = queue.popleft()
        if i == goal:
            break
        for k in sorted(beside.get(i, ())):
            if k not in before:
                before[k] = i
                queue.append(k)
    route = [goal]
    while route[-1] != start:
        route.append(before[route[-1]])
    return route[::-1]


def _path(wires: list[Wire], route: list[int], first: Terminal) -> tuple[Point, ...]:
    bus = first.hit.to is To.LINE and len(route) > 1  # the way from it begins where the next line leaves it
    head, *others = route[1:] if bus else route
    points = list(wires[head].line.points)
    away = (
        nearest(wires[route[0]].line.points, points[0])[0]
        > nearest(wires[route[0]].line.points, points[-1])[0]
    )
    if away if bus else not first.at_start:
        points.reverse()
    for i in others:
        step = list(wires[i].line.points)
        if distance(points[-1], step[-1]) < distance(points[-1], step[0]):
            step.reverse()
        points.extend(step)
    return tuple(points)
