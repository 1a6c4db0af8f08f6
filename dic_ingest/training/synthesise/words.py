"""The vocabulary of the grammars: sections of hand-written plots, tiers and data models, read from `words/`.

In: the name of a file there, the plots of files of facts. Out: sections by title, each a list of lines, and a
random choice among those that may be drawn. Nothing is interpreted here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from dic_ingest.training.synthesise.facts.rules import FAMILIES, Facts, shipped_facts

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
KNOWLEDGE = ("purpose:", "fails:", "source:")  # lines that say what no drawing shows
MOST_NUMBERED = 64  # parts that one range stands for


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


@dataclass(frozen=True)
class Plots:
    """The plots to draw from, the facts that their lines obey. `only`: titles by family, all where absent."""

    facts: Facts = field(default_factory=shipped_facts)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def titles(self, family: str) -> dict[str, tuple[str, ...]]:
        """Titles of a family with their lines."""
        every = {**sections(family), **self.facts.plots.get(family, {})}
        return {t: lines for t, lines in every.items() if t in self.only.get(family, every)}

    def pick(self, family: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
        """A plot at random: its title, and its lines but those of knowledge."""
        known = self.titles(family)
        title = rng.choice(list(known))
        return title, tuple(line for line in known[title] if not line.startswith(KNOWLEDGE))

    def lines(self, title: str) -> tuple[str, ...]:
        """The lines of the plot of that title in whichever family, () where there is none."""
        return next((self.titles(f)[title] for f in FAMILIES if title in self.titles(f)), ())


def texts_behind(lines: Sequence[str], word: str) -> list[str]:
    """The texts behind `word:` in a plot."""
    return [line[len(word) + 1 :].strip() for line in lines if line.startswith(f"{word}:")]


def split_list(text: str) -> list[str]:
    """`a, b, c` as a list; `x {1..3}` is `x 1, x 2, x 3`."""
    found: list[str] = []
    for part in (p.strip() for p in text.split(",")):
        if between := _RANGE.search(part):
            first, last = int(between[1]), min(int(between[2]), int(between[1]) + MOST_NUMBERED)
            found += [f"{part[: between.start()]}{i}{part[between.end() :]}" for i in range(first, last + 1)]
        elif part:
            found.append(part)
    return found


def term_count() -> int:
    """How many entries (messages, transitions, steps, tiers, records, relations) the vocabulary holds."""
    return sum(len(lines) for n in FAMILIES for lines in sections(n).values())
