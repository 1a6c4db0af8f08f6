"""Statements of true and of faulted captions with step-by-step verdicts: what a critic learns from.

In: pairs with their graphs. Out: statements that are known to be right or wrong, and examples for
`sft.fine_tune`. UltraCaption's form (figure 14): list what is to be checked, check it, sum up, judge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.critic import say_edges
from dic_ingest.captioning.grounding.faults import FAULTS
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.statements import atoms
from dic_ingest.captioning.grounding.verifier import Verdict, judge
from dic_ingest.captioning.prompts import check
from dic_ingest.evaluation.engine_view import Views, engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.training.sft.examples import Example

MOST = 4  # statements in one question
TOLD = 3  # lines of the drawing that a check tells


@dataclass(frozen=True, slots=True)
class Checkable:
    """A statement about a figure with its truth. `fault` is the kind of fault, "" for a true one."""

    text: str
    right: bool
    fault: str = ""


def statements(pair: Pair, source: random.Random) -> list[Checkable]:
    """True statements of the caption, and those that one fault of each kind made wrong.

    Both kinds are held against the graph: a fault that happens to be true is left out, and so is a statement
    of the caption that the graph does not support.
    """
    exact = Exact(pair.diagram)
    true = [a.readings[0] for a in atoms(pair.caption, exact.names)]
    found = [Checkable(t, True) for t in dict.fromkeys(true) if judge(t, exact).support]
    known = set(true)
    for name, fault in FAULTS.items():
        made = fault(pair.diagram, source)
        if made is None:
            continue
        wrong = [a.readings[0] for a in atoms(made.to_text(), Exact(made).names)]
        fresh = [t for t in dict.fromkeys(wrong) if t not in known and not judge(t, exact).support]
        found += [Checkable(t, False, name) for t in fresh]
        known |= set(fresh)
    return found


def balanced(found: Sequence[Checkable], source: random.Random) -> list[Checkable]:
    """As many right as wrong statements, in random order."""
    right, wrong = [c for c in found if c.right], [c for c in found if not c.right]
    count = min(len(right), len(wrong))
    chosen = source.sample(right, count) + source.sample(wrong, count)
    source.shuffle(chosen)
    return chosen


def check_examples(
    pairs: Sequence[Pair], folder: Path, settings: GroundingSettings, seed: int, views: Views | None = None
) -> list[Example]:
    """Questions of up to four statements each with the answers of a careful critic."""
    views = engine_views(pairs, folder, settings) if views is None else views
    source, steps = random.Random(seed), settings.steps
    examples = []
    for pair in pairs:
        chosen = balanced(statements(pair, source), source)
        exact = Exact(pair.diagram)
        for at in range(0, len(chosen), MOST):
            some = chosen[at : at + MOST]
            prompt = check([c.text for c in some], steps)
            answer = "\n".join(verdict_text(n, c, exact, steps) for n, c in enumerate(some, 1))
            examples.append(Example(f"{pair.id}-{at // MOST}", views[pair.image], prompt, answer))
    return examples


def verdict_text(number: int, checked: Checkable, exact: Exact, steps: bool) -> str:
    """The lines of one verdict; the last is the one that the engine reads."""
    last = f"{number}: {'yes' if checked.right else 'no'}"
    if not steps:
        return last
    verdict = judge(checked.text, exact)
    names = {n.id: n.label for n in exact.diagram.nodes} | {g.id: g.label for g in exact.diagram.groups}
    things = [f'"{names[i]}"' for i in dict.fromkeys(verdict.nodes) if names.get(i)]
    listed = f"{', '.join(things)}, and what runs between them" if things else "the words of the statement"
    agrees = "agrees with the figure" if checked.right else f"does not hold: {_WHY[_reason(verdict)]}"
    shown = " ".join(_shown(verdict, exact)) or "no line between them is drawn."
    return f"List: {listed}.\nCheck: {shown}\nSummary: the statement {agrees}.\n{last}"


_WHY = {
    "flipped": "the direction is the other one",
    "no line": "no such line is drawn",
    "label": "the label is another one",
    "count": "the number is another one",
    "invented": "something in it is not drawn",
    "silent": "the figure does not show it",
}


def _reason(verdict: Verdict) -> str:
    return verdict.reason if verdict.reason in _WHY else "silent"


def _shown(verdict: Verdict, exact: Exact) -> list[str]:
    """The lines of the figure that the statement is about, as sentences."""
    edges = exact.diagram.edges
    named = set(verdict.nodes)
    between = [i for i, e in enumerate(edges) if e.source in named and e.target in named]
    near = [i for i, e in enumerate(edges) if e.source in named]
    return say_edges(exact.diagram, list(dict.fromkeys([*verdict.edges, *(between or near)]))[:TOLD])
