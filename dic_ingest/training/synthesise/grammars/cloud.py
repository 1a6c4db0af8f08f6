"""Cloud and system architectures: components in tiers, calls from one tier to the next, frames around tiers.

In: a random source and how many components. Out: the system's name and a `Diagram` with directions.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise.grammars.tiers import Tier, choose_tiers, listed
from dic_ingest.training.synthesise.words import pick_section


def cloud(rng: random.Random, size: int) -> tuple[str, Diagram]:
    """A system of about `size` components (at least 3), every one of them called or calling."""
    title, lines = pick_section("clouds", rng)
    tiers = choose_tiers(rng, lines, max(3, size))
    calls = listed(lines, "links")
    share = rng.choice([0.0, 0.3, 0.6, 1.0])
    edges = tuple(
        Edge(
            a.id,
            b.id,
            rng.choice(calls) if rng.random() < share else "",
            style=rng.choice(["solid"] * 6 + ["dashed"]),
            source_end=End.ARROW if rng.random() < 0.08 else End.NONE,
        )
        for a, b in _calls(rng, tiers)
    )
    nodes = [n for t in tiers for n in t.nodes]
    groups: tuple[Group, ...] = ()
    if rng.random() < 0.55 and len(nodes) > 3:
        nodes, groups = _frames(rng, tiers, listed(lines, "frames"))
    way = rng.choice(["TD", "LR", "LR"])
    return title, Diagram(Kind.BLOCK, tuple(nodes), edges, groups, direction=way)


def _calls(rng: random.Random, tiers: list[Tier]) -> list[tuple[Node, Node]]:
    found: list[tuple[Node, Node]] = []
    for at, (above, below) in enumerate(pairwise(tiers)):
        for own in below.nodes:
            many = 1 + (rng.random() < 0.3)
            found += [(up, own) for up in rng.sample(above.nodes, min(many, len(above.nodes)))]
        used = {a.id for a, _ in found}
        found += [(up, rng.choice(below.nodes)) for up in above.nodes if up.id not in used]
        if at + 2 < len(tiers) and rng.random() < 0.25:
            found.append((rng.choice(above.nodes), rng.choice(tiers[at + 2].nodes)))
        if len(below.nodes) > 1 and rng.random() < 0.25:
            one, other = rng.sample(below.nodes, 2)
            found.append((one, other))
    return list(dict.fromkeys(found))


def _frames(rng: random.Random, tiers: list[Tier], names: list[str]) -> tuple[list[Node], tuple[Group, ...]]:
    """Frames named by the tiers themselves, or by the system's own names, at times one in another."""
    if rng.random() < 0.5:
        chosen = [t for t in tiers if len(t.nodes) > 1 and rng.random() < 0.7] or tiers[:1]
        places = {n.id: f"g{i}" for i, t in enumerate(chosen) for n in t.nodes}
        groups = tuple(Group(f"g{i}", t.name) for i, t in enumerate(chosen))
    else:
        inner, outer = rng.sample(names, 2)
        first = rng.randrange(1, len(tiers))
        last = rng.randrange(first, len(tiers))
        places = {n.id: "g1" for t in tiers[first : last + 1] for n in t.nodes}
        nested = last + 1 < len(tiers)
        if nested:
            places |= {n.id: "g2" for n in tiers[last + 1].nodes}
        groups = (Group("g1", inner, parent="g2" if nested else None),)
        groups += (Group("g2", outer),) if nested else ()
    return [replace(n, group=places.get(n.id)) for t in tiers for n in t.nodes], groups
