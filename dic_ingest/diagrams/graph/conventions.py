"""What a drawing means by frames around one box, knobs at lines, lists in boxes.

In: a `Reading` whose lines are linked. Out: the same; its drafts end at what their authors meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from dic_ingest.diagrams.graph.attachment import Attachment, To
from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.graph.nets import EdgeDraft
from dic_ingest.diagrams.graph.reading import BOXED_KINDS, Reading
from dic_ingest.diagrams.scene import Line
from dic_ingest.diagrams.text_blocks import TextBlock, blocks
from dic_ingest.model.box import Box, area, center, height_of, width_of
from dic_ingest.model.diagram import Kind
from dic_ingest.model.geometry import outline_distance

STRICT = BOXED_KINDS | {Kind.STATE}  # their forms mean what they are
FILLED = 0.5  # of a frame's area
SMALL = 0.75  # of the size of a box's own name
PORT = 1.2  # text heights of the largest port without a name
TOUCHES = 0.3  # of a port's size: how far a line may end from it
LARGER = 6.0  # times a port's area: the least that its owner has
BAR_SLACK = 0.3  # text heights between the sides of a frame and of its title bar
BAR_SHARE = 0.4  # of the frame: a thicker box is a thing in it
BAR_LINES = 5.0  # text heights; the same
KNOB = 1.6  # text heights; a larger round thing without a name is a node
REMARK = 4  # words; what is shorter may be the name of a terminal
LIST = 3  # lines; a step may have two remarks in its name
BULLET = re.compile(r"^\s*[-–—•·*▪●◦‣▸]\s*\S")


def take_ports(parts: list[Part], lines: Sequence[Line], em: float) -> tuple[Line, ...]:
    """Small outlines without text on the border of a box are its ports; the lines, led on to that box.

    Whatever role such an outline was given before: a line that ends at it says that it is a port, and a box
    with a name that has such ports is a node.
    """
    found = list(lines)
    tips = np.array([(line.points[0], line.points[-1]) for line in lines], np.float64).reshape(-1, 2, 2)
    for port in parts:
        size = max(width_of(port.box), height_of(port.box))
        if port.texts or size > PORT * em or port.shape.kind == "icon":
            continue
        if port.role not in (Role.NODE, Role.NOTHING):
            continue
        ended = _tips_near(tips, port.box, TOUCHES * size)
        if port.role is Role.NOTHING and not ended:
            continue
        owner = _port_owner(parts, port, size, bool(ended))
        if owner is None:
            continue
        port.role = Role.PART
        owner.role = Role.NODE if owner.role is Role.NOTHING else owner.role
        border = shapely.LinearRing(owner.shape.polygon)
        end = border.interpolate(border.project(shapely.Point(center(port.box))))
        for i, at in ended:
            points = [*found[i].points]
            points[-at] = tips[i, at] = (end.x, end.y)
            found[i] = replace(found[i], points=tuple(points))
    return tuple(found)


def _tips_near(tips: NDArray[np.float64], box: Box, gap: float) -> list[tuple[int, int]]:
    """Which ends of which lines lie nearer than `gap` to a box: (line, 0 for its first point or 1)."""
    off = np.maximum(np.maximum(np.array(box[:2]) - tips, tips - np.array(box[2:])), 0.0)
    return [(int(i), int(at)) for i, at in np.argwhere(np.hypot(off[..., 0], off[..., 1]) < gap)]


def _port_owner(parts: list[Part], port: Part, size: float, ended: bool) -> Part | None:
    """The box on whose border a port stands; one that was given no role only where lines end at the port."""
    at = center(port.box)
    for part in parts:
        named = part.role is Role.NOTHING and bool(part.texts) and ended
        if part is port or not (part.role in (Role.NODE, Role.GROUP) or named):
            continue
        larger = area(part.box) > LARGER * area(port.box)
        if larger and outline_distance(part.shape.polygon, at) < 0.6 * size:
            return part
    return None


def take_title_bars(parts: list[Part], em: float) -> dict[int, TextBlock]:
    """Group to the text of its title bar: a slim box along one whole side of a lane, pool or frame.

    The bar is a part of its group from then on, and no node.
    """
    found: dict[int, TextBlock] = {}
    for i, group in enumerate(parts):
        if group.role is not Role.GROUP:
            continue
        bars = [k for k in group.children if _is_bar(parts[k], group, em)]
        others = [k for k in group.children if k not in bars and parts[k].role in (Role.NODE, Role.GROUP)]
        if len(bars) == 1 and others:
            bar = parts[bars[0]]
            bar.role = Role.PART
            found[i] = TextBlock(tuple(bar.texts))
            bar.texts = []
    return found


def _is_bar(bar: Part, group: Part, em: float) -> bool:
    flush = [abs(a - b) < BAR_SLACK * em for a, b in zip(bar.box, group.box, strict=True)]
    if bar.role is not Role.NODE or not bar.texts or sum(flush) != 3:
        return False
    upright = flush[1] and flush[3]
    low, high = (0, 2) if upright else (1, 3)
    thick, whole = bar.box[high] - bar.box[low], group.box[high] - group.box[low]
    return thick < min(BAR_SHARE * whole, BAR_LINES * em)


def tidy(r: Reading) -> None:
    """Apply what holds for all drawings but those of strict kinds."""
    if r.kind in STRICT:
        return
    _take_callouts(r)
    _end_at_sole_boxes(r)
    for part in r.parts:
        if part.role is Role.NODE:
            _set_apart(r, part)
            _part_list(part)


def _take_callouts(r: Reading) -> None:
    """A bare line from a remark to a box is a call-out where the drawing's own lines have heads: no edge."""
    remarks: dict[int, list[EdgeDraft]] = {}
    for d in r.drafts:
        for hit in (d.source, d.target):
            if hit.to is To.TEXT:
                remarks.setdefault(hit.index, []).append(d)
    headed = sum(d.directed for d in r.drafts)
    gone: list[EdgeDraft] = []
    said: list[int] = []
    for i, drafts in remarks.items():
        d = drafts[0]
        bare = (
            len(drafts) == 1
            and not d.directed
            and len(d.wires) == 1
            and len(r.free[i].text.split()) >= REMARK
        )
        if bare and {d.source.to, d.target.to} == {To.TEXT, To.PART}:
            gone.append(d)
            said.append(i)
    if gone and headed >= len(r.drafts) - headed - len(gone) and headed > 0:
        r.drafts = [d for d in r.drafts if not any(d is g for g in gone)]
        r.remarks = said


