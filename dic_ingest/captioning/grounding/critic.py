"""Critic and rewrite: every statement of a model's caption against the exact reading of the figure.

In two phases. `check` holds the statements against the graph and lists those on which it is silent, which a
model may be asked about; `revise` makes the caption anew from the verdicts and that model's answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.order import in_order
from dic_ingest.captioning.grounding.statements import Atom, atoms, changed, joined
from dic_ingest.captioning.grounding.verifier import UNCHECKED, StatementVerdict, judge_readings
from dic_ingest.model.description import Change, Statement
from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.model.drawing import Word
from dic_ingest.render.names import names, quote, sentence

# One line of a graph as one sentence, for what a caption got wrong or left out.


_PARTS = {End.DIAMOND: "aggregates", End.FILLED_DIAMOND: "is composed of"}


def say_edges(diagram: Diagram, wanted: list[int]) -> list[str]:
    """A sentence for each edge index, in order; edges to unknown ends are left out."""
    named = names(diagram)
    edges = [diagram.edges[i] for i in wanted]
    return [_say(e, diagram.kind, named) for e in edges if e.source in named and e.target in named]


def _say(edge: Edge, kind: Kind, named: dict[str, str]) -> str:
    a, b = named[edge.source], named[edge.target]
    label = ", ".join(quote(t) for t in (edge.source_label, edge.label, edge.target_label) if t.strip())
    tail = f" ({label})" if label else ""
    if kind is Kind.SEQUENCE:
        what = label or "an unlabelled message"
        both = not edge.directed or edge.source_end is End.ARROW
        if edge.source == edge.target:
            return sentence(f"{a} sends {what} to itself")
        return sentence(f"{a} and {b} exchange {what}" if both else f"{a} sends {what} to {b}")
    for whole, part, end in ((b, a, edge.target_end), (a, b, edge.source_end)):
        if end is End.TRIANGLE:
            verb = "implements" if edge.style == "dashed" else "inherits from"
            return sentence(f"{part} {verb} {whole}{tail}")
        if end in _PARTS:
            return sentence(f"{whole} {_PARTS[end]} {part}{tail}")
    if not edge.directed:
        return sentence(f"{a} is connected with {b}{tail}")
    if edge.source_end is End.ARROW:
        return sentence(f"{a} is connected in both directions with {b}{tail}")
    if edge.source == edge.target:
        return sentence(f"{a} leads back to itself{tail}")
    return sentence(f"{a} leads to {b}{tail}")


# Phase one holds statements against the graph, phase two revises the caption.


Answers = Mapping[str, bool | None]  # whether the picture supports a statement; None: no verdict
ASKED = ("silent", UNCHECKED)  # reasons for which a critic model may be asked
MAX_STATEMENTS = 400
_START = re.compile(r"\b(?:starts?|begins?|initial\w*)\b", re.IGNORECASE)
_END = re.compile(r"\b(?:ends?|final\w*|terminat\w+|finish\w*)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GraphCheck:
    """Statements of a caption with the graph's verdict on each."""

    exact: Exact
    atoms: tuple[Atom, ...]
    verdicts: tuple[StatementVerdict, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Statements on which the graph is silent: what a critic model may be asked."""
        pairs = zip(self.atoms, self.verdicts, strict=True)
        return tuple(a.readings[0] for a, v in pairs if v.reason in ASKED)

    def revised(self, answers: Answers) -> Checked:
        """The caption put right and completed, see `revise`."""
        return revise(self, answers)


@dataclass
class Checked:
    """A caption after the critic. `told`: the graph's lines that it tells."""

    caption: str
    statements: tuple[Statement, ...] = ()
    changes: tuple[Change, ...] = ()
    told: frozenset[int] = frozenset()
    kept: list[Atom] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many statements were corrected or removed."""
        return sum(1 for c in self.changes if c.before)


def check(
    caption: str, diagram: Diagram, words: Sequence[Word] = (), around: Sequence[str] = ()
) -> GraphCheck:
    """Hold a caption against a graph; `around`: printed caption and sentences that refer to the figure."""
    exact = Exact(diagram, [*(w.text for w in words), *around])
    said = tuple(atoms(caption, exact.names)[:MAX_STATEMENTS])
    return GraphCheck(exact, said, tuple(judge_readings(a.readings, exact) for a in said))


def revise(held: GraphCheck, answers: Answers | None = None, complete: bool = True) -> Checked:
    """The caption without what the graph denies, put right where the graph says what holds instead.

    `answers` decide where the graph is silent, never what it denies. `complete` adds the lines left out.
    """
    exact, diagram = held.exact, held.exact.diagram
    verdicts = [_answered(a, v, answers or {}) for a, v in zip(held.atoms, held.verdicts, strict=True)]
    changes: list[Change] = []
    kept: list[tuple[Atom, StatementVerdict]] = []
    spoken = {e for v in verdicts if v.support for e in v.edges}
    spoken |= _stated_dots(diagram, held.atoms, verdicts)
    for atom, verdict in zip(held.atoms, verdicts, strict=True):
        if verdict.support or verdict.reason == UNCHECKED:
            kept.append((atom, verdict))
            continue
        text, edges = _corrected(atom, verdict, exact, spoken)
        changes.append(Change(atom.text, text, verdict.reason))
        if text:
            spoken |= set(edges)
            kept.append((changed(atom, text), StatementVerdict("graph", "", tuple(edges))))
    kept, moved = in_order(kept, exact)
    changes += moved
    body, statements = joined([a for a, _ in kept]), [Statement(a.text, v.support) for a, v in kept]
    if complete:
        missing = [i for i in range(len(diagram.edges)) if i not in spoken]
        added = say_edges(diagram, missing)
        changes += [Change("", text, "left out") for text in added]
        statements += [Statement(text, "graph") for text in added]
        body = "\n".join(filter(None, (body, _appended(added))))
        spoken |= set(missing)
    return Checked(body, tuple(statements), tuple(changes), frozenset(spoken), [a for a, _ in kept])


def criticise(
    caption: str,
    diagram: Diagram,
    words: Sequence[Word] = (),
    around: Sequence[str] = (),
    complete: bool = True,
) -> Checked:
    """Both phases at once, where no model is asked."""
    return revise(check(caption, diagram, words, around), complete=complete)


def _stated_dots(diagram: Diagram, told: Sequence[Atom], verdicts: Sequence[StatementVerdict]) -> set[int]:
    """Lines from or to a dot without a name that a sentence tells as the start or the end."""
    dots = {n.id for n in diagram.nodes if not n.label.strip()}
    starts: set[str] = set()
    ends: set[str] = set()
    for atom, verdict in zip(told, verdicts, strict=True):
        if verdict.support and _START.search(atom.text):
            starts.update(verdict.nodes)
        if verdict.support and _END.search(atom.text):
            ends.update(verdict.nodes)
    return {
        i
        for i, e in enumerate(diagram.edges)
        if (e.source in dots and e.target in starts) or (e.target in dots and e.source in ends)
    }


def _appended(sentences: list[str]) -> str:
    return "\n".join(f"- {s}" for s in sentences) if len(sentences) > 3 else " ".join(sentences)


def _answered(atom: Atom, verdict: StatementVerdict, answers: Answers) -> StatementVerdict:
    """The verdict with a critic model's word where the graph is silent."""
    if verdict.reason not in ASKED:
        return verdict
    yes = answers.get(atom.readings[0])
    if yes:
        return StatementVerdict("critic", "", verdict.edges, verdict.nodes)
    return replace(verdict, reason="silent") if yes is False else verdict


def _corrected(
    atom: Atom, verdict: StatementVerdict, exact: Exact, spoken: set[int]
) -> tuple[str, list[int]]:
    """What the graph says instead, "" where nothing can stand in its place."""
    if verdict.reason not in ("flipped", "no line", "label") or not verdict.nodes:
        return "", []
    named = set(verdict.nodes)
    edges = exact.diagram.edges
    among = [i for i, e in enumerate(edges) if e.source in named and e.target in named]
    if not among:
        among = [i for i, e in enumerate(edges) if e.source == verdict.nodes[0]]
    fresh = [i for i in among if i not in spoken]
    return " ".join(say_edges(exact.diagram, fresh)), fresh
