"""Statements of true and of faulted captions with step-by-step verdicts: what a critic learns from.

In: pairs with their graphs. Out: statements that are known to be right or wrong, and examples for
`sft.fine_tune`. UltraCaption's form (figure 14): list what is to be checked, check it, sum up, judge.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.critic import say_edges
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.statements import atoms
from dic_ingest.captioning.grounding.verifier import UNCHECKED, StatementVerdict, judge
from dic_ingest.captioning.prompts import check
from dic_ingest.evaluation.engine_view import Views, engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.training.critic.altered import Altering, order
from dic_ingest.training.critic.text_only import TextOnly, refuse_shortcut, text_only
from dic_ingest.training.sft.examples import Example
from dic_ingest.training.synthesise.captions.expert import drawn_part

MOST = 4  # statements in one question
TOLD = 3  # lines of the drawing that a check tells
ORDER = "wrong order"


@dataclass(frozen=True, slots=True)
class Checkable:
    """A statement about a figure with its truth. `fault` is the kind of fault, "" for a true one.

    `form`: its phrasing without names and numbers.
    """

    text: str
    right: bool
    fault: str = ""
    form: str = ""


def statements(pair: Pair, source: random.Random, foreign: Sequence[str] = ()) -> list[Checkable]:
    """True statements of the caption and the graph, and those that one change of each kind made wrong.

    Both are held against the graph: a change that happens to be true is left out, and so is a statement of
    the caption that the graph does not support. The truth of what comes first is computed from the graph.

    Args:
        pair: A figure with its graph and caption.
        source: Of all choices.
        foreign: Names that other figures bear; without them no node is renamed.
    """
    exact = Exact(pair.diagram)
    change = Altering(pair.diagram, exact, foreign, source)
    texts = (drawn_part(pair.caption), pair.diagram.to_text())
    told = [a.readings[0] for t in texts for a in atoms(t, exact.names)]
    true = [t for t in dict.fromkeys(told) if judge(t, exact).support]
    found = [Checkable(t, True, "", change.form(t)) for t in true]
    known = set(true)
    for text in true:
        for fault, wrong in change.wrong(text):
            verdict = judge(wrong, exact)
            if wrong not in known and not verdict.support and verdict.reason != UNCHECKED:
                known.add(wrong)
                found.append(Checkable(wrong, False, fault, change.form(text)))
    before, after = order(pair.diagram, source)
    found += [Checkable(t, True, "", change.form(t)) for t in before]
    return found + [Checkable(t, False, ORDER, change.form(t)) for t in after]


def balanced(found: Sequence[Checkable], source: random.Random) -> list[Checkable]:
    """As many right as wrong statements of each phrasing, kinds of fault in turn, in random order."""
    forms: dict[str, list[Checkable]] = defaultdict(list)
    for checkable in found:
        forms[checkable.form].append(checkable)
    chosen: list[Checkable] = []
    used: Counter[str] = Counter()
    for some in forms.values():
        right, wrong = [c for c in some if c.right], [c for c in some if not c.right]
        source.shuffle(wrong)
        count = min(len(right), len(wrong))
        chosen += source.sample(right, count)
        for _ in range(count):
            rarest = min(wrong, key=lambda c: used[c.fault])
            wrong.remove(rarest)
            used[rarest.fault] += 1
            chosen.append(rarest)
    source.shuffle(chosen)
    return chosen


def all_checkables(pairs: Sequence[Pair], source: random.Random) -> Iterator[list[Checkable]]:
    """For each pair its balanced statements; names are borrowed from the other pairs."""
    foreign = list(dict.fromkeys(n.label for p in pairs for n in p.diagram.nodes if n.label.strip()))
    for pair in pairs:
        yield balanced(statements(pair, source, foreign), source)


def without_picture(pairs: Sequence[Pair], chosen: Sequence[Sequence[Checkable]]) -> TextOnly | None:
    """What a bag of words knows of each figure's statements; `chosen` has one list per pair."""
    rows = [(c.text, c.right, p.id) for p, some in zip(pairs, chosen, strict=True) for c in some]
    return text_only([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def check_examples(
    pairs: Sequence[Pair],
    folder: Path,
    settings: GroundingSettings,
    seed: int,
    views: Views | None = None,
    limit: float = 1.0,
) -> list[Example]:
    """Questions of up to four statements each with the answers of a careful critic.

    Raises InputError where a bag of words judges more than `limit` (0..1) of them right without the picture.
    """
    steps = settings.steps
    every = list(all_checkables(pairs, random.Random(seed)))
    if limit < 1.0:
        refuse_shortcut(without_picture(pairs, every), limit)
    views = engine_views(pairs, folder, settings) if views is None else views
    examples = []
    for pair, chosen in zip(pairs, every, strict=True):
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
    agrees = (
        "agrees with the figure" if checked.right else f"does not hold: {_WHY[_reason(checked, verdict)]}"
    )
    shown = " ".join(_shown(verdict, exact)) or "no line between them is drawn."
    return f"List: {listed}.\nCheck: {shown}\nSummary: the statement {agrees}.\n{last}"


_WHY = {
    "flipped": "the direction is the other one",
    "no line": "no such line is drawn",
    "label": "the label is another one",
    "count": "the number is another one",
    "invented": "something in it is not drawn",
    ORDER: "the order is the other one",
    "silent": "the figure does not show it",
}


def _reason(checked: Checkable, verdict: StatementVerdict) -> str:
    if checked.fault == ORDER:
        return ORDER
    return verdict.reason if verdict.reason in _WHY else "silent"


def _shown(verdict: StatementVerdict, exact: Exact) -> list[str]:
    """The lines of the figure that the statement is about, as sentences."""
    edges = exact.diagram.edges
    named = set(verdict.nodes)
    between = [i for i, e in enumerate(edges) if e.source in named and e.target in named]
    near = [i for i, e in enumerate(edges) if e.source in named]
    return say_edges(exact.diagram, list(dict.fromkeys([*verdict.edges, *(between or near)]))[:TOLD])