def _end_at_sole_boxes(r: Reading) -> None:
    """A line to a frame that one box fills leads to that box."""
    sole = _sole_boxes(r)

    def meant(hit: Attachment) -> Attachment:
        at = hit.index
        while hit.to is To.PART and at in sole:
            at = sole[at]
        return hit if hit.to is not To.PART or r.parts[at].role is Role.GROUP else replace(hit, index=at)

    for draft in r.drafts:
        source, target = meant(draft.source), meant(draft.target)
        if (source.to, source.index) != (target.to, target.index):
            draft.source, draft.target = source, target


def _sole_boxes(r: Reading) -> dict[int, int]:
    """For each frame that one box or frame fills, that one."""
    held: dict[int, list[int]] = {}
    for i, part in enumerate(r.parts):
        holder = part.parent if part.role in (Role.NODE, Role.GROUP) else None
        while holder is not None and r.parts[holder].role is not Role.GROUP:
            holder = r.parts[holder].parent
        if holder is not None:
            held.setdefault(holder, []).append(i)
    return {
        i: kids[0]
        for i, kids in held.items()
        if len(kids) == 1 and area(r.parts[kids[0]].box) >= FILLED * area(r.parts[i].box)
    }


def drop_end_handles(r: Reading) -> None:
    """A small round thing at the end of one bare line, both without a name, is how that line ends.

    To be called when names are given: a dot may have its own beside it.
    """
    if r.kind in STRICT:
        return
    at: dict[int, list[EdgeDraft]] = {}
    for draft in r.drafts:
        for hit in (draft.source, draft.target):
            if hit.to is To.PART:
                at.setdefault(hit.index, []).append(draft)
    for i, drafts in at.items():
        part = r.parts[i]
        x0, y0, x1, y1 = part.box
        small = max(x1 - x0, y1 - y0) < KNOB * r.em and part.shape.kind in ("circle", "ellipse")
        bare = not part.texts and len(drafts) == 1 and not (drafts[0].directed or drafts[0].labels)
        if small and bare:
            part.role = Role.NOTHING
            r.drafts = [d for d in r.drafts if d is not drafts[0]]


def _set_apart(r: Reading, part: Part) -> None:
    """Small names in a row in a box with icons are what it holds, not its own name."""
    if not any(r.parts[k].shape.kind == "icon" for k in part.children):
        return
    most = max((t.size for t in part.texts), default=0.0)
    small = [b for b in blocks(part.texts) if b.size < SMALL * most]
    places = sorted(((b.box, k) for k, b in enumerate(small)), key=lambda p: p[0][1])
    held: set[int] = set()
    for n, (a, i) in enumerate(places):
        for b, k in places[n + 1 :]:
            if b[1] >= a[3]:
                break  # the others begin further down
            if min(a[3], b[3]) - b[1] > 0.5 * min(height_of(a), height_of(b)):
                held |= {i, k}
    kept = sorted(((b, k) for b, k in places if k in held), key=lambda p: (p[0][0], p[0][1]))
    part.holds = tuple(small[k].text for _, k in kept)
    given = {id(t) for k in held for t in small[k].lines}
    part.texts = [t for t in part.texts if id(t) not in given]


def _part_list(part: Part) -> None:
    """The lines of a list under a box's name are what it holds, not its name."""
    lines = sorted(part.texts, key=lambda t: (t.bbox[1], t.bbox[0]))
    marked = [k for k, t in enumerate(lines) if BULLET.match(t.text)]
    if len(marked) < LIST or marked[0] == 0:
        return
    held: list[str] = []
    for k in range(marked[0], len(lines)):
        if k in marked:
            held.append(lines[k].text.strip())
        else:
            held[-1] += " " + lines[k].text.strip()
    part.holds = (*part.holds, *held)
    part.texts = lines[: marked[0]]
