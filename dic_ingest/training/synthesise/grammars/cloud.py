"""Cloud and system architectures: components joined as the facts say, frames around tiers and other frames.

In: a random source, about how many components, plots with facts. Out: the system's name and a `Diagram`.
"""

from __future__ import annotations

import random

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise.grammars.tiers import grown, in_frames, parts_of
from dic_ingest.training.synthesise.words import Plots

WAYS = ("plain", "plain", "plain", "arrow", "both")  # how a line is drawn that has no direction of its own


def cloud(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """A system of about `size` components (at least 3), every one of them joined to another."""
    title, lines = plots.pick("clouds", rng)
    kept, joined = grown(rng, parts_of(lines), max(3, size), plots.facts)
    ids = {p: f"n{i}" for i, p in enumerate(kept, 1)}
    share, way = rng.choice([0.0, 0.3, 0.6, 1.0, 1.0]), rng.choice(WAYS)
    plain = rng.random() < 0.25  # all boxes alike
    edges = []
    for one, other in joined:
        label = rng.choice(plots.facts.labels(one.label, other.label))
        links = [k for k in plots.facts.joined(one.label, other.label) if label in k.names]
        drawn = way if all(k.both for k in links) else "arrow"
        edges.append(
            Edge(
                ids[one],
                ids[other],
                label if rng.random() < share else "",
                directed=drawn != "plain",
                style=rng.choice(["solid"] * 6 + ["dashed"]),
                source_end=End.ARROW if drawn == "both" else End.NONE,
                target_end=End.NONE if drawn == "plain" else End.ARROW,
            )
        )
    nodes = tuple(Node(ids[p], p.label, "rect" if plain else p.shape) for p in kept)
    groups: tuple[Group, ...] = ()
    if rng.random() < 0.6 and len(nodes) > 3:
        nodes, groups = in_frames(rng, lines, kept, nodes)
    direction = rng.choice(["TD", "LR", "LR"])
    return title, Diagram(Kind.BLOCK, nodes, tuple(edges), groups, direction=direction)
