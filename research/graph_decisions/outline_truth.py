"""What every outline of a case truly is: node, group, part of a node, background of a label, or nothing.

In: a case and its parts. Out: a role for every part, and the true nodes that no outline stands for.
"""

from __future__ import annotations

from collections.abc import Sequence

from cases import Case, TrueBox, plain

from dic_ingest.diagrams.graph.containment import Part
from dic_ingest.diagrams.text_blocks import read_on, text_height
from dic_ingest.model.box import Box, area, iou, overlap

ROLES = ("node", "group", "part", "label", "nothing")
SAME = 0.5  # least intersection over union of a true box and the outline that was drawn for it


def true_roles(case: Case, parts: Sequence[Part]) -> tuple[list[str], list[TrueBox]]:
    """The role of every part and the true nodes without an outline.

    The box that a group's title stands in is a part of the group.
    """
    roles = ["nothing"] * len(parts)
    lost: list[TrueBox] = []
    nodes: list[Box] = []
    small = (2 * text_height(case.scene)) ** 2
    for item in sorted(case.boxes, key=lambda b: b.group):
        best = max(range(len(parts)), key=lambda i: iou(parts[i].box, item.box), default=None)
        least = SAME / 2 if area(item.box) < small else SAME  # a dot's place is less exact
        if best is None or iou(parts[best].box, item.box) < least:
            if not item.group:
                lost.append(item)
            continue
        if roles[best] == "nothing":
            roles[best] = "group" if item.group else "node"
        if not item.group:
            nodes.append(parts[best].box)
    for i, part in enumerate(parts):
        if roles[i] == "nothing":
            roles[i] = _other_role(case, part, nodes)
    return roles, lost


def _other_role(case: Case, part: Part, nodes: Sequence[Box]) -> str:
    """The role of an outline that no true box was found to be, by where it lies and what is written in it."""
    said = plain(read_on(part.texts))
    inside = any(overlap(part.box, b) > 0.8 * area(part.box) for b in nodes)
    titles = [b.box for b in case.boxes if b.group and said and plain(b.label) == said]
    if inside or any(overlap(t, part.box) > 0.8 * area(part.box) for t in titles):
        return "part"
    boxless = {plain(n["label"]) for n in case.truth["nodes"]} - {plain(b.label) for b in case.boxes}
    if said and said in boxless:
        return "group" if any(overlap(part.box, b) > 0.9 * area(b) for b in nodes) else "node"
    labels = {plain(e.get("label", "")) for e in case.truth["edges"]}
    return "label" if said and said in labels else "nothing"
