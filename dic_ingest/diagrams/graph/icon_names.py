"""Names of things that carry no text inside: the text printed under an icon, beside a dot or an empty box.

In: parts and the texts around them. Out: the texts given to the parts; nothing is invented where none is
near.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dic_ingest.diagrams.assignment import least_cost_pairs
from dic_ingest.diagrams.graph.containment import ROOMY, Part
from dic_ingest.diagrams.scene import TextLine
from dic_ingest.diagrams.text_blocks import TextBlock, blocks
from dic_ingest.model.box import Box, area, center, union, width_of

FAR = 2.2  # text heights between a thing and its name
NEAR = 1.0  # where most names stand on the other side
SMALLEST_ICON = 1.2  # text heights
Side = Callable[[Box, Box, float], float | None]


def name_icons(parts: list[Part], free: list[TextLine], em: float) -> list[TextLine]:
    """Texts under icons, or over them, become the icons' own; returns the free texts that are left."""
    art = {i: p.texts for i, p in enumerate(parts) if p.shape.kind == "icon" and _is_art(p)}
    for i in art:
        parts[i].texts = []
    icons = [i for i, p in enumerate(parts) if _is_bare_icon(parts, p, em)]
    around: dict[int | None, list[TextLine]] = {None: free}
    for i in icons:
        parent = parts[i].parent
        if parent is not None:
            around[parent] = parts[parent].texts
    for parent, texts in around.items():
        own = [i for i in icons if parts[i].parent == parent]
        left = _centred_names(parts, own, texts, em)
        if parent is None:
            free = left
        else:
            parts[parent].texts = left
    for i, texts in art.items():
        if not parts[i].texts:  # no better name was found
            parts[i].texts = texts
    return free


def _centred_names(parts: list[Part], icons: list[int], texts: list[TextLine], em: float) -> list[TextLine]:
    """Names under icons or over them, whichever side names more of them first; returns the texts left."""
    boxes, names = [parts[i].box for i in icons], blocks(texts)
    named = {side: nearest_names(boxes, names, em, side) for side in (_under, _over)}
    first = max(named, key=lambda side: len(named[side]))  # under, where both name as many
    given = {id(t) for block in named[first].values() for t in block.lines}
    for k, block in named[first].items():
        parts[icons[k]].texts.extend(block.lines)
    bare = [i for i in icons if not parts[i].texts]
    left = [block for block in names if not given & {id(t) for t in block.lines}]
    other = _over if first is _under else _under
    for k, block in nearest_names([parts[i].box for i in bare], left, em, other, NEAR).items():
        parts[bare[k]].texts.extend(block.lines)
        given |= {id(t) for t in block.lines}
    return [t for t in texts if id(t) not in given]


def _is_art(part: Part) -> bool:
    """Letters that are part of a logo or a badge, not the icon's name: a few signs in a large icon."""
    signs = sum(c.isalnum() for t in part.texts for c in t.text)
    inked = sum(area(t.bbox) for t in part.texts)
    return bool(part.texts) and (signs <= 3 or (signs <= 6 and inked < 0.12 * area(part.box)))


def nearest_names(
    things: Sequence[Box], names: list[TextBlock], em: float, side: Side | None = None, far: float = FAR
) -> dict[int, TextBlock]:
    """Thing to block, all at once by least distance; `side`: under or over a thing alone, else any side."""
    costs = np.full((len(things), len(names)), np.inf)
    places = [block.box for block in names]
    for r, box in enumerate(things):
        for c, place in enumerate(places):
            cost = (side or _beside)(box, place, em)
            if cost is not None and cost < far:
                costs[r, c] = cost
    return {r: names[c] for r, c in least_cost_pairs(costs, far)}


def _is_bare_icon(parts: list[Part], part: Part, em: float) -> bool:
    """An icon that stands for itself: not the ornament of a box that has a text and lines of its own."""
    x0, y0, x1, y1 = part.box
    if part.shape.kind != "icon" or part.texts or part.children or min(x1 - x0, y1 - y0) < SMALLEST_ICON * em:
        return False
    if part.parent is None:
        return True
    parent = parts[part.parent]
    if parent.shape.kind == "icon":
        return False
    if part.touched:
        return True
    icons = [k for k in parent.children if parts[k].shape.kind == "icon"]
    roomy = area(parent.box) > ROOMY * area(part.box)
    return not parent.touched and (len(icons) > 1 or roomy)


def _under(thing: Box, name: Box, em: float) -> float | None:
    gap = name[1] - thing[3]
    off = abs(center(thing)[0] - center(name)[0])
    if not -0.5 * em < gap or off > max(0.35 * width_of(thing), 0.8 * em):
        return None
    return abs(gap) / em + 0.3 * off / em


def _over(thing: Box, name: Box, em: float) -> float | None:
    return _under((thing[0], -thing[3], thing[2], -thing[1]), (name[0], -name[3], name[2], -name[1]), em)


def _beside(thing: Box, name: Box, em: float) -> float | None:
    """Distance in text heights, where the two overlap in one direction."""
    dx = max(thing[0] - name[2], name[0] - thing[2], 0.0)
    dy = max(thing[1] - name[3], name[1] - thing[3], 0.0)
    if dx > 0 and dy > 0:
        return None
    return (dx + dy) / em


def name_outside(part: Part) -> Box | None:
    """Box of the name that is printed outside the part, None where its texts are inside."""
    x0, y0, x1, y1 = part.box
    outer = [t.bbox for t in part.texts if not (x0 < center(t.bbox)[0] < x1 and y0 < center(t.bbox)[1] < y1)]
    return union(outer) if outer else None
