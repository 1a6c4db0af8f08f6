"""What each outline is: node, group, label background, part of another, legend or nothing.

In: parts with their texts. Out: their roles. How likely each role is, is learnt (`decisions`); here these
chances are made into one reading of outlines that hold one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dic_ingest.diagrams.decisions.outline_features import outline_features
from dic_ingest.diagrams.decisions.trees import load_trees
from dic_ingest.diagrams.graph.containment import Part, Role, label_fills
from dic_ingest.diagrams.scene import Scene
from dic_ingest.model.box import Box, area, height_of


def guessed_roles(given: Sequence[Part], scene: Scene, em: float, cells_are_parts: bool) -> list[Role]:
    """A role for every part, the parts themselves untouched.

    `cells_are_parts`: boxes that tile a larger one are its compartments (class, ER), not nodes in a group.
    """
    parts = [replace(p, children=list(p.children), texts=list(p.texts)) for p in given]
    labels = label_fills(parts, scene, em)
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
        _absorb_parts(parts, part, cells)
        return Role.NODE
    if len(kids) == 1:
        kid = parts[kids[0]]
        only = not part.texts and (not kid.touched or _rim(kid.box, part.box))
        if kid.role is Role.NODE and only and (part.touched or _rim(kid.box, part.box)):
            _absorb_parts(parts, part, kids)
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


def _absorb_parts(parts: list[Part], part: Part, kids: list[int]) -> None:
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
        small = area(tab.box) < 0.15 * area(group.box) and height_of(tab.box) < 3.5 * em
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


# Roles by rules: what the learnt decision takes as one more feature.


_LEAST = 1e-4  # no chance is so small that one outline alone decides over all that it holds
Chances = dict[Role, npt.NDArray[np.float64]]


def give_roles(parts: list[Part], scene: Scene, em: float, cells_are_parts: bool) -> None:
    """Set every part's role, the smallest first.

    `cells_are_parts`: boxes that tile a larger one are its compartments (class, ER), not nodes in a group.
    """
    if not parts:
        return
    guesses = guessed_roles(parts, scene, em, cells_are_parts)
    chances = role_chances(parts, scene, em, cells_are_parts, guesses)
    for i in sorted(range(len(parts)), key=lambda i: area(parts[i].box)):
        _set_role(parts, i, chances)
    for part in parts:
        if part.role is Role.NODE:
            _absorb(parts, part)
    for part in parts:
        if part.role is Role.GROUP:
            _take_titles(parts, part)
            take_tab(parts, part, em)
    for part, guess in zip(parts, guesses, strict=True):
        if guess is Role.LEGEND:  # too few people draw one for it to be learnt
            part.role = guess


def role_chances(parts: list[Part], scene: Scene, em: float, boxed: bool, guesses: list[Role]) -> Chances:
    """For every role that is learnt, its probability for every part."""
    model = load_trees("outline_roles")
    names, rows = outline_features(parts, scene, em, boxed, guesses)
    found = np.maximum(model.probabilities(rows[:, [names.index(n) for n in model.features]]), _LEAST)
    return {Role(c): found[:, k] for k, c in enumerate(model.classes)}


def _set_role(parts: list[Part], i: int, chances: Chances) -> None:
    """The likeliest role of a part whose children have theirs.

    A node holds no nodes: it is weighed with its children as its parts, all else with them as they are.
    """
    held = _nodes_within(parts, i)
    within = sum(np.log(chances[Role.PART][k]) - np.log(chances[parts[k].role][k]) for k in held)
    weighed = {
        role: float(np.log(p[i])) + (float(within) if role is Role.NODE else 0.0)
        for role, p in chances.items()
    }
    parts[i].role = max(weighed, key=lambda r: weighed[r])
    if parts[i].role is Role.NODE:
        for k in held:
            parts[k].role = Role.PART


def _nodes_within(parts: list[Part], i: int) -> list[int]:
    """Nodes and groups in a part, those in its groups and parts, too."""
    found, todo = [], list(parts[i].children)
    while todo:
        k = todo.pop()
        if parts[k].role in (Role.NODE, Role.GROUP):
            found.append(k)
        if parts[k].role is not Role.NODE:
            todo.extend(parts[k].children)
    return found


def _absorb(parts: list[Part], node: Part) -> None:
    """Texts and line ends of a node's parts are its own."""
    todo = list(node.children)
    while todo:
        part = parts[todo.pop()]
        if part.role is Role.PART:
            node.texts.extend(part.texts)
            node.touched += part.touched
            todo.extend(part.children)


def _take_titles(parts: list[Part], group: Part) -> None:
    """Texts on a group's own parts, such as the header of a lane, are the group's."""
    for k in group.children:
        if parts[k].role is Role.PART and parts[k].texts:
            group.texts = [*parts[k].texts, *group.texts]
            group.touched += parts[k].touched
            parts[k].texts = []
