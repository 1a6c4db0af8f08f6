"""Numbers in small circles at lines: steps in the order of their numbers, not nodes.

In: parts with roles, and lines. Out: which discs are such numbers, and the line that each belongs to. Discs
that lines end on are nodes of a graph, unless they lie on lines that go on behind them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dic_ingest.diagrams.graph.attachment import Wire
from dic_ingest.diagrams.graph.containment import Part, Role, line_ends
from dic_ingest.diagrams.scene import Line
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import angle_between, center, is_round, nearest, outward

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
    return reach - (part.box[2] - part.box[0]) / 2


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
        middle, radius = center(parts[i].box), (parts[i].box[2] - parts[i].box[0]) / 2
        gaps = [(nearest(w.line.points, middle)[0] - radius, k) for k, w in enumerate(wires)]
        if gaps and min(gaps)[0] < BESIDE * em:
            found[i] = min(gaps)[1]
    return found
