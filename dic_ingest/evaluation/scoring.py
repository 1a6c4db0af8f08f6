"""Systems on a test set: every measure of every system, objective questions among them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dic_ingest.captioning.grounding.evidence import weigh
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.caption_scores import caption_measures
from dic_ingest.evaluation.embedding.image import Look, Rows, gradients_of
from dic_ingest.evaluation.figure_set import FigureSet, Pair, PairQuestion
from dic_ingest.evaluation.graph_scores import compare_graphs, graph_measures
from dic_ingest.evaluation.leakage.check import Encode
from dic_ingest.evaluation.predictions import PredictionReply, System
from dic_ingest.evaluation.reading import Read, read_prediction
from dic_ingest.evaluation.retrieval import Rank, best, bm25, by_embedding, grc, qir
from dic_ingest.evaluation.statistics import Measure, averaged, ratio
from dic_ingest.image_files import open_picture
from dic_ingest.model.drawing import Word
from dic_ingest.text.tokens import tokens

# Objective questions: which option a reply chose. Replies in, right or wrong out.


LETTER = re.compile(
    r"^\W*(?:(?:the )?(?:correct )?(?:answer|option|choice)(?: is)?\W*)?\(?([A-Z])(?:[).:,\s]|$)", re.I
)


def chosen(reply: str, options: Sequence[str]) -> str:
    """The option that a reply names, by its text or its letter ("B", "B) ...", "The answer is B.").

    "" where it names none, or two: listing all of them is no answer.
    """
    said = tokens(reply)
    plain = [tokens(o) for o in options]
    for option, own in zip(options, plain, strict=True):
        if own and said == own:
            return option
    letter = LETTER.match(reply.strip())
    at = ord(letter[1].upper()) - ord("A") if letter else len(options)
    stands = [i for i, own in enumerate(plain) if own and _within(own, said)]
    # "A router" begins with a letter and is a text: what stands there as a whole counts first
    longest = [i for i in stands if not any(i != j and _within(plain[i], plain[j]) for j in stands)]
    if at < len(options) and (longest in ([], [at]) or len(said) == 1):
        return options[at]
    return options[longest[0]] if len(longest) == 1 else ""


def is_right(question: PairQuestion, reply: str) -> bool:
    """Whether the reply to an objective question chose its answer."""
    return chosen(reply, question.options) == question.answer


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    size = len(part)
    return any(whole[i : i + size] == part for i in range(len(whole) - size + 1))


# Systems on a test set: every measure of every system, as sums over figures that can be resampled.


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """How many results count as found, and how many a caption retrieves for GRC and QIR."""

    found: int = 5
    gallery: int = 5

    def __post_init__(self) -> None:
        if self.found < 1 or self.gallery < 1:
            raise SettingsError("found and gallery are at least 1")


@dataclass(frozen=True, slots=True)
class Scored:
    """A system's measures by name, and how each of its replies was read, by figure."""

    system: System
    measures: Mapping[str, Measure]
    reads: Mapping[str, Read]


class Scorer:
    """Scores systems on one test set; pictures and references are embedded once."""

    def __init__(
        self,
        test: FigureSet,
        encode: Encode,
        look: Look = gradients_of,
        settings: ScoringSettings | None = None,
    ) -> None:
        self.test, self.settings = test, settings or ScoringSettings()
        self.gallery = PictureGallery(
            encode([p.caption for p in test.pairs]),
            np.concatenate([look([_picture(test.folder / p.image)]) for p in test.pairs]),
        )
        self.encode = encode
        self.ranks: dict[str, Rank] = {"BM25": bm25, "MiniLM": by_embedding(encode)}

    def score(self, system: System) -> Scored:
        """All measures that the system and the test set allow."""
        pairs, ids = self.test.pairs, [p.id for p in self.test.pairs]
        given = [system.replies.get(i, PredictionReply()) for i in ids]
        reads = [read_prediction(r.text, r.mermaid, p.diagram) for r, p in zip(given, pairs, strict=True)]
        captions = [r.caption for r in reads]
        measures = caption_measures(ids, captions, [p.caption for p in pairs])
        measures += graph_measures(
            ids, [compare_graphs(p.diagram, r.diagram) for p, r in zip(pairs, reads, strict=True)]
        )
        measures += evidence_measures(pairs, reads)
        measures += answer_measures(self.test.questions, system.answers)
        measures += self._retrieval(captions)
        measures += self.gallery.measures(ids, self.encode(captions), self.settings.gallery)
        return Scored(system, {m.name: m for m in measures}, dict(zip(ids, reads, strict=True)))

    def _retrieval(self, captions: Sequence[str]) -> list[Measure]:
        """Whether a question about a figure finds its caption among all captions."""
        questions, k = self.test.questions, self.settings.found
        at = {p.id: i for i, p in enumerate(self.test.pairs)}
        made = []
        for name, rank in self.ranks.items() if questions else ():
            scores = rank([q.question for q in questions], captions)
            own = scores[np.arange(len(questions)), [at[q.pair] for q in questions]]
            # captions that say the same share the last place among them: a system gains nothing by ties
            places = (scores >= own[:, None]).sum(1)
            hits = [bool(x) for x in (places <= k) & (own > 0)]
            made.append(per_figure(f"recall@{k} {name}", [q.pair for q in questions], hits))
        return made


