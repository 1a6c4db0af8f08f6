"""Free text as labels of lines: middle labels and what is printed at their ends, assigned all at once.

In: blocks of text and wires. Out: which block belongs to which line or line end. A block that no line is near
to stays free.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from dic_ingest.diagrams.assignment import least_cost_pairs
from dic_ingest.diagrams.graph.attachment import To, Wire
from dic_ingest.diagrams.graph.containment import Part, Role, line_ends
from dic_ingest.diagrams.scene import Line
from dic_ingest.diagrams.text_blocks import TextBlock
from dic_ingest.model.box import area, box_gap, center, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color
from dic_ingest.model.geometry import angle_between, is_round, length, nearest, outward

# cardinalities as UML and ER drawings print them
CARDINALITY = re.compile(
    r"^[\[({]?\s*(\d+|\*|[nNmM]|[01]\s*(\.\.|-|,|:)\s*(\d+|\*|[nNmM])|\d+\s*\.\.\s*\S+)\s*[\])}]?$"
)
FAR = 1.7  # text heights between a label and its line
FAR_BRANCH = 2.4  # text heights between a branch of a bus and its label, where it has no nearer one
AT_END = 0.3  # of a line's length: where two labels stand that belong to its ends
FAR_END = 2.3  # text heights between a cardinality and its line end


def middle_labels(blocks: list[TextBlock], wires: list[Wire], em: float) -> dict[int, int]:
    """Block to wire: each block to at most one line, each line gets one block, a second one where both fit
    well.
    """
    found: dict[int, int] = {}
    taken: set[int] = set()
    for far in (FAR, 0.5):
        left = [i for i in range(len(blocks)) if i not in found]
        free = [k for k in range(len(wires)) if far < FAR or k not in taken]
        pairs = least_cost_pairs(
            _costs([blocks[i] for i in left], [wires[k] for k in free], em, far), FAR + 0.5
        )
        for row, column in pairs:
            found[left[row]] = free[column]
            taken.add(free[column])
    return found | _other_ends(blocks, wires, found, em)


def _other_ends(
    blocks: list[TextBlock], wires: list[Wire], found: dict[int, int], em: float
) -> dict[int, int]:
    """Block to wire for blocks that are left, where the line's one label stands at its other end."""
    left = [i for i in range(len(blocks)) if i not in found]
    given = Counter(found.values())
    single = {k: i for i, k in found.items() if given[k] == 1}
    names = list(single)
    costs = _costs([blocks[i] for i in left], [wires[k] for k in single], em, FAR)
    for r, c in zip(*np.nonzero(np.isfinite(costs)), strict=True):
        k = names[int(c)]
        if opposite_ends([blocks[left[int(r)]], blocks[single[k]]], wires[k]) is None:
            costs[r, c] = np.inf
    return {left[r]: names[c] for r, c in least_cost_pairs(costs, FAR + 0.5)}


def opposite_ends(blocks: list[TextBlock], wire: Wire) -> tuple[TextBlock, TextBlock] | None:
    """The labels at the start and at the end of a line that has just those two: names of its interfaces."""
    if len(blocks) != 2:
        return None
    total = length(wire.line.points)
    placed = [(nearest(wire.line.points, center(b.box))[1] / max(total, 1e-6), b) for b in blocks]
    (first, a), (last, b) = sorted(placed, key=lambda p: p[0])
    return (a, b) if first < AT_END and last > 1 - AT_END else None


def branch_labels(blocks: list[TextBlock], wires: list[Wire], bare: list[int], em: float) -> dict[int, int]:
    """Block to wire for those of the `bare` wires that run from a part to another line; one each."""
    branches = [k for k in bare if _is_branch(wires[k])]
    costs = _costs(blocks, [wires[k] for k in branches], em, FAR_BRANCH)
    return {i: branches[c] for i, c in least_cost_pairs(costs, FAR_BRANCH + 0.5)}


def _is_branch(wire: Wire) -> bool:
    return sorted(h.to for h in (wire.start, wire.end) if h is not None) == [To.LINE, To.PART]


def end_labels(blocks: list[TextBlock], wires: list[Wire], em: float) -> dict[int, tuple[int, bool]]:
    """Block to (wire, whether its start), for blocks that read like cardinalities and stand at a line's
    end.
    """
    rows = [i for i, b in enumerate(blocks) if CARDINALITY.match(b.text)]
    ends = [(k, s) for k, w in enumerate(wires) for s in (True, False) if w.hit(s) is not None]
    costs = np.full((len(rows), len(ends)), np.inf)
    for r, i in enumerate(rows):
        for c, (k, s) in enumerate(ends):
            gap = box_gap(blocks[i].box, wires[k].tip(s)) / em
            aside = nearest(wires[k].line.points, center(blocks[i].box))[0] / em
            if gap < FAR_END and aside < 2.0:
                costs[r, c] = gap + 0.3 * aside
    return {rows[r]: ends[c] for r, c in least_cost_pairs(costs, FAR_END)}


