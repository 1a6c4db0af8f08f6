"""Several annotators' answers to pairs for stage 2: what they agree on, what an adjudicator decides.

In: the folder that `export` wrote and files of answers. Out: pairs.jsonl with pictures, `Outcome` with the
agreement of each two annotators. Nothing that an expert says is held against the machine's reading: where
a corrected text and the machine's graph disagree, the graph goes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path

from dic_ingest.errors import InputError
from dic_ingest.evaluation.engine_view import CONTEXT
from dic_ingest.evaluation.figure_set import Pair, write_lines
from dic_ingest.evaluation.graph_scores import compare_graphs
from dic_ingest.evaluation.statistics import cohens_kappa
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.annotate.answers import Answer, normalised, read_answers, same_graph, with_places
from dic_ingest.training.annotate.folder import Chosen, copy_picture, read_choice
from dic_ingest.training.sft.checks import caption_contradictions
from dic_ingest.training.synthesise.domains import difficulty
from dic_ingest.training.synthesise.hashes import graph_hash, split_of


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two annotators over the figures that both saw.

    `kappa`: Cohen's, on the judgement (the draft is right, it had to be changed, the figure is rejected);
    `same`: share of the figures that both described in the same words and graph; `edge_f1`: of one's graphs
    against the other's, summed over the figures that neither rejected, None where they hold no edge.
    """

    kappa: float
    figures: int
    same: float
    edge_f1: float | None


@dataclass
class Outcome:
    """`agreement` by two names; `disputed` keys with why they are no pairs, `open_` with their answers."""

    pairs: list[Pair] = field(default_factory=list)
    agreement: dict[tuple[str, str], Agreement] = field(default_factory=dict)
    disputed: dict[str, str] = field(default_factory=dict)
    open_: dict[str, list[Answer]] = field(default_factory=dict)
    contradicting: dict[str, list[str]] = field(default_factory=dict)  # an expert's text and own graph
    rejected: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer comes to: the judgement, the caption and graph that hold then."""

    answer: Answer
    judgement: str  # right, changed, rejected
    caption: str
    graph: Diagram

    def same(self, other: Said) -> bool:
        """Whether both say the same."""
        if "rejected" in (self.judgement, other.judgement):
            return self.judgement == other.judgement
        return normalised(self.caption) == normalised(other.caption) and same_graph(self.graph, other.graph)


def collect(folder: Path, files: Sequence[Path], out: Path) -> Outcome:
    """Reads all files, writes the pairs into `out` and says how it went. Raises InputError."""
    chosen = read_choice(folder)
    outcome, by_key = gathered(chosen, files)
    (out / "images").mkdir(parents=True, exist_ok=True)
    for key, one in chosen.items():
        _settle(one, list(by_key[key].values()), outcome)
    for pair in outcome.pairs:
        copy_picture(folder, chosen[pair.extra["key"]], out / pair.image)
    write_lines(out / "pairs.jsonl", outcome.pairs)
    return outcome


def disputes(chosen: Mapping[str, Chosen], files: Sequence[Path]) -> list[tuple[Chosen, str, list[Answer]]]:
    """The figures that are open after these answers, each with the reason and the annotators' answers.

    Raises InputError: a file that cannot be read, nothing to decide.
    """
    outcome, by_key = gathered(chosen, files)
    for key, one in chosen.items():
        _settle(one, list(by_key[key].values()), outcome)
    if not outcome.disputed:
        raise InputError("these answers differ on no figure, so there is nothing to decide")
    return [(chosen[key], why, outcome.open_[key]) for key, why in outcome.disputed.items()]


def gathered(
    chosen: Mapping[str, Chosen], files: Sequence[Path]
) -> tuple[Outcome, defaultdict[str, dict[str, Said]]]:
    """Answers by figure and annotator, and an outcome that tells how far they agree."""
    outcome = Outcome()
    by_key: defaultdict[str, dict[str, Said]] = defaultdict(dict)
    for path in files:
        for answer in read_answers(path):
            if answer.key in chosen:
                by_key[answer.key][answer.annotator] = _said(answer, chosen[answer.key])
            else:
                outcome.unknown += 1
    outcome.agreement = agreement(by_key)
    return outcome, by_key


def _said(answer: Answer, shown: Chosen) -> Said:
    graph = with_places(answer.graph, shown.diagram) if answer.graph is not None else shown.diagram
    caption = shown.draft if answer.verdict == "accept" and not answer.caption.strip() else answer.caption
    if answer.verdict == "reject":
        return Said(answer, "rejected", caption, graph)
    kept = normalised(caption) == normalised(shown.draft) and same_graph(graph, shown.diagram)
    return Said(answer, "right" if kept else "changed", caption.strip(), graph)


def agreement(by_key: Mapping[str, Mapping[str, Said]]) -> dict[tuple[str, str], Agreement]:
    """How far each two annotators agree over the figures that both saw; adjudicators are left out."""
    names = sorted({n for said in by_key.values() for n, s in said.items() if not s.answer.adjudicates})
    found = {}
    for one, other in combinations(names, 2):
        both = [(s[one], s[other]) for s in by_key.values() if one in s and other in s]
        if both:
            kappa = cohens_kappa([a.judgement for a, _ in both], [b.judgement for _, b in both])
            same = sum(a.same(b) for a, b in both) / len(both)
            found[one, other] = Agreement(kappa, len(both), same, _edge_f1(both))
    return found


def _edge_f1(both: Sequence[tuple[Said, Said]]) -> float | None:
    kept = [(a, b) for a, b in both if "rejected" not in (a.judgement, b.judgement)]
    counts = [compare_graphs(a.graph, b.graph) for a, b in kept]
    edges = sum(c.edges_true + c.edges_found for c in counts)
    return 2 * sum(c.edge_hit for c in counts) / edges if edges else None


def _settle(shown: Chosen, said: list[Said], outcome: Outcome) -> None:
    """A pair, a dispute, a rejection, or nothing where nobody answered. An adjudicator's word is the last."""
    if not said:
        return
    last = [s for s in said if s.answer.adjudicates]
    why = _dispute(last or said)
    if why:
        outcome.disputed[shown.key] = why
        outcome.open_[shown.key] = [s.answer for s in said if not s.answer.adjudicates]
    elif (last or said)[0].judgement == "rejected":
        outcome.rejected += 1
    else:
        pair = _pair(shown, (last or said)[0], said)
        outcome.pairs.append(pair)
        if pair.extra["contradictions"]:
            outcome.contradicting[shown.key] = pair.extra["contradictions"]