@dataclass(frozen=True, slots=True)
class PictureGallery:
    """Figures that a caption can retrieve: unit rows of their texts and their pictures."""

    texts: Rows
    pictures: Rows

    def measures(self, ids: Sequence[str], queries: Rows, count: int) -> list[Measure]:
        """GRC and QIR (`retrieval_reward.py`) of one caption per figure of the gallery, in its order."""
        top = best(np.asarray(queries @ self.texts.T, float), count)
        return [
            averaged("GRC", ids, [grc(self.pictures[rows]) for rows in top]),
            averaged("QIR", ids, [qir(self.pictures[i], self.pictures[rows]) for i, rows in enumerate(top)]),
        ]


def evidence_measures(pairs: Sequence[Pair], reads: Sequence[Read]) -> list[Measure]:
    """Share of a figure's words that are told; share of all statements that the truth supports."""
    recalls, held = [], []
    for pair, read in zip(pairs, reads, strict=True):
        words = _words(pair)
        # words told in the graph of a reply that is prose came from the truth, and do not count
        own = read.diagram if read.how == "mermaid" else None
        recalls.append(weigh(read.caption, own, words, "", ()).recall or 0.0)
        said = weigh(read.caption, pair.diagram, words, pair.diagram.title, ()).statements
        held.append([sum(bool(s.support) for s in said), len(said)])
    ids = [p.id for p in pairs]
    return [
        averaged("evidence recall", ids, recalls),
        Measure("evidence precision", tuple(ids), np.array(held, float), ratio),
    ]


def _words(pair: Pair) -> list[Word]:
    d = pair.diagram
    texts = [*(n.label for n in d.nodes), *(e.label for e in d.edges), *(g.label for g in d.groups)]
    texts += [m for n in d.nodes for m in n.members]
    return [Word(w, (0.0, 0.0, 0.0, 0.0)) for text in texts for w in text.split()]


def answer_measures(questions: Sequence[PairQuestion], answers: Mapping[str, str]) -> list[Measure]:
    """Share of objective questions answered right, of a system that answers; unanswered is wrong."""
    objective = [q for q in questions if q.options]
    if not objective or not answers:
        return []
    right = [is_right(q, answers.get(q.id, "")) for q in objective]
    return [per_figure("answers right", [q.pair for q in objective], right)]


def per_figure(name: str, figures: Sequence[str], hits: Sequence[bool]) -> Measure:
    """A share over questions, kept per figure, since questions of one figure stand or fall together."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for figure, hit in zip(figures, hits, strict=True):
        counts[figure][0] += hit
        counts[figure][1] += 1
    return Measure(name, tuple(counts), np.array(list(counts.values()), float).reshape(-1, 2), ratio)


def groups(pairs: Sequence[Pair]) -> dict[str, dict[str, set[str]]]:
    """Figure ids by kind and by difficulty."""
    ways: dict[str, Callable[[Pair], str]] = {
        "kind": lambda p: str(p.diagram.kind), "difficulty": lambda p: p.difficulty,
    }  # fmt: skip
    found: dict[str, dict[str, set[str]]] = {}
    for name, key in ways.items():
        for pair in pairs:
            found.setdefault(name, {}).setdefault(key(pair), set()).add(pair.id)
    return found


def _picture(path: Path) -> Image.Image:
    with open_picture(path) as picture:
        return picture.convert("RGB")
