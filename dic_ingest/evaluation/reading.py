"""The graph of a reply: its Mermaid where it has one, else what its prose claims.

In: a reply as a model wrote it, and the true graph. Out: caption, graph, and which of the two it came from.
Prose is read against the true graph's names: a name it invents in quotes is a wrong node, a connection that
the truth lacks a wrong edge, a connection told without its label an edge without one. A list of words tells
nodes and no edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.notation import Claims, read_claims
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.captioning.grounding.statements import atoms
from dic_ingest.captioning.grounding.verifier import holds
from dic_ingest.model.diagram import Diagram, Edge, Node
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

MOST_STATEMENTS = 400
APART = 2  # words and signs between two names of which something is said
MOST_ENDS = 2  # nodes that a sentence about one line names


@dataclass(frozen=True, slots=True)
class Read:
    """A prediction as it is scored. `how` is "mermaid", "prose", or the fault of an unusable reply."""

    caption: str
    diagram: Diagram | None
    how: str


def read_prediction(reply: str, mermaid: str, truth: Diagram) -> Read:
    """Caption and graph of a reply; `mermaid` is its source where that is given apart."""
    given = read_mermaid(mermaid, truth.kind) if mermaid.strip() else None
    if not reply.strip():
        return Read("", given, "mermaid" if given else "empty")
    found = read_reply(reply, truth.kind)
    if found.fault:
        return Read("" if found.fault == "refused" else reply, given, "mermaid" if given else found.fault)
    diagram = given or found.diagram
    if diagram is not None:
        return Read(found.caption, diagram, "mermaid")
    return Read(found.caption, graph_of_caption(found.caption, truth), "prose")


def graph_of_caption(caption: str, truth: Diagram) -> Diagram:
    """What the prose says of the graph, in the truth's own ids and labels where it names them."""
    exact = Exact(truth)
    told = _CaptionGraph(truth)
    for atom in atoms(caption, exact.names)[:MOST_STATEMENTS]:
        told.take(_claims(atom.readings, exact), exact)
    known = tuple(n for n in truth.nodes if n.id in told.named)
    invented = tuple(Node(f"invented {i}", name) for i, name in enumerate(dict.fromkeys(told.invented)))
    dots = tuple(n for n in truth.nodes if not n.label.strip() and _touched(n.id, told.edges))
    nodes = (*known, *(d for d in dots if d not in known), *invented)
    return Diagram(truth.kind, nodes, tuple(told.edges))


def _claims(readings: Iterable[str], exact: Exact) -> Claims:
    """The reading that the graph supports, else the first."""
    found = [read_claims(text, exact, prefer) for text in readings for prefer in (False, True)]
    return next((c for c in found if _right(c, exact)), found[0])


def _right(claims: Claims, exact: Exact) -> bool:
    return bool(claims.relations) and not any(holds(r, exact)[0] for r in claims.relations)


def _touched(own: str, edges: Iterable[Edge]) -> bool:
    return any(own in (e.source, e.target) for e in edges)


def _is_list(claims: Claims) -> bool:
    """Whether the names stand beside each other, with a comma or an "and" between them and no more."""
    pairs = zip(claims.mentions, claims.mentions[1:], strict=False)
    return all(after.at - before.end < APART for before, after in pairs)


class _CaptionGraph:
    """Nodes and edges that were told so far; each true line once."""

    def __init__(self, truth: Diagram) -> None:
        self.truth = truth
        self.named: set[str] = set()
        self.invented: list[str] = []
        self.edges: list[Edge] = []
        self._used: set[int] = set()
        self._wrong: set[tuple[str, str]] = set()

    def take(self, claims: Claims, exact: Exact) -> None:
        """One statement's claims."""
        self.invented += claims.invented
        self.named |= {i for m in claims.mentions for i in m.ids}
        for relation in claims.relations:
            reason, lines = holds(relation, exact)
            told = {i for m in relation.labels for i in m.edges}
            if lines:
                self._line(lines, told)
            elif reason == "label":
                ways = [i for a in relation.sources for b in relation.targets for i in exact.ways[a, b]]
                self._line(ways, set())
            elif reason:
                self._not_there(relation.sources[0], relation.targets[0])
        if not claims.relations:
            self._by_label(claims)

    def _line(self, lines: list[int], told: set[int]) -> None:
        own = next((i for i in lines if i not in self._used), None)
        if own is None:
            return
        self._used.add(own)
        edge = self.truth.edges[own]
        self.edges.append(edge if own in told else replace(edge, label=""))

    def _not_there(self, source: str, target: str) -> None:
        if (source, target) not in self._wrong:
            self._wrong.add((source, target))
            self.edges.append(Edge(source, target))

    def _by_label(self, claims: Claims) -> None:
        """A line told by its label and one end or two, in a sentence that says something of them."""
        if not claims.rest or sum(bool(m.ids) for m in claims.mentions) > MOST_ENDS or _is_list(claims):
            return
        ends = {i for m in claims.mentions for i in m.ids}
        for line in {i for m in claims.mentions for i in m.edges}:
            edge = self.truth.edges[line]
            if edge.source in ends or edge.target in ends:
                self._line([line], {line})
