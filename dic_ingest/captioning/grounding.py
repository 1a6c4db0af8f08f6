"""From a model's reply to a description: critic, second look, merge, evidence. No model is called here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dic_ingest.captioning.atoms import Atom, atoms, joined
from dic_ingest.captioning.critic import Ask, Checked, criticise
from dic_ingest.captioning.evidence import weigh
from dic_ingest.captioning.evidence_text import Vocabulary, tokens
from dic_ingest.captioning.injection import suspicious
from dic_ingest.captioning.merge import choose_graph
from dic_ingest.captioning.mermaid.read import read_mermaid
from dic_ingest.captioning.reply import Reply
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.captioning.talk import Answer
from dic_ingest.diagram import Diagram
from dic_ingest.document import Change, Description, Evidence, Statement
from dic_ingest.drawing import Word

SAME = 84.0
TRUSTED = 0.5  # share of a model's statements that may be wrong before the figure is marked for review


@dataclass(frozen=True)
class Draft:
    """A description in the making.

    `base` holds graph, words, engine; `exact` the graph that statements are held against; `by_model` is False
    where dic-small's own description stands.
    """

    request: FigureRequest
    base: Description
    checked: Checked
    exact: Diagram | None
    conflicts: tuple[str, ...] = ()
    by_model: bool = True

    @property
    def told(self) -> str:
        """The caption so far."""
        return self.checked.caption


def fallback(request: FigureRequest, reading: Description, why: str, answer: Answer) -> Draft:
    """dic-small's description, and why no more was to be had."""
    base = replace(reading, tokens=(answer.read, answer.written))
    return Draft(request, base, Checked(reading.caption), reading.diagram, (why,), by_model=False)


def draft(
    request: FigureRequest, reading: Description, reply: Reply, answer: Answer, ask: Ask | None
) -> Draft:
    """The model's caption after the critic, with the graph that is kept."""
    parser = read_mermaid(request.hint, request.kind) if request.hint else None
    graph, _, conflicts = choose_graph(reading.diagram, reply.diagram, parser)
    exact = reading.diagram if reading.diagram is not None and reading.diagram.nodes else None
    prose = reply.caption or (reply.diagram.to_text() if reply.diagram else "")
    around = (request.printed_caption, *request.references)
    if exact is not None:
        checked = criticise(prose, exact, reading.words, around, ask)
    else:
        checked = by_words(prose, reading.words, request)
    if not checked.kept:  # nothing of the model's text was right
        return fallback(
            request, reading, "nothing in the model's caption was supported by the figure", answer
        )
    base = replace(reading, diagram=graph, tokens=(answer.read, answer.written))
    return Draft(request, base, checked, exact, conflicts)


def by_words(caption: str, words: tuple[Word, ...], request: FigureRequest) -> Checked:
    """Without a graph: instructions go, and so do quoted names that no word of the figure bears."""
    known = Vocabulary([*(w.text for w in words), request.printed_caption, *request.references], SAME)
    kept: list[Atom] = []
    changes: list[Change] = []
    for atom in atoms(caption):
        quoted = [q for q in _quoted(atom.text) if tokens(q)]
        if suspicious([atom.text]):
            changes.append(Change(atom.text, "", "instruction"))
        elif words and any(known.share(tokens(q)) < 0.5 for q in quoted):
            changes.append(Change(atom.text, "", "invented"))
        else:
            kept.append(atom)
    return Checked(joined(kept), tuple(Statement(a.text) for a in kept), tuple(changes), kept=kept)


def _quoted(text: str) -> list[str]:
    parts = text.replace("\u201c", '"').replace("\u201d", '"').split('"')
    return parts[1::2]


def widened(made: Draft, reply: Reply, answer: Answer) -> Draft:
    """What a second look found, where the figure supports it and the caption lacks it."""
    read, written = made.base.tokens
    base = replace(made.base, tokens=(read + answer.read, written + answer.written))
    made = replace(made, base=base)
    if reply.fault or answer.error or tokens(reply.caption)[:1] == ["nothing"]:
        return made
    if made.exact is not None:
        around = (made.request.printed_caption, *made.request.references)
        found = criticise(reply.caption, made.exact, base.words, around, complete=False)
    else:
        found = by_words(reply.caption, base.words, made.request)
    known = set(tokens(made.told))
    fresh = [a for a in found.kept if any(t not in known for t in tokens(a.text))]
    if not fresh:
        return made
    told = "\n".join((made.told, joined(fresh)))
    support = {s.text: s for s in found.statements}
    checked = Checked(
        told,
        (*made.checked.statements, *(support.get(a.text, Statement(a.text)) for a in fresh)),
        (*made.checked.changes, *found.changes, *(Change("", a.text, "second look") for a in fresh)),
        made.checked.told | found.told,
        [*made.checked.kept, *fresh],
    )
    return replace(made, checked=checked)


def final(made: Draft) -> Description:
    """The description with its evidence, head first."""
    request, base = made.request, made.base
    texts = (" ".join(w.text for w in base.words), request.printed_caption, *request.references, request.hint)
    odd = suspicious(texts)
    if not made.by_model:
        evidence = base.evidence or Evidence(0.0, 1.0, needs_review=True)
        return replace(base, evidence=replace(evidence, conflicts=made.conflicts), suspicious=odd)
    head = ": ".join(filter(None, (request.label, request.printed_caption)))
    caption = "\n".join(filter(None, (head and head.rstrip(". ") + ".", made.told)))
    found = weigh(
        caption, base.diagram if made.exact else None, base.words, request.printed_caption, request.references
    )
    return replace(base, caption=caption, evidence=_evidence(made, found), suspicious=odd)


def _evidence(made: Draft, found: Evidence) -> Evidence:
    """Recall as weighed; precision by the critic's verdicts where there was a graph to hold against."""
    checked = made.checked
    if made.exact is None:
        return replace(found, changes=checked.changes, conflicts=made.conflicts)
    told = checked.statements
    bad = tuple(s.text for s in told if not s.support)
    precision = 1.0 - len(bad) / len(told) if told else 1.0
    share = checked.wrong / max(len(checked.kept) + checked.wrong, 1)
    review = share > TRUSTED or bool(bad) or found.recall < 0.6
    return Evidence(found.recall, round(precision, 4), bad, review, told, checked.changes, made.conflicts)
