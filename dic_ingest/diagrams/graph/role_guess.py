"""A first guess at what each outline is, by rules alone: what holds what, carries text, meets lines.

In: parts with their texts. Out: a role for each. The guess is one feature among others
of the roles that are learnt (`decisions`), which overrule it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.diagrams.graph.containment import Part, Role, label_grounds
from dic_ingest.diagrams.scene import Scene
from dic_ingest.model.drawing import Box, area


def guessed_roles(given: Sequence[Part], scene: Scene, em: float, cells_are_parts: bool) -> list[Role]:
    """A role for every part, the parts themselves untouched.

    `cells_are_parts`: boxes that tile a larger one are its compartments (class, ER), not nodes in a group.
    """
    parts = [replace(p, children=list(p.children), texts=list(p.texts)) for p in given]
    labels = label_grounds(parts, scene, em)
    for i in sorted(range(len(parts)), key=lambda i: area(parts[i].box)):
        parts[i].role = Role.LABEL if i in labels else _role(parts, i, em, cells_are_parts)
    for part in parts:
        if part.role is Role.GROUP:
            take_tab(parts, part, em)
    _set_legends(parts, em)
    _drop_frame(parts)
    return [p.role for p in parts]


def _role(parts: list[Part], i: int, em: float, cells_are_parts: bool) -> Role:
    part = parts[i]
    kids = [k for k in part.children if parts[k].role in (Role.NODE, Role.GROUP)]
    if not kids:
        return _leaf_role(parts, i, em)
    cells = [k for k in kids if parts[k].role is Role.NODE and _is_cell(parts[k].box, part.box, em)]
    if len(cells) == len(kids) and (cells_are_parts or not _tiled_nodes(parts, part, cells)):
        _absorb(parts, part, cells)
        return Role.NODE
    if len(kids) == 1:
        kid = parts[kids[0]]
        only = not part.texts and (not kid.touched or _rim(kid.box, part.box))
        if kid.role is Role.NODE and only and (part.touched or _rim(kid.box, part.box)):
            _absorb(parts, part, kids)
            return Role.NODE
        if kid.role is Role.GROUP and not kid.texts and _is_cell(kid.box, part.box, em):
            kid.role = Role.PART
    return Role.GROUP


def _leaf_role(parts: list[Part], i: int, em: float) -> Role:
    part = parts[i]
    x0, y0, x1, y1 = part.box
    if part.texts:
        return Role.NODE
    inner = [k for k in part.children if not parts[k].texts]
    size = max(x1 - x0, y1 - y0)
    head = part.shape.kind == "triangle" and size < 1.2 * em  # an arrowhead that no line end claimed
    if part.touched and size > 0.45 * em and not head:
        for k in inner:
            parts[k].role = Role.PART
        return Role.NODE
    if part.shape.kind == "icon" and min(x1 - x0, y1 - y0) > 1.2 * em:
        return Role.NOTHING
    return Role.PART if part.parent is not None else Role.NOTHING


def _is_cell(inner: Box, outer: Box, em: float) -> bool:
    """Whether a box spans its holder from side to side, or lies in a grid that does."""
    slack = 0.3 * em
    wide = abs(inner[0] - outer[0]) < slack and abs(inner[2] - outer[2]) < slack
    tall = abs(inner[1] - outer[1]) < slack and abs(inner[3] - outer[3]) < slack
    edges = sum(abs(a - b) < slack for a, b in zip(inner, outer, strict=True))
    return wide or tall or (edges >= 1 and area(inner) < 0.5 * area(outer))


def _tiled_nodes(parts: list[Part], part: Part, cells: list[int]) -> bool:
    """Cells that are boxes of their own: they carry lines or paint of their own, or the holder a text
    beside.
    """
    fills = {parts[k].shape.fill for k in cells}
    return len(cells) > 1 and (len(fills) > 1 or any(parts[k].touched for k in cells) or bool(part.texts))


def _rim(inner: Box, outer: Box) -> bool:
    return area(inner) > 0.55 * area(outer)


def _absorb(parts: list[Part], part: Part, kids: list[int]) -> None:
    for k in kids:
        parts[k].role = Role.PART
        part.texts.extend(parts[k].texts)
        part.touched += parts[k].touched


def take_tab(parts: list[Part], group: Part, em: float) -> None:
    """A small box with text in a corner of the frame is the frame's name."""
    slack = 0.4 * em
    for k in group.children:
        tab = parts[k]
        aligned = [abs(a - b) < slack for a, b in zip(tab.box, group.box, strict=True)]
        corner = (aligned[0] or aligned[2]) and (aligned[1] or aligned[3]) and sum(aligned) == 2
        small = area(tab.box) < 0.15 * area(group.box) and tab.box[3] - tab.box[1] < 3.5 * em
        if tab.role is Role.NODE and tab.texts and not tab.touched and corner and small:
            tab.role = Role.PART
            group.texts = [*tab.texts, *group.texts]
            tab.texts = []


def _set_legends(parts: list[Part], em: float) -> None:
    """Tables that no line leads to, beside a graph that lines make."""
    linked = sum(p.touched > 0 for p in parts if p.role is Role.NODE)
    for part in parts:
        kids = [parts[k] for k in part.children if parts[k].role in (Role.NODE, Role.GROUP)]
        tiled = len(kids) > 2 and all(_is_cell(k.box, part.box, em) and k.role is Role.NODE for k in kids)
        if (
            part.role is Role.GROUP
            and tiled
            and linked > 3
            and not part.touched
            and not any(k.touched for k in kids)
        ):
            part.role = Role.LEGEND
            for kid in kids:
                kid.role = Role.LEGEND


def _drop_frame(parts: list[Part]) -> None:
    """A frame without words around everything is no group."""
    roots = [p for p in parts if p.parent is None and p.role is not Role.NOTHING]
    if len(roots) == 1 and roots[0].role is Role.GROUP and not roots[0].texts and not roots[0].touched:
        roots[0].role = Role.NOTHING
