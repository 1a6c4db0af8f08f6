"""Critic and rewrite: every statement of a model's caption against the exact reading of the figure.

In: a caption, the graph that was read, the words, the printed text. Out: the caption with what is wrong
corrected or removed and what was left out added, and a list of the changes. A critic model is asked only
where the graph is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dic_ingest.captioning.atoms import Atom, atoms, changed, joined
from dic_ingest.captioning.exact import Exact
from dic_ingest.captioning.order import in_order
from dic_ingest.captioning.say import say_edges
from dic_ingest.captioning.verdict import Verdict, judge
from dic_ingest.diagram import Diagram
from dic_ingest.document import Change, Statement
from dic_ingest.drawing import Word

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
    verdicts = [_best([judge(r, exact) for r in a.readings]) for a in told]
    verdicts = _second_look(told, verdicts, ask)
    changes: list[Change] = []
    kept: list[tuple[Atom, Verdict]] = []
    spoken = {e for v in verdicts if v.support for e in v.edges}
    spoken |= _dots_told(diagram, told, verdicts)
    for atom, verdict in zip(told, verdicts, strict=True):
        if verdict.support:
            kept.append((atom, verdict))
            continue
        text, edges = _corrected(atom, verdict, exact, spoken)
        changes.append(Change(atom.text, text, verdict.reason))
        if text:
            spoken |= set(edges)
            kept.append((changed(atom, text), Verdict("graph", "", tuple(edges))))
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


def _dots_told(diagram: Diagram, told: Sequence[Atom], verdicts: Sequence[Verdict]) -> set[int]:
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


def _best(verdicts: list[Verdict]) -> Verdict:
    return next((v for v in verdicts if v.support), verdicts[0])


def _second_look(told: list[Atom], verdicts: list[Verdict], ask: Ask | None) -> list[Verdict]:
    """A critic model's word on what the graph is silent on; never on what it denies."""
    silent = [i for i, v in enumerate(verdicts) if v.reason == "silent"]
    if ask is None or not silent:
        return verdicts
    answers = ask([told[i].readings[0] for i in silent])
    found = list(verdicts)
    for i, yes in zip(silent, answers, strict=False):
        if yes:
            found[i] = Verdict("critic", "", verdicts[i].edges, verdicts[i].nodes)
    return found


def _corrected(atom: Atom, verdict: Verdict, exact: Exact, spoken: set[int]) -> tuple[str, list[int]]:
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
