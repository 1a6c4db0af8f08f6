"""Critic and rewrite: every statement of a model's caption against the exact reading of the figure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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


# Critic and rewrite: every statement of a model's caption against the exact reading of the figure.


Ask = Callable[[list[str]], list[bool | None]]  # None: no verdict
MAX_STATEMENTS = 400
_START = re.compile(r"\b(?:starts?|begins?|initial\w*)\b", re.IGNORECASE)
_END = re.compile(r"\b(?:ends?|final\w*|terminat\w+|finish\w*)\b", re.IGNORECASE)


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


def criticise(
    caption: str,
    diagram: Diagram,
    words: Sequence[Word] = (),
    around: Sequence[str] = (),
    ask: Ask | None = None,
    complete: bool = True,
) -> Checked:
    """Hold a caption against a graph.

    `around` is the printed caption and the sentences that refer to the figure. `ask` answers, for statements
    on which the graph is silent, whether the picture supports them. `complete` adds the lines left out.
    """
    exact = Exact(diagram, [*(w.text for w in words), *around])
    told = atoms(caption, exact.names)[:MAX_STATEMENTS]
    verdicts = [judge_readings(a.readings, exact) for a in told]
    verdicts = _second_look(told, verdicts, ask)
    changes: list[Change] = []
    kept: list[tuple[Atom, StatementVerdict]] = []
    spoken = {e for v in verdicts if v.support for e in v.edges}
    spoken |= _stated_dots(diagram, told, verdicts)
    for atom, verdict in zip(told, verdicts, strict=True):
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


def _second_look(
    told: list[Atom], verdicts: list[StatementVerdict], ask: Ask | None
) -> list[StatementVerdict]:
    """A critic model's word on what the graph is silent on; never on what it denies."""
    silent = [i for i, v in enumerate(verdicts) if v.reason in ("silent", UNCHECKED)]
    if ask is None or not silent:
        return verdicts
    answers = ask([told[i].readings[0] for i in silent])
    found = list(verdicts)
    for i, yes in zip(silent, answers, strict=False):
        if yes is False:
            found[i] = replace(verdicts[i], reason="silent")
        elif yes:
            found[i] = StatementVerdict("critic", "", verdicts[i].edges, verdicts[i].nodes)
    return found


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
