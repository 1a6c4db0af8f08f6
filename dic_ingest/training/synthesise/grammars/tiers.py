"""What network topologies and architectures share: parts in tiers, joined as the facts allow, in frames.

In: a plot's lines, facts and a size. Out: the parts that were chosen, who is joined to whom, nested frames.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.model.diagram import Group, Node
from dic_ingest.training.synthesise.facts.rules import Facts
from dic_ingest.training.synthesise.words import split_list

_TIER = re.compile(r"^(.+?) \((\w+)\): (.+)$")
_FRAME = re.compile(r"^frame (.+?): (.+)$")
NUMBERED = re.compile(r"^(.*?)[ -]?\d+$")
MESH, SPARSE = 0.95, 0.18  # chance that a further allowed line to a chosen part is drawn


@dataclass(frozen=True, slots=True)
class TierPart:
    """A component or device, and the tier that it stands in."""

    label: str
    shape: str
    tier: str


def parts_of(lines: Sequence[str]) -> list[TierPart]:
    """Every part of a plot, tier by tier."""
    tiers = [m for line in lines if not line.startswith("frame ") and (m := _TIER.match(line))]
    return [TierPart(label, m[2], m[1]) for m in tiers for label in split_list(m[3])]


def grown(
    rng: random.Random, parts: Sequence[TierPart], size: int, facts: Facts
) -> tuple[list[TierPart], list[tuple[TierPart, TierPart]]]:
    """About `size` parts that hang together, and the lines between them in a direction that a fact allows.

    Grown from one part: each further one is joined to one that is there, and to others by chance.
    """
    start = rng.choice([p for p in parts if any(_way(p, q, facts) for q in parts if q != p)] or list(parts))
    kept, lines = [start], list[tuple[TierPart, TierPart]]()
    free = {p: facts.lines_of(p.label) for p in parts}
    further = MESH if rng.random() < 0.25 else SPARSE
    while len(kept) < size:
        ways = {p: [w for q in kept if free[q] and (w := _way(p, q, facts))] for p in parts if p not in kept}
        ahead = [p for p, found in ways.items() if found]
        if not ahead:
            break
        own = rng.choice(ahead)
        first, *rest = rng.sample(ways[own], len(ways[own]))
        chosen = [first, *(w for w in rest if rng.random() < further)][: free[own]]
        for end in (p for way in chosen for p in way):
            free[end] -= 1
        lines += chosen
        kept.append(own)
    order = {p: i for i, p in enumerate(parts)}
    return sorted(kept, key=order.__getitem__), sorted(lines, key=lambda w: (order[w[0]], order[w[1]]))


def _way(one: TierPart, other: TierPart, facts: Facts) -> tuple[TierPart, TierPart] | None:
    """The two in the order of a line that a fact allows."""
    if facts.labels(one.label, other.label):
        return one, other
    return (other, one) if facts.labels(other.label, one.label) else None


def in_frames(
    rng: random.Random, lines: Sequence[str], kept: Sequence[TierPart], nodes: Sequence[Node]
) -> tuple[tuple[Node, ...], tuple[Group, ...]]:
    """The nodes of the parts in some of the plot's frames, which may lie in each other."""
    said = {m[1]: split_list(m[2]) for line in lines if (m := _FRAME.match(line))}
    drawn = {name: held for name, held in said.items() if rng.random() < 0.8}
    holder = {part: name for name, held in drawn.items() for part in held}
    filled: set[str] = set()
    for part in kept:
        at = holder.get(part.tier)
        while at is not None and at not in filled:
            filled.add(at)
            at = holder.get(at)
    ids = {name: f"g{i}" for i, name in enumerate(n for n in drawn if n in filled)}
    groups = tuple(Group(own, name, parent=ids.get(holder.get(name, ""))) for name, own in ids.items())
    return tuple(
        Node(n.id, n.label, n.shape, group=ids.get(holder.get(p.tier, "")))
        for n, p in zip(nodes, kept, strict=True)
    ), groups
