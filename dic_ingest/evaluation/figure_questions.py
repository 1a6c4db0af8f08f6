"""Questions that only a figure answers: is the answer in the index, and is it found among the first k nodes?

In: nodes of a run, and questions as JSON lines: `id`, `file`, `page`, `question`, `answers` (any will do) or
`all_of`, `needs`. Out: measures for BM25 and for embeddings. And the gate: recall must not fall.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.evaluation.retrieval import Rank, best
from dic_ingest.evaluation.run_folder import RunNode
from dic_ingest.evaluation.scoring import per_figure
from dic_ingest.evaluation.statistics import Measure
from dic_ingest.text.tokens import tokens

SHORT = 3  # letters up to which an answer must stand as a word of its own
IN_INDEX = "in the index"


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """A question whose answer stands in a figure of `file` on `page`."""

    id: str
    file: str
    page: int
    question: str
    answers: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    needs: str = ""

    def answered_by(self, node: RunNode) -> bool:
        """Whether the node is of the right file and page and holds the answer."""
        if (node.file, node.page) != (self.file, self.page):
            return False
        words, text = set(tokens(node.text)), _plain(node.text)

        def stands(answer: str) -> bool:
            own = _plain(answer)
            return own in words if 0 < len(own) <= SHORT else bool(own) and own in text

        return any(map(stands, self.answers)) or bool(self.all_of and all(map(stands, self.all_of)))


def read_figure_questions(path: Path) -> list[FigureQuestion]:
    """All questions of a file; one without an `id` is called by its line.

    Raises:
        InputError: unreadable, empty, or a line that is no question.
    """
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as JSON lines: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_question({"id": number, **json.loads(line)}))
            except MALFORMED as error:
                raise InputError(
                    f"{path}, line {number}: no question: {error}. It needs question, file, page, answers."
                ) from error
    if not found:
        raise InputError(f"{path} holds no questions")
    return found


def _question(data: Mapping[str, object]) -> FigureQuestion:
    answers, parts = data.get("answers") or (), data.get("all_of") or ()
    if not isinstance(answers, Sequence) or not isinstance(parts, Sequence) or not (answers or parts):
        raise ValueError("answers or all_of must list at least one answer")
    page = data["page"]
    if not isinstance(page, int):
        raise TypeError("page is a number")
    text = [str(data[k]) for k in ("id", "file", "question")]
    needs = str(data.get("needs", ""))
    return FigureQuestion(
        text[0], text[1], page, text[2], tuple(map(str, answers)), tuple(map(str, parts)), needs
    )


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What became of one question: whether the index holds the answer, and its rank by each retriever."""

    question: FigureQuestion
    holders: tuple[int, ...]  # nodes that hold the answer
    ranks: Mapping[str, int]  # of the best of them, from 1; 0 where there is none


def ask_all(
    questions: Sequence[FigureQuestion], nodes: Sequence[RunNode], ranks: Mapping[str, Rank]
) -> list[QuestionOutcome]:
    """Every question against all nodes."""
    texts = [n.text for n in nodes]
    places: dict[str, list[dict[int, int]]] = {}
    for name, rank in ranks.items():
        orders = best(rank([q.question for q in questions], texts), len(texts))
        places[name] = [{node: at for at, node in enumerate(order, 1)} for order in orders]
    outcomes = []
    for i, question in enumerate(questions):
        held = tuple(n for n, node in enumerate(nodes) if question.answered_by(node))
        own = {name: min((rows[i][n] for n in held), default=0) for name, rows in places.items()}
        outcomes.append(QuestionOutcome(question, held, own))
    return outcomes


def question_measures(outcomes: Sequence[QuestionOutcome], k: int) -> list[Measure]:
    """Share of answers in the index, and found among the first k; resampled by page, which is the figure."""
    figures = [f"{o.question.file}#{o.question.page}" for o in outcomes]
    made = [per_figure(IN_INDEX, figures, [bool(o.holders) for o in outcomes])]
    for name in outcomes[0].ranks if outcomes else ():
        hits = [0 < o.ranks[name] <= k for o in outcomes]
        made.append(per_figure(f"found@{k} {name}", figures, hits))
    return made


def gate(new: Mapping[str, Measure], old: Mapping[str, Measure]) -> list[str]:
    """Why a new adapter is refused: one sentence for every recall that fell; none when it may come in.

    Raises:
        InputError: there is no recall to compare.
    """
    shared = [n for n in new if n in old and n.startswith(("found@", "recall@"))]
    if not shared:
        raise InputError("the gate compares figure recall: give --questions for a folder of results")
    fallen = [(n, old[n].value, new[n].value) for n in shared if new[n].value < old[n].value]
    return [f"{name} fell from {before:.3f} to {after:.3f}" for name, before, after in fallen]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