def _costs(blocks: list[TextBlock], wires: list[Wire], em: float, far: float) -> npt.NDArray[np.float64]:
    """Distances in text heights, with a preference for lines through the middle of a label."""
    if not blocks or not wires:
        return np.zeros((len(blocks), len(wires)))
    boxes = shapely.box(*np.array([b.box for b in blocks]).T)
    lines = np.array([_line_string(w) for w in wires])
    gaps = shapely.distance(boxes[:, None], lines[None, :]) / em
    middles = shapely.points(np.array([center(b.box) for b in blocks]))
    aside = shapely.distance(middles[:, None], lines[None, :]) / em
    costs: npt.NDArray[np.float64] = np.where(gaps <= far, gaps + 0.15 * aside, np.inf)
    inks = Counter(b.lines[0].color for b in blocks)
    for r, block in enumerate(blocks):
        rare = inks[block.lines[0].color] <= 0.5 * len(blocks)
        for c in np.flatnonzero(np.isfinite(costs[r])):
            wire = wires[int(c)]
            costs[r, c] += _place_cost(block, wire, float(aside[r, c]), em)
            if rare:
                costs[r, c] += -0.5 if _alike(block.lines[0].color, wire.line.color) else 0.2
    return costs


def _alike(a: Color | None, b: Color | None) -> bool:
    return a is not None and b is not None and sum(abs(p - q) for p, q in zip(a, b, strict=True)) < 60


def _line_string(wire: Wire) -> shapely.LineString:
    return shapely.LineString(wire.line.points)


def _place_cost(block: TextBlock, wire: Wire, aside: float, em: float) -> float:
    """Less for a label's background on its line; more near the line's ends, and for lines that lead
    nowhere.
    """
    cost = 0.0
    x0, y0, x1, y1 = block.box
    if block.ground is not None and aside * em < 0.4 * min(x1 - x0, y1 - y0):
        cost -= 0.8
    total = length(wire.line.points)
    _, at = nearest(wire.line.points, center(block.box))
    near_end = min(at, total - at)
    if near_end < min(1.0 * em, 0.2 * total) and area(block.box) > 0:
        cost += 0.3
    if wire.start is None and wire.end is None:
        cost += 1.0
    if To.TEXT in (wire.start.to if wire.start else None, wire.end.to if wire.end else None):
        cost += 0.1
    return cost


# Step numbers beside lines and boxes.


NUMBER = re.compile(r"\(?\d{1,2}[a-z]?[.)]?")
LARGEST = 3.2  # text heights of a number's circle
BESIDE = 1.7  # text heights between a number's circle and its line
FACING = 150.0  # degrees between two lines that are one behind a circle


def take_steps(parts: list[Part], lines: Sequence[Line], em: float) -> list[int]:
    """The discs that number lines; they become labels.

    They stand beside lines. Those that two lines end at from opposite sides go with them, where most of the
    numbers are one or the other and there are boxes with names.
    """
    discs = [i for i, p in enumerate(parts) if _is_numbered(p, em)]
    named = any(p.role is Role.NODE and p.texts for i, p in enumerate(parts) if i not in discs)
    if not discs or not named:
        return []
    at: dict[int, list[tuple[Line, bool]]] = {i: [] for i in discs}
    for line, ends in zip(lines, line_ends(parts, tuple(lines), em), strict=True):
        for end, at_start in zip(ends, (True, False), strict=True):
            if end in at:
                at[end].append((line, at_start))
    beside = [i for i in discs if not at[i] and _gap(parts[i], lines) < BESIDE * em]
    passed = [i for i in discs if _is_passed(at[i], em)]
    found = beside + (passed if len(beside) + len(passed) > max(1, len(discs) // 2) else [])
    for i in found:
        parts[i].role = Role.LABEL
    return found


def _is_numbered(part: Part, em: float) -> bool:
    x0, y0, x1, y1 = part.box
    if part.role not in (Role.NODE, Role.LABEL) or max(x1 - x0, y1 - y0) > LARGEST * em:
        return False
    numbered = len(part.texts) == 1 and NUMBER.fullmatch(part.texts[0].text.strip()) is not None
    return numbered and is_round(part.shape.polygon)


def _gap(part: Part, lines: Sequence[Line]) -> float:
    """From a disc's rim to the nearest line; none where there is no line."""
    reach = min((nearest(x.points, center(part.box))[0] for x in lines), default=float("inf"))
    return reach - width_of(part.box) / 2


def _is_passed(ends: list[tuple[Line, bool]], em: float) -> bool:
    """Whether just two bare ends meet a disc, from opposite sides."""
    if len(ends) != 2 or any((x.start if s else x.end) is not End.NONE for x, s in ends):
        return False
    first, second = (outward(x.points, s, 0.8 * em) for x, s in ends)
    return angle_between(first, second) > FACING


def step_labels(
    parts: Sequence[Part], steps: Sequence[int], wires: Sequence[Wire], em: float
) -> dict[int, int]:
    """Step (index of its part) to the nearest line, in reading order; a line may have several."""
    found: dict[int, int] = {}
    for i in sorted(steps, key=lambda i: (round(parts[i].box[1] / em), parts[i].box[0])):
        middle, radius = center(parts[i].box), width_of(parts[i].box) / 2
        gaps = [(nearest(w.line.points, middle)[0] - radius, k) for k, w in enumerate(wires)]
        if gaps and min(gaps)[0] < BESIDE * em:
            found[i] = min(gaps)[1]
    return found
