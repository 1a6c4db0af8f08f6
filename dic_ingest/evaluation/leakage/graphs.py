"""One graph in two figures, though a node was renamed or a line added: what two graphs have in common.

In: two diagrams. Out: shares of their lines and names (Jaccard), and whether they are of one form. Graphs of
few lines are compared by every text in them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.evaluation.graph_scores import plain
from dic_ingest.model.diagram import Diagram
from dic_ingest.text.tokens import tokens

LEAST = 3  # lines of a graph from which they say by themselves what it has in common with another one
ROUNDS = 3  # of Weisfeiler and Lehman's refinement


@dataclass(frozen=True, slots=True)
class GraphMarks:
    """Lines and names of a graph as they compare, and a hash of its form without any label.

    `texts`: of a graph of fewer lines than `LEAST` all that is written in it, members and labels, too.
    """

    lines: Counter[str]
    names: Counter[str]
    form: str
    texts: Counter[str] = field(default_factory=Counter)


def graph_marks(diagram: Diagram) -> GraphMarks:
    """What is compared of a graph."""
    name = {n.id: plain(n.label) or n.shape for n in diagram.nodes}
    name |= {g.id: plain(g.label) or "group" for g in diagram.linked_groups()}
    arrows = [e for e in diagram.arrows() if e.source in name and e.target in name]
    lines = Counter(repr((name[e.source], name[e.target], plain(e.label))) for e in arrows)
    texts = _texts(diagram) if lines.total() < LEAST else Counter[str]()
    return GraphMarks(lines, Counter(name.values()), _form([(e.source, e.target) for e in arrows]), texts)


def _texts(diagram: Diagram) -> Counter[str]:
    """Names, members and labels of all parts."""
    named = [*(n.label for n in diagram.nodes), *(g.label for g in diagram.groups)]
    members = [m for n in diagram.nodes for m in n.members]
    labels = [t for e in diagram.edges for t in (e.label, e.source_label, e.target_label)]
    return Counter(filter(None, map(plain, (*named, *members, *labels))))


def _form(lines: Sequence[tuple[str, str]]) -> str:
    """A text that graphs share which differ in labels alone: nodes coloured by their neighbours' colours."""
    colours = dict.fromkeys({n for line in lines for n in line}, "")
    for _ in range(ROUNDS):
        near = {}
        for n in colours:
            after = sorted(colours[b] for a, b in lines if a == n)
            before = sorted(colours[a] for a, b in lines if b == n)
            near[n] = f"{after} {before}"
        colours = {n: hashlib.sha256(text.encode()).hexdigest()[:8] for n, text in near.items()}
    return " ".join(sorted(colours.values()))


def in_common(one: GraphMarks, other: GraphMarks) -> float:
    """0..1: the share of lines in both graphs, or of names where both have one form.

    Of small graphs, which must have one form: the share of the larger one's texts that the other has, too.
    """
    if min(one.lines.total(), other.lines.total()) < LEAST:
        return _texts_in_common(one.texts, other.texts) if one.form == other.form else 0.0
    lines = _jaccard(one.lines, other.lines)
    return max(lines, _jaccard(one.names, other.names)) if one.form == other.form else lines


def _texts_in_common(one: Counter[str], other: Counter[str]) -> float:
    """One of two names is a half. Single letters, as in textbook graphs of A and B, are nothing in common."""
    shared = one & other
    if not any(len(word) > 1 for text in shared for word in tokens(text)):
        return 0.0
    return shared.total() / max(one.total(), other.total())


def _jaccard(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / max(1, (one | other).total())
