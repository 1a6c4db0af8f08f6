"""Which plots are drawn for training and which are held out, and how much of a test set stands in training.

In: plots, and shares of a set; or pairs. Out: the plots of each split, whatever the seed: those that share
least vocabulary with others are held out. The measured overlap of a set's splits.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.evaluation.graph_scores import plain
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.synthesise.facts.rules import FAMILIES, all_facts
from dic_ingest.training.synthesise.words import KNOWLEDGE, Plots

HELD = ("test", "validation")
HELD_PLOTS = 0.1  # of the plots of a family, for each of the two splits
LEAST_PLOTS = 4  # a family with fewer holds none out
TWIN = 0.5  # Jaccard of labels and labelled lines from which on two figures are near twins
_TERM = re.compile(r" > | < | -> | \| |[:;,(){}]")
_SIGN = re.compile(r"^(?:[/?&@]|\[\]|\|\||==|\[\w+|frame)\s")


@lru_cache(maxsize=8)
def plots_of_splits(facts: tuple[str, ...], validation: float, test: float) -> Mapping[str, Plots]:
    """The plots of train, validation and test; `facts` are files beside the shipped facts."""
    every = Plots(all_facts(facts))
    kept: dict[str, dict[str, frozenset[str]]] = {"train": {}, "validation": {}, "test": {}}
    shared = _shared_terms(every)
    for family in FAMILIES:
        titles = sorted(every.titles(family), key=lambda t: (shared[family, t], t))
        many = ceil(HELD_PLOTS * len(titles)) if len(titles) >= LEAST_PLOTS else 0
        held = {"test": many if test else 0, "validation": many if validation else 0}
        at = 0
        for split in HELD:
            kept[split][family] = frozenset(titles[at : at + held[split]])
            at += held[split]
        kept["train"][family] = frozenset(titles[at:])
    return {split: replace(every, only=only) for split, only in kept.items()}


def draw_split(rng: random.Random, validation: float, test: float) -> str:
    """A split at random, by the shares."""
    at = rng.random()
    return "test" if at < test else "validation" if at < test + validation else "train"


def _shared_terms(plots: Plots) -> dict[tuple[str, str], float]:
    """For each plot the share of its terms that stand in another one too."""
    terms = {(f, t): _terms(lines) for f in FAMILIES for t, lines in plots.titles(f).items()}
    count = Counter(term for own in terms.values() for term in own)
    return {key: sum(count[t] > 1 for t in own) / max(1, len(own)) for key, own in terms.items()}


def _terms(lines: Iterable[str]) -> set[str]:
    found = {
        _SIGN.sub("", part.strip()).casefold()
        for line in lines
        if not line.startswith(KNOWLEDGE)
        for part in _TERM.split(line)
    }
    return {t for t in found if t}


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of held-out figures stands in the training figures; shares of different texts and lines."""

    figures: int
    labels: float = 0.0  # of different labels of boxes
    lines: float = 0.0  # of different (box, box) pairs
    twins: tuple[tuple[str, str, float], ...] = ()  # held-out figure, nearest training figure, Jaccard


def overlap(pairs: Sequence[Pair], split: str) -> Overlap:
    """The figures of a split against those for training."""
    ours, theirs = ([p for p in pairs if p.split == s] for s in (split, "train"))
    if not ours or not theirs:
        return Overlap(len(ours))
    labels, lines = _items(ours), _items(theirs)
    twins = tuple(t for t in nearest(ours, theirs) if t[2] >= TWIN)
    return Overlap(
        len(ours),
        len(labels[0] & lines[0]) / max(1, len(labels[0])),
        len(labels[1] & lines[1]) / max(1, len(labels[1])),
        twins,
    )


def nearest(ours: Sequence[Pair], theirs: Sequence[Pair]) -> list[tuple[str, str, float]]:
    """For each of our figures the most alike of theirs, by the Jaccard of labels and labelled lines."""
    holders: dict[object, list[int]] = {}
    sets = [_content(p.diagram) for p in theirs]
    for i, own in enumerate(sets):
        for item in own:
            holders.setdefault(item, []).append(i)
    found = []
    for pair in ours:
        own = _content(pair.diagram)
        common = Counter(i for item in own for i in holders.get(item, ()))
        alike = {i: n / (len(own) + len(sets[i]) - n) for i, n in common.items()}
        best = max(alike, key=lambda i: (alike[i], -i), default=-1)
        found.append((pair.id, theirs[best].id if best >= 0 else "", round(alike.get(best, 0.0), 3)))
    return found


def _content(diagram: Diagram) -> set[object]:
    named = {n.id: plain(n.label) or n.shape for n in diagram.nodes}
    lines = {(named.get(e.source, ""), plain(e.label), named.get(e.target, "")) for e in diagram.edges}
    return {*named.values(), *lines}


def _items(pairs: Sequence[Pair]) -> tuple[set[str], set[tuple[str, str]]]:
    labels, lines = set[str](), set[tuple[str, str]]()
    for p in pairs:
        named = {n.id: plain(n.label) for n in p.diagram.nodes}
        labels |= {t for t in named.values() if t}
        lines |= {(named.get(e.source, ""), named.get(e.target, "")) for e in p.diagram.edges}
    return labels, lines
