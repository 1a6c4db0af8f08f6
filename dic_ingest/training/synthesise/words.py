"""The vocabulary of the grammars: sections of hand-written plots, tiers and data models, read from `words/`.

In: the name of a file there. Out: its sections by title, each a list of lines. Nothing is interpreted here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TypeVar

T = TypeVar("T")


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Title of a section -> its lines, comments (`;`) and blank lines left out."""
    text = (
        resources.files("dic_ingest.training.synthesise").joinpath("words", f"{name}.txt").read_text("utf-8")
    )
    found: dict[str, list[str]] = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("# "):
            title = line[2:].strip()
            found[title] = []
        elif line.strip() and not line.startswith(";"):
            found[title].append(line.strip())
    return {k: tuple(v) for k, v in found.items()}


def pick_section(name: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """A section at random: its title and lines."""
    known = sections(name)
    title = rng.choice(list(known))
    return title, known[title]


def split_list(text: str) -> list[str]:
    """`a, b, c` as a list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def in_order(rng: random.Random, items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, or all, in their order."""
    kept = sorted(rng.sample(range(len(items)), min(count, len(items))))
    return [items[i] for i in kept]


def term_count() -> int:
    """How many entries (messages, transitions, steps, tiers, records, relations) the vocabulary holds."""
    names = ("callflows", "machines", "processes", "networks", "clouds", "records")
    return sum(len(lines) for n in names for lines in sections(n).values())
