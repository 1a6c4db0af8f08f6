"""What network topologies and cloud architectures share: tiers of named parts, and lines between them.

In: a section's lines and a size. Out: the chosen tiers with the parts of each, and the section's lists.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from dic_ingest.model.diagram import Node
from dic_ingest.training.synthesise.words import in_order, split_list

_TIER = re.compile(r"^(.+?) \((\w+)\): (.+)$")


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier's name and its nodes."""

    name: str
    nodes: tuple[Node, ...]


def choose_tiers(rng: random.Random, lines: tuple[str, ...], size: int) -> list[Tier]:
    """Two to five neighbouring tiers with about `size` nodes in all, each with at least one."""
    every = [(m[1], m[2], split_list(m[3])) for line in lines if (m := _TIER.match(line))]
    count = max(2, min(len(every), 5, (size + 1) // 2, rng.randint(2, 5)))
    start = rng.randint(0, len(every) - count)
    kept = every[start : start + count]
    room = [1] * count
    for _ in range(max(0, size - count)):
        open_ = [i for i in range(count) if room[i] < len(kept[i][2])]
        if not open_:
            break
        room[rng.choice(open_)] += 1
    plain = rng.random() < 0.25  # all boxes alike
    tiers, at = [], 0
    for (name, shape, parts), many in zip(kept, room, strict=True):
        nodes = []
        for label in in_order(rng, parts, many):
            at += 1
            nodes.append(Node(f"n{at}", label, "rect" if plain else shape))
        tiers.append(Tier(name, tuple(nodes)))
    return tiers


def listed(lines: tuple[str, ...], word: str) -> list[str]:
    """The list behind `word:` in a section."""
    return next((split_list(line.split(":", 1)[1]) for line in lines if line.startswith(f"{word}:")), [])
