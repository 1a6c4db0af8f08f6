"""What each outline is: node, group, label background, part of another, legend or nothing.

In: parts with their texts. Out: their roles. How likely each role is, is learnt (`decisions`); here these
chances are made into one reading of outlines that hold one another.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dic_ingest.diagrams.decisions.outline_features import outline_features
from dic_ingest.diagrams.decisions.trees import load_trees
from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.graph.role_guess import guessed_roles, take_tab
from dic_ingest.diagrams.scene import Scene
from dic_ingest.model.drawing import area

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
