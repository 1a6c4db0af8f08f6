"""State machines of protocols and life cycles: a connected part of a known one, with start and final dots.

In: a random source, how many states, plots. Out: the machine's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.training.synthesise.words import Plots, split_list

_TRANSITION = re.compile(r"^(.+?) > (.+?): (.+)$")
_COMPOSITE = re.compile(r"^\{(.+?): (.+)\}$")
Transition = tuple[str, str, str]


def moves_of(lines: Sequence[str]) -> list[Transition]:
    """The transitions that a plot says: from, to, event."""
    return [(m[1], m[2], m[3]) for line in lines if (m := _TRANSITION.match(line))]


def machine(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """A part of one machine: about `size` states (at least 2), grown along its transitions."""
    title, lines = plots.pick("machines", rng)
    moves = moves_of(lines)
    states = list(dict.fromkeys(s for a, b, _ in moves for s in (a, b)))
    first = states[0] if rng.random() < 0.7 else rng.choice(states)
    kept, tree = _grown(rng, first, moves, max(2, size))
    used = [m for m in moves if m in tree or (m[0] in kept and m[1] in kept and rng.random() < 0.8)]
    spelled = _spelling(rng)
    order = [s for s in states if s in kept]
    ids = {s: f"s{i}" for i, s in enumerate(order)}
    held = _composite(rng, lines, order)
    shape = rng.choice(["rounded", "rounded", "rect"])
    nodes = [Node(ids[s], spelled(s), shape, group="c1" if s in held[1] else None) for s in order]
    edges = [Edge(ids[a], ids[b], text if rng.random() > 0.06 else "") for a, b, text in used]
    if rng.random() < 0.7 and not ids[first].startswith("c"):
        nodes.insert(0, Node("start", "", "start"))
        edges.insert(0, Edge("start", ids[first]))
    final = next((line[7:] for line in lines if line.startswith("final: ")), "")
    if final in kept:
        nodes.append(Node("end", "", "end"))
        edges.append(Edge(ids[final], "end"))
    groups = (Group("c1", held[0]),) if held[1] else ()
    return title, Diagram(
        Kind.STATE, tuple(nodes), tuple(edges), groups, direction=rng.choice(["TD", "TD", "LR"])
    )


def _grown(
    rng: random.Random, first: str, moves: list[Transition], size: int
) -> tuple[set[str], set[Transition]]:
    """States reached from the first one, and the transitions that reached them."""
    kept, tree = {first}, set[Transition]()
    while len(kept) < size:
        ahead = [m for m in moves if (m[0] in kept) != (m[1] in kept)]
        if not ahead:
            break
        move = rng.choice(ahead)
        tree.add(move)
        kept |= {move[0], move[1]}
    return kept, tree


def _spelling(rng: random.Random) -> Callable[[str], str]:
    """One way to write all states of a drawing."""
    ways: list[Callable[[str], str]] = [
        str,
        str,
        str.upper,
        lambda s: s.replace(" ", "_"),
        lambda s: s[:1].upper() + s[1:],
    ]
    return rng.choice(ways)


def _composite(rng: random.Random, lines: tuple[str, ...], order: list[str]) -> tuple[str, list[str]]:
    for line in lines:
        if (found := _COMPOSITE.match(line)) and rng.random() < 0.6:
            inside = [s for s in split_list(found[2]) if s in order]
            if 2 <= len(inside) < len(order):
                return found[1], inside
    return "", []
