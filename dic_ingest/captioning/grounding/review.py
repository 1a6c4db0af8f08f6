"""From a model's reply to a description: critic, second look, merge, evidence. No model is called here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dic_ingest.captioning.chat import ChatAnswer
from dic_ingest.captioning.grounding.critic import Ask, Checked, criticise
from dic_ingest.captioning.grounding.evidence import DEFAULTS, weigh
from dic_ingest.captioning.grounding.injection import orders_words, suspicious
from dic_ingest.captioning.grounding.merge import choose_graph
from dic_ingest.captioning.grounding.reply import Reply
from dic_ingest.captioning.grounding.statements import atoms, joined
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.description import Change, Description, Evidence, Statement
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.drawing import Word
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid
from dic_ingest.text.tokens import Vocabulary, content, tokens

SAME = 84.0
TRUSTED = 0.5  # share of a model's statements that may be wrong before the figure is marked for review


@dataclass(frozen=True)
class CaptionDraft:
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
    def caption_so_far(self) -> str:
        """The caption so far."""
        return self.checked.caption


def fallback(request: FigureRequest, reading: Description, why: str, said: str = "") -> CaptionDraft:
    """dic-small's description, and why no more was to be had. `said`: what the model said all the same."""
    base = replace(reading, draft=said)
    return CaptionDraft(request, base, Checked(reading.caption), reading.diagram, (why,), by_model=False)


def draft(request: FigureRequest, reading: Description, reply: Reply, ask: Ask | None) -> CaptionDraft:
    """The model's caption after the critic, with the graph that is kept."""
    parser = read_mermaid(request.hint, request.kind) if request.hint else None
    read = reading.diagram if reading.graph_from != "parser" else None
    graph, source, conflicts = choose_graph(read, reply.diagram, parser)
    exact = read if read is not None and read.nodes else None
    prose = reply.caption or (reply.diagram.to_text() if reply.diagram else "")
    around = (request.printed_caption, *request.references)
    honest, obeyed = without_orders(prose, request, reading.words)
    if exact is not None:
        checked = criticise(honest, exact, reading.words, around, ask)
    else:
        checked = by_words(honest, reading.words, request, ask)
    checked.changes = (*obeyed, *checked.changes)
    if not checked.kept:  # nothing of the model's text was right
        return fallback(request, reading, "nothing in the model's caption was supported by the figure", prose)
    if source == "drawing" and reading.graph_from == "file":
        source = "file"
    base = replace(reading, diagram=graph, graph_from=source, draft=prose)
    return CaptionDraft(request, base, checked, exact, conflicts)


def without_orders(
    caption: str, request: FigureRequest, words: tuple[Word, ...]
) -> tuple[str, tuple[Change, ...]]:
    """The caption without statements made of words of an order alone that stands in or around the figure."""
    printed = " ".join(w.text for w in words)
    orders = orders_words([printed, request.printed_caption, *request.references, request.hint])
    told = atoms(caption) if orders else []
    obeyed = [a for a in told if (said := content(a.text)) and set(said) <= orders]
    if not obeyed:
        return caption, ()
    return joined([a for a in told if a not in obeyed]), tuple(
        Change(a.text, "", "instruction") for a in obeyed
    )


def paid(made: CaptionDraft, answer: ChatAnswer) -> CaptionDraft:
    """The draft with an answer's tokens and their price on its account."""
    read, written = made.base.tokens
    tokens = (read + answer.read, written + answer.written)
    return replace(made, base=replace(made.base, tokens=tokens, cost=made.base.cost + answer.cost))


def by_words(
    caption: str, words: tuple[Word, ...], request: FigureRequest, ask: Ask | None = None
) -> Checked:
    """Without a graph: instructions go, names in quotes that no word of the figure bears, and what the critic
    model denies. Where it has no verdict a statement stays, without support."""
    known = Vocabulary([*(w.text for w in words), request.printed_caption, *request.references], SAME)
    told = atoms(caption)
    reasons = [_wrong(a.text, known, bool(words)) for a in told]
    silent = [k for k, a in enumerate(told) if not reasons[k] and known.share(content(a.text)) < 1.0]
    answers = ask([told[k].readings[0] for k in silent]) if ask is not None and silent else []
    verdicts = dict(zip(silent, answers, strict=False))
    reasons = ["silent" if verdicts.get(k) is False else r for k, r in enumerate(reasons)]
    kept = [(k, a) for k, a in enumerate(told) if not reasons[k]]
    statements = tuple(Statement(a.text, "critic" if verdicts.get(k) else "") for k, a in kept)
    changes = tuple(Change(a.text, "", r) for a, r in zip(told, reasons, strict=True) if r)
    atoms_kept = [a for _, a in kept]
    return Checked(joined(atoms_kept), statements, changes, kept=atoms_kept)


