"""Questions on ways through a graph: what lies between two boxes, how far they are, what a failure cuts off.

In: a `View` and a random source. Out: questions whose answers networkx has computed; a shortest way is asked
for only where there is one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import networkx as nx

from dic_ingest.diagram import Kind
from dic_ingest.training.questions.view import Asked, View, with_options

MOST = 400  # pairs of boxes that are tried


def way_questions(view: View, rng: random.Random) -> Iterator[Asked]:
    """Paths and what-if, for kinds in which a way means something."""
    if view.kind not in (Kind.FLOWCHART, Kind.STATE, Kind.BLOCK, Kind.TOPOLOGY):
        return
    pairs = [(a, b) for a in view.names for b in view.names if a != b]
    rng.shuffle(pairs)
    yield from _paths(view, rng, pairs[:MOST])
    yield from _cuts(view, rng)


def _paths(view: View, rng: random.Random, pairs: list[tuple[str, str]]) -> Iterator[Asked]:
    for a, b in pairs:
        if not nx.has_path(view.graph, a, b):
            continue
        ways = list(islice(nx.all_shortest_paths(view.graph, a, b), 2))
        if len(ways) != 1 or not 3 <= len(ways[0]) <= 7 or not set(ways[0]) <= view.names.keys():
            continue
        way = ways[0]
        one, other = view.names[a], view.names[b]
        proof = " -> ".join(view.names[i] for i in way)
        middle = rng.choice(way[1:-1])
        off = [name for i, name in view.names.items() if i not in way]
        asked = (f'Which {view.box} lies on the shortest way from "{one}" to "{other}"?',
                 f'Which {view.box} is passed on the shortest way from "{one}" to "{other}"?')  # fmt: skip
        options = with_options(rng, view.names[middle], off)
        if options:
            yield Asked("partial", "path", rng.choice(asked), view.names[middle], proof, options)
        steps = len(way) - 1
        near = [str(n) for n in range(max(1, steps - 2), steps + 4)]
        asked_far = f'How many lines does the shortest way from "{one}" to "{other}" have?'
        yield Asked("partial", "path", asked_far, str(steps), proof, with_options(rng, str(steps), near))


def _cuts(view: View, rng: random.Random) -> Iterator[Asked]:
    """What is no longer reached from a box when another one is gone."""
    for start in view.names:
        before = nx.descendants(view.graph, start)
        for gone in before & view.names.keys():
            rest = view.graph.copy()
            rest.remove_node(gone)
            still = nx.descendants(rest, start)
            lost = (before - still - {gone}) & view.names.keys()
            if not lost:
                continue
            answer = view.names[rng.choice(sorted(lost))]
            options = with_options(rng, answer, [view.names[i] for i in sorted(still) if i in view.names])
            proof = f"every way from {view.names[start]} to {answer} passes {view.names[gone]}"
            asked = _asked_cut(view, start, gone, rng)
            if options:
                yield Asked("partial", "what-if", asked, answer, proof, options)
            elif len(lost) == 1:
                yield Asked("partial", "what-if", asked, answer, proof)


def _asked_cut(view: View, start: str, gone: str, rng: random.Random) -> str:
    a, b = view.names[start], view.names[gone]
    if view.kind is Kind.TOPOLOGY:
        return rng.choice([
            f'If "{b}" fails, which device can no longer be reached from "{a}"?',
            f'"{b}" is switched off. What is cut off from "{a}"?',
        ])  # fmt: skip
    return rng.choice([
        f'If "{b}" is taken out, which {view.box} can no longer be reached from "{a}"?',
        f'Without "{b}", which {view.box} cannot be reached from "{a}" any more?',
    ])  # fmt: skip
