"""From a model's reply to a description: critic, second look, merge, evidence. No model is called here.

A reply is checked first (`checked_reply`), then revised with what a critic model answers to the questions
that the check leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dic_ingest.captioning.chat import ChatAnswer
from dic_ingest.captioning.grounding.critic import Answers, Checked, GraphCheck, check, criticise
from dic_ingest.captioning.grounding.evidence import DEFAULTS, EvidenceSettings, weigh
from dic_ingest.captioning.grounding.injection import orders_words, suspicious
from dic_ingest.captioning.grounding.merge import choose_graph
from dic_ingest.captioning.grounding.reply import Reply
from dic_ingest.captioning.grounding.statements import Atom, atoms, joined
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.description import Change, Description, Evidence, Statement
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.drawing import Word
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid
from dic_ingest.text.tokens import Vocabulary, content, tokens


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


@dataclass(frozen=True)
class CheckedReply:
    """A model's reply after the first phase of the critic. `prose`: what the model said."""

    request: FigureRequest
    reading: Description
    base: Description
    check: GraphCheck | WordCheck
    exact: Diagram | None
    prose: str
    conflicts: tuple[str, ...] = ()
    obeyed: tuple[Change, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """Statements that nothing exact decides."""
        return self.check.questions

    def revised(self, answers: Answers) -> CaptionDraft:
        """The draft, with a critic model's answers to the questions."""
        checked = self.check.revised(answers)
        checked.changes = (*self.obeyed, *checked.changes)
        if not checked.kept:  # nothing of the model's text was right
            why = "nothing in the model's caption was supported by the figure"
            return fallback(self.request, self.reading, why, self.prose)
        return CaptionDraft(self.request, self.base, checked, self.exact, self.conflicts)


def checked_reply(request: FigureRequest, reading: Description, reply: Reply) -> CheckedReply:
    """The model's caption held against the figure, with the graph that is kept."""
    parser = read_mermaid(request.hint, request.kind) if request.hint else None
    read = reading.diagram if reading.graph_from != "parser" else None
    graph, source, conflicts = choose_graph(read, reply.diagram, parser)
    exact = read if read is not None and read.nodes else None
    prose = reply.caption or (reply.diagram.to_text() if reply.diagram else "")
    around = (request.printed_caption, *request.references)
    honest, obeyed = without_orders(prose, request, reading.words)
    held: GraphCheck | WordCheck
    if exact is not None:
        held = check(honest, exact, reading.words, around)
    else:
        held = check_words(honest, reading.words, request)
    if source == "drawing" and reading.graph_from == "file":
        source = "file"
    base = replace(reading, diagram=graph, graph_from=source, draft=prose)
    return CheckedReply(request, reading, base, held, exact, prose, conflicts, obeyed)


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


@dataclass(frozen=True, slots=True)
class WordCheck:
    """Statements of a caption without a graph: why the figure's words forbid each, and which are open."""

    atoms: tuple[Atom, ...]
    reasons: tuple[str, ...]
    open: frozenset[int]

    @property
    def questions(self) -> tuple[str, ...]:
        """Statements that the figure's words neither forbid nor hold."""
        return tuple(self.atoms[k].readings[0] for k in sorted(self.open))

    def revised(self, answers: Answers) -> Checked:
        """Without what is forbidden or denied; where there is no verdict a statement stays, unsupported."""
        kept: list[Atom] = []
        statements: list[Statement] = []
        changes: list[Change] = []
        for k, (atom, forbidden) in enumerate(zip(self.atoms, self.reasons, strict=True)):
            seen = answers.get(atom.readings[0]) if k in self.open else None
            reason = "silent" if seen is False else forbidden
            if reason:
                changes.append(Change(atom.text, "", reason))
            else:
                kept.append(atom)
                statements.append(Statement(atom.text, "critic" if seen else ""))
        return Checked(joined(kept), tuple(statements), tuple(changes), kept=kept)


def check_words(caption: str, words: tuple[Word, ...], request: FigureRequest) -> WordCheck:
    """Hold a caption against the figure's words: forbids instructions, and quoted names that none bears."""
    known = Vocabulary(
        [*(w.text for w in words), request.printed_caption, *request.references], DEFAULTS.same
    )
    said = tuple(atoms(caption))
    reasons = tuple(_wrong(a.text, known, bool(words)) for a in said)
    silent = (k for k, a in enumerate(said) if not reasons[k] and known.share(content(a.text)) < 1.0)
    return WordCheck(said, reasons, frozenset(silent))


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
        found = check_words(honest, words, request).revised({})
        printed = Vocabulary([w.text for w in words], DEFAULTS.same)
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


def final(made: CaptionDraft, settings: EvidenceSettings) -> Description:
    """The description with its evidence, head first; `settings`: when it is to be reviewed."""
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
    found = weigh(caption, graph, base.words, request.printed_caption, request.references, settings)
    return replace(base, caption=caption, evidence=_evidence(made, found, settings), suspicious=odd)


def _evidence(made: CaptionDraft, found: Evidence, settings: EvidenceSettings) -> Evidence:
    """Recall as weighed; precision by the critic's verdicts where there was a graph to hold against."""
    checked = made.checked
    if made.exact is None:
        return replace(_seen(found, checked, settings), changes=checked.changes, conflicts=made.conflicts)
    told = checked.statements
    bad = tuple(s.text for s in told if not s.support)
    precision = 1.0 - len(bad) / len(told) if told else 1.0
    share = checked.wrong / max(len(checked.kept) + checked.wrong, 1)
    review = share > settings.max_wrong or bool(bad) or (found.recall or 0.0) < settings.min_recall
    return Evidence(found.recall, round(precision, 4), bad, review, told, checked.changes, made.conflicts)


def _seen(found: Evidence, checked: Checked, settings: EvidenceSettings) -> Evidence:
    """Evidence by words, with what the critic model saw in the picture counted as supported."""
    seen = {s.text.rstrip(".") for s in checked.statements if s.support == "critic"}
    told = tuple(
        replace(s, support="critic") if not s.support and s.text.rstrip(".") in seen else s
        for s in found.statements
    )
    bad = tuple(s.text for s in told if not s.support)
    precision = round(1.0 - len(bad) / len(told), 4) if told else 1.0
    review = not told or bool(bad) or (found.recall or 0.0) < settings.min_recall
    return replace(found, statements=told, unsupported=bad, precision=precision, needs_review=review)
