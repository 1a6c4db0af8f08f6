"""Arrows that are shapes: block arrows between two shapes, chevrons in a row.

In: the areas of a drawing. Out: lines that say the same, and the areas that are left. A block arrow that does
not lie between two shapes stays a shape.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from dic_ingest.model.box import Point, height_of, shared_height
from dic_ingest.model.diagram import End
from dic_ingest.sources.office.drawing.graph.attachment import Ends, Reach
from dic_ingest.sources.office.drawing.shapes import LINE, OfficeShape, box_of

ONE_WAY = ("rightArrow", "leftArrow", "upArrow", "downArrow", "stripedRightArrow", "notchedRightArrow")
BOTH_WAYS = ("leftRightArrow", "upDownArrow")
STEPS = ("chevron", "homePlate")


@dataclass(frozen=True, slots=True)
class ArrowRules:
    """reach: points from a block arrow's end to the shape that it belongs to, at most `share` of its length.

    row: least share of the lower height that two steps of a row have in common. gap: heights between them.
    """

    reach: float = 24.0
    share: float = 0.75
    row: float = 0.7
    gap: float = 0.5


def block_arrows(
    areas: Sequence[OfficeShape], linked: Collection[str], rules: ArrowRules | None = None
) -> tuple[list[OfficeShape], list[OfficeShape]]:
    """Lines for the block arrows that join two shapes, and the areas that are left."""
    rules = rules or ArrowRules()
    arrows = [s for s in areas if s.geometry in (*ONE_WAY, *BOTH_WAYS) and s.id not in linked]
    arrows = [s for s in arrows if len(s.path) > 5]
    if not arrows:
        return [], list(areas)
    names = {s.id for s in arrows}
    others = [s for s in areas if s.id not in names]
    reach = Reach(shape=6.0, line=0.0, ahead=rules.reach, share=rules.share, text=rules.reach)
    lines = []
    for arrow in arrows:
        line = _as_line(arrow)
        (net,) = Ends(others, [line], (), reach).nets()
        if len({t.shape for t in net.terminals}) == 2:
            a, b = net.terminals
            lines.append(replace(line, start=a.shape, end=b.shape))
    used = {s.id for s in lines}
    return lines, [s for s in areas if s.id not in used]


def _as_line(arrow: OfficeShape) -> OfficeShape:
    """From the middle of its tail to its tip; of a two-headed one from tip to tip."""
    both = arrow.geometry in BOTH_WAYS
    tail = arrow.path[0] if both else _middle(arrow.path[0], arrow.path[-1])
    tip = arrow.path[5] if both else arrow.path[3]
    path = (tail, tip)
    head = End.ARROW if both else End.NONE
    color = arrow.stroke or arrow.fill
    return replace(
        arrow, kind=LINE, path=path, bbox=box_of(path), start_head=head, end_head=End.ARROW, stroke=color
    )


def steps(
    areas: Sequence[OfficeShape], linked: Collection[str], rules: ArrowRules | None = None
) -> list[OfficeShape]:
    """A line from each chevron to the next one in its row."""
    rules = rules or ArrowRules()
    found = [s for s in areas if s.geometry in STEPS and s.text and s.id not in linked]
    found.sort(key=lambda s: s.bbox[0])
    lines = []
    for i, left in enumerate(found):
        height = height_of(left.bbox)
        after = [s for s in found[i + 1 :] if _in_row(left, s, rules.row) and s.bbox[0] > left.bbox[0]]
        following = min(after, key=lambda s: s.bbox[0], default=None)
        if following is None or following.bbox[0] - left.bbox[2] > rules.gap * height:
            continue
        y = (left.bbox[1] + left.bbox[3]) / 2
        path = ((left.bbox[2], y), (following.bbox[0], y))
        name = f"{left.id}>{following.id}"
        line = OfficeShape(name, LINE, box_of(path), path, stroke=(0, 0, 0), end_head=End.ARROW)
        lines.append(replace(line, start=left.id, end=following.id))
    return lines


def _in_row(a: OfficeShape, b: OfficeShape, share: float) -> bool:
    common = shared_height(a.bbox, b.bbox)
    return common >= share * min(height_of(a.bbox), height_of(b.bbox))


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
