"""A set of questions in a folder: figures apart from all training figures, levels and topics in balance.

In: figures (a folder of pairs), training sets to keep apart from, settings. Out: questions.jsonl, the
pictures asked about, card.md. A figure that is a training figure by graph or picture is left out.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.figure_set import LEVELS, Pair, PairQuestion, read_pairs, write_lines
from dic_ingest.training.questions.flow import neighbour_questions, step_questions, way_questions
from dic_ingest.training.questions.records import message_questions, record_questions
from dic_ingest.training.questions.view import DiagramView, QuestionAsked
from dic_ingest.training.questions.whole import whole_questions
from dic_ingest.training.synthesise.hashes import Seen, graph_hash, picture_bits


@dataclass(frozen=True, slots=True)
class QuestionSettings:
    """`count` is DICModel's for stage 3 (arXiv 2601.09298)."""

    count: int = 1500
    seed: int = 1
    most: int = 6  # questions about one figure
    open_share: float = 0.3  # of the possible questions without options; those with options are all kept

    def __post_init__(self) -> None:
        if self.count < 1 or self.most < 1 or not 0 <= self.open_share <= 1:
            raise SettingsError("QuestionSettings: count and most from 1, open_share 0..1")


def make_questions(
    figures: Path, out: Path, apart: Sequence[Path], settings: QuestionSettings
) -> list[PairQuestion]:
    """Writes the folder and returns the questions; fewer than asked for where the figures give no more.

    `figures` and `apart` are folders with pairs.jsonl; of those in `apart` the pairs of split "train" count.
    Raises InputError for a folder without pairs, or where no figure is apart from training.
    """
    chosen, left_out = _apart(figures, apart)
    if not chosen:
        raise InputError(
            f"every figure of {figures} is a training figure too: synthesise others, with another --seed."
        )
    rng = random.Random(f"questions {settings.seed}")
    rng.shuffle(chosen)
    asked = _balanced([_of_figure(p, settings) for p in chosen], settings)
    (out / "images").mkdir(parents=True, exist_ok=True)
    for image in sorted({q.image for q in asked}):
        place = out / image
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(figures / image, place)
    write_lines(out / "questions.jsonl", asked)
    (out / "card.md").write_text(_card(asked, settings, left_out), encoding="utf-8")
    return asked


def _apart(figures: Path, apart: Sequence[Path]) -> tuple[list[Pair], int]:
    """Figures that are in no training set, and how many were."""
    seen = Seen()
    for folder in apart:
        seen.add_set((p for p in read_pairs(folder / "pairs.jsonl") if p.split == "train"), folder)
    every = read_pairs(figures / "pairs.jsonl")
    kept = [
        p
        for p in every
        if graph_hash(p.diagram) not in seen.graphs and seen.add(picture_bits(figures / p.image))
    ]
    return kept, len(every) - len(kept)


def ask(pair: Pair, rng: random.Random) -> list[QuestionAsked]:
    """Every question that the graph of a figure answers."""
    if not pair.diagram.kind.is_diagram:
        return []
    view = DiagramView(pair.diagram)
    return [
        *whole_questions(view, pair.caption, rng),
        *step_questions(view, rng),
        *message_questions(view, rng),
        *neighbour_questions(view, rng),
        *way_questions(view, rng),
        *record_questions(view, rng),
    ]


def _of_figure(pair: Pair, settings: QuestionSettings) -> list[PairQuestion]:
    """A figure's questions, levels in turn, a topic again only when the others of its level had theirs."""
    rng = random.Random(f"{settings.seed} {pair.id}")
    every = ask(pair, rng)
    rng.shuffle(every)
    every = [a for a in every if a.options or rng.random() < settings.open_share]
    used: Counter[str] = Counter()
    rank = {
        topic: rng.random() for topic in sorted({a.topic for a in every})
    }  # many ways are no reason to ask
    picked: list[QuestionAsked] = []
    while len(picked) < settings.most and every:
        level = LEVELS[(len(picked) + pair_number(pair)) % len(LEVELS)]
        best = min(every, key=lambda a: (a.level != level, used[a.topic], rank[a.topic]))
        every.remove(best)
        used[best.topic] += 1
        picked.append(best)
    return [_question(pair, a) for a in picked]


def pair_number(pair: Pair) -> int:
    """A number that follows from a pair's id."""
    return int(hashlib.sha256(pair.id.encode()).hexdigest()[:8], 16)


def _question(pair: Pair, asked: QuestionAsked) -> PairQuestion:
    own = hashlib.sha256(f"{pair.id}\n{asked.question}\n{asked.options}".encode()).hexdigest()[:16]
    steps = asked.topic in ("path", "what-if", "description")
    return PairQuestion(
        id=own,
        pair=pair.id,
        image=pair.image,
        level=asked.level,
        question=asked.question,
        answer=asked.answer,
        options=asked.options,
        topic=asked.topic,
        difficulty="hard" if steps and pair.difficulty != "easy" else pair.difficulty,
        split=pair.split,
        proof=asked.proof,
    )


def _balanced(by_figure: list[list[PairQuestion]], settings: QuestionSettings) -> list[PairQuestion]:
    """One question of each figure in turn until there are enough."""
    found: list[PairQuestion] = []
    known: set[str] = set()
    for at in range(settings.most):
        for questions in by_figure:
            if at < len(questions) and len(found) < settings.count and questions[at].id not in known:
                known.add(questions[at].id)
                found.append(questions[at])
    return found


def _card(asked: Sequence[PairQuestion], settings: QuestionSettings, left_out: int) -> str:
    lines = [
        "# Data card: questions",
        "",
        f"{len(asked)} questions about {len({q.image for q in asked})} figures, seed {settings.seed}. "
        f"{left_out} figures were left out: they are training figures, or each other, by graph or picture.",
        "Answers follow from the graph (networkx); wrong options are taken from the same figure.",
        "Options of questions on the kind are other kinds, of counts neighbouring numbers.",
        "",
    ]
    for name, of in (
        ("Level", "level"),
        ("Topic", "topic"),
        ("Difficulty", "difficulty"),
        ("Split", "split"),
    ):
        count = Counter(str(getattr(q, of)) for q in asked)
        lines += [
            f"| {name} | questions |",
            "|---|---|",
            *(f"| {k} | {n} |" for k, n in count.most_common()),
            "",
        ]
    objective = sum(1 for q in asked if q.options)
    return "\n".join([*lines, f"With four options: {objective}; open: {len(asked) - objective}.", ""])
