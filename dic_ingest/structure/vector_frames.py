"""Rectangles drawn as separate straight lines: boxes ruled side by side, frames of four rules.

In: joined open pieces. Out: rectangle shapes and the pieces that are not their sides. A rectangle needs its
four corners: rules of equal extent above and below, and left and right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from dic_ingest.drawing import Box
from dic_ingest.structure.scene import Shape
from dic_ingest.structure.vector_pieces import Piece

MAX_GROUPS = 400


@dataclass(slots=True)
class Rule:
    """A straight horizontal (or, with axes swapped, vertical) line: its place, its extent, its pieces."""

    at: float
    low: float
    high: float
    pieces: set[int] = field(default_factory=set)


def find_frames(pieces: list[Piece], em: float) -> tuple[list[Shape], list[Piece]]:
    """Rectangles made of rules, and all pieces but their four sides."""
    slack = max(0.08 * em, 0.8)
    flat = _rules(pieces, slack, em, upright=False)
    tall = _rules(pieces, slack, em, upright=True)
    shapes: list[Shape] = []
    used: set[int] = set()
    by_span = _grouped(flat, slack)
    for (y0, y1), uprights in _grouped(tall, slack).items():
        for (x0, x1), levels in by_span.items():
            sides = [  # left, right, top, bottom
                _at(uprights, x0, slack),
                _at(uprights, x1, slack),
                _at(levels, y0, slack),
                _at(levels, y1, slack),
            ]
            if all(sides) and min(x1 - x0, y1 - y0) > 0.6 * em:
                members = set().union(*(s.pieces for s in sides if s))
                shapes.append(_frame((x0, y0, x1, y1), pieces[min(members)]))
                used |= members
    return shapes, [p for i, p in enumerate(pieces) if i not in used]


def _rules(pieces: list[Piece], slack: float, em: float, upright: bool) -> list[Rule]:
    found: list[Rule] = []
    for i, p in enumerate(pieces):
        if p.closed or p.curved:
            continue
        x0, y0, x1, y1 = p.bbox
        at0, at1, low, high = (x0, x1, y0, y1) if upright else (y0, y1, x0, x1)
        if at1 - at0 < 0.4 * slack and high - low > slack:
            found.append(Rule((at0 + at1) / 2, low, high, {i}))
    found.sort(key=lambda r: (round(r.at / slack), r.low))
    merged: list[Rule] = []
    for rule in found:
        last = merged[-1] if merged else None
        if last and abs(last.at - rule.at) < 0.5 * slack and rule.low <= last.high + slack:
            last.high = max(last.high, rule.high)
            last.pieces |= rule.pieces
        else:
            merged.append(rule)
    return [r for r in merged if r.high - r.low > 0.6 * em]


def _grouped(rules: list[Rule], slack: float) -> dict[tuple[float, float], list[Rule]]:
    """Rules of the same extent together; only extents that two rules share."""
    groups: dict[tuple[float, float], list[Rule]] = {}
    cells: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for rule in rules:
        home = int(rule.low // (2 * slack)), int(rule.high // (2 * slack))
        near = [k for dx in (-1, 0, 1) for dy in (-1, 0, 1) for k in cells[home[0] + dx, home[1] + dy]]
        key = next(
            (k for k in near if abs(k[0] - rule.low) <= slack and abs(k[1] - rule.high) <= slack), None
        )
        if key is None:
            key = (rule.low, rule.high)
            cells[home].append(key)
            groups[key] = []
        groups[key].append(rule)
    shared = [(k, v) for k, v in groups.items() if len(v) > 1]
    return dict(shared[:MAX_GROUPS])


def _at(rules: list[Rule], place: float, slack: float) -> Rule | None:
    return next((r for r in rules if abs(r.at - place) <= slack), None)


def _frame(box: Box, like: Piece) -> Shape:
    x0, y0, x1, y1 = box
    polygon = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return Shape(box, polygon, "rect", None, like.color, like.dashed, like.order)
