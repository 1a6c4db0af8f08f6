"""Network topologies: devices joined as the facts say, some in areas, which may lie in each other.

In: a random source, about how many devices, plots with facts. Out: the arrangement's name and a `Diagram`
without directions.
"""

from __future__ import annotations

import random

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise.grammars.tiers import grown, in_frames, parts_of
from dic_ingest.training.synthesise.words import Plots


def network(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """A connected network of about `size` devices (at least 3)."""
    title, lines = plots.pick("networks", rng)
    kept, joined = grown(rng, parts_of(lines), max(3, size), plots.facts)
    ids = {p: f"n{i}" for i, p in enumerate(kept, 1)}
    share = rng.choice([0.0, 0.0, 0.35, 1.0])
    plain = rng.random() < 0.25  # all boxes alike
    edges = tuple(
        Edge(
            ids[one],
            ids[other],
            rng.choice(plots.facts.labels(one.label, other.label)) if rng.random() < share else "",
            directed=False,
            style=rng.choice(["solid"] * 7 + ["dashed", "thick"]),
            target_end=End.NONE,
        )
        for one, other in joined
    )
    nodes = tuple(Node(ids[p], p.label, "rect" if plain else p.shape) for p in kept)
    groups: tuple[Group, ...] = ()
    if rng.random() < 0.5 and len(nodes) > 4:
        nodes, groups = in_frames(rng, lines, kept, nodes)
    way = rng.choice(["TD", "TD", "LR"])
    return title, Diagram(Kind.TOPOLOGY, nodes, edges, groups, direction=way)
