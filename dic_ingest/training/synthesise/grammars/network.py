"""Network topologies: devices of neighbouring tiers, linked as trees, meshes or rings, some in areas.

In: a random source and how many devices. Out: the arrangement's name and a `Diagram` without directions.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise.grammars.tiers import Tier, choose_tiers, listed
from dic_ingest.training.synthesise.words import pick_section


def network(rng: random.Random, size: int) -> tuple[str, Diagram]:
    """A connected network of about `size` devices (at least 3)."""
    title, lines = pick_section("networks", rng)
    tiers = choose_tiers(rng, lines, max(3, size))
    pairs = _uplinks(rng, tiers) + _peers(rng, tiers)
    media = listed(lines, "links")
    share = rng.choice([0.0, 0.0, 0.35, 1.0])
    edges = tuple(
        Edge(
            a.id,
            b.id,
            rng.choice(media) if rng.random() < share else "",
            directed=False,
            style=rng.choice(["solid"] * 7 + ["dashed", "thick"]),
            target_end=End.NONE,
        )
        for a, b in pairs
    )
    nodes = [n for t in tiers for n in t.nodes]
    groups: tuple[Group, ...] = ()
    if rng.random() < 0.45 and len(nodes) > 4:
        nodes, groups = _areas(rng, tiers, listed(lines, "areas"))
    way = rng.choice(["TD", "TD", "LR"])
    return title, Diagram(Kind.TOPOLOGY, tuple(nodes), edges, groups, direction=way)


def _uplinks(rng: random.Random, tiers: list[Tier]) -> list[tuple[Node, Node]]:
    """Every device to one above it, some to two; a device above that nobody uses gets one below."""
    mesh = rng.random() < 0.25
    found: list[tuple[Node, Node]] = []
    for above, below in pairwise(tiers):
        for own in below.nodes:
            many = len(above.nodes) if mesh else 1 + (rng.random() < 0.25)
            found += [(up, own) for up in rng.sample(above.nodes, min(many, len(above.nodes)))]
        used = {a.id for a, _ in found}
        found += [(up, rng.choice(below.nodes)) for up in above.nodes if up.id not in used]
    return found


def _peers(rng: random.Random, tiers: list[Tier]) -> list[tuple[Node, Node]]:
    """Lines inside the upper tiers: a chain, closed to a ring at times; the first tier is always joined."""
    found: list[tuple[Node, Node]] = []
    for at, tier in enumerate(tiers[:-1]):
        if len(tier.nodes) > 1 and (at == 0 or rng.random() < 0.35):
            found += list(pairwise(tier.nodes))
            if len(tier.nodes) > 2 and rng.random() < 0.5:
                found.append((tier.nodes[-1], tier.nodes[0]))
    return found


def _areas(rng: random.Random, tiers: list[Tier], names: list[str]) -> tuple[list[Node], tuple[Group, ...]]:
    """One or two tiers, or neighbouring ones together, in a named area."""
    labels = rng.sample(names, min(2, len(names)))
    first = rng.randrange(len(tiers))
    last = min(len(tiers) - 1, first + rng.randint(0, 1))
    own = {n.id for t in tiers[first : last + 1] for n in t.nodes}
    places = {i: "a1" for i in own}
    groups = [Group("a1", labels[0])]
    if last + 1 < len(tiers) and len(labels) > 1 and rng.random() < 0.5:
        places |= {n.id: "a2" for n in tiers[last + 1].nodes}
        groups.append(Group("a2", labels[1]))
    return [replace(n, group=places.get(n.id)) for t in tiers for n in t.nodes], tuple(groups)
