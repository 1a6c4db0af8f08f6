"""What every outline of a case truly is: node, group, part of a node, background of a label, or nothing.

In: a case and its parts. Out: a role for every part, and the true nodes that no outline stands for.
"""

from __future__ import annotations

from collections.abc import Sequence

from cases import Case, TrueBox, plain

from dic_ingest.diagrams.graph.containment import Part
from dic_ingest.diagrams.text_blocks import read_on
from dic_ingest.model.drawing import Box, area, iou, overlap

ROLES = ("node", "group", "part", "label", "nothing")
NOWHERE: Box = (0.0, 0.0, -1.0, -1.0)
SAME = 0.5  # least intersection over union of a true box and the outline that was drawn for it


def true_roles(case: Case, parts: Sequence[Part]) -> tuple[list[str], list[TrueBox]]:
    """The role of every part and the true nodes without an outline.

    The box that a group's title stands in is a part of the group.
    """
    roles = ["nothing"] * len(parts)
    lost: list[TrueBox] = []
    nodes: list[Box] = []
    titles = {plain(b.label): b.box for b in case.boxes if b.group}
    for item in sorted(case.boxes, key=lambda b: b.group):
        best = max(range(len(parts)), key=lambda i: iou(parts[i].box, item.box), default=None)
        if best is None or iou(parts[best].box, item.box) < SAME:
            if not item.group:
                lost.append(item)
            continue
        if roles[best] == "nothing":
            roles[best] = "group" if item.group else "node"
        if not item.group:
            nodes.append(parts[best].box)
    labels = {plain(e.get("label", "")) for e in case.truth["edges"]} - {""}
    for i, part in enumerate(parts):
        if roles[i] != "nothing":
            continue
        if any(overlap(part.box, b) > 0.8 * area(part.box) for b in nodes) or (
            part.texts
            and overlap(titles.get(plain(read_on(part.texts)), NOWHERE), part.box) > 0.8 * area(part.box)
        ):
            roles[i] = "part"
        elif part.texts and plain(read_on(part.texts)) in labels:
            roles[i] = "label"
    return roles, lost
