"""Prose from the model, structure from the exact reading, and where they differ, said.

In: the model's graph, the graph that was read, the layout parser's. Out: the one to keep, and the conflicts.
"""

from __future__ import annotations

from collections import Counter

from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.text.tokens import tokens

MAX_TOLD = 12
Line = tuple[str, str]


def choose_graph(
    read: Diagram | None, model: Diagram | None, parser: Diagram | None
) -> tuple[Diagram | None, str, tuple[str, ...]]:
    """(graph, whose it is, conflicts). What was read from the drawing wins; a model's stands only without it.

    Between the model's and the parser's, the model's is kept, and every line on which they differ is told.
    """
    if read is not None and (read.edges or read.nodes or (read.kind is Kind.CHART and read.notes)):
        found = [*_differences(read, model, "the model"), *_differences(read, parser, "the layout parser")]
        return read, "drawing", tuple(found[:MAX_TOLD])
    if model is not None:
        return model, "model", tuple(_differences(model, parser, "the layout parser")[:MAX_TOLD])
    return parser, "parser" if parser else "", ()


def _differences(kept: Diagram, other: Diagram | None, who: str) -> list[str]:
    if other is None:
        return []
    mine, theirs = _lines(kept), _lines(other)
    names = {_key(n.label) for n in kept.nodes} | {_key(g.label) for g in kept.groups}
    told = []
    for (a, b), _ in sorted((theirs - mine).items()):
        if (b, a) in mine:
            told.append(f'{who} draws "{a}" to "{b}", the figure has it the other way')
        elif a in names and b in names:
            told.append(f'{who} draws a line from "{a}" to "{b}" that was not found in the figure')
    told += [
        f'{who} names "{n.label}", which was not found in the figure'
        for n in other.nodes
        if _key(n.label) and _key(n.label) not in names
    ]
    missing = sum((mine - theirs).values())
    if missing:
        told.append(f"{who} leaves out {missing} of {sum(mine.values())} lines")
    return told


def _lines(diagram: Diagram) -> Counter[Line]:
    name = {n.id: _key(n.label) for n in diagram.nodes} | {g.id: _key(g.label) for g in diagram.groups}
    found: Counter[Line] = Counter()
    for e in diagram.edges:
        a, b = name.get(e.source, ""), name.get(e.target, "")
        if a and b:
            found[(a, b) if e.directed else (min(a, b), max(a, b))] += 1
    return found


def _key(label: str) -> str:
    return " ".join(tokens(label))