def _wrong(text: str, known: Vocabulary, printed: bool) -> str:
    """Why the words of a figure do not allow a statement, "" where they do."""
    if suspicious([text]):
        return "instruction"
    quoted = [tokens(q) for q in _quoted(text)]
    return "invented" if printed and any(q and known.share(q) < 0.5 for q in quoted) else ""


def _quoted(text: str) -> list[str]:
    parts = text.replace("\u201c", '"').replace("\u201d", '"').split('"')
    return parts[1::2]


def widened(made: CaptionDraft, reply: Reply) -> CaptionDraft:
    """What a second look found, where the figure supports it and the caption lacks it."""
    if reply.fault or tokens(reply.caption)[:1] == ["nothing"]:
        return made
    request, words = made.request, made.base.words
    honest, _ = without_orders(reply.caption, request, words)
    if made.exact is not None:
        around = (request.printed_caption, *request.references)
        found = criticise(honest, made.exact, words, around, complete=False)
        able = found.kept
    else:
        found = by_words(honest, words, request)
        printed = Vocabulary([w.text for w in words], SAME)
        able = [a for a in found.kept if printed.share(content(a.text)) >= 0.5]
    known = set(tokens(made.caption_so_far))
    fresh = [a for a in able if any(t not in known for t in tokens(a.text))]
    if not fresh:
        return made
    told = "\n".join((made.caption_so_far, joined(fresh)))
    support = {s.text: s for s in found.statements}
    checked = Checked(
        told,
        (*made.checked.statements, *(support.get(a.text, Statement(a.text)) for a in fresh)),
        (*made.checked.changes, *found.changes, *(Change("", a.text, "second look") for a in fresh)),
        made.checked.told | found.told,
        [*made.checked.kept, *fresh],
    )
    return replace(made, checked=checked)


def final(made: CaptionDraft) -> Description:
    """The description with its evidence, head first."""
    request, base = made.request, made.base
    texts = (" ".join(w.text for w in base.words), request.printed_caption, *request.references, request.hint)
    odd = suspicious(texts)
    if not made.by_model:
        evidence = base.evidence or Evidence(0.0, 1.0, needs_review=True)
        conflicts = (*made.conflicts, *evidence.conflicts)
        return replace(base, evidence=replace(evidence, conflicts=conflicts), suspicious=odd)
    head = ": ".join(filter(None, (request.label, request.printed_caption)))
    caption = "\n".join(filter(None, (head and head.rstrip(". ") + ".", made.caption_so_far)))
    graph = base.diagram if made.exact else None
    found = weigh(caption, graph, base.words, request.printed_caption, request.references)
    return replace(base, caption=caption, evidence=_evidence(made, found), suspicious=odd)


def _evidence(made: CaptionDraft, found: Evidence) -> Evidence:
    """Recall as weighed; precision by the critic's verdicts where there was a graph to hold against."""
    checked = made.checked
    if made.exact is None:
        return replace(_seen(found, checked), changes=checked.changes, conflicts=made.conflicts)
    told = checked.statements
    bad = tuple(s.text for s in told if not s.support)
    precision = 1.0 - len(bad) / len(told) if told else 1.0
    share = checked.wrong / max(len(checked.kept) + checked.wrong, 1)
    review = share > TRUSTED or bool(bad) or (found.recall or 0.0) < DEFAULTS.min_recall
    return Evidence(found.recall, round(precision, 4), bad, review, told, checked.changes, made.conflicts)


def _seen(found: Evidence, checked: Checked) -> Evidence:
    """Evidence by words, with what the critic model saw in the picture counted as supported."""
    seen = {s.text.rstrip(".") for s in checked.statements if s.support == "critic"}
    told = tuple(
        replace(s, support="critic") if not s.support and s.text.rstrip(".") in seen else s
        for s in found.statements
    )
    bad = tuple(s.text for s in told if not s.support)
    precision = round(1.0 - len(bad) / len(told), 4) if told else 1.0
    review = not told or bool(bad) or (found.recall or 0.0) < DEFAULTS.min_recall
    return replace(found, statements=told, unsupported=bad, precision=precision, needs_review=review)
