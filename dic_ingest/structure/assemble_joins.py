"""Lines that were drawn in two pieces, made one: over a label, over a crossing.

In: wires. Out: fewer wires. A junction with a third line is no break.
"""

from __future__ import annotations

from dataclasses import replace

from dic_ingest.diagram import End
from dic_ingest.drawing import Point, grow
from dic_ingest.structure.geometry import angle_between, bounds, distance, length, nearest, outward
from dic_ingest.structure.text_blocks import Block
from dic_ingest.structure.wires import To, Wire

CUT = 0.3  # text heights between a label and the ends of a line that it was laid over


def rejoined(wires: list[Wire], labels: list[Block], em: float) -> list[Wire]:
    """Two loose ends that face each other over a label or a short gap become one line."""
    loose = [(i, s) for i, w in enumerate(wires) for s in (True, False) if _is_loose(w, s)]
    pairs = []
    for n, a in enumerate(loose[:400]):
        for b in loose[n + 1 : 400]:
            cost = _facing(wires, a, b, labels, em) if a[0] != b[0] else None
            if cost is not None:
                pairs.append((cost, a, b))
    pairs.sort()
    taken: set[tuple[int, bool]] = set()
    replaced: dict[int, int] = {}
    result: list[Wire | None] = list(wires)
    for _, (i, si), (j, sj) in pairs:
        if (i, si) in taken or (j, sj) in taken:
            continue
        p, q = _latest(i, replaced), _latest(j, replaced)
        first, second = result[p], result[q]
        if p == q or first is None or second is None:
            continue
        if _holds_tip(first, wires[i].tip(si)) is None or _holds_tip(second, wires[j].tip(sj)) is None:
            continue
        taken |= {(i, si), (j, sj)}
        result[p] = _merge(first, wires[i].tip(si), second, wires[j].tip(sj))
        result[q] = None
        replaced[q] = p
    return [w for w in result if w is not None]


def through_texts(wires: list[Wire]) -> list[Wire]:
    """A text between two unmarked ends of lines that come from nodes is their label: they are one line."""
    at: dict[int, list[tuple[int, bool]]] = {}
    for i, wire in enumerate(wires):
        for s in (True, False):
            hit = wire.hit(s)
            if hit is not None and hit.to is To.TEXT:
                at.setdefault(hit.index, []).append((i, s))
    gone: set[int] = set()
    for ends in at.values():
        if len(ends) != 2 or ends[0][0] == ends[1][0] or gone & {i for i, _ in ends}:
            continue
        (i, si), (j, sj) = ends
        others = wires[i].hit(not si), wires[j].hit(not sj)
        facing = angle_between(outward(wires[i].line.points, si, 4.0), outward(wires[j].line.points, sj, 4.0))
        bare = wires[i].mark(si) is End.NONE and wires[j].mark(sj) is End.NONE
        # where a line turns under its label the two pieces end right at it, and one leads on
        one_way = (wires[i].mark(not si) is End.NONE) != (wires[j].mark(not sj) is End.NONE)
        cut = one_way and facing > 60 and all(h.gap < CUT for w, s in ends if (h := wires[w].hit(s)))
        if bare and (facing > 120 or cut) and all(h is not None and h.to is To.PART for h in others):
            wires[i].attach(si, None)
            wires[j].attach(sj, None)
            wires[i] = _merge(wires[i], wires[i].tip(si), wires[j], wires[j].tip(sj))
            gone.add(j)
    return _without(wires, gone)


def _without(wires: list[Wire], gone: set[int]) -> list[Wire]:
    """The wires but those gone; attachments to lines follow the new numbering."""
    if not gone:
        return wires
    number = {old: new for new, old in enumerate(i for i in range(len(wires)) if i not in gone)}
    kept = [w for i, w in enumerate(wires) if i not in gone]
    for wire in kept:
        for s in (True, False):
            hit = wire.hit(s)
            if hit is not None and hit.to is To.LINE:
                wire.attach(s, replace(hit, index=number[hit.index]) if hit.index in number else None)
    return kept


def _latest(i: int, replaced: dict[int, int]) -> int:
    while i in replaced:
        i = replaced[i]
    return i


def _is_loose(wire: Wire, at_start: bool) -> bool:
    return wire.hit(at_start) is None and wire.mark(at_start) is End.NONE


def _facing(
    wires: list[Wire], a: tuple[int, bool], b: tuple[int, bool], labels: list[Block], em: float
) -> float | None:
    """Cost of joining two ends, None where they do not face each other."""
    p, q = wires[a[0]].tip(a[1]), wires[b[0]].tip(b[1])
    gap = distance(p, q)
    if gap < 0.3 * em and _on_third(wires, a[0], b[0], p, 0.15 * em):
        return None  # both end at one line: a junction
    if gap > 15 * em or gap < 1e-6:
        return 0.0 if gap < 1e-6 and _straight(wires, a, b, None) else None
    step = (q[0] - p[0]) / gap, (q[1] - p[1]) / gap
    if not _straight(wires, a, b, step):
        return None
    if gap <= 1.3 * em:
        return gap / em
    middle = (p[0] + q[0]) / 2, (p[1] + q[1]) / 2
    for block in labels:
        x0, y0, x1, y1 = grow(block.box, 0.4 * em)
        if x0 <= middle[0] <= x1 and y0 <= middle[1] <= y1:
            covered = abs(step[0]) * (x1 - x0) + abs(step[1]) * (y1 - y0)
            if gap <= covered + 1.6 * em:
                return gap / em
    return None


def _on_third(wires: list[Wire], i: int, j: int, tip: Point, reach: float) -> bool:
    x, y = tip
    for k, wire in enumerate(wires):
        x0, y0, x1, y1 = bounds(wire.line.points)
        if k in (i, j) or not (x0 - reach <= x <= x1 + reach and y0 - reach <= y <= y1 + reach):
            continue
        gap, along = nearest(wire.line.points, tip)
        if gap <= reach and 4 * reach < along < length(wire.line.points) - 4 * reach:
            return True
    return False


def _straight(wires: list[Wire], a: tuple[int, bool], b: tuple[int, bool], step: Point | None) -> bool:
    mine = outward(wires[a[0]].line.points, a[1], 4.0)
    theirs = outward(wires[b[0]].line.points, b[1], 4.0)
    if angle_between(mine, (-theirs[0], -theirs[1])) > 25:
        return False
    return step is None or angle_between(mine, step) < 20


def _holds_tip(wire: Wire, tip: Point) -> bool | None:
    if wire.tip(True) == tip:
        return True
    return False if wire.tip(False) == tip else None


def _merge(first: Wire, p: Point, second: Wire, q: Point) -> Wire:
    """One wire out of two that are joined at the ends `p` and `q`."""
    a, b = first.line, second.line
    if first.tip(True) == p:
        a, start = replace(a, points=a.points[::-1], start=a.end, end=a.start), first.end
    else:
        start = first.start
    if second.tip(False) == q:
        b, end = replace(b, points=b.points[::-1], start=b.end, end=b.start), second.start
    else:
        end = second.end
    longer = a if length(a.points) >= length(b.points) else b
    line = replace(
        longer, points=(*a.points, *b.points), start=a.start, end=b.end, order=min(a.order, b.order)
    )
    return Wire(line, start, end)
