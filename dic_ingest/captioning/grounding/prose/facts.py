"""What a graph says about order, ends, branches and numbers, for the claims that prose makes.

In: a `Diagram`. Out: yes or no by node ids and edge indices; a set of numbers where a noun may be counted in
several ways. Lines that lead back are set aside for order: a step comes before another one where a way leads
there that does not run through a repetition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import networkx as nx

from dic_ingest.captioning.grounding.prose import lexicon as lex
from dic_ingest.captioning.grounding.prose.lexicon import NEGATIVE, NEGATIVE_PREFIXES, POSITIVE, stem
from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.text.tokens import tokens

_DECISIONS = ("diamond", "choice")
_MARKS = ("start", "begin", "end", "stop", "finish")  # labels of marks that are no steps
OUT = lex.words(
    """
    outcom branch successor exit way product path possibl children child fan
    """
)
NEAR = lex.words("neighbour neighbor link relationship connect relat")
EDGES = lex.words(
    """
    messag transit relat relationship edg arrow connect line interact
    """
)
NODES = lex.words(
    """
    step node box block compon state class entiti particip lifelin phase stage part parti element
    servic server actor activ task
    """
)


class GraphFacts:
    """One graph, asked. Ids are those of nodes and groups, edges are indices."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.label = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
        self.out: dict[str, list[int]] = defaultdict(list)
        self.into: dict[str, list[int]] = defaultdict(list)
        for i, e in enumerate(diagram.edges):
            self.out[e.source].append(i)
            self.into[e.target].append(i)
            if _both(e) and e.source != e.target:
                self.out[e.target].append(i)
                self.into[e.source].append(i)

    @cached_property
    def frames(self) -> dict[str, str | None]:
        """Groups with the group that each stands in."""
        return {g.id: g.parent for g in self.diagram.groups}

    def holds(self, frame: str, part: str) -> bool:
        """Whether a group holds a node or a group, at any depth."""
        own = next((n.group for n in self.diagram.nodes if n.id == part), self.frames.get(part))
        while own is not None and own != frame:
            own = self.frames.get(own)
        return own is not None

    def members(self, frame: str) -> set[int]:
        """In what numbers the contents of a group may be counted: at its first level, and in all."""
        inner = [g for g in self.frames if self.holds(frame, g)]
        nodes = [n for n in self.diagram.nodes if self.holds(frame, n.id)]
        first = sum(n.group == frame for n in nodes) + sum(self.frames[g] == frame for g in inner)
        return {first, len(nodes)}

    def between(self, sources: Iterable[str], targets: Iterable[str]) -> list[int]:
        """The lines from some things to others."""
        a, b = set(sources), set(targets)
        return [i for i, e in enumerate(self.diagram.edges) if e.source in a and e.target in b]

    @cached_property
    def _whole(self) -> nx.DiGraph:
        graph = nx.DiGraph()
        graph.add_nodes_from(self.label)
        for a, edges in self.out.items():
            graph.add_edges_from((a, self.far(i, a)) for i in edges)
        return graph

    @cached_property
    def _forward(self) -> nx.DiGraph:
        """The graph without the lines that lead back."""
        graph, seen, open_ = self._whole.copy(), set[str](), set[str]()
        roots = [n for n in graph if not graph.in_degree(n)] + list(graph)
        for root in roots:
            for a, b, how in nx.dfs_labeled_edges(self._whole, root) if root not in seen else ():
                if how == "forward":
                    seen.add(b)
                    open_.add(b)
                elif how == "reverse":
                    open_.discard(b)
                elif b in open_ and graph.has_edge(a, b):
                    graph.remove_edge(a, b)
        return graph

    @cached_property
    def _reach(self) -> dict[str, set[str]]:
        return {n: nx.descendants(self._forward, n) for n in self._forward}

    def far(self, edge: int, near: str) -> str:
        """The other end of a line."""
        e = self.diagram.edges[edge]
        return e.target if e.source == near else e.source

    def joined(self, a: str, b: str, through: Iterable[str] = ()) -> bool:
        """A line from `a` to `b`, at most over points without a name and the nodes in `through`."""
        free = {n for n, text in self.label.items() if not text.strip()} | set(through)
        stack, seen = [a], {a}
        while stack:
            for edge in self.out[stack.pop()]:
                for end in {self.diagram.edges[edge].target, *self._other_end(edge)} - seen:
                    if end == b:
                        return True
                    seen.add(end)
                    if end in free:
                        stack.append(end)
        return a == b and any(self.far(i, a) == a for i in self.out[a])

    def _other_end(self, edge: int) -> set[str]:
        e = self.diagram.edges[edge]
        return {e.source} if _both(e) else set()

    @cached_property
    def decisions(self) -> list[str]:
        """Nodes at which the flow branches by labels, and diamonds."""
        return [
            n.id
            for n in self.diagram.nodes
            if n.shape in _DECISIONS
            or len([i for i in self.out[n.id] if self.diagram.edges[i].label.strip()]) > 1
        ]

    def marked(self, part: str, whole: str, marks: tuple[End, ...]) -> bool:
        """Whether a line from one record to another bears one of `marks` at the whole."""
        d = self.diagram
        near = [d.edges[i] for i in (*self.out[whole], *self.into[whole])]
        return any(
            ((e.source, e.source_end in marks) == (whole, True) and e.target == part)
            or ((e.target, e.target_end in marks) == (whole, True) and e.source == part)
            for e in near
        )

    @cached_property
    def diamonds(self) -> list[str]:
        """Nodes that are drawn as decisions."""
        return [n.id for n in self.diagram.nodes if n.shape in _DECISIONS]

    def before(self, a: str, b: str) -> bool:
        """Whether a way leads from `a` to `b`, and none back, repetitions aside."""
        return b in self._reach.get(a, ()) and a not in self._reach.get(b, ())

    def leads(self, a: str, b: str) -> bool:
        """Whether any way leads from `a` to `b`."""
        return a in self._whole and b in self._whole and nx.has_path(self._whole, a, b)

    @cached_property
    def starts(self) -> set[str]:
        """Where the flow begins: nodes that nothing leads to, and what follows a mark for the start."""
        return self._ends(self._forward)

    @cached_property
    def ends(self) -> set[str]:
        """Where it ends."""
        return self._ends(self._forward.reverse(), self._whole)

    def _ends(self, graph: nx.DiGraph, whole: nx.DiGraph | None = None) -> set[str]:
        whole = self._whole if whole is None else whole.reverse()
        outer = {n for n in graph if not whole.in_degree(n) and whole.degree(n)}
        outer = outer or {n for n in graph if not graph.in_degree(n) and graph.degree(n)}
        marks = {n for n in outer if not self.label[n].strip() or set(tokens(self.label[n])) & set(_MARKS)}
        return (outer - {n for n in marks if not self.label[n].strip()}) | {
            m for n in marks for m in graph.successors(n)
        }

    def polarity(self, node: str) -> dict[int, bool | None]:
        """For each line that leaves a decision: does it stand for yes, no, or neither."""
        asked = {stem(t) for t in tokens(self.label[node])}
        found = {i: _sign(self.diagram.edges[i].label, asked) for i in self.out[node]}
        known = [v for v in found.values() if v is not None]
        if len(found) == 2 and len(known) == 1:
            found = {i: (not known[0] if v is None else v) for i, v in found.items()}
        return found

    def branch(self, edges: Iterable[int], node: str, target: str, direct: bool = False) -> bool:
        """Whether one of a decision's lines leads to `target`, without coming back to the decision.

        `direct`: over no other node.
        """
        graph = self._whole.copy()
        graph.remove_nodes_from([node] if node != target else [])
        firsts = {self.far(i, node) for i in edges}
        return target in firsts or (
            not direct
            and any(f in graph and target in graph and nx.has_path(graph, f, target) for f in firsts)
        )

    def steps(self, noun: str) -> set[int] | None:
        """In what numbers a noun may be counted in the whole drawing; None: of no known noun."""
        d = self.diagram
        named = [n for n in d.nodes if n.label.strip()]
        if noun in ("decis",):
            return {sum(n.shape in _DECISIONS for n in d.nodes)}
        if noun in EDGES:
            return {
                len(d.edges),
                len([e for e in d.edges if e.source in self.label and self.label[e.source].strip()]),
            }
        if noun not in NODES:
            return None
        plain = [n for n in named if not set(tokens(n.label)) & set(_MARKS)]
        asked = [n for n in plain if n.shape not in _DECISIONS]
        shared = sum(noun in {stem(t) for t in tokens(n.label)} for n in named)
        some = {len(named), len(plain), len(asked), len(d.nodes)}
        return some if noun not in ("servic", "server", "part", "parti") else some | {shared}

    def count_at(self, node: str, noun: str, inward: bool | None) -> set[int]:
        """In what numbers lines at a node may be counted; `inward`: those to it, None: either."""
        out, into = len(set(self.out[node])), len(set(self.into[node]))
        near = {self.far(i, node) for i in (*self.out[node], *self.into[node])} - {node}
        near_in = {self.far(i, node) for i in self.into[node]}
        if inward is not None:
            return {into, len(near_in)} if inward else {out, len({self.far(i, node) for i in self.out[node]})}
        if noun in NEAR:
            return {len(near), len({*self.out[node], *self.into[node]})}
        return {out} if noun in OUT else {out, into, len(near)}


def _sign(label: str, asked: set[str]) -> bool | None:
    words = tokens(label)
    if not words:
        return None
    if set(words) & NEGATIVE or any(_denies(w, asked) for w in words):
        return False
    return True if set(words) & POSITIVE or {stem(w) for w in words} & asked else None


def _denies(word: str, asked: set[str]) -> bool:
    return any(word.startswith(p) and stem(word[len(p) :]) in asked for p in NEGATIVE_PREFIXES)


def _both(edge: Edge) -> bool:
    return not edge.directed or edge.source_end is End.ARROW


def is_flow(diagram: Diagram) -> bool:
    """Whether nodes are steps or states rather than things."""
    return diagram.kind in (Kind.FLOWCHART, Kind.STATE)
