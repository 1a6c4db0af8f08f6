"""Data models: a connected part of a domain's records as a class diagram or an entity-relationship diagram.

In: a random source, how many records, plots. Out: the domain's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node
from dic_ingest.training.synthesise.words import Plots, split_list

_RECORD = re.compile(r"^(\w+): ([^;]+?)(?:; (.+))?$")
_RELATION = re.compile(r"^(\w+) (1-\*|1-\?|\*-\*): (.+)$|^(\w+) (1-\*|1-\?|\*-\*) (\w+): (.+)$")
_KIND_OF = re.compile(r"^(\w+) (<\||\*-|o-) (\w+)$")
_SOURCE = {"1-*": ("1", End.ONE), "1-?": ("1", End.ONE), "*-*": ("0..*", End.ZERO_OR_MANY)}
_TARGET = {
    "1-*": ("0..*", End.ZERO_OR_MANY),
    "1-?": ("0..1", End.ZERO_OR_ONE),
    "*-*": ("0..*", End.ZERO_OR_MANY),
}


@dataclass(frozen=True, slots=True)
class DataModel:
    """What a plot says of a domain's records."""

    attributes: dict[str, list[str]]
    methods: dict[str, list[str]]
    relations: list[tuple[str, str, str, str]]  # from, how many, to, verb
    wholes: list[tuple[str, str, str]]  # whole or kind, sign, part


def class_model(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """Classes with attributes and methods, inheritance, composition and associations."""
    title, model = _model(rng, plots)
    lines: list[tuple[str, str]] = [(a, b) for a, _, b, _ in model.relations]
    lines += [(a, b) for a, _, b in model.wholes]
    kept = _grown(rng, lines, max(2, min(size, 8)))
    bare = rng.random() < 0.2
    nodes = tuple(Node(name, name, members=() if bare else _class_members(rng, model, name)) for name in kept)
    edges: list[Edge] = []
    for whole, sign, part in model.wholes:
        if whole in kept and part in kept:
            edges.append(_whole(whole, sign, part))
    held = {frozenset((e.source, e.target)) for e in edges}
    counted = rng.random() < 0.6
    for a, many, b, verb in model.relations:
        if a in kept and b in kept and frozenset((a, b)) not in held:
            ends = (_SOURCE[many][0], _TARGET[many][0]) if counted else ("", "")
            edges.append(Edge(a, b, verb, source_label=ends[0], target_label=ends[1]))
    way = rng.choice(["TD", "TD", "LR"])
    return title, Diagram(Kind.CLASS, nodes, tuple(edges), direction=way)


def er_model(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """Entities with attributes and keys, relations with how many of either side."""
    title, model = _model(rng, plots)
    kept = _grown(rng, [(a, b) for a, _, b, _ in model.relations], max(2, min(size, 8)))
    upper = rng.random() < 0.4
    bare = rng.random() < 0.25
    nodes = tuple(
        Node(n, _upper(n) if upper else n, members=() if bare else _columns(rng, model, n)) for n in kept
    )
    edges = tuple(
        Edge(
            a, b, verb, directed=False, source_end=_SOURCE[many][1], target_end=_TARGET[many][1],
            style=rng.choice(["solid"] * 5 + ["dashed"]),
        )
        for a, many, b, verb in model.relations
        if a in kept and b in kept
    )  # fmt: skip
    return title, Diagram(Kind.ER, nodes, edges, direction="TD")


def _model(rng: random.Random, plots: Plots) -> tuple[str, DataModel]:
    title, lines = plots.pick("records", rng)
    return title, model_of(lines)


def counts_of(many: str) -> tuple[tuple[str, End], tuple[str, End]]:
    """How many of either side `1-*` and its like mean: a count beside the line, a mark at its end."""
    return _SOURCE[many], _TARGET[many]


def model_of(lines: Sequence[str]) -> DataModel:
    """The records and relations that a plot says."""
    model = DataModel({}, {}, [], [])
    for line in lines:
        if kind := _KIND_OF.match(line):
            model.wholes.append((kind[1], kind[2], kind[3]))
        elif (relation := _RELATION.match(line)) and relation[4]:
            model.relations.append((relation[4], relation[5], relation[6], relation[7]))
        elif record := _RECORD.match(line):
            model.attributes[record[1]] = split_list(record[2])
            model.methods[record[1]] = split_list(record[3] or "")
    return model


def _grown(rng: random.Random, lines: list[tuple[str, str]], size: int) -> list[str]:
    """Names that hang together, in the order of their lines."""
    kept = {rng.choice(lines)[0]}
    while len(kept) < size:
        ahead = [pair for pair in lines if (pair[0] in kept) != (pair[1] in kept)]
        if not ahead:
            break
        kept |= set(rng.choice(ahead))
    return [n for n in dict.fromkeys(n for pair in lines for n in pair) if n in kept]


def _whole(whole: str, sign: str, part: str) -> Edge:
    if sign == "<|":
        return Edge(part, whole, target_end=End.TRIANGLE)
    mark = End.FILLED_DIAMOND if sign == "*-" else End.DIAMOND
    return Edge(whole, part, directed=False, source_end=mark, target_end=End.NONE)


def _class_members(rng: random.Random, model: DataModel, name: str) -> tuple[str, ...]:
    fields = [f"+{t} {n}" for t, n in (a.split() for a in model.attributes.get(name, ()) if " " in a)]
    calls = [f"+{m}" for m in model.methods.get(name, ())]
    return (*fields[: rng.randint(1, 3)], *calls[: rng.randint(0, 2)])


def _columns(rng: random.Random, model: DataModel, name: str) -> tuple[str, ...]:
    columns = [a for a in model.attributes.get(name, ()) if " " in a][: rng.randint(1, 3)]
    return tuple(f"{c} PK" if i == 0 else c for i, c in enumerate(columns))


def _upper(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