def _dispute(said: Sequence[Said]) -> str:
    """Why these answers give no pair; "" where they do."""
    first = said[0]
    judged = {s.judgement == "rejected" for s in said}
    if len(judged) > 1:
        return "one accepts it, another rejects it"
    if first.judgement == "rejected":
        return ""
    if any(normalised(s.caption) != normalised(first.caption) for s in said):
        return "the annotators wrote different captions"
    if not all(same_graph(s.graph, first.graph) for s in said):
        return "the annotators drew different graphs"
    return "" if first.caption else "the caption is empty"


def _pair(shown: Chosen, chosen: Said, said: Sequence[Said]) -> Pair:
    own = hashlib.sha256(shown.key.encode()).hexdigest()[:16]
    denied = caption_contradictions(chosen.caption, chosen.graph)
    graph, denied_machine = chosen.graph, list[str]()
    corrected = chosen.judgement == "changed" and chosen.answer.graph is None
    if denied and corrected:  # the expert's word against the machine's: the graph goes
        graph, denied, denied_machine = Diagram(chosen.graph.kind), [], denied
    return Pair(
        id=own,
        image=f"images/{own}.png",
        diagram=graph,
        caption=chosen.caption,
        split=split_of(shown.document, 0.1, 0.1),  # a document's figures stay together
        difficulty=difficulty(graph),
        domain="annotated",
        source="annotator:" + "+".join(sorted(s.answer.annotator for s in said)),
        extra={
            "key": shown.key,
            "graph": graph_hash(graph),
            "document": shown.document,
            "doubt": shown.doubt,
            "edited": chosen.judgement == "changed",
            "draft": shown.draft,
            "draft_diagram": shown.diagram.to_dict(),
            "printed_caption": shown.context.printed_caption,
            CONTEXT: asdict(shown.context),
            "contradictions": denied,  # in the expert's own text and graph
            "against_reading": denied_machine,  # the machine's graph was left out for them
        },
    )
